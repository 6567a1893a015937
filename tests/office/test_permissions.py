"""Every address of the office, and every other that needs a role, tried by each role and by nobody: open to
exactly those the table names.

New routes and new actions are picked up by themselves: routes from the application, actions and roles from
ledger/people/permissions.toml. What is sent is made up, so an open door may answer 404 or 422, but a closed
one must say 403, and nobody logged in is sent to the log-in page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from litestar.routes import HTTPRoute

from disclosure.app import Application, create_app
from disclosure.config import Config
from ledger.people import Role, actions
from tests.office.conftest import PUBLIC_URL, OfficeSite

ROOT = Path(__file__).resolve().parents[2]
OFFICE = "/c/{slug}/office"
MADE_UP: dict[type, str] = {int: "1", str: "made-up", Path: "made-up"}
READS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Door:
    """One method of one address, and the action it says it needs."""

    method: str
    template: str
    address: str
    action: str

    def __str__(self) -> str:
        return f"{self.method} {self.template} ({self.action})"


def doors(app: Application, slug: str) -> Iterator[Door]:
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        address = "".join(
            f"/{part if isinstance(part, str) else _made_up(part, slug)}" for part in route.path_components
        )
        for handler in route.route_handlers:
            if not route.path_format.startswith(OFFICE) and "action" not in handler.opt:
                continue
            for method in sorted(str(method) for method in handler.http_methods):
                if method != "OPTIONS":
                    yield Door(method, route.path_format, address, str(handler.opt.get("action", "")))


def _made_up(part: Any, slug: str) -> str:
    return slug if part.name == "slug" else MADE_UP.get(part.type, "2025-01-01")


def open_to(role: Role, action: str) -> bool:
    """What permissions.toml says; a chair may all that a committee member may."""
    asked = actions()[action].roles
    return role in asked or (role is Role.CHAIR and Role.COMMITTEE in asked)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Application:
    """The application, for looking at its routes only."""
    folder = tmp_path_factory.mktemp("routes")
    return create_app(Config(folder, f"sqlite:///{folder / 'none.sqlite3'}", PUBLIC_URL))


def test_there_are_doors_to_try(app: Application) -> None:
    assert len(list(doors(app, "x"))) > 10


def test_every_door_names_an_action_of_the_table(app: Application) -> None:
    assert [str(door) for door in doors(app, "x") if door.action not in actions()] == []


def test_every_action_of_the_table_has_a_door_or_is_asked_for(app: Application) -> None:
    """By a route, or by name in a command or a handler that decides for itself."""
    sources = [path for path in ROOT.glob("disclosure/**/*.py") if path.name != "menu.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    named = set(re.findall(r'"([a-z]+\.[a-z_]+)"', text))
    assert sorted(set(actions()) - {door.action for door in doors(app, "x")} - named) == []


def test_residents_and_tenants_have_no_door_into_the_office(app: Application) -> None:
    at_home = {Role.RESIDENT, Role.TENANT}
    in_office = [door for door in doors(app, "x") if door.template.startswith(OFFICE)]
    assert [str(door) for door in in_office if actions()[door.action].roles & at_home] == []


def test_reading_and_writing_are_different_methods(app: Application) -> None:
    """An action that only reads guards no form, so a role that reads all can change nothing."""
    writes = [door for door in doors(app, "x") if door.method not in READS]
    assert [str(door) for door in writes if door.action.endswith(".read")] == []


@pytest.mark.db("sqlite")
def test_nobody_logged_in_gets_nowhere(office: OfficeSite) -> None:
    client = office.anyone()
    wrong = []
    for door in doors(office.app, office.slug):
        answer = client.request(door.method, door.address)
        if (answer.status_code, answer.headers.get("location", "").partition("?")[0]) != (303, "/login"):
            wrong.append(f"{door}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("role", Role)
def test_each_role_opens_exactly_its_doors(office: OfficeSite, role: Role) -> None:
    client = office.client(role)
    token = office.csrf(client, "/account")
    wrong = []
    for door in doors(office.app, office.slug):
        if door.method in READS:
            answer = client.request(door.method, door.address)
        else:
            answer = client.request(door.method, door.address, data={"csrf": token})
        location = answer.headers.get("location", "")
        closed = answer.status_code in {401, 403} or location.startswith(("/login", "/account/code"))
        if closed == open_to(role, door.action):
            wrong.append(f"{door} is {'closed' if closed else 'open'}: {answer.status_code}")
        elif answer.status_code >= 500:
            wrong.append(f"{door} breaks: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.db("sqlite")
def test_without_the_second_factor_no_door_to_money_opens(office: OfficeSite) -> None:
    client = office.anyone()
    from tests.office.conftest import PASSWORD

    office.post(client, "/login", page="/login", account=office.person("preparer").account, password=PASSWORD)
    for door in doors(office.app, office.slug):
        answer = client.request(door.method, door.address)
        open_door = answer.status_code != 403 and not answer.headers.get("location", "").startswith(
            "/account/code"
        )
        assert not open_door, str(door)

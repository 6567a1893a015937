"""`office`: the site over a small trust of the test's own, with one person for every role.

    def test_something(office):
        client = office.client("preparer")            # logged in through /login, second factor and all
        page = client.get(office.path("/work-items"))       # /c/trust-1/office/work
        answer = office.post(client, office.path("/charges"), period="2025-06")   # with the page's CSRF token
        assert answer.status_code == 303              # redirects are not followed: see answer.headers["location"]
        page = office.follow(client, answer)          # the next page, with its notice
        office.post(client, path, files={"file": ("x.csv", b"...", "text/csv")})  # multipart

`office.trust_id`, `.engine`, `.books` (tests/ledger/books.py), `.config` are what they are called.
`office.actor("reviewer")` and `office.act(day)` are for calling commands without a browser.
The clock stands at ten in the morning of 2025-06-30 in China until `office.clock.to(day)` or
`office.clock.forward(minutes=31)` moves it. The roles are those of ledger.people.Role; the resident lives in
1-101, the tenant in 1-102. `office.person(role)` is the account of a role; every password is PASSWORD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pyotp
import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine

from disclosure.app import create_app
from disclosure.config import Config
from disclosure.identity.passwords import hash_password
from ledger.log.keys import create_key
from ledger.people import Actor, Role
from ledger.people.accounts import Person, create_person
from ledger.people.credentials import record_credential
from ledger.people.members import actor_of, grant
from ledger.store.engine import reading, writing
from ledger.trust import Act
from tests.ledger.books import OPENED, TODAY, Books, act, open_books

PUBLIC_URL = "https://mingzhang.example"
PASSWORD = "一句好记的话 2025"
CHEAP = (1, 8, 1)
HOMES = {Role.RESIDENT: "1-101", Role.TENANT: "1-102"}
_FIELD = re.compile(r'<input type="hidden" name="csrf" value="([^"]+)">')
_SECRET = re.compile(r'<code class="secret">([A-Z2-7\s]+)</code>')


class Clock:
    """The time of the site; it stands still."""

    def __init__(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def to(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class OfficeSite:
    """A running site and the people of its trust; see the module's docstring."""

    app: Any
    config: Config
    engine: Engine
    books: Books
    clock: Clock
    people: dict[Role, Person]
    _first: TestClient[Any]
    _clients: dict[Role, TestClient[Any]] = field(default_factory=dict)
    secrets: dict[Role, str] = field(default_factory=dict)

    @property
    def trust_id(self) -> int:
        return self.books.trust_id

    @property
    def slug(self) -> str:
        return f"trust-{self.trust_id}"

    def path(self, below: str = "") -> str:
        """An address of the office, from what follows `/office`."""
        return f"/c/{self.slug}/office{below}"

    def person(self, role: Role | str) -> Person:
        return self.people[Role(role)]

    def actor(self, role: Role | str) -> Actor:
        """The person of a role, for calling commands directly."""
        with reading(self.engine) as conn:
            return actor_of(conn, self.person(role), self.trust_id, origin="测试", on=self.act().today)

    def act(self, day: date | None = None) -> Act:
        """Ten in the morning of a day in China; without a day, what the clock says."""
        return act(day) if day else Act(self.clock.now, act().entropy)

    def anyone(self) -> TestClient[Any]:
        """A browser in which nobody is logged in."""
        client = TestClient(self.app, base_url=PUBLIC_URL)
        client.follow_redirects = False
        client.headers["origin"] = PUBLIC_URL
        client.blocking_portal = self._first.blocking_portal
        return client

    def client(self, role: Role | str) -> TestClient[Any]:
        """A browser in which the person of this role is logged in; the same one each time."""
        known = Role(role)
        if known not in self._clients:
            self._clients[known] = self.log_in(self.anyone(), known)
        return self._clients[known]

    def log_in(self, client: TestClient[Any], role: Role | str) -> TestClient[Any]:
        """Log in through the pages, setting up the second factor the first time it is asked for."""
        known = Role(role)
        answer = self.post(
            client, "/login", page="/login", account=self.people[known].account, password=PASSWORD, next="/me"
        )
        assert answer.status_code == 303, answer.text
        if answer.headers["location"].startswith("/login/code"):
            answer = self.post(client, "/login/code", code=self.code(known), next="/me")
            assert answer.status_code == 303, answer.text
        desk = client.get(self.path())
        if desk.headers.get("location", "").startswith("/account/code"):
            self.set_up_code(client, known)
        return client

    def set_up_code(self, client: TestClient[Any], role: Role) -> None:
        """Put the secret the page shows into the phone, and confirm it."""
        shown = _SECRET.search(client.get("/account/code").text)
        assert shown is not None
        self.secrets[role] = re.sub(r"\s", "", shown[1])
        answer = self.post(client, "/account/code", code=self.code(role), next="/me")
        assert answer.status_code == 303, answer.text

    def code(self, role: Role | str) -> str:
        """What the person's phone shows now."""
        return pyotp.TOTP(self.secrets[Role(role)]).at(self.clock.now)

    def csrf(self, client: TestClient[Any], page: str) -> str:
        """The token of the first form on a page."""
        answer = client.get(page)
        found = _FIELD.search(answer.text)
        assert found is not None, f"no form on {page} (status {answer.status_code})"
        return unescape(found[1])

    def post(
        self,
        client: TestClient[Any],
        path: str,
        *,
        page: str = "/account",
        files: Any = None,
        headers: dict[str, str] | None = None,
        **fields: Any,
    ) -> httpx.Response:
        """Send a form; its token comes from `page` (the token is the same on every page of a session)."""
        known = getattr(client, "known_csrf", None)
        if known is None or known[0] != str(client.cookies):
            source = page if page != "/account" or path != "/login/code" else "/login/code"
            known = (str(client.cookies), self.csrf(client, source))
        data = {"csrf": known[1], **fields}
        answer = client.post(path, data=data, files=files, headers=headers)
        client.known_csrf = known if known[0] == str(client.cookies) else None
        return answer

    def follow(self, client: TestClient[Any], answer: httpx.Response) -> httpx.Response:
        """The page a command leads to."""
        assert answer.status_code == 303, answer.text
        return client.get(answer.headers["location"])


def settle(books: Books) -> dict[Role, Person]:
    """One person for every role of the trust."""
    hashed = hash_password(PASSWORD, CHEAP)
    people = {}
    with writing(books.engine) as conn:
        now = act(OPENED)
        for number, role in enumerate(Role):
            person = create_person(
                conn,
                f"{role}-{books.trust_id}",
                f"{'甲乙丙丁戊己庚辛壬癸子'[number]}先生",
                by="测试",
                act=now,
            )
            record_credential(conn, person.person, by="测试", act=now, password_hash=hashed)
            grant(conn, books.trust_id, person.person, role, by="测试", act=now, unit=HOMES.get(role, ""))
            people[role] = person
    return people


def signing_office(engine: Engine, url: str, folder: Path, day: date = TODAY) -> OfficeSite:
    """The office over a fresh trust whose log it can sign, to be served on a port."""
    books = open_books(engine)
    config = Config(folder, url, "http://127.0.0.1", password_cost=CHEAP)
    create_key(config.key_path(f"trust-{books.trust_id}"), Random(1).randbytes)
    clock = Clock(day)
    app = create_app(config, now=clock)
    return OfficeSite(app, config, engine, books, clock, settle(books), TestClient(app))


@pytest.fixture
def office(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[OfficeSite]:
    """The office over a fresh trust."""
    books = open_books(engine)
    people = settle(books)
    config = Config(tmp_path, database_url, PUBLIC_URL, password_cost=CHEAP)
    clock = Clock(TODAY)
    app = create_app(config, now=clock)
    with TestClient(app, base_url=PUBLIC_URL) as first:
        yield OfficeSite(app, config, engine, books, clock, people, first)

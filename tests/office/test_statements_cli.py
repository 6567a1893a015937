"""Statements from the shell: publishing quarters and years, what is due, posting, reporting, confirming."""

from __future__ import annotations

import json
from typing import Any

import pytest

from disclosure.cli.main import run
from ledger.log.keys import create_key
from tests.books.lives import close_month
from tests.ledger.books import act, interest
from tests.office.conftest import PASSWORD, OfficeSite
from tests.shells import CommandClock

pytestmark = pytest.mark.db("sqlite")


@pytest.fixture
def shell(office: OfficeSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command, as the person of a role if one is named; exit code and JSON answer."""
    for role in ("preparer", "committee"):
        office.client(role)
    for month in (1, 2, 3):
        office.books.post(interest(5_00, date=act().today.replace(year=2024, month=month, day=5)))
        close_month(office.books, 202400 + month)
    create_key(office.config.key_path(office.slug), act().entropy)
    monkeypatch.setenv("DATA_DIR", str(office.config.data_dir))
    monkeypatch.setenv("DATABASE_URL", office.config.database_url)
    monkeypatch.setenv("PUBLIC_URL", office.config.public_url)
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    clock = CommandClock(monkeypatch)

    def call(*arguments: str, role: str = "") -> tuple[int, dict[str, Any]]:
        named: list[str] = []
        if role:
            clock.show_code(office.secrets[role])  # type: ignore[index]
            named = ["--as", office.person(role).account]
        capsys.readouterr()
        code = run([*arguments, *named, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def test_a_quarter_is_published_reported_and_confirmed_from_the_shell(shell: Any) -> None:
    code, due = shell("report", "due")
    assert code == 0
    assert [row["span"] for row in due["statements"] if row["closed"]] == [
        "2024-Q1",
        "2024-03",
        "2024-02",
        "2024-01",
    ]
    code, made = shell("publish", "--quarter", "2024-Q1")
    assert (code, made["period"], made["version"]) == (0, 202433, 1)
    assert made["address"].endswith("/statements/2024-Q1")
    assert shell("publish", "--quarter", "2024-Q1")[1]["version"] == 1
    code, told = shell(
        "report",
        "made",
        "2024-Q1",
        "--to",
        "committee",
        "--on",
        "2025-06-30",
        "--way",
        "当面报告",
        role="preparer",
    )
    assert code == 0, told
    assert shell("report", "confirm", str(told["no"]), role="committee")[0] == 0
    code, listed = shell("report", "list", "2024-Q1")
    assert [(row["kind"], row["step"]) for row in listed["acts"]] == [("committee", "confirmed")]


def test_what_cannot_be_published_is_refused_with_a_reason(shell: Any) -> None:
    for arguments in (
        (),
        ("202401", "--year", "2024"),
        ("--year", "2024-Q1"),
        ("--quarter", "2024-01"),
        ("202433",),
        ("--year", "2024"),
        ("abc",),
    ):
        code, said = shell("publish", *arguments)
        assert code == 1, arguments
        assert said["problems"][0]["message"]


def test_a_month_is_named_in_either_way(shell: Any) -> None:
    assert shell("publish", "202402")[1]["period"] == 202402
    assert shell("publish", "2024-03")[1]["period"] == 202403

"""Charging and taking money from the shell goes through the same work and the same people."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine

from disclosure.cli.main import run
from disclosure.identity.passwords import hash_password
from ledger.people import Role
from ledger.people.credentials import record_credential
from ledger.store.engine import writing
from ledger.work import review
from tests.billing.desk import REVIEWER, Desk
from tests.ledger.books import OPENED, act, open_books
from tests.office.conftest import CHEAP, PASSWORD, settle
from tests.shells import CommandClock

pytestmark = pytest.mark.db("sqlite")
"""A command leaves its connections to the end of the process, which on a server the tests would complain of."""
SECRET = pyotp.random_base32()
Shell = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(open_books(engine))


@pytest.fixture
def shell(
    desk: Desk, database_url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Shell:
    """Run a command as the clerk; exit code and JSON answer."""
    people = settle(desk.books)
    with writing(desk.engine) as conn:
        for role in (Role.PREPARER, Role.SUPERVISOR):
            record_credential(
                conn,
                people[role].person,
                by="测试",
                act=act(OPENED),
                password_hash=hash_password(PASSWORD, CHEAP),
                totp_secret=SECRET,
            )
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    clock = CommandClock(monkeypatch)

    def command(*arguments: str, role: Role | None = Role.PREPARER) -> tuple[int, dict[str, Any]]:
        clock.show_code(SECRET)
        name = [] if role is None else ["--as", people[role].account]
        code = run([*arguments, *name, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


def reviewed(desk: Desk, no: int) -> str:
    with writing(desk.engine) as conn:
        return review(conn, desk.trust_id, no, REVIEWER, act())[0].ref


def test_a_month_is_charged_paid_and_receipted_from_the_shell(desk: Desk, shell: Shell) -> None:
    recorded, _ = shell(
        *("fee-standard", "record", "--target", "home", "--rate", "1.98"),
        *("--from", "2024-01-01", "--authority", "业决1号"),
    )
    assert recorded == 0
    listed = shell("fee-standard", "list", role=None)[1]["standards"]
    assert [(row["target"], row["rate"]) for row in listed] == [("home", "1.98")]
    code, seen = shell("charge", "preview", "202503", role=None)
    assert (code, seen["units"], seen["total"]) == (0, 3, 53_460)
    code, charged = shell("charge", "run", "202503")
    assert (code, charged["state"]) == (0, "review")
    reviewed(desk, charged["no"])
    code, again = shell("charge", "run", "202503")
    assert (code, again["problems"][0]["code"]) == (1, "charged_already")
    owed = shell("receipt", "owed", "1-101")[1]["items"]
    assert [(row["key"], row["amount"]) for row in owed] == [("112201-F1-202503", 17_820)]
    code, taken = shell("receipt", "take", "1-101", "178.20")
    assert code == 0
    ref = reviewed(desk, taken["no"])
    code, slip = shell("receipt", "print", ref)
    assert (code, slip["print_no"], slip["amount"]) == (0, 1, 17_820)


def test_whoever_may_not_charge_may_not_do_it_from_the_shell_either(desk: Desk, shell: Shell) -> None:
    code, answer = shell("charge", "run", "202503", role=Role.SUPERVISOR)
    assert (code, answer["problems"][0]["code"]) == (1, "not_allowed")


def test_a_sheet_of_readings_is_recorded_whole_or_not_at_all(shell: Shell, tmp_path: Any) -> None:
    sheet = tmp_path / "readings.csv"
    sheet.write_text("房号,上次读数,本次读数\n1-101,0,12.5\n9-999,0,1\n", encoding="utf-8")
    code, refused = shell("charge", "readings", "202503", str(sheet))
    assert (code, refused["problems"][0]["message"]) == (1, "第 3 行：没有登记过房号“9-999”")
    sheet.write_text("房号,上次读数,本次读数\n1-101,0,12.5\n", encoding="utf-8")
    code, recorded = shell("charge", "readings", "202503", str(sheet))
    assert (code, recorded["recorded"]) == (0, 1)


def test_an_amount_that_can_not_be_read_is_refused_in_words(desk: Desk, shell: Shell) -> None:
    code, answer = shell("receipt", "take", "1-101", "一百")
    assert code == 1
    assert "读不懂金额" in answer["problems"][0]["message"]

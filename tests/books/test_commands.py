"""Books, corrections and closing from the shell: in somebody's name, through the same work and two people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, select

from disclosure.cli.main import run
from disclosure.identity.passwords import hash_password
from ledger.people import Role
from ledger.people.credentials import record_credential
from ledger.periods import closed_periods
from ledger.store.engine import open_engine, reading, writing
from ledger.store.tables import audit_event
from tests.ledger.books import OPENED, Books, act, fee_receipt, open_books, petty
from tests.office.conftest import CHEAP, PASSWORD, settle

SECRET = pyotp.random_base32()
Shell = Callable[..., tuple[int, dict[str, Any]]]


class _Clock:
    """The command line's clock, a minute later for every command, as a code is good once."""

    def __init__(self) -> None:
        self.time = datetime(2025, 6, 30, 2, tzinfo=UTC)

    def now(self, _zone: object) -> datetime:
        return self.time


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    """A command leaves its connections to the end of the process, a test must not."""
    opened = open_engine(url)
    yield opened
    opened.dispose()


@pytest.fixture
def kept(engine: Engine) -> Books:
    return open_books(engine)


@pytest.fixture
def shell(
    kept: Books, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Iterator[Shell]:
    """Run a command as the person of a role; exit code and JSON answer."""
    people, clock, stack = settle(kept), _Clock(), ExitStack()
    with writing(kept.engine) as conn:
        for role in (Role.PREPARER, Role.REVIEWER, Role.SUPERVISOR, Role.OPERATOR):
            record_credential(
                conn,
                people[role].person,
                by="测试",
                act=act(OPENED),
                password_hash=hash_password(PASSWORD, CHEAP),
                totp_secret=SECRET,
            )
    for name, value in (
        ("DATABASE_URL", database_url),
        ("DATA_DIR", str(tmp_path)),
        ("MINGZHANG_PASSWORD", PASSWORD),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("disclosure.cli.common.datetime", clock)
    monkeypatch.setattr("disclosure.cli.common.open_engine", lambda url: stack.enter_context(_engine(url)))

    def command(*arguments: str, role: Role | None = Role.PREPARER) -> tuple[int, dict[str, Any]]:
        clock.time += timedelta(seconds=60)
        monkeypatch.setenv("MINGZHANG_CODE", pyotp.TOTP(SECRET).at(clock.time))
        named = [] if role is None else ["--as", people[role].account]
        code = run([*arguments, *named, "--json"])
        return code, json.loads(capsys.readouterr().out)

    with stack:
        yield command


@pytest.mark.parametrize(
    ("kind", "more"), [("trial", ()), ("ledger", ("--code", "112201")), ("vouchers", ())]
)
@pytest.mark.parametrize("file_format", ["xlsx", "pdf", "csv"])
def test_a_book_is_written_to_a_file(kept: Books, shell: Shell, tmp_path: Path, kind: str, more: tuple[str, ...], file_format: str) -> None:  # fmt: skip
    kept.post(fee_receipt(123_45, date=date(2025, 3, 5)))
    out = tmp_path / f"book.{file_format}"
    months = ("--from", "2025-03", "--to", "2025-03")
    code, data = shell(
        "books", kind, "--format", file_format, "--out", str(out), *months, *more, role=Role.SUPERVISOR
    )
    assert (code, data["ok"]) == (0, True), data
    body = out.read_bytes()
    if file_format == "csv":
        assert b"123.45" in body
    elif file_format == "xlsx":
        cells = [
            cell for row in CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python() for cell in row
        ]
        assert 123.45 in cells
    else:
        assert body.startswith(b"%PDF")


def test_books_are_for_those_who_may_and_are_noted(kept: Books, shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "book.csv"
    code, data = shell("books", "trial", "--format", "csv", "--out", str(out), role=Role.OPERATOR)
    assert (code, data["problems"][0]["code"]) == (1, "not_allowed")
    assert not out.exists()
    shell("books", "trial", "--format", "csv", "--out", str(out), role=Role.SUPERVISOR)
    with reading(kept.engine) as conn:
        outcomes = conn.execute(
            select(audit_event.c.outcome)
            .where(audit_event.c.action == "books.print")
            .order_by(audit_event.c.at)
        ).scalars()
        assert sorted(outcomes) == ["done", "forbidden"]


def test_what_makes_no_sense_is_refused_in_words(shell: Shell, tmp_path: Path) -> None:
    out = str(tmp_path / "x.csv")
    code, data = shell("books", "cash", "--format", "csv", "--out", out)
    assert (code, data["problems"][0]["message"]) == (1, "请先选择本账套的银行账户")
    code, data = shell("books", "trial", "--format", "csv", "--out", out, "--from", "三月")
    assert (code, data["problems"][0]["code"]) == (1, "bad_month")


def test_a_reversal_is_handed_in_and_posted_by_another(kept: Books, shell: Shell) -> None:
    ref = kept.post(petty(50_00, date=date(2025, 3, 1))).ref
    code, data = shell("reverse", ref, "--reason", "重复入账")
    assert (code, data["no"], data["state"]) == (0, 1, "review")
    assert kept.balance("5007") == 50_00, "nothing is posted yet"
    assert shell("work", "review", "1", role=Role.REVIEWER)[0] == 0
    assert kept.balance("5007") == 0
    code, data = shell("reverse", ref, "--reason", "再来一次")
    assert (code, data["problems"][0]["code"]) == (1, "already_reversed")


def test_an_amendment_comes_from_a_file(kept: Books, shell: Shell, tmp_path: Path) -> None:
    ref = kept.post(petty(50_00, date=date(2025, 3, 1))).ref
    file = tmp_path / "right.json"
    right = {
        "book": "A",
        "date": "2025-06-30",
        "event": "E13b",
        "summary": "购办公用品",
        "lines": [
            {"account": "5007", "fund": "F1", "side": "D", "amount": "80.00"},
            {"account": "122101", "fund": "F1", "side": "C", "amount": "80.00", "party": "STAFF"},
        ],
        "documents": [{"kind": "expense_sheet", "original": "1" * 64}],
    }
    file.write_text(json.dumps(right), encoding="utf-8")
    code, data = shell("amend", ref, str(file))
    assert (code, data.get("no")) == (0, 1), data
    shell("work", "review", "1", role=Role.REVIEWER)
    assert kept.balance("5007") == 80_00
    assert kept.stored("A-2025-000002").draft.event == "E26c"
    file.write_text("[]", encoding="utf-8")
    assert shell("amend", ref, str(file))[1]["problems"][0]["code"] == "not_one_entry"


def test_a_month_is_closed_from_the_shell_by_two_people(kept: Books, shell: Shell) -> None:
    code, data = shell("closing", "check", role=None)
    assert (code, data["period"], data["request"]) == (0, 202401, None)
    assert all(item["ok"] for item in data["items"])
    assert shell("closing", "ask", "202401") == (0, {"ok": True, "no": 1})
    assert shell("closing", "confirm", "1")[1]["problems"][0]["code"] == "not_allowed"
    code, data = shell("closing", "confirm", "1", role=Role.REVIEWER)
    assert (code, data["period"]) == (0, 202401)
    with reading(kept.engine) as conn:
        assert [item.period for item in closed_periods(conn, kept.trust_id)] == [202401]


def test_a_request_is_refused_or_withdrawn_from_the_shell(kept: Books, shell: Shell) -> None:
    shell("closing", "ask", "202401", "--note", "齐了")
    assert shell("closing", "refuse", "1", "--note", "还差一张", role=Role.REVIEWER)[0] == 0
    shell("closing", "ask", "202401")
    assert shell("closing", "withdraw", "2")[0] == 0
    kept.post(fee_receipt(1_00, date=date(2024, 1, 5)))
    code, data = shell("closing", "check", role=None)
    assert code == 1
    assert any(not item["ok"] for item in data["items"])

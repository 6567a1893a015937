"""Work from the shell: in somebody's name, proved by password and one-time code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from disclosure.cli.main import run
from ledger.people import Role
from ledger.people.audit import AuditFilter, read_audit
from ledger.people.credentials import record_credential
from ledger.store.engine import open_engine, reading, writing
from ledger.store.migrate import migrate
from tests.ledger.books import Books, act, open_books
from tests.office.conftest import PASSWORD, settle
from tests.shells import CommandClock

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "office-work.example.json"
SECRETS = {
    Role.PREPARER: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    Role.REVIEWER: "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU",
    Role.SUPERVISOR: "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK",
}
As = Callable[[Role], str]


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Books]:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'books.sqlite3'}")
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    migrate(f"sqlite:///{tmp_path / 'books.sqlite3'}")
    engine = open_engine(f"sqlite:///{tmp_path / 'books.sqlite3'}")
    made = open_books(engine)
    people = settle(made)
    with writing(engine) as conn:
        for role, secret in SECRETS.items():
            record_credential(conn, people[role].person, by="", act=act(), totp_secret=secret)
    yield made
    engine.dispose()


@pytest.fixture
def sign_as(books: Books, monkeypatch: pytest.MonkeyPatch) -> As:
    """Put the phone of a role's person beside the keyboard; that person's account."""

    clock = CommandClock(monkeypatch)

    def take(role: Role) -> str:
        if role in SECRETS:
            clock.show_code(SECRETS[role])
        return f"{role}-{books.trust_id}"

    return take


def test_work_is_prepared_by_one_and_reviewed_by_another(
    books: Books, sign_as: As, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["work", "prepare", str(EXAMPLE), "--as", sign_as(Role.PREPARER)]) == 0
    assert "已制成第 1 号单据" in capsys.readouterr().out
    assert run(["work", "review", "1", "--as", sign_as(Role.REVIEWER)]) == 0
    assert "已入账：A-2025-000001" in capsys.readouterr().out
    assert run(["work", "show", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == ["A-2025-000001"]
    with reading(books.engine) as conn:
        trail = read_audit(conn, books.trust_id, AuditFilter())
    assert {(event.action, event.origin) for event in trail} == {
        ("work.prepare", "命令行"),
        ("work.review", "命令行"),
    }


def test_a_wrong_password_and_a_used_code_open_nothing(
    books: Books, sign_as: As, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account = sign_as(Role.PREPARER)
    monkeypatch.setenv("MINGZHANG_PASSWORD", "不是这个密码啊")
    assert run(["work", "prepare", str(EXAMPLE), "--as", account]) == 1
    assert "账号或密码不对" in capsys.readouterr().err
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    assert run(["work", "prepare", str(EXAMPLE), "--as", account]) == 0
    assert run(["work", "withdraw", "1", "--as", account]) == 1
    assert "已经用过" in capsys.readouterr().err


def test_who_moves_money_without_a_phone_is_sent_to_the_web(
    books: Books, sign_as: As, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["work", "prepare", str(EXAMPLE), "--as", sign_as(Role.PREPARER)])
    assert run(["work", "pay", "1", "--on", "2025-03-10", "--as", sign_as(Role.CASHIER)]) == 1
    assert "还没有设置动态码" in capsys.readouterr().err


def test_a_step_of_another_role_is_refused_and_noted(
    books: Books, sign_as: As, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["work", "prepare", str(EXAMPLE), "--as", sign_as(Role.PREPARER)])
    assert run(["work", "review", "1", "--as", sign_as(Role.SUPERVISOR)]) == 1
    assert "您没有“审核单据”的权限" in capsys.readouterr().err
    with reading(books.engine) as conn:
        (newest, *_) = read_audit(conn, books.trust_id, AuditFilter())
    assert (newest.action, newest.outcome) == ("work.review", "forbidden")


def test_a_file_that_is_not_work_is_refused_in_words(
    books: Books, sign_as: As, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"kind": "voucher"}', encoding="utf-8")
    assert run(["work", "prepare", str(wrong), "--as", sign_as(Role.PREPARER)]) == 1
    assert "内容不合要求" in capsys.readouterr().err

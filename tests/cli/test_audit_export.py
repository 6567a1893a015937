"""A year for auditors from the shell: the public part for anybody at it, the rest in somebody's name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from disclosure.cli.main import run
from ledger.export.audit import CAVEAT
from ledger.people import Role
from ledger.people.audit import AuditFilter, read_audit
from ledger.store.engine import reading
from tests.cli.test_work import EXAMPLE, As, books, sign_as
from tests.ledger.books import Books

__all__ = ["books", "sign_as"]


@pytest.fixture
def posted(books: Books, sign_as: As) -> Books:
    """One entry, prepared and reviewed by people."""
    run(["work", "prepare", str(EXAMPLE), "--as", sign_as(Role.PREPARER)])
    run(["work", "review", "1", "--as", sign_as(Role.REVIEWER)])
    return books


def test_the_public_part_is_written_and_says_what_it_is(
    posted: Books, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "audit"
    assert run(["export", "--format", "audit", "--year", "2025", "--out", str(out)]) == 0
    assert CAVEAT in capsys.readouterr().out
    vouchers = next(out.glob("*记账凭证.csv")).read_text(encoding="utf-8-sig")
    assert "A-2025-000001" in vouchers and "姓名不公开" in vouchers
    assert run(["export", "--format", "audit", "--year", "2025", "--out", str(out)]) == 1
    assert "已存在" in capsys.readouterr().err


def test_the_rest_needs_somebody_who_may_and_is_noted(
    posted: Books, sign_as: As, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["export", "--format", "audit", "--year", "2025", "--full", "--out", str(tmp_path / "full")]
    assert run(arguments) == 1
    assert "--as" in capsys.readouterr().err
    assert not (tmp_path / "full").exists()
    assert run([*arguments, "--as", sign_as(Role.SUPERVISOR), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["year"], told["full"]) == (2025, True)
    vouchers = next((tmp_path / "full").glob("*记账凭证.csv")).read_text(encoding="utf-8-sig")
    assert "姓名不公开" not in vouchers
    with reading(posted.engine) as conn:
        trail = read_audit(conn, posted.trust_id, AuditFilter())
    assert ("books.print", "audit.2025") in {(event.action, event.subject) for event in trail}


def test_a_folder_and_a_year_of_these_books_are_needed(
    posted: Books, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", "--format", "audit"]) == 1
    assert "文件夹" in capsys.readouterr().err
    assert run(["export", "--format", "audit", "--year", "1999", "--out", str(tmp_path / "x")]) == 1
    assert "没有账" in capsys.readouterr().err

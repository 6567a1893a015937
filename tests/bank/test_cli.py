"""``mingzhang bank``: suggestions, accepting them, reconciling and formats from the shell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from disclosure.cli.main import run
from ledger.store.engine import reading
from ledger.work import read_work
from tests.bank.test_describe import NEW_BANK
from tests.office.conftest import PASSWORD, OfficeSite, office
from tests.office.test_bank import bank, bring, paid, written

__all__ = ["bank", "office"]
Shell = Callable[..., tuple[int, Any]]
pytestmark = pytest.mark.db("sqlite")


@pytest.fixture
def shell(bank: OfficeSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Run a command on the office's database; its exit code and its JSON."""
    monkeypatch.setenv("DATA_DIR", str(bank.config.data_dir))
    monkeypatch.setenv("DATABASE_URL", bank.config.database_url)
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    monkeypatch.setattr("disclosure.cli.common.Desk.act", lambda _desk: bank.act())
    monkeypatch.setattr(
        "disclosure.cli.common.config_from_env", lambda: bank.config
    )  # the tests' passwords are cheap to check

    def call(*arguments: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = run(["bank", *arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def as_(bank: OfficeSite, role: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The account of a role, with a fresh code of its phone."""
    bank.client(role)
    bank.clock.forward(minutes=2)
    monkeypatch.setenv("MINGZHANG_CODE", bank.code(role))
    return bank.person(role).account


def test_suggestions_and_accepting_them(
    bank: OfficeSite, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(bank, written(paid(3, 120_00), paid(4, 66_00, "某人", "转账")))
    code, told = shell("suggest")
    assert code == 0
    first, second = told["lines"]
    assert (first["amount"], first["choices"][0]["id"]) == (120_00, "household:03-2-1201")
    assert [choice["id"] for choice in second["choices"]] == ["to-be-cleared"]
    code, told = shell("accept", "--as", as_(bank, "preparer", monkeypatch))
    assert (code, told["work"], told["entries"]) == (0, 1, 1), "only what is sure is taken by itself"
    with reading(bank.engine) as conn:
        assert read_work(conn, bank.trust_id, 1).item.waiting_for == "review"
    code, told = shell("suggest", "--account", "F1-NEW")
    assert [line["work"] for line in told["lines"]] == [1, None]


def test_accepting_what_a_file_names(
    bank: OfficeSite, shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bring(bank, written(paid(4, 66_00, "某人", "转账")))
    _, told = shell("suggest")
    picks = [{"account": x["account"], "key": x["key"], "choice": "to-be-cleared"} for x in told["lines"]]
    file = tmp_path / "picks.json"
    file.write_text(json.dumps(picks), encoding="utf-8")
    account = as_(bank, "preparer", monkeypatch)
    code, told = shell("accept", "--file", str(file), "--as", account)
    assert (code, told["entries"]) == (0, 1)
    file.write_text('[{"x": "y"}]', encoding="utf-8")
    code, told = shell("accept", "--file", str(file), "--as", as_(bank, "preparer", monkeypatch))
    assert (code, told["problems"][0]["code"]) == (1, "bad_json")


def test_reconciling_and_signing(bank: OfficeSite, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(bank, written(paid(3, 120_00)))
    code, told = shell("reconcile", "F1-NEW", "202503")
    assert (code, told["ok"], told["difference"]) == (0, True, 0)
    assert [item["amount"] for item in told["bank_received"]] == [120_00]
    account = as_(bank, "reviewer", monkeypatch)
    code, told = shell("reconcile", "F1-NEW", "202503", "--sign", "--as", account)
    assert (code, told["signed"]) == (0, True)
    code, told = shell("reconcile", "F1-NEW", "202513")
    assert (code, told["problems"][0]["code"]) == (1, "bad_month")
    code, told = shell("reconcile", "NO-SUCH", "202503")
    assert code == 1


def test_a_difference_is_exit_code_one(bank: OfficeSite, shell: Shell) -> None:
    bring(bank, written(paid(3, 120_00), opening=5_00))
    code, told = shell("reconcile", "F1-NEW", "202503")
    assert (code, told["difference"]) == (1, -5_00)


def test_a_format_is_added_from_a_description(
    bank: OfficeSite, shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "new-bank.toml"
    file.write_text(NEW_BANK, encoding="utf-8")
    code, told = shell("formats", "--add", str(file))
    assert (code, told["problems"][0]["code"]) == (1, "no_account")
    code, told = shell("formats", "--add", str(file), "--as", as_(bank, "preparer", monkeypatch))
    assert code == 0
    assert {"id": "new-bank", "name": "新银行", "saved": True} in told["formats"]
    file.write_text(re.sub("new-bank", "cmb-corporate", NEW_BANK), encoding="utf-8")
    code, told = shell("formats", "--add", str(file), "--as", as_(bank, "preparer", monkeypatch))
    assert (code, told["problems"][0]["code"]) == (1, "known_format")


def test_a_role_that_may_not_is_refused(
    bank: OfficeSite, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(bank, written(paid(3, 120_00)))
    code, told = shell("accept", "--as", as_(bank, "cashier", monkeypatch))
    assert (code, told["problems"][0]["code"]) == (1, "not_allowed")


def test_sentences_for_people(bank: OfficeSite, shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    bring(bank, written(paid(3, 120_00)))
    capsys.readouterr()
    assert run(["bank", "suggest"]) == 0
    assert run(["bank", "reconcile", "F1-NEW", "202503"]) == 0
    assert run(["bank", "formats"]) == 0
    shown = capsys.readouterr().out
    for text in ("摘要含房号 03-2-1201", "银行已收企业未收：1 笔，120.00 元", "调节后相符", "camt.053"):
        assert text in shown

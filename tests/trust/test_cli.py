"""A community is described, changed and handed over from the shell, by the same people and rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine

from disclosure.cli.main import run
from disclosure.identity.passwords import hash_password
from ledger.handover.read import handover_items
from ledger.people.credentials import record_credential
from ledger.store.engine import writing
from ledger.trust.opening_balances import OPENING_FORM
from ledger.trust.register_rows import REGISTER_FORM
from ledger.trust.sheet import read_sheet
from tests.ledger.books import OPENED, TRUSTEE, Books, act, open_books
from tests.office.conftest import CHEAP, PASSWORD, settle
from tests.shells import CommandClock
from tests.trust.sheets import filled, home

SECRET = pyotp.random_base32()
Shell = Callable[..., tuple[int, dict[str, Any]]]
pytestmark = pytest.mark.db("sqlite")


@pytest.fixture
def books(engine: Engine) -> Books:
    return open_books(engine)


@pytest.fixture
def shell(
    books: Books, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Shell:
    """Run a command, as somebody if a role is named; exit code and JSON answer."""
    people = settle(books)
    hashed = hash_password(PASSWORD, CHEAP)
    with writing(books.engine) as conn:
        for person in people.values():
            record_credential(
                conn, person.person, by="测试", act=act(OPENED), password_hash=hashed, totp_secret=SECRET
            )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    clock = CommandClock(monkeypatch)

    def command(*arguments: str, role: str = "") -> tuple[int, dict[str, Any]]:
        clock.show_code(SECRET)
        name = ["--as", next(p.account for r, p in people.items() if r == role)] if role else []
        code = run([*arguments, *name, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


def codes(answer: dict[str, Any]) -> set[str]:
    return {problem["code"] for problem in answer["problems"]}


def test_units_are_checked_then_registered(shell: Shell) -> None:
    Path("u.xlsx").write_bytes(filled([home(), home(room="1202", name="李四", phone="")]))
    code, seen = shell("setup", "units", "u.xlsx", "--dry-run")
    assert (code, seen["units"], seen["people"], seen["dry_run"]) == (0, 2, 2, True)
    assert shell("setup", "units", "u.xlsx")[0] == 1
    assert codes(shell("setup", "units", "u.xlsx", role="supervisor")[1]) == {"not_allowed"}
    assert shell("setup", "owners", "03-2-1201")[1]["owners"] == []
    code, done = shell("setup", "units", "u.xlsx", role="preparer")
    assert (code, done["units"]) == (0, 2)
    (owner,) = shell("setup", "owners", "03-2-1201")[1]["owners"]
    assert (owner["name"], owner["share"]) == ("张三", "1")
    assert shell("setup", "units", "u.xlsx", "--dry-run")[1]["unchanged"] == 2


def test_a_wrong_sheet_is_handed_back_with_its_mistakes_marked(shell: Shell) -> None:
    Path("u.xlsx").write_bytes(filled([home(area="约90", use="别墅")]))
    code, refused = shell("setup", "units", "u.xlsx", "--dry-run", "--marked", "marked.xlsx")
    assert (code, len(refused["problems"])) == (1, 2)
    assert "第 2 行 建筑面积" in refused["problems"][0]["message"] + refused["problems"][1]["message"]
    assert len(read_sheet(Path("marked.xlsx").read_bytes(), "marked.xlsx", REGISTER_FORM)) == 1


def test_templates_are_written_once(shell: Shell) -> None:
    for kind in ("units", "opening"):
        assert shell("setup", "template", kind, f"{kind}.xlsx")[0] == 0
        assert codes(shell("setup", "template", kind, f"{kind}.xlsx")[1]) == {"exists"}
    assert Path("units.xlsx").read_bytes().startswith(b"PK")


def test_opening_balances_become_work(shell: Shell) -> None:
    rows = [
        {"fund": "F1", "account": "100201", "debit": "1000", "bank_account": "F1-CCB"},
        {"fund": "F1", "account": "3001", "credit": "1000"},
    ]
    Path("o.xlsx").write_bytes(filled(rows, OPENING_FORM))
    code, done = shell("setup", "opening", "o.xlsx", "--authority", "移交清册1号", role="preparer")
    assert (code, done["work"]) == (0, 1)
    Path("o.xlsx").write_bytes(filled(rows[:1], OPENING_FORM))
    assert codes(shell("setup", "opening", "o.xlsx", "--authority", "清册", role="preparer")[1]) == {
        "unbalanced"
    }


def test_the_checklist_says_what_is_missing(shell: Shell) -> None:
    states = {item["name"]: item["state"] for item in shell("setup", "check")[1]["items"]}
    assert (states["deed"], states["staff"], states["tenure"], states["fees"]) == (
        "done",
        "done",
        "missing",
        "missing",
    )


def test_a_rule_is_set_from_a_day_on(shell: Shell) -> None:
    asked = ("settings", "set", "co_sign_above", "30000", "--from", "2025-01-01")
    assert codes(shell(*asked, "--authority", "业决1号", role="preparer")[1]) == {"not_allowed"}
    code, done = shell(*asked, "--authority", "业决1号", role="chair")
    assert (code, done["value"]) == (0, 30_000_00)
    assert codes(shell(*asked, "--authority", "业决1号", role="chair")[1]) == {"setting_taken"}
    clause = ("settings", "set", "remuneration_clause", "--kind", "percent", "--rate", "8%", "--of", "income")
    code, done = shell(*clause, "--from", "2025-01-01", "--authority", "业决1号", role="reviewer")
    assert done["value"]["rate_e4"] == 800
    listed = {row["name"]: row["value"] for row in shell("settings", "list")[1]["settings"]}
    assert listed["co_sign_above"] == 30_000_00


DEED = """
effective_on = 2025-01-01
purpose = "提供物业服务"
parties = "委托人：业主大会；受托人：和润物业服务有限公司"
beneficiaries = "全体业主"
property_scope = "物业费、公共收益"
benefit_form = "按面积"
authority = "业决〔2024〕4号"
"""
TENURE = """
[tenure]
trustee = "和润物业服务有限公司"
starts_on = 2025-01-01
contract = "W-1"
notice_days = 90
authority = "业决〔2024〕4号"
"""


def test_a_version_of_the_deed_is_recorded(shell: Shell) -> None:
    Path("d.toml").write_text(DEED, encoding="utf-8")
    assert shell("deed", "record", "d.toml", role="chair")[1]["version"] == 2
    assert [v["version"] for v in shell("deed", "show")[1]["versions"]] == [2, 1]
    Path("d.toml").write_text("purpose = 1", encoding="utf-8")
    assert codes(shell("deed", "record", "d.toml", role="chair")[1]) == {"bad_toml"}


def test_a_handover_from_the_shell(shell: Shell, books: Books) -> None:
    assert shell("handover", "status")[1]["stage"] is None
    begun = ("handover", "begin", "和润物业服务有限公司", "--reason", "expired", "--authority", TRUSTEE)
    assert shell(*begun, "--planned", "2025-01-01", role="chair")[0] == 0
    assert len(shell("handover", "freeze", role="reviewer")[1]["digest"]) == 64
    assert len(shell("handover", "status")[1]["uncounted"]) == len(handover_items())
    for item in handover_items():
        assert shell("handover", "check", item, "--outcome", "agreed", role="preparer")[0] == 0
    assert shell("handover", "sign", "outgoing", role="reviewer")[0] == 0
    assert shell("handover", "sign", "committee", role="chair")[0] == 0
    Path("scan.pdf").write_bytes(b"no pdf")
    paper = ("handover", "sign", "incoming", "--name", "赵经理", "--scan", "scan.pdf")
    assert shell(*paper, role="chair")[0] == 1
    assert shell("handover", "status")[1]["unsigned"] == ["incoming"]
    assert shell("handover", "cancel", "--note", "业决3号", role="chair")[0] == 0
    assert shell("handover", "status")[1]["stage"] == "cancelled"
    Path("h.toml").write_text(f"{TENURE}\n[deed]{DEED}", encoding="utf-8")
    assert codes(shell("handover", "complete", "h.toml", role="chair")[1]) == {"no_handover"}

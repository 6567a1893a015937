"""Budgets from the shell: the same course, the same refusals, honest exit codes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from disclosure.cli.main import run
from ledger.budget.comments import comment
from ledger.budget.course import give_notice
from ledger.budget.drafting import open_draft, save_lines
from ledger.budget.sheet import SHEET, lines_from_sheet
from ledger.errors import Refused
from ledger.money import plain_yuan
from ledger.people import Role
from ledger.store.engine import writing
from ledger.trust import record_setting
from ledger.trust.workbooks import template_xlsx
from tests.budget.desk import OWNER, income, spending
from tests.ledger.books import OPENED, TODAY, act
from tests.office.conftest import PASSWORD, OfficeSite
from tests.shells import CommandClock
from tests.work.people import ACCOUNTANT, CHECKER

HEADS = "行号,收支,名称,科目,单价（元）,数量,单位,次数,怎样发生,说明\n"
ROWS = HEADS + ",收入,物业费,4001,10000,,,1,,\n,支出,电梯维保,500501,0.6841,120000,度,1,一次或几次,按合同\n"


def test_a_sheet_becomes_lines() -> None:
    fees, lift = lines_from_sheet(ROWS.encode(), "预算.csv")
    assert (fees.kind, fees.amount, fees.spread) == ("I", 10_000_00, "monthly")
    assert (lift.kind, lift.amount, lift.spread, lift.note) == ("E", 82_092_00, "once", "按合同")


def test_the_template_we_give_has_the_columns_we_read() -> None:
    with pytest.raises(Refused, match="没有填任何一行"):
        lines_from_sheet(template_xlsx(SHEET), "预算表.xlsx")


def test_every_mistake_of_a_sheet_is_named_with_its_row() -> None:
    wrong = HEADS + ",收入,物业费,4001,一块,,,1.5,,\n,送,电梯,500501,,,,,每周,\n"
    with pytest.raises(Refused) as refused:
        lines_from_sheet(wrong.encode(), "预算.csv")
    said = [str(problem) for problem in refused.value.problems]
    assert [text.partition("：")[0] for text in said] == [
        "表格第 2 行 单价（元）",
        "表格第 2 行 次数",
        "表格第 3 行 收支",
        "表格第 3 行 怎样发生",
        "表格第 3 行 单价（元）",
    ]


@pytest.fixture
def shell(office: OfficeSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command as the person of a role; exit code and JSON answer."""
    for role in ("preparer", "reviewer", "chair"):
        office.client(role)
    with writing(office.engine) as conn:
        record_setting(
            conn, office.trust_id, "budget_approved_by", "committee",
            effective_on=OPENED, authority="信托文件", act=act(OPENED),
        )  # fmt: skip
    monkeypatch.setenv("DATA_DIR", str(office.config.data_dir))
    monkeypatch.setenv("DATABASE_URL", office.config.database_url)
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    clock = CommandClock(monkeypatch)

    def command(*arguments: str, as_: str = "") -> tuple[int, Any]:
        if as_:
            clock.show_code(office.secrets[Role(as_)])
            arguments = (*arguments, "--as", office.person(as_).account)
        capsys.readouterr()
        code = run([*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


def codes(said: Any) -> set[str]:
    return {problem["code"] for problem in said["problems"]}


@pytest.mark.db("sqlite")
def test_a_budget_is_drawn_up_and_put_on_notice(shell: Any, tmp_path: Path) -> None:
    name, sheet = f"{TODAY.year}-F1", tmp_path / "预算.csv"
    sheet.write_text(ROWS.replace("10000", "90000"), encoding="utf-8")
    assert shell("budget", "show", name)[0] == 1
    assert shell("budget", "open", name, as_="preparer")[1]["version"] == 1
    assert shell("budget", "lines", name, str(sheet), as_="preparer")[1]["lines"] == 2
    code, said = shell("budget", "notice", name, as_="preparer")
    assert (code, codes(said)) == (1, {"not_allowed"})
    assert shell("budget", "notice", name, as_="reviewer")[0] == 0
    _, shown = shell("budget", "show", name)
    assert [row["line"] for row in shown["lines"]] == [f"{name}-I01", f"{name}-01"]
    code, said = shell("budget", "adopt", name, "业委会纪要", as_="chair")
    assert (code, codes(said)) == (1, {"notice_running"})
    assert shell("budget", "list")[1]["budgets"][0]["state"] == "noticed"
    assert shell("budget", "return", name, "改一行", as_="reviewer")[0] == 0
    assert run(["budget", "open"]) == 2


@pytest.mark.db("sqlite")
def test_no_line_and_above_the_line_are_refused_in_the_shell(
    office: OfficeSite, shell: Any, tmp_path: Path
) -> None:
    name = on_notice(office)
    line = f"{name}-01"
    assert shell("budget", "adopt", name, "业委会纪要", as_="chair")[1]["problems"][0]["code"] == "unanswered"
    assert shell("budget", "answer", name, "1", "已在合同里写明", as_="reviewer")[0] == 0
    code, made = shell("budget", "adopt", name, "业委会纪要", as_="chair")
    assert (code, made["effective_on"]) == (0, TODAY.isoformat())
    assert shell("budget", "left")[1]["lines"][0]["left"] == 1_000_00
    for reference, amount, wanted in ((None, 100_00, "gate_budget_line"), (line, 1_000_01, "over_budget")):
        code, said = shell("work", "prepare", str(work_file(tmp_path, amount, reference)), as_="preparer")
        assert (code, codes(said)) == (1, {wanted})
    assert "还剩 1,000.00 元" in said["problems"][0]["message"]
    code, _ = shell("work", "prepare", str(work_file(tmp_path, 999_99, line)), as_="preparer")
    assert code == 0
    assert shell("budget", "left")[1]["lines"][0]["encumbered"] == 999_99


def on_notice(office: OfficeSite) -> str:
    """A budget whose notice has run out, with one comment; its name."""
    begun, year = act(TODAY - timedelta(days=20)), TODAY.year
    with writing(office.engine) as conn:
        key = open_draft(conn, office.trust_id, year, "F1", actor=ACCOUNTANT, act=begun)
        save_lines(conn, office.trust_id, key, [income(), spending()], ACCOUNTANT, begun)
        give_notice(conn, office.trust_id, key, actor=CHECKER, act=begun)
        comment(conn, office.trust_id, key, "电梯是哪一部？", actor=OWNER, act=begun)
    return key.name


def work_file(folder: Path, amount: int, budget_line: str | None) -> Path:
    """An invoice as work for the command line."""
    named = {"contract": "C1"} | ({"budget_line": budget_line} if budget_line else {})
    draft = {
        "book": "A", "date": TODAY.isoformat(), "event": "E11a", "summary": "电梯维保费", "preparer": "",
        "reviewer": "", "key": f"k-{amount}", "references": named,
        "lines": [
            {"account": "500501", "fund": "F1", "side": "D", "amount": plain_yuan(amount)},
            {"account": "220201", "fund": "F1", "side": "C", "amount": plain_yuan(amount), "vendor": "V1", "contract": "C1"},
        ],
        "documents": [
            {"kind": "invoice", "number": f"2600000000000{amount:07d}", "original": "a" * 64},
            {"kind": "acceptance", "title": "验收单"},
        ],
    }  # fmt: skip
    path = folder / "work.json"
    path.write_text(
        json.dumps({"kind": "voucher", "title": "电梯维保费", "drafts": [draft]}), encoding="utf-8"
    )
    return path

"""The charts of a printed statement say what its stored figures say."""

from __future__ import annotations

from disclosure.statements.pictures import _budget, _revenue
from disclosure.statements.value import BudgetLine, BudgetReport, Pair, Revenue, RevenueSource


def line(number: int, budget: int, spent: int) -> BudgetLine:
    return BudgetLine(
        f"2025-F1-{number:02}", "expense", f"第{number}项", budget, spent, spent, budget - spent
    )


def report(*lines: BudgetLine) -> BudgetReport:
    budget, spent = sum(item.budget for item in lines), sum(item.year or 0 for item in lines)
    return BudgetReport("F1", 2025, 1, lines, budget, Pair(spent, spent), budget - spent, 0)


def test_an_overspent_line_is_never_hidden_among_the_rest() -> None:
    many = [line(number, 1_000_00 * (30 - number), 100_00) for number in range(20)]
    chart = _budget(report(*many, line(99, 1_00, 50_00)))
    names = [row[0] for row in chart.table.rows]
    assert names[0] == "第99项"
    assert names[-2:] == ["其余 14 项", "合计"]
    assert len(names) == 9
    assert "没有一项超出" not in chart.summary


def test_all_lines_together_are_the_whole_budget() -> None:
    lines = [line(number, 1_000_00 + number, 100_00 + number) for number in range(20)]
    last = _budget(report(*lines)).table.rows[-1]
    assert last[0] == "合计"
    assert last[1] == sum(item.budget for item in lines)
    assert last[2] == sum(item.year or 0 for item in lines)


def test_contracts_of_one_site_are_one_bar() -> None:
    sources = tuple(
        RevenueSource("600101", "广告收入", site, site, f"HT-{number}", "广告合同", amount, amount)
        for number, (site, amount) in enumerate([("电梯", 3_00), ("道路", 5_00), ("电梯", 4_00)])
    )
    whole = Pair(12_00, 12_00)
    none = Pair(0, 0)
    chart = _revenue(Revenue(sources, whole, none, (), none, whole), "2025年度")
    assert [row[:2] for row in chart.table.rows] == [("电梯", 7_00), ("道路", 5_00), ("合计", 12_00)]

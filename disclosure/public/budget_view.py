"""Budgets in words and bars, for the public pages and for the office."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.budget.execution import Execution, SpendingRow
from ledger.budget.lines import Line
from ledger.budget.report import IN_FORCE, PENDING, RETURNED
from ledger.budget.value import NOTICED
from ledger.chart import Chart
from ledger.money import format_yuan

SCALE = 1000
"""The width of a full bar."""
_MARKS = {NOTICED: "review", PENDING: "review", RETURNED: "sent_back", IN_FORCE: "posted"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A line's use as a bar of ``SCALE``: booked, then waiting; ``text`` says the same in words."""

    used: int
    waiting: int
    percent: int
    text: str
    alarm: bool


@dataclass(frozen=True, slots=True)
class MonthBar:
    """What a month spent, as a part of the month that spent most."""

    month: int
    amount: int
    width: int


def bar(row: SpendingRow) -> Bar:
    """The bar of a line."""
    plan = row.line.amount
    used = _part(row.actual, plan)
    waiting = min(_part(row.encumbered, plan), SCALE - used)
    percent = 100 * (row.actual + row.encumbered) // plan if plan else 0
    text = (
        f"已入账 {format_yuan(row.actual)} 元，在途 {format_yuan(row.encumbered)} 元，共占预算的 {percent}%"
    )
    return Bar(used, waiting, percent, text, row.forecast > plan)


def month_bars(execution: Execution) -> list[MonthBar]:
    """Spending by month, up to this month."""
    months = execution.by_month
    highest = max(months, default=0)
    year, today = execution.key.year, execution.as_of
    last = 12 if today.year > year else today.month if today.year == year else 0
    return [
        MonthBar(no, fen, _part(fen, highest)) for no, fen in enumerate(months, start=1) if no <= last or fen
    ]


def _part(amount: int, whole: int) -> int:
    return max(0, min(SCALE, amount * SCALE // whole)) if whole > 0 else 0


def line_accounts(chart: Chart, line: Line) -> str:
    """The accounts of a line by name."""
    names = [
        f"{code} {account.name}" if (account := chart.get("A", code)) else code for code in line.accounts
    ]
    return "、".join(names)


def state_mark(standing: str) -> str:
    """The colour of a state, by the names the style sheet has."""
    return _MARKS.get(standing, "")

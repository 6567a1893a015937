"""Budget against actual: what each line has used, what waits, and where it will be at the end of the year.

The forecast is simple on purpose, and its method is printed beside it. A line that is spent every month goes
on as it went in the months so far; this month counts only when it was used this month, as wages and bills come
at its end. A line that is spent once or a few times is taken to be spent in full, unless it was exceeded
already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.budget.available import Available, available
from ledger.budget.codes import EXPENSE, INCOME, SPENDING
from ledger.budget.figures import beside_lines, spent_by_month, year_by_account
from ledger.budget.lines import MONTHLY, Line
from ledger.budget.value import Key
from ledger.chart import Chart

METHOD = (
    "预测办法：每月都发生的，按“已用（已入账＋在途）÷已过月数×全部月数”，本月还没用的，本月不算已过；"
    "一次或几次发生的，按用足预算估计。都是估计，不是承诺。"
)
_YEAR = 12


@dataclass(frozen=True, slots=True)
class SpendingRow:
    """A line of spending, fen. ``months``: what was booked in each month, January first."""

    line: Line
    encumbered: int
    actual: int
    forecast: int
    months: tuple[int, ...]

    @property
    def left(self) -> int:
        """What may still be spent."""
        return self.line.amount - self.encumbered - self.actual


@dataclass(frozen=True, slots=True)
class IncomeRow:
    """A line of expected income, fen; ``actual`` from the books by account, None beside a line that shares
    its accounts with one above."""

    line: Line
    actual: int | None


@dataclass(frozen=True, slots=True)
class Execution:
    """A version in force, against the books. ``outside``: spent by the fund in the year without any line."""

    key: Key
    as_of: date
    spending: tuple[SpendingRow, ...]
    income: tuple[IncomeRow, ...]
    outside: int

    @property
    def budgeted(self) -> int:
        """All lines of spending, fen."""
        return sum(row.line.amount for row in self.spending)

    @property
    def actual(self) -> int:
        """Booked on lines, fen."""
        return sum(row.actual for row in self.spending)

    @property
    def encumbered(self) -> int:
        """Waiting, fen."""
        return sum(row.encumbered for row in self.spending)

    @property
    def left(self) -> int:
        """Not used of all lines, fen."""
        return self.budgeted - self.actual - self.encumbered

    @property
    def forecast(self) -> int:
        """Of the whole year, fen."""
        return sum(row.forecast for row in self.spending)

    @property
    def by_month(self) -> tuple[int, ...]:
        """Booked on lines in each month, fen."""
        return tuple(sum(row.months[month] for row in self.spending) for month in range(12))


def execution(
    conn: Connection, trust_id: int, chart: Chart, key: Key, lines: Sequence[Line], since: date, today: date
) -> Execution:
    """A version in force, set against the books of its year. ``since``: the day its first version took effect."""
    codes = [line.code for line in lines if line.kind == EXPENSE]
    known = available(conn, trust_id, codes)
    months = spent_by_month(conn, trust_id, key.fund, key.year, codes)
    by_account = year_by_account(conn, trust_id, chart, key.fund, key.year)
    spent = sum(fen for account, fen in by_account.items() if account.startswith(SPENDING))
    begun = since.month if since.year == key.year else 1
    reached = today.month if today.year == key.year else (_YEAR + 1) * (today.year > key.year)
    spending = tuple(
        _row(line, known.get(line.code), months.get(line.code, {}), begun, reached)
        for line in lines
        if line.kind == EXPENSE
    )
    income_lines = [line for line in lines if line.kind == INCOME]
    earned = beside_lines(income_lines, by_account)
    return Execution(
        key=key,
        as_of=today,
        spending=spending,
        income=tuple(IncomeRow(line, earned.get(line.code)) for line in income_lines),
        outside=spent - sum(sum(row.months) for row in spending),
    )


def _row(
    line: Line, known: Available | None, months: Mapping[int, int], begun: int, reached: int
) -> SpendingRow:
    """``reached``: the month we are in; 0 before the year, 13 after it."""
    waiting, booked = (known.encumbered, known.actual) if known else (0, 0)
    this_month = bool(waiting or months.get(reached))
    return SpendingRow(
        line=line,
        encumbered=waiting,
        actual=booked,
        forecast=forecast(
            line,
            booked + waiting,
            gone=max(0, reached - begun + this_month),
            months=_YEAR - begun + 1,
        ),
        months=tuple(months.get(month, 0) for month in range(1, _YEAR + 1)),
    )


def forecast(line: Line, used: int, *, gone: int, months: int) -> int:
    """What a line will have used by the end of the year, fen.

    ``gone``: how many of its ``months`` in the year have been used, as far as we know.
    """
    if gone >= months:
        return used
    if line.spread != MONTHLY or gone == 0:
        return max(used, line.amount)
    return (used * months + gone // 2) // gone

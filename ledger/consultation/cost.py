"""What the property service costs a square metre and month (成本测算), from the books, in exact integers.

Expenses of the property-service fund over the last full months, as far as the books go back, divided by
the area that was charged in each of these months.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import msgspec
from sqlalchemy import Connection, case, func, select

from ledger.billing.standard import Standards, in_force, load_standards
from ledger.events import load_events
from ledger.journal.head import peek_head
from ledger.periods.calendar import first_day, last_day, period_of
from ledger.store.tables import entry, posting
from ledger.trust.setup import Setup
from ledger.trust.units import Unit, units_on

FUND = "F1"
MONTHS = 12
_FEN_TO_E4 = 100
"""0.0001 yuan in a fen."""
_SQUARE_METRE = 100
"""0.01 m² in a m²."""


class CostLine(msgspec.Struct, frozen=True):
    """What one account took in or paid out, fen."""

    account: str
    name: str
    amount: int


class Cost(msgspec.Struct, frozen=True):
    """The reckoning. ``area_months``: 0.01 m² times months; ``known_at``: how many places the log had."""

    since: date
    until: date
    months: int
    known_at: int
    expenses: tuple[CostLine, ...]
    income: tuple[CostLine, ...]
    area_months: int

    @property
    def total(self) -> int:
        """All expenses, fen: the income that would be needed."""
        return sum(line.amount for line in self.expenses)

    @property
    def earned(self) -> int:
        """All income, fen."""
        return sum(line.amount for line in self.income)

    @property
    def gap(self) -> int:
        """What income fell short of expenses, fen; negative if it was more."""
        return self.total - self.earned

    @property
    def per_area(self) -> Fraction | None:
        """Exact cost of a m² and month in 0.0001 yuan; None if no area was charged."""
        if not self.area_months:
            return None
        return Fraction(self.total * _FEN_TO_E4 * _SQUARE_METRE, self.area_months)

    @property
    def rate_e4(self) -> int | None:
        """The same to the nearest 0.0001 yuan, half up."""
        exact = self.per_area
        return None if exact is None else (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def reckon_cost(conn: Connection, setup: Setup, today: date) -> Cost:
    """The reckoning over the last twelve full months before ``today``, or as many as the books have."""
    until = today.replace(day=1) - timedelta(days=1)
    periods = _periods(setup.opened_on, until)
    since = first_day(periods[0]) if periods else until
    known_at = peek_head(conn, setup.trust_id).tree.size
    amounts = _amounts(conn, setup, since, until, known_at) if periods else {}
    lines = {
        class_: tuple(
            CostLine(account, setup.chart["A", account].name, fen)
            for (kind, account), fen in sorted(amounts.items())
            if kind == class_
        )
        for class_ in ("E", "I")
    }
    return Cost(
        since=since,
        until=until,
        months=len(periods),
        known_at=known_at,
        expenses=lines["E"],
        income=lines["I"],
        area_months=_charged_area(conn, setup.trust_id, periods),
    )


def _periods(opened_on: date, until: date) -> list[int]:
    """The full months, the earliest first: at most twelve, none before the books opened."""
    found: list[int] = []
    day = until
    while len(found) < MONTHS and first_day(period_of(day)) >= opened_on:
        found.append(period_of(day))
        day = first_day(period_of(day)) - timedelta(days=1)
    return found[::-1]


def _amounts(
    conn: Connection, setup: Setup, since: date, until: date, known_at: int
) -> dict[tuple[str, str], int]:
    """Fen by class and account, red letters netted, without what carries a year's result over."""
    chart = setup.chart
    classes = {a.code: a.class_ for a in chart.of_book("A") if a.leaf and a.class_ in ("I", "E")}
    closings = [event.id for event in load_events().values() if event.closing]
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    rows = conn.execute(
        select(posting.c.account, func.sum(signed))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            posting.c.trust_id == setup.trust_id,
            posting.c.book == "A",
            posting.c.fund == FUND,
            posting.c.business_date.between(since, until),
            posting.c.seq < known_at,
            posting.c.account.in_(classes),
            entry.c.event.not_in(closings),
        )
        .group_by(posting.c.account)
    )
    return {
        (classes[account], account): int(fen) * (1 if classes[account] == "E" else -1)
        for account, fen in rows
        if fen
    }


def _charged_area(conn: Connection, trust_id: int, periods: list[int]) -> int:
    """0.01 m² times months that paid the property fee; what changes within a month counts by its last day."""
    standards = load_standards(conn, trust_id, "property")
    return sum(
        charged_area(standards, units_on(conn, trust_id, last_day(period)), last_day(period))
        for period in periods
    )


def charged_area(standards: Standards, units: list[Unit], day: date) -> int:
    """Area (0.01 m²) of the units that some standard charges on a day."""
    found = 0
    for unit in units:
        held = in_force(standards.levels(unit.unit, unit.building, unit.use_kind), day)
        found += unit.area if held is not None and held.charges else 0
    return found

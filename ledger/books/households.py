"""Sub-accounts of the maintenance fund by household (户分账): what each paid in, used and has left.

A household's balance is its part of 3001 and 3002 plus contributions (4001) less uses (5001, 5101) of
the year, which are carried there at its end: so the balance is right on every day. Year-end entries
move money only between these accounts and do not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select, tuple_, union_all

from ledger.books.span import View, of_closing, of_opening
from ledger.store.tables import entry, posting, posting_detail
from ledger.store.tables import unit as unit_table

_ACCOUNTS = ("3001", "3002", "4001", "5001", "5101")
_COLUMNS = (
    ("paid_in", ("4001",)),
    ("shared", ("3001", "3002")),
    ("used", ("5001",)),
    ("returned", ("5101",)),
)


@dataclass(frozen=True, slots=True)
class HouseholdLine:
    """One household in fen. ``shared``: income distributed to it and other changes of 3001; ``used`` and
    ``returned`` are positive and lower the balance. ``unit`` '' is what no household was named for."""

    building: str
    unit: str
    area: int
    opening: int
    paid_in: int
    shared: int
    used: int
    returned: int

    @property
    def closing(self) -> int:
        """What is left."""
        return self.opening + self.paid_in + self.shared - self.used - self.returned

    def amounts(self) -> tuple[int, ...]:
        """In the order of the columns."""
        return (self.opening, self.paid_in, self.shared, self.used, self.returned, self.closing)


def household_lines(
    conn: Connection,
    view: View,
    *,
    building: str = "",
    after: tuple[str, str] | None = None,
    limit: int | None = None,
) -> list[HouseholdLine]:
    """Households by building and unit; ``after`` is the building and unit to go on from. Book M only.

    Every registered unit is there, also one that holds nothing; units that are in the books but were
    never registered follow under building ''.
    """
    sums = _sums(view).subquery()
    query = (
        select(unit_table.c.building, unit_table.c.unit, unit_table.c.area, *sums.c[1:])
        .outerjoin(sums, sums.c.unit == unit_table.c.unit)
        .where(unit_table.c.trust_id == view.trust_id)
        .order_by(unit_table.c.building, unit_table.c.unit)
    )
    if building:
        query = query.where(unit_table.c.building == building)
    if after is not None:
        query = query.where(tuple_(unit_table.c.building, unit_table.c.unit) > tuple_(*after))
    if limit is not None:
        query = query.limit(limit)
    return [
        HouseholdLine(row[0], row[1], row[2], *(int(value or 0) for value in row[3:]))
        for row in conn.execute(query)
    ]


def household_totals(conn: Connection, view: View) -> tuple[HouseholdLine, HouseholdLine]:
    """What belongs to no registered household, and the total of the book: lines and the first add up to it."""
    sums = _sums(view).subquery()
    columns = [func.coalesce(func.sum(column), 0) for column in list(sums.c)[1:]]
    registered = select(unit_table.c.unit).where(unit_table.c.trust_id == view.trust_id)
    unnamed = conn.execute(
        select(*columns).where(or_(sums.c.unit == "", sums.c.unit.not_in(registered)))
    ).one()
    everything = conn.execute(select(*columns)).one()
    return (
        HouseholdLine("", "", 0, *(int(value) for value in unnamed)),
        HouseholdLine("", "", 0, *(int(value) for value in everything)),
    )


def buildings(conn: Connection, trust_id: int) -> list[str]:
    """All buildings with units."""
    query = select(unit_table.c.building).where(unit_table.c.trust_id == trust_id).distinct()
    return list(conn.execute(query.order_by(unit_table.c.building)).scalars())


def _sums(view: View) -> Select[Any]:
    """By unit: opening and the columns. A line's part without a household goes under unit ''."""
    parts = _parts(view).subquery()
    first, opened = view.span.first_day, view.opened_on
    signed = case((parts.c.side == "C", parts.c.amount), else_=-parts.c.amount)
    before: ColumnElement[bool] = parts.c.day < first
    if first <= opened:
        before = or_(before, parts.c.opening)
    within = and_(parts.c.day >= first, ~parts.c.closing, ~before)
    columns: list[ColumnElement[Any]] = [func.sum(case((before, signed), else_=0)).label("opening")]
    for name, codes in _COLUMNS:
        sign = -1 if name in ("used", "returned") else 1
        here = and_(within, parts.c.account.in_(codes))
        columns.append(func.sum(case((here, sign * signed), else_=0)).label(name))
    return select(parts.c.unit, *columns).group_by(parts.c.unit)


def _parts(view: View) -> Any:
    conditions = [
        posting.c.trust_id == view.trust_id,
        posting.c.book == view.book,
        posting.c.account.in_(_ACCOUNTS),
        posting.c.business_date <= view.last,
        posting.c.seq < view.clock.known_at,
    ]
    whole = _columns(func.coalesce(posting.c.unit, ""), posting.c.amount).where(
        *conditions, posting.c.detail_count == 0
    )
    detailed = (
        _columns(posting_detail.c.unit, posting_detail.c.amount)
        .join(
            posting_detail,
            (posting_detail.c.trust_id == posting.c.trust_id)
            & (posting_detail.c.seq == posting.c.seq)
            & (posting_detail.c.line_no == posting.c.line_no),
        )
        .where(*conditions, posting.c.detail_count > 0)
    )
    return union_all(whole, detailed)


def _columns(unit: Any, amount: Any) -> Select[Any]:
    return select(
        unit.label("unit"),
        posting.c.account,
        posting.c.business_date.label("day"),
        posting.c.side,
        amount.label("amount"),
        of_opening().label("opening"),
        of_closing().label("closing"),
    ).join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))


def sum_of(lines: Sequence[HouseholdLine]) -> HouseholdLine:
    """The sum of some households, such as a building's."""
    return HouseholdLine(
        lines[0].building if lines else "",
        "",
        sum(line.area for line in lines),
        sum(line.opening for line in lines),
        sum(line.paid_in for line in lines),
        sum(line.shared for line in lines),
        sum(line.used for line in lines),
        sum(line.returned for line in lines),
    )

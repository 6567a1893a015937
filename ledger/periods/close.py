"""Close a month: check, snapshot, seal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, case, func, insert, literal, select, text, update

from ledger.balances.clock import Clock, base_period
from ledger.errors import Problem, Refused, refuse
from ledger.journal.head import lock_head
from ledger.periods.calendar import following, last_day, period_name, period_of
from ledger.periods.checklist import CheckItem, checklist
from ledger.store.tables import period_balance, period_close, posting, trust, trust_head
from ledger.trust.act import Act


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A closed month of a book. ``size``: the log size at closing."""

    book: str
    period: int
    ends_on: date
    size: int
    closed_at: datetime


def closed_periods(conn: Connection, trust_id: int, book: str = "A") -> list[ClosedPeriod]:
    """All closed months of a book, oldest first."""
    rows = conn.execute(
        select(period_close)
        .where(period_close.c.trust_id == trust_id, period_close.c.book == book)
        .order_by(period_close.c.period)
    )
    return [ClosedPeriod(row.book, row.period, row.ends_on, row.size, row.closed_at) for row in rows]


def next_period(conn: Connection, trust_id: int, book: str) -> int:
    """The month that is to be closed next."""
    closed = closed_periods(conn, trust_id, book)
    if closed:
        return following(closed[-1].period)
    return period_of(conn.execute(select(trust.c.opened_on).where(trust.c.trust_id == trust_id)).scalar_one())


def close_period(
    conn: Connection, trust_id: int, book: str, period: int, *, by: str, act: Act
) -> ClosedPeriod:
    """Close a month of a book for good, with all days before it.

    Months close in order. Raises :class:`~ledger.errors.Refused` with every item that blocks.
    """
    head = lock_head(conn, trust_id)
    expected = next_period(conn, trust_id, book)
    if period != expected:
        raise refuse(
            "period_order",
            f"下一个要结的月份是{period_name(expected)}，不能先结{period_name(period)}",
            "月份",
        )
    items = checklist(conn, trust_id, book, period, act.today)
    blocking = [item for item in items if not item.ok]
    if blocking:
        raise Refused(Problem("close_blocked", item.finding, item.name) for item in blocking)
    ends_on, size = last_day(period), head.tree.size
    _snapshot(conn, trust_id, book, period, Clock(ends_on, size, True))
    conn.execute(
        insert(period_close).values(
            trust_id=trust_id,
            book=book,
            period=period,
            ends_on=ends_on,
            size=size,
            closed_at=act.now,
            closed_by=by,
            checklist=_json(items),
        )
    )
    closed = {**head.closed, book: ends_on}
    conn.execute(
        update(trust_head)
        .where(trust_head.c.trust_id == trust_id)
        .values(closed=msgspec.json.encode(closed).decode())
    )
    return ClosedPeriod(book, period, ends_on, size, act.now)


def _snapshot(conn: Connection, trust_id: int, book: str, period: int, clock: Clock) -> None:
    """Totals since the beginning = last snapshot + the month, in one statement."""
    base = base_period(conn, trust_id, book, clock)
    bank = func.coalesce(posting.c.bank_account, "")
    before = select(
        period_balance.c.account,
        period_balance.c.fund,
        period_balance.c.bank_account,
        period_balance.c.debit,
        period_balance.c.credit,
    ).where(
        period_balance.c.trust_id == trust_id,
        period_balance.c.book == book,
        period_balance.c.period == base.period,
    )
    month = select(
        posting.c.account,
        posting.c.fund,
        bank,
        case((posting.c.side == "D", posting.c.amount), else_=0),
        case((posting.c.side == "C", posting.c.amount), else_=0),
    ).where(posting.c.trust_id == trust_id, posting.c.book == book, posting.c.business_date <= clock.as_of)
    if base.period:
        month = month.where(posting.c.business_date > base.ends_on)
    parts = before.union_all(month).subquery()
    grouped = select(
        literal(trust_id),
        literal(book),
        literal(period),
        parts.c.account,
        parts.c.fund,
        parts.c.bank_account,
        func.sum(parts.c.debit),
        func.sum(parts.c.credit),
    ).group_by(text("4"), text("5"), text("6"))
    conn.execute(insert(period_balance).from_select(list(period_balance.c), grouped))


def _json(items: list[CheckItem]) -> str:
    return msgspec.json.encode([{"name": i.name, "ok": i.ok, "finding": i.finding} for i in items]).decode()

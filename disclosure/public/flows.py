"""What moved, by fund and by month, for pages and charts; what *moved* means is :mod:`ledger.totals.flows`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Select, bindparam, cast, extract, select

from ledger.store.tables import entry, posting
from ledger.totals import (
    CASH,
    Asked,
    Flow,
    entry_flows,
    flow_rows,
    is_cash,
    kept_by_month,
    kept_size,
    overlap,
    sums,
)

__all__ = [
    "CASH",
    "Flow",
    "MonthFlow",
    "entry_flows",
    "flow_rows",
    "flows_by_fund",
    "flows_by_month",
    "is_cash",
    "overlap",
    "sums",
]


@dataclass(frozen=True, slots=True)
class MonthFlow:
    """What moved in one fund in one month (yyyymm)."""

    period: int
    book: str
    fund: str
    flow: Flow


def flows_by_fund(
    conn: Connection, trust_id: int, book: str, first: date, last: date, *, known_at: int | None = None
) -> dict[str, Flow]:
    """What moved in each fund of a book from day to day, as known at a size of the log."""
    conditions = [posting.c.book == book, posting.c.business_date.between(first, last)]
    if known_at is not None:
        conditions.append(posting.c.seq < known_at)
    rows = flow_rows(trust_id, conditions)
    query: Select[Any] = select(rows.c.fund, *sums(rows)).group_by(rows.c.fund).order_by(rows.c.fund)
    return {fund: Flow(*(int(value) for value in values)) for fund, *values in conn.execute(query)}


def flows_by_month(conn: Connection, trust_id: int, first_period: int, last_period: int) -> list[MonthFlow]:
    """What moved in each fund and month from month to month (yyyymm), by month, book and fund.

    From the kept sums and what was posted after them. Months and funds in which nothing moved are left
    out. Over all months, the ``net`` of a fund's flows is the money it has.
    """
    kept, end = kept_size(conn, trust_id)
    found = {
        (item.period, item.book, item.fund): item.flow
        for item in kept_by_month(conn, trust_id, Asked(fund=None, first=first_period, last=last_period))
    }
    if kept < end:
        for later in _flows_since(conn, trust_id, kept):
            if first_period <= later.period <= last_period:
                key = (later.period, later.book, later.fund)
                found[key] = found.get(key, Flow()) + later.flow
    return [MonthFlow(*key, found[key]) for key in sorted(found) if found[key] != Flow()]


def _flows_since(conn: Connection, trust_id: int, low: int) -> list[MonthFlow]:
    return [
        MonthFlow(month, book, fund, Flow(*(int(value) for value in values)))
        for month, book, fund, *values in conn.execute(_later(), {"trust": trust_id, "since": low})
    ]


@cache
def _later() -> Select[Any]:
    """What was posted from a place in the log on, by month, book and fund; built once, as that takes longer
    than running it. By places: a condition on days or accounts would lead SQLite through those."""
    trust_id: Any = bindparam("trust", type_=BigInteger)
    places = select(entry.c.seq).where(
        entry.c.trust_id == trust_id, entry.c.seq >= bindparam("since", type_=BigInteger)
    )
    rows = flow_rows(trust_id, [posting.c.seq.in_(places)])
    day = entry.c.business_date
    period = cast(extract("year", day) * 100 + extract("month", day), Integer)
    return (
        select(period, entry.c.book, rows.c.fund, *sums(rows))
        .join(entry, (entry.c.trust_id == trust_id) & (entry.c.seq == rows.c.seq))
        .group_by(period, entry.c.book, rows.c.fund)
    )

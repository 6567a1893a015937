"""What moved, by fund and by month, for pages and charts; what *moved* means is :mod:`ledger.totals.flows`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Select,
    bindparam,
    cast,
    extract,
    literal_column,
    select,
)

from ledger.store.tables import entry, posting
from ledger.totals import (
    CASH,
    Asked,
    Flow,
    after_kept,
    entry_flows,
    flow_rows,
    is_cash,
    kept_sums,
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
    kept = kept_sums(conn, trust_id, Asked(fund=None, first=first_period, last=last_period))
    found = {(item.period, item.book, item.fund): item.flow for item in kept.months}
    if kept.reached < kept.size:
        for later in _flows_later(conn, trust_id):
            if first_period <= later.period <= last_period:
                key = (later.period, later.book, later.fund)
                found[key] = found.get(key, Flow()) + later.flow
    return [MonthFlow(*key, found[key]) for key in sorted(found) if found[key] != Flow()]


def _flows_later(conn: Connection, trust_id: int) -> list[MonthFlow]:
    statement = _later(by_place=conn.dialect.name == "postgresql")
    return [
        MonthFlow(month, book, fund, Flow(*(int(value) for value in values)))
        for month, book, fund, *values in conn.execute(statement, {"trust": trust_id})
    ]


@cache
def _later(*, by_place: bool) -> Select[Any]:
    """What was posted after the kept sums, by month, book and fund; built once: that takes longer than running it."""
    trust_id: Any = bindparam("trust", type_=BigInteger)
    rows = flow_rows(trust_id, [after_kept(posting.c.seq, by_place=by_place)])
    day = entry.c.business_date
    hundred: Any = literal_column("100", Integer)
    period = cast(extract("year", day) * hundred + extract("month", day), Integer)
    return (
        select(period, entry.c.book, rows.c.fund, *sums(rows))
        .join(entry, (entry.c.trust_id == trust_id) & (entry.c.seq == rows.c.seq))
        .group_by(period, entry.c.book, rows.c.fund)
    )

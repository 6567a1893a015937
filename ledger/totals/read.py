"""Read the kept sums."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger.store.tables import list_head, list_total, trust_head
from ledger.totals.flows import FLOW_NAMES, Flow


@dataclass(frozen=True, slots=True)
class Kept:
    """How many entries, and what cash they moved, in one month and book (and direction or fund if asked)."""

    period: int
    book: str
    fund: str
    entries: int
    flow: Flow


def kept_size(conn: Connection, trust_id: int) -> tuple[int, int]:
    """How much of the log the kept sums cover, and how long the log is."""
    row = conn.execute(
        select(func.coalesce(list_head.c.size, 0), trust_head.c.size)
        .outerjoin(list_head, list_head.c.trust_id == trust_head.c.trust_id)
        .where(trust_head.c.trust_id == trust_id)
    ).one()
    return int(row[0]), int(row[1])


def kept_by_month(
    conn: Connection,
    trust_id: int,
    *,
    kind: str = "all",
    key: str = "",
    fund: str | None = "",
    book: str = "",
    first: int = 0,
    last: int = 999_999,
    direction: str = "",
) -> list[Kept]:
    """The kept sums of one thing by month and book, and by fund if ``fund`` is None; months yyyymm."""
    columns = (list_total.c.period, list_total.c.book, list_total.c.fund)
    query = select(*columns, func.sum(list_total.c.entries), *(func.sum(list_total.c[n]) for n in FLOW_NAMES))
    query = query.where(
        list_total.c.trust_id == trust_id,
        list_total.c.kind == kind,
        list_total.c.key == key,
        list_total.c.fund != "" if fund is None else list_total.c.fund == fund,
        list_total.c.period.between(first, last),
    )
    if book:
        query = query.where(list_total.c.book == book)
    if direction:
        query = query.where(list_total.c.direction == direction)
    rows = conn.execute(query.group_by(*columns).order_by(*columns))
    return [
        Kept(period, of_book, of_fund, int(count), Flow(*(int(value) for value in values)))
        for period, of_book, of_fund, count, *values in rows
    ]

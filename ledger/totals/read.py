"""Read the kept sums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, bindparam, func, select

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
    row = conn.execute(_sizes(), {"trust": trust_id}).one()
    return int(row[0]), int(row[1])


@cache
def _sizes() -> Select[Any]:
    return (
        select(func.coalesce(list_head.c.size, 0), trust_head.c.size)
        .outerjoin(list_head, list_head.c.trust_id == trust_head.c.trust_id)
        .where(trust_head.c.trust_id == bindparam("trust", type_=BigInteger))
    )


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
    asked = {"trust": trust_id, "kind": kind, "key": key, "first": first, "last": last}
    narrowed = {"of_fund": fund, "of_book": book or None, "to": direction or None}
    given = {name: value for name, value in narrowed.items() if value is not None}
    rows = conn.execute(_by_month(frozenset(given)), {**asked, **given})
    return [
        Kept(period, of_book, of_fund, int(count), Flow(*(int(value) for value in values)))
        for period, of_book, of_fund, count, *values in rows
    ]


@lru_cache
def _by_month(given: frozenset[str]) -> Select[Any]:
    """Built once for each way of asking: every page asks it, and building takes longer than running."""
    columns = (list_total.c.period, list_total.c.book, list_total.c.fund)
    query = select(*columns, func.sum(list_total.c.entries), *(func.sum(list_total.c[n]) for n in FLOW_NAMES))
    query = query.where(
        list_total.c.trust_id == bindparam("trust", type_=BigInteger),
        list_total.c.kind == bindparam("kind"),
        list_total.c.key == bindparam("key"),
        list_total.c.fund == bindparam("of_fund") if "of_fund" in given else list_total.c.fund != "",
        list_total.c.period.between(bindparam("first"), bindparam("last")),
    )
    if "of_book" in given:
        query = query.where(list_total.c.book == bindparam("of_book"))
    if "to" in given:
        query = query.where(list_total.c.direction == bindparam("to"))
    return query.group_by(*columns).order_by(*columns)

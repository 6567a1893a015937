"""Cash by year of many vendors, contracts or sites at once: the sums that lists of entries have, no scan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, Row, extract, func, select

from ledger.store.tables import entry, list_total, posting
from ledger.totals import Flow, flow_rows, kept_size, sums
from ledger.totals.flows import FLOW_NAMES

Kind = Literal["vendor", "contract", "site"]
ByYear = Mapping[int, Flow]


def cash_by_year(
    conn: Connection, trust_id: int, kind: Kind, keys: Sequence[str]
) -> dict[str, dict[int, Flow]]:
    """What the entries that name each key moved, by key and calendar year; three queries.

    Equal to the totals of the list of entries with the same filter.
    """
    found: dict[str, dict[int, Flow]] = defaultdict(lambda: defaultdict(Flow))
    if not keys:
        return {}
    kept, size = kept_size(conn, trust_id)
    year = list_total.c.period // 100
    query = (
        select(list_total.c.key, year, *(func.sum(list_total.c[name]) for name in FLOW_NAMES))
        .where(
            list_total.c.trust_id == trust_id,
            list_total.c.kind == kind,
            list_total.c.key.in_(keys),
            list_total.c.fund == "",
        )
        .group_by(list_total.c.key, year)
    )
    rows = list(conn.execute(query).all())
    if kept < size:
        rows += _later(conn, trust_id, kind, keys, kept)
    for key, of_year, *values in rows:
        found[key][int(of_year)] += Flow(*(int(value) for value in values))
    return {key: dict(years) for key, years in found.items()}


def _later(
    conn: Connection, trust_id: int, kind: Kind, keys: Sequence[str], since: int
) -> Sequence[Row[Any]]:
    """The same for entries that the kept sums do not cover yet."""
    column = posting.c[kind]
    places = select(entry.c.seq).where(entry.c.trust_id == trust_id, entry.c.seq >= since)
    named = (posting.c.trust_id == trust_id, column.in_(keys), posting.c.seq.in_(places))
    touched = select(posting.c.seq, column.label("key")).where(*named).distinct().subquery()
    flows = flow_rows(trust_id, [posting.c.seq.in_(select(posting.c.seq).where(*named))])
    year = extract("year", entry.c.business_date)
    query = (
        select(touched.c.key, year, *sums(flows))
        .join(flows, flows.c.seq == touched.c.seq)
        .join(entry, (entry.c.trust_id == trust_id) & (entry.c.seq == touched.c.seq))
        .group_by(touched.c.key, year)
    )
    return conn.execute(query).all()


def total(years: ByYear) -> Flow:
    """All years together."""
    return sum(years.values(), Flow())

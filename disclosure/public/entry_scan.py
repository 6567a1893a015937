"""Find a page of entries without reading more of the books than a page may cost.

The entries that may be wanted come in order along the narrowest way. Whatever else is asked is looked at
entry by entry, first over a few, then over more, and at last over ``MOST``; a search that found less than
a page by then says how far it has looked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, Subquery, func, select

from disclosure.public.entry_filter import Cursor, Filter, conditions, direction_condition
from disclosure.public.entry_totals import months_with
from disclosure.public.entry_ways import in_order, narrowest_way
from ledger.periods.calendar import first_day, last_day, period_of
from ledger.store.tables import entry, leaf

STEPS = (120, 500, 2_000, 8_000, 20_000)
MOST = STEPS[-1]


@dataclass(frozen=True, slots=True)
class Found:
    """Leaves of entries in the order asked; ``looked_to`` is where looking stopped before a page was full."""

    bodies: tuple[bytes, ...]
    looked_to: Cursor | None = None


def find_entries(
    conn: Connection,
    trust_id: int,
    wanted: Filter,
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
    size: int,
) -> Found:
    """Up to ``size`` entries older than ``before`` and newest first, or newer than ``after`` and oldest first."""
    way = narrowest_way(conn, trust_id, wanted)
    rest = conditions(trust_id, wanted, way.sees_to)
    exact = not rest and not wanted.direction
    span = wanted if exact else _narrowed(conn, trust_id, wanted, before)
    if span is None:
        return Found(())
    end: Cursor | None = None
    for limit in (size,) if exact else STEPS:
        candidates = way.candidates(span, before=before, after=after, limit=limit)
        query = (
            select(leaf.c.body)
            .select_from(candidates)
            .join(entry, (entry.c.trust_id == trust_id) & (entry.c.seq == candidates.c.seq))
            .join(leaf, (leaf.c.trust_id == trust_id) & (leaf.c.seq == candidates.c.seq))
            .where(*rest)
            .order_by(*in_order(candidates.c.day, candidates.c.seq, oldest_first=after is not None))
            .limit(size)
        )
        if wanted.direction:
            query = query.where(direction_condition(trust_id, wanted.direction, select(candidates.c.seq)))
        bodies = tuple(bytes(body) for body in conn.execute(query).scalars())
        if exact or len(bodies) == size:
            return Found(bodies)
        end = _end(conn, candidates, limit, oldest_first=after is not None)
        if end is None:
            break
    return Found(bodies, end)


def _end(conn: Connection, candidates: Subquery, limit: int, *, oldest_first: bool) -> Cursor | None:
    """The last of the candidates, or None if there were fewer than could have been."""
    if conn.execute(select(func.count()).select_from(candidates)).scalar_one() < limit:
        return None
    last = in_order(candidates.c.day, candidates.c.seq, oldest_first=not oldest_first)
    day, seq = conn.execute(select(candidates.c.day, candidates.c.seq).order_by(*last).limit(1)).one()
    return Cursor(day, seq)


def _narrowed(conn: Connection, trust_id: int, wanted: Filter, before: Cursor | None) -> Filter | None:
    """The same, only over the months that have any according to the kept sums; None if there are none."""
    months = months_with(conn, trust_id, wanted)
    if months is None:
        return wanted
    if before is not None:
        months = [month for month in months if month <= period_of(before.day)]
    if not months:
        return None
    first, last = first_day(min(months)), last_day(max(months))
    return replace(
        wanted,
        first=max(first, wanted.first) if wanted.first else first,
        last=min(last, wanted.last) if wanted.last else last,
    )

"""Find a page of entries without reading more of the books than a page may cost.

The entries that may be wanted come in order along the narrowest way. Whatever else is asked is looked at
entry by entry, a few at first, then more and more, ``MOST`` altogether; a search that found less than a page
by then says how far it has looked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, Subquery, select

from disclosure.public.entry_filter import Cursor, Filter, conditions, direction_condition
from disclosure.public.entry_totals import months_with
from disclosure.public.entry_ways import in_order, narrowest_way
from ledger.periods.calendar import first_day, last_day, period_of
from ledger.store.tables import entry, leaf

STEPS = (120, 380, 1_500, 6_000, 12_000)
MOST = sum(STEPS)


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
    undated = replace(wanted, first=None, last=None)  # every way keeps to the days
    rest = conditions(trust_id, undated, way.sees_to)
    exact = not rest and not wanted.direction
    span = wanted
    found: list[bytes] = []
    oldest_first = after is not None
    for limit in (size,) if exact else STEPS:
        candidates = way.candidates(span, before=before, after=after, limit=limit)
        passing = rest
        if wanted.direction:
            passing = [*rest, direction_condition(trust_id, wanted.direction, select(candidates.c.seq))]
        found += _bodies(conn, trust_id, candidates, passing, size - len(found), oldest_first=oldest_first)
        if exact or len(found) == size:
            return Found(tuple(found))
        looked_to = _last(conn, candidates, limit, oldest_first=oldest_first)
        if looked_to is None:
            return Found(tuple(found))
        before, after = (None, looked_to) if oldest_first else (looked_to, None)
        if limit == STEPS[0]:
            narrowed = _narrowed(conn, trust_id, wanted, before)
            if narrowed is None:
                return Found(tuple(found))
            span = narrowed
    return Found(tuple(found), looked_to)


def _bodies(
    conn: Connection,
    trust_id: int,
    candidates: Subquery,
    passing: Sequence[ColumnElement[bool]],
    size: int,
    *,
    oldest_first: bool,
) -> Iterator[bytes]:
    query = (
        select(leaf.c.body)
        .select_from(candidates)
        .join(entry, (entry.c.trust_id == trust_id) & (entry.c.seq == candidates.c.seq))
        .join(leaf, (leaf.c.trust_id == trust_id) & (leaf.c.seq == candidates.c.seq))
        .where(*passing)
        .order_by(*in_order(candidates.c.day, candidates.c.seq, oldest_first=oldest_first))
        .limit(size)
    )
    return (bytes(body) for body in conn.execute(query).scalars())


def _last(conn: Connection, candidates: Subquery, limit: int, *, oldest_first: bool) -> Cursor | None:
    """The last of the candidates, or None if there were fewer than could have been."""
    ordered = in_order(candidates.c.day, candidates.c.seq, oldest_first=oldest_first)
    row = conn.execute(select(candidates).order_by(*ordered).offset(limit - 1)).first()
    return None if row is None else Cursor(*row)


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

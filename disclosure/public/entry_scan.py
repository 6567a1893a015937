"""Find a page of entries without reading more of the books than a page may cost.

The entries that may be wanted come in order along the narrowest way. Whatever else is asked is looked at
entry by entry, a few at first, then more and more, ``MOST`` altogether; a search that found less than a page
by then says how far it has looked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, literal_column, select

from disclosure.public.entry_filter import Cursor, Filter, conditions, direction_condition
from disclosure.public.entry_ranges import TRUST, Bounds, Shape, bounds_of, candidates, in_order
from disclosure.public.entry_totals import months_with
from disclosure.public.entry_ways import narrowest_way
from disclosure.public.listed import Listed, corrected_page, read_listed
from ledger.periods.calendar import first_day, last_day, period_of
from ledger.store.tables import entry, leaf

STEPS = (120, 380, 1_500, 6_000, 12_000)
MOST = sum(STEPS)


@dataclass(frozen=True, slots=True)
class Found:
    """Entries in the order asked; ``looked_to`` is where looking stopped before a page was full."""

    entries: tuple[Listed, ...]
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
    exact = _is_exact(undated, way.sees_to)
    span = wanted
    found: list[Listed] = []
    for limit in (size,) if exact else STEPS:
        bounds, values = bounds_of(span, before, after)
        look = _Look(way.shape, bounds, Filter() if exact else undated, way.sees_to, limit, size)
        values |= {"trust": trust_id, **way.values}
        found += read_listed(conn.execute(_page(look), values))[: size - len(found)]
        if exact or len(found) == size:
            return Found(tuple(found))
        last = conn.execute(_last(look), values).first()
        if last is None:  # there were fewer candidates than could have been
            return Found(tuple(found))
        looked_to = Cursor(*last)
        before, after = (None, looked_to) if bounds.oldest_first else (looked_to, None)
        if limit == STEPS[0]:
            narrowed = _narrowed(conn, trust_id, wanted, before)
            if narrowed is None:
                return Found(tuple(found))
            span = narrowed
    return Found(tuple(found), looked_to)


@dataclass(frozen=True, slots=True)
class _Look:
    """What the statements of one look along a way depend on; ``rest`` is what it has to look at entry by entry."""

    shape: Shape
    bounds: Bounds
    rest: Filter
    sees_to: str
    limit: int
    size: int


@lru_cache(maxsize=256)
def _is_exact(undated: Filter, sees_to: str) -> bool:
    """Whether every entry on the way is wanted."""
    return not undated.direction and not conditions(TRUST, undated, sees_to)


@lru_cache(maxsize=256)
def _page(look: _Look) -> Select[Any]:
    """A page of the candidates that pass. Its size is spelled out: for more rows SQLite would go through all entries
    once to be quicker at looking up what corrected them."""
    found = candidates(look.shape, look.bounds, limit=look.limit)
    passing = conditions(TRUST, look.rest, look.sees_to)
    if look.rest.direction:
        passing.append(direction_condition(TRUST, look.rest.direction, select(found.c.seq)))
    query = select(found.c.day, found.c.seq, leaf.c.body).select_from(found)
    if passing:
        query = query.join(entry, (entry.c.trust_id == TRUST) & (entry.c.seq == found.c.seq))
    page = (
        query.join(leaf, (leaf.c.trust_id == TRUST) & (leaf.c.seq == found.c.seq))
        .where(*passing)
        .order_by(*in_order(found.c.day, found.c.seq, oldest_first=look.bounds.oldest_first))
        .limit(literal_column(str(look.size), Integer))
        .subquery("page")
    )
    ordered = in_order(page.c.day, page.c.seq, oldest_first=look.bounds.oldest_first)
    return corrected_page(page).order_by(*ordered)


@lru_cache(maxsize=256)
def _last(look: _Look) -> Select[Any]:
    """The last of the candidates, if there were as many as could have been."""
    found = candidates(look.shape, look.bounds, limit=look.limit)
    ordered = in_order(found.c.day, found.c.seq, oldest_first=look.bounds.oldest_first)
    return select(found).order_by(*ordered).offset(look.limit - 1)


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

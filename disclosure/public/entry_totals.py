"""How many entries pass a filter, and the cash they moved: from kept sums where there are any, always exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from disclosure.public.entry_filter import Filter, conditions, direction_condition, read_ref
from disclosure.public.entry_ways import narrowest_way
from ledger.periods.calendar import last_day, period_of
from ledger.store.tables import entry, posting
from ledger.totals import Flow, Kept, flow_rows, kept_by_month, kept_size, sums

NOTHING = Flow()
_AFFORDABLE = 15_000
"""Entries that may be added up while somebody waits for a page."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all entries that pass a filter: how many, and the cash they moved.

    ``common`` is book A; the maintenance fund is a book of its own and never added to it. With a fund, only
    that fund's cash.
    """

    count: int = 0
    common: Flow = NOTHING
    maintenance: Flow = NOTHING

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.count + other.count, self.common + other.common, self.maintenance + other.maintenance
        )


def entry_totals(conn: Connection, trust_id: int, wanted: Filter) -> Totals:
    """Count and cash of everything that passes the filter; may take seconds if no sum is kept of it."""
    kept, size = kept_size(conn, trust_id)
    if not _is_kept(wanted):
        return _added_up(conn, trust_id, wanted)
    totals = _summed(_kept(conn, trust_id, wanted, *(wanted.named or [("all", "")])[0]))
    if kept < size:
        totals += _added_up(conn, trust_id, wanted, since=kept)
    return totals


def cheap_totals(conn: Connection, trust_id: int, wanted: Filter) -> Totals | None:
    """The same, or None if that would mean to add up more entries than a page may cost."""
    if _is_kept(wanted) or _at_most(conn, trust_id, wanted) <= _AFFORDABLE:
        return entry_totals(conn, trust_id, wanted)
    return None


def _is_kept(wanted: Filter) -> bool:
    """Whether sums of exactly this are kept: whole months, a direction, a fund, and one other thing."""
    whole = (wanted.first is None or wanted.first.day == 1) and (
        wanted.last is None or wanted.last == last_day(period_of(wanted.last))
    )
    named = wanted.named
    return whole and not wanted.odd and len(named) <= 1 and all(_known(*item) for item in named)


def months_with(conn: Connection, trust_id: int, wanted: Filter) -> list[int] | None:
    """The only months (yyyymm) that can have entries that pass, or None if the kept sums can't tell."""
    kept, size = kept_size(conn, trust_id)
    if kept < size:
        return None
    named = [item for item in wanted.named if _known(*item)] or [("all", "")]
    return sorted({item.period for item in _kept(conn, trust_id, wanted, *named[0]) if item.entries})


def _known(kind: str, key: str) -> bool:
    """Whether sums are kept of it: not of every beginning of an account's code."""
    return kind != "account" or len(key) in (4, 6)


def _kept(conn: Connection, trust_id: int, wanted: Filter, kind: str, key: str) -> list[Kept]:
    return kept_by_month(
        conn,
        trust_id,
        kind=kind,
        key=key,
        fund=wanted.fund,
        book=wanted.book,
        first=period_of(wanted.first) if wanted.first else 0,
        last=period_of(wanted.last) if wanted.last else 999_999,
        direction=wanted.direction,
    )


def _summed(kept: list[Kept]) -> Totals:
    return sum(
        (
            Totals(item.entries, *((NOTHING, item.flow) if item.book == "M" else (item.flow, NOTHING)))
            for item in kept
        ),
        Totals(),
    )


def _at_most(conn: Connection, trust_id: int, wanted: Filter) -> int:
    """A number of entries that surely is not exceeded: of the rarest thing asked, in the months asked."""
    kept, size = kept_size(conn, trust_id)
    bounds = [("all", ""), *(item for item in wanted.named if _known(*item))]
    most = min(sum(item.entries for item in _kept(conn, trust_id, wanted, *bound)) for bound in bounds)
    if read_ref(wanted.text):
        return 1
    if wanted.corrected or wanted.late or wanted.question:
        rare = Filter(corrected=wanted.corrected, late=wanted.late, question=wanted.question)
        most = min(most, _count(conn, trust_id, conditions(trust_id, rare)))
    return most + size - kept


def _count(conn: Connection, trust_id: int, where: list[ColumnElement[bool]]) -> int:
    some = select(entry.c.seq).where(entry.c.trust_id == trust_id, *where).limit(_AFFORDABLE + 1).subquery()
    return int(conn.execute(select(func.count()).select_from(some)).scalar_one())


def _added_up(conn: Connection, trust_id: int, wanted: Filter, *, since: int = 0) -> Totals:
    matched_seqs = _matched(conn, trust_id, wanted, since).cte("matched")
    rows = flow_rows(trust_id, [posting.c.seq.in_(select(matched_seqs.c.seq))])
    count = select(func.count()).select_from(matched_seqs).scalar_subquery()
    apart = rows.c.fund == "M"
    query = select(count, *sums(rows, ~apart), *sums(rows, apart)).select_from(rows)
    if wanted.fund:
        query = query.where(rows.c.fund == wanted.fund)
    number, *values = (int(value) for value in conn.execute(query).one())
    return Totals(number, Flow(*values[:5]), Flow(*values[5:]))


def _matched(conn: Connection, trust_id: int, wanted: Filter, since: int) -> Select[Any]:
    """The places of the entries that pass: the newest of the log directly, otherwise along the narrowest way."""
    matched = select(entry.c.seq).where(entry.c.trust_id == trust_id)
    if since:
        matched = matched.where(entry.c.seq >= since, *conditions(trust_id, wanted))
    else:
        way = narrowest_way(conn, trust_id, wanted)
        matched = matched.where(*conditions(trust_id, wanted, way.sees_to))
        if way.sees_to:
            matched = matched.where(entry.c.seq.in_(select(way.candidates(wanted).c.seq)))
    if wanted.direction:
        matched = matched.where(direction_condition(trust_id, wanted.direction, matched))
    return matched

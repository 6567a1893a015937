"""How many entries pass a filter, and the cash they moved: from kept sums where there are any, always exact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    case,
    func,
    literal_column,
    select,
    union_all,
)

from disclosure.public.downloads import adding_up
from disclosure.public.entry_filter import Filter, conditions, direction_condition, read_ref
from disclosure.public.entry_ranges import TRUST, bounds_of, candidates
from disclosure.public.entry_ways import narrowest_way
from ledger.periods.calendar import last_day, period_of
from ledger.store.tables import entry, posting
from ledger.totals import FLOW_NAMES, Asked, Flow, after_kept, flow_rows, kept_by_book, kept_sums, sums

NOTHING = Flow()
_AFFORDABLE = 15_000
"""Entries that may be added up while somebody waits for a page."""
_FEW_LATER = 2_000
"""Entries after the kept sums that may be looked through to learn in which months to look at all."""


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
    if not _is_kept(wanted):
        return _added_up(conn, trust_id, wanted)
    asked = _asked(wanted, *(wanted.named or [("all", "")])[0])
    statement = _kept_and_later(wanted, asked.narrowed, by_place=_by_place(conn))
    return _read(conn.execute(statement, asked.values(trust_id)))


def cheap_totals(conn: Connection, trust_id: int, wanted: Filter) -> Totals | None:
    """The same, or None if that would mean to add up more entries than a page may cost."""
    if _is_kept(wanted) or _at_most(conn, trust_id, wanted) <= _AFFORDABLE:
        return entry_totals(conn, trust_id, wanted)
    return None


def costly_totals(conn: Connection, trust_id: int, wanted: Filter) -> Totals:
    """The same for whoever is ready to wait. Raises :class:`~disclosure.paper.Busy` if too many are."""
    totals = cheap_totals(conn, trust_id, wanted)
    if totals is not None:
        return totals
    with adding_up():
        return entry_totals(conn, trust_id, wanted)


def _is_kept(wanted: Filter) -> bool:
    """Whether sums of exactly this are kept: whole months, a direction, a fund, and one other thing."""
    whole = (wanted.first is None or wanted.first.day == 1) and (
        wanted.last is None or wanted.last == last_day(period_of(wanted.last))
    )
    named = wanted.named
    return whole and not wanted.odd and len(named) <= 1 and all(_known(*item) for item in named)


def months_with(conn: Connection, trust_id: int, wanted: Filter) -> list[int] | None:
    """The only months (yyyymm) that can have entries that pass, or None if it would take long to tell."""
    named = [item for item in wanted.named if _known(*item)] or [("all", "")]
    kept = kept_sums(conn, trust_id, _asked(wanted, *named[0]))
    if kept.size - kept.reached > _FEW_LATER:
        return None
    months = {item.period for item in kept.months if item.entries}
    if kept.reached < kept.size:
        later = _matched_later(TRUST, wanted, after_kept(entry.c.seq, by_place=_by_place(conn)))
        days = later.with_only_columns(entry.c.business_date)
        months.update(map(period_of, conn.execute(days.distinct(), {"trust": trust_id}).scalars()))
    return sorted(months)


def _known(kind: str, key: str) -> bool:
    """Whether sums are kept of it: not of every beginning of an account's code."""
    return kind != "account" or len(key) in (4, 6)


def _asked(wanted: Filter, kind: str, key: str) -> Asked:
    """Which kept sums answer for one thing of a filter."""
    return Asked(
        kind,
        key,
        fund=wanted.fund,
        book=wanted.book,
        first=period_of(wanted.first) if wanted.first else 0,
        last=period_of(wanted.last) if wanted.last else 999_999,
        direction=wanted.direction,
    )


def _at_most(conn: Connection, trust_id: int, wanted: Filter) -> int:
    """A number of entries that surely is not exceeded: of the rarest thing asked, in the months asked."""
    bounds = [("all", ""), *(item for item in wanted.named if _known(*item))]
    found = [kept_sums(conn, trust_id, _asked(wanted, *bound)) for bound in bounds]
    most = min(sum(item.entries for item in kept.months) for kept in found)
    if read_ref(wanted.text):
        return 1
    if wanted.corrected or wanted.late or wanted.question:
        rare = Filter(corrected=wanted.corrected, late=wanted.late, question=wanted.question)
        most = min(most, _count(conn, trust_id, conditions(trust_id, rare)))
    return most + found[0].size - found[0].reached


def _count(conn: Connection, trust_id: int, where: list[ColumnElement[bool]]) -> int:
    some = select(entry.c.seq).where(entry.c.trust_id == trust_id, *where).limit(_AFFORDABLE + 1).subquery()
    return int(conn.execute(select(func.count()).select_from(some)).scalar_one())


def _added_up(conn: Connection, trust_id: int, wanted: Filter) -> Totals:
    """Along the narrowest way."""
    way = narrowest_way(conn, trust_id, wanted)
    bounds, values = bounds_of(wanted)
    matched = select(entry.c.seq).where(entry.c.trust_id == TRUST, *conditions(TRUST, wanted, way.sees_to))
    if way.sees_to:
        matched = matched.where(entry.c.seq.in_(select(candidates(way.shape, bounds).c.seq)))
        values |= way.values
    matched = _in_direction(matched, TRUST, wanted)
    together = union_all(*_totals_of(matched, wanted))
    return _read(conn.execute(together, {**values, "trust": trust_id}))


def _totals_of(matched: Select[Any], wanted: Filter) -> tuple[Select[Any], Select[Any]]:
    """How many entries, and what they moved in book A and in the maintenance fund; as rows for :func:`_read`."""
    places = matched.cte("matched")
    rows = flow_rows(TRUST, [posting.c.seq.in_(select(places.c.seq))])
    counted = select(_constant("''"), func.count(), *(_constant("0") for _ in FLOW_NAMES)).select_from(places)
    book = case((rows.c.fund == _constant("'M'"), _constant("'M'")), else_=_constant("'A'"))
    flows = select(book, _constant("0"), *sums(rows)).group_by(book)
    return counted, flows.where(rows.c.fund == wanted.fund) if wanted.fund else flows


def _constant(sql: str) -> Any:
    return literal_column(sql)


def _read(rows: Iterable[Sequence[Any]]) -> Totals:
    """Add up rows of book, number of entries and the sums of a Flow."""
    totals = Totals()
    for book, number, *values in rows:
        flow = Flow(*map(int, values))
        totals += Totals(int(number), *((NOTHING, flow) if book == "M" else (flow, NOTHING)))
    return totals


def _matched_later(trust_id: Any, wanted: Filter, later: ColumnElement[bool]) -> Select[Any]:
    """The places of the entries that pass, from a place in the log on."""
    matched = select(entry.c.seq).where(entry.c.trust_id == trust_id, later, *conditions(trust_id, wanted))
    return _in_direction(matched, trust_id, wanted)


def _by_place(conn: Connection) -> bool:
    """How :func:`~ledger.totals.after_kept` is to say it."""
    return conn.dialect.name == "postgresql"


def _in_direction(matched: Select[Any], trust_id: int, wanted: Filter) -> Select[Any]:
    if not wanted.direction:
        return matched
    passing = matched.cte("passing")
    among = select(passing.c.seq)
    in_direction = direction_condition(trust_id, wanted.direction, among)
    return select(entry.c.seq).where(entry.c.trust_id == trust_id, entry.c.seq.in_(among), in_direction)


@lru_cache(maxsize=256)
def _kept_and_later(wanted: Filter, narrowed: frozenset[str], *, by_place: bool) -> CompoundSelect[Any]:
    """The kept sums, and those of the entries after them; built once for a filter."""
    later = _matched_later(TRUST, wanted, after_kept(entry.c.seq, by_place=by_place))
    return union_all(kept_by_book(narrowed), *_totals_of(later, wanted))

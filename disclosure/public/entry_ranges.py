"""Ranges of indexes that have entries in the order of a list, and the statements that read along them.

A range is a plain value. What is the same for all ranges of one shape, the statement, is built once and given
values when it runs: building it takes longer than running it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    Subquery,
    bindparam,
    false,
    literal_column,
    select,
    tuple_,
    union_all,
)

from disclosure.public.entry_filter import Cursor, Filter, asked_places, corrected_places
from ledger.store.tables import entry, entry_reference, posting

TRUST: Any = bindparam("trust", type_=BigInteger)
"""The trust, in every statement here."""
_TABLES = {"entry": entry, "posting": posting, "entry_reference": entry_reference}


@dataclass(frozen=True, slots=True)
class Range:
    """Part of an index: the rows of a table that have these values in these columns.

    ``only`` narrows entries by name (``corrected``, ``late``, ``question``, ``nothing``); of references it is the
    kind, which a statement must spell out for their partial index to serve.
    """

    table: str
    values: tuple[tuple[str, str | int], ...] = ()
    only: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement over ranges depends on; ``parts`` are their tables, ``only`` and columns."""

    parts: tuple[tuple[str, str, tuple[str, ...]], ...]
    distinct: bool


@dataclass(frozen=True, slots=True)
class Way:
    """Ranges that together have every entry that may be wanted; ``sees_to``: what they already see to.

    ``distinct`` if an entry may be in them more than once.
    """

    ranges: tuple[Range, ...]
    sees_to: str
    distinct: bool = False

    @property
    def shape(self) -> Shape:
        """What the statement is built from."""
        parts = ((r.table, r.only, tuple(column for column, _ in r.values)) for r in self.ranges)
        return Shape(tuple(parts), self.distinct)

    @property
    def values(self) -> dict[str, Any]:
        """What the statement is run with, besides ``trust`` and the bounds."""
        return {
            _named(number, column): value
            for number, part in enumerate(self.ranges)
            for column, value in part.values
        }


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which bounds a statement has: a first and a last day, a place to go on ``before`` or ``after``, or ''."""

    first: bool
    last: bool
    onward: str

    @property
    def oldest_first(self) -> bool:
        """The order of what is read: towards newer entries the oldest comes first."""
        return self.onward == "after"


def bounds_of(
    wanted: Filter, before: Cursor | None = None, after: Cursor | None = None
) -> tuple[Bounds, dict[str, Any]]:
    """The bounds, and the values of those there are."""
    onward = "after" if after is not None else "before" if before is not None else ""
    found = {"first": wanted.first, "last": wanted.last}
    values: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
    place = after or before
    if place is not None:
        values |= {"from_day": place.day, "from_seq": place.seq}
    return Bounds(wanted.first is not None, wanted.last is not None, onward), values


def candidates(shape: Shape, bounds: Bounds, *, limit: int | None = None) -> Subquery:
    """Day and place of the entries in the ranges, newest first (oldest first with ``after``), each once."""
    parts = []
    for number, part in enumerate(shape.parts):
        day, seq, where = _range(number, *part)
        query = select(day.label("day"), seq.label("seq")).where(*where, *_within(day, seq, bounds))
        query = _limited(query, day, seq, bounds, limit)
        parts.append(query.distinct() if shape.distinct else query)
    if len(parts) == 1:
        return parts[0].subquery("candidates")
    together = union_all(*(select(part.subquery()) for part in parts)).subquery()
    merged = select(together.c.day, together.c.seq).distinct()
    return _limited(merged, together.c.day, together.c.seq, bounds, limit).subquery("candidates")


def in_order(day: Any, seq: Any, *, oldest_first: bool) -> Sequence[Any]:
    """The order of a list."""
    return (day, seq) if oldest_first else (day.desc(), seq.desc())


def _limited(query: Select[Any], day: Any, seq: Any, bounds: Bounds, limit: int | None) -> Select[Any]:
    if limit is None:
        return query
    ordered = query.order_by(*in_order(day, seq, oldest_first=bounds.oldest_first))
    # spelled out: of a limit that may be anything PostgreSQL expects a tenth of the books, and plans anew each time
    return ordered.limit(literal_column(str(limit), Integer))


def _range(number: int, name: str, only: str, columns: tuple[str, ...]) -> tuple[Any, Any, list[Any]]:
    """The day and the place of the entries in a range, and its conditions."""
    table = _TABLES[name]
    where: list[ColumnElement[bool]] = [table.c.trust_id == TRUST]
    where += [table.c[c] == bindparam(_named(number, c), type_=table.c[c].type) for c in columns]
    if table is entry_reference:
        of_kind = entry_reference.c.kind == literal_column(f"'{only}'")
        own = (entry.c.trust_id == TRUST, entry.c.seq == entry_reference.c.seq)
        return entry.c.business_date, entry.c.seq, [*where, of_kind, *own]
    if only:
        where.append(_narrowed(only))
    return table.c.business_date, table.c.seq, where


def _narrowed(only: str) -> ColumnElement[bool]:
    if only == "corrected":
        return entry.c.seq.in_(corrected_places(TRUST))
    if only == "question":
        return entry.c.seq.in_(asked_places(TRUST))
    return entry.c.original_date.is_not(None) if only == "late" else false()


def _within(day: Any, seq: Any, bounds: Bounds) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if bounds.first:
        found.append(day >= bindparam("first", type_=Date))
    if bounds.last:
        found.append(day <= bindparam("last", type_=Date))
    here = tuple_(day, seq)
    place = tuple_(bindparam("from_day", type_=Date), bindparam("from_seq", type_=BigInteger))
    if bounds.onward:
        found.append(here > place if bounds.oldest_first else here < place)
    return found


def _named(number: int, column: str) -> str:
    """The parameter of a range's column; unlike any name SQLAlchemy gives to a value of its own."""
    return f"of{number}_{column}"

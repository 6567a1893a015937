"""Ways to come by entries in the order of a list: ranges of indexes, chosen so that few are read in vain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    false,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from disclosure.public.entry_filter import (
    DIMENSIONS,
    REFERENCES,
    Cursor,
    Filter,
    asked_places,
    corrected_places,
    read_ref,
)
from ledger.chart import FUNDS
from ledger.store.tables import account, entry, entry_reference, list_total, posting
from ledger.totals import CASH, kept_by_month, kept_size

_MOST_BRANCHES = 60
_FEW = 2_000
_FEW_ACCOUNTS = 4
_FREQUENT = 20
"""One entry in this many: then going by day finds a page soon enough."""
_CASH_SIDES = {"in": "D", "out": "C", "moved": "C"}
"""A side on which an entry of each direction surely has a line of cash."""


@dataclass(frozen=True, slots=True)
class Range:
    """Part of an index: where it has the day and the place of an entry, and its conditions."""

    day: ColumnElement[Any]
    seq: ColumnElement[Any]
    where: tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """Ranges that together have every entry that may be wanted; ``sees_to``: what they already see to."""

    ranges: tuple[Range, ...]
    sees_to: str
    distinct: bool = False

    def candidates(
        self,
        wanted: Filter,
        *,
        before: Cursor | None = None,
        after: Cursor | None = None,
        limit: int | None = None,
    ) -> Subquery:
        """Day and place of the entries on the way, newest first (oldest first with ``after``), each once."""
        parts = []
        for part in self.ranges:
            query = select(part.day.label("day"), part.seq.label("seq")).where(*part.where)
            query = query.where(*_bounds(part, wanted, before, after))
            if limit is not None:
                query = query.order_by(*in_order(part.day, part.seq, oldest_first=after is not None)).limit(
                    limit
                )
            parts.append(query.distinct() if self.distinct else query)
        if len(parts) == 1:
            return parts[0].subquery("candidates")
        together = union_all(*(select(part.subquery()) for part in parts)).subquery()
        day, seq = together.c.day, together.c.seq
        merged = select(day, seq).distinct()
        if limit is not None:
            merged = merged.order_by(*in_order(day, seq, oldest_first=after is not None)).limit(limit)
        return merged.subquery("candidates")


def in_order(day: Any, seq: Any, *, oldest_first: bool) -> Sequence[Any]:
    """The order of a list."""
    return (day, seq) if oldest_first else (day.desc(), seq.desc())


def _bounds(
    part: Range, wanted: Filter, before: Cursor | None, after: Cursor | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.first is not None:
        found.append(part.day >= wanted.first)
    if wanted.last is not None:
        found.append(part.day <= wanted.last)
    place = tuple_(part.day, part.seq)
    if after is not None:
        found.append(place > tuple_(after.day, after.seq))
    elif before is not None:
        found.append(place < tuple_(before.day, before.seq))
    return found


def narrowest_way(conn: Connection, trust_id: int, wanted: Filter) -> Way:
    """The way that leaves the fewest entries to look at."""
    rare = _rare_condition(trust_id, wanted)
    if rare is not None:
        return _by_entry(trust_id, *rare)
    named = _named_way(conn, trust_id, wanted)
    if named is not None:
        return named
    ranges, sees_to = _line_ranges(conn, trust_id, wanted)
    if ranges is None or len(ranges) > _MOST_BRANCHES:
        return _by_entry(trust_id, "")
    return Way(ranges, sees_to, distinct=True) if ranges else _by_entry(trust_id, sees_to, false())


def _line_ranges(conn: Connection, trust_id: int, wanted: Filter) -> tuple[tuple[Range, ...] | None, str]:
    """By the lines of an account or a fund, or by the lines of cash a direction needs; None if neither helps."""
    if wanted.account or (wanted.fund and not _frequent(conn, trust_id, "all", "", wanted.fund)):
        below = account.c.code.startswith(wanted.account, autoescape=True)
        return _account_ranges(conn, trust_id, wanted, below), "line"
    if wanted.direction in _CASH_SIDES:
        return _cash_ranges(conn, trust_id, wanted), ""
    return None, ""


def _named_way(conn: Connection, trust_id: int, wanted: Filter) -> Way | None:
    """By a vendor, contract, project or site, or by a budget line or decision that few entries name."""
    for kind in DIMENSIONS:
        if key := getattr(wanted, kind):
            return _dimension_way(trust_id, kind, key)
    for kind in REFERENCES:
        if (key := getattr(wanted, kind)) and not _frequent(conn, trust_id, kind, key):
            return Way((_reference_range(trust_id, kind, key),), kind)
    return None


def _rare_condition(trust_id: int, wanted: Filter) -> tuple[str, ColumnElement[bool]] | None:
    """A condition on entries that few meet, and its name."""
    if ref := read_ref(wanted.text):
        book, year, number = ref
        return "ref", and_(entry.c.book == book, entry.c.fiscal_year == year, entry.c.number == number)
    if wanted.corrected:
        return "corrected", entry.c.seq.in_(corrected_places(trust_id))
    if wanted.late:
        return "late", entry.c.original_date.is_not(None)
    if wanted.question:
        return "question", entry.c.seq.in_(asked_places(trust_id))
    return None


def _by_entry(trust_id: int, sees_to: str, *where: ColumnElement[bool]) -> Way:
    own = entry.c.trust_id == trust_id
    return Way((Range(entry.c.business_date, entry.c.seq, (own, *where)),), sees_to)


def _lines(trust_id: int, *where: ColumnElement[bool]) -> Range:
    return Range(posting.c.business_date, posting.c.seq, (posting.c.trust_id == trust_id, *where))


def _dimension_way(trust_id: int, kind: str, key: str) -> Way:
    lines = _lines(trust_id, posting.c[kind] == key)
    if kind != "project":
        return Way((lines,), kind, distinct=True)
    return Way((lines, _reference_range(trust_id, kind, key)), kind, distinct=True)


def _reference_range(trust_id: int, kind: str, key: str) -> Range:
    named = and_(
        entry_reference.c.trust_id == trust_id,
        entry_reference.c.kind == literal_column(f"'{kind}'"),  # as its partial index spells it
        entry_reference.c.ref == key,
    )
    own = (entry.c.trust_id == trust_id, entry.c.seq == entry_reference.c.seq)
    return Range(entry.c.business_date, entry.c.seq, (named, *own))


def _cash_ranges(conn: Connection, trust_id: int, wanted: Filter) -> tuple[Range, ...]:
    """Where an entry of the wanted direction surely has a line of cash."""
    cash = or_(
        *(
            and_(account.c.book == book, account.c.code.startswith(code))
            for book in CASH
            for code in CASH[book]
        )
    )
    on_side = posting.c.side == _CASH_SIDES[wanted.direction]
    return _account_ranges(conn, trust_id, wanted, cash, on_side)


def _account_ranges(
    conn: Connection,
    trust_id: int,
    wanted: Filter,
    which: ColumnElement[bool],
    *also: ColumnElement[bool],
) -> tuple[Range, ...]:
    """A range for each account and fund, as the index has its entries in order only within one."""
    accounts = conn.execute(
        select(account.c.book, account.c.code, account.c.funds)
        .where(account.c.trust_id == trust_id, account.c.leaf, which)
        .order_by(account.c.book, account.c.code)
    ).all()
    used = _used_accounts(conn, trust_id, wanted.fund) if len(accounts) > _FEW_ACCOUNTS else None
    return tuple(
        _lines(trust_id, posting.c.book == book, posting.c.account == code, posting.c.fund == fund, *also)
        for book, code, funds in accounts
        for fund in (funds.split("|") if funds else FUNDS)
        if wanted.fund in ("", fund) and wanted.book in ("", book) and (used is None or code in used)
    )


def _used_accounts(conn: Connection, trust_id: int, fund: str) -> set[str]:
    """The accounts that have postings (in a fund, unless ''), by the kept sums and what came after them."""
    kept, size = kept_size(conn, trust_id)
    sums = (list_total.c.trust_id == trust_id, list_total.c.kind == "account", list_total.c.fund == fund)
    used = set(conn.execute(select(list_total.c.key).where(*sums).distinct()).scalars())
    if kept < size:
        after = select(posting.c.account).where(posting.c.trust_id == trust_id, posting.c.seq >= kept)
        used.update(conn.execute(after.distinct()).scalars())
    return used


def _frequent(conn: Connection, trust_id: int, kind: str, key: str, fund: str = "") -> bool:
    """Whether so many entries have it that going by day is quicker than sorting them all."""
    count = sum(kept.entries for kept in kept_by_month(conn, trust_id, kind=kind, key=key, fund=fund))
    if count <= _FEW:
        return False
    return count * _FREQUENT >= sum(kept.entries for kept in kept_by_month(conn, trust_id))

"""Lists of entries: filters, pages by key, totals of what is filtered, one entry with its corrections.

Only columns that are published anyway are searched, so that a search can't be used to guess a private one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal_column, or_, select, tuple_

from disclosure.public.flows import Flow, flow_rows, sums
from disclosure.public.leaves import PublicEntry, decode_leaf
from ledger.errors import Unanswerable
from ledger.journal.public_view import entry_ref
from ledger.journal.read import find_seq
from ledger.store.tables import checkpoint, entry, entry_reference, leaf, posting

PAGE_SIZE = 50
_LONGEST_REF = 20


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are wanted; empty fields want all. Amounts in fen, without sign."""

    first: date | None = None
    last: date | None = None
    fund: str = ""
    book: str = ""
    account: str = ""
    low: int | None = None
    high: int | None = None
    text: str = ""
    budget_line: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place between entries in the order of the list: by business day, then by place in the log."""

    day: date
    seq: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry with what was later done to it."""

    entry: PublicEntry
    reversed_by: str = ""
    amended_by: tuple[str, ...] = ()

    @property
    def cursor(self) -> Cursor:
        """Its place in the list."""
        return Cursor(self.entry.date, self.entry.seq)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of entries, newest first; ``older`` and ``newer`` say whether there are more."""

    rows: tuple[Listed, ...]
    older: bool
    newer: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all entries that pass a filter: how many, and the cash they moved.

    ``common`` is book A; the maintenance fund is a book of its own and never added to it.
    """

    count: int
    common: Flow
    maintenance: Flow


@dataclass(frozen=True, slots=True)
class Single:
    """One entry with its exact bytes and the checkpoint its proof will use, 0 if not signed yet."""

    listed: Listed
    body: bytes
    signed_size: int
    signed_at: Any


def entry_page(
    conn: Connection,
    trust_id: int,
    wanted: Filter,
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """Entries older than ``before``, or the nearest ones newer than ``after``, or the newest."""
    place = tuple_(entry.c.business_date, entry.c.seq)
    query = (
        select(leaf.c.body)
        .join(leaf, (leaf.c.trust_id == entry.c.trust_id) & (leaf.c.seq == entry.c.seq))
        .where(entry.c.trust_id == trust_id, *_conditions(trust_id, wanted))
        .limit(size + 1)
    )
    if after is not None:
        query = query.where(place > tuple_(after.day, after.seq))
        query = query.order_by(entry.c.business_date, entry.c.seq)
    else:
        if before is not None:
            query = query.where(place < tuple_(before.day, before.seq))
        query = query.order_by(entry.c.business_date.desc(), entry.c.seq.desc())
    found = [decode_leaf(bytes(body)) for body in conn.execute(query).scalars()]
    more, found = len(found) > size, found[:size]
    if after is not None:
        return Page(tuple(with_corrections(conn, trust_id, found[::-1])), older=True, newer=more)
    return Page(tuple(with_corrections(conn, trust_id, found)), older=more, newer=before is not None)


def entry_totals(conn: Connection, trust_id: int, wanted: Filter) -> Totals:
    """Count and cash of everything that passes the filter, in one query. With a fund, only that fund's."""
    matched = (
        select(entry.c.seq).where(entry.c.trust_id == trust_id, *_conditions(trust_id, wanted)).cte("matched")
    )
    rows = flow_rows(trust_id, [posting.c.seq.in_(select(matched.c.seq))])
    count = select(func.count()).select_from(matched).scalar_subquery()
    apart = rows.c.fund == "M"
    query = select(count, *sums(rows, ~apart), *sums(rows, apart)).select_from(rows)
    if wanted.fund:
        query = query.where(rows.c.fund == wanted.fund)
    number, *values = (int(value) for value in conn.execute(query).one())
    return Totals(number, Flow(*values[:5]), Flow(*values[5:]))


def place_of(conn: Connection, trust_id: int, ref: str) -> int:
    """The place in the log of an entry named in an address. Raises :class:`Unanswerable`."""
    if not ref.isascii() or len(ref) > _LONGEST_REF:
        raise Unanswerable("unknown_entry", "没有这个编号的凭证，请核对凭证号（形如 A-2025-000123）")
    return find_seq(conn, trust_id, ref)


def single_entry(conn: Connection, trust_id: int, ref: str) -> Single:
    """One entry by its public name. Raises :class:`~ledger.errors.Unanswerable`."""
    seq = place_of(conn, trust_id, ref)
    newest = select(func.max(checkpoint.c.size)).where(checkpoint.c.trust_id == trust_id).scalar_subquery()
    body, size, signed_at = conn.execute(
        select(leaf.c.body, checkpoint.c.size, checkpoint.c.signed_at)
        .outerjoin(checkpoint, (checkpoint.c.trust_id == trust_id) & (checkpoint.c.size == newest))
        .where(leaf.c.trust_id == trust_id, leaf.c.seq == seq)
    ).one()
    listed = next(iter(with_corrections(conn, trust_id, [decode_leaf(bytes(body))])))
    covered = size is not None and size > seq
    return Single(listed, bytes(body), size if covered else 0, signed_at if covered else None)


def with_corrections(conn: Connection, trust_id: int, entries: Sequence[PublicEntry]) -> Iterable[Listed]:
    """Entries with the names of those that later reversed or amended them; one query for all."""
    seqs = [item.seq for item in entries]
    reversed_by: dict[int, str] = {}
    amended_by: dict[int, list[str]] = {}
    if seqs:
        later = conn.execute(
            select(entry.c.reverses, entry.c.amends, entry.c.book, entry.c.fiscal_year, entry.c.number)
            .where(
                entry.c.trust_id == trust_id,
                or_(entry.c.reverses.in_(seqs), entry.c.amends.in_(seqs)),
            )
            .order_by(entry.c.seq)
        )
        for reverses, amends, book, year, number in later:
            ref = entry_ref(book, year, number)
            if reverses is not None:
                reversed_by[reverses] = ref
            if amends is not None:
                amended_by.setdefault(amends, []).append(ref)
    return [
        Listed(item, reversed_by.get(item.seq, ""), tuple(amended_by.get(item.seq, ()))) for item in entries
    ]


def _conditions(trust_id: int, wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.first is not None:
        found.append(entry.c.business_date >= wanted.first)
    if wanted.last is not None:
        found.append(entry.c.business_date <= wanted.last)
    if wanted.book:
        found.append(entry.c.book == wanted.book)
    line: list[ColumnElement[bool]] = []
    if wanted.fund:
        line.append(posting.c.fund == wanted.fund)
    if wanted.account:
        line.append(posting.c.account.startswith(wanted.account, autoescape=True))
    if wanted.low is not None:
        line.append(func.abs(posting.c.amount) >= wanted.low)
    if wanted.high is not None:
        line.append(func.abs(posting.c.amount) <= wanted.high)
    if line:
        found.append(
            exists().where(posting.c.trust_id == trust_id, posting.c.seq == entry.c.seq, and_(*line))
        )
    if wanted.text:
        found.append(_text_condition(wanted.text))
    if wanted.budget_line:
        found.append(
            exists().where(
                entry_reference.c.trust_id == trust_id,
                entry_reference.c.seq == entry.c.seq,
                entry_reference.c.kind == literal_column("'budget_line'"),  # as its partial index spells it
                entry_reference.c.ref == wanted.budget_line,
            )
        )
    return found


def _text_condition(text: str) -> ColumnElement[bool]:
    parts = text.upper().split("-")
    if len(parts) == 3 and parts[0] in ("A", "M") and parts[1].isdecimal() and parts[2].isdecimal():
        year, number = int(parts[1][:6]), int(parts[2][:12])
        if year < 10_000:
            return and_(entry.c.book == parts[0], entry.c.fiscal_year == year, entry.c.number == number)
    named = and_(entry.c.counterparty_public, entry.c.counterparty.icontains(text, autoescape=True))
    return or_(entry.c.summary.icontains(text, autoescape=True), named)

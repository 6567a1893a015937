"""Entries as vouchers (记账凭证): all that stands on the paper, private fields included.

Internal: names, rooms and memos are here. Public pages read leaves instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from ledger.books.span import View
from ledger.chart import FUNDS, Chart
from ledger.events import DOCUMENT_KINDS, load_events
from ledger.journal.draft import Document, Line
from ledger.journal.public_view import entry_ref
from ledger.journal.read import Stored, read_entries
from ledger.journal.rules import DIMENSION_NAMES
from ledger.store.tables import entry
from ledger.trust.setup import Setup, load_setup


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """One line in fen, negative for red letters; ``about`` are dimensions in words, ``units`` how many
    households it is made of (0 if it names none in detail)."""

    account: str
    name: str
    fund: str
    fund_name: str
    debit: int | None
    credit: int | None
    about: tuple[str, ...]
    units: int


@dataclass(frozen=True, slots=True)
class Voucher:
    """One entry. ``preparer`` and ``reviewer`` are the signatures it was posted with."""

    seq: int
    ref: str
    book: str
    number: int
    date: dt.date
    original_date: dt.date | None
    posted_at: dt.datetime
    event: str
    event_name: str
    summary: str
    counterparty: str
    counterparty_public: bool
    memo: str
    preparer: str
    reviewer: str
    lines: tuple[VoucherLine, ...]
    documents: tuple[tuple[str, Document], ...]
    references: Mapping[str, str]
    reverses: str = ""
    amends: str = ""
    reversed_by: str = ""
    amended_by: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """All debits."""
        return sum(line.debit or 0 for line in self.lines)

    @property
    def red(self) -> bool:
        """A red-letter entry."""
        return bool(self.reverses)


@dataclass(frozen=True, slots=True)
class VoucherRange:
    """Vouchers of a view in order of number within each year. ``first`` and ``last`` numbers, 0 for any."""

    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class VoucherPage:
    """Some vouchers; ``next`` is the place in the log after which the next page begins."""

    vouchers: tuple[Voucher, ...]
    next: int | None


def voucher_page(
    conn: Connection,
    view: View,
    wanted: VoucherRange | None = None,
    *,
    after: int | None = None,
    limit: int = 20,
) -> VoucherPage:
    """The vouchers of a book and span in the order they were posted, which is that of their numbers."""
    query = select(entry.c.seq).where(
        entry.c.trust_id == view.trust_id,
        entry.c.book == view.book,
        entry.c.business_date.between(view.span.first_day, view.last),
        entry.c.seq < view.clock.known_at,
    )
    if wanted is not None and wanted.first:
        query = query.where(entry.c.number >= wanted.first)
    if wanted is not None and wanted.last:
        query = query.where(entry.c.number <= wanted.last)
    if after is not None:
        query = query.where(entry.c.seq > after)
    seqs = list(conn.execute(query.order_by(entry.c.seq).limit(limit + 1)).scalars())
    more, seqs = len(seqs) > limit, seqs[:limit]
    return VoucherPage(tuple(vouchers_of(conn, view.trust_id, seqs)), seqs[-1] if more else None)


def vouchers_of(conn: Connection, trust_id: int, seqs: Sequence[int]) -> list[Voucher]:
    """Entries by place in the log; a fixed number of queries however many."""
    if not seqs:
        return []
    setup = load_setup(conn, trust_id)
    stored = read_entries(conn, trust_id, seqs)
    earlier = [place for s in stored for place in (s.reverses, s.amends) if place is not None]
    refs = _refs(conn, trust_id, earlier)
    reversed_by, amended_by = _corrections(conn, trust_id, seqs)
    return [
        _voucher(setup, item, refs, reversed_by.get(item.seq, ""), tuple(amended_by.get(item.seq, ())))
        for item in stored
    ]


def _voucher(
    setup: Setup, stored: Stored, refs: Mapping[int, str], reversed_by: str, amended_by: tuple[str, ...]
) -> Voucher:
    draft = stored.draft
    event = load_events().get(draft.event)
    return Voucher(
        seq=stored.seq,
        ref=stored.ref,
        book=draft.book,
        number=stored.number,
        date=draft.date,
        original_date=draft.original_date,
        posted_at=stored.posted_at,
        event=draft.event,
        event_name=event.name if event else draft.event,
        summary=draft.summary,
        counterparty=draft.counterparty,
        counterparty_public=draft.counterparty_public,
        memo=draft.memo,
        preparer=draft.preparer,
        reviewer=draft.reviewer,
        lines=tuple(_line(setup, draft.book, line) for line in draft.lines),
        documents=tuple((DOCUMENT_KINDS.get(d.kind, d.kind), d) for d in draft.documents),
        references=draft.references,
        reverses=refs.get(stored.reverses, "") if stored.reverses is not None else "",
        amends=refs.get(stored.amends, "") if stored.amends is not None else "",
        reversed_by=reversed_by,
        amended_by=amended_by,
    )


def _line(setup: Setup, book: str, line: Line) -> VoucherLine:
    return VoucherLine(
        account=line.account,
        name=_path(setup.chart, book, line.account),
        fund=line.fund,
        fund_name=FUNDS[line.fund].name if line.fund in FUNDS else line.fund,
        debit=line.amount if line.side == "D" else None,
        credit=line.amount if line.side == "C" else None,
        about=tuple(_about(setup, name, value) for name, value in line.dimensions().items()),
        units=len(line.details),
    )


def _path(chart: Chart, book: str, code: str) -> str:
    return chart.path(book, code) or code


def _about(setup: Setup, dimension: str, code: str) -> str:
    known = setup.values.get((dimension, code))
    name = known.name if known else code
    shown = name if dimension in ("unit", "counter_fund") or name == code else f"{code} {name}"
    return f"{DIMENSION_NAMES[dimension]}：{shown}"


def _refs(conn: Connection, trust_id: int, seqs: Sequence[int]) -> dict[int, str]:
    if not seqs:
        return {}
    query = select(entry.c.seq, entry.c.book, entry.c.fiscal_year, entry.c.number).where(
        entry.c.trust_id == trust_id, entry.c.seq.in_(seqs)
    )
    return {seq: entry_ref(book, year, number) for seq, book, year, number in conn.execute(query)}


def _corrections(
    conn: Connection, trust_id: int, seqs: Sequence[int]
) -> tuple[dict[int, str], dict[int, list[str]]]:
    """Who reversed and who amended these entries."""
    reversed_by: dict[int, str] = {}
    amended_by: dict[int, list[str]] = {}
    columns = (entry.c.reverses, entry.c.amends, entry.c.book, entry.c.fiscal_year, entry.c.number)
    later = select(*columns).where(
        entry.c.trust_id == trust_id, or_(entry.c.reverses.in_(seqs), entry.c.amends.in_(seqs))
    )
    for reverses, amends, book, year, number in conn.execute(later.order_by(entry.c.seq)):
        ref = entry_ref(book, year, number)
        if reverses is not None:
            reversed_by[reverses] = ref
        if amends is not None:
            amended_by.setdefault(amends, []).append(ref)
    return reversed_by, amended_by

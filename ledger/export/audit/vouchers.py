"""The vouchers of a year, a few at a time: from the public log, or from the books for those who may see them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from ledger.export.audit.scope import Scope
from ledger.journal.draft import Detail
from ledger.journal.draft import Line as DraftLine
from ledger.journal.public_view import PUBLIC_DIMENSIONS, entry_ref, utc_text
from ledger.journal.read import Stored, read_entries
from ledger.store.tables import entry, leaf
from ledger.trust.setup import Setup

CHUNK = 1_000
_PREPARER, _REVIEWER = "制单（姓名不公开）", "审核（姓名不公开）"


class Line(msgspec.Struct, frozen=True):
    """A posting as the log has it; ``amount`` in fen, negative for red letters."""

    no: int
    account: str
    name: str
    fund: str
    side: str
    amount: int
    dims: Mapping[str, str] = {}
    detail: Mapping[str, Any] = {}


class Paper(msgspec.Struct, frozen=True):
    """A source document."""

    kind: str
    title: str
    number: str = ""
    original: str = ""
    public: str = ""


class Leaf(msgspec.Struct, frozen=True):
    """An entry as the log has it."""

    seq: int
    ref: str
    book: str
    year: int
    number: int
    date: datetime.date
    posted_at: str
    event: str
    summary: str
    lines: tuple[Line, ...]
    counterparty: str = ""
    original_date: datetime.date | None = None
    documents: tuple[Paper, ...] = ()
    references: Mapping[str, str] = {}
    reverses: str = ""
    amends: str = ""


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher in either form: the public one, with what is not public beside it in the full form."""

    leaf: Leaf
    preparer: str = _PREPARER
    reviewer: str = _REVIEWER
    memo: str = ""
    private: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    details: Mapping[int, tuple[Detail, ...]] = field(default_factory=dict)

    def units(self, line: Line) -> int:
        """How many households a line stands for; 0 if it names none in detail."""
        return int(line.detail["count"]) if line.detail else 0


_decoder = msgspec.json.Decoder(Leaf)


def vouchers(scope: Scope) -> Iterator[Voucher]:
    """All vouchers of the year by book and number; memory does not grow with their count."""
    for book in scope.books:
        after = 0
        while True:
            rows = scope.conn.execute(
                select(entry.c.number, entry.c.seq)
                .where(
                    entry.c.trust_id == scope.trust_id,
                    entry.c.book == book,
                    entry.c.fiscal_year == scope.year,
                    entry.c.number > after,
                )
                .order_by(entry.c.number)
                .limit(CHUNK)
            ).all()
            if not rows:
                break
            after = rows[-1].number
            seqs = [row.seq for row in rows]
            yield from _full(scope, seqs) if scope.full else _public(scope, seqs)


def _public(scope: Scope, seqs: Sequence[int]) -> Iterator[Voucher]:
    query = select(leaf.c.body).where(leaf.c.trust_id == scope.trust_id, leaf.c.seq.in_(seqs))
    for body in scope.conn.execute(query.order_by(leaf.c.seq)).scalars():
        yield Voucher(_decoder.decode(bytes(body)))


def _full(scope: Scope, seqs: Sequence[int]) -> Iterator[Voucher]:
    stored = read_entries(scope.conn, scope.trust_id, seqs)
    earlier = {place for item in stored for place in (item.reverses, item.amends) if place is not None}
    refs = _refs(scope.conn, scope.trust_id, earlier)
    for item in stored:
        yield _voucher(scope.setup, item, refs)


def _refs(conn: Connection, trust_id: int, seqs: set[int]) -> dict[int, str]:
    if not seqs:
        return {}
    query = select(entry.c.seq, entry.c.book, entry.c.fiscal_year, entry.c.number).where(
        entry.c.trust_id == trust_id, entry.c.seq.in_(sorted(seqs))
    )
    return {seq: entry_ref(book, year, number) for seq, book, year, number in conn.execute(query)}


def _voucher(setup: Setup, item: Stored, refs: Mapping[int, str]) -> Voucher:
    draft = item.draft
    shown = Leaf(
        seq=item.seq,
        ref=item.ref,
        book=draft.book,
        year=draft.date.year,
        number=item.number,
        date=draft.date,
        posted_at=utc_text(item.posted_at),
        event=draft.event,
        summary=draft.summary,
        lines=tuple(_line(setup, draft.book, no, line) for no, line in enumerate(draft.lines, start=1)),
        counterparty=draft.counterparty,
        original_date=draft.original_date,
        documents=tuple(
            Paper(paper.kind, paper.title, paper.number, paper.original, paper.public)
            for paper in draft.documents
        ),
        references=draft.references,
        reverses=refs.get(item.reverses, "") if item.reverses is not None else "",
        amends=refs.get(item.amends, "") if item.amends is not None else "",
    )
    return Voucher(
        leaf=shown,
        preparer=draft.preparer,
        reviewer=draft.reviewer,
        memo=draft.memo,
        private={
            no: {"unit": line.unit, "party": line.party} for no, line in enumerate(draft.lines, start=1)
        },
        details={no: line.details for no, line in enumerate(draft.lines, start=1) if line.details},
    )


def _line(setup: Setup, book: str, no: int, line: DraftLine) -> Line:
    account = setup.chart.get(book, line.account)
    return Line(
        no=no,
        account=line.account,
        name=account.name if account else line.account,
        fund=line.fund,
        side=line.side,
        amount=line.amount,
        dims={name: value for name in PUBLIC_DIMENSIONS if (value := getattr(line, name))},
        detail={"count": len(line.details)} if line.details else {},
    )

"""Read posted entries back as the drafts they were, whole ranges at a time."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, bindparam, select

from ledger.errors import Unanswerable
from ledger.journal.draft import Detail, Document, Draft, Line
from ledger.journal.public_view import entry_ref
from ledger.store.tables import (
    DIMENSIONS,
    entry,
    entry_document,
    entry_reference,
    entry_salt,
    posting,
    posting_detail,
)

_REF = re.compile(r"([AM])-(\d{4})-(\d{6,})")


@dataclass(frozen=True, slots=True)
class Stored:
    """A posted entry. ``salt`` is None once it was destroyed; then private fields can't be shown."""

    seq: int
    number: int
    posted_at: datetime
    draft: Draft
    content_hash: bytes
    reverses: int | None
    amends: int | None
    salt: bytes | None

    @property
    def ref(self) -> str:
        """The permanent public name."""
        return entry_ref(self.draft.book, self.draft.date.year, self.number)


def find_seq(conn: Connection, trust_id: int, ref: str) -> int:
    """The place of an entry in the log by its public name. Raises :class:`Unanswerable`."""
    seq = conn.execute(_seq_of(), {"trust": trust_id, **ref_values(ref)}).scalar()
    if seq is None:
        raise unknown_ref(ref)
    return int(seq)


def ref_values(ref: str) -> dict[str, str | int]:
    """What :func:`has_ref` is to be given for a public name. Raises :class:`Unanswerable` if it is none."""
    match = _REF.fullmatch(ref)
    if match is None:
        raise unknown_ref(ref)
    book, year, number = match.groups()
    return {"ref_book": book, "ref_year": int(year), "ref_number": int(number)}


def has_ref() -> ColumnElement[bool]:
    """Whether an entry has the public name that is given later."""
    return and_(
        entry.c.book == bindparam("ref_book"),
        entry.c.fiscal_year == bindparam("ref_year"),
        entry.c.number == bindparam("ref_number"),
    )


def unknown_ref(ref: str) -> Unanswerable:
    """That there is no entry of this name."""
    return Unanswerable("unknown_entry", f"没有编号为 {ref} 的凭证，请核对凭证号（形如 A-2025-000123）")


@cache
def _seq_of() -> Select[Any]:
    return select(entry.c.seq).where(entry.c.trust_id == bindparam("trust"), has_ref())


def read_entry(conn: Connection, trust_id: int, seq: int) -> Stored:
    """One entry. Raises :class:`Unanswerable` if the log has not come that far."""
    for stored in read_entries(conn, trust_id, [seq]):
        return stored
    raise Unanswerable("unknown_entry", f"账簿里没有第 {seq + 1} 笔")


def stream_entries(
    conn: Connection, trust_id: int, size: int, *, start: int = 0, chunk: int = 2_000
) -> Iterator[Stored]:
    """All entries from ``start`` up to log size ``size``, in order, in flat memory."""
    for low in range(start, size, chunk):
        yield from read_entries(conn, trust_id, range(low, min(low + chunk, size)))


def read_entries(conn: Connection, trust_id: int, seqs: Sequence[int]) -> list[Stored]:
    """Entries by place, in order of place; six queries however many."""
    rows = _rows(conn, entry, trust_id, seqs)
    details: dict[tuple[int, int], list[Detail]] = defaultdict(list)
    for row in _rows(conn, posting_detail, trust_id, seqs):
        details[row.seq, row.line_no].append(Detail(row.unit, row.amount, row.basis))
    lines: dict[int, list[Line]] = defaultdict(list)
    for row in _rows(conn, posting, trust_id, seqs):
        named = {name: getattr(row, name) or "" for name in DIMENSIONS}
        parts = tuple(details.get((row.seq, row.line_no), ()))
        lines[row.seq].append(Line(row.account, row.fund, row.side, row.amount, **named, details=parts))
    documents: dict[int, list[Document]] = defaultdict(list)
    for row in _rows(conn, entry_document, trust_id, seqs):
        documents[row.seq].append(Document(row.kind, row.title, row.number, row.original, row.public))
    references: dict[int, dict[str, str]] = defaultdict(dict)
    for row in _rows(conn, entry_reference, trust_id, seqs):
        references[row.seq][row.kind] = row.ref
    salts = {row.seq: row.salt for row in _rows(conn, entry_salt, trust_id, seqs)}
    return [
        _stored(row, lines[row.seq], documents[row.seq], references[row.seq], salts.get(row.seq))
        for row in rows
    ]


def _rows(conn: Connection, table: Table, trust_id: int, seqs: Sequence[int]) -> Iterable[Row[Any]]:
    where = (
        table.c.seq.between(seqs[0], seqs[-1])
        if isinstance(seqs, range) and len(seqs)
        else table.c.seq.in_(seqs)
    )
    return conn.execute(
        select(table).where(table.c.trust_id == trust_id, where).order_by(*table.primary_key)
    ).all()


def _stored(
    row: Row[Any],
    lines: list[Line],
    documents: list[Document],
    references: dict[str, str],
    salt: bytes | None,
) -> Stored:
    draft = Draft(
        book=row.book,
        date=row.business_date,
        event=row.event,
        summary=row.summary,
        lines=tuple(lines),
        preparer=row.preparer,
        reviewer=row.reviewer,
        key=row.idempotency_key,
        documents=tuple(documents),
        references=references,
        counterparty=row.counterparty,
        counterparty_public=row.counterparty_public,
        original_date=row.original_date,
        memo=row.memo,
    )
    return Stored(row.seq, row.number, row.posted_at, draft, row.content_hash, row.reverses, row.amends, salt)

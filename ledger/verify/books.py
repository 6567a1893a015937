"""Verify all books of one trust in a single pass over its log, a thousand places at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Row, func, select

from ledger.chart import load_chart
from ledger.errors import Unanswerable
from ledger.journal.read import Stored, read_entries
from ledger.log.findings import Findings
from ledger.log.note import Verifier
from ledger.store.tables import checkpoint, entry, leaf, record, trust, trust_head
from ledger.verify.entries import EntryCheck, Place
from ledger.verify.evaluation import check_evaluations
from ledger.verify.inquiries import check_inquiries
from ledger.verify.lists import check_lists
from ledger.verify.periods import Periods
from ledger.verify.records import RecordCheck
from ledger.verify.relations import check_relations
from ledger.verify.report import VerifyReport
from ledger.verify.tree import TreeCheck, unsigned_tail

CHUNK = 1_000
Progress = Callable[[int, int], None]
"""Told how many places of the log are done, and of how many."""


def verify_books(
    conn: Connection,
    trust_id: int,
    verifier: Verifier | None,
    *,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> VerifyReport:
    """Recompute and compare everything stored of a trust; memory does not grow with the books.

    ``conn`` should be one reading transaction. Without ``verifier`` (the log's public key) signatures are
    not checked. ``now`` excuses entries of the last minute that no checkpoint covers yet; without it every
    unsigned entry is a finding. What is wrong is returned, never raised; raises only
    :class:`~ledger.errors.Unanswerable` for an unknown trust.
    """
    slug = conn.execute(select(trust.c.slug).where(trust.c.trust_id == trust_id)).scalar_one_or_none()
    head = conn.execute(select(trust_head).where(trust_head.c.trust_id == trust_id)).first()
    if slug is None or head is None:
        raise Unanswerable("unknown_trust", f"没有编号为 {trust_id} 的小区账套")
    findings = Findings()
    periods = Periods(conn, trust_id)
    tree = TreeCheck(conn, trust_id, verifier, findings)
    entries = EntryCheck(slug, load_chart(conn, trust_id), periods, findings)
    records = RecordCheck(conn, trust_id, slug, findings)
    size = _size(conn, trust_id, head.size)
    for chunk in _chunks(conn, trust_id, size, findings):
        for at in chunk.places:
            tree.add(at.seq, at.leaf)
            entries.check(at, chunk.targets)
            if at.seq + 1 in chunk.checkpoints:
                tree.check_checkpoint(chunk.checkpoints[at.seq + 1])
        first, last = chunk.places[0].seq, chunk.places[-1].seq
        records.check(first, last + 1, {at.seq: at.leaf for at in chunk.places if at.leaf is not None})
        if progress is not None:
            progress(last + 1, size)
        if findings.omitted and not tree.whole:
            break  # hopeless; and one row can claim a place that would keep us looking for years
    tree.check_head(head.size, bytes(head.frontier))
    if _numbers(head.numbers) != entries.numbers:
        findings.add("head.numbers", "账簿首页记的最后凭证号与凭证实际编号不符：被改动过。", "账簿首页")
    periods.check(tree.leaves, _closed_days(head.closed), findings)
    check_relations(conn, trust_id, findings)
    check_lists(conn, trust_id, size, findings)
    check_inquiries(conn, trust_id, findings)
    check_evaluations(conn, trust_id, findings)
    return VerifyReport(
        size=size,
        entries=entries.entries,
        postings=entries.postings,
        checkpoints=tree.checkpoints,
        unsigned=unsigned_tail(conn, trust_id, size, now, findings),
        records=records.records,
        periods=periods.count,
        forgotten=entries.forgotten,
        signatures_checked=verifier is not None,
        findings=tuple(findings.kept),
        omitted=findings.omitted,
    )


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A stretch of the log with all that is needed to judge it."""

    places: list[Place]
    targets: dict[int, Stored]
    checkpoints: dict[int, Row[Any]]


def _chunks(conn: Connection, trust_id: int, size: int, findings: Findings) -> Iterator[_Chunk]:
    for low in range(0, size, CHUNK):
        high = min(low + CHUNK, size)
        leaves = {r.seq: r for r in _between(conn, leaf.c.seq, trust_id, low, high, *leaf.c)}
        stored = {item.seq: item for item in _read(conn, trust_id, range(low, high), findings)}
        columns = (entry.c.seq, entry.c.fiscal_year, entry.c.line_count, entry.c.total)
        rows = {r.seq: r for r in _between(conn, entry.c.seq, trust_id, low, high, *columns)}
        signed = _between(conn, checkpoint.c.size, trust_id, low + 1, high + 1, *checkpoint.c)
        yield _Chunk(
            [Place(seq, leaves.get(seq), stored.get(seq), rows.get(seq)) for seq in range(low, high)],
            _targets(conn, trust_id, stored),
            {row.size: row for row in signed},
        )


def _between(
    conn: Connection, key: Column[Any], trust_id: int, low: int, high: int, *columns: Column[Any]
) -> Sequence[Row[Any]]:
    in_trust = key.table.c.trust_id == trust_id
    return conn.execute(select(*columns).where(in_trust, key >= low, key < high)).all()


def _targets(conn: Connection, trust_id: int, stored: dict[int, Stored]) -> dict[int, Stored]:
    """The entries that those of this stretch reverse or amend."""
    wanted = {seq for s in stored.values() for seq in (s.reverses, s.amends) if seq is not None}
    earlier = sorted(wanted - stored.keys())
    found = {seq: stored[seq] for seq in wanted & stored.keys()}
    if earlier:
        found.update((item.seq, item) for item in _read(conn, trust_id, earlier, Findings()))
    return found


def _read(conn: Connection, trust_id: int, seqs: Sequence[int], findings: Findings) -> list[Stored]:
    """Entries by place; a row that can't even be read is a finding, and the others are read all the same."""
    try:
        return read_entries(conn, trust_id, seqs)
    except (ValueError, TypeError):
        if len(seqs) > 1:
            middle = len(seqs) // 2
            return [
                item
                for part in (seqs[:middle], seqs[middle:])
                for item in _read(conn, trust_id, part, findings)
            ]
    message = f"第 {seqs[0] + 1} 笔无法读出：日期或金额被改成了无效的值。"
    findings.add("entry.unreadable", message, f"第 {seqs[0] + 1} 笔")
    return []


def _size(conn: Connection, trust_id: int, head: int) -> int:
    """One past the last place anything is stored at."""
    ends = [
        conn.execute(select(func.max(table.c.seq)).where(table.c.trust_id == trust_id)).scalar()
        for table in (leaf, entry, record)
    ]
    return max(-1 if end is None else end for end in ends) + 1


def _numbers(text: str) -> dict[str, int] | None:
    """The head's last entry numbers, or None if unreadable."""
    try:
        return msgspec.json.decode(text, type=dict[str, int])
    except msgspec.MsgspecError:
        return None


def _closed_days(text: str) -> dict[str, date] | None:
    """The head's last closed days by book, or None if unreadable."""
    try:
        return msgspec.json.decode(text, type=dict[str, date])
    except msgspec.MsgspecError:
        return None

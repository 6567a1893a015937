"""Give records their places in the log, under the trust's lock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from ledger.errors import refuse
from ledger.journal.head import leave, lock_head, save_head
from ledger.journal.public_view import leaf_bytes, utc_text
from ledger.log.tree import leaf_hash
from ledger.records.kinds import Value, record_kinds
from ledger.store.tables import leaf, trust
from ledger.store.tables import record as record_table
from ledger.trust.act import Act


def record_body(
    leaf_kind: str, slug: str, seq: int, recorded_at: datetime, subject: str, value: Value
) -> bytes:
    """The canonical bytes of a record's leaf."""
    body: dict[str, Any] = {
        "kind": leaf_kind,
        "trust": slug,
        "seq": seq,
        "recorded_at": utc_text(recorded_at),
        "subject": subject,
        "value": dict(value),
    }
    return leaf_bytes(body)


def publish_record(conn: Connection, trust_id: int, kind: str, subject: str, value: Value, act: Act) -> int:
    """Publish one record; returns its place in the log. Nothing in it may be private.

    Raises :class:`~ledger.errors.Refused` if the kind has a record of this subject already.
    """
    return publish_records(conn, trust_id, kind, [(subject, value)], act)[0]


def publish_records(
    conn: Connection, trust_id: int, kind: str, items: Sequence[tuple[str, Value]], act: Act
) -> list[int]:
    """The same for several of one kind, in order. Locks the trust until the transaction ends."""
    leaf_kind = record_kinds()[kind].leaf_kind
    head = lock_head(conn, trust_id)
    slug = _slug_unless_repeated(conn, trust_id, kind, [subject for subject, _ in items])
    seqs: list[int] = []
    leaves: list[dict[str, Any]] = []
    records: list[dict[str, Any]] = []
    found = head.before
    for subject, value in items:
        seq = head.tree.size
        seqs.append(seq)
        body = record_body(leaf_kind, slug, seq, act.now, subject, value)
        hashes = head.tree.append(leaf_hash(body))
        leaves.append({"trust_id": trust_id, "seq": seq, "kind": leaf_kind, "body": body, "hashes": hashes})
        records.append(
            {"trust_id": trust_id, "seq": seq, "kind": kind, "subject": subject, "recorded_at": act.now}
        )
    if leaves:
        conn.execute(insert(leaf), leaves)
        conn.execute(insert(record_table), records)
        save_head(conn, head.move())
        leave(conn, trust_id, found, head.before)
    return seqs


def _slug_unless_repeated(conn: Connection, trust_id: int, kind: str, subjects: Sequence[str]) -> str:
    """The trust's name in the log; one query tells whether a subject is there already, too."""
    query = (
        select(trust.c.slug, record_table.c.subject)
        .outerjoin(
            record_table,
            (record_table.c.trust_id == trust.c.trust_id)
            & (record_table.c.kind == kind)
            & record_table.c.subject.in_(subjects),
        )
        .where(trust.c.trust_id == trust_id)
        .limit(1)
    )
    slug, known = conn.execute(query).one()
    if known is not None or len(set(subjects)) < len(subjects):
        title = record_kinds()[kind].title
        raise refuse("published_before", f"这份{title}已经公布过，不能再公布一次；有变动请另作一份", title)
    return str(slug)

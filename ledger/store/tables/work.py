"""Work of the office: money-moving requests on their way through the people who must agree."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKeyConstraint, Index, Integer, String, Table, Text

from ledger.store.tables.base import key_column, metadata, to_entry, trust_id_column
from ledger.store.types import UtcTime


def _to_work() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["trust_id", "no"], ["work.trust_id", "work.no"])


work = Table(
    "work",
    metadata,
    trust_id_column(),
    key_column("no", BigInteger),
    Column("kind", String, nullable=False),
    Column("title", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("prepared_at", UtcTime, nullable=False),
    Index("ix_work_person", "trust_id", "person", "no"),
)
"""``no`` counts a trust's work from 1; ``payload`` is a :class:`ledger.work.value.Work` as JSON."""

work_step = Table(
    "work_step",
    metadata,
    trust_id_column(),
    key_column("no", BigInteger),
    key_column("step_no", Integer),
    Column("step", String, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("paid_on", Date),
    Column("bank_number", String, nullable=False),
    Column("acted_at", UtcTime, nullable=False),
    _to_work(),
)

work_status = Table(
    "work_status",
    metadata,
    trust_id_column(),
    key_column("no", BigInteger),
    Column("waiting_for", String, nullable=False),
    _to_work(),
    Index("ix_work_status_waiting", "trust_id", "waiting_for", "no"),
)
"""What each work waits for: follows from its steps, kept so that a desk's list is one index range."""

work_key = Table(
    "work_key",
    metadata,
    trust_id_column(),
    key_column("no", BigInteger),
    key_column("idempotency_key"),
    _to_work(),
    Index("ix_work_key_key", "trust_id", "idempotency_key"),
)
"""Which entries a work would post, by their keys: one entry can't wait in two works at once."""

work_line = Table(
    "work_line",
    metadata,
    trust_id_column(),
    key_column("no", BigInteger),
    key_column("bank_account"),
    key_column("line_key"),
    _to_work(),
    Index("ix_work_line_line", "trust_id", "bank_account", "line_key"),
)
"""Bank lines that a work explains."""

work_entry = Table(
    "work_entry",
    metadata,
    trust_id_column(),
    key_column("no", BigInteger),
    key_column("seq", BigInteger),
    _to_work(),
    to_entry(),
    Index("ix_work_entry_seq", "trust_id", "seq"),
)

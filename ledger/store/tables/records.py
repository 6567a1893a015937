"""What is published besides entries: votes, ballots, budgets; each ties a leaf to the rows it renders."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, String, Table, UniqueConstraint

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

record = Table(
    "record",
    metadata,
    trust_id_column(),
    key_column("seq", BigInteger),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    UniqueConstraint("trust_id", "kind", "subject"),
    ForeignKeyConstraint(
        ["trust_id", "seq"], ["leaf.trust_id", "leaf.seq"], deferrable=True, initially="DEFERRED"
    ),
)
"""``seq`` is the place in the log, shared with entries; ``kind`` a row of ``ledger/records/kinds.toml``;
``subject`` the key of what is published, public itself."""

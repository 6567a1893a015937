"""The public log and its checkpoints."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    String,
    Table,
    Text,
)

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

leaf = Table(
    "leaf",
    metadata,
    trust_id_column(),
    key_column("seq", BigInteger),
    Column("kind", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)
"""``body``: canonical JSON; ``hashes``: the complete subtrees that end here, see :mod:`ledger.log.tree`."""

checkpoint = Table(
    "checkpoint",
    metadata,
    trust_id_column(),
    key_column("size", BigInteger),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", UtcTime, nullable=False),
)

log_key = Table(
    "log_key",
    metadata,
    trust_id_column(),
    Column("vkey", String, nullable=False),
    Column("first_size", BigInteger, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""The public key the log is signed with (C2SP vkey): any server can show it, and none can swap it."""

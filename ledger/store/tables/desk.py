"""What the pages of the office keep for themselves."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

form_sent = Table(
    "form_sent",
    metadata,
    trust_id_column(),
    key_column("token"),
    Column("person", String, nullable=False),
    Column("path", Text, nullable=False),
    Column("notice", Text, nullable=False),
    Column("sent_at", UtcTime, nullable=False),
    Index("ix_form_sent_sent_at", "trust_id", "sent_at"),
)
"""Forms that were carried out, by the random value each carries, and where they led; kept for 30 days."""

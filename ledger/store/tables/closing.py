"""Requests to close a month, and what somebody else decided."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, String, Table, Text

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

close_request = Table(
    "close_request",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    Column("book", String(1), nullable=False),
    Column("period", Integer, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("requested_at", UtcTime, nullable=False),
    Index("ix_close_request_period", "trust_id", "book", "period"),
)
"""``no`` counts a trust's requests from 1. A request without a decision is open."""

close_decision = Table(
    "close_decision",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    Column("decision", String, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    ForeignKeyConstraint(["trust_id", "no"], ["close_request.trust_id", "close_request.no"]),
)
"""``decision``: confirmed (the month is closed), refused, or withdrawn by who asked."""

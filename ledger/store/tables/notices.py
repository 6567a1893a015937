"""Notices to people (通知): where they agreed to be told, what is to be told, what waits and what was sent."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

notice_address = Table(
    "notice_address",
    metadata,
    trust_id_column(),
    key_column("person"),
    key_column("channel"),
    Column("address", String, nullable=False),
    Column("agreed_at", UtcTime, nullable=False),
)
"""Where a person agreed to be told; belongs to the installation. Deleted when the consent is taken back."""

notice = Table(
    "notice",
    metadata,
    trust_id_column(),
    key_column("person"),
    key_column("key"),
    Column("subject", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("path", String, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)
"""What is to be told to a person, written with what it is about; ``key`` so that nothing is told twice. Nothing
personal stands in it: whoever wants to read on follows ``path`` and logs in."""

notice_queue = Table(
    "notice_queue",
    metadata,
    trust_id_column(),
    key_column("person"),
    key_column("key"),
    key_column("channel"),
    Column("tries", Integer, nullable=False),
    Column("next_at", UtcTime, nullable=False),
    Index("ix_notice_queue_next_at", "trust_id", "next_at"),
)
"""What is still to be sent, and when to try next. A row goes when it is sent or given up."""

notice_sent = Table(
    "notice_sent",
    metadata,
    trust_id_column(),
    key_column("person"),
    key_column("key"),
    key_column("channel"),
    Column("outcome", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""What became of a notice: sent, refused, given_up, expired or no_address."""

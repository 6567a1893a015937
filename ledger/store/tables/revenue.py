"""Shared revenue (公共收益): terms of contracts, what falls due when, moves to the maintenance fund."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, Integer, String, Table, Text

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

revenue_terms = Table(
    "revenue_terms",
    metadata,
    trust_id_column(),
    key_column("contract"),
    key_column("version", Integer),
    Column("account", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("period_months", Integer, nullable=False),
    Column("due_days", Integer, nullable=False),
    Column("escalation_bp", Integer, nullable=False),
    Column("escalation_months", Integer, nullable=False),
    Column("received_before", BigInteger, nullable=False),
    Column("resolution", String, nullable=False),
    Column("authority", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
    CheckConstraint("ends_on >= starts_on", name="in_order"),
)
"""A version holds from its ``starts_on`` until the next one's. ``mode``: accrue, prepaid or share;
``received_before``: fen received before these books began to count it."""

revenue_due = Table(
    "revenue_due",
    metadata,
    trust_id_column(),
    key_column("contract"),
    key_column("version", Integer),
    key_column("period_no", Integer),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("amount >= 0", name="amount_not_negative"),
    Index("ix_revenue_due_day", "trust_id", "due_on"),
)
"""What a contract brings for one of its periods, fen with VAT, and the last day to pay it."""

revenue_transfer = Table(
    "revenue_transfer",
    metadata,
    trust_id_column(),
    key_column("transfer", Integer),
    Column("amount", BigInteger, nullable=False),
    Column("resolution", String, nullable=False),
    Column("from_account", String, nullable=False),
    Column("to_account", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
    CheckConstraint("amount > 0", name="amount_positive"),
)
"""A move of shared revenue to the maintenance fund by resolution, one number for both books."""

revenue_transfer_work = Table(
    "revenue_transfer_work",
    metadata,
    trust_id_column(),
    key_column("transfer", Integer),
    key_column("step"),
    key_column("work", BigInteger),
    Column("prepared_at", UtcTime, nullable=False),
)
"""Which piece of work carries out a step of a move; one withdrawn may be followed by another."""

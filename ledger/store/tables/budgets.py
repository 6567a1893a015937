"""Budgets (开放式预算): versions with their lines, what was done with them, what was asked and answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime


def _version_key() -> tuple[Column[Any], ...]:
    """A budget is one fund's in one year; its versions count from 1."""
    return (
        trust_id_column(),
        key_column("year", Integer),
        key_column("fund"),
        key_column("version", Integer),
    )


budget_version = Table(
    "budget_version",
    metadata,
    *_version_key(),
    Column("reason", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
)
"""A draft that was begun; ``reason``: why the version before it has to be adjusted."""

budget_revision = Table(
    "budget_revision",
    metadata,
    *_version_key(),
    key_column("revision", Integer),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("saved_at", UtcTime, nullable=False),
)
"""Each time the lines of a draft were saved; the highest holds until a notice fixes one."""

budget_line = Table(
    "budget_line",
    metadata,
    *_version_key(),
    key_column("revision", Integer),
    key_column("code"),
    Column("place", Integer, nullable=False),
    Column("kind", String(1), nullable=False),
    Column("title", String, nullable=False),
    Column("accounts", String, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("unit", String, nullable=False),
    Column("times", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("spread", String, nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("amount >= 0", name="amount_not_negative"),
)
"""The whole line set of a revision. ``kind``: E spending, I income; ``accounts``: beginnings of account codes,
divided by blanks; ``price`` in 0.0001 yuan, ``quantity`` in 0.001, ``amount`` in fen."""

budget_step = Table(
    "budget_step",
    metadata,
    *_version_key(),
    key_column("step_no", Integer),
    Column("step", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("effective_on", Date),
    Column("body", String, nullable=False),
    Column("decision", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("income", BigInteger, nullable=False),
    Column("expense", BigInteger, nullable=False),
    Column("free", BigInteger, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("acted_at", UtcTime, nullable=False),
)
"""notice (with its days, the figures then, and why more is spent than there is), return, withdraw, adopt."""

budget_comment = Table(
    "budget_comment",
    metadata,
    *_version_key(),
    key_column("comment_no", Integer),
    Column("line", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("commented_at", UtcTime, nullable=False),
)

budget_answer = Table(
    "budget_answer",
    metadata,
    *_version_key(),
    key_column("comment_no", Integer),
    key_column("answer_no", Integer),
    Column("side", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("answered_at", UtcTime, nullable=False),
)
"""``side``: trustee or committee, as the public is told."""

budget_document = Table(
    "budget_document",
    metadata,
    *_version_key(),
    key_column("doc_no", Integer),
    Column("line", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("title", String, nullable=False),
    Column("number", String, nullable=False),
    Column("original", String, nullable=False),
    Column("public", String, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""Papers behind a version, or behind one of its lines (offers, last year's bills)."""

budget_claim = Table(
    "budget_claim",
    metadata,
    trust_id_column(),
    key_column("no", BigInteger),
    key_column("line"),
    Column("amount", BigInteger, nullable=False),
    ForeignKeyConstraint(["trust_id", "no"], ["work.trust_id", "work.no"]),
    Index("ix_budget_claim_line", "trust_id", "line"),
)
"""What work would take from a line (预算占用): counts as long as the work is on its way."""

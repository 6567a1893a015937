"""Registers of evidence (台账) and inspections on the spot (现场检查). Every row is a version that stays."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

register_row = Table(
    "register_row",
    metadata,
    trust_id_column(),
    key_column("register"),
    key_column("no", Integer),
    key_column("version", Integer),
    Column("acted_on", Date, nullable=False),
    Column("body", Text, nullable=False),
    Column("document", String, nullable=False),
    Column("standing", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""A line of a register (:data:`ledger.registers.value.REGISTERS`), the newest version holds. ``body`` is what that
register keeps, as JSON: never about a person; ``document``: SHA-256 of the evidence; ``standing`` false: the line
was struck out, and ``note`` says why."""

inspection = Table(
    "inspection",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    Column("checklist", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", String, nullable=False),
    Column("body", String, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("key", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    UniqueConstraint("trust_id", "person", "key"),
    CheckConstraint("body IN ('trustee', 'committee', 'party', 'supervisor')", name="body"),
    Index("ix_inspection_held_on", "trust_id", "held_on"),
)
"""Somebody of ``body`` went through a version of a checklist. ``key``: what the form carried, so that sending it
again, however late, registers it once."""

inspection_point = Table(
    "inspection_point",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    key_column("place", Integer),
    Column("area", String, nullable=False),
    Column("what", String, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("words", Text, nullable=False),
    Column("original", String, nullable=False),
    Column("redacted", String, nullable=False),
    Column("fix_by", Date),
)
"""A point and how it was found. ``words`` and the picture (SHA-256 of the file and of its copy without metadata)
are for the office; ``fix_by``: the last day to put right what was not in order."""

inspection_fix = Table(
    "inspection_fix",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    key_column("place", Integer),
    key_column("step", Integer),
    Column("state", String, nullable=False),
    Column("words", Text, nullable=False),
    Column("original", String, nullable=False),
    Column("redacted", String, nullable=False),
    Column("acted_on", Date, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("state IN ('done', 'open')", name="state"),
)
"""A point was put right (整改), or looked at again and is not; the newest step holds."""

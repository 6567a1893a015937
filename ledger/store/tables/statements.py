"""What was done with a published statement: put up on the notice board, reported, confirmed."""

from __future__ import annotations

from sqlalchemy import (
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

statement_act = Table(
    "statement_act",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    Column("period", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("until_day", Date),
    Column("place", Text, nullable=False),
    Column("document", String, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    ForeignKeyConstraint(
        ["trust_id", "period", "version"], ["statement.trust_id", "statement.period", "statement.version"]
    ),
    CheckConstraint("kind IN ('posted', 'assembly', 'committee')", name="kind"),
    CheckConstraint("until_day IS NULL OR until_day >= on_day", name="in_order"),
    Index("ix_statement_act_period", "trust_id", "period", "version"),
)
"""``kind``: posted (张贴, from ``on_day`` to ``until_day`` at ``place``), or reported (报告) to the assembly or the
committee, by the way in ``place``. ``document`` is the SHA-256 of a photo or paper, '' if there is none."""

statement_act_step = Table(
    "statement_act_step",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    Column("step", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    ForeignKeyConstraint(["trust_id", "no"], ["statement_act.trust_id", "statement_act.no"]),
    CheckConstraint("step IN ('confirmed', 'denied', 'withdrawn')", name="step"),
)
"""What became of an act, once: a report ``confirmed`` or ``denied`` by the committee, any act ``withdrawn``."""

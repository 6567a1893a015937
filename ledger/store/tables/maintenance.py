"""The maintenance fund besides its entries: first contributions of units, plans of use."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, String, Table, Text

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

maintenance_initial = Table(
    "maintenance_initial",
    metadata,
    trust_id_column(),
    key_column("unit"),
    key_column("version", Integer),
    Column("amount", BigInteger, nullable=False),
    Column("authority", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
    CheckConstraint("amount > 0", name="amount_positive"),
)
"""What a unit had to pay in first (首期交存额), fen; the highest version holds."""

maintenance_plan = Table(
    "maintenance_plan",
    metadata,
    trust_id_column(),
    key_column("plan"),
    key_column("version", Integer),
    Column("title", String, nullable=False),
    Column("estimate", BigInteger, nullable=False),
    Column("scope", Text, nullable=False),
    Column("resolution", String, nullable=False),
    Column("filing", String, nullable=False),
    Column("shortfall", String, nullable=False),
    Column("decision", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
    CheckConstraint("estimate > 0", name="estimate_positive"),
)
"""A plan of use (使用方案); the highest version holds. ``scope``: JSON, see ``ledger.maintenance.scope``;
``shortfall``: what the owners decided about units that have too little, ``decision`` where they did."""

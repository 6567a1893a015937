"""Trusts and what is on record about them: head, deed, settings, chart, dimensions, units, contracts."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

trust = Table(
    "trust",
    metadata,
    trust_id_column(),
    Column("slug", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("trustee", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

trust_head = Table(
    "trust_head",
    metadata,
    trust_id_column(),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("numbers", Text, nullable=False),
    Column("closed", Text, nullable=False),
    Column("setup_version", BigInteger, nullable=False),
)
"""One mutable row a trust: the lock of its writers and a cache that ``verify`` recomputes.

``size`` and ``frontier`` are the log's; ``numbers`` maps "A-2025" to the last entry number, ``closed``
maps a book to the last closed day; ``setup_version`` grows when chart, dimensions or settings change.
"""

deed = Table(
    "deed",
    metadata,
    trust_id_column(),
    key_column("version", Integer),
    Column("effective_on", Date, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("parties", Text, nullable=False),
    Column("beneficiaries", Text, nullable=False),
    Column("property_scope", Text, nullable=False),
    Column("benefit_form", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    trust_id_column(),
    key_column("name"),
    key_column("effective_on", Date),
    Column("value", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)

account = Table(
    "account",
    metadata,
    trust_id_column(),
    key_column("book"),
    key_column("code"),
    Column("name", String, nullable=False),
    Column("parent", String, nullable=False),
    Column("class", String(1), nullable=False, key="class_"),
    Column("side", String(1), nullable=False),
    Column("funds", String, nullable=False),
    Column("dimensions", String, nullable=False),
    Column("leaf", Boolean, nullable=False),
    Column("closed_on", Date),
)

dimension_value = Table(
    "dimension_value",
    metadata,
    trust_id_column(),
    key_column("dimension"),
    key_column("code"),
    Column("name", String, nullable=False),
    Column("related", Boolean, nullable=False),
    Column("closed_on", Date),
)
"""Every unit, vendor, contract, project, site, party and bank account a posting may name.

``related``: has ties to the trustee (信托法 25–28)."""

unit = Table(
    "unit",
    metadata,
    trust_id_column(),
    key_column("unit"),
    Column("building", String, nullable=False),
    Column("use_kind", String, nullable=False),
    Column("area", BigInteger, nullable=False),
    CheckConstraint("area > 0", name="area_positive"),
)

contract = Table(
    "contract",
    metadata,
    trust_id_column(),
    key_column("contract"),
    Column("title", String, nullable=False),
    Column("party", String, nullable=False),
    Column("site", String, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
)

fee_standard = Table(
    "fee_standard",
    metadata,
    trust_id_column(),
    key_column("use_kind"),
    key_column("effective_on", Date),
    Column("rate_e4", BigInteger, nullable=False),
    Column("authority", Text, nullable=False),
    CheckConstraint("rate_e4 > 0", name="rate_positive"),
)
"""``rate_e4``: 0.0001 yuan per m² and month."""

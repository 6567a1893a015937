"""Who owns, rents and manages: tenures, changes of units, owners, handovers, sheets waiting to be confirmed.

Histories are append-only: a later row is in force from its day on, and the newest of one day wins.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

tenure = Table(
    "tenure",
    metadata,
    trust_id_column(),
    key_column("version", Integer),
    Column("trustee", String, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("contract", Text, nullable=False),
    Column("notice_days", Integer, nullable=False),
    Column("authority", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""The trustee's time in office (任期); ``ends_on`` empty: of no fixed term (民法典 948)."""

unit_version = Table(
    "unit_version",
    metadata,
    trust_id_column(),
    key_column("unit"),
    key_column("no", Integer),
    Column("effective_on", Date, nullable=False),
    Column("use_kind", String, nullable=False),
    Column("area", BigInteger, nullable=False),
    Column("authority", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("area > 0", name="area_positive"),
)
"""A later use or area (0.01 m²) of a unit; the first ones stand in ``unit``."""

owner = Table(
    "owner",
    metadata,
    trust_id_column(),
    key_column("owner"),
    Column("kind", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""The register of people and firms who own or rent, by a key that says nothing of them.

``kind``: person, firm or developer."""

owner_contact = Table(
    "owner_contact",
    metadata,
    trust_id_column(),
    key_column("owner"),
    Column("name", String, nullable=False),
    Column("phone", String, nullable=False),
    Column("address", Text, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Index("ix_owner_contact_name", "trust_id", "name"),
)
"""Names and how to reach people: never public, kept apart so that they can be changed and erased."""

title = Table(
    "title",
    metadata,
    trust_id_column(),
    key_column("unit"),
    key_column("no", Integer),
    Column("starts_on", Date, nullable=False),
    Column("reason", String, nullable=False),
    Column("authority", Text, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""Who owns a unit from a day on (产权); until the next one begins. ``title_share`` says who, and how much."""

title_share = Table(
    "title_share",
    metadata,
    trust_id_column(),
    key_column("unit"),
    key_column("no", Integer),
    key_column("owner"),
    Column("numerator", BigInteger, nullable=False),
    Column("denominator", BigInteger, nullable=False),
    CheckConstraint("numerator > 0 AND numerator <= denominator", name="share_within_whole"),
    Index("ix_title_share_owner", "trust_id", "owner"),
)

tenancy = Table(
    "tenancy",
    metadata,
    trust_id_column(),
    key_column("unit"),
    key_column("no", Integer),
    Column("tenant", String, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("recorded_at", UtcTime, nullable=False),
    Index("ix_tenancy_tenant", "trust_id", "tenant"),
)
"""Who rents a unit; a later row of the same tenant and first day replaces an earlier one."""

sheet_draft = Table(
    "sheet_draft",
    metadata,
    trust_id_column(),
    key_column("token"),
    Column("kind", String, nullable=False),
    Column("filename", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("person", String, nullable=False),
    Column("uploaded_at", UtcTime, nullable=False),
)
"""An uploaded sheet between preview and confirmation. It may hold names: it is deleted afterwards."""

handover = Table(
    "handover",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    Column("outgoing", String, nullable=False),
    Column("incoming", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("authority", Text, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""A change of trustee (受托人更换, 信托法 38–41, 52)."""

handover_step = Table(
    "handover_step",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    key_column("step_no", Integer),
    Column("step", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("document", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("acted_at", UtcTime, nullable=False),
)
"""What was done in a handover; ``step``: freeze, item, sign, complete or cancel.

``subject``: the item checked or the party that signed; ``document``: SHA-256 of a scan; ``digest``: of
the snapshot signed."""

handover_snapshot = Table(
    "handover_snapshot",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    key_column("step_no", Integer),
    Column("size", BigInteger, nullable=False),
    Column("checkpoint_size", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("digest", String, nullable=False),
    Column("taken_at", UtcTime, nullable=False),
)
"""All balances at a freeze: ``body`` is canonical JSON of the first ``size`` entries of the log."""

"""Special projects (专项项目): the four lists, plans, owners' parts, restricted grants, and what was done."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Integer, String, Table, Text

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

project_need = Table(
    "project_need",
    metadata,
    trust_id_column(),
    key_column("need", Integer),
    key_column("version", Integer),
    Column("title", String, nullable=False),
    Column("place", String, nullable=False),
    Column("homes", Integer, nullable=False),
    Column("urgency", String, nullable=False),
    Column("reporter", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
    CheckConstraint("homes >= 0", name="homes_not_negative"),
)
"""The list of needs (需求清单); the newest version of each counts. ``note`` is never published."""

project_resource = Table(
    "project_resource",
    metadata,
    trust_id_column(),
    key_column("resource", Integer),
    key_column("version", Integer),
    Column("source", String, nullable=False),
    Column("giver", String, nullable=False),
    Column("title", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("paper", String, nullable=False),
    Column("document", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
    CheckConstraint("amount >= 0", name="amount_not_negative"),
)
"""The list of resources (资源清单): fen that a giver may put in; ``document`` is the SHA-256 of its paper."""

project_plan = Table(
    "project_plan",
    metadata,
    trust_id_column(),
    key_column("project"),
    key_column("version", Integer),
    Column("title", String, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
    CheckConstraint("total > 0", name="total_positive"),
)
"""The list of projects (项目清单). ``body``: JSON of ``ledger.projects.value.Plan``; the version that was
adopted last (``project_step``) is in force."""

project_part = Table(
    "project_part",
    metadata,
    trust_id_column(),
    key_column("project"),
    key_column("version", Integer),
    key_column("unit"),
    Column("building", String, nullable=False),
    Column("area", BigInteger, nullable=False),
    Column("weight", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
)
"""What each unit bears of the owners' part under an adopted plan, fen. Never public."""

project_grant = Table(
    "project_grant",
    metadata,
    trust_id_column(),
    key_column("code"),
    key_column("version", Integer),
    Column("title", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("source", String, nullable=False),
    Column("giver", String, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("project", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("paper", String, nullable=False),
    Column("document", String, nullable=False),
    Column("approved_on", Date, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
    CheckConstraint("amount > 0", name="amount_positive"),
)
"""Money given for one purpose (限定用途资金): fen approved; the newest version counts."""

project_step = Table(
    "project_step",
    metadata,
    trust_id_column(),
    key_column("project"),
    key_column("step_no", Integer),
    Column("step", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("document", String, nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("acted_at", UtcTime, nullable=False),
)
"""What was decided or found about a project: adopt (``version`` of the plan), accept (``subject`` is the
milestone), evaluate, final. ``body``: JSON."""

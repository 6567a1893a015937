"""The joint conference: items, the stages they went through or skipped, tasks, and what followed."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Integer, String, Table, Text

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

conference_item = Table(
    "conference_item",
    metadata,
    trust_id_column(),
    key_column("item", Integer),
    Column("title", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("proposed_by", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)
"""An item (议题); ``proposed_by`` is a body of ``ledger/conference/data/bodies.toml``. All of it but
``recorded_by`` is public."""

conference_session = Table(
    "conference_session",
    metadata,
    trust_id_column(),
    key_column("item", Integer),
    key_column("no", Integer),
    Column("stage", String, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("minutes", Text, nullable=False),
    Column("outcome", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)
"""One meeting about an item, or with ``held`` false a stage left out on that day, ``minutes`` saying why.
``outcome``: one of the stage's, empty if it was left out."""

conference_attendance = Table(
    "conference_attendance",
    metadata,
    trust_id_column(),
    key_column("item", Integer),
    key_column("no", Integer),
    key_column("body"),
    Column("people", Integer, nullable=False),
    Column("roles", String, nullable=False),
    CheckConstraint("people > 0", name="people_positive"),
)
"""How many came for a body, and as what (``roles``: 主任、委员); no names."""

conference_paper = Table(
    "conference_paper",
    metadata,
    trust_id_column(),
    key_column("item", Integer),
    key_column("no", Integer),
    key_column("sha256"),
    Column("title", String, nullable=False),
)
"""Papers of a session, by the SHA-256 of what was handed in."""

conference_task = Table(
    "conference_task",
    metadata,
    trust_id_column(),
    key_column("item", Integer),
    key_column("task", Integer),
    Column("title", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("owner_role", String, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)
"""What a body has to do (``owner``, and as what: ``owner_role``) by a day."""

conference_task_step = Table(
    "conference_task_step",
    metadata,
    trust_id_column(),
    key_column("item", Integer),
    key_column("task", Integer),
    key_column("no", Integer),
    Column("state", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("document", String, nullable=False),
    Column("acted_on", Date, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)
"""A task is done, open again or dropped; the newest step holds. ``note``: the evidence or the reason."""

conference_link = Table(
    "conference_link",
    metadata,
    trust_id_column(),
    key_column("item", Integer),
    key_column("kind"),
    key_column("reference"),
    key_column("version", Integer),
    Column("standing", Boolean, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)
"""What followed from an item: budget, resolution, project, work or entry. The highest version holds."""

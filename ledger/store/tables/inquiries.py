"""Questions, snapshots, repairs and inspections (质询、随手拍、报修、查阅复制): what was asked, and every step since."""

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

inquiry = Table(
    "inquiry",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    Column("kind", String, nullable=False),
    Column("about_kind", String, nullable=False),
    Column("about", String, nullable=False),
    Column("place", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("follows", Integer, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("key", String, nullable=False),
    UniqueConstraint("trust_id", "person", "key"),
    Index("ix_inquiry_person", "trust_id", "person", "no"),
)
"""What was asked. ``place``, ``text``, ``person`` and ``unit`` are never public. ``about_kind`` is empty, entry,
statement, project or area; ``follows`` the earlier one that did not settle it, or 0; ``answer_by`` the day an
answer was promised for; ``key`` what the form carried, so that sending it twice asks once."""

inquiry_step = Table(
    "inquiry_step",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    key_column("step", Integer),
    Column("kind", String, nullable=False),
    Column("level", Integer, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("result", String, nullable=False),
    Column("of_step", Integer, nullable=False),
    Column("due_on", Date),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("level BETWEEN 1 AND 3", name="known_level"),
    Index("ix_inquiry_step_kind", "trust_id", "kind", "recorded_at"),
)
"""The course of an inquiry. ``level`` and ``due_on`` are those in force after the step; ``signature`` says in
which capacity, never a name; ``text`` is for the asker and those on duty, but that of ``published`` steps is
public, as words of ``of_step``."""

inquiry_picture = Table(
    "inquiry_picture",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    key_column("step", Integer),
    key_column("picture", Integer),
    Column("original", String, nullable=False),
    Column("redacted", String, nullable=False),
    Index("ix_inquiry_picture_redacted", "trust_id", "redacted"),
)
"""Pictures of a step, by SHA-256: as they came, and the copy without metadata. Those of ``published`` steps are
public as the copy, parts of it blacked out."""

inquiry_echo = Table(
    "inquiry_echo",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    key_column("person"),
    Column("recorded_at", UtcTime, nullable=False),
)
"""Who asks the same (我也想问), once a person; only the number is public."""

inquiry_now = Table(
    "inquiry_now",
    metadata,
    trust_id_column(),
    key_column("no", Integer),
    Column("kind", String, nullable=False),
    Column("about_kind", String, nullable=False),
    Column("about", String, nullable=False),
    Column("status", String, nullable=False),
    Column("level", Integer, nullable=False),
    Column("due_on", Date),
    Column("opened_on", Date, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("response_minutes", Integer),
    Column("answered_on", Date),
    Column("closed_on", Date),
    Column("late", Boolean, nullable=False),
    Column("rating", String, nullable=False),
    Column("mediation", String, nullable=False),
    Column("reworks", Integer, nullable=False),
    Column("echoes", Integer, nullable=False),
    Column("publication", String, nullable=False),
    Index("ix_inquiry_now_due", "trust_id", "status", "due_on"),
    Index("ix_inquiry_now_about", "trust_id", "about_kind", "about"),
    Index("ix_inquiry_now_opened", "trust_id", "opened_on"),
)
"""Where each inquiry stands: what the steps come to, written with every step, and made again by ``verify``."""

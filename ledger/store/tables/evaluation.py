"""The dual hundred-point evaluation (双百分制评价): schemes, rounds and their steps, answers, results."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

evaluation_scheme = Table(
    "evaluation_scheme",
    metadata,
    trust_id_column(),
    key_column("version", Integer),
    Column("district", String, nullable=False),
    Column("title", String, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("authority", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""Versions of a community's own scheme; those of ``INSTALLATION`` are for all communities of ``district``, or for
all of the installation where it is empty. ``body`` is :class:`ledger.evaluation.scheme.Scheme` as JSON."""

evaluation_round = Table(
    "evaluation_round",
    metadata,
    trust_id_column(),
    key_column("round", Integer),
    Column("period", Integer, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("scope", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    CheckConstraint("last_on >= first_on", name="in_order"),
    Index("ix_evaluation_round_period", "trust_id", "period"),
)
"""A round over a span (codes of :mod:`ledger.periods.spans`), with the scheme it keeps: a copy of version
``version`` of the ``scope`` own, district or default."""

evaluation_step = Table(
    "evaluation_step",
    metadata,
    trust_id_column(),
    key_column("round", Integer),
    key_column("step", Integer),
    Column("kind", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""The course of a round; ``body`` is what belongs to that kind of step, as JSON."""

evaluation_answer = Table(
    "evaluation_answer",
    metadata,
    trust_id_column(),
    key_column("round", Integer),
    key_column("no", Integer),
    Column("unit", String, nullable=False),
    Column("building", String, nullable=False),
    Column("choice", String, nullable=False),
    Column("person", String, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    UniqueConstraint("trust_id", "round", "unit"),
)
"""The questionnaire: one answer a home, never public but as a commitment in the log and in sums."""

evaluation_result = Table(
    "evaluation_result",
    metadata,
    trust_id_column(),
    key_column("round", Integer),
    key_column("version", Integer),
    Column("body", LargeBinary, nullable=False),
    Column("published_at", UtcTime, nullable=False),
)
"""Results as published, canonical JSON; the log has their SHA-256. A correction is another version."""

evaluation_consequence = Table(
    "evaluation_consequence",
    metadata,
    trust_id_column(),
    key_column("round", Integer),
    key_column("version", Integer),
    key_column("kind"),
    Column("due_on", Date),
    Column("percent", Integer, nullable=False),
    Column("basis", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("kind IN ('pay', 'rectify', 'renewal')", name="kind"),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    Index("ix_evaluation_consequence_kind", "trust_id", "kind", "round", "version"),
)
"""What follows from a result, because the deed says so (``basis``): ``pay`` so many ``percent`` of the remuneration,
``rectify`` by a day, put the ``renewal`` of the trustee to the assembly by a day."""

evaluation_consequence_step = Table(
    "evaluation_consequence_step",
    metadata,
    trust_id_column(),
    key_column("round", Integer),
    key_column("version", Integer),
    key_column("kind"),
    key_column("no", Integer),
    Column("state", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("document", String, nullable=False),
    Column("acted_on", Date, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("state IN ('done', 'open')", name="state"),
)
"""A consequence was dealt with, or is open again; the newest row holds."""

evaluation_now = Table(
    "evaluation_now",
    metadata,
    trust_id_column(),
    key_column("round", Integer),
    Column("period", Integer, nullable=False),
    Column("stage", String, nullable=False),
    Column("due_on", Date),
    Column("version", Integer, nullable=False),
    Column("service_points", Integer),
    Column("service_possible", Integer, nullable=False),
    Column("service_grade", String, nullable=False),
    Column("party_points", Integer),
    Column("party_possible", Integer, nullable=False),
    Column("party_grade", String, nullable=False),
    Column("vetoes", Integer, nullable=False),
    Column("appeals", Integer, nullable=False),
    Column("figures", Text, nullable=False),
    Index("ix_evaluation_now_period", "trust_id", "period"),
)
"""Where each round stands, written with every step and made again by ``verify``. Points are of 0.01, null before
the preview; ``figures``: points by indicator as JSON, null where not rated; ``appeals``: not ruled on yet."""

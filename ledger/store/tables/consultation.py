"""Changes of fee standards that were talked over with the owners; choosing and dismissing the trustee."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Integer, String, Table, Text

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

fee_proposal = Table(
    "fee_proposal",
    metadata,
    trust_id_column(),
    key_column("proposal", Integer),
    Column("item", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("target", String, nullable=False),
    Column("method", String, nullable=False),
    Column("rate_e4", BigInteger, nullable=False),
    Column("units", Text, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("cost", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)
"""A fee standard as proposed (``rate_e4``: 0.0001 yuan); ``units`` and ``cost`` are JSON, the latter a
:class:`ledger.consultation.cost.Cost` as the books told it that day."""

fee_step = Table(
    "fee_step",
    metadata,
    trust_id_column(),
    key_column("proposal", Integer),
    key_column("no", Integer),
    Column("step", String, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("until_day", Date),
    Column("reference", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("document", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)
"""The course of a proposal; ``step``: consult (``until_day``: the last day of answers), resolve
(``reference``: the decision), notice (``until_day``: the day it takes effect), record (``reference``: the
number of the standard) or withdraw."""

fee_answer = Table(
    "fee_answer",
    metadata,
    trust_id_column(),
    key_column("proposal", Integer),
    key_column("unit"),
    key_column("version", Integer),
    Column("choice", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""What a home says, the highest version holds. Never public but in counts."""

fee_count = Table(
    "fee_count",
    metadata,
    trust_id_column(),
    key_column("proposal", Integer),
    key_column("no", Integer),
    Column("agree", Integer, nullable=False),
    Column("against", Integer, nullable=False),
    Column("other", Integer, nullable=False),
    Column("document", String, nullable=False),
    Column("person", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
    CheckConstraint("agree >= 0 AND against >= 0 AND other >= 0", name="counts_not_negative"),
)
"""A count of answers on paper; it holds when two people in a row counted the same."""

selection = Table(
    "selection",
    metadata,
    trust_id_column(),
    key_column("selection", Integer),
    Column("kind", String, nullable=False),
    Column("title", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)
"""Choosing, renewing or dismissing the trustee; ``planned_on``: the day it is meant to take effect."""

selection_candidate = Table(
    "selection_candidate",
    metadata,
    trust_id_column(),
    key_column("selection", Integer),
    key_column("candidate", Integer),
    Column("name", String, nullable=False),
    Column("statement", Text, nullable=False),
    Column("document", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)

selection_criterion = Table(
    "selection_criterion",
    metadata,
    trust_id_column(),
    key_column("selection", Integer),
    key_column("place", Integer),
    Column("title", String, nullable=False),
    Column("weight", Integer, nullable=False),
    CheckConstraint("weight > 0 AND weight <= 100", name="weight_in_percent"),
)
"""What candidates are judged by; the weights of a selection sum to 100."""

selection_score = Table(
    "selection_score",
    metadata,
    trust_id_column(),
    key_column("selection", Integer),
    key_column("judge"),
    key_column("candidate", Integer),
    key_column("place", Integer),
    key_column("version", Integer),
    Column("points", Integer, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("points >= 0 AND points <= 100", name="points_in_bounds"),
)
"""Points (0 to 100) of a judge for a candidate by a criterion; the highest version holds."""

selection_step = Table(
    "selection_step",
    metadata,
    trust_id_column(),
    key_column("selection", Integer),
    key_column("no", Integer),
    Column("step", String, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("until_day", Date),
    Column("reference", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("document", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)
"""The course; ``step``: notice (``until_day``: the day the trustee leaves), rank, decide (``reference``: the
decision) or withdraw."""

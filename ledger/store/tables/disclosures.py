"""Registers of what is published besides money: service items, posts, what was done, confirmations.

All public; nothing in them names a person. Every row is a version that stays.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, String, Table, Text

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

service_version = Table(
    "service_version",
    metadata,
    trust_id_column(),
    key_column("version", Integer),
    Column("effective_on", Date, nullable=False),
    Column("authority", Text, nullable=False),
    Column("published_at", UtcTime, nullable=False),
    Column("published_by", String, nullable=False),
)
"""A published list of services (服务事项); ``authority``: the contract or decision it rests on."""

service_item = Table(
    "service_item",
    metadata,
    trust_id_column(),
    key_column("version", Integer),
    key_column("place", Integer),
    Column("code", String, nullable=False),
    Column("title", String, nullable=False),
    Column("content", Text, nullable=False),
    Column("standard", Text, nullable=False),
    Column("frequency", String, nullable=False),
)
"""A service of a list: what is done, to what standard (质量要求), how often."""

staff_post_version = Table(
    "staff_post_version",
    metadata,
    trust_id_column(),
    key_column("version", Integer),
    Column("effective_on", Date, nullable=False),
    Column("published_at", UtcTime, nullable=False),
    Column("published_by", String, nullable=False),
)

staff_post = Table(
    "staff_post",
    metadata,
    trust_id_column(),
    key_column("version", Integer),
    key_column("place", Integer),
    Column("title", String, nullable=False),
    Column("duty", Text, nullable=False),
    Column("services", Text, nullable=False),
    Column("desk", String, nullable=False),
)
"""Who answers for what (负责人员), by post and desk, never by name. ``services``: codes divided by spaces."""

fulfilment = Table(
    "fulfilment",
    metadata,
    trust_id_column(),
    key_column("period", Integer),
    key_column("version", Integer),
    Column("ends_on", Date, nullable=False),
    Column("summary", Text, nullable=False),
    Column("published_at", UtcTime, nullable=False),
    Column("published_by", String, nullable=False),
)
"""A note on what was done (履行情况) in a month or quarter (codes of :mod:`ledger.periods.spans`)."""

fulfilment_item = Table(
    "fulfilment_item",
    metadata,
    trust_id_column(),
    key_column("period", Integer),
    key_column("version", Integer),
    key_column("place", Integer),
    Column("service", String, nullable=False),
    Column("title", String, nullable=False),
    Column("done", Text, nullable=False),
    Column("state", String, nullable=False),
)
"""``state``: met, partly, missed or none (not due in the period)."""

fulfilment_document = Table(
    "fulfilment_document",
    metadata,
    trust_id_column(),
    key_column("period", Integer),
    key_column("version", Integer),
    key_column("place", Integer),
    Column("title", String, nullable=False),
    Column("original", String, nullable=False),
    Column("public", String, nullable=False),
)
"""Papers and pictures by SHA-256, the original and the copy everybody may see."""

block_review = Table(
    "block_review",
    metadata,
    trust_id_column(),
    key_column("review", Integer),
    Column("block", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)
"""The trustee looked at a block and says that it still holds (已核对，仍有效)."""

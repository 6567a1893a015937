"""Summaries of the trusts of one installation, for whoever oversees several of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Integer, String, Table, Text

from ledger.store.tables.base import metadata, trust_id_column
from ledger.store.types import UtcTime

district_summary = Table(
    "district_summary",
    metadata,
    trust_id_column(),
    Column("slug", String, nullable=False),
    Column("name", String, nullable=False),
    Column("trustee", String, nullable=False),
    Column("district", String, nullable=False),
    Column("grid", String, nullable=False),
    Column("refreshed_at", UtcTime, nullable=False),
    Column("day", Date, nullable=False),
    Column("log_size", BigInteger, nullable=False),
    Column("setup_version", BigInteger, nullable=False),
    Column("signed_size", BigInteger, nullable=False),
    Column("signed_at", UtcTime),
    Column("growth", BigInteger, nullable=False),
    Column("common", BigInteger, nullable=False),
    Column("maintenance", BigInteger, nullable=False),
    Column("funds", Text, nullable=False),
    Column("quiet_days", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("late_days", Integer, nullable=False),
    Column("late_titles", Text, nullable=False),
    Column("open_lines", Integer, nullable=False),
    Column("open_days", Integer, nullable=False),
    Column("months_behind", Integer, nullable=False),
    Column("corrections", Integer, nullable=False),
    Column("co_sign", Integer, nullable=False),
    Column("over_budget", Integer, nullable=False),
    Column("votes", Integer, nullable=False),
    Column("bare", Integer, nullable=False),
    Column("overdrawn", Integer, nullable=False),
    Column("checkpoint_days", Integer, nullable=False),
    Column("findings", Integer, nullable=False),
)
"""One row a trust, made again when its log grew or the day changed; everything in it follows from the trust's
own books. Counts and days are as of ``day``; ``quiet_days`` and ``checkpoint_days`` are -1 for "never"; amounts
are fen, ``funds`` those of each fund as JSON. ``growth``: leaves of the last 30 days; ``corrections`` and
``bare`` (spending without a paper) count the last 90;
``findings`` how many of them are out of order (:mod:`ledger.district.findings`). Nothing of a single household is in it."""

"""Closed periods, their balances, and published statements."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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

period_close = Table(
    "period_close",
    metadata,
    trust_id_column(),
    key_column("book"),
    key_column("period", Integer),
    Column("ends_on", Date, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("closed_at", UtcTime, nullable=False),
    Column("closed_by", String, nullable=False),
    Column("checklist", Text, nullable=False),
)
"""``period`` is yyyymm; ``size`` the log size at closing: every posting up to ``ends_on`` is before it."""

period_balance = Table(
    "period_balance",
    metadata,
    trust_id_column(),
    key_column("book"),
    key_column("period", Integer),
    key_column("account"),
    key_column("fund"),
    key_column("bank_account"),
    Column("debit", BigInteger, nullable=False),
    Column("credit", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Debits and credits since the beginning, at the end of a closed period; ``bank_account`` '' if none."""

statement = Table(
    "statement",
    metadata,
    trust_id_column(),
    key_column("period", Integer),
    key_column("version", Integer),
    Column("size", BigInteger, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("published_at", UtcTime, nullable=False),
)

"""Entries, postings and what belongs to them. Written by :mod:`ledger.journal` only, changed by no one."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    column,
)

from ledger.store.tables.base import key_column, metadata, to_entry, trust_id_column
from ledger.store.types import UtcTime

entry = Table(
    "entry",
    metadata,
    trust_id_column(),
    key_column("seq", BigInteger),
    Column("book", String(1), nullable=False),
    Column("fiscal_year", SmallInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("original_date", Date),
    Column("posted_at", UtcTime, nullable=False),
    Column("event", String, nullable=False),
    Column("summary", Text, nullable=False),
    Column("counterparty", Text, nullable=False),
    Column("counterparty_public", Boolean, nullable=False),
    Column("memo", Text, nullable=False),
    Column("preparer", String, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("idempotency_key", String, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("reverses", BigInteger),
    Column("amends", BigInteger),
    Column("line_count", Integer, nullable=False),
    Column("total", BigInteger, nullable=False),
    UniqueConstraint("trust_id", "book", "fiscal_year", "number"),
    UniqueConstraint("trust_id", "idempotency_key"),
    ForeignKeyConstraint(
        ["trust_id", "seq"], ["leaf.trust_id", "leaf.seq"], deferrable=True, initially="DEFERRED"
    ),
    CheckConstraint("preparer <> reviewer", name="two_people"),
    CheckConstraint("line_count >= 2", name="has_lines"),
    CheckConstraint("number >= 1 AND seq >= 0", name="counted"),
    Index("ix_entry_date", "trust_id", "business_date", "seq"),
    Index(
        "ix_entry_late",
        "trust_id",
        "business_date",
        "seq",
        postgresql_where=column("original_date").is_not(None),
        sqlite_where=column("original_date").is_not(None),
    ),
    Index(
        "uq_entry_reverses",
        "trust_id",
        "reverses",
        unique=True,
        postgresql_where=column("reverses").is_not(None),
        sqlite_where=column("reverses").is_not(None),
    ),
    Index(
        "ix_entry_amends",
        "trust_id",
        "amends",
        postgresql_where=column("amends").is_not(None),
        sqlite_where=column("amends").is_not(None),
    ),
    sqlite_with_rowid=False,
)

DIMENSIONS = ("unit", "vendor", "contract", "project", "bank_account", "party", "site", "counter_fund")
"""The auxiliary dimensions a posting can carry, each a column of ``posting``."""


def _dimension_index(name: str) -> Index:
    used = column(name).is_not(None)
    return Index(
        f"ix_posting_{name}",
        "trust_id",
        name,
        "account",
        "business_date",
        postgresql_where=used,
        sqlite_where=used,
    )


def _dated_index(name: str) -> Index:
    """For lists of entries: newest first, without sorting."""
    used = column(name).is_not(None)
    return Index(
        f"ix_posting_{name}_date",
        "trust_id",
        name,
        "business_date",
        "seq",
        postgresql_where=used,
        sqlite_where=used,
    )


posting = Table(
    "posting",
    metadata,
    trust_id_column(),
    key_column("seq", BigInteger),
    key_column("line_no", Integer),
    Column("book", String(1), nullable=False),
    Column("account", String, nullable=False),
    Column("fund", String, nullable=False),
    Column("side", String(1), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("business_date", Date, nullable=False),
    *(Column(name, String) for name in DIMENSIONS),
    Column("detail_count", Integer, nullable=False),
    to_entry(),
    CheckConstraint("side IN ('D', 'C')", name="side"),
    CheckConstraint("amount <> 0", name="not_zero"),
    Index(
        "ix_posting_account",
        "trust_id",
        "book",
        "account",
        "fund",
        "business_date",
        "seq",
        "side",
        "amount",
    ),
    Index("ix_posting_date", "trust_id", "book", "business_date", "account", "fund", "side", "amount"),
    *(_dimension_index(name) for name in ("unit", "vendor", "contract", "project", "party", "site")),
    *(_dated_index(name) for name in ("vendor", "contract", "project", "site")),
    sqlite_with_rowid=False,
)

posting_detail = Table(
    "posting_detail",
    metadata,
    trust_id_column(),
    key_column("seq", BigInteger),
    key_column("line_no", Integer),
    key_column("detail_no", Integer),
    Column("unit", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("basis", Text, nullable=False),
    ForeignKeyConstraint(
        ["trust_id", "seq", "line_no"],
        ["posting.trust_id", "posting.seq", "posting.line_no"],
        deferrable=True,
        initially="DEFERRED",
    ),
    CheckConstraint("amount <> 0", name="not_zero"),
    Index("ix_posting_detail_unit", "trust_id", "unit", "seq"),
    sqlite_with_rowid=False,
)

entry_document = Table(
    "entry_document",
    metadata,
    trust_id_column(),
    key_column("seq", BigInteger),
    key_column("doc_no", Integer),
    Column("kind", String, nullable=False),
    Column("title", String, nullable=False),
    Column("number", String, nullable=False),
    Column("original", String, nullable=False),
    Column("public", String, nullable=False),
    to_entry(),
)


def _reference_index(kind: str) -> Index:
    of_kind = column("kind") == kind
    return Index(
        f"ix_entry_reference_{kind}",
        "trust_id",
        "ref",
        "seq",
        postgresql_where=of_kind,
        sqlite_where=of_kind,
    )


entry_reference = Table(
    "entry_reference",
    metadata,
    trust_id_column(),
    key_column("seq", BigInteger),
    key_column("kind"),
    Column("ref", String, nullable=False),
    to_entry(),
    *(_reference_index(kind) for kind in ("budget_line", "plan", "project", "resolution", "transfer")),
)

invoice_use = Table(
    "invoice_use",
    metadata,
    trust_id_column(),
    key_column("invoice"),
    key_column("use_no", Integer),
    Column("seq", BigInteger, nullable=False),
    to_entry(),
    Index("ix_invoice_use_seq", "trust_id", "seq"),
)
"""``use_no`` is 1; a further use is allowed only after the entry of the one before was reversed."""

entry_salt = Table(
    "entry_salt",
    metadata,
    trust_id_column(),
    key_column("seq", BigInteger),
    Column("salt", LargeBinary, nullable=False),
)
"""128-bit salts of sealed fields. May be deleted to forget; no proof depends on them."""

document = Table(
    "document",
    metadata,
    trust_id_column(),
    key_column("sha256"),
    Column("media_type", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("access", String, nullable=False),
    Column("stored_at", UtcTime, nullable=False),
)

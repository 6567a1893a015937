"""All tables. Amounts are ``BigInteger`` fen, areas integers of 0.01 m², days ``Date``, instants UTC.

``seq`` is the place of an entry in its trust's log (0, 1, 2, …): primary key, leaf index and the
clock "as known at" in one. ``APPEND_ONLY`` lists what no one may change once written.
"""

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
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    column,
)

from ledger.store.types import UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _trust_id() -> Column[int]:
    return Column("trust_id", BigInteger, primary_key=True, autoincrement=False)


def _key(
    name: str, kind: type[String] | type[BigInteger] | type[Integer] | type[Date] = String
) -> Column[object]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _to_entry() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["trust_id", "seq"], ["entry.trust_id", "entry.seq"], deferrable=True, initially="DEFERRED"
    )


# -- trusts ------------------------------------------------------------------------------------------

trust = Table(
    "trust",
    metadata,
    _trust_id(),
    Column("slug", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("trustee", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

trust_head = Table(
    "trust_head",
    metadata,
    _trust_id(),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("numbers", Text, nullable=False),
    Column("closed", Text, nullable=False),
    Column("setup_version", BigInteger, nullable=False),
)
"""One mutable row a trust: the lock of its writers and a cache that ``verify`` recomputes.

``size`` and ``frontier`` are the log's; ``numbers`` maps "A-2025" to the last entry number, ``closed``
maps a book to the last closed day; ``setup_version`` grows when chart, dimensions or settings change.
"""

deed = Table(
    "deed",
    metadata,
    _trust_id(),
    _key("version", Integer),
    Column("effective_on", Date, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("parties", Text, nullable=False),
    Column("beneficiaries", Text, nullable=False),
    Column("property_scope", Text, nullable=False),
    Column("benefit_form", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    _trust_id(),
    _key("name"),
    _key("effective_on", Date),
    Column("value", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)

account = Table(
    "account",
    metadata,
    _trust_id(),
    _key("book"),
    _key("code"),
    Column("name", String, nullable=False),
    Column("parent", String, nullable=False),
    Column("class", String(1), nullable=False, key="class_"),
    Column("side", String(1), nullable=False),
    Column("funds", String, nullable=False),
    Column("dimensions", String, nullable=False),
    Column("leaf", Boolean, nullable=False),
    Column("closed_on", Date),
)

dimension_value = Table(
    "dimension_value",
    metadata,
    _trust_id(),
    _key("dimension"),
    _key("code"),
    Column("name", String, nullable=False),
    Column("related", Boolean, nullable=False),
    Column("closed_on", Date),
)
"""Every unit, vendor, contract, project, site, party and bank account a posting may name.

``related``: has ties to the trustee (信托法 25–28)."""

unit = Table(
    "unit",
    metadata,
    _trust_id(),
    _key("unit"),
    Column("building", String, nullable=False),
    Column("use_kind", String, nullable=False),
    Column("area", BigInteger, nullable=False),
    CheckConstraint("area > 0", name="area_positive"),
)

contract = Table(
    "contract",
    metadata,
    _trust_id(),
    _key("contract"),
    Column("title", String, nullable=False),
    Column("party", String, nullable=False),
    Column("site", String, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
)

fee_standard = Table(
    "fee_standard",
    metadata,
    _trust_id(),
    _key("use_kind"),
    _key("effective_on", Date),
    Column("rate_e4", BigInteger, nullable=False),
    Column("authority", Text, nullable=False),
    CheckConstraint("rate_e4 > 0", name="rate_positive"),
)
"""``rate_e4``: 0.0001 yuan per m² and month."""

# -- entries -----------------------------------------------------------------------------------------

entry = Table(
    "entry",
    metadata,
    _trust_id(),
    _key("seq", BigInteger),
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
    UniqueConstraint("trust_id", "reverses"),
    ForeignKeyConstraint(
        ["trust_id", "seq"], ["leaf.trust_id", "leaf.seq"], deferrable=True, initially="DEFERRED"
    ),
    CheckConstraint("preparer <> reviewer", name="two_people"),
    CheckConstraint("line_count >= 2", name="has_lines"),
    CheckConstraint("number >= 1 AND seq >= 0", name="counted"),
    Index("ix_entry_date", "trust_id", "business_date", "seq"),
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


posting = Table(
    "posting",
    metadata,
    _trust_id(),
    _key("seq", BigInteger),
    _key("line_no", Integer),
    Column("book", String(1), nullable=False),
    Column("account", String, nullable=False),
    Column("fund", String, nullable=False),
    Column("side", String(1), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("business_date", Date, nullable=False),
    *(Column(name, String) for name in DIMENSIONS),
    Column("detail_count", Integer, nullable=False),
    _to_entry(),
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
    sqlite_with_rowid=False,
)

posting_detail = Table(
    "posting_detail",
    metadata,
    _trust_id(),
    _key("seq", BigInteger),
    _key("line_no", Integer),
    _key("detail_no", Integer),
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
    _trust_id(),
    _key("seq", BigInteger),
    _key("doc_no", Integer),
    Column("kind", String, nullable=False),
    Column("title", String, nullable=False),
    Column("number", String, nullable=False),
    Column("original", String, nullable=False),
    Column("public", String, nullable=False),
    _to_entry(),
)

entry_reference = Table(
    "entry_reference",
    metadata,
    _trust_id(),
    _key("seq", BigInteger),
    _key("kind"),
    Column("ref", String, nullable=False),
    _to_entry(),
)

invoice_use = Table(
    "invoice_use",
    metadata,
    _trust_id(),
    _key("invoice"),
    _key("use_no", Integer),
    Column("seq", BigInteger, nullable=False),
    _to_entry(),
)
"""``use_no`` is 1; a further use is allowed only after the entry of the one before was reversed."""

entry_salt = Table(
    "entry_salt",
    metadata,
    _trust_id(),
    _key("seq", BigInteger),
    Column("salt", LargeBinary, nullable=False),
)
"""128-bit salts of sealed fields. May be deleted to forget; no proof depends on them."""

document = Table(
    "document",
    metadata,
    _trust_id(),
    _key("sha256"),
    Column("media_type", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("access", String, nullable=False),
    Column("stored_at", UtcTime, nullable=False),
)

# -- log ---------------------------------------------------------------------------------------------

leaf = Table(
    "leaf",
    metadata,
    _trust_id(),
    _key("seq", BigInteger),
    Column("kind", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)
"""``body``: canonical JSON; ``hashes``: the complete subtrees that end here, see :mod:`ledger.log.tree`."""

checkpoint = Table(
    "checkpoint",
    metadata,
    _trust_id(),
    _key("size", BigInteger),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", UtcTime, nullable=False),
)

# -- periods -----------------------------------------------------------------------------------------

period_close = Table(
    "period_close",
    metadata,
    _trust_id(),
    _key("book"),
    _key("period", Integer),
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
    _trust_id(),
    _key("book"),
    _key("period", Integer),
    _key("account"),
    _key("fund"),
    _key("bank_account"),
    Column("debit", BigInteger, nullable=False),
    Column("credit", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Debits and credits since the beginning, at the end of a closed period; ``bank_account`` '' if none."""

statement = Table(
    "statement",
    metadata,
    _trust_id(),
    _key("period", Integer),
    _key("version", Integer),
    Column("size", BigInteger, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("published_at", UtcTime, nullable=False),
)

# -- bank --------------------------------------------------------------------------------------------

bank_account = Table(
    "bank_account",
    metadata,
    _trust_id(),
    _key("bank_account"),
    Column("kind", String, nullable=False),
    Column("book", String(1), nullable=False),
    Column("fund", String, nullable=False),
    Column("account", String, nullable=False),
    Column("bank", String, nullable=False),
    Column("holder", String, nullable=False),
    Column("number", String, nullable=False),
)

bank_file = Table(
    "bank_file",
    metadata,
    _trust_id(),
    _key("bank_account"),
    _key("sha256"),
    Column("format", String, nullable=False),
    Column("filename", String, nullable=False),
    Column("line_count", Integer, nullable=False),
    Column("new_count", Integer, nullable=False),
    Column("balance_verified", Boolean, nullable=False),
    Column("waived", Text, nullable=False),
    Column("imported_at", UtcTime, nullable=False),
    Column("imported_by", String, nullable=False),
)

bank_line = Table(
    "bank_line",
    metadata,
    _trust_id(),
    _key("bank_account"),
    _key("line_key"),
    Column("sha256", String, nullable=False),
    Column("row", Integer, nullable=False),
    Column("occurred_on", Date, nullable=False),
    Column("occurred_at", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance", BigInteger),
    Column("counterparty", Text, nullable=False),
    Column("counterparty_account", String, nullable=False),
    Column("memo", Text, nullable=False),
    Column("flow_no", String, nullable=False),
    Index("ix_bank_line_day", "trust_id", "bank_account", "occurred_on"),
)

bank_match = Table(
    "bank_match",
    metadata,
    _trust_id(),
    _key("bank_account"),
    _key("line_key"),
    _key("seq", BigInteger),
    Column("rule", String, nullable=False),
    Column("matched_at", UtcTime, nullable=False),
    _to_entry(),
    Index("ix_bank_match_seq", "trust_id", "seq"),
)

bank_balance = Table(
    "bank_balance",
    metadata,
    _trust_id(),
    _key("bank_account"),
    _key("as_of", Date),
    _key("sha256"),
    Column("balance", BigInteger, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""What the bank itself says the balance was at the end of a day: gates the closing of a period.

The file imported last is believed: one fetched at noon may end before the day did."""

APPEND_ONLY = (
    deed,
    setting,
    fee_standard,
    entry,
    posting,
    posting_detail,
    entry_document,
    entry_reference,
    invoice_use,
    document,
    leaf,
    checkpoint,
    period_close,
    period_balance,
    statement,
    bank_file,
    bank_line,
    bank_match,
    bank_balance,
)

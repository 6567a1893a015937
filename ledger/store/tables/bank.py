"""Bank accounts, imported files and lines, and their links to entries."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from ledger.store.tables.base import key_column, metadata, to_entry, trust_id_column
from ledger.store.types import UtcTime

bank_account = Table(
    "bank_account",
    metadata,
    trust_id_column(),
    key_column("bank_account"),
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
    trust_id_column(),
    key_column("bank_account"),
    key_column("sha256"),
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
    trust_id_column(),
    key_column("bank_account"),
    key_column("line_key"),
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
    trust_id_column(),
    key_column("bank_account"),
    key_column("line_key"),
    key_column("seq", BigInteger),
    Column("rule", String, nullable=False),
    Column("matched_at", UtcTime, nullable=False),
    to_entry(),
    Index("ix_bank_match_seq", "trust_id", "seq"),
)

bank_balance = Table(
    "bank_balance",
    metadata,
    trust_id_column(),
    key_column("bank_account"),
    key_column("as_of", Date),
    key_column("sha256"),
    Column("balance", BigInteger, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""What the bank itself says the balance was at the end of a day: gates the closing of a period.

The file imported last is believed: one fetched at noon may end before the day did."""

bank_format = Table(
    "bank_format",
    metadata,
    trust_id_column(),
    key_column("format"),
    key_column("version", Integer),
    Column("name", String, nullable=False),
    Column("description", Text, nullable=False),
    Column("saved_at", UtcTime, nullable=False),
    Column("saved_by", String, nullable=False),
)
"""How the files of a bank we had no description for are read; the newest version holds.

``description`` is a :class:`ledger.bank.describe.Format` as JSON, empty when the format was retired."""

bank_waiver = Table(
    "bank_waiver",
    metadata,
    trust_id_column(),
    key_column("bank_account"),
    key_column("sha256"),
    Column("reason", Text, nullable=False),
    Column("waived_at", UtcTime, nullable=False),
    Column("waived_by", String, nullable=False),
)
"""Why a file whose balances could not be checked was imported all the same."""

bank_lesson = Table(
    "bank_lesson",
    metadata,
    trust_id_column(),
    key_column("lesson"),
    key_column("seq", BigInteger),
    Column("feature", String, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("period", Integer, nullable=False),
    to_entry(),
    Index("ix_bank_lesson_feature", "trust_id", "feature"),
    Index("ix_bank_lesson_seq", "trust_id", "seq"),
)
"""What was confirmed: a line with this ``feature`` (payer, account, kind of memo) became an entry like
``outcome``. ``lesson`` is the digest of the two; one row a month (YYYYMM) is kept, ``seq`` is its entry."""

bank_rule_step = Table(
    "bank_rule_step",
    metadata,
    trust_id_column(),
    key_column("lesson"),
    key_column("step_no", Integer),
    Column("active", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("acted_at", UtcTime, nullable=False),
    Column("acted_by", String, nullable=False),
)
"""A learned rule that was revoked, or taken back into use; the last step holds."""

bank_reconciliation = Table(
    "bank_reconciliation",
    metadata,
    trust_id_column(),
    key_column("bank_account"),
    key_column("period", Integer),
    key_column("version", Integer),
    Column("book_balance", BigInteger, nullable=False),
    Column("bank_balance", BigInteger, nullable=False),
    Column("adjusted", BigInteger, nullable=False),
    Column("items", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("reconciled_at", UtcTime, nullable=False),
    Column("reconciled_by", String, nullable=False),
)
"""A month's 余额调节表 as a person signed it; fen. ``items`` are what was under way then, as JSON."""

"""What is on record of vendors and contracts besides their names: versions, the newest counts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, String, Table, Text

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

vendor_detail = Table(
    "vendor_detail",
    metadata,
    trust_id_column(),
    key_column("vendor"),
    key_column("version", Integer),
    Column("tax_no", String, nullable=False),
    Column("bank", String, nullable=False),
    Column("bank_number", String, nullable=False),
    Column("contact", String, nullable=False),
    Column("related", Boolean, nullable=False),
    Column("relation", Text, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""Where a vendor is paid, and whether and how it is tied to the trustee (信托法 25–28). Never public."""

contract_detail = Table(
    "contract_detail",
    metadata,
    trust_id_column(),
    key_column("contract"),
    key_column("version", Integer),
    Column("total", BigInteger),
    Column("note", Text, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""``total``: agreed sum in fen, NULL if the contract names none."""

contract_document = Table(
    "contract_document",
    metadata,
    trust_id_column(),
    key_column("contract"),
    key_column("doc_no", Integer),
    Column("kind", String, nullable=False),
    Column("title", String, nullable=False),
    Column("number", String, nullable=False),
    Column("original", String, nullable=False),
    Column("public", String, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)

payable_due = Table(
    "payable_due",
    metadata,
    trust_id_column(),
    key_column("idempotency_key"),
    key_column("account"),
    key_column("version", Integer),
    Column("due_on", Date, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""When what an entry owes falls due: by the entry's key, as it is prepared before it has a number.
The newest version counts."""

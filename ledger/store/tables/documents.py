"""Papers handed in (上传的凭证), who may see them, and what was read from or typed beside an invoice."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, String, Table, Text

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

document_upload = Table(
    "document_upload",
    metadata,
    trust_id_column(),
    key_column("upload_no", Integer),
    Column("kind", String, nullable=False),
    Column("title", String, nullable=False),
    Column("number", String, nullable=False),
    Column("filename", String, nullable=False),
    Column("original", String, nullable=False),
    Column("uploaded_by", String, nullable=False),
    Column("uploaded_at", UtcTime, nullable=False),
    Index("ix_document_upload_original", "trust_id", "original"),
)
"""``original``: SHA-256 of the bytes as they came; a row of ``document`` says what they are."""

document_copy = Table(
    "document_copy",
    metadata,
    trust_id_column(),
    key_column("upload_no", Integer),
    key_column("copy_no", Integer),
    Column("sha256", String, nullable=False),
    Column("access", String, nullable=False),
    Column("boxes", Text, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Index("ix_document_copy_sha256", "trust_id", "sha256"),
)
"""Copies for others' eyes; the newest one of an upload counts. ``access``: public, owners or internal
(shown to nobody any more); ``boxes``: what was blacked out, JSON of [page, x, y, width, height] in
1/10000 of the page."""

document_mark = Table(
    "document_mark",
    metadata,
    trust_id_column(),
    key_column("sha256"),
    key_column("mark_no", Integer),
    Column("access", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("marked_by", String, nullable=False),
    Column("marked_at", UtcTime, nullable=False),
)
"""Changes of who may see a file; the newest one overrules ``document.access``."""

invoice_reading = Table(
    "invoice_reading",
    metadata,
    trust_id_column(),
    key_column("reading_no", Integer),
    Column("sha256", String, nullable=False),
    Column("source", String, nullable=False),
    Column("layout", String, nullable=False),
    Column("number", String, nullable=False),
    Column("issued_on", Date),
    Column("seller", String, nullable=False),
    Column("seller_tax_no", String, nullable=False),
    Column("buyer", String, nullable=False),
    Column("buyer_tax_no", String, nullable=False),
    Column("net", BigInteger),
    Column("tax", BigInteger),
    Column("total", BigInteger),
    Column("work_no", BigInteger),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Index("ix_invoice_reading_sha256", "trust_id", "sha256"),
    Index("ix_invoice_reading_number", "trust_id", "number"),
)
"""What an e-invoice said (``source`` read) and what a person put down (``source`` typed). Fen; the
``sha256`` is that of the paper, empty when there is only the typing; ``work_no`` the piece of work."""

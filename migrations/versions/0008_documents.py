"""Papers handed in, copies for others' eyes, readings of invoices"""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "document_upload": (("upload_no",),),
    "document_copy": (("upload_no", "copy_no"),),
    "document_mark": (("sha256", "mark_no"),),
    "invoice_reading": (("reading_no",),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    _uploads()
    _copies()
    _readings()
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _uploads() -> None:
    op.create_table(
        "document_upload",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("upload_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("uploaded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "upload_no", name=op.f("pk_document_upload")),
    )
    op.create_index("ix_document_upload_original", "document_upload", ["trust_id", "original"])


def _copies() -> None:
    op.create_table(
        "document_copy",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("upload_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("copy_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("boxes", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "upload_no", "copy_no", name=op.f("pk_document_copy")),
    )
    op.create_index("ix_document_copy_sha256", "document_copy", ["trust_id", "sha256"])
    op.create_table(
        "document_mark",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(), autoincrement=False, nullable=False),
        sa.Column("mark_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("marked_by", sa.String(), nullable=False),
        sa.Column("marked_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "sha256", "mark_no", name=op.f("pk_document_mark")),
    )


def _readings() -> None:
    op.create_table(
        "invoice_reading",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reading_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("seller", sa.String(), nullable=False),
        sa.Column("seller_tax_no", sa.String(), nullable=False),
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("buyer_tax_no", sa.String(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=True),
        sa.Column("tax", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("work_no", sa.BigInteger(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "reading_no", name=op.f("pk_invoice_reading")),
    )
    op.create_index("ix_invoice_reading_sha256", "invoice_reading", ["trust_id", "sha256"])
    op.create_index("ix_invoice_reading_number", "invoice_reading", ["trust_id", "number"])


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

"""The books: trusts, entries, log, periods, bank lines"""

import sqlalchemy as sa
from alembic import op

from ledger.store.types import UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("book", sa.String(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("class", sa.String(length=1), nullable=False),
        sa.Column("side", sa.String(length=1), nullable=False),
        sa.Column("funds", sa.String(), nullable=False),
        sa.Column("dimensions", sa.String(), nullable=False),
        sa.Column("leaf", sa.Boolean(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("trust_id", "book", "code", name=op.f("pk_account")),
    )
    op.create_table(
        "bank_account",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bank_account", sa.String(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("book", sa.String(length=1), nullable=False),
        sa.Column("fund", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("bank", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "bank_account", name=op.f("pk_bank_account")),
    )
    op.create_table(
        "bank_balance",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bank_account", sa.String(), autoincrement=False, nullable=False),
        sa.Column("as_of", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(), autoincrement=False, nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "bank_account", "as_of", "sha256", name=op.f("pk_bank_balance")),
    )
    op.create_table(
        "bank_file",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bank_account", sa.String(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(), autoincrement=False, nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("balance_verified", sa.Boolean(), nullable=False),
        sa.Column("waived", sa.Text(), nullable=False),
        sa.Column("imported_at", UtcTime(), nullable=False),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "bank_account", "sha256", name=op.f("pk_bank_file")),
    )
    op.create_table(
        "bank_line",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bank_account", sa.String(), autoincrement=False, nullable=False),
        sa.Column("line_key", sa.String(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("occurred_at", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("counterparty_account", sa.String(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("flow_no", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "bank_account", "line_key", name=op.f("pk_bank_line")),
    )
    op.create_index(
        "ix_bank_line_day", "bank_line", ["trust_id", "bank_account", "occurred_on"], unique=False
    )
    op.create_table(
        "checkpoint",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "size", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "contract",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.String(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("trust_id", "contract", name=op.f("pk_contract")),
    )
    op.create_table(
        "deed",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("beneficiaries", sa.Text(), nullable=False),
        sa.Column("property_scope", sa.Text(), nullable=False),
        sa.Column("benefit_form", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "version", name=op.f("pk_deed")),
    )
    op.create_table(
        "dimension_value",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dimension", sa.String(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("related", sa.Boolean(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("trust_id", "dimension", "code", name=op.f("pk_dimension_value")),
    )
    op.create_table(
        "document",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(), autoincrement=False, nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("stored_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "sha256", name=op.f("pk_document")),
    )
    op.create_table(
        "entry_salt",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "seq", name=op.f("pk_entry_salt")),
    )
    op.create_table(
        "fee_standard",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("use_kind", sa.String(), autoincrement=False, nullable=False),
        sa.Column("effective_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("rate_e4", sa.BigInteger(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.CheckConstraint("rate_e4 > 0", name=op.f("ck_fee_standard_rate_positive")),
        sa.PrimaryKeyConstraint("trust_id", "use_kind", "effective_on", name=op.f("pk_fee_standard")),
    )
    op.create_table(
        "leaf",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "seq", name=op.f("pk_leaf")),
    )
    op.create_table(
        "log_key",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("vkey", sa.String(), nullable=False),
        sa.Column("first_size", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", name=op.f("pk_log_key")),
    )
    op.create_table(
        "period_balance",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("book", sa.String(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(), autoincrement=False, nullable=False),
        sa.Column("fund", sa.String(), autoincrement=False, nullable=False),
        sa.Column("bank_account", sa.String(), autoincrement=False, nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "trust_id", "book", "period", "account", "fund", "bank_account", name=op.f("pk_period_balance")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "period_close",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("book", sa.String(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.Column("checklist", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "book", "period", name=op.f("pk_period_close")),
    )
    op.create_table(
        "setting",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), autoincrement=False, nullable=False),
        sa.Column("effective_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "name", "effective_on", name=op.f("pk_setting")),
    )
    op.create_table(
        "statement",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "period", "version", name=op.f("pk_statement")),
    )
    op.create_table(
        "trust",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("trustee", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", name=op.f("pk_trust")),
        sa.UniqueConstraint("slug", name=op.f("uq_trust_slug")),
    )
    op.create_table(
        "trust_head",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.Column("closed", sa.Text(), nullable=False),
        sa.Column("setup_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", name=op.f("pk_trust_head")),
    )
    op.create_table(
        "unit",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(), autoincrement=False, nullable=False),
        sa.Column("building", sa.String(), nullable=False),
        sa.Column("use_kind", sa.String(), nullable=False),
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("area > 0", name=op.f("ck_unit_area_positive")),
        sa.PrimaryKeyConstraint("trust_id", "unit", name=op.f("pk_unit")),
    )
    op.create_table(
        "entry",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("book", sa.String(length=1), nullable=False),
        sa.Column("fiscal_year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("original_date", sa.Date(), nullable=True),
        sa.Column("posted_at", UtcTime(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("counterparty_public", sa.Boolean(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("preparer", sa.String(), nullable=False),
        sa.Column("reviewer", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("reverses", sa.BigInteger(), nullable=True),
        sa.Column("amends", sa.BigInteger(), nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("line_count >= 2", name=op.f("ck_entry_has_lines")),
        sa.CheckConstraint("number >= 1 AND seq >= 0", name=op.f("ck_entry_counted")),
        sa.CheckConstraint("preparer <> reviewer", name=op.f("ck_entry_two_people")),
        sa.ForeignKeyConstraint(
            ["trust_id", "seq"],
            ["leaf.trust_id", "leaf.seq"],
            name=op.f("fk_entry_leaf"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("trust_id", "seq", name=op.f("pk_entry")),
        sa.UniqueConstraint(
            "trust_id",
            "book",
            "fiscal_year",
            "number",
            name=op.f("uq_entry_trust_id_book_fiscal_year_number"),
        ),
        sa.UniqueConstraint("trust_id", "idempotency_key", name=op.f("uq_entry_trust_id_idempotency_key")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_entry_amends",
        "entry",
        ["trust_id", "amends"],
        unique=False,
        postgresql_where=sa.text("amends IS NOT NULL"),
        sqlite_where=sa.text("amends IS NOT NULL"),
    )
    op.create_index("ix_entry_date", "entry", ["trust_id", "business_date", "seq"], unique=False)
    op.create_index(
        "uq_entry_reverses",
        "entry",
        ["trust_id", "reverses"],
        unique=True,
        postgresql_where=sa.text("reverses IS NOT NULL"),
        sqlite_where=sa.text("reverses IS NOT NULL"),
    )
    op.create_table(
        "bank_match",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bank_account", sa.String(), autoincrement=False, nullable=False),
        sa.Column("line_key", sa.String(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("matched_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id", "seq"],
            ["entry.trust_id", "entry.seq"],
            name=op.f("fk_bank_match_entry"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("trust_id", "bank_account", "line_key", "seq", name=op.f("pk_bank_match")),
    )
    op.create_index("ix_bank_match_seq", "bank_match", ["trust_id", "seq"], unique=False)
    op.create_table(
        "entry_document",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("doc_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("public", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id", "seq"],
            ["entry.trust_id", "entry.seq"],
            name=op.f("fk_entry_document_entry"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("trust_id", "seq", "doc_no", name=op.f("pk_entry_document")),
    )
    op.create_table(
        "entry_reference",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id", "seq"],
            ["entry.trust_id", "entry.seq"],
            name=op.f("fk_entry_reference_entry"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("trust_id", "seq", "kind", name=op.f("pk_entry_reference")),
    )
    op.create_table(
        "invoice_use",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("invoice", sa.String(), autoincrement=False, nullable=False),
        sa.Column("use_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id", "seq"],
            ["entry.trust_id", "entry.seq"],
            name=op.f("fk_invoice_use_entry"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("trust_id", "invoice", "use_no", name=op.f("pk_invoice_use")),
    )
    op.create_index("ix_invoice_use_seq", "invoice_use", ["trust_id", "seq"], unique=False)
    op.create_table(
        "posting",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book", sa.String(length=1), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("fund", sa.String(), nullable=False),
        sa.Column("side", sa.String(length=1), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("vendor", sa.String(), nullable=True),
        sa.Column("contract", sa.String(), nullable=True),
        sa.Column("project", sa.String(), nullable=True),
        sa.Column("bank_account", sa.String(), nullable=True),
        sa.Column("party", sa.String(), nullable=True),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("counter_fund", sa.String(), nullable=True),
        sa.Column("detail_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("side IN ('D', 'C')", name=op.f("ck_posting_side")),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_posting_not_zero")),
        sa.ForeignKeyConstraint(
            ["trust_id", "seq"],
            ["entry.trust_id", "entry.seq"],
            name=op.f("fk_posting_entry"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("trust_id", "seq", "line_no", name=op.f("pk_posting")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_posting_account",
        "posting",
        ["trust_id", "book", "account", "fund", "business_date", "seq", "side", "amount"],
        unique=False,
    )
    op.create_index(
        "ix_posting_contract",
        "posting",
        ["trust_id", "contract", "account", "business_date"],
        unique=False,
        postgresql_where=sa.text("contract IS NOT NULL"),
        sqlite_where=sa.text("contract IS NOT NULL"),
    )
    op.create_index(
        "ix_posting_date",
        "posting",
        ["trust_id", "book", "business_date", "account", "fund", "side", "amount"],
        unique=False,
    )
    op.create_index(
        "ix_posting_party",
        "posting",
        ["trust_id", "party", "account", "business_date"],
        unique=False,
        postgresql_where=sa.text("party IS NOT NULL"),
        sqlite_where=sa.text("party IS NOT NULL"),
    )
    op.create_index(
        "ix_posting_project",
        "posting",
        ["trust_id", "project", "account", "business_date"],
        unique=False,
        postgresql_where=sa.text("project IS NOT NULL"),
        sqlite_where=sa.text("project IS NOT NULL"),
    )
    op.create_index(
        "ix_posting_site",
        "posting",
        ["trust_id", "site", "account", "business_date"],
        unique=False,
        postgresql_where=sa.text("site IS NOT NULL"),
        sqlite_where=sa.text("site IS NOT NULL"),
    )
    op.create_index(
        "ix_posting_unit",
        "posting",
        ["trust_id", "unit", "account", "business_date"],
        unique=False,
        postgresql_where=sa.text("unit IS NOT NULL"),
        sqlite_where=sa.text("unit IS NOT NULL"),
    )
    op.create_index(
        "ix_posting_vendor",
        "posting",
        ["trust_id", "vendor", "account", "business_date"],
        unique=False,
        postgresql_where=sa.text("vendor IS NOT NULL"),
        sqlite_where=sa.text("vendor IS NOT NULL"),
    )
    op.create_table(
        "posting_detail",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("detail_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_posting_detail_not_zero")),
        sa.ForeignKeyConstraint(
            ["trust_id", "seq", "line_no"],
            ["posting.trust_id", "posting.seq", "posting.line_no"],
            name=op.f("fk_posting_detail_posting"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("trust_id", "seq", "line_no", "detail_no", name=op.f("pk_posting_detail")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_posting_detail_unit", "posting_detail", ["trust_id", "unit", "seq"], unique=False)


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

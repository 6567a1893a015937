"""Charges: versions of fee standards, parking, meters; numbers of receipts"""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "charge_standard": (("number",),),
    "charge_standard_unit": (("number", "unit"),),
    "parking_space": (("space", "effective_on", "version"),),
    "meter_reading": (("item", "period", "unit", "version"),),
    "receipt": (("year", "number"), ("seq",)),
    "receipt_print": (("year", "number", "print_no"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    _standards()
    _facts()
    _receipts()
    _cash_account()
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _standards() -> None:
    op.create_table(
        "charge_standard",
        *_key("number"),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("rate_e4", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        *_recorded("recorded"),
        sa.CheckConstraint("rate_e4 >= 0", name=op.f("ck_charge_standard_rate_not_negative")),
        sa.PrimaryKeyConstraint("trust_id", "number", name=op.f("pk_charge_standard")),
    )
    op.create_table(
        "charge_standard_unit",
        *_key("number"),
        sa.Column("unit", sa.String(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "number", "unit", name=op.f("pk_charge_standard_unit")),
    )


def _facts() -> None:
    op.create_table(
        "parking_space",
        *_key(),
        sa.Column("space", sa.String(), autoincrement=False, nullable=False),
        sa.Column("effective_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        *_recorded("recorded"),
        sa.PrimaryKeyConstraint(
            "trust_id", "space", "effective_on", "version", name=op.f("pk_parking_space")
        ),
    )
    op.create_table(
        "meter_reading",
        *_key(),
        sa.Column("item", sa.String(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("previous", sa.BigInteger(), nullable=False),
        sa.Column("current", sa.BigInteger(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        *_recorded("recorded"),
        sa.CheckConstraint(
            "current >= previous AND previous >= 0", name=op.f("ck_meter_reading_runs_forward")
        ),
        sa.PrimaryKeyConstraint(
            "trust_id", "item", "period", "unit", "version", name=op.f("pk_meter_reading")
        ),
    )


def _receipts() -> None:
    op.create_table(
        "receipt",
        *_key("year", "number"),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        *_recorded("issued"),
        sa.CheckConstraint("number >= 1", name=op.f("ck_receipt_counted")),
        sa.ForeignKeyConstraint(
            ["trust_id", "seq"],
            ["entry.trust_id", "entry.seq"],
            name=op.f("fk_receipt_entry"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("trust_id", "year", "number", name=op.f("pk_receipt")),
        sa.UniqueConstraint("trust_id", "seq", name=op.f("uq_receipt_trust_id_seq")),
    )
    op.create_table(
        "receipt_print",
        *_key("year", "number", "print_no"),
        *_recorded("printed"),
        sa.PrimaryKeyConstraint("trust_id", "year", "number", "print_no", name=op.f("pk_receipt_print")),
    )
    op.create_index("ix_receipt_print_day", "receipt_print", ["trust_id", "printed_at"])


def _cash_account() -> None:
    """Books opened earlier get the account for cash on its way to the bank, beside the one for cards."""
    op.execute(
        "INSERT INTO account (trust_id, book, code, name, parent, class, side, funds, dimensions, leaf, closed_on) "
        "SELECT trust_id, book, '101204', '现金待缴存', parent, class, side, funds, dimensions, leaf, NULL "
        "FROM account AS cards WHERE book = 'A' AND code = '101203' AND NOT EXISTS (SELECT 1 FROM account AS cash "
        "WHERE cash.trust_id = cards.trust_id AND cash.book = 'A' AND cash.code = '101204')"
    )
    op.execute("UPDATE trust_head SET setup_version = setup_version + 1")


def _key(*integers: str) -> list[sa.Column]:
    columns = [sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False)]
    return columns + [sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in integers]


def _recorded(verb: str) -> list[sa.Column]:
    return [
        sa.Column(f"{verb}_by", sa.String(), nullable=False),
        sa.Column(f"{verb}_at", UtcTime(), nullable=False),
    ]


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

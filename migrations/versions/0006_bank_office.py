"""Bank in the office: saved formats, waived balances, what was learned, reconciliations."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "bank_format": (("format", "version"),),
    "bank_waiver": (("bank_account", "sha256"),),
    "bank_lesson": (("lesson", "seq"),),
    "bank_rule_step": (("lesson", "step_no"),),
    "bank_reconciliation": (("bank_account", "period", "version"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    op.create_table(
        "bank_format",
        *_key(sa.Column("format", sa.String()), sa.Column("version", sa.Integer())),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        *_signed("saved"),
        sa.PrimaryKeyConstraint("trust_id", "format", "version", name=op.f("pk_bank_format")),
    )
    op.create_table(
        "bank_waiver",
        *_key(sa.Column("bank_account", sa.String()), sa.Column("sha256", sa.String())),
        sa.Column("reason", sa.Text(), nullable=False),
        *_signed("waived"),
        sa.PrimaryKeyConstraint("trust_id", "bank_account", "sha256", name=op.f("pk_bank_waiver")),
    )
    _lessons()
    op.create_table(
        "bank_reconciliation",
        *_key(
            sa.Column("bank_account", sa.String()),
            sa.Column("period", sa.Integer()),
            sa.Column("version", sa.Integer()),
        ),
        sa.Column("book_balance", sa.BigInteger(), nullable=False),
        sa.Column("bank_balance", sa.BigInteger(), nullable=False),
        sa.Column("adjusted", sa.BigInteger(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        *_signed("reconciled"),
        sa.PrimaryKeyConstraint(
            "trust_id", "bank_account", "period", "version", name=op.f("pk_bank_reconciliation")
        ),
    )
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _lessons() -> None:
    op.create_table(
        "bank_lesson",
        *_key(sa.Column("lesson", sa.String()), sa.Column("seq", sa.BigInteger())),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id", "seq"],
            ["entry.trust_id", "entry.seq"],
            name=op.f("fk_bank_lesson_entry"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("trust_id", "lesson", "seq", name=op.f("pk_bank_lesson")),
    )
    op.create_index("ix_bank_lesson_feature", "bank_lesson", ["trust_id", "feature"])
    op.create_index("ix_bank_lesson_seq", "bank_lesson", ["trust_id", "seq"])
    op.create_table(
        "bank_rule_step",
        *_key(sa.Column("lesson", sa.String()), sa.Column("step_no", sa.Integer())),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        *_signed("acted"),
        sa.PrimaryKeyConstraint("trust_id", "lesson", "step_no", name=op.f("pk_bank_rule_step")),
    )


def _key(*columns: sa.Column[object]) -> list[sa.Column[object]]:
    found = [sa.Column("trust_id", sa.BigInteger()), *columns]
    for column in found:
        column.autoincrement, column.nullable = False, False
    return found


def _signed(done: str) -> tuple[sa.Column[object], sa.Column[object]]:
    return (
        sa.Column(f"{done}_at", UtcTime(), nullable=False),
        sa.Column(f"{done}_by", sa.String(), nullable=False),
    )


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

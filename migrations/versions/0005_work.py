"""Work of the office: requests, the steps people took, and what came of them."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "work": (("no",),),
    "work_step": (("no", "step_no"),),
    "work_key": (("no", "idempotency_key"),),
    "work_line": (("no", "bank_account", "line_key"),),
    "work_entry": (("no", "seq"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {"work_status": ("waiting_for",)}


def upgrade() -> None:
    op.create_table(
        "work",
        *_key(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("prepared_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "no", name=op.f("pk_work")),
    )
    op.create_table(
        "work_step",
        *_key(),
        sa.Column("step_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("bank_number", sa.String(), nullable=False),
        sa.Column("acted_at", UtcTime(), nullable=False),
        _to_work("work_step"),
        sa.PrimaryKeyConstraint("trust_id", "no", "step_no", name=op.f("pk_work_step")),
    )
    op.create_table(
        "work_status",
        *_key(),
        sa.Column("waiting_for", sa.String(), nullable=False),
        _to_work("work_status"),
        sa.PrimaryKeyConstraint("trust_id", "no", name=op.f("pk_work_status")),
    )
    op.create_index("ix_work_status_waiting", "work_status", ["trust_id", "waiting_for", "no"])
    op.create_table(
        "work_key",
        *_key(),
        sa.Column("idempotency_key", sa.String(), autoincrement=False, nullable=False),
        _to_work("work_key"),
        sa.PrimaryKeyConstraint("trust_id", "no", "idempotency_key", name=op.f("pk_work_key")),
    )
    op.create_index("ix_work_key_key", "work_key", ["trust_id", "idempotency_key"])
    op.create_table(
        "work_line",
        *_key(),
        sa.Column("bank_account", sa.String(), autoincrement=False, nullable=False),
        sa.Column("line_key", sa.String(), autoincrement=False, nullable=False),
        _to_work("work_line"),
        sa.PrimaryKeyConstraint("trust_id", "no", "bank_account", "line_key", name=op.f("pk_work_line")),
    )
    op.create_index("ix_work_line_line", "work_line", ["trust_id", "bank_account", "line_key"])
    op.create_table(
        "work_entry",
        *_key(),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        _to_work("work_entry"),
        sa.ForeignKeyConstraint(
            ["trust_id", "seq"],
            ["entry.trust_id", "entry.seq"],
            name=op.f("fk_work_entry_entry"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("trust_id", "no", "seq", name=op.f("pk_work_entry")),
    )
    op.create_index("ix_work_entry_seq", "work_entry", ["trust_id", "seq"])
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _key() -> tuple[sa.Column[int], sa.Column[int]]:
    return (
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False),
    )


def _to_work(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["trust_id", "no"], ["work.trust_id", "work.no"], name=op.f(f"fk_{table}_work")
    )


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

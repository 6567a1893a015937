"""Quarterly and yearly statements; the acts of publishing and reporting them."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "statement_act": (("no",),),
    "statement_act_step": (("no",),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    op.create_table(
        "statement_act",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date()),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        *_recorded(),
        sa.CheckConstraint("kind IN ('posted', 'assembly', 'committee')", name=op.f("ck_statement_act_kind")),
        sa.CheckConstraint(
            "until_day IS NULL OR until_day >= on_day", name=op.f("ck_statement_act_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["trust_id", "period", "version"],
            ["statement.trust_id", "statement.period", "statement.version"],
            name=op.f("fk_statement_act_statement"),
        ),
        sa.PrimaryKeyConstraint("trust_id", "no", name=op.f("pk_statement_act")),
    )
    op.create_index("ix_statement_act_period", "statement_act", ["trust_id", "period", "version"])
    op.create_table(
        "statement_act_step",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        *_recorded(),
        sa.CheckConstraint(
            "step IN ('confirmed', 'denied', 'withdrawn')", name=op.f("ck_statement_act_step_step")
        ),
        sa.ForeignKeyConstraint(
            ["trust_id", "no"],
            ["statement_act.trust_id", "statement_act.no"],
            name=op.f("fk_statement_act_step_statement_act"),
        ),
        sa.PrimaryKeyConstraint("trust_id", "no", name=op.f("pk_statement_act_step")),
    )
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _recorded() -> list[sa.Column[object]]:
    return [
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
    ]


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

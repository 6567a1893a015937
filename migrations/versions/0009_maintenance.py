"""The maintenance fund's plans and first contributions; shared-revenue contracts and moves."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "maintenance_initial": (("unit", "version"),),
    "maintenance_plan": (("plan", "version"),),
    "revenue_terms": (("contract", "version"),),
    "revenue_due": (("contract", "version", "period_no"),),
    "revenue_transfer": (("transfer",),),
    "revenue_transfer_work": (("transfer", "step", "work"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    _maintenance()
    _revenue()
    _transfers()
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _maintenance() -> None:
    op.create_table(
        "maintenance_initial",
        *_key(unit=sa.String(), version=sa.Integer()),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        *_recorded(),
        sa.CheckConstraint("amount > 0", name=op.f("ck_maintenance_initial_amount_positive")),
        sa.PrimaryKeyConstraint("trust_id", "unit", "version", name=op.f("pk_maintenance_initial")),
    )
    op.create_table(
        "maintenance_plan",
        *_key(plan=sa.String(), version=sa.Integer()),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("estimate", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.Column("filing", sa.String(), nullable=False),
        sa.Column("shortfall", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        *_recorded(),
        sa.CheckConstraint("estimate > 0", name=op.f("ck_maintenance_plan_estimate_positive")),
        sa.PrimaryKeyConstraint("trust_id", "plan", "version", name=op.f("pk_maintenance_plan")),
    )


def _revenue() -> None:
    op.create_table(
        "revenue_terms",
        *_key(contract=sa.String(), version=sa.Integer()),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("period_months", sa.Integer(), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("escalation_bp", sa.Integer(), nullable=False),
        sa.Column("escalation_months", sa.Integer(), nullable=False),
        sa.Column("received_before", sa.BigInteger(), nullable=False),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        *_recorded(),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_revenue_terms_in_order")),
        sa.PrimaryKeyConstraint("trust_id", "contract", "version", name=op.f("pk_revenue_terms")),
    )
    op.create_table(
        "revenue_due",
        *_key(contract=sa.String(), version=sa.Integer(), period_no=sa.Integer()),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_revenue_due_amount_not_negative")),
        sa.PrimaryKeyConstraint("trust_id", "contract", "version", "period_no", name=op.f("pk_revenue_due")),
    )
    op.create_index("ix_revenue_due_day", "revenue_due", ["trust_id", "due_on"])


def _transfers() -> None:
    op.create_table(
        "revenue_transfer",
        *_key(transfer=sa.Integer()),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.Column("from_account", sa.String(), nullable=False),
        sa.Column("to_account", sa.String(), nullable=False),
        *_recorded(),
        sa.CheckConstraint("amount > 0", name=op.f("ck_revenue_transfer_amount_positive")),
        sa.PrimaryKeyConstraint("trust_id", "transfer", name=op.f("pk_revenue_transfer")),
    )
    op.create_table(
        "revenue_transfer_work",
        *_key(transfer=sa.Integer(), step=sa.String(), work=sa.BigInteger()),
        sa.Column("prepared_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint(
            "trust_id", "transfer", "step", "work", name=op.f("pk_revenue_transfer_work")
        ),
    )


def _key(**columns: sa.types.TypeEngine[object]) -> tuple[sa.Column[object], ...]:
    return tuple(
        sa.Column(name, kind, autoincrement=False, nullable=False)
        for name, kind in {"trust_id": sa.BigInteger(), **columns}.items()
    )


def _recorded() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
    )


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

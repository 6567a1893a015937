"""Consultations on fee standards and choosing the trustee."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "fee_proposal": (("proposal",),),
    "fee_step": (("proposal", "no"),),
    "fee_answer": (("proposal", "unit", "version"),),
    "fee_count": (("proposal", "no"),),
    "selection": (("selection",),),
    "selection_candidate": (("selection", "candidate"),),
    "selection_criterion": (("selection", "place"),),
    "selection_score": (("selection", "judge", "candidate", "place", "version"),),
    "selection_step": (("selection", "no"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    _fees()
    _answers()
    _selections()
    _scores()
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _fees() -> None:
    op.create_table(
        "fee_proposal",
        *_key(proposal=sa.Integer()),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("rate_e4", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cost", sa.Text(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("trust_id", "proposal", name=op.f("pk_fee_proposal")),
    )
    op.create_table(
        "fee_step",
        *_key(proposal=sa.Integer(), no=sa.Integer()),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date()),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("trust_id", "proposal", "no", name=op.f("pk_fee_step")),
    )


def _answers() -> None:
    op.create_table(
        "fee_answer",
        *_key(proposal=sa.Integer(), unit=sa.String(), version=sa.Integer()),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "proposal", "unit", "version", name=op.f("pk_fee_answer")),
    )
    op.create_table(
        "fee_count",
        *_key(proposal=sa.Integer(), no=sa.Integer()),
        sa.Column("agree", sa.Integer(), nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("other", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        *_recorded(),
        sa.CheckConstraint(
            "agree >= 0 AND against >= 0 AND other >= 0", name=op.f("ck_fee_count_counts_not_negative")
        ),
        sa.PrimaryKeyConstraint("trust_id", "proposal", "no", name=op.f("pk_fee_count")),
    )


def _selections() -> None:
    op.create_table(
        "selection",
        *_key(selection=sa.Integer()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("trust_id", "selection", name=op.f("pk_selection")),
    )
    op.create_table(
        "selection_candidate",
        *_key(selection=sa.Integer(), candidate=sa.Integer()),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("trust_id", "selection", "candidate", name=op.f("pk_selection_candidate")),
    )
    op.create_table(
        "selection_step",
        *_key(selection=sa.Integer(), no=sa.Integer()),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date()),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("trust_id", "selection", "no", name=op.f("pk_selection_step")),
    )


def _scores() -> None:
    op.create_table(
        "selection_criterion",
        *_key(selection=sa.Integer(), place=sa.Integer()),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "weight > 0 AND weight <= 100", name=op.f("ck_selection_criterion_weight_in_percent")
        ),
        sa.PrimaryKeyConstraint("trust_id", "selection", "place", name=op.f("pk_selection_criterion")),
    )
    op.create_table(
        "selection_score",
        *_key(
            selection=sa.Integer(),
            judge=sa.String(),
            candidate=sa.Integer(),
            place=sa.Integer(),
            version=sa.Integer(),
        ),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.CheckConstraint("points >= 0 AND points <= 100", name=op.f("ck_selection_score_points_in_bounds")),
        sa.PrimaryKeyConstraint(
            "trust_id", "selection", "judge", "candidate", "place", "version", name=op.f("pk_selection_score")
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

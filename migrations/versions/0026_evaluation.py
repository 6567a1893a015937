"""The dual hundred-point evaluation: schemes, rounds, answers, results, and where each round stands."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "evaluation_scheme": (("version",),),
    "evaluation_round": (("round",),),
    "evaluation_step": (("round", "step"),),
    "evaluation_answer": (("round", "no"), ("round", "unit")),
    "evaluation_result": (("round", "version"),),
    "evaluation_consequence": (("round", "version", "kind"),),
    "evaluation_consequence_step": (("round", "version", "kind", "no"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {
    "evaluation_now": (
        "stage",
        "due_on",
        "version",
        "service_points",
        "service_possible",
        "service_grade",
        "party_points",
        "party_possible",
        "party_grade",
        "vetoes",
        "appeals",
        "figures",
    ),
}


def upgrade() -> None:
    _schemes()
    _rounds()
    _answers()
    _results()
    _now()
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _schemes() -> None:
    op.create_table(
        "evaluation_scheme",
        *_key(version=sa.Integer()),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        *_signed("recorded_at"),
        sa.PrimaryKeyConstraint("trust_id", "version", name=op.f("pk_evaluation_scheme")),
    )


def _rounds() -> None:
    op.create_table(
        "evaluation_round",
        *_key(round=sa.Integer()),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        *_signed("opened_at"),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_evaluation_round_in_order")),
        sa.PrimaryKeyConstraint("trust_id", "round", name=op.f("pk_evaluation_round")),
    )
    op.create_index("ix_evaluation_round_period", "evaluation_round", ["trust_id", "period"])
    op.create_table(
        "evaluation_step",
        *_key(round=sa.Integer(), step=sa.Integer()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        *_signed("recorded_at"),
        sa.PrimaryKeyConstraint("trust_id", "round", "step", name=op.f("pk_evaluation_step")),
    )


def _answers() -> None:
    op.create_table(
        "evaluation_answer",
        *_key(round=sa.Integer(), no=sa.Integer()),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("building", sa.String(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "round", "no", name=op.f("pk_evaluation_answer")),
        sa.UniqueConstraint(
            "trust_id", "round", "unit", name=op.f("uq_evaluation_answer_trust_id_round_unit")
        ),
    )


def _results() -> None:
    op.create_table(
        "evaluation_result",
        *_key(round=sa.Integer(), version=sa.Integer()),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "round", "version", name=op.f("pk_evaluation_result")),
    )
    op.create_table(
        "evaluation_consequence",
        *_key(round=sa.Integer(), version=sa.Integer(), kind=sa.String()),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('pay', 'rectify', 'renewal')", name=op.f("ck_evaluation_consequence_kind")
        ),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_evaluation_consequence_percent")),
        sa.PrimaryKeyConstraint(
            "trust_id", "round", "version", "kind", name=op.f("pk_evaluation_consequence")
        ),
    )
    op.create_index(
        "ix_evaluation_consequence_kind", "evaluation_consequence", ["trust_id", "kind", "round", "version"]
    )
    op.create_table(
        "evaluation_consequence_step",
        *_key(round=sa.Integer(), version=sa.Integer(), kind=sa.String(), no=sa.Integer()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("acted_on", sa.Date(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.CheckConstraint("state IN ('done', 'open')", name=op.f("ck_evaluation_consequence_step_state")),
        sa.PrimaryKeyConstraint(
            "trust_id", "round", "version", "kind", "no", name=op.f("pk_evaluation_consequence_step")
        ),
    )


def _now() -> None:
    op.create_table(
        "evaluation_now",
        *_key(round=sa.Integer()),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("service_points", sa.Integer(), nullable=True),
        sa.Column("service_possible", sa.Integer(), nullable=False),
        sa.Column("service_grade", sa.String(), nullable=False),
        sa.Column("party_points", sa.Integer(), nullable=True),
        sa.Column("party_possible", sa.Integer(), nullable=False),
        sa.Column("party_grade", sa.String(), nullable=False),
        sa.Column("vetoes", sa.Integer(), nullable=False),
        sa.Column("appeals", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "round", name=op.f("pk_evaluation_now")),
    )
    op.create_index("ix_evaluation_now_period", "evaluation_now", ["trust_id", "period"])


def _key(**columns: sa.types.TypeEngine[object]) -> list[sa.Column[object]]:
    kinds = {"trust_id": sa.BigInteger(), **columns}
    return [sa.Column(name, kind, autoincrement=False, nullable=False) for name, kind in kinds.items()]


def _signed(moment: str) -> list[sa.Column[object]]:
    return [
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column(moment, UtcTime(), nullable=False),
    ]


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

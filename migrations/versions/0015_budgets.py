"""Budgets: versions, lines, notices, comments, decisions, and what waiting work would take."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_VERSION = ("year", "fund", "version")
APPEND_ONLY: Mapping[str, Keys] = {
    "budget_version": (_VERSION,),
    "budget_revision": ((*_VERSION, "revision"),),
    "budget_line": ((*_VERSION, "revision", "code"),),
    "budget_step": ((*_VERSION, "step_no"),),
    "budget_comment": ((*_VERSION, "comment_no"),),
    "budget_answer": ((*_VERSION, "comment_no", "answer_no"),),
    "budget_document": ((*_VERSION, "doc_no"),),
    "budget_claim": (("no", "line"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def _of_version(table: str, *columns: sa.Column[object] | sa.CheckConstraint) -> None:
    """A table keyed by trust, year, fund, version and whatever its guard names besides."""
    op.create_table(
        table,
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fund", sa.String(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("trust_id", *APPEND_ONLY[table][0], name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    _of_version(
        "budget_version",
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
    )
    _of_version(
        "budget_revision",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("saved_at", UtcTime(), nullable=False),
    )
    _of_version(
        "budget_line",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(1), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("accounts", sa.String(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("spread", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_budget_line_amount_not_negative")),
    )
    _of_version(
        "budget_step",
        sa.Column("step_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("income", sa.BigInteger(), nullable=False),
        sa.Column("expense", sa.BigInteger(), nullable=False),
        sa.Column("free", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("acted_at", UtcTime(), nullable=False),
    )
    _make_talk()
    _make_claims()
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _make_talk() -> None:
    """Comments, answers and papers."""
    _of_version(
        "budget_comment",
        sa.Column("comment_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("commented_at", UtcTime(), nullable=False),
    )
    _of_version(
        "budget_answer",
        sa.Column("comment_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("answer_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("answered_at", UtcTime(), nullable=False),
    )
    _of_version(
        "budget_document",
        sa.Column("doc_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("public", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
    )


def _make_claims() -> None:
    """What waiting work would take, and the way from a line to the entries that name it."""
    op.create_table(
        "budget_claim",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.String(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id", "no"], ["work.trust_id", "work.no"], name=op.f("fk_budget_claim_work")
        ),
        sa.PrimaryKeyConstraint("trust_id", "no", "line", name=op.f("pk_budget_claim")),
    )
    op.create_index("ix_budget_claim_line", "budget_claim", ["trust_id", "line"])
    named = sa.column("kind") == "budget_line"
    op.create_index(
        "ix_entry_reference_budget_line",
        "entry_reference",
        ["trust_id", "ref", "seq"],
        postgresql_where=named,
        sqlite_where=named,
    )


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

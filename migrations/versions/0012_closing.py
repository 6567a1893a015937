"""Closing a month takes two people: who asks for it, and who confirms."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {"close_request": (("no",),), "close_decision": (("no",),)}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    op.create_table(
        "close_request",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book", sa.String(length=1), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("requested_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "no", name=op.f("pk_close_request")),
    )
    op.create_index("ix_close_request_period", "close_request", ["trust_id", "book", "period"])
    op.create_table(
        "close_decision",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id", "no"],
            ["close_request.trust_id", "close_request.no"],
            name=op.f("fk_close_decision_close_request"),
        ),
        sa.PrimaryKeyConstraint("trust_id", "no", name=op.f("pk_close_decision")),
    )
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

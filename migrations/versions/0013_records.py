"""What is published besides entries takes its place in the same log."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only
from ledger.store.types import UtcTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {"record": (("seq",), ("kind", "subject"))}


def upgrade() -> None:
    op.create_table(
        "record",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id", "seq"],
            ["leaf.trust_id", "leaf.seq"],
            name=op.f("fk_record_leaf"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("trust_id", "seq", name=op.f("pk_record")),
        sa.UniqueConstraint("trust_id", "kind", "subject", name=op.f("uq_record_trust_id_kind_subject")),
    )
    guard_append_only(APPEND_ONLY)


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

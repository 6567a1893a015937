"""Witnesses, their cosignatures and time stamps."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "witness": (("name",), ("vkey",)),
    "witness_end": (("name",),),
    "cosignature": (("name", "size", "signed_at"),),
    "time_stamp": (("size",),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    op.create_table(
        "witness",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), autoincrement=False, nullable=False),
        sa.Column("vkey", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("registered_by", sa.String(), nullable=False),
        sa.Column("registered_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "name", name=op.f("pk_witness")),
        sa.UniqueConstraint("trust_id", "vkey", name=op.f("uq_witness_trust_id_vkey")),
    )
    op.create_table(
        "witness_end",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id", "name"], ["witness.trust_id", "witness.name"], name=op.f("fk_witness_end_witness")
        ),
        sa.PrimaryKeyConstraint("trust_id", "name", name=op.f("pk_witness_end")),
    )
    op.create_table(
        "cosignature",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("signed_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id", "name"], ["witness.trust_id", "witness.name"], name=op.f("fk_cosignature_witness")
        ),
        sa.ForeignKeyConstraint(
            ["trust_id", "size"],
            ["checkpoint.trust_id", "checkpoint.size"],
            name=op.f("fk_cosignature_checkpoint"),
        ),
        sa.PrimaryKeyConstraint("trust_id", "name", "size", "signed_at", name=op.f("pk_cosignature")),
    )
    op.create_table(
        "time_stamp",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("stamped_at", UtcTime(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id", "size"],
            ["checkpoint.trust_id", "checkpoint.size"],
            name=op.f("fk_time_stamp_checkpoint"),
        ),
        sa.PrimaryKeyConstraint("trust_id", "size", name=op.f("pk_time_stamp")),
    )
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

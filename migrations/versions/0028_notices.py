"""Notices: addresses people agreed to, what is to be told, what waits, what was sent."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "notice": (("person", "key"),),
    "notice_sent": (("person", "key", "channel"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {
    "notice_address": ("address", "agreed_at"),
    "notice_queue": ("tries", "next_at"),
}


def upgrade() -> None:
    op.create_table(
        "notice_address",
        *_key("person", "channel"),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agreed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "person", "channel", name=op.f("pk_notice_address")),
    )
    op.create_table(
        "notice",
        *_key("person", "key"),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "person", "key", name=op.f("pk_notice")),
    )
    op.create_table(
        "notice_queue",
        *_key("person", "key", "channel"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "person", "key", "channel", name=op.f("pk_notice_queue")),
    )
    op.create_index("ix_notice_queue_next_at", "notice_queue", ["trust_id", "next_at"])
    op.create_table(
        "notice_sent",
        *_key("person", "key", "channel"),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "person", "key", "channel", name=op.f("pk_notice_sent")),
    )
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING, delete=("notice_address", "notice_queue"))


def _key(*names: str) -> list[sa.Column[object]]:
    kinds: dict[str, sa.types.TypeEngine[object]] = {"trust_id": sa.BigInteger()}
    kinds |= {name: sa.String() for name in names}
    return [sa.Column(name, kind, autoincrement=False, nullable=False) for name, kind in kinds.items()]


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

"""The desk: forms carried out once; sessions long over may be deleted."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {}
CHANGING: Mapping[str, tuple[str, ...]] = {
    "form_sent": (),
    "session": ("last_seen", "ended_at", "notice", "pending_secret"),
}


def upgrade() -> None:
    op.create_table(
        "form_sent",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.String(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "token", name=op.f("pk_form_sent")),
    )
    op.create_index("ix_form_sent_sent_at", "form_sent", ["trust_id", "sent_at"])
    op.create_index("ix_session_expires_at", "session", ["trust_id", "expires_at"])
    op.create_index("ix_work_person", "work", ["trust_id", "person", "no"])
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING, delete=("form_sent", "session"))


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

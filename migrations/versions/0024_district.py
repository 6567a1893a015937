"""The district's summaries, one row a community."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TEXTS = ("slug", "name", "trustee", "district", "grid")
_SIZES = ("growth", "common", "maintenance")
_COUNTS = (
    "open_lines",
    "open_days",
    "months_behind",
    "corrections",
    "co_sign",
    "over_budget",
    "votes",
    "bare",
    "overdrawn",
    "checkpoint_days",
    "findings",
)
APPEND_ONLY: Mapping[str, Keys] = {}
CHANGING: Mapping[str, tuple[str, ...]] = {
    "district_summary": (
        *_TEXTS,
        "refreshed_at",
        "day",
        "log_size",
        "setup_version",
        "signed_size",
        "signed_at",
        *_SIZES,
        "funds",
        "quiet_days",
        "late",
        "late_days",
        "late_titles",
        *_COUNTS,
    )
}


def upgrade() -> None:
    op.create_table(
        "district_summary",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in _TEXTS),
        sa.Column("refreshed_at", UtcTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("log_size", sa.BigInteger(), nullable=False),
        sa.Column("setup_version", sa.BigInteger(), nullable=False),
        sa.Column("signed_size", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", UtcTime(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _SIZES),
        sa.Column("funds", sa.Text(), nullable=False),
        sa.Column("quiet_days", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("late_titles", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.PrimaryKeyConstraint("trust_id", name=op.f("pk_district_summary")),
    )
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

"""Lists of entries over millions: what the filters and their totals read."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {}
SUMS = ("entries", "opened", "received", "paid", "moved_in", "moved_out")
CHANGING: Mapping[str, tuple[str, ...]] = {"list_head": ("size",), "list_total": SUMS}


def upgrade() -> None:
    op.create_table(
        "list_head",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", name=op.f("pk_list_head")),
    )
    keys = ("kind", "key", "fund", "book")
    op.create_table(
        "list_total",
        sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.String(), autoincrement=False, nullable=False) for name in keys),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("direction", sa.String(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SUMS),
        sa.PrimaryKeyConstraint("trust_id", *keys, "period", "direction", name=op.f("pk_list_total")),
    )
    for name in ("vendor", "contract", "project", "site"):
        used = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_posting_{name}_date",
            "posting",
            ["trust_id", name, "business_date", "seq"],
            postgresql_where=used,
            sqlite_where=used,
        )
    late = sa.text("original_date IS NOT NULL")
    op.create_index(
        "ix_entry_late",
        "entry",
        ["trust_id", "business_date", "seq"],
        postgresql_where=late,
        sqlite_where=late,
    )
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

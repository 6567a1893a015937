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
    for kind in ("plan", "transfer"):
        of_kind = sa.text(f"kind = '{kind}'")
        op.create_index(
            f"ix_entry_reference_{kind}",
            "entry_reference",
            ["trust_id", "ref", "seq"],
            postgresql_where=of_kind,
            sqlite_where=of_kind,
        )
    late = sa.text("original_date IS NOT NULL")
    op.create_index(
        "ix_entry_late",
        "entry",
        ["trust_id", "business_date", "seq"],
        postgresql_where=late,
        sqlite_where=late,
    )
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":  # as in 0003: else the work of an entry is sought among all work
        for index, figures in (
            ("sqlite_autoindex_work_entry_1", "150000 150000 1 1"),
            ("ix_work_entry_seq", "150000 150000 1"),
        ):
            connection.exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('work_entry', ?, ?)", (index, figures)
            )
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")

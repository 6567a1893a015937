"""Tell SQLite's planner how books are shaped.

Every key begins with trust_id, and a file usually holds one trust, so "trust_id = ?" selects
everything. Without figures SQLite takes it for selective and may scan a whole trust for every row of a
join. The figures (for a community after some years) are kept rather than measured, so that plans are
the same on every machine. PostgreSQL measures by itself.
"""

from alembic import op
from sqlalchemy import Connection

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# rows a trust
ROWS = {
    "posting": 400_000,
    "posting_detail": 400_000,
    "entry": 150_000,
    "leaf": 150_000,
    "entry_salt": 150_000,
    "entry_document": 160_000,
    "entry_reference": 5_000,
    "invoice_use": 3_000,
    "bank_line": 150_000,
    "bank_match": 150_000,
    "bank_balance": 10_000,
    "period_balance": 10_000,
    "unit": 1_000,
    "dimension_value": 1_500,
    "account": 150,
    "document": 10_000,
    "checkpoint": 20_000,
}
# distinct values of a column within a trust; others tell every row apart
DISTINCT = {
    "trust_id": 1,
    "book": 2,
    "fund": 2,
    "side": 2,
    "account": 70,
    "business_date": 2_000,
    "fiscal_year": 6,
    "period": 70,
    "bank_account": 8,
    "dimension": 8,
    "vendor": 60,
    "contract": 80,
    "project": 10,
    "party": 20,
    "site": 20,
    "unit": 1_000,
    "occurred_on": 2_000,
    "line_no": 2,
    "reverses": 50,
    "amends": 50,
}


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    connection.exec_driver_sql("ANALYZE")
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    for table, rows in ROWS.items():
        for _, index, _, origin, _ in connection.exec_driver_sql(f"PRAGMA index_list({table})").fetchall():
            columns = _columns(connection, index)
            figures = [rows, *(_left(rows, columns[: n + 1]) for n in range(len(columns)))]
            without_rowid = origin == "pk" and _without_rowid(connection, table)
            connection.exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
                (table, table if without_rowid else index, " ".join(map(str, figures))),
            )


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")


def _columns(connection: Connection, index: str) -> list[str]:
    rows = connection.exec_driver_sql(f"PRAGMA index_xinfo({index})").fetchall()
    return [name for _, _, name, _, _, is_key in rows if is_key]


def _left(rows: int, columns: list[str]) -> int:
    for column in columns:
        rows //= DISTINCT.get(column, 150_000)
    return max(rows, 1)


def _without_rowid(connection: Connection, table: str) -> bool:
    found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar_one()
    return "WITHOUT ROWID" in found

"""The limit: the same rows and the same statements through the bare driver, without anything of ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, Engine, Table, event, text

from ledger.journal import write
from ledger.journal.head import Head
from ledger.journal.write import ORDER, Rows
from ledger.store.engine import open_engine
from tests.servers import Database

Statement = tuple[str, Any, bool]
"""A statement, its parameters, and whether these are for ``executemany``."""
_MOST_PARAMETERS = {"sqlite": 32_000, "postgresql": 32_000}
_ROWS_A_STATEMENT = 500


@contextmanager
def recorded_rows() -> Iterator[list[Rows]]:
    """Keep the rows our journal writes meanwhile."""
    kept: list[Rows] = []

    def keep(conn: Connection, rows: Rows, head: Head) -> None:
        kept.append(rows)
        write.write_rows(conn, rows, head)

    with patch.object(sys.modules["ledger.journal.post"], "write_rows", keep):
        yield kept


@contextmanager
def recorded_statements(engine: Engine) -> Iterator[list[Statement]]:
    """Keep what our engine sends meanwhile, in the driver's own terms."""
    kept: list[Statement] = []

    def keep(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        kept.append((statement, parameters, many))

    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield kept
    finally:
        event.remove(engine, "before_cursor_execute", keep)


class Driver:
    """A bare connection of psycopg or sqlite3, set up as ours are (role, journal mode, fsync)."""

    def __init__(self, database: Database) -> None:
        self._engine = open_engine(database.url)
        self._pooled = self._engine.raw_connection()
        self._kind = database.kind
        self.connection: Any = self._pooled.driver_connection

    def close(self) -> None:
        """Let go of the connection."""
        self._pooled.close()
        self._engine.dispose()

    def replay(self, statements: list[Statement]) -> None:
        """The same round trips as ours, in one transaction; answers are fetched."""
        cursor = self.connection.cursor()
        for statement, parameters, many in statements:
            if many:
                cursor.executemany(statement, parameters)
            else:
                cursor.execute(statement, parameters)
            if cursor.description:
                cursor.fetchall()
        cursor.close()
        self.connection.commit()

    def insert(self, batches: list[Rows]) -> None:
        """The rows as multi-row INSERTs, in one transaction."""
        cursor = self.connection.cursor()
        if self._kind == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        for rows in batches:
            for table in ORDER:
                kept = rows.by_table[table.name]
                if self._kind == "sqlite":
                    kept = write._sqlite_rows(kept) if kept else []
                step = min(_ROWS_A_STATEMENT, _MOST_PARAMETERS[self._kind] // len(table.columns))
                for low in range(0, len(kept), step):
                    some = kept[low : low + step]
                    flat = [value for row in some for value in row]
                    cursor.execute(self._statement(table, len(some)), flat)
        cursor.close()
        self.connection.commit()

    def _statement(self, table: Table, rows: int) -> str:
        mark = "?" if self._kind == "sqlite" else "%s"
        columns = ",".join(column.name for column in table.columns)
        row = "(" + ",".join([mark] * len(table.columns)) + ")"
        return f"INSERT INTO {table.name}({columns})VALUES{','.join([row] * rows)}"


def without_triggers(database: Database, *, foreign_keys: bool) -> None:
    """Take all triggers off a database, and its foreign keys if asked; keys, checks and indexes stay.

    On SQLite foreign keys are a setting of the connection: see `ignore_foreign_keys`.
    """
    owner = open_engine(database.owner_url, as_owner=True)
    with owner.begin() as conn:
        if database.kind == "sqlite":
            for name in (
                conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            ):
                conn.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for table in ORDER:
                conn.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
            keys = conn.exec_driver_sql(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
            ).all()
            for name, key in keys if not foreign_keys else ():
                conn.exec_driver_sql(f"ALTER TABLE {name} DROP CONSTRAINT {key}")
    owner.dispose()

"""The limit: the same rows and the same statements through the bare driver, without anything of ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, Engine, Table, event, text

from ledger.journal import write
from ledger.journal.driver import new_cursor
from ledger.journal.head import Move
from ledger.journal.one_trip import returns_a_row
from ledger.journal.write import ORDER, Rows
from ledger.store.engine import open_engine
from tests.servers import Database

Statement = tuple[str, Any, bool]
"""A statement, its parameters, and whether it went past SQLAlchemy."""
_ROWS_A_STATEMENT = {"sqlite": 500, "postgresql": 50}
"""What is fastest for multi-row INSERTs with each driver."""


@contextmanager
def recorded_rows() -> Iterator[list[Rows]]:
    """Keep the rows our journal writes meanwhile."""
    kept: list[Rows] = []

    really = write.write_rows

    def keep(conn: Connection, rows: Rows, move: Move) -> None:
        kept.append(rows)
        really(conn, rows, move)

    with (
        patch.object(write, "write_rows", keep),
        patch.object(sys.modules["ledger.journal.post"], "write_rows", keep),
    ):
        yield kept


@contextmanager
def recorded_statements(engine: Engine) -> Iterator[list[Statement]]:
    """Keep what our engine and our journal send meanwhile, in the driver's own terms."""
    kept: list[Statement] = []

    def keep(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        kept.append((statement, parameters, False))

    def recording(driver: Any) -> Any:
        return _RecordingCursor(new_cursor(driver), kept)

    def keep_entry(conn: Connection, statement: str, types: Any, values: Any) -> bool:
        kept.append((statement, values, True))
        return returns_a_row(conn, statement, types, values)

    event.listen(engine, "before_cursor_execute", keep)
    try:
        with (
            patch("ledger.journal.driver.new_cursor", recording),
            patch("ledger.journal.write_postgresql.returns_a_row", keep_entry),
        ):
            yield kept
    finally:
        event.remove(engine, "before_cursor_execute", keep)


class _RecordingCursor:
    """A driver's cursor that notes what it is asked."""

    def __init__(self, cursor: Any, kept: list[Statement]) -> None:
        self._cursor = cursor
        self._kept = kept

    def execute(self, statement: str, parameters: Any) -> None:
        """Note and execute."""
        self._kept.append((statement, parameters, True))
        self._cursor.execute(statement, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


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
        for statement, parameters, bare in statements:
            cursor = new_cursor(self.connection) if bare else self.connection.cursor()
            cursor.execute(statement, parameters)
            if cursor.description:
                cursor.fetchall()
            cursor.close()
        self.connection.commit()

    def entries(self) -> int:
        """How many entries the database holds."""
        cursor = self.connection.cursor()
        cursor.execute("SELECT count(*) FROM entry")
        return int(cursor.fetchone()[0])

    def insert_multirow(self, batches: list[Rows]) -> None:
        """The rows as multi-row INSERTs, in one transaction."""
        step = _ROWS_A_STATEMENT[self._kind]
        for cursor, table, rows in self._tables(batches):
            for low in range(0, len(rows), step):
                some = rows[low : low + step]
                cursor.execute(self._statement(table, len(some)), [value for row in some for value in row])

    def insert_many(self, batches: list[Rows]) -> None:
        """The rows by the driver's own ``executemany``, in one transaction."""
        for cursor, table, rows in self._tables(batches):
            cursor.executemany(self._statement(table, 1), rows)

    def insert_copy(self, batches: list[Rows]) -> None:
        """The rows by COPY, in one transaction; PostgreSQL only."""
        for cursor, table, rows in self._tables(batches):
            with cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    def _tables(self, batches: list[Rows]) -> Iterator[tuple[Any, Table, list[Any]]]:
        """A cursor and the rows to insert, table by table; commits after the last."""
        cursor = self.connection.cursor()
        if self._kind == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        for batch in batches:
            for table in ORDER:
                if rows := batch.by_table[table.name]:
                    yield cursor, table, rows
        cursor.close()
        self.connection.commit()

    def _statement(self, table: Table, rows: int) -> str:
        mark = "?" if self._kind == "sqlite" else "%s"
        columns = ",".join(column.name for column in table.columns)
        row = "(" + ",".join([mark] * len(table.columns)) + ")"
        return f"INSERT INTO {table.name}({columns})VALUES{','.join([row] * rows)}"


def without_triggers(database: Database) -> None:
    """Take all triggers off a database; keys (foreign keys too), checks and indexes stay."""
    owner = open_engine(database.owner_url, as_owner=True)
    with owner.begin() as conn:
        if database.kind == "sqlite":
            names = (
                conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            )
            for name in names:
                conn.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for table in ORDER:
                conn.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
    owner.dispose()

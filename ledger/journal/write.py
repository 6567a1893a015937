"""Write checked entries to the database, set by set.

PostgreSQL has its own module; SQLite takes prepared rows, in the order its triggers ask for: details,
postings, the entry last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table

from ledger.journal.driver import driver_cursor
from ledger.journal.head import Head
from ledger.journal.write_postgresql import write_many, write_one
from ledger.store.tables import (
    entry,
    entry_document,
    entry_reference,
    entry_salt,
    invoice_use,
    leaf,
    posting,
    posting_detail,
)

Row = tuple[Any, ...]
Moment = Callable[[date], date | str]
ORDER: tuple[Table, ...] = (
    leaf,
    posting_detail,
    posting,
    entry,
    entry_document,
    entry_reference,
    invoice_use,
    entry_salt,
)
_ROWS_AT_ONCE = 20_000
_ROWS_A_STATEMENT = 200
"""On SQLite; each has at most 21 values, and a statement takes 32,766."""
_FEW_ROWS = 8
_SAVE_HEAD_SQLITE = "UPDATE trust_head SET size = ?, frontier = ?, numbers = ? WHERE trust_id = ?"


def _same(value: date) -> date | str:
    return value


@dataclass(slots=True)
class Rows:
    """Rows to insert, by table, in column order of :mod:`ledger.store.tables`.

    ``moment`` turns days and instants into what the engine's driver takes.
    """

    moment: Moment
    by_table: dict[str, list[Row]] = field(default_factory=lambda: {table.name: [] for table in ORDER})
    count: int = 0

    @classmethod
    def of(cls, conn: Connection) -> Rows:
        """No rows yet, for this database."""
        return cls(_same if conn.dialect.name == "postgresql" else _iso)

    def add(self, table: Table, row: Row) -> None:
        """Append one row."""
        self.by_table[table.name].append(row)
        self.count += 1

    @property
    def full(self) -> bool:
        """Whether the rows should be sent before more are added (bounds memory)."""
        return self.count >= _ROWS_AT_ONCE

    @property
    def one_small_entry(self) -> bool:
        """Whether this is a single entry that fits one statement."""
        return len(self.by_table[entry.name]) == 1 and self.count <= _FEW_ROWS


def write_rows(conn: Connection, rows: Rows, head: Head) -> None:
    """Insert the rows and move the locked head on, in the caller's transaction."""
    if conn.dialect.name != "postgresql":
        _write_sqlite(conn, rows, head)
    elif not rows.one_small_entry:
        write_many(conn, ORDER, rows.by_table, head)
    elif not write_one(conn, ORDER, rows.by_table, head):
        raise RuntimeError(f"the head of trust {head.trust_id} moved although it is locked")
    head.before = head.after()


def write_believed(conn: Connection, rows: Rows, head: Head) -> bool:
    """The same for one small entry on a head that is not locked but believed (PostgreSQL only).

    False, with nothing written, if the head is another by now or the key is taken.
    """
    if not rows.one_small_entry or not write_one(conn, ORDER, rows.by_table, head):
        return False
    head.before = head.after()
    return True


def _write_sqlite(conn: Connection, rows: Rows, head: Head) -> None:
    after = head.after()
    with driver_cursor(conn) as cursor:
        for table in ORDER:
            batch = rows.by_table[table.name]
            whole = len(batch) - len(batch) % _ROWS_A_STATEMENT
            for start in range(0, whole, _ROWS_A_STATEMENT):
                some = batch[start : start + _ROWS_A_STATEMENT]
                cursor.execute(_insert_sqlite(table, _ROWS_A_STATEMENT), list(chain.from_iterable(some)))
            for row in batch[whole:]:
                cursor.execute(_insert_sqlite(table, 1), row)
        cursor.execute(_SAVE_HEAD_SQLITE, (after.size, after.frontier, after.numbers, head.trust_id))


@cache
def _insert_sqlite(table: Table, rows: int) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {table.name} ({columns}) VALUES {', '.join([f'({marks})'] * rows)}"  # noqa: S608


@lru_cache(maxsize=4096)
def _iso(value: date) -> str:
    """A day or an instant as the text that SQLAlchemy reads back from SQLite."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat()

"""Write checked entries to the database, set by set.

Each engine has a module of its own. SQLite takes the rows in the order its triggers ask for: details, postings,
the entry last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table

from ledger.journal import write_sqlite
from ledger.journal.head import Move
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
_ROWS_AT_ONCE = 10_000
_FEW_ROWS = 8


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


def write_rows(conn: Connection, rows: Rows, move: Move) -> None:
    """Insert the rows and move the locked head on, in the caller's transaction."""
    if conn.dialect.name != "postgresql":
        write_sqlite.write(conn, ORDER, rows.by_table, move)
    elif not rows.one_small_entry:
        write_many(conn, ORDER, rows.by_table, move)
    elif not write_one(conn, ORDER, rows.by_table, move):
        raise RuntimeError(f"the head of trust {move.trust_id} moved although it is locked")


def write_believed(conn: Connection, rows: Rows, move: Move) -> bool:
    """The same for one small entry on a head that is not locked but believed (PostgreSQL only).

    False, with nothing written, if the head is another by now or the key is taken.
    """
    return rows.one_small_entry and write_one(conn, ORDER, rows.by_table, move)


@lru_cache(maxsize=4096)
def _iso(value: date) -> str:
    """A day or an instant as the text that SQLAlchemy reads back from SQLite."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat()

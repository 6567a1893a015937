"""Write checked entries to the database, set by set.

PostgreSQL has its own module; SQLite takes prepared rows, in the order its triggers ask for: details,
postings, the entry last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Date, Table

from ledger.journal.head import Head, save_head
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
from ledger.store.types import UtcTime

Row = tuple[Any, ...]
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
_FEW_ROWS = 8


@dataclass(slots=True)
class Rows:
    """Rows to insert, by table, in column order of :mod:`ledger.store.tables`."""

    by_table: dict[str, list[Row]] = field(default_factory=lambda: {table.name: [] for table in ORDER})

    def add(self, table: Table, row: Row) -> None:
        """Append one row."""
        self.by_table[table.name].append(row)

    def extend(self, table: Table, rows: Iterable[Row]) -> None:
        """Append many rows."""
        self.by_table[table.name].extend(rows)

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.by_table.values())

    @property
    def full(self) -> bool:
        """Whether the rows should be sent before more are added (bounds memory)."""
        return len(self) >= _ROWS_AT_ONCE

    @property
    def one_small_entry(self) -> bool:
        """Whether this is a single entry that fits one statement."""
        return len(self.by_table[entry.name]) == 1 and len(self) <= _FEW_ROWS


def write_rows(conn: Connection, rows: Rows, head: Head) -> None:
    """Insert the rows and store the head, in the caller's transaction."""
    if conn.dialect.name != "postgresql":
        _write_sqlite(conn, rows)
        save_head(conn, head)
    elif rows.one_small_entry:
        write_one(conn, ORDER, rows.by_table, head)
    else:
        write_many(conn, ORDER, rows.by_table, head)


def _write_sqlite(conn: Connection, rows: Rows) -> None:
    for table in ORDER:
        batch = rows.by_table[table.name]
        if batch:
            conn.exec_driver_sql(_insert_sqlite(table), _sqlite_rows(table, batch))


@cache
def _insert_sqlite(table: Table) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608


def _sqlite_rows(table: Table, batch: Sequence[Row]) -> Sequence[Row]:
    """Days and instants as the ISO texts that SQLAlchemy reads back."""
    places = [n for n, column in enumerate(table.columns) if isinstance(column.type, (Date, UtcTime))]
    if not places:
        return batch
    changed = []
    for row in batch:
        values = list(row)
        for place in places:
            if values[place] is not None:
                values[place] = _plain(values[place])
        changed.append(tuple(values))
    return changed


@lru_cache(maxsize=4096)
def _plain(value: date) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat()

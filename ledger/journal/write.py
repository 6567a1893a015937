"""Write checked entries to the database, set by set.

PostgreSQL takes a whole batch in one statement (one data-modifying CTE per table, arrays unnested), so
that a single entry costs one round trip and ten thousand cost a handful. SQLite takes prepared rows,
in the order its triggers ask for: details, postings, the entry last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql

from ledger.journal.head import Head, save_head
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
_ROWS_A_STATEMENT = 20_000


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
        """Whether a statement should be sent before more is added (bounds memory)."""
        return len(self) >= _ROWS_A_STATEMENT


def write_rows(conn: Connection, rows: Rows, head: Head) -> None:
    """Insert the rows and store the head, in the caller's transaction."""
    if conn.dialect.name == "postgresql":
        _write_postgresql(conn, rows, head)
    else:
        _write_sqlite(conn, rows)
        save_head(conn, head)


def _write_postgresql(conn: Connection, rows: Rows, head: Head) -> None:
    parameters: dict[str, Any] = head.saved_values()
    shape = []
    for number, table in enumerate(ORDER):
        batch = rows.by_table[table.name]
        if not batch:
            continue
        used = []
        for place, values in enumerate(zip(*batch, strict=True)):
            if place and any(value is not None for value in values):  # place 0 is trust_id
                used.append(place)
                parameters[f"{number}_{place}"] = list(values)
        shape.append((number, tuple(used)))
    conn.exec_driver_sql(_insert_all(tuple(shape)), parameters)


@cache
def _insert_all(shape: tuple[tuple[int, tuple[int, ...]], ...]) -> str:
    """One statement for the tables and columns in use; columns that are all NULL stay away, which keeps
    a single entry's statement small enough for the driver to cache it."""
    inserts = ",".join(f"w{number} AS ({_unnest(number, used)})" for number, used in shape)
    return (
        f"WITH {inserts} "  # noqa: S608 - names come from our own table definitions
        "UPDATE trust_head SET size=%(new_size)s,frontier=%(new_frontier)s,numbers=%(new_numbers)s "
        "WHERE trust_id=%(t)s"
    )


def _unnest(number: int, used: tuple[int, ...]) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    table = ORDER[number]
    columns = [table.columns[place] for place in used]
    names = ",".join(column.name for column in columns)
    arrays = ",".join(
        f"%({number}_{place})s::{column.type.compile(dialect)}[]"
        for place, column in zip(used, columns, strict=True)
    )
    return f"INSERT INTO {table.name}(trust_id,{names})SELECT %(t)s::bigint,u.* FROM unnest({arrays})u"  # noqa: S608


def _write_sqlite(conn: Connection, rows: Rows) -> None:
    for table in ORDER:
        batch = rows.by_table[table.name]
        if batch:
            conn.exec_driver_sql(_insert_sqlite(table), _sqlite_rows(batch))


@cache
def _insert_sqlite(table: Table) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608


def _sqlite_rows(batch: Sequence[Row]) -> list[Row]:
    """Days and instants as the ISO texts that SQLAlchemy reads back."""
    if not any(isinstance(value, date) for value in batch[0]):
        return list(batch)
    return [tuple(_plain(value) if isinstance(value, date) else value for value in row) for row in batch]


def _plain(value: date) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat()

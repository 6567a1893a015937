"""Many rows into one table at once.

On SQLite the rows go straight to the driver: SQLAlchemy's work per value is most of what 100,000 lines cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Date, Table, insert

from ledger.store.types import UtcTime

Row = tuple[Any, ...]
ROWS_AT_ONCE = 5_000


def insert_rows(conn: Connection, table: Table, rows: Iterable[Row]) -> int:
    """Insert rows, given in the order of the table's columns, some thousands at a time; return how many."""
    names = [column.key for column in table.columns]
    count = 0
    for batch in _batches(rows):
        count += len(batch)
        if conn.dialect.name == "sqlite":
            conn.exec_driver_sql(_statement(table), _plain_rows(table, batch))
        else:
            conn.execute(insert(table), [dict(zip(names, row, strict=True)) for row in batch])
    return count


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, ROWS_AT_ONCE)):
        yield batch


@cache
def _statement(table: Table) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608 - names of our own tables


def _plain_rows(table: Table, batch: Sequence[Row]) -> Sequence[Row]:
    """Days and instants as the ISO texts that SQLAlchemy reads back."""
    places = {n for n, column in enumerate(table.columns) if isinstance(column.type, (Date, UtcTime))}
    if not places:
        return batch
    return [tuple(_plain(v) if n in places else v for n, v in enumerate(row)) for row in batch]


@lru_cache(maxsize=4096)
def _plain(value: date | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat()

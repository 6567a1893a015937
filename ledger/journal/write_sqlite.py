"""Write entries to SQLite: many rows a statement, and what rows have in common bound once.

SQLite runs within our process, so a value's way from Python into the statement is what an insert costs
besides the pages themselves. Of the columns of an entry more than half say the same throughout a batch (trust,
book, year, day, event, staff, nothing at all); such a column is one parameter, which every row names.
"""

from __future__ import annotations

import sqlite3
import sys
from functools import lru_cache
from itertools import chain, compress
from typing import Any

from sqlalchemy import Connection, Table

from ledger.journal.driver import driver_cursor
from ledger.journal.head import Move

Row = tuple[Any, ...]
Batch = dict[str, list[Row]]
_SIZES = (1024, 256, 64, 16, 4, 1)
"""Rows a statement: few sizes, so that it is there already the next time. At most 21 values a row; SQLite takes
32,766."""
_SHARES = not (3, 12, 0) <= sys.version_info[:3] < (3, 12, 4)
"""Those releases of Python take ``?1`` for a name and warn of it."""
_SAVE_HEAD = "UPDATE trust_head SET size = ?, frontier = ?, numbers = ? WHERE trust_id = ?"


def write(conn: Connection, tables: tuple[Table, ...], batch: Batch, move: Move) -> None:
    """Insert the rows, table by table in the order given, and store the head."""
    with driver_cursor(conn) as cursor:
        for table in tables:
            done, rows = 0, batch[table.name]
            for size in _SIZES:
                while len(rows) - done >= size:
                    if not cursor.connection.in_transaction:  # else each statement would stand by itself
                        raise sqlite3.OperationalError("the transaction of these entries was undone")
                    _insert(cursor, table, rows[done : done + size])
                    done += size
        after = move.after
        cursor.execute(_SAVE_HEAD, (after.size, after.frontier, after.numbers, move.trust_id))


def _insert(cursor: Any, table: Table, rows: list[Row]) -> None:
    if len(rows) == 1:
        cursor.execute(_statement(table, 1, (False,) * len(rows[0])), rows[0])
        return
    columns = list(zip(*rows, strict=True))
    alike = tuple(_SHARES and column.count(column[0]) == len(rows) for column in columns)
    shared = [column[0] for column, same in zip(columns, alike, strict=True) if same]
    own = [column for column, same in zip(columns, alike, strict=True) if not same]
    values = [*shared, *chain.from_iterable(zip(*own, strict=True))]
    cursor.execute(_statement(table, len(rows), alike), values)


@lru_cache(maxsize=128)
def _statement(table: Table, rows: int, alike: tuple[bool, ...]) -> str:
    """``alike`` says for each column whether all rows have the same value.

    Those columns and their values come first, so that ``?`` counts on from them. (A number of its own for
    every value would have SQLite keep a list of names, which Python 3.12 searches for each.)
    """
    names = [f'"{column.name}"' for column in table.columns]
    shared = list(compress(names, alike))
    columns = [*shared, *compress(names, (not same for same in alike))]
    marks = [f"?{number}" for number in range(1, len(shared) + 1)] + ["?"] * (len(columns) - len(shared))
    line = f"({','.join(marks)})"
    return (
        f"INSERT INTO {table.name} ({','.join(columns)}) "  # noqa: S608 - our own tables
        f"VALUES {','.join([line] * rows)}"
    )

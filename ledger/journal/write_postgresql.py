"""Write entries to PostgreSQL: one statement for one entry, binary COPY for many.

What costs is round trips and the driver's work per value, not the disk. A single entry goes in one
data-modifying statement over all tables; a batch goes through COPY, table by table. Either way the
database's guards look at the finished rows before the transaction can commit.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import psycopg
from sqlalchemy import BigInteger, Boolean, Connection, Date, Integer, LargeBinary, SmallInteger, Table
from sqlalchemy.types import TypeEngine

from ledger.journal.head import Head, save_head
from ledger.store.types import UtcTime

Row = tuple[Any, ...]
Batch = dict[str, list[Row]]
_SHARED = {"seq": "s", "business_date": "d", "book": "b"}
"""Columns that have one value all over a single entry; sent once."""


def write_one(conn: Connection, tables: tuple[Table, ...], batch: Batch, head: Head) -> None:
    """Insert the rows of one entry and store the head, in one statement."""
    parameters: dict[str, Any] = head.saved_values()
    shape = []
    for number, table in enumerate(tables):
        rows = batch[table.name]
        if not rows:
            continue
        names = [column.name for column in table.columns]
        used = tuple(
            place for place in range(1, len(names)) if any(row[place] is not None for row in rows)
        )  # place 0 is trust_id
        for row_no, row in enumerate(rows):
            for place in used:
                parameters[_SHARED.get(names[place]) or f"{number}_{row_no}_{place}"] = row[place]
        shape.append((table, number, len(rows), used))
    conn.exec_driver_sql(_statement(tuple(shape)), parameters)


def write_many(conn: Connection, tables: tuple[Table, ...], batch: Batch, head: Head) -> None:
    """Insert the rows of many entries and store the head."""
    driver = cast("psycopg.Connection[Any]", conn.connection.driver_connection)
    with driver.cursor() as cursor:
        for table in tables:
            rows = batch[table.name]
            if rows:
                command, types = _copy(table)
                with cursor.copy(command) as copy:
                    copy.set_types(types)
                    for row in rows:
                        copy.write_row(row)
    save_head(conn, head)


_Shape = tuple[tuple[Table, int, int, tuple[int, ...]], ...]


@cache
def _statement(shape: _Shape) -> str:
    """Columns that are all NULL stay away: the driver caches statements of up to 50 parameters."""
    inserts = ",".join(
        f"w{number} AS ({_insert(table, number, rows, used)})" for table, number, rows, used in shape
    )
    return (
        f"WITH {inserts} "  # noqa: S608 - names come from our own table definitions
        "UPDATE trust_head SET size=%(new_size)s,frontier=%(new_frontier)s,numbers=%(new_numbers)s "
        "WHERE trust_id=%(t)s"
    )


def _insert(table: Table, number: int, rows: int, used: tuple[int, ...]) -> str:
    names = [column.name for column in table.columns]
    columns = ",".join(names[place] for place in used)
    values = ",".join(
        "(%(t)s," + ",".join(f"%({_SHARED.get(names[p]) or f'{number}_{row}_{p}'})s" for p in used) + ")"
        for row in range(rows)
    )
    return f"INSERT INTO {table.name}(trust_id,{columns})VALUES{values}"


@cache
def _copy(table: Table) -> tuple[str, list[str]]:
    columns = ",".join(column.name for column in table.columns)
    types = [_type_name(column.type) for column in table.columns]
    return f"COPY {table.name} ({columns}) FROM STDIN (FORMAT BINARY)", types


def _type_name(kind: TypeEngine[Any]) -> str:
    names: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
        (BigInteger, "int8"),
        (SmallInteger, "int2"),
        (Integer, "int4"),
        (Boolean, "bool"),
        (Date, "date"),
        (UtcTime, "timestamptz"),
        (LargeBinary, "bytea"),
    )
    return next((name for cls, name in names if isinstance(kind, cls)), "text")

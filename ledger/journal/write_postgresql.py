"""Write entries to PostgreSQL: one statement for one entry, binary COPY for many.

What costs is round trips and the driver's work per value, not the disk. A single entry goes in one
data-modifying statement over all tables; a batch goes through COPY, table by table. Either way the
database's guards look at the finished rows before the transaction can commit.

The statement for one entry is a compare-and-set. Its first part moves the head on only if the whole
head is what the writer took it for and the idempotency key is free; all other parts insert from what
that part returned, so either everything is written or nothing. This holds without a lock taken before:

- If another writer holds the head, the UPDATE waits, and PostgreSQL then compares the *newest* row
  (READ COMMITTED), so a head moved on meanwhile is a mismatch.
- The look-up of the key sees the moment the statement began, but so does the first comparison of the
  head: a size equal then and equal after the wait means that no entry came between.
- A belief from a transaction that was rolled back differs in the frontier from whatever was written
  instead, for it hashes every leaf.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, Date, Integer, LargeBinary, SmallInteger, Table
from sqlalchemy.types import TypeEngine

from ledger.journal.driver import driver_cursor
from ledger.journal.head import Move, save_head
from ledger.journal.one_trip import returns_a_row
from ledger.store.tables import entry
from ledger.store.types import UtcTime

Row = tuple[Any, ...]
Batch = dict[str, list[Row]]
_KEY = list(entry.columns.keys()).index("idempotency_key")
_WORTH_PLANNING_FOR = 1_000
"""Rows from which the server forgets its plans first. A session keeps those of guards and foreign keys, and to one made
while a table was nearly empty every index that begins with the trust seems as good as the key: it would read all of
the trust's entries for each new one until the table is next analysed, which within one transaction is never."""


def write_one(conn: Connection, tables: tuple[Table, ...], batch: Batch, move: Move) -> bool:
    """Insert the rows of one entry and move the head on, in one statement.

    False, with nothing written, if the head is not what ``move`` starts from or the key is taken.
    """
    after = move.after
    values: list[Any] = [
        *(after.size, after.frontier, after.numbers, move.trust_id, *move.before),
        batch[entry.name][0][_KEY],
    ]
    shape = []
    for table in tables:
        if rows := batch[table.name]:
            always, nullable = _places(table)
            used = (*always, *(p for p in nullable if any(row[p] is not None for row in rows)))
            values += [row[place] for row in rows for place in used]
            shape.append((table, len(rows), used))
    return returns_a_row(conn, *_statement(tuple(shape)), values)


def write_many(conn: Connection, tables: tuple[Table, ...], batch: Batch, move: Move) -> None:
    """Insert the rows of many entries and store the head."""
    with driver_cursor(conn) as cursor:
        if sum(map(len, batch.values())) >= _WORTH_PLANNING_FOR:
            cursor.execute("DISCARD PLANS")
        for table in tables:
            rows = batch[table.name]
            if rows:
                command, types = _copy(table)
                with cursor.copy(command) as copy:
                    copy.set_types(types)
                    for row in rows:
                        copy.write_row(row)
    save_head(conn, move)


@cache
def _places(table: Table) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which columns an insert always names, and which only where something is there.

    The trust and the place in the log come from the head that was moved on.
    """
    columns = [(p, c) for p, c in enumerate(table.columns) if c.name not in ("trust_id", "seq")]
    return tuple(p for p, c in columns if not c.nullable), tuple(p for p, c in columns if c.nullable)


_Shape = tuple[tuple[Table, int, tuple[int, ...]], ...]
_MOVE_HEAD = (
    "h AS (UPDATE trust_head SET size=$1,frontier=$2,numbers=$3 WHERE trust_id=$4 "
    "AND size=$5 AND frontier=$6 AND numbers=$7 AND closed=$8 AND setup_version=$9 "
    "AND NOT EXISTS (SELECT FROM entry WHERE trust_id=$4 AND idempotency_key=$10) "
    "RETURNING trust_id,$5 AS seq)"
)
_HEAD_TYPES = ("int8", "bytea", "text", "int8", "int8", "bytea", "text", "text", "int8", "text")


@cache
def _statement(shape: _Shape) -> tuple[str, tuple[str, ...]]:
    """The statement and the types of its values.

    Columns that are NULL throughout stay away: every value costs the driver and the server.
    """
    marks = count(11)
    inserts = [
        f"w{number} AS ({_insert(table, rows, used, marks)})"
        for number, (table, rows, used) in enumerate(shape)
    ]
    types = [_types(table)[place] for table, rows, used in shape for _ in range(rows) for place in used]
    return f"WITH {','.join((_MOVE_HEAD, *inserts))} SELECT FROM h", (*_HEAD_TYPES, *types)


def _insert(table: Table, rows: int, used: tuple[int, ...], marks: count[int]) -> str:
    names = list(table.columns.keys())
    columns = ",".join(names[place] for place in used)
    values = ",".join("(" + ",".join(f"${next(marks)}" for _ in used) + ")" for _ in range(rows))
    return (
        f"INSERT INTO {table.name}(trust_id,seq,{columns}) "  # noqa: S608 - our own table definitions
        f"SELECT h.trust_id,h.seq,v.* FROM h,(VALUES{values}) v"
    )


@cache
def _copy(table: Table) -> tuple[str, list[str]]:
    columns = ",".join(column.name for column in table.columns)
    return f"COPY {table.name} ({columns}) FROM STDIN (FORMAT BINARY)", _types(table)


@cache
def _types(table: Table) -> list[str]:
    """PostgreSQL's names of the types of a table's columns."""
    return [_type_name(column.type) for column in table.columns]


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

"""The first statement of a transaction and the BEGIN before it, in one round trip to PostgreSQL.

psycopg sends BEGIN on its own and waits for the answer, then looks every value up by its type. An entry is
one statement of some sixty values whose types are those of its columns, so here it is prepared under a
name of ours and goes out together with BEGIN through libpq's pipeline, which psycopg exposes. Its own
pipeline mode, made for whole blocks of statements, costs more than the trip it saves.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer
from psycopg.generators import execute, fetch_many
from sqlalchemy import Connection

from ledger.journal.driver import driver_errors

_HELD = "mingzhang_prepared"
_MOST_HELD = 100
"""As many as psycopg keeps by default."""
_names = count(1)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as one connection knows it."""

    name: bytes
    types: tuple[int, ...]
    formats: list[pq.Format]
    values: Any
    """psycopg's ``Transformer``, set up for the types."""


def returns_a_row(conn: Connection, statement: str, types: Sequence[str], values: Sequence[Any]) -> bool:
    """Execute ``statement`` with ``$1`` for the first value; whether it returned a row.

    ``types`` are PostgreSQL's names of the values' types, which the values have to fit: nothing looks whether
    they do. Runs in the transaction of ``conn``, which begins if none is under way. What the server refuses
    is SQLAlchemy's :class:`~sqlalchemy.exc.DBAPIError`.
    """
    if not conn.in_transaction():
        conn.begin()
    pooled = conn.connection
    driver: Any = pooled.driver_connection
    held: dict[str, _Prepared] = pooled.info.setdefault(_HELD, {})
    with driver_errors(conn):
        begin = _begin(driver)
        if begin is None or (statement not in held and len(held) >= _MOST_HELD):
            return _by_cursor(driver, statement, values)
        try:
            return _with_begin(driver, begin, held, statement, types, values)
        except errors.InvalidSqlStatementName:
            # When a transaction is undone psycopg has the server forget all that was prepared. Nothing but
            # BEGIN came before, so the transaction can begin once more.
            held.clear()
            driver.rollback()
            return _with_begin(driver, begin, held, statement, types, values)


def _begin(driver: Any) -> bytes | None:
    """What psycopg would begin a writing transaction with now; None if it would not, or may not prepare."""
    if (
        driver.pgconn.transaction_status != pq.TransactionStatus.IDLE
        or driver.pgconn.pipeline_status != pq.PipelineStatus.OFF
        or driver.autocommit
        or driver.prepare_threshold is None
        or driver.isolation_level not in (None, psycopg.IsolationLevel.READ_COMMITTED)
        or driver.read_only
        or driver.deferrable
    ):
        return None
    # Where a connection has served readers, SQLAlchemy says what is usual once more.
    level = b"" if driver.isolation_level is None else b" ISOLATION LEVEL READ COMMITTED"
    return b"BEGIN" + level + (b"" if driver.read_only is None else b" READ WRITE")


def _by_cursor(driver: Any, statement: str, values: Sequence[Any]) -> bool:
    """The driver's own way."""
    with psycopg.RawCursor(driver) as cursor:
        cursor.execute(statement.encode(), values)
        return cursor.rowcount > 0


def _with_begin(
    driver: Any,
    begin: bytes,
    held: dict[str, _Prepared],
    statement: str,
    types: Sequence[str],
    values: Sequence[Any],
) -> bool:
    known = held.get(statement)
    prepared = known or _prepared(driver, types)
    data = prepared.values.dump_sequence(values, prepared.formats)
    new = statement.encode() if known is None else None
    with driver.lock:
        answers = driver.wait(_exchange(driver.pgconn, begin, new, prepared, data))
    if known is None and len(answers) > 1 and answers[1].status == pq.ExecStatus.COMMAND_OK:
        held[statement] = prepared
    for answer in answers:
        if answer.status == pq.ExecStatus.FATAL_ERROR:
            raise errors.error_from_result(answer, driver.info.encoding)
    return bool(answers[-2].ntuples)


def _prepared(driver: Any, types: Sequence[str]) -> _Prepared:
    oids = tuple(driver.adapters.types[name].oid for name in types)
    values = Transformer(driver)
    values.set_dumper_types(oids, pq.Format.BINARY)
    return _Prepared(f"mingzhang_{next(_names)}".encode(), oids, [pq.Format.BINARY] * len(oids), values)


def _exchange(
    pgconn: Any, begin: bytes, new: bytes | None, prepared: _Prepared, data: Sequence[Any]
) -> Generator[Any, Any, list[Any]]:
    """Send all there is to send, then read the answer to each; psycopg waits between the steps."""
    try:
        pgconn.enter_pipeline_mode()
        pgconn.send_query_params(begin, None)
        if new is not None:
            pgconn.send_prepare(prepared.name, new, prepared.types)
        pgconn.send_query_prepared(prepared.name, data, prepared.formats)
        pgconn.pipeline_sync()
        answers: list[Any] = yield from execute(pgconn)
        for _ in range(2 if new is None else 3):
            answers += yield from fetch_many(pgconn)
        if pgconn.status == pq.ConnStatus.OK:
            pgconn.exit_pipeline_mode()
    except BaseException:
        pgconn.finish()  # nobody can say what is still to come on it
        raise
    return answers

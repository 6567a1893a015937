"""Connections: one way to open a database, one way to write, one way to read.

SQLite writers begin IMMEDIATE (a plain BEGIN that upgrades later loses to "database is locked");
readers begin plainly and never block. On PostgreSQL the connection takes on the role
``mingzhang_app``, which can neither change nor delete what is posted, even when the log-in could.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Connection, Engine, create_engine, event, make_url

APP_ROLE = "mingzhang_app"
_WRITES = "mingzhang_writes"
_BUSY_SECONDS = 120
_MANY_VALUES = 200


def open_engine(url: str, *, as_owner: bool = False) -> Engine:
    """An engine for ``url`` (``sqlite:///…`` or ``postgresql://…``).

    ``as_owner`` keeps the log-in's own rights: only migrations and outside checks need that.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
        _prepare_sqlite(engine)
    elif parsed.get_backend_name() == "postgresql":
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_size=10)
        event.listen(engine, "connect", _send_integers_alike)
        event.listen(engine, "do_execute", _plan_for_many_values)
        if not as_owner:
            event.listen(engine, "connect", _take_app_role)
    else:
        raise ValueError(f"数据库地址 {parsed.render_as_string()} 不受支持，请用 sqlite:/// 或 postgresql://")
    return engine


def default_url(data_dir: Path) -> str:
    """``DATABASE_URL``, or the embedded SQLite file in the data folder."""
    return os.environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'mingzhang.sqlite3'}"


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write; commits at the end, rolls back on any error."""
    with engine.connect().execution_options(**{_WRITES: True}) as conn, conn.begin():
        yield conn


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one consistent state of the database and never writes."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as conn, conn.begin():
        yield conn


def _send_integers_alike(dbapi_connection: Any, _record: object) -> None:
    """All integers as bigint: a type that follows the value would prepare each statement many times."""
    dbapi_connection.adapters.register_dumper(int, Int8Dumper)


def _plan_for_many_values(cursor: Any, statement: str, parameters: Any, _context: object) -> bool:
    """Send a statement of hundreds of values unprepared; whether that was done.

    Prepared, it gets a plan that fits any values after some executions: that one compares each row with each
    value, where a plan for these values hashes them.
    """
    if len(parameters) < _MANY_VALUES or isinstance(cursor, psycopg.ServerCursor):
        return False
    cursor.execute(statement, parameters, prepare=False)
    return True


def _take_app_role(dbapi_connection: Any, _record: object) -> None:
    with dbapi_connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APP_ROLE}")
        cursor.execute("SET jit = off")  # compiling takes seconds where our statements take milliseconds
    dbapi_connection.commit()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.isolation_level = None  # transactions are begun below, by us
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA recursive_triggers=ON")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        writes = conn.get_execution_options().get(_WRITES)
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

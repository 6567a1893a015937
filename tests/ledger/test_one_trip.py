"""A statement that goes to PostgreSQL together with BEGIN: what it means for the transaction is what BEGIN, sent on
its own, would mean, whatever becomes of the statement."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from psycopg import pq
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from ledger.journal import one_trip
from ledger.journal.one_trip import returns_a_row
from ledger.store.engine import open_engine, reading, writing
from tests.servers import Database

pytestmark = pytest.mark.db("postgresql")

ADD = "INSERT INTO note VALUES ($1, $2) RETURNING 1"
TYPES = ("int8", "text")


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    owner = open_engine(database.owner_url, as_owner=True)
    with owner.begin() as conn:
        conn.execute(text("CREATE TABLE note (no bigint PRIMARY KEY, said text NOT NULL)"))
        conn.execute(text("GRANT SELECT, INSERT, UPDATE ON note TO mingzhang_app"))
    owner.dispose()
    engine = open_engine(database.url)
    yield engine
    engine.dispose()


def add(conn: Connection, no: int | None, said: str | None = "有") -> bool:
    return returns_a_row(conn, ADD, TYPES, (no, said))


def notes(engine: Engine) -> list[int]:
    with writing(engine) as conn:
        return list(conn.scalars(text("SELECT no FROM note ORDER BY no")))


@pytest.mark.parametrize(
    ("entries", "sent"),
    [
        (0, "Parse Bind Describe Execute Parse Bind Describe Execute Sync"),
        (1, "Parse Bind Describe Execute Bind Describe Execute Sync"),
    ],
    ids=["a statement new to the connection", "a statement it knows"],
)
def test_begin_and_the_statement_leave_before_any_answer_is_read(
    engine: Engine, tmp_path: Path, entries: int, sent: str
) -> None:
    for no in range(entries):
        with writing(engine) as conn:
            add(conn, no)
    with writing(engine) as conn, (tmp_path / "trace").open("w+") as trace:
        pgconn = conn.connection.driver_connection.pgconn  # type: ignore[union-attr]
        pgconn.trace(trace.fileno())
        pgconn.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        add(conn, entries)
        pgconn.untrace()
        trace.seek(0)
        messages = [line.split("\t") for line in trace.read().splitlines()]
        assert pgconn.pipeline_status == pq.PipelineStatus.OFF
    ways = [way for way, *_ in messages]
    assert sorted(ways, reverse=True) == ways, "first all that is sent (F), then all that is answered (B)"
    assert " ".join(name.split()[0] for way, _, name, *_ in messages if way == "F") == sent


def test_what_is_rolled_back_was_never_there(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(engine) as conn:
        assert add(conn, 1)
        raise ZeroDivisionError
    with writing(engine) as conn:
        assert add(conn, 2)
        with writing(engine) as meanwhile:
            assert meanwhile.scalar(text("SELECT count(*) FROM note")) == 0, "not before the commit"
    assert notes(engine) == [2]


def test_a_statement_in_a_transaction_under_way_is_part_of_it(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(engine) as conn:
        conn.execute(text("INSERT INTO note VALUES (1, '先')"))
        add(conn, 2)
        assert conn.scalar(text("SELECT count(*) FROM note")) == 2
        raise ZeroDivisionError
    assert notes(engine) == []


def test_it_says_whether_a_row_came_back(engine: Engine) -> None:
    update = "UPDATE note SET said = $2 WHERE no = $1 RETURNING 1"
    with writing(engine) as conn:
        add(conn, 1)
        assert returns_a_row(conn, update, TYPES, (1, "改"))
        assert not returns_a_row(conn, update, TYPES, (2, "改"))


def test_a_refused_statement_fails_as_callers_know_it_and_the_connection_goes_on(engine: Engine) -> None:
    with writing(engine) as conn:
        add(conn, 1)
    for _ in range(2):  # a statement known to the connection, and one prepared in the transaction that failed
        with pytest.raises(IntegrityError, match="duplicate key"), writing(engine) as conn:
            add(conn, 1)
    with pytest.raises(IntegrityError, match="null value"), writing(engine) as conn:
        add(conn, 2, None)
    with pytest.raises(DataError), writing(engine) as conn:
        add(conn, 3, "不\0可")
    with writing(engine) as conn:
        assert add(conn, 4)
    assert engine.pool.status().split("Connections in pool: ")[1][0] == "1", "one connection all along"
    assert notes(engine) == [1, 4]


def test_a_transaction_that_failed_stays_failed(engine: Engine) -> None:
    with writing(engine) as conn:
        add(conn, 1)
    with pytest.raises(Exception, match="current transaction is aborted"), writing(engine) as conn:
        with pytest.raises(IntegrityError):
            add(conn, 1)
        add(conn, 2)
    assert notes(engine) == [1]


def test_a_statement_that_fails_each_time_is_prepared_once(engine: Engine) -> None:
    for _ in range(3):
        with pytest.raises(IntegrityError, match="null value"), writing(engine) as conn:
            add(conn, 1, None)
    with writing(engine) as conn:
        prepared = conn.scalar(text("SELECT count(*) FROM pg_prepared_statements WHERE name ~ '^mingzhang'"))
    assert prepared == 1


def test_a_statement_that_cannot_be_prepared_is_not_taken_for_known(engine: Engine) -> None:
    wrong = "INSERT INTO nowhere VALUES ($1, $2) RETURNING 1"
    for _ in range(2):
        with pytest.raises(Exception, match='"nowhere" does not exist'), writing(engine) as conn:
            returns_a_row(conn, wrong, TYPES, (1, "无"))
    with writing(engine) as conn:
        assert add(conn, 1)


def test_a_connection_that_served_readers_takes_one_trip_too(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading(engine) as conn:
        conn.execute(text("SELECT 1"))
    monkeypatch.delattr(one_trip, "_by_cursor")
    with writing(engine) as conn:
        assert conn.connection.driver_connection.isolation_level is not None  # type: ignore[union-attr]
        assert add(conn, 1)
        assert conn.scalar(text("SHOW transaction_isolation")) == "read committed"
        assert conn.scalar(text("SHOW transaction_read_only")) == "off"
    assert notes(engine) == [1]


@pytest.mark.parametrize("forgotten", ["ROLLBACK", "DISCARD ALL"])
def test_what_the_server_forgot_is_prepared_once_more(
    engine: Engine, forgotten: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(one_trip, "_by_cursor")
    with writing(engine) as conn:
        add(conn, 1)
    if forgotten == "ROLLBACK":
        with pytest.raises(ZeroDivisionError), writing(engine) as conn:
            for _ in range(7):  # psycopg has prepared it by then; undoing, it lets go of all there is
                conn.scalar(text("SELECT :n"), {"n": 1})
            raise ZeroDivisionError
    else:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("DISCARD ALL")
            conn.exec_driver_sql("SET ROLE mingzhang_app")
    with writing(engine) as conn:
        assert conn.connection.info[one_trip._HELD]
        assert add(conn, 2)
    assert notes(engine) == [1, 2]


def test_a_lost_connection_is_an_error_and_the_next_one_works(engine: Engine, database: Database) -> None:
    beside = open_engine(database.url, as_owner=True)
    with pytest.raises(OperationalError), writing(engine) as conn:
        process = conn.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        with beside.begin() as other:
            assert other.scalar(
                text("SELECT pg_terminate_backend(CAST(:p AS integer), 60000)"), {"p": process}
            )
        add(conn, 1)
    beside.dispose()
    with writing(engine) as conn:
        assert add(conn, 2)
    assert notes(engine) == [2]


def test_who_waits_for_a_row_lets_the_threads_beside_him_work(engine: Engine) -> None:
    """Else the one who holds the row could never let go of it."""
    update = "UPDATE note SET said = $2 WHERE no = $1 RETURNING 1"
    begun, done = Event(), Event()

    def wait() -> None:
        with writing(engine) as conn:
            begun.set()
            returns_a_row(conn, update, TYPES, (1, "后"))
        done.set()

    with writing(engine) as conn:
        add(conn, 1)
    thread = Thread(target=wait)
    with writing(engine) as conn:
        returns_a_row(conn, update, TYPES, (1, "先"))
        thread.start()
        begun.wait()
        waiting = text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        blocked, give_up_at = False, time.monotonic() + 60
        while not blocked and time.monotonic() < give_up_at:
            with writing(engine) as watching:
                blocked = bool(watching.scalar(waiting))
        assert blocked
        assert not done.is_set()
    thread.join()
    with writing(engine) as conn:
        assert conn.scalar(text("SELECT said FROM note")) == "后"


def test_where_statements_may_not_be_prepared_none_is(database: Database, engine: Engine) -> None:
    """A proxy that hands out another connection each time (``prepare_threshold`` off)."""
    url = make_url(database.url).set(drivername="postgresql+psycopg")
    proxied = create_engine(url, connect_args={"prepare_threshold": None})
    with writing(proxied) as conn:
        assert add(conn, 1)
        assert conn.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
    proxied.dispose()
    assert notes(engine) == [1]


def test_a_connection_keeps_so_many_statements_and_no_more(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_trip, "_MOST_HELD", 3)
    held = text("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'mingzhang%'")
    for no in range(6):
        with writing(engine) as conn:
            assert returns_a_row(conn, f"{ADD}, {no}", TYPES, (no, "有"))
    with writing(engine) as conn:
        assert conn.scalar(held) == 3
    assert notes(engine) == list(range(6))

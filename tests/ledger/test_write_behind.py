"""A batch is written by a second thread while the first makes the next rows: what is there afterwards, and what is
said when it fails, is the same as if one had done both."""

from __future__ import annotations

import sys
import threading
import time
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from ledger.journal import post_many, write, write_behind
from ledger.journal.head import Move
from ledger.store.engine import open_engine, writing
from ledger.store.tables import entry
from tests.ledger.books import TODAY, Books, act, open_books, petty
from tests.servers import Database

FEW = 60
"""Rows at once, so that a small batch takes many writes."""


@pytest.fixture(autouse=True)
def _few_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "_ROWS_AT_ONCE", FEW)


def post_200(books: Books, **options: Any) -> int:
    drafts = [petty(amount=n + 1) for n in range(200)]
    with writing(books.engine) as conn:
        return len(post_many(conn, books.trust_id, drafts, act(), **options))


def test_a_batch_of_many_writes_stands_in_the_order_given(books: Books) -> None:
    assert post_200(books) == 200
    with writing(books.engine) as conn:
        mine = entry.c.trust_id == books.trust_id
        rows = conn.execute(select(entry.c.seq, entry.c.total).where(mine).order_by(entry.c.seq)).all()
    assert [tuple(row) for row in rows] == [(n, n + 1) for n in range(200)]
    assert books.check_log() == 200


def test_another_thread_writes_meanwhile_and_is_gone_afterwards(books: Books) -> None:
    wrote: list[str] = []
    lowered: list[float] = []
    really, usual = write.write_rows, sys.getswitchinterval()

    def noting(*given: Any) -> None:
        wrote.append(threading.current_thread().name)
        lowered.append(sys.getswitchinterval())
        really(*given)

    with patch.object(write, "write_rows", noting):
        post_200(books)
    assert len(wrote) > 5
    assert all(name.startswith("journal") for name in wrote)
    assert max(lowered) < usual == sys.getswitchinterval()
    assert not [one for one in threading.enumerate() if one.name.startswith("journal")]


@pytest.mark.parametrize("last", [False, True], ids=["in the middle", "in the last write"])
def test_what_the_database_refuses_comes_out_and_nothing_is_written(database: Database, last: bool) -> None:
    engine = open_engine(database.url)
    books = open_books(engine, 7)
    before = books.footprint()
    really, sizes = write.write_rows, []

    def spoiling(conn: Any, rows: write.Rows, move: Move) -> None:
        sizes.append(move.after.size)
        if (move.after.size > 195) if last else (len(sizes) == 2):
            rows.by_table["posting"].pop()
        really(conn, rows, move)

    with (
        patch.object(write, "write_rows", spoiling),
        pytest.raises(DBAPIError, match="lines missing"),
    ):
        post_200(books)
    assert (max(sizes) > 195) == last, "after a refusal no more is sent"
    assert books.footprint() == before
    assert post_200(books) == 200
    assert books.check_log() == 200
    engine.dispose()


class Slow:
    """Writes, and then is at it until told."""

    def __init__(self) -> None:
        self.wrote, self.told = threading.Event(), threading.Event()
        self.at_it = False
        self._really = write.write_rows

    def __call__(self, *given: Any) -> None:
        self.at_it = True
        self._really(*given)
        self.wrote.set()
        self.told.wait()
        self.at_it = False


def test_however_often_it_is_interrupted_the_thread_has_let_go_by_then(books: Books) -> None:
    slow, moments, sleep = Slow(), count(), time.sleep

    def interrupt(*_: Any) -> None:
        slow.wrote.wait()
        raise KeyboardInterrupt

    def interrupt_twice(seconds: float) -> None:
        if next(moments) < 2:
            assert slow.at_it
            raise KeyboardInterrupt
        slow.told.set()
        sleep(seconds)

    before = books.footprint()
    with (
        patch.object(write, "write_rows", slow),
        patch.object(write_behind.time, "sleep", interrupt_twice),
        pytest.raises(KeyboardInterrupt),
    ):
        post_200(books, progress=interrupt)
    assert not slow.at_it
    assert next(moments) >= 3
    assert books.footprint() == before
    assert post_200(books) == 200
    assert books.check_log() == 200


ENDLESS = {
    "postgresql": "SELECT pg_sleep(600)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
}


def test_who_interrupts_does_not_wait_for_the_database(books: Books) -> None:
    begun = threading.Event()

    def endless(conn: Connection, *_: Any) -> None:
        begun.set()
        conn.exec_driver_sql(ENDLESS[conn.dialect.name])

    def interrupt(*_: Any) -> None:
        begun.wait()
        raise KeyboardInterrupt

    before = books.footprint()
    with patch.object(write, "write_rows", endless), pytest.raises(KeyboardInterrupt):
        post_200(books, progress=interrupt)
    assert books.footprint() == before
    assert post_200(books) == 200


@pytest.mark.db("sqlite")
def test_rows_of_a_transaction_that_was_undone_are_not_written_one_by_one(books: Books) -> None:
    """SQLite would keep each statement that comes after the ROLLBACK."""
    really = write.write_rows

    def undoing(conn: Connection, *given: Any) -> None:
        conn.connection.driver_connection.rollback()  # type: ignore[union-attr]
        really(conn, *given)

    before = books.footprint()
    with patch.object(write, "write_rows", undoing), pytest.raises(DBAPIError, match="was undone"):
        post_200(books)
    assert books.footprint() == before


def test_who_gives_up_half_way_leaves_nothing_and_a_connection_at_rest(books: Books) -> None:
    class GivenUp(Exception):
        pass

    def give_up(done: int, of: int) -> None:
        if done > of // 2:
            raise GivenUp

    before = books.footprint()
    with pytest.raises(GivenUp):
        post_200(books, progress=give_up)
    assert books.footprint() == before
    with writing(books.engine) as conn:
        conn.execute(text("SELECT 1"))
    assert books.post(petty(), today=TODAY).seq == 0

"""Write rows while the next ones are made.

The database works outside Python's lock, so a second thread that writes lets the two overlap. One write is
under way at a time, in the order given, in the caller's transaction. From the first :meth:`WriteBehind.send`
until the block ends the connection belongs to that thread.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from types import TracebackType
from typing import Any, Self

import psycopg
from sqlalchemy import Connection

from ledger.journal import write
from ledger.journal.head import Move
from ledger.journal.write import Rows

_HAND_OVER_SECONDS = 0.0001
_LOOK_AGAIN_SECONDS = 0.01


class _HandOver:
    """Has busy threads of this process hand Python's lock over sooner while any batch is being written.

    They may keep it for 5 ms. Coming back from each statement, the thread that writes would wait longer for
    it than it has to do.
    """

    def __init__(self) -> None:
        self._changing = Lock()
        self._batches = 0
        self._usual = 0.0

    def sooner(self) -> None:
        """One batch more is under way."""
        with self._changing:
            if self._batches == 0:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(min(self._usual, _HAND_OVER_SECONDS))
            self._batches += 1

    def as_usual(self) -> None:
        """One batch less."""
        with self._changing:
            self._batches -= 1
            if self._batches == 0:
                sys.setswitchinterval(self._usual)


_hand_over = _HandOver()


class WriteBehind:
    """``with WriteBehind(conn) as behind: behind.send(rows, move)``.

    What a write raises comes out of the next ``send`` or at the end. However the block is left, and however
    often it is interrupted meanwhile, the thread has let go of the connection by then: else it would go on
    in a transaction that was undone, or in somebody else's.
    """

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: Future[None] | None = None
        self._busy = False
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def send(self, rows: Rows, move: Move) -> None:
        """Write like :func:`~ledger.journal.write.write_rows` as soon as what was sent before is written."""
        if self._under_way is not None:
            self._under_way.result()
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "journal")
            _hand_over.sooner()
        self._under_way = self._pool.submit(self._write, rows, move)

    def _write(self, rows: Rows, move: Move) -> None:
        # Said before it looks whether to stop; the other thread says stop before it looks whether this is busy.
        self._busy = True
        try:
            if not self._stopped:
                write.write_rows(self._conn, rows, move)
        finally:
            self._busy = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is None:
            return
        try:
            if error is None and self._under_way is not None:
                self._under_way.result()
        except BaseException as late:
            self._come_to_rest(late)
            raise
        else:
            self._come_to_rest(error)
        finally:
            _hand_over.as_usual()
            self._pool.shutdown()

    def _come_to_rest(self, error: BaseException | None) -> None:
        """Wait for the thread; stop it if we are to stop, but not for a mere error, which a caller may catch."""
        self._stopped = True
        interrupted: BaseException | None = None
        while self._busy:
            try:
                if interrupted is not None or not isinstance(error, Exception | None):
                    _interrupt(self._conn)
                time.sleep(_LOOK_AGAIN_SECONDS)
            except BaseException as again:
                interrupted = again
        if interrupted is not None:
            raise interrupted


def _interrupt(conn: Connection) -> None:
    """Ask the database to give up the statement under way. If it can't be asked, it ends in its own time."""
    driver: Any = conn.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.interrupt()
        return
    try:
        driver.cancel_safe(timeout=1)
    except psycopg.Error:
        time.sleep(_LOOK_AGAIN_SECONDS)

"""What the benchmarks share: one PostgreSQL server, fresh databases, and one large set of books an engine."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from benchmarks.community import OPENED, TRUST, act, business, open_community
from ledger.journal import post_many
from ledger.log.note import Signer
from ledger.log.store import sign_log
from ledger.periods import close_period, close_year_entries
from ledger.periods.calendar import first_day, following, last_day
from ledger.store.engine import open_engine, writing
from ledger.store.migrate import migrate
from tests.servers import Database, Databases, Kind, PostgresServer

MONTHS = 24
BATCH = 10_000


def say(text: str) -> None:
    """Tell whoever waits what is being done; on standard error, so that the table stays clean."""
    print(f"… {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Books:
    """The large books: two years of a community, all months closed, the log signed."""

    database: Database
    engine: Engine
    entries: int
    load_seconds: float
    signer: Signer


class World:
    """Servers and databases for one run; everything is gone when it ends."""

    def __init__(self, engines: tuple[Kind, ...], *, quick: bool) -> None:
        self.engines = engines
        self.quick = quick
        self._closing = ExitStack()
        self._server: PostgresServer | None = None
        self._books: dict[Kind, Books] = {}
        self.folder = Path(tempfile.mkdtemp(prefix="mz-bench-"))
        self._databases = Databases(self.folder, lambda: self.server, migrate)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def scaled(self, count: int) -> int:
        """``count``, or a tenth of it with --quick."""
        return count // 10 if self.quick else count

    @property
    def server(self) -> PostgresServer:
        """PostgreSQL with its default settings, fsync among them; started when first asked for."""
        if self._server is None:
            self._server = self._closing.enter_context(PostgresServer())
        return self._server

    @contextmanager
    def database(self, kind: Kind) -> Iterator[tuple[Database, Engine]]:
        """A fresh, migrated database and our engine on it."""
        with self._databases.database(kind) as database:
            engine = open_engine(database.url)
            try:
                yield database, engine
            finally:
                engine.dispose()

    def books(self, kind: Kind) -> Books:
        """The large books, made when first asked for and kept for the run."""
        if kind not in self._books:
            database, engine = self._closing.enter_context(self.database(kind))
            self._books[kind] = _write_books(database, engine, self.scaled(500_000))
        return self._books[kind]


def settle(database: Database) -> None:
    """What autovacuum would do within a minute: figures for the planner, visibility for index-only scans."""
    if database.kind == "postgresql":
        owner = open_engine(database.owner_url, as_owner=True)
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("VACUUM ANALYZE")
        owner.dispose()


def log_signer() -> Signer:
    """The key of the benchmarks' log."""
    return Signer("mingzhang.example/c/bench/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def _write_books(database: Database, engine: Engine, entries: int) -> Books:
    say(f"{database.kind}: posting {entries:,} entries over {MONTHS} months, closing each")
    random = Random(2)
    open_community(engine)
    start = time.perf_counter()
    period, first = OPENED.year * 100 + OPENED.month, 0
    for index in range(MONTHS):
        count = entries * (index + 1) // MONTHS - first
        today = first_day(following(period))
        drafts = list(business(period // 100, period % 100, first, count))
        for low in range(0, count, BATCH):
            with writing(engine) as conn:
                post_many(conn, TRUST, drafts[low : low + BATCH], act(today, random))
        if index == 0:
            settle(database)
        first += count
        if period % 100 == 12:
            with writing(engine) as conn:
                close_year_entries(
                    conn, TRUST, "A", period // 100, preparer="甲", reviewer="乙", act=act(today, random)
                )
        with writing(engine) as conn:
            close_period(conn, TRUST, "A", period, by="乙", act=act(today, random))
        period = following(period)
    seconds = time.perf_counter() - start
    signer = log_signer()
    size = sign_log(engine, TRUST, signer, act(last_day(period), random).now)
    settle(database)
    assert size is not None
    say(f"{database.kind}: {size.size:,} entries in {seconds:.0f} s")
    return Books(database, engine, size.size, seconds, signer)

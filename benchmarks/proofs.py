"""Proof that an entry is in a log of 1,000,000 leaves, split into its queries and the rest.

The leaves are written as rows (a real leaf's length, real tree hashes): what is measured is reading.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any
from unittest.mock import patch

import psycopg
from sqlalchemy import Engine, make_url

from benchmarks.community import TRUST, open_community
from benchmarks.report import Figure, milliseconds
from benchmarks.world import World, log_signer, say, settle
from ledger.journal.public_view import LEAF_KIND
from ledger.log import store
from ledger.log.tree import Frontier, leaf_hash, verify_inclusion
from ledger.store.engine import reading
from tests.servers import Database, Kind

_PROOFS = 300
_BODY = b'{"kind":"mingzhang.entry.v1",' + b"x" * 870


def run(world: World) -> Iterator[Figure]:
    """Median times of `prove_entry`."""
    for kind in world.engines:
        size = world.scaled(1_000_000)
        say(f"{kind}: a log of {size:,} leaves")
        with world.database(kind) as (database, engine):
            open_community(engine)
            root = _fill(database, size)
            store.sign_log(engine, TRUST, log_signer(), datetime(2024, 3, 1, tzinfo=UTC))
            settle(database)
            yield from _prove(engine, kind, size, root)


def _prove(engine: Engine, kind: Kind, size: int, root: bytes) -> Iterator[Figure]:
    random = Random(6)
    asked: list[float] = []

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            start = time.perf_counter()
            answer = function(*arguments)
            asked[-1] += time.perf_counter() - start
            return answer

        return call

    total: list[float] = []
    with (
        reading(engine) as conn,
        patch.object(store.LogNodes, "__call__", timed(store.LogNodes.__call__)),
        patch.object(store, "latest_checkpoint", timed(store.latest_checkpoint)),
    ):
        for _ in range(_PROOFS + 20):
            seq = random.randrange(size)
            asked.append(0.0)
            start = time.perf_counter()
            proof = store.prove_entry(conn, TRUST, seq)
            total.append(time.perf_counter() - start)
            verify_inclusion(leaf_hash(_body(seq)), seq, size, proof.hashes, root)
    total, asked = total[20:], asked[20:]
    rest = milliseconds([whole - queries for whole, queries in zip(total, asked, strict=True)])
    yield Figure(
        "proofs", kind, f"prove_entry in {size:,} leaves", milliseconds(total), "ms", milliseconds(asked),
        "its queries (nodes, checkpoint)", note=f"p95 {sorted(total)[int(_PROOFS * 0.95)] * 1000:.2f} ms",
    )  # fmt: skip
    yield Figure(
        "proofs", kind, "without the queries", rest, "ms", target="<= 1 ms", passed=rest <= 1.0
    )  # fmt: skip


def _body(seq: int) -> bytes:
    return _BODY + b"%012d}" % seq


def _fill(database: Database, size: int) -> bytes:
    """Write the leaves and the head; the root."""
    tree = Frontier()

    def rows() -> Iterator[tuple[int, int, str, bytes, bytes]]:
        for seq in range(size):
            body = _body(seq)
            yield TRUST, seq, LEAF_KIND, body, tree.append(leaf_hash(body))

    url = make_url(database.owner_url)
    if database.kind == "sqlite":
        _fill_sqlite(str(url.database), rows(), tree)
    else:
        with psycopg.connect(host=str(url.query["host"]), user=url.username, dbname=url.database) as conn:
            with conn.cursor().copy("COPY leaf FROM STDIN") as copy:
                for row in rows():
                    copy.write_row(row)
            head = (tree.size, tree.to_bytes())
            conn.execute("UPDATE trust_head SET size = %s, frontier = %s", head)
    return tree.root()


def _fill_sqlite(path: str, rows: Iterator[Sequence[Any]], tree: Frontier) -> None:
    conn = sqlite3.connect(path)
    with conn:
        conn.executemany("INSERT INTO leaf VALUES (?, ?, ?, ?, ?)", rows)
        conn.execute("UPDATE trust_head SET size = ?, frontier = ?", (tree.size, tree.to_bytes()))
    conn.close()

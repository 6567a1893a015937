"""Killed at any moment, the books are whole; started again, the work completes and nothing is doubled."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, Table, func, select, text

from ledger.journal import post_many
from ledger.log.checkpoint import open_checkpoint
from ledger.log.store import LogNodes, SignedCheckpoint, latest_checkpoint, sign_log
from ledger.log.tree import consistency_proof, verify_consistency
from ledger.store.engine import open_engine, reading, writing
from ledger.store.tables import entry, entry_document, entry_salt, leaf, posting, posting_detail
from tests.ledger.books import Books, act, check_log, open_books, petty
from tests.ledger.worker import import_file
from tests.log.test_note import signer

ROOT = Path(__file__).resolve().parents[2]
DRAFTS, BATCH, KILLS = 4_000, 200, 20


def start(url: str, file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.ledger.worker", "import", url, "7", str(file), str(BATCH)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_in_batch(worker: subprocess.Popen[str], first: int, delay: float) -> None:
    """Let the worker begin the batch that starts at draft `first`, wait a moment, and kill it."""
    assert worker.stdout is not None
    for said in worker.stdout:
        if said == f"begin {first}\n":
            time.sleep(delay)
            break
    worker.kill()
    worker.communicate()


def whole(books: Books) -> int:
    """Everything that belongs to the entries is there, and nothing that does not; the number of entries."""
    with reading(books.engine) as conn:
        entries = check_log(conn, books.trust_id)

        def rows(table: Table) -> int:
            return int(conn.execute(select(func.count()).select_from(table)).scalar_one())

        sums = conn.execute(select(func.coalesce(func.sum(entry.c.line_count), 0))).scalar_one()
        parts = conn.execute(select(func.coalesce(func.sum(posting.c.detail_count), 0))).scalar_one()
        assert rows(posting) == sums
        assert rows(posting_detail) == parts
        assert rows(leaf) == rows(entry_salt) == rows(entry_document) == entries
    assert sum(books.trial().values()) == 0
    return entries


@pytest.mark.parametrize("seed", [20250630])
def test_a_bulk_import_survives_being_killed_twenty_times(
    engine: Engine, database_url: str, tmp_path: Path, seed: int
) -> None:
    rng = Random(seed)
    file = tmp_path / "drafts.jsonl"
    file.write_bytes(import_file(DRAFTS))
    books = open_books(engine, 7)
    seen = [0]
    for _ in range(KILLS):
        done = seen[-1]
        batch = min(done + BATCH * rng.choice((0, 0, 1)), DRAFTS - BATCH)
        kill_in_batch(start(database_url, file), batch, rng.choice((0, 0.002, 0.01, 0.02, 0.05, 0.1)))
        seen.append(whole(books))
        assert seen[-1] >= done, "what was committed stays"
        assert seen[-1] % BATCH == 0, "a batch is there as a whole or not at all"
    worker = start(database_url, file)
    said, errors = worker.communicate()
    assert (worker.returncode, errors) == (0, "")
    assert said.endswith(f"end {DRAFTS - BATCH}\n")
    assert whole(books) == DRAFTS
    with reading(engine) as conn:
        keys = conn.scalars(select(entry.c.idempotency_key).order_by(entry.c.seq)).all()
    assert keys == [f"line-{n}" for n in range(DRAFTS)], "each once, in the order of the file"
    assert books.balance("5007") == sum(1 + n for n in range(DRAFTS) if n % 5)
    assert books.balance("112201") == sum(300 + n for n in range(0, DRAFTS, 5))


def test_a_crash_between_posting_and_signing_is_repaired_by_the_next_signing(
    engine: Engine, database_url: str
) -> None:
    books = open_books(engine, 7)
    with_key = signer("mingzhang.example/c/trust-7/log")
    books.post_many([petty() for _ in range(5)])
    signed = [sign_log(engine, 7, with_key, act().now)]
    books.post_many([petty() for _ in range(3)])
    engine.dispose()  # and here the machine stops

    restarted = open_engine(database_url)
    signed.append(sign_log(restarted, 7, with_key, act().now))
    signed.append(sign_log(restarted, 7, with_key, act().now))
    old, new, again = (one for one in signed if one is not None)
    assert (old.size, new.size, again) == (5, 8, new)
    with reading(restarted) as conn:
        assert latest_checkpoint(conn, 7) == new
        proof = consistency_proof(old.size, new.size, LogNodes(conn, 7))
    verify_consistency(old.size, old.root, new.size, new.root, proof)
    for one in (old, new):
        assert open_checkpoint(one.note, with_key.verifier).size == one.size
    restarted.dispose()


def test_a_signature_that_was_not_committed_is_made_again_the_same(engine: Engine) -> None:
    books = open_books(engine, 7)
    books.post(petty())
    with_key = signer("mingzhang.example/c/trust-7/log")
    first = sign_log(engine, 7, with_key, act().now)
    assert isinstance(first, SignedCheckpoint)
    with reading(engine) as conn:
        assert latest_checkpoint(conn, 7) == first
    assert sign_log(engine, 7, with_key, act().now) == first


def test_a_transaction_cut_off_by_the_server_leaves_nothing(engine: Engine) -> None:
    """The connection breaks after the rows were sent and before the commit."""
    books = open_books(engine, 7)
    before = books.footprint()
    with engine.connect().execution_options(mingzhang_writes=True) as conn:
        conn.begin()
        post_many(conn, 7, [petty() for _ in range(300)], act())
        conn.connection.dbapi_connection.close()  # type: ignore[union-attr]
        conn.invalidate()
    assert books.footprint() == before
    with writing(engine) as conn:
        conn.execute(text("SELECT 1"))
    books.post(petty())

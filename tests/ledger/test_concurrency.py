"""Eight cashiers at once: every entry is there, numbered without a gap, and nobody is told to try again."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Thread

from sqlalchemy import Engine, select

from ledger.balances import resolve_clock
from ledger.errors import Refused
from ledger.log.store import sign_log
from ledger.store.engine import open_engine, reading
from ledger.store.tables import checkpoint, entry
from tests.ledger.books import TODAY, Books, act, invoice, open_books, petty
from tests.log.test_note import signer

ROOT = Path(__file__).resolve().parents[2]
WORKERS, OWN, SHARED = 8, 500, 20


def test_eight_processes_posting_into_one_trust_lose_and_double_nothing(
    engine: Engine, database_url: str
) -> None:
    books = open_books(engine, 7)
    arguments = [sys.executable, "-m", "tests.ledger.worker", "post", database_url, "7"]
    workers = [
        subprocess.Popen(
            [*arguments, str(number), str(OWN), str(SHARED)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(WORKERS)
    ]
    for worker in workers:
        _, errors = worker.communicate()
        assert (worker.returncode, errors) == (0, ""), "no deadlock, no lock error"
    assert books.check_log() == WORKERS * OWN + SHARED
    assert books.balance("5007") == OWN * sum(range(1, WORKERS + 1)) + SHARED * 100
    with reading(engine) as conn:
        years = conn.scalars(select(entry.c.fiscal_year)).all()
        keys = conn.scalars(select(entry.c.idempotency_key)).all()
    assert Counter(years) == {2024: WORKERS * OWN // 2, 2025: WORKERS * OWN // 2 + SHARED}
    assert len(set(keys)) == len(keys)


def in_parallel(count: int, database_url: str, command: Callable[[Books], object]) -> list[str]:
    """Run `command(books)` in threads, each with an engine of its own; the codes of what was refused."""
    refused: list[str] = []
    broken: list[BaseException] = []

    def run() -> None:
        engine = open_engine(database_url)
        try:
            command(Books(engine, 7))
        except Refused as refusal:
            refused.extend(refusal.codes)
        except BaseException as error:
            broken.append(error)
        finally:
            engine.dispose()

    threads = [Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    return refused


def test_of_many_who_reverse_the_same_entry_one_does(engine: Engine, database_url: str) -> None:
    books = open_books(engine, 7)
    ref = books.post(petty()).ref
    assert in_parallel(6, database_url, lambda mine: mine.reverse(ref)) == ["already_reversed"] * 5
    assert books.check_log() == 2
    assert books.trial() == {}


def test_of_many_who_bring_the_same_invoice_one_is_booked(engine: Engine, database_url: str) -> None:
    books = open_books(engine, 7)
    refused = in_parallel(6, database_url, lambda mine: mine.post(invoice(number="25111")))
    assert refused == ["duplicate_invoice"] * 5
    assert books.check_log() == 1


def test_of_many_who_close_the_same_month_or_year_one_does(engine: Engine, database_url: str) -> None:
    books = open_books(engine, 7)
    books.post(petty())
    assert in_parallel(6, database_url, lambda mine: mine.close(202401)) == ["period_order"] * 5
    assert in_parallel(6, database_url, lambda mine: mine.close_year(2024)) == []
    assert books.check_log() == 1


def test_no_entry_slips_into_a_month_while_it_closes(engine: Engine, database_url: str) -> None:
    """Whatever the order, the snapshot holds every entry of the month."""
    books = open_books(engine, 7)
    numbers = iter(range(100))

    def either(mine: Books) -> None:
        if (number := next(numbers)) == 3:
            mine.close(202401)
        else:
            mine.post(petty(1, date=date(2024, 1, 31), key=f"at-the-bell-{number}"))

    refused = in_parallel(8, database_url, either)
    posted = books.check_log()
    assert refused == ["period_closed"] * (7 - posted)
    assert books.trial(date(2024, 1, 31)).get(("5007", "F1"), 0) == posted
    with reading(engine) as conn:
        assert resolve_clock(conn, 7, today=TODAY).known_at == posted


def test_signers_who_meet_sign_once(engine: Engine, database_url: str) -> None:
    books = open_books(engine, 7)
    books.post(petty())
    with_key = signer("mingzhang.example/c/trust-7/log")
    assert in_parallel(6, database_url, lambda mine: sign_log(mine.engine, 7, with_key, act().now)) == []
    with reading(engine) as conn:
        assert conn.scalars(select(checkpoint.c.size)).all() == [1]


def test_readers_see_whole_entries_while_others_write(engine: Engine, database_url: str) -> None:
    books = open_books(engine, 7)
    turns = iter(range(100))

    def write_or_read(mine: Books) -> None:
        if next(turns) % 2:
            for _ in range(10):
                mine.post_many([petty(7), petty(8)])
            return
        for _ in range(10):
            assert sum(mine.trial().values()) == 0
            assert mine.check_log() % 2 == 0, "a batch is seen whole or not at all"

    assert in_parallel(6, database_url, write_or_read) == []
    assert books.check_log() == 60

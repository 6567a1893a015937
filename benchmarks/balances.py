"""Balances as of any day in books of 1,000,000 postings, against the plain sum of all postings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

from sqlalchemy import Connection, case, func, select

from benchmarks.community import BUSY_ACCOUNT, OPENED, TRUST
from benchmarks.report import Figure, milliseconds
from benchmarks.world import MONTHS, Books, World, say
from ledger.balances import Clock, Totals, account_totals, resolve_clock, trial_balance
from ledger.store.engine import reading
from ledger.store.tables import posting
from tests.servers import Kind

_DAYS = 60
_SUMS = 5
_debit = func.sum(case((posting.c.side == "D", posting.c.amount), else_=0))
_credit = func.sum(case((posting.c.side == "C", posting.c.amount), else_=0))
_until = (posting.c.trust_id == TRUST, posting.c.book == "A")


def run(world: World) -> Iterator[Figure]:
    """How long the books took to write, and median times of the two questions."""
    for kind in world.engines:
        yield from _on(world.books(kind), kind)


def _on(books: Books, kind: Kind) -> Iterator[Figure]:
    say(f"{kind}: balances as of random days")
    random = Random(5)
    days = [OPENED + timedelta(days=random.randrange(MONTHS * 30)) for _ in range(_DAYS)]
    size = f"{books.entries * 2:,} postings"
    yield Figure(
        "balances", kind, f"writing the books, {MONTHS} months closed", books.entries / books.load_seconds,
        "entries/s", note=f"{books.load_seconds:.0f} s",
    )  # fmt: skip
    for what, ours, plain, limit in (
        (f"account_totals {BUSY_ACCOUNT}, {size}", _account, _account_sum, 3.0),
        (f"trial_balance, {size}", _trial, _trial_sum, 25.0),
    ):
        times, sums = [], []
        with reading(books.engine) as conn:
            for number, day in enumerate((days[0], *days)):  # the first one only warms up
                seconds, answer = _timed(ours, conn, day, books)
                if number % (_DAYS // _SUMS) == 0:
                    reference, expected = _timed(plain, conn, day, books)
                    assert answer == expected, f"{what} as of {day}: {answer} is not {expected}"
                    sums.append(reference)
                times.append(seconds)
        found = milliseconds(times[1:])
        reference = milliseconds(sums[1:])
        worst = sorted(times[1:])[int(_DAYS * 0.95)] * 1000
        yield Figure(
            "balances", kind, what, found, "ms", reference, "plain SUM", reference / found,
            f"<= {limit:g} ms", found <= limit, f"p95 {worst:.2f} ms",
        )  # fmt: skip


_Answer = dict[tuple[str, str], Totals]
_Question = Callable[[Connection, date, Books], _Answer]


def _timed(question: _Question, conn: Connection, day: date, books: Books) -> tuple[float, _Answer]:
    start = time.perf_counter()
    answer = question(conn, day, books)
    return time.perf_counter() - start, answer


def _clock(conn: Connection, day: date) -> Clock:
    """As a page asks: today's books as of a day."""
    return resolve_clock(conn, TRUST, today=OPENED + timedelta(days=MONTHS * 31), as_of=day)


def _account(conn: Connection, day: date, _books: Books) -> _Answer:
    clock = _clock(conn, day)
    return {(BUSY_ACCOUNT, ""): account_totals(conn, TRUST, "A", BUSY_ACCOUNT, clock)}


def _account_sum(conn: Connection, day: date, _books: Books) -> _Answer:
    query = select(_debit, _credit).where(
        *_until, posting.c.account == BUSY_ACCOUNT, posting.c.business_date <= day
    )
    debit, credit = conn.execute(query).one()
    return {(BUSY_ACCOUNT, ""): Totals(int(debit), int(credit))}


def _trial(conn: Connection, day: date, _books: Books) -> _Answer:
    rows = trial_balance(conn, TRUST, "A", _clock(conn, day))
    return {(row.account, row.fund): row.totals for row in rows}


def _trial_sum(conn: Connection, day: date, _books: Books) -> _Answer:
    keys = (posting.c.account, posting.c.fund)
    query = select(*keys, _debit, _credit).where(*_until, posting.c.business_date <= day).group_by(*keys)
    return {(account, fund): Totals(int(d), int(c)) for account, fund, d, c in conn.execute(query)}

"""A month's charges for 10,000 units, from preview to posted, and what the counter asks of two years of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from random import Random

from sqlalchemy import Connection, Engine

from benchmarks.community import OPENED, TRUST, act, open_community
from benchmarks.report import Figure, milliseconds
from benchmarks.world import World, say, settle
from ledger.billing import charge_work, open_items, preview_run, record_fee_standard
from ledger.billing.shared import SharedBill, shared_utility_work
from ledger.people import Actor, Role
from ledger.periods.calendar import following
from ledger.receipts import arrears, list_units, unit_account
from ledger.store.engine import reading, writing
from ledger.trust import Unit, add_units
from ledger.work import Work, prepare, review
from tests.servers import Kind

_MONTHS = 24
_LIMIT = 5.0
_TODAY = date(2026, 1, 5)
_CLERK = Actor("clerk", "会计甲", frozenset({Role.PREPARER}))
_REVIEWER = Actor("reviewer", "审核乙", frozenset({Role.REVIEWER}))


def run(world: World) -> Iterator[Figure]:
    """One month through the office, then lists over two years."""
    for kind in world.engines:
        with world.database(kind) as (database, engine):
            yield from _on(engine, kind, world.scaled(9_000), lambda: settle(database))


def _on(engine: Engine, kind: Kind, extra: int, settled: Callable[[], None]) -> Iterator[Figure]:
    say(f"{kind}: charging {extra + 1_000:,} units for {_MONTHS} months")
    random = Random(7)
    open_community(engine)
    with writing(engine) as conn:
        units = [Unit(f"{6 + n // 500}-{n:05d}", str(6 + n // 500), "home", 6_000 + n) for n in range(extra)]
        add_units(conn, TRUST, units)
        record_fee_standard(conn, TRUST, "home", 19_800, effective_on=OPENED, authority="业决1号")
    settled()
    times, period = [], OPENED.year * 100 + OPENED.month
    for _ in range(_MONTHS):
        times.append(_month(engine, period, random))
        period = following(period)
    worst = max(times)
    yield Figure(
        "charges", kind, f"{extra + 1_000:,} units: preview, prepare, review and post", milliseconds(times),
        "ms", target=f"<= {_LIMIT:g} s", passed=worst <= _LIMIT, note=f"worst {worst:.2f} s",
    )  # fmt: skip
    bill = SharedBill("electricity", 202512, 1_000_00, 5_383, 538_30, "D1", "规约")
    yield Figure("charges", kind, "a shared bill, prepared and posted", milliseconds([_shared(engine, bill, random)]), "ms")  # fmt: skip
    settled()
    for what, question in _QUESTIONS.items():
        yield Figure("charges", kind, f"{what}, {_MONTHS} months charged", milliseconds(_asked(engine, question)), "ms")  # fmt: skip


def _month(engine: Engine, period: int, random: Random) -> float:
    start = time.perf_counter()
    with reading(engine) as conn:
        preview_run(conn, TRUST, period)
    with writing(engine) as conn:
        work = charge_work(conn, TRUST, period)
    _through(engine, work, random)
    return time.perf_counter() - start


def _shared(engine: Engine, bill: SharedBill, random: Random) -> float:
    start = time.perf_counter()
    with reading(engine) as conn:
        work = shared_utility_work(conn, TRUST, bill)
    _through(engine, work, random)
    return time.perf_counter() - start


def _through(engine: Engine, work: Work, random: Random) -> None:
    with writing(engine) as conn:
        no = prepare(conn, TRUST, work, _CLERK, act(_TODAY, random)).no
    with writing(engine) as conn:
        review(conn, TRUST, no, _REVIEWER, act(_TODAY, random))


_QUESTIONS: dict[str, Callable[[Connection], object]] = {
    "what a unit owes": lambda conn: open_items(conn, TRUST, ["1-0101"]),
    "the account of a unit": lambda conn: unit_account(conn, TRUST, "1-0101"),
    "units that owe, first page": lambda conn: list_units(conn, TRUST),
    "arrears of all units": lambda conn: arrears(conn, TRUST),
}


def _asked(engine: Engine, question: Callable[[Connection], object]) -> list[float]:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        with reading(engine) as conn:
            question(conn)
        times.append(time.perf_counter() - start)
    return times[1:]

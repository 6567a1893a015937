"""Bulk posting: a bank statement of 10,000 receipts in one `post_many`, against bare multi-row INSERTs.

The limit inserts exactly the rows ours wrote, leaves and salts included, already made, into identical tables
(keys, checks, indexes) without triggers. Ours starts from drafts and checks, numbers, seals, hashes and logs
them. The driver's faster ways (``executemany``, COPY) stand beside it without a target.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from random import Random
from statistics import median

from benchmarks.community import TRUST, act, open_community, receipts
from benchmarks.raw import Driver, recorded_rows, without_triggers
from benchmarks.report import Figure, median_ratio, per_second
from benchmarks.world import World, say, settle
from ledger.journal import post_many
from ledger.journal.write import Rows
from ledger.store.engine import writing
from tests.servers import Database, Kind

_DAY = date(2024, 3, 10)
_ROUNDS = 11
_WAYS: dict[Kind, tuple[tuple[str, Callable[[Driver, list[Rows]], None]], ...]] = {
    "sqlite": (("multi-row INSERTs", Driver.insert_multirow), ("executemany", Driver.insert_many)),
    "postgresql": (
        ("multi-row INSERTs", Driver.insert_multirow),
        ("executemany", Driver.insert_many),
        ("COPY", Driver.insert_copy),
    ),
}


@dataclass(slots=True)
class _Limit:
    """A bare way of inserting: its database, and the seconds it took a round."""

    name: str
    database: Database
    driver: Driver
    insert: Callable[[Driver, list[Rows]], None]
    seconds: list[float] = field(default_factory=list)


def run(world: World) -> Iterator[Figure]:
    """Entries a second, and how near they come to the limit."""
    for kind in world.engines:
        yield from _on(world, kind)


def _on(world: World, kind: Kind) -> Iterator[Figure]:
    count = world.scaled(10_000)
    say(f"{kind}: bulk posting of {count:,} entries")
    random = Random(3)
    with ExitStack() as stack:
        database, engine = stack.enter_context(world.database(kind))
        open_community(engine)
        limits: list[_Limit] = []
        for name, insert in _WAYS[kind]:
            bare, _ = stack.enter_context(world.database(kind))
            without_triggers(bare)
            driver = Driver(bare)
            stack.callback(driver.close)
            limits.append(_Limit(name, bare, driver, insert))
        ours: list[float] = []
        for number in range(_ROUNDS + 1):
            drafts = receipts(number * count, count, _DAY)
            with recorded_rows() as batches:
                start = time.perf_counter()
                with writing(engine) as conn:
                    post_many(conn, TRUST, drafts, act(_DAY, random))
                ours.append(time.perf_counter() - start)
            for limit in limits:
                start = time.perf_counter()
                limit.insert(limit.driver, batches)
                limit.seconds.append(time.perf_counter() - start)
            if number == 0:  # the first round only warms up
                ours.clear()
                settle(database)
                for limit in limits:
                    limit.seconds.clear()
                    settle(limit.database)
    speed = per_second(count, ours)
    for place, limit in enumerate(limits):
        ratio, times = median_ratio(ours, limit.seconds), limit.seconds
        yield Figure(
            "bulk", kind, f"post_many of {count:,}", speed, "entries/s", per_second(count, times), limit.name,
            ratio, "" if place else ">= 0.50", None if place else ratio >= 0.5,
            f"rounds {min(ours):.2f}–{max(ours):.2f} s against {min(times):.2f}–{max(times):.2f} s",
        )  # fmt: skip
    if kind == "postgresql":
        yield Figure(
            "bulk", kind, "entries a second", speed, "entries/s", target=">= 5,000", passed=speed >= 5_000,
            note=f"{count / median(ours) * 2:,.0f} postings/s",
        )  # fmt: skip

"""Bulk posting: a bank statement of 10,000 receipts in one `post_many`, against bare multi-row INSERTs.

The limit inserts exactly the rows ours wrote, leaves and salts included, already made, into identical tables
(keys, checks, indexes) without triggers: once with foreign keys, once without. Ours starts from drafts and
checks, numbers, seals, hashes and logs them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from random import Random
from statistics import median

from benchmarks.community import TRUST, act, open_community, receipts
from benchmarks.raw import Driver, recorded_rows, without_triggers
from benchmarks.report import Figure, median_ratio, per_second
from benchmarks.world import World, say, settle
from ledger.journal import post_many
from ledger.store.engine import writing
from tests.servers import Kind

_DAY = date(2024, 3, 10)
_ROUNDS = 5


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
        limits = []
        for foreign_keys in (True, False):
            bare, _ = stack.enter_context(world.database(kind))
            without_triggers(bare, foreign_keys=foreign_keys)
            driver = Driver(bare)
            stack.callback(driver.close)
            if kind == "sqlite" and not foreign_keys:
                driver.connection.execute("PRAGMA foreign_keys=OFF")
            limits.append((bare, driver))
        ours: list[float] = []
        theirs: list[list[float]] = [[], []]
        for number in range(_ROUNDS + 1):
            drafts = receipts(number * count, count, _DAY)
            with recorded_rows() as batches:
                start = time.perf_counter()
                with writing(engine) as conn:
                    post_many(conn, TRUST, drafts, act(_DAY, random))
                ours.append(time.perf_counter() - start)
            for (_, driver), times in zip(limits, theirs, strict=True):
                start = time.perf_counter()
                driver.insert(batches)
                times.append(time.perf_counter() - start)
            if number == 0:  # the first round only warms up
                ours.clear()
                for (bare, _), times in zip(limits, theirs, strict=True):
                    times.clear()
                    settle(bare)
                settle(database)
    speed = per_second(count, ours)
    for times, name in zip(theirs, ("bare INSERTs", "bare INSERTs, no foreign keys"), strict=True):
        ratio = median_ratio(ours, times)
        limit = per_second(count, times)
        yield Figure(
            "bulk", kind, f"post_many of {count:,}", speed, "entries/s", limit, name, ratio, ">= 0.50", ratio >= 0.5,
            f"rounds {min(ours):.2f}–{max(ours):.2f} s against {min(times):.2f}–{max(times):.2f} s",
        )  # fmt: skip
    if kind == "postgresql":
        yield Figure(
            "bulk", kind, "entries a second", speed, "entries/s", target=">= 5,000", passed=speed >= 5_000,
            note=f"{count / median(ours) * 2:,.0f} postings/s",
        )  # fmt: skip

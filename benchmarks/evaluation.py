"""The evaluations of a thousand communities: four rounds of seventeen indicators each, side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date

from sqlalchemy import Connection, Engine

from benchmarks.report import Figure, milliseconds
from benchmarks.world import World, say, settle
from ledger.evaluation.district import evaluation_overview, spreads_of
from ledger.store.engine import reading, writing
from tests.evaluation.many import many

COMMUNITIES = 1_000
LIMIT = 200.0
"""Milliseconds the overview may take."""
ROUNDS = 15
_TODAY = date(2025, 8, 1)
_PERIOD = 202435


def run(world: World) -> Iterator[Figure]:
    """On each engine: a page of the overview, the distribution of a span, and every community at once."""
    count = world.scaled(COMMUNITIES)
    ids = range(100, 100 + count)
    asked: dict[str, Callable[[Connection], object]] = {
        "a page": lambda conn: evaluation_overview(conn, ids, _TODAY),
        "a page, fewest points first": lambda conn: evaluation_overview(conn, ids, _TODAY, sort="service"),
        "distribution of a span": lambda conn: spreads_of(conn, ids, _PERIOD),
        "all of it": lambda conn: evaluation_overview(conn, ids, _TODAY, limit=None),
    }
    for kind in world.engines:
        with world.database(kind) as (database, engine):
            say(f"{kind}: writing four rounds of {count:,} communities")
            with writing(engine) as conn:
                many(conn, count)
            settle(database)
            for what, ask in asked.items():
                taken = milliseconds(_times(engine, ask))
                yield Figure(
                    "evaluation",
                    kind,
                    f"overview of {count:,} communities × 4 rounds, {what}",
                    taken,
                    "ms",
                    against=LIMIT,
                    against_what="limit",
                    target=f"<= {LIMIT:.0f} ms",
                    passed=taken <= LIMIT,
                )


def _times(engine: Engine, ask: Callable[[Connection], object]) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        with reading(engine) as conn:
            start = time.perf_counter()
            ask(conn)
            times.append(time.perf_counter() - start)
    return times

"""The evaluations of a thousand communities: four rounds of seventeen indicators each, the newest of all of them
waiting for sheets, side by side, as the books answer and as a browser gets them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from random import Random

from litestar.testing import TestClient
from sqlalchemy import Connection, Engine

from benchmarks.district import NOW, URL, log_in, oversee, page_times, site_of
from benchmarks.report import Figure, milliseconds
from benchmarks.world import World, say, settle
from ledger.district import keep_summary
from ledger.evaluation.district import evaluation_overview, spreads_of
from ledger.evaluation.district_indicators import indicator_lines
from ledger.evaluation.district_missing import missing_bodies
from ledger.store.engine import reading, writing
from ledger.trust import Act
from tests.district.summaries import made_up
from tests.evaluation.many import many, under_way

COMMUNITIES = 1_000
LIMIT = 200.0
"""Milliseconds the overview may take."""
ROUNDS = 15
_TODAY = date(2025, 8, 1)
_PERIOD = 202435
_PAGES = {
    "page by community": "/district/evaluations",
    "page by community, one street": "/district/evaluations?district=东街道&sort=party",
    "page by community, who has not rated": "/district/evaluations?only=unrated-party&period=2024-Q4",
    "page by indicator": "/district/evaluations/indicators?period=2024-Q3",
    "page of one indicator": "/district/evaluations/indicators/S7?period=2024-Q3",
}


def run(world: World) -> Iterator[Figure]:
    """On each engine: a page of the overview, the distribution of a span, and every community at once."""
    count = world.scaled(COMMUNITIES)
    ids = range(100, 100 + count)
    asked: dict[str, Callable[[Connection], object]] = {
        "a page": lambda conn: evaluation_overview(conn, ids, _TODAY),
        "a page, fewest points first": lambda conn: evaluation_overview(conn, ids, _TODAY, sort="service"),
        "indicators of a span": lambda conn: indicator_lines(conn, ids, _PERIOD),
        "who has not rated": lambda conn: missing_bodies(conn, ids),
        "distribution of a span": lambda conn: spreads_of(conn, ids, _PERIOD),
        "all of it": lambda conn: evaluation_overview(conn, ids, _TODAY, limit=None),
    }
    for kind in world.engines:
        with world.database(kind) as (database, engine):
            say(f"{kind}: writing four rounds of {count:,} communities")
            with writing(engine) as conn:
                many(conn, count)
                under_way(conn, count)
                oversee(conn, ids, Act(NOW, Random(1).randbytes))
                for trust_id in ids:
                    keep_summary(conn, made_up(trust_id, slug=f"t{trust_id - 100}"))
            settle(database)
            for what, ask in asked.items():
                yield _figure(kind, count, what, milliseconds(_times(engine, ask)))
            with TestClient(site_of(world, database), base_url=URL) as client:
                log_in(client)
                for what, path in _PAGES.items():
                    yield _figure(kind, count, what, milliseconds(page_times(client, path)))


def _figure(kind: str, count: int, what: str, taken: float) -> Figure:
    return Figure(
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

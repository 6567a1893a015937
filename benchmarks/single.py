"""One entry, one commit, one client: against the same statements through the bare driver, and against peers.

What our write path sends is recorded while it posts the same entries to a second database, untimed, and sent
again by psycopg or sqlite3 alone to a third with the same schema, so both sides fire the same triggers. On
PostgreSQL psycopg makes one round trip more than we: it sends BEGIN by itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from random import Random

from sqlalchemy import Engine

from benchmarks.community import TRUST, act, open_community, receipts
from benchmarks.peers.process import PEERS, Peer, PeerUnavailable, RunningPeer, running
from benchmarks.raw import Driver, Statement, recorded_statements
from benchmarks.report import Figure, median_ratio, per_second, skipped
from benchmarks.world import World, say, settle
from ledger.journal import Draft, post
from ledger.store.engine import writing
from tests.servers import Kind

_DAY = date(2024, 3, 10)
_ROUNDS = 21


@dataclass(slots=True)
class _Contender:
    """A peer taking part: its process and the seconds it took a round."""

    peer: Peer
    process: RunningPeer
    seconds: list[float] = field(default_factory=list)


def run(world: World) -> Iterator[Figure]:
    """Entries a second, posted one by one."""
    for kind in world.engines:
        yield from _on(world, kind)


def _on(world: World, kind: Kind) -> Iterator[Figure]:
    count = world.scaled(200)
    say(f"{kind}: posting one by one, {count} a round")
    with ExitStack() as stack:
        database, engine = stack.enter_context(world.database(kind))
        noted, noted_engine = stack.enter_context(world.database(kind))
        copy, copy_engine = stack.enter_context(world.database(kind))
        for each in (engine, noted_engine, copy_engine):
            open_community(each)
        driver = Driver(copy)
        stack.callback(driver.close)
        contenders: list[_Contender] = []
        if kind == "postgresql":
            for peer in PEERS:
                try:
                    contenders.append(_Contender(peer, stack.enter_context(running(peer, world.server))))
                except PeerUnavailable as problem:
                    yield skipped("single", kind, str(problem))
        ours: list[float] = []
        bare: list[float] = []
        for number in range(_ROUNDS + 1):
            drafts = receipts(number * count, count, _DAY)
            ours.append(_seconds(engine, drafts, Random(number)))
            transactions = _recorded(noted_engine, drafts, Random(number))
            start = time.perf_counter()
            for statements in transactions:
                driver.replay(statements)
            bare.append(time.perf_counter() - start)
            for contender in contenders:
                some = max(count // contender.peer.share, 5)
                contender.seconds.append(contender.process.seconds(some) * count / some)
            if number == 0:  # the first round only warms up
                for times in (ours, bare, *(contender.seconds for contender in contenders)):
                    times.clear()
                theirs = (contender.process.database for contender in contenders)
                for written in (database, noted, copy, *theirs):
                    settle(written)
        assert driver.entries() == count * (_ROUNDS + 1), "the bare driver wrote what we wrote"
    speed, ratio = per_second(count, ours), median_ratio(ours, bare)
    yield Figure(
        "single", kind, "post and commit", speed, "entries/s", per_second(count, bare),
        "same statements, bare driver", ratio, ">= 0.50", ratio >= 0.5,
        f"{sum(len(s) for s in transactions) / len(transactions):.0f} statements an entry",
    )  # fmt: skip
    for contender in contenders:
        ratio, target = median_ratio(ours, contender.seconds), contender.peer.target
        yield Figure(
            "single", kind, "post and commit", speed, "entries/s", per_second(count, contender.seconds),
            f"{contender.peer.name} {contender.peer.version}", ratio, f">= {target:.2f}", ratio >= target,
        )  # fmt: skip


def _seconds(engine: Engine, drafts: list[Draft], random: Random) -> float:
    """Post one by one; how long it took."""
    start = time.perf_counter()
    for draft in drafts:
        with writing(engine) as conn:
            post(conn, TRUST, draft, act(_DAY, random))
    return time.perf_counter() - start


def _recorded(engine: Engine, drafts: list[Draft], random: Random) -> list[list[Statement]]:
    """Post one by one; the statements of each transaction."""
    ends: list[int] = []
    with recorded_statements(engine) as statements:
        for draft in drafts:
            with writing(engine) as conn:
                post(conn, TRUST, draft, act(_DAY, random))
            ends.append(len(statements))
    starts = [0, *ends[:-1]]
    return [statements[low:high] for low, high in zip(starts, ends, strict=True)]

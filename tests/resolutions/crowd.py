"""Ten thousand owners of one community, each with an account in their home; and processes that vote for them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from fractions import Fraction
from multiprocessing import get_context
from random import Random

from sqlalchemy import Connection, Engine, insert

from ledger.people import Actor, Role
from ledger.resolutions.ballots import cast_online
from ledger.store.engine import open_engine, writing
from ledger.store.tables import INSTALLATION, person, role_grant
from ledger.trust import Act, Unit, add_units
from ledger.trust.owner_register import Person, add_people
from ledger.trust.titles import NewTitle, record_titles
from tests.ledger.books import OPENED, act
from tests.resolutions.assembly import OPENS

Vote = tuple[int, str, str]
"""Voter, choice, code."""


def settle(conn: Connection, trust_id: int, size: int) -> None:
    """As many homes, owners and accounts; set-based. Home n is ``9-00000n`` and owned by ``q00000n``."""
    now, numbers = act(OPENED), range(1, size + 1)
    add_units(
        conn, trust_id, [Unit(f"9-{n:06d}", f"{n % 40 + 1}", "home", 5_000 + n % 9_000) for n in numbers]
    )
    add_people(conn, trust_id, [Person(f"q{n:06d}", "person", f"某人{n}") for n in numbers], now)
    titles = [NewTitle(f"9-{n:06d}", OPENED, "first", "", {f"q{n:06d}": Fraction(1)}) for n in numbers]
    record_titles(conn, trust_id, titles, signature="t", act=now)
    conn.execute(
        insert(person),
        [
            {
                "trust_id": INSTALLATION,
                "person": f"q{n:06d}",
                "account": f"q{n:06d}",
                "name": "业主",
                "created_at": now.now,
                "created_by": "t",
            }
            for n in numbers
        ],
    )
    conn.execute(
        insert(role_grant),
        [
            {
                "trust_id": trust_id,
                "person": f"q{n:06d}",
                "role": Role.RESIDENT.value,
                "unit": f"9-{n:06d}",
                "version": 1,
                "granted": True,
                "from_day": OPENED,
                "until_day": None,
                "recorded_at": now.now,
                "recorded_by": "t",
                "reason": "",
            }
            for n in numbers
        ],
    )


def vote_all(engine: Engine, trust_id: int, number: str, votes: Sequence[tuple[str, Vote]]) -> list[int]:
    """Cast these ballots (person and vote), one transaction each; the leaves they got."""
    leaves = []
    random = Random(str(votes[:1]))
    for place, (who, (voter, choice, code)) in enumerate(votes):
        moment = act(OPENS).now + timedelta(seconds=place)
        actor = Actor(who, f"业主（{who}）", frozenset({Role.RESIDENT}))
        with writing(engine) as conn:
            receipt = cast_online(
                conn, trust_id, number, voter, (choice,), code, actor, Act(moment, random.randbytes)
            )
        leaves.append(receipt.seq)
    return leaves


def _part(url: str, trust_id: int, number: str, votes: Sequence[tuple[str, Vote]]) -> list[int]:
    engine = open_engine(url)
    try:
        return vote_all(engine, trust_id, number, votes)
    finally:
        engine.dispose()


def vote_together(
    url: str, trust_id: int, number: str, votes: Sequence[tuple[str, Vote]], processes: int
) -> list[int]:
    """The same from several processes at once; votes of one person stay in order within one process."""
    parts: list[list[tuple[str, Vote]]] = [[] for _ in range(processes)]
    for one in votes:
        parts[one[1][0] % processes].append(one)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_part, url, trust_id, number, part) for part in parts]
        return [seq for job in jobs for seq in job.result()]

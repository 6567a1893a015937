"""The overview of a thousand communities: the page as a browser gets it, from the rows that are kept."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

from litestar.testing import TestClient
from sqlalchemy import Connection, Engine, insert

from benchmarks.report import Figure, milliseconds
from benchmarks.world import World, say, settle
from disclosure.app import Application, create_app
from disclosure.config import Config
from disclosure.identity.passwords import hash_password
from ledger.district import keep_summary
from ledger.people import Role
from ledger.people.accounts import create_person
from ledger.people.credentials import record_credential
from ledger.people.members import grant
from ledger.store.engine import writing
from ledger.store.tables import trust, trust_head
from ledger.trust import Act
from tests.district.summaries import DAY, made_up
from tests.servers import Database

COMMUNITIES = 1_000
LIMIT = 200.0
"""Milliseconds a page may take."""
ROUNDS = 15
_ACCOUNT, _PASSWORD = "street-office", "a password for a benchmark"
URL = "https://mingzhang.example"
_CHEAP = (1, 8, 1)
_HEAD = {"size": 0, "frontier": b"", "numbers": "{}", "closed": "{}", "setup_version": 1}
NOW = datetime(DAY.year, DAY.month, DAY.day, 4, tzinfo=UTC)


def run(world: World) -> Iterator[Figure]:
    """On each engine: the first page, a page sorted by another column, and the whole as CSV."""
    count = world.scaled(COMMUNITIES)
    for kind in world.engines:
        with world.database(kind) as (database, engine):
            say(f"{kind}: opening {count:,} communities and giving one person a role in each")
            _fill(engine, count)
            settle(database)
            with TestClient(site_of(world, database), base_url=URL) as client:
                log_in(client)
                for what, path in (
                    ("first page", "/district"),
                    ("by another column", "/district?sort=late&dir=asc&district=东街道"),
                ):
                    taken = milliseconds(page_times(client, path))
                    yield Figure(
                        "district",
                        kind,
                        f"overview of {count:,} communities, {what}",
                        taken,
                        "ms",
                        against=LIMIT,
                        against_what="limit",
                        target=f"<= {LIMIT:.0f} ms",
                        passed=taken <= LIMIT,
                    )
                taken = milliseconds(page_times(client, "/district.csv"))
                yield Figure("district", kind, f"all {count:,} as CSV", taken, "ms")


def _fill(engine: Engine, count: int) -> None:
    """The communities as rows of their own tables: what their books hold plays no part here."""
    act, ids = Act(NOW, Random(1).randbytes), range(1, count + 1)
    with writing(engine) as conn:
        conn.execute(insert(trust), [_trust(trust_id) for trust_id in ids])
        conn.execute(insert(trust_head), [{"trust_id": trust_id, **_HEAD} for trust_id in ids])
        oversee(conn, ids, act)
        for trust_id in ids:
            keep_summary(conn, made_up(trust_id))


def oversee(conn: Connection, trust_ids: Iterable[int], act: Act) -> None:
    """One person with a role in each of these communities."""
    person = create_person(conn, _ACCOUNT, "街道", by="bench", act=act)
    hashed = hash_password(_PASSWORD, _CHEAP)
    record_credential(conn, person.person, by="bench", act=act, password_hash=hashed)
    for trust_id in trust_ids:
        grant(conn, trust_id, person.person, Role.PARTY, by="bench", act=act)


def _trust(trust_id: int) -> dict[str, Any]:
    return {
        "trust_id": trust_id,
        "slug": f"trust-{trust_id}",
        "name": f"小区{trust_id}",
        "trustee": "物业",
        "origin": f"mingzhang.example/c/trust-{trust_id}/log",
        "currency": "CNY",
        "opened_on": DAY,
        "created_at": NOW,
    }


def site_of(world: World, database: Database) -> Application:
    """Its clock stands still at the time of the summaries, so that none is due."""
    config = Config(world.folder, database.url, URL, password_cost=_CHEAP)
    return create_app(config, now=lambda: NOW)


def log_in(client: TestClient[Any]) -> None:
    """As the one who oversees them."""
    client.headers["origin"] = URL
    page = client.get("/login").text
    token = page.split('name="csrf" value="', 1)[1].split('"', 1)[0]
    answer = client.post(
        "/login", data={"csrf": token, "account": _ACCOUNT, "password": _PASSWORD, "next": ""}
    )
    assert answer.url.path == "/district", answer.url


def page_times(client: TestClient[Any], path: str) -> list[float]:
    """How long a page took, each time."""
    assert client.get(path).status_code == 200
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(path)
        times.append(time.perf_counter() - start)
    return times

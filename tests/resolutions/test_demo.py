"""The demo community's decisions: recorded, voted, and a vote that goes on, in which its resident can vote."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.community import RESOLUTIONS, found
from disclosure.demo.owners import register
from disclosure.demo.people import settle
from disclosure.demo.resolutions import DEMO_CODE, paper_decisions, resolution_month
from disclosure.demo.world import months_between
from ledger.people import Role
from ledger.resolutions.ballots import cast_online
from ledger.resolutions.decided import decisions
from ledger.resolutions.papers import my_papers
from ledger.resolutions.read import list_resolutions, read_resolution
from ledger.resolutions.recount import recount
from ledger.resolutions.turnout import participation
from ledger.store.engine import reading, writing
from ledger.trust import Act
from tests.office.conftest import CHEAP


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2027, 3, 1), date(2027, 1, 31)], ids=str)
def test_the_demo_decides(engine: Engine, tmp_path: Path, today: date) -> None:
    rng = Random(1)
    first = date(today.year - 1, today.month - 1, 1) if today.month > 1 else date(today.year - 2, 12, 1)
    months = list(months_between(first, today))
    assert len(months) == 14
    keeper = Bookkeeper(engine, 7, tmp_path, rng)
    with writing(engine) as conn:
        start = keeper.act(months[0], hour=8)
        units = found(conn, 7, months[0], "demo.example", rng, start)
        people = settle(conn, 7, units[0].unit, CHEAP, start, tmp_path / "codes.key")
        register(conn, 7, units, "t", start)
        paper_decisions(conn, keeper, people[Role.CHAIR], 0, months[0])
    began = time.process_time()
    for number, month in enumerate(months):
        resolution_month(engine, keeper, people, number, month, today)
    assert time.process_time() - began < 6
    with reading(engine) as conn:
        named = [number for name, number in RESOLUTIONS.items() if name != "lift"]
        assert set(decisions(conn, 7, named)) == set(named)
        going_on, held = list_resolutions(conn, 7)
        assert (going_on.stage, held.stage) == ("open", "published")
        result = read_resolution(conn, 7, held.number).result
        assert result is not None
        assert result.items[0].passed
        assert 550 <= result.voted < result.ballots
        assert recount(conn, 7, held.number).agrees
        assert participation(conn, 7, going_on.number).took_part.people == 290
        now = Act(datetime(today.year, today.month, today.day, 4, tzinfo=UTC), rng.randbytes)
        (mine, _) = my_papers(conn, 7, people[Role.RESIDENT], now)
        assert (mine.state.number, mine.hindrance) == (going_on.number, "")
    with writing(engine) as conn:
        cast_online(
            conn, 7, going_on.number, mine.voter, ("agree", "against"), DEMO_CODE, people[Role.RESIDENT], now
        )

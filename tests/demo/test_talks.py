"""What the demo community talks over shows every case: held, held again, left out, late, under consultation."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.community import found
from disclosure.demo.people import settle
from disclosure.demo.talks import Talks
from ledger.conference import list_items, open_tasks
from ledger.consultation.answers import counts_of
from ledger.consultation.proposals import list_proposals
from ledger.store.engine import reading, writing

TODAY, FIRST, TRUST = date(2026, 11, 22), date(2025, 10, 1), 77


@pytest.mark.db("sqlite")
def test_the_talks_of_the_demo(engine: Engine, tmp_path: Path) -> None:
    keeper = Bookkeeper(engine, TRUST, tmp_path, Random(1))
    with writing(engine) as conn:
        act = keeper.act(FIRST, hour=8)
        units = found(conn, TRUST, FIRST, "example", Random(1), act)
        people = settle(conn, TRUST, units[0].unit, (1, 8, 1), act, tmp_path / "codes")
    keeper.charge(FIRST, {units[0].unit: 150_00})
    Talks(engine, keeper, people, TODAY).live(TODAY)
    with reading(engine) as conn:
        rows = {row.title: row for row in list_items(conn, TRUST, TODAY)}
        assert [stage.name for stage in rows["道路车位白天对外临时停放"].skipped] == ["review"]
        assert rows["3栋高龄电梯更新"].stage.name == "review"
        assert [task.overdue_days(TODAY) for task in open_tasks(conn, TRUST)] == [5]
        (proposal,) = list_proposals(conn, TRUST)
        counts = counts_of(conn, TRUST, [proposal.proposal])[proposal.proposal]
    assert proposal.stage(TODAY) == "consulting"
    assert proposal.cost.months == 12
    assert (counts.total.agree, counts.total.other) == (96, 19)
    assert counts.waiting is not None

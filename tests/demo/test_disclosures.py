"""What the demo's trustee publishes besides money: all there, one block forgotten, in next to no time."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.community import found
from disclosure.demo.disclosures import disclose_month
from disclosure.demo.people import settle
from disclosure.demo.world import months_between
from ledger.disclosures.duties import duties
from ledger.disclosures.fulfilment import list_notes
from ledger.disclosures.services import service_versions
from ledger.payments.contract_papers import contract_papers
from ledger.store.engine import reading, writing

TODAY, FIRST, TRUST = date(2026, 11, 22), date(2025, 10, 1), 78


@pytest.mark.db("sqlite")
def test_the_demo_publishes_its_services_and_forgets_its_posts(engine: Engine, tmp_path: Path) -> None:
    keeper = Bookkeeper(engine, TRUST, tmp_path, Random(1))
    with writing(engine) as conn:
        act = keeper.act(FIRST, hour=8)
        units = found(conn, TRUST, FIRST, "example", Random(1), act)
        people = settle(conn, TRUST, units[0].unit, (1, 8, 1), act, tmp_path / "codes")
    began = time.process_time()
    for number, month in enumerate(months_between(FIRST, TODAY)):
        disclose_month(engine, keeper, people, number, month, TODAY)
    assert time.process_time() - began < 2
    with reading(engine) as conn:
        blocks = {duty.code: duty for duty in duties(conn, TRUST, TODAY)}
        notes = list_notes(conn, TRUST, limit=50)
        assert [item.version for item in service_versions(conn, TRUST)] == [2, 1]
        assert len(contract_papers(conn, TRUST, "C-2025-01")) == 2
    assert [blocks[code].state for code in ("services", "quality", "posts", "fulfilment")] == [
        "按时",
        "按时",
        "逾期 52 天",
        "按时",
    ]
    assert [notes[0].note.period, notes[-1].note.period, len(notes)] == [202610, 202510, 13]
    assert {item.note.period: item.version for item in notes}[202605] == 2

"""The questions and repairs of the demo: every way an inquiry can go, on any day the demo is made."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, select

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.community import found
from disclosure.demo.inquiries import Questions
from disclosure.demo.owners import register
from disclosure.demo.people import settle
from ledger.inquiries import InquiryFile, list_inquiries, read_inquiry
from ledger.log.findings import Findings
from ledger.store.engine import reading, writing
from ledger.store.tables import leaf
from ledger.trust.act import BEIJING
from ledger.verify.inquiries import check_inquiries
from tests.demo.conftest import Demo

TRUST = 78


def lived(engine: Engine, folder: Path, today: date) -> list[InquiryFile]:
    """The stories alone, in a community without any money."""
    first = today.replace(day=1) - timedelta(days=400)
    keeper = Bookkeeper(engine, TRUST, folder, Random(1))
    with writing(engine) as conn:
        act = keeper.act(first, hour=7)
        units = found(conn, TRUST, first, "example", Random(1), act)
        people = settle(conn, TRUST, units[0].unit, (1, 8, 1), act, folder / "codes")
        register(conn, TRUST, units, "测试", act)
    questions = Questions(engine, TRUST, folder, people, today)
    questions.move_in(units, first)
    questions.live(today - timedelta(days=310), today)
    with reading(engine) as conn:
        rows = list_inquiries(conn, TRUST)
        findings = Findings()
        check_inquiries(conn, TRUST, findings)
        assert findings.kept == []
        return [read_inquiry(conn, TRUST, row.no) for row in reversed(rows)]


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("today", [date(2026, 11, 23), date(2026, 3, 2), date(2025, 10, 20)])
def test_every_way_an_inquiry_can_go_is_there(engine: Engine, tmp_path: Path, today: date) -> None:
    files = lived(engine, tmp_path, today)
    kinds = [[step.kind for step in file.steps] for file in files]
    twice = next(file for file, steps in zip(files, kinds, strict=True) if steps.count("escalated") == 2)
    assert (twice.state.level, twice.state.status, twice.state.rating) == (3, "closed", "satisfied")
    assert {file.asked.kind for file in files} == {"question", "snapshot", "repair", "inspection"}
    assert any("rework" in steps for steps in kinds)
    assert any("mediated" in steps for steps in kinds)
    assert any("lapsed" in steps for steps in kinds)
    assert {file.state.publication for file in files} == {"", "published", "kept"}
    assert {"waiting", "working", "closing", "closed"} <= {file.state.status for file in files}
    assert max(file.public.row.echoes for file in files) >= 3
    assert any(said.pictures for file in files for said in file.public.said)


def test_in_the_demo_they_are_about_its_entries_statements_and_project(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        rows = list_inquiries(conn, demo.trust_id)
    assert {row.about_kind for row in rows} == {"", "entry", "statement", "project", "area"}
    assert len(rows) >= 12


def test_no_question_is_published_after_what_was_booked_on_a_later_day(demo: Demo) -> None:
    """The latest news stand first: the log has entries and questions in the order of their days."""
    kinds = ("mingzhang.entry.v1", "mingzhang.inquiry.v1")
    query = select(leaf.c.body).where(leaf.c.trust_id == demo.trust_id, leaf.c.kind.in_(kinds))
    with reading(demo.engine) as conn:
        bodies = [json.loads(body) for body in conn.execute(query.order_by(leaf.c.seq)).scalars()]
    moments = [datetime.fromisoformat(body.get("recorded_at") or body["posted_at"]) for body in bodies]
    days = [moment.astimezone(BEIJING).date() for moment in moments]
    asked = [no for no, body in enumerate(bodies) if body["kind"] == "mingzhang.inquiry.v1"]
    assert len(asked) > 10
    assert [bodies[no]["subject"] for no in asked if max(days[:no]) > days[no]] == []
    assert [bodies[no]["subject"] for no in asked if min(days[no:]) < days[no]] == []

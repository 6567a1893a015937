"""The demo's rounds of the evaluation: whole, and such that a voucher's date moves just the points it should."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pypdf
import pytest
from litestar.testing import TestClient
from sqlalchemy import Connection, Engine, select

from disclosure.app import create_app
from disclosure.demo.evaluations import asking_quarters, quarters
from disclosure.demo.run import MONTHS
from ledger.evaluation.consequences import PAY, RECTIFY, RENEWAL, consequences_of, pay_percent
from ledger.evaluation.course import measured
from ledger.evaluation.district_missing import missing_bodies
from ledger.evaluation.measures import Window
from ledger.evaluation.result import read_result
from ledger.evaluation.rounds import read_state, read_states
from ledger.evaluation.scheme import HALVES
from ledger.evaluation.score import Scores
from ledger.evaluation.state import State
from ledger.evaluation.survey import answered_homes, survey_result
from ledger.evaluation.value import FIGURES, Figures
from ledger.journal.read import find_seq
from ledger.log.findings import Findings
from ledger.people import Role
from ledger.people.accounts import find_account
from ledger.people.members import membership
from ledger.store.engine import open_engine, reading
from ledger.store.tables import entry, role_grant, trust
from ledger.verify.evaluation import check_evaluations
from tests.demo.conftest import TODAY, Demo

EARLIER, FULL, ASKING, NEXT = 1, 2, 3, 4
"""The rounds of the large community."""
BEHIND = "dongliyuan"


def trust_of(conn: Connection, slug: str) -> int:
    return int(conn.execute(select(trust.c.trust_id).where(trust.c.slug == slug)).scalar_one())


def points(scores: Scores) -> dict[str, int | None]:
    """By indicator, both halves."""
    return {one.indicator.code: one.points for half in HALVES for one in scores.half(half).indicators}


def computed_again(conn: Connection, trust_id: int, state: State) -> Scores:
    """What the round would come to if the figures were taken from these books."""
    window = state.window
    assert window is not None
    steps = tuple(
        replace(
            step, body=Figures(window.moment, window.size, measured(conn, trust_id, state.scheme, window))
        )
        if step.kind == FIGURES
        else step
        for step in state.steps
    )
    return replace(state, steps=steps).scores


@pytest.mark.parametrize(
    ("today", "full"),
    [
        (TODAY, 202635),
        (date(2026, 10, 19), 202634),
        (date(2026, 10, 20), 202635),
        (date(2027, 1, 1), 202635),
    ],
)
def test_the_full_round_is_of_the_last_quarter_there_was_time_for(today: date, full: int) -> None:
    assert quarters(today)[1].code == full


def test_two_rounds_went_all_the_way_and_show_every_case(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        large = read_state(conn, demo.trust_id, FULL)
        behind_id = trust_of(conn, BEHIND)
        behind = read_state(conn, behind_id, 1)
        surveys = [survey_result(conn, demo.trust_id, large), survey_result(conn, behind_id, behind)]
        follows = {one.kind: one for one in consequences_of(conn, behind_id)}
        pays = [one for one in consequences_of(conn, demo.trust_id, FULL) if one.kind == PAY]
        value = read_result(conn, demo.trust_id, FULL).value
    assert (large.stage, behind.stage) == ("final", "final")
    assert large.assessed is not None
    assert behind.assessed is None, "its trustee let the days pass"
    assert [one.code for _, _, one in behind.vetoes()] == ["V4"]
    assert behind.scores.service.grade == "D"
    assert behind.scores.party.grade != "D", "a veto of one half leaves the other alone"
    assert points(behind.scores)["S8"] is None
    assert [one.enough for one in surveys] == [True, False]
    assert surveys[0].answers >= 30
    assert all(group.answers >= 5 for group in surveys[0].groups)
    assert surveys[1].choices is None, "four answers are shown by nobody's choice"
    assert value["recused"] == 1
    (ruling,) = [one["ruling"] for one in value["appeals"]]
    assert ruling["count"] == 1
    assert {RECTIFY, RENEWAL} == set(follows)
    assert follows[RECTIFY].late_days(TODAY) > 0
    assert [one.percent for one in pays] == [pay_percent(large.scheme, large.scores.service)] == [95]


def test_there_is_a_round_before_and_two_under_way(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        rounds = read_states(conn, demo.trust_id)
        stuck = read_states(conn, trust_of(conn, "guihuli"))
    assert [one.stage for one in rounds] == ["final", "final", "survey", "self"]
    assert [one.scope for one in rounds] == ["district", "own", "own", "own"], (
        "each keeps the scheme of its first day"
    )
    rates = [one.scheme.indicator("S2").rules[0].each for one in rounds]  # type: ignore[union-attr]
    assert rates == [50, 1_00, 1_00, 1_00]
    assert [(one.stage, one.due_on is not None and one.due_on < TODAY) for one in stuck] == [
        ("scoring", True)
    ]


def test_the_homes_are_being_asked_and_the_resident_who_is_printed_has_not_answered(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        state = read_state(conn, demo.trust_id, ASKING)
        resident = find_account(conn, "yezhu")
        assert resident is not None
        (home,) = membership(conn, resident.person, demo.trust_id, TODAY).units
        assert not answered_homes(conn, demo.trust_id, ASKING, [home])
        missing = missing_bodies(conn, [demo.trust_id])[demo.trust_id, ASKING]
    assert state.stage == "survey"
    assert state.closes_on is not None
    assert (state.closes_on - TODAY).days == 8, "still open a week after the demo was made"
    assert sum(state.answers.values()) >= 5
    assert {one.body: one.late_days(TODAY) for one in missing} == {"party": 0, "supervisor": 0}


@pytest.mark.parametrize("days", range(0, 366, 5))
def test_there_is_always_a_quarter_to_ask_about(days: int) -> None:
    today = date(2026, 1, 1) + timedelta(days=days)
    earlier, full, asked, after = asking_quarters(today)
    assert asked.last + timedelta(days=9) <= today < after.last + timedelta(days=9)
    assert full.last + timedelta(days=20) <= today, "there was time for the appeal"
    first = today.year * 12 + today.month - MONTHS
    begun = date(first // 12, first % 12 + 1, 1)
    assert earlier.first - timedelta(days=20) >= begun, "its scheme was recorded when the books were there"


def test_an_appeal_upheld_gave_back_what_it_was_about(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        state = read_state(conn, demo.trust_id, FULL)
    before = state.until(next(step.no for step in state.steps if step.kind == "ruling") - 1)
    gained = {
        code: (now or 0) - (then or 0)
        for (code, now), then in zip(
            points(state.scores).items(), points(before.scores).values(), strict=True
        )
        if now != then
    }
    assert gained == {"S2": 2_00}, "two of three at a point each"


def test_whoever_is_of_the_trustee_scored_nothing(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        state = read_state(conn, demo.trust_id, FULL)
        g = role_grant.c
        staff = conn.execute(
            select(g.person).where(
                g.trust_id == demo.trust_id, g.role.in_([Role.PREPARER, Role.REVIEWER, Role.CASHIER])
            )
        ).scalars()
        related = {*staff, *state.recused}
    assert state.recused
    assert not {step.person for step in state.steps if step.kind in ("sheet", "ruling", "veto")} & related


@pytest.fixture
def copy(demo: Demo, tmp_path: Path) -> Iterator[Path]:
    """The books once more, as somebody gets them who may do anything: without the guards."""
    path = tmp_path / "copy.sqlite3"
    with (
        closing(sqlite3.connect(demo.folder / "demo.sqlite3")) as source,
        closing(sqlite3.connect(path)) as to,
    ):
        source.backup(to)
        guards = to.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in guards:
            to.execute(f'DROP TRIGGER "{name}"')
        to.commit()
    yield path


def change_date(path: Path, trust_id: int, seq: int, day: date) -> None:
    """The one thing that is changed."""
    with closing(sqlite3.connect(path)) as books:
        for table in ("entry", "posting"):
            changed = books.execute(
                f"UPDATE {table} SET business_date = ? WHERE trust_id = ? AND seq = ?",
                (day.isoformat(), trust_id, seq),
            )
            assert changed.rowcount, table
        books.commit()


def without_voucher(state: State) -> list[str]:
    """The entries that cost points because there is no paper, by their public names."""
    found = state.findings()["S7", "bare"]
    assert found is not None
    return [re.sub(r".*/", "", item.page) for item in found.items]


def again_by_round(engine: Engine, trust_id: int) -> dict[tuple[int, str], int]:
    """What differs from the published points if everything is computed again: hundredths by round, indicator."""
    found = {}
    with reading(engine) as conn:
        for state in read_states(conn, trust_id):
            if state.stage == "final":
                published, again = points(state.scores), points(computed_again(conn, trust_id, state))
                kept = read_result(conn, trust_id, state.round).value["halves"]
                stated = {one["code"]: one["points"] for half in HALVES for one in kept[half]["indicators"]}
                assert published == stated
                for code, then in published.items():
                    if then != again[code]:
                        found[state.round, code] = (again[code] or 0) - (then or 0)
    return found


def test_computed_again_it_is_what_was_published(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        behind = trust_of(conn, BEHIND)
    assert again_by_round(demo.engine, demo.trust_id) == {}
    assert again_by_round(demo.engine, behind) == {}


@pytest.mark.parametrize(
    ("of", "to", "expected"),
    [
        (FULL, NEXT, {(FULL, "S7"): 2_00}),
        (EARLIER, FULL, {(EARLIER, "S7"): 2_00, (FULL, "S7"): -2_00}),
    ],
    ids=["out of the quarter", "from one quarter into the next"],
)
def test_another_date_on_one_voucher_moves_exactly_the_points_it_should(
    demo: Demo, copy: Path, of: int, to: int, expected: dict[tuple[int, str], int]
) -> None:
    with reading(demo.engine) as conn:
        ref = without_voucher(read_state(conn, demo.trust_id, of))[0]
        seq = find_seq(conn, demo.trust_id, ref)
        day = read_state(conn, demo.trust_id, to).first_on
        was = conn.execute(
            select(entry.c.business_date).where(entry.c.trust_id == demo.trust_id, entry.c.seq == seq)
        ).scalar_one()
    assert was < day
    change_date(copy, demo.trust_id, seq, day)
    engine = open_engine(f"sqlite:///{copy}")
    try:
        assert again_by_round(engine, demo.trust_id) == expected
        with reading(engine) as conn:
            findings = Findings()
            check_evaluations(conn, demo.trust_id, findings)
        assert {finding.code for finding in findings.kept} == {"evaluation.figures"}
        assert len(findings.kept) == len(expected), "verification says so of these figures, and of no others"
    finally:
        engine.dispose()


def test_a_window_of_another_cut_off_is_not_what_was_published(demo: Demo) -> None:
    """The comparison above can fail: before anything was on record there was nothing to lose points by."""
    with reading(demo.engine) as conn:
        state = read_state(conn, demo.trust_id, FULL)
        window = state.window
        assert window is not None
        early = measured(
            conn, demo.trust_id, state.scheme, Window(window.first, window.last, window.moment, 1)
        )
    bare = next(one for one in early if (one.indicator, one.rule) == ("S7", "bare"))
    assert bare.found is not None
    assert bare.found.part == 0


@pytest.mark.parametrize(("slug", "no"), [("mingheyuan", FULL), (BEHIND, 1)])
def test_the_notice_for_the_board_says_both_scores(demo: Demo, slug: str, no: int) -> None:
    with TestClient(create_app(demo.config, now=lambda: datetime(2026, 11, 22, 8, tzinfo=UTC))) as client:
        page = client.get(f"/c/{slug}/evaluations/{no}")
        paper = client.get(f"/c/{slug}/evaluations/{no}.pdf")
    assert page.status_code == paper.status_code == 200
    text = "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper.content)).pages)
    with reading(demo.engine) as conn:
        value = read_result(conn, trust_of(conn, slug), no).value
    for half in HALVES:
        said = value["halves"][half]
        shown = f"{said['points'] // 100}"
        assert said["title"] in text
        assert shown in text
    assert "未评" in text if slug == BEHIND else "申诉" in text

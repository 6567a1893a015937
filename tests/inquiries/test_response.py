"""Repairs and the hours promised for a response: who came in time, and what goes up when nobody did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.inquiries import (
    Wanted,
    accept,
    answer,
    assign,
    due_trusts,
    escalate_due,
    list_inquiries,
    mediate,
    note,
    visit,
    withdraw,
)
from ledger.inquiries.numbers import numbers
from ledger.inquiries.response import Response, duration_text, responses_of, slow_repairs, waiting_too_long
from ledger.trust import record_setting
from ledger.trust.act import Act
from tests.inquiries.desk import ASKER, COMMITTEE, PREPARER, TUESDAY, Desk, at, open_desk


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    return open_desk(engine, tmp_path)


def repair(desk: Desk) -> int:
    """Asked at ten in the morning, unless the desk says otherwise: four hours are promised."""
    return desk.ask(kind="repair", about_kind="area", about="elevator")


def ticking(desk: Desk, act: Act) -> list[int]:
    with desk.writing() as (conn, trust_id, _):
        return escalate_due(conn, trust_id, act)


def response(desk: Desk, no: int) -> Response:
    with desk.reading() as (conn, trust_id):
        return responses_of(conn, trust_id, [no])[no]


def slow(desk: Desk, act: Act) -> list[int]:
    with desk.reading() as (conn, trust_id):
        return slow_repairs(conn, trust_id, date(2025, 6, 1), date(2025, 6, 30), act.now)


# --- Going up ------------------------------------------------------------------------------------------------


def test_a_repair_nobody_responded_to_goes_up_when_its_hours_have_passed(desk: Desk) -> None:
    no = repair(desk)
    assert ticking(desk, at(TUESDAY, 14)) == [], "just in time is in time"
    assert ticking(desk, at(TUESDAY, 14, 1)) == [no]
    assert ticking(desk, at(TUESDAY, 14, 2)) == [], "what went up has a new day to come"
    assert desk.by_system(no) == [("escalated", 2, "late")]
    assert desk.state(no).late
    assert desk.findings() == []


def test_what_somebody_responded_to_waits_for_its_day(desk: Desk) -> None:
    nos = [repair(desk) for _ in range(3)]
    desk.do(accept, nos[0], by=PREPARER)
    desk.do(assign, nos[1], "工程维修岗", by=PREPARER)
    desk.do(visit, nos[2], "看过了", by=PREPARER)
    assert ticking(desk, at(TUESDAY, 23)) == []


def test_a_remark_is_no_response(desk: Desk) -> None:
    no = repair(desk)
    desk.do(note, no, "知道了", by=PREPARER)
    assert ticking(desk, at(TUESDAY, 15)) == [no]


def test_only_repairs_go_by_the_hour(desk: Desk) -> None:
    desk.ask()
    desk.ask(kind="snapshot", about_kind="area", about="elevator")
    assert ticking(desk, at(TUESDAY, 23)) == []


def test_hours_of_the_night_count(desk: Desk) -> None:
    desk.hour = 23
    no = repair(desk)
    wednesday = TUESDAY + timedelta(days=1)
    assert ticking(desk, at(wednesday, 3)) == []
    assert ticking(desk, at(wednesday, 3, 1)) == [no]


def test_a_community_is_looked_into_from_the_hour_in_which_something_can_be_late(desk: Desk) -> None:
    repair(desk)
    with desk.reading() as (conn, trust_id):
        assert due_trusts(conn, at(TUESDAY, 11)) == []
        assert due_trusts(conn, at(TUESDAY, 14, 1)) == [trust_id]
        assert waiting_too_long(conn, trust_id, at(TUESDAY, 14).now) == []


def test_many_repairs_go_up_in_as_many_queries_as_few(
    desk: Desk, count_queries: Callable[..., object]
) -> None:
    lengths = []
    for many in (2, 12):
        desk.today += timedelta(days=1)
        nos = [repair(desk) for _ in range(many)]
        with count_queries(desk.books.engine) as queries:  # type: ignore[attr-defined]
            assert ticking(desk, at(desk.today, 15)) == nos
        lengths.append(len(queries))
    assert lengths[0] == lengths[1]


# --- What was promised ---------------------------------------------------------------------------------------


def test_the_hours_are_those_in_force_when_it_was_asked(desk: Desk) -> None:
    early = repair(desk)
    desk.today += timedelta(days=1)
    desk.set("inquiry_repair_hours", 2)
    late = repair(desk)
    assert [response(desk, no).hours for no in (early, late)] == [4, 2]
    assert response(desk, late).by == at(desk.today, 12).now


def test_a_rule_recorded_later_changes_no_promise_even_with_an_earlier_day(desk: Desk) -> None:
    no = repair(desk)
    with desk.writing() as (conn, trust_id, _):
        record_setting(
            conn, trust_id, "inquiry_repair_hours", 48, effective_on=TUESDAY - timedelta(days=1),
            authority="业主大会决定", act=at(TUESDAY, 13),
        )  # fmt: skip
    assert response(desk, no).hours == 4
    assert slow(desk, at(TUESDAY, 15)) == [no]


# --- Who was slow --------------------------------------------------------------------------------------------


def test_in_time_late_never_and_taken_back(desk: Desk) -> None:
    prompt, exact, late, never, gone, agreed = (repair(desk) for _ in range(6))
    desk.do(answer, prompt, "修好", by=PREPARER)
    desk.hour = 14
    desk.do(visit, exact, "看过了", by=PREPARER)
    desk.do(mediate, agreed, "agreed", "改约明天", by=COMMITTEE)
    desk.hour = 16
    desk.do(accept, late, by=PREPARER)
    desk.do(withdraw, gone, "自己修了", by=ASKER)
    for act in (at(TUESDAY, 16), at(TUESDAY + timedelta(days=20))):
        assert slow(desk, act) == [late, never, gone]
        with desk.reading() as (conn, trust_id):
            rows = list_inquiries(conn, trust_id, Wanted(slow_at=act.now))
        assert [(row.no, row.slow(act.now)) for row in rows] == [(gone, True), (never, True), (late, True)]
    assert response(desk, late).minutes(at(TUESDAY, 20).now) == 6 * 60
    assert response(desk, never).until is None
    assert slow(desk, at(TUESDAY, 14)) == [], "nobody was slow yet"


def test_one_taken_back_in_good_time_was_not_slow(desk: Desk) -> None:
    no = repair(desk)
    desk.do(withdraw, no, "", by=ASKER)
    assert slow(desk, at(TUESDAY + timedelta(days=9))) == []


def test_having_gone_up_by_the_hour_is_counted_as_late_though_it_is_taken_back(desk: Desk) -> None:
    no = repair(desk)
    ticking(desk, at(TUESDAY, 15))
    desk.hour = 16
    desk.do(withdraw, no, "", by=ASKER)
    with desk.reading() as (conn, trust_id):
        found = numbers(conn, trust_id, TUESDAY, TUESDAY, TUESDAY)
    assert (found.asked, found.late, found.raised) == (1, 1, 1)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(45, "45 分"), (241, "4 小时 1 分"), (300, "5 小时"), (2880, "2 天"), (3000, "2 天 2 小时")],
)
def test_a_duration_in_words(minutes: int, said: str) -> None:
    assert duration_text(minutes) == said

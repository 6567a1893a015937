"""What the system computes: only what is on record by the cut-off, an item a fault, None where nothing is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert

from ledger.conference import (
    Attendance,
    Meeting,
    NewItem,
    NewTask,
    add_task,
    propose,
    record_meeting,
    skip_stage,
)
from ledger.conference.links import add_link
from ledger.disclosures.duties import duties
from ledger.evaluation.course import measured
from ledger.evaluation.measures import Window, measure, measures
from ledger.evaluation.measures.lateness import days_in, late_between, late_once, merged
from ledger.evaluation.scheme import default_scheme
from ledger.evaluation.score import Found, score
from ledger.inquiries import answer, rate, rework, withdraw
from ledger.journal import Document
from ledger.journal.head import peek_head
from ledger.store.tables import resolution, roll, statement
from ledger.trust.act import Act
from tests.inquiries.desk import ASKER, COMMITTEE, PARTY, PREPARER, Desk, at, open_desk
from tests.ledger.books import petty

FIRST, LAST = date(2025, 4, 1), date(2025, 6, 30)
LATER = at(date(2025, 7, 5))
BARE = (Document("expense_sheet"),)
"""A sheet that was named, and of which nobody ever scanned anything."""


def found(desk: Desk, name: str, act: Act = LATER, **args: int) -> Found | None:
    """A measure over the second quarter, asked on 5 July."""
    with desk.reading() as (conn, trust_id):
        size = peek_head(conn, trust_id).tree.size
        return measure(conn, trust_id, name, Window(FIRST, LAST, act.now, size), args)


def said(one: Found | None) -> list[tuple[str, int, str]]:
    assert one is not None
    return [(item.on.isoformat(), item.count, item.page) for item in one.items]


def test_every_measure_can_be_asked_of_a_community_that_did_nothing(desk: Desk) -> None:
    nothing = {name: found(desk, name) for name in measures()}
    known = {name for name, one in nothing.items() if one is not None}
    assert known == {
        "disclosure_days_late",
        "statements_missed",
        "spending_without_voucher",
        "conference_missed",
    }
    assert nothing["spending_without_voucher"] == Found()


def test_spending_without_a_paper_is_counted_in_the_span_of_its_day(desk: Desk) -> None:
    for day in (date(2025, 3, 31), FIRST, LAST, date(2025, 7, 1)):
        desk.books.post(petty(date=day, documents=BARE), today=date(2025, 7, 2))
    desk.books.post(petty(date=LAST), today=date(2025, 7, 2))
    listed = said(found(desk, "spending_without_voucher"))
    assert [(day, count) for day, count, _ in listed] == [("2025-04-01", 1), ("2025-06-30", 1)]
    assert all(page.startswith("/entries/A-2025-") for _, _, page in listed)


def test_what_is_posted_after_the_cut_off_changes_no_figure(desk: Desk) -> None:
    with desk.reading() as (conn, trust_id):
        window = Window(FIRST, LAST, LATER.now, peek_head(conn, trust_id).tree.size)
    desk.books.post(petty(date=LAST, documents=BARE), today=date(2025, 7, 6))
    with desk.reading() as (conn, trust_id):
        assert measure(conn, trust_id, "spending_without_voucher", window) == Found()


def test_inquiries_are_counted_as_they_stood_at_the_end_of_the_span(desk: Desk) -> None:
    late, again, gone = desk.ask(), desk.ask(follows=1), desk.ask()
    repair = desk.ask(kind="repair", about_kind="area", about="elevator")
    desk.do(withdraw, gone, "", by=ASKER)
    desk.do(answer, again, "答复", by=PREPARER)
    desk.do(rate, again, True, by=ASKER)
    desk.do(answer, repair, "修好", by=PREPARER)
    desk.do(rework, repair, "又坏", by=PREPARER)
    desk.tick(10)
    desk.do(answer, late, "晚了", by=PARTY)
    figures = {
        name: said(found(desk, name))
        for name in measures()
        if name.startswith(("inq", "que", "rep")) and not name.endswith("satisfied")
    }
    day = "2025-06-03"
    assert figures["questions_answered_late"] == [("2025-06-07", 1, f"/inquiries/{late}")]
    assert figures["inquiries_repeated"] == [(day, 1, f"/inquiries/{again}")]
    assert figures["repairs_reworked"] == [(day, 1, f"/inquiries/{repair}")]
    assert ("2025-06-05", 1, f"/inquiries/{late}") in figures["inquiries_raised_or_late"]
    whole = found(desk, "repairs_late")
    assert whole is not None
    assert whole.whole == 1
    assert found(desk, "snapshots_answered_late") is None, "none was asked"
    assert found(desk, "inquiries_satisfied") is None, "one rating is too few"
    satisfied = found(desk, "inquiries_satisfied", least=1)
    assert satisfied is not None
    assert (satisfied.part, satisfied.whole) == (1, 1)


def test_answers_of_the_next_quarter_do_not_reach_back(desk: Desk) -> None:
    desk.today = date(2025, 6, 24)
    no = desk.ask()
    assert said(found(desk, "questions_answered_late")) == [("2025-06-28", 1, f"/inquiries/{no}")]
    desk.today = date(2025, 7, 2)
    desk.do(answer, no, "晚了", by=PREPARER)
    before = found(desk, "questions_answered_late")
    assert said(before) == [("2025-06-28", 1, f"/inquiries/{no}")], "it was late at the end of June already"


LATE_MEASURES = ("questions_answered_late", "snapshots_answered_late", "inquiries_raised_or_late")


@pytest.mark.parametrize("asked_on", [date(2025, 6, 17) + timedelta(days=2 * n) for n in range(8)])
def test_each_late_inquiry_costs_in_exactly_one_quarter(desk: Desk, asked_on: date) -> None:
    desk.today = asked_on
    desk.ask()
    for kind in ("snapshot", "repair"):
        desk.ask(kind=kind, about_kind="area", about="elevator")
    for _ in range(40):
        desk.tick(1)
    quarters = [
        (date(2025, 1, 1), date(2025, 3, 31)),
        (FIRST, LAST),
        (date(2025, 7, 1), date(2025, 9, 30)),
        (date(2025, 10, 1), date(2025, 12, 31)),
    ]
    costs = {name: [0, 0, 0, 0] for name in (*LATE_MEASURES, "repairs_late", "repairs_slow_or_late")}
    with desk.reading() as (conn, trust_id):
        size = peek_head(conn, trust_id).tree.size
        for name, per_quarter in costs.items():
            for place, (first, last) in enumerate(quarters):
                one = measure(conn, trust_id, name, Window(first, last, at(date(2026, 1, 9)).now, size))
                items = one.items if one else ()
                assert all(first <= item.on <= last for item in items)
                per_quarter[place] = len(items)
    assert {name: sum(counted) for name, counted in costs.items()} == {
        "questions_answered_late": 1,
        "snapshots_answered_late": 1,
        "repairs_late": 1,
        "repairs_slow_or_late": 1,
        "inquiries_raised_or_late": 3,
    }


def test_what_was_answered_in_time_costs_in_no_quarter(desk: Desk) -> None:
    desk.today = date(2025, 6, 30)
    no, rated = desk.ask(), desk.ask()
    for one in (no, rated):
        desk.do(answer, one, "答复", by=PREPARER)
    assert found(desk, "questions_answered_late") is None, "nothing fell due in this quarter"
    assert found(desk, "inquiries_raised_or_late") == Found()
    desk.today = date(2025, 7, 1)
    desk.do(rate, rated, False, by=ASKER)
    with desk.reading() as (conn, trust_id):
        window = Window(date(2025, 7, 1), date(2025, 9, 30), LATER.now, peek_head(conn, trust_id).tree.size)
        assert measure(conn, trust_id, "questions_answered_late", window) == Found()
        up = measure(conn, trust_id, "inquiries_raised_or_late", window)
    assert said(up) == [("2025-07-01", 1, f"/inquiries/{rated}")], "it went up in July, asked in June"


def meet(desk: Desk, day: date, *, skip: bool = False) -> int:
    """An item proposed and consulted on a day."""
    desk.today = day
    with desk.writing() as (conn, trust_id, act):
        no = propose(conn, trust_id, NewItem("电梯换新", "高龄电梯", "party", day, {}), PARTY, act)
        if skip:
            skip_stage(conn, trust_id, no, "consult", "情况紧急", COMMITTEE, act)
        else:
            came = {"party": Attendance(2)}
            record_meeting(
                conn, trust_id, no, "consult", Meeting(day, "商议", "agreed", came, {}), COMMITTEE, act
            )
    return no


def test_a_quarter_without_a_conference_is_missed_and_months_can_be_asked_for(desk: Desk) -> None:
    assert said(found(desk, "conference_missed")) == [("2025-06-30", 1, "/conference")]
    meet(desk, date(2025, 5, 20))
    assert said(found(desk, "conference_missed")) == []
    assert [day for day, *_ in said(found(desk, "conference_missed", months=1))] == [
        "2025-04-30",
        "2025-06-30",
    ]
    assert found(desk, "conference_missed", months=4) is None, "a quarter has no stretch of four months"


def test_items_left_open_and_stages_left_out(desk: Desk) -> None:
    stale = meet(desk, date(2025, 3, 10))
    busy = meet(desk, date(2025, 6, 1))
    with desk.writing() as (conn, trust_id, act):
        add_task(
            conn, trust_id, busy, NewTask("三家报价", "trustee", "项目经理", date(2025, 6, 10)), PARTY, act
        )
    skipped = meet(desk, date(2025, 6, 15), skip=True)
    assert said(found(desk, "conference_items_open")) == [
        ("2025-06-08", 1, f"/conference/{stale}"),
        ("2025-06-10", 1, f"/conference/{busy}"),
    ]
    assert said(found(desk, "stages_missing")) == [("2025-06-15", 1, f"/conference/{skipped}")]


def test_a_vote_that_no_conference_came_before(desk: Desk) -> None:
    no = meet(desk, date(2025, 5, 20))
    with desk.writing() as (conn, trust_id, act):
        for number in ("2025-1", "2025-2"):
            signed = {"person": "p", "signature": "主任", "recorded_at": act.now}
            conn.execute(
                insert(resolution).values(
                    trust_id=trust_id, number=number, version=1, body="{}", salt=b"s" * 16, **signed
                )
            )
            conn.execute(
                insert(roll).values(
                    trust_id=trust_id,
                    number=number,
                    opened_at=at(date(2025, 6, 1)).now,
                    closes_at=at(date(2025, 6, 20)).now,
                    rules="{}",
                    voters=1,
                    units=1,
                    area=1,
                    root="",
                )
            )
        add_link(conn, trust_id, no, "resolution", "2025-1", PARTY, act)
    assert said(found(desk, "votes_not_discussed")) == [("2025-06-01", 1, "/resolutions/2025-2")]


def publish(desk: Desk, period: int, day: date) -> None:
    """A statement's first version."""
    with desk.writing() as (conn, trust_id, _):
        conn.execute(
            insert(statement).values(
                trust_id=trust_id, period=period, version=1, size=1, value=b"{}", published_at=at(day).now
            )
        )


def test_late_statements_cost_their_days_and_only_those_within_the_span(desk: Desk) -> None:
    for month in range(1, 13):
        publish(desk, 202400 + month, date(2025, 1, 2))
    for month, day in (
        (1, date(2025, 2, 10)),
        (2, date(2025, 3, 10)),
        (3, date(2025, 4, 18)),
        (4, date(2025, 5, 15)),
    ):
        publish(desk, 202500 + month, day)
    late = found(desk, "disclosure_days_late")
    assert late is not None
    months = [(item.on.isoformat(), item.count) for item in late.items if item.what.startswith("月度")]
    assert months == [("2025-04-16", 3), ("2025-06-16", 15)], (
        "March three days, May not at all; April in time"
    )
    missed = found(desk, "statements_missed")
    assert missed is not None
    assert [item.what for item in missed.items if "月度" in item.what] == [
        "2025年3月的月度流水摘要到期没有发布",
        "2025年5月的月度流水摘要到期没有发布",
    ]


def test_what_is_late_on_the_last_day_is_what_the_page_of_duties_says(desk: Desk) -> None:
    publish(desk, 202404, date(2025, 6, 20))
    with desk.reading() as (conn, trust_id):
        shown = {duty.title for duty in duties(conn, trust_id, LAST) if duty.late_days}
    measured = found(desk, "disclosure_days_late")
    assert measured is not None
    still = {item.what.split("在 ")[0] for item in measured.items if f"至 {LAST}" in item.what}
    assert still == {*shown, "逐笔账目"}, "entries came on that very day: late until then, and late no more"


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    return open_desk(engine, tmp_path)


def test_a_round_of_measures_asks_a_steady_number_of_queries(
    desk: Desk, count_queries: Callable[..., Any]
) -> None:
    with count_queries(desk.books.engine) as few:
        found(desk, "disclosure_days_late")
    for month in range(1, 13):
        publish(desk, 202400 + month, date(2025, 1, 2))
        meet(desk, date(2025, 6, 1))
    with count_queries(desk.books.engine) as many:
        found(desk, "disclosure_days_late")
    assert len(many) == len(few)


# --- Lateness -----------------------------------------------------------------------------------------------

days = st.integers(0, 60).map(lambda n: date(2025, 1, 1) + timedelta(days=n))


@given(days, st.lists(st.tuples(days, st.integers(0, 20)), max_size=6), days)
def test_late_days_are_those_on_which_the_last_deadline_had_passed(
    due_on: date, done: list[tuple[date, int]], end: date
) -> None:
    dues = [(day, day + timedelta(days=more)) for day, more in sorted(done)]
    late = {
        begin + timedelta(days=n)
        for begin, stop in late_between(due_on, dues, end)
        for n in range((stop - begin).days + 1)
    }
    day, expected = date(2025, 1, 1), set()
    while day <= end:
        deadline = max(
            [due_on] if not [d for d, _ in dues if d < day] else [[n for d, n in dues if d < day][-1]]
        )
        if day > deadline:
            expected.add(day)
        day += timedelta(days=1)
    assert late == expected


@given(days, st.none() | days, days)
def test_done_once_it_is_late_no_more(due_on: date, done_on: date | None, end: date) -> None:
    late = late_once(due_on, done_on, end)
    until = end if done_on is None else min(done_on, end)
    assert sum(days_in(one) for one in late) == max(0, (until - due_on).days)


@given(st.lists(st.tuples(days, days).map(lambda two: (min(two), max(two))), max_size=6), days, days)
def test_stretches_put_together_count_no_day_twice(
    stretches: list[tuple[date, date]], one: date, other: date
) -> None:
    first, last = min(one, other), max(one, other)
    every = {begin + timedelta(days=n) for begin, end in stretches for n in range((end - begin).days + 1)}
    found = merged(stretches, first, last)
    assert sum(days_in(stretch) for stretch in found) == len({day for day in every if first <= day <= last})


def test_a_voucher_of_another_day_changes_the_points_that_depend_on_it_and_no_other(
    engine: Engine, tmp_path: Path
) -> None:
    figures = []
    for trust_id, day in ((7, LAST), (8, date(2025, 7, 1))):
        desk = open_desk(engine, tmp_path, trust_id)
        desk.books.post(petty(date=day, documents=BARE), today=date(2025, 7, 2))
        scheme = default_scheme()
        with desk.reading() as (conn, _):
            size = peek_head(conn, trust_id).tree.size
            found = measured(conn, trust_id, scheme, Window(FIRST, LAST, LATER.now, size))
        figures.append({(one.indicator, one.rule): one.found for one in found})
    inside, outside = figures
    assert {key for key in inside if inside[key] != outside[key]} == {("S7", "bare")}
    lost = [score(scheme, one).service.indicators[6].rules for one in (inside, outside)]
    assert [rule.lost - other.lost for rule, other in zip(*lost, strict=True)] == [0, 0, 2_00, 0]

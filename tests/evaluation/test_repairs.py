"""Repairs in the evaluation (S6): too late a response and too late a repair make one overdue order, told the same again."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from ledger.evaluation.measures import Window, measure
from ledger.evaluation.scheme import Scheme
from ledger.evaluation.score import Found
from ledger.inquiries import accept, answer, escalate_due, withdraw
from ledger.journal.head import peek_head
from ledger.trust import record_setting
from tests.evaluation.rounds import FIRST, LAST, Community, open_community, small_scheme
from tests.inquiries.desk import ASKER, PARTY, PREPARER, TUESDAY, Desk, at, open_desk

DAY = TUESDAY.isoformat()
AFTER = (TUESDAY + timedelta(days=4)).isoformat()
"""The first day after the three in which a repair has to be done; the third was a Friday."""


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    return open_desk(engine, tmp_path)


def repair(desk: Desk) -> int:
    return desk.ask(kind="repair", about_kind="area", about="elevator")


def found(
    desk: Desk, name: str = "repairs_slow_or_late", first: date = FIRST, last: date = LAST
) -> Found | None:
    with desk.reading() as (conn, trust_id):
        size = peek_head(conn, trust_id).tree.size
        return measure(conn, trust_id, name, Window(first, last, at(date(2026, 1, 9)).now, size))


def said(one: Found | None) -> list[tuple[str, str, str]]:
    assert one is not None
    assert all(item.count == 1 for item in one.items)
    return [(item.on.isoformat(), item.what, item.page) for item in one.items]


def test_just_in_time_too_slow_never_and_taken_back(desk: Desk) -> None:
    exact, slow, never, gone, early = (repair(desk) for _ in range(5))
    desk.do(withdraw, early, "", by=ASKER)
    desk.hour = 14
    desk.do(answer, exact, "修好", by=PREPARER)
    desk.hour = 16
    desk.do(answer, slow, "修好", by=PREPARER)
    desk.do(withdraw, gone, "自己修了", by=ASKER)
    both = found(desk)
    assert both is not None
    assert both.whole == 4, "one taken back in good time is no order at all"
    assert said(both) == [
        (DAY, f"第 {slow} 号报修响应超时（承诺 4 小时，等了 6 小时）", f"/inquiries/{slow}"),
        (
            AFTER,
            f"第 {never} 号报修响应超时（承诺 4 小时，没有人响应），也没有按期修好",
            f"/inquiries/{never}",
        ),
        (DAY, f"第 {gone} 号报修响应超时（承诺 4 小时，等了 6 小时）", f"/inquiries/{gone}"),
    ]


def test_an_order_both_too_slow_and_too_late_costs_once(desk: Desk) -> None:
    both, late = repair(desk), repair(desk)
    desk.do(accept, late, by=PREPARER)
    desk.hour = 16
    desk.do(accept, both, by=PREPARER)
    desk.today += timedelta(days=9)
    for no in (both, late):
        desk.do(answer, no, "修好", by=PREPARER)
    assert said(found(desk)) == [
        (
            AFTER,
            f"第 {both} 号报修响应超时（承诺 4 小时，等了 6 小时），也没有按期修好",
            f"/inquiries/{both}",
        ),
        (AFTER, f"第 {late} 号报修超时", f"/inquiries/{late}"),
    ]


def test_a_slow_response_at_the_end_of_a_quarter_costs_in_one_quarter_only(desk: Desk) -> None:
    desk.today = date(2025, 6, 29)
    no = repair(desk)
    desk.hour = 16
    desk.do(answer, no, "修好", by=PREPARER)
    assert found(desk) is None, "the days to repair it end in July"
    third = found(desk, first=date(2025, 7, 1), last=date(2025, 9, 30))
    assert [day for day, *_ in said(third)] == ["2025-07-01"]


@pytest.mark.parametrize("looked", [False, True])
def test_a_slow_response_is_late_whenever_the_system_looked(desk: Desk, looked: bool) -> None:
    no = repair(desk)
    with desk.writing() as (conn, trust_id, _):
        assert escalate_due(conn, trust_id, at(TUESDAY, 14, 5 if looked else 0)) == ([no] if looked else [])
        accept(conn, trust_id, no, PARTY if looked else PREPARER, at(TUESDAY, 14, 20))
        answer(conn, trust_id, no, "换了皮带", PREPARER, at(TUESDAY, 16))
    raised = found(desk, "inquiries_raised_or_late")
    assert said(raised) == [(DAY, f"第 {no} 号报修升级或超时", f"/inquiries/{no}")]


def test_no_repairs_are_no_figure_and_prompt_ones_cost_nothing(desk: Desk) -> None:
    assert found(desk) is None
    desk.do(answer, repair(desk), "修好", by=PREPARER)
    assert found(desk) == Found((), 1)


def test_the_older_measure_counts_as_it_always_did(desk: Desk) -> None:
    slow, gone = repair(desk), repair(desk)
    desk.hour = 16
    desk.do(answer, slow, "修好", by=PREPARER)
    desk.do(withdraw, gone, "", by=ASKER)
    assert found(desk, "repairs_late") == Found((), 1)


# --- In a round ----------------------------------------------------------------------------------------------


def before(scheme: Scheme) -> Scheme:
    """The scheme as it was when S6 knew nothing of hours."""
    old = [
        msgspec.structs.replace(
            one, rules=(msgspec.structs.replace(one.rules[0], measure="repairs_late"), *one.rules[1:])
        )
        if one.code == "S6"
        else one
        for one in scheme.service
    ]
    return msgspec.structs.replace(scheme, service=tuple(old))


def overdue(c: Community) -> tuple[int, list[str]]:
    """What the rule costs, in 0.01 points, and the pages of the repairs."""
    rule = next(
        rule
        for one in c.state().scores.service.indicators
        for rule in one.rules
        if (one.indicator.code, rule.rule.code) == ("S6", "overdue")
    )
    return rule.lost, [item.page for item in rule.found.items]


def lived(c: Community) -> int:
    """One slow repair of four; the round of that quarter has its figures."""
    c.desk.today = TUESDAY
    c.desk.hour = 10
    nos = [repair(c.desk) for _ in range(4)]
    for no in nos[1:]:
        c.desk.do(answer, no, "修好", by=PREPARER)
    c.desk.hour = 15
    c.desk.do(answer, nos[0], "修好", by=PREPARER)
    c.open()
    c.figures()
    return nos[0]


def test_each_lost_point_leads_to_its_repair_and_is_found_again(engine: Engine, tmp_path: Path) -> None:
    c = open_community(engine, tmp_path)
    slow = lived(c)
    assert overdue(c) == (12_00, [f"/inquiries/{slow}"]), "25 per cent at 0.5, not more than the weight"
    with c.desk.writing() as (conn, trust_id, act):
        record_setting(
            conn,
            trust_id,
            "inquiry_repair_hours",
            48,
            effective_on=TUESDAY,
            authority="业主大会决定",
            act=act,
        )
    assert c.verified() == (), "a rule recorded since changes nothing"


def test_a_round_of_an_older_scheme_keeps_what_it_measured(engine: Engine, tmp_path: Path) -> None:
    c = open_community(engine, tmp_path)
    c.own_scheme(before(small_scheme()), days=20)
    lived(c)
    assert overdue(c) == (0, [])
    assert c.findings() == []

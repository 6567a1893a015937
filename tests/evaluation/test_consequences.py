"""Nothing follows from a result unless the deed says so; then exactly that."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.evaluation import appeals
from ledger.evaluation.consequences import consequences_of, pay_percent_on, settle
from ledger.evaluation.value import Correction, Line
from ledger.journal import amend, post, reverse
from ledger.payments.remuneration import remuneration_sheet
from ledger.trust.setup import load_setup
from ledger.trust.tenure import Tenure, record_tenure
from tests.evaluation.rounds import EVIDENCE, HOMES, Community, open_community
from tests.inquiries.desk import COMMITTEE, PARTY
from tests.ledger.books import TRUSTEE, cash, draft, line

CLAUSE = {"text": "酬金每月一万元", "basis": "fixed", "monthly": 10_000_00}
DEED = {"evaluation_pay": True, "evaluation_rectify_days": 30, "evaluation_renewal": True}
BAD = tuple(
    Line(indicator, rule, date(2025, 5, 3), f"{rule} 问题", 40, document=EVIDENCE)
    for indicator, rule in (
        ("S1", "absent"),
        ("S2", "hazard"),
        ("S3", "rubbish"),
        ("S4", "plan"),
        ("S5", "lift"),
    )
)


def sheet_of(community: Community, period: int, on: date | None = None) -> tuple[int | None, int]:
    with community.desk.reading() as (conn, trust_id):
        found = remuneration_sheet(conn, load_setup(conn, trust_id), period, on=on)
    return found.amount, found.percent


def accrued(community: Community, amount: int, **changes: object) -> str:
    """The accrual of June, as of the community's day."""
    lines = [line("D", "5014", amount), line("C", "2242", amount, party="TRUSTEE")]
    june = draft("E15a", lines, "remuneration_sheet", date=date(2025, 6, 30), **changes)
    with community.desk.writing() as (conn, trust_id, act):
        return post(conn, trust_id, june, act).ref


def paid(community: Community, amount: int) -> None:
    lines = [line("D", "2242", amount, party="TRUSTEE"), cash("C", amount)]
    out = draft("E15b", lines, "payment_order", date=community.desk.today)
    with community.desk.writing() as (conn, trust_id, act):
        post(conn, trust_id, out, act)


def test_without_a_word_in_the_deed_a_bad_grade_has_no_consequence(engine: Engine, tmp_path: Path) -> None:
    community = open_community(engine, tmp_path, remuneration_clause=CLAUSE)
    result = community.whole(*BAD)
    assert result.value["halves"]["service"]["grade"] == "D"
    with community.desk.reading() as (conn, trust_id):
        assert consequences_of(conn, trust_id) == []
        assert pay_percent_on(conn, trust_id, community.desk.today) is None
    assert sheet_of(community, 202507) == (10_000_00, 100)


def test_where_the_deed_says_so_pay_mending_and_renewal_follow(engine: Engine, tmp_path: Path) -> None:
    community = open_community(engine, tmp_path, remuneration_clause=CLAUSE, **DEED)
    community.whole(*BAD)
    with community.desk.reading() as (conn, trust_id):
        found = {one.kind: one for one in consequences_of(conn, trust_id)}
    assert set(found) == {"pay", "rectify", "renewal"}
    assert found["rectify"].due_on == community.desk.today + timedelta(days=30)
    assert found["rectify"].late_days(community.desk.today + timedelta(days=33)) == 3
    assert found["renewal"].due_on is None, "there is no tenure on record whose end could be counted from"
    assert found["pay"].percent == 70
    assert sheet_of(community, 202506) == (10_000_00, 100), "June ended before the result was published"
    assert sheet_of(community, 202506, community.desk.today) == (7_000_00, 70), "but is reckoned after it"
    assert sheet_of(community, 202507) == (7_000_00, 70)


def test_what_was_accrued_before_the_result_is_paid_by_the_result(engine: Engine, tmp_path: Path) -> None:
    community = open_community(engine, tmp_path, remuneration_clause=CLAUSE, **DEED)
    community.open()
    community.figures()
    early = accrued(community, 10_000_00)
    community.sheets(*BAD)
    community.survey(dict.fromkeys(HOMES[:6], "yes"))
    paid(community, 1_000_00)
    community.preview()
    community.finalise()
    with pytest.raises(Refused) as refused:
        paid(community, 9_000_00)
    assert refused.value.codes == {"gate_as_evaluated"}
    assert f"第 1 轮评价已经发布，酬金按 70% 支付；凭证 {early}" in str(refused.value.problems[0])
    with community.desk.writing() as (conn, trust_id, act):
        names = {"preparer": "会计甲", "reviewer": "审核乙", "key": "again", "reason": "按评价重算"}
        reverse(conn, trust_id, early, on=community.desk.today, act=act, **names)
    accrued(community, 7_000_00)
    paid(community, 6_000_00)


def test_an_accrual_may_also_be_amended_to_what_the_result_says(engine: Engine, tmp_path: Path) -> None:
    community = open_community(engine, tmp_path, remuneration_clause=CLAUSE, **DEED)
    community.open()
    community.figures()
    early = accrued(community, 10_000_00)
    community.sheets(*BAD)
    community.survey(dict.fromkeys(HOMES[:6], "yes"))
    community.preview()
    community.finalise()
    lines = [line("D", "5014", 7_000_00), line("C", "2242", 7_000_00, party="TRUSTEE")]
    right = draft("E15a", lines, "remuneration_sheet", date=community.desk.today)
    with community.desk.writing() as (conn, trust_id, act):
        amend(conn, trust_id, early, right, act)
    paid(community, 7_000_00)


def test_accruals_that_are_paid_or_agree_with_the_result_hinder_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    community = open_community(engine, tmp_path, remuneration_clause=CLAUSE, **DEED)
    community.open()
    community.figures()
    accrued(community, 10_000_00)
    paid(community, 10_000_00)
    community.sheets(*BAD)
    community.survey(dict.fromkeys(HOMES[:6], "yes"))
    community.preview()
    community.finalise()
    accrued(community, 7_000_00)
    paid(community, 7_000_00)


def test_renewal_is_due_in_time_for_the_notice_before_the_term_ends(engine: Engine, tmp_path: Path) -> None:
    community = open_community(engine, tmp_path, **DEED)
    ends_on = date(2026, 3, 31)
    with community.desk.writing() as (conn, trust_id, act):
        term = Tenure("锦安物业服务有限公司", date(2024, 1, 1), ends_on, "物业服务合同", 60, TRUSTEE)
        record_tenure(conn, trust_id, term, act)
    community.whole(*BAD)
    with community.desk.reading() as (conn, trust_id):
        found = {one.kind: one for one in consequences_of(conn, trust_id)}
    assert found["renewal"].due_on == ends_on - timedelta(days=90)
    assert "九百四十七" in found["renewal"].basis


def test_a_correction_takes_its_consequences_back(engine: Engine, tmp_path: Path) -> None:
    community = open_community(engine, tmp_path, remuneration_clause=CLAUSE, **DEED)
    community.whole(*BAD)
    refs = {
        item.ref: 0
        for found in community.state().findings().values()
        if found
        for item in found.items
        if (item.ref and item.by == "committee") or item.page == "/entries"
    }
    community.do(appeals.correct, Correction("评分表录错小区", EVIDENCE, refs), by=PARTY, unrelated=True)
    with community.desk.reading() as (conn, trust_id):
        assert "rectify" not in {one.kind for one in consequences_of(conn, trust_id)}
    amount, percent = sheet_of(community, 202507)
    assert percent > 70
    assert amount == 100_00 * percent


def test_a_task_is_done_with_words_and_may_be_opened_again(engine: Engine, tmp_path: Path) -> None:
    community = open_community(engine, tmp_path, **DEED)
    community.whole(*BAD, choices=dict.fromkeys(HOMES[:5], "bad"))
    with pytest.raises(Refused, match="请填写办理情况"):
        community.do(settle, "rectify", "", "", by=COMMITTEE)
    community.do(settle, "rectify", "五项已全部整改", EVIDENCE, by=COMMITTEE)
    with community.desk.reading() as (conn, trust_id):
        found = {one.kind: one.state for one in consequences_of(conn, trust_id)}
    assert found == {"pay": "open", "rectify": "done", "renewal": "open"}
    community.do(settle, "rectify", "复查发现又有堵塞", "", by=COMMITTEE, done=False)
    with community.desk.reading() as (conn, trust_id):
        assert {one.kind: one.state for one in consequences_of(conn, trust_id)}["rectify"] == "open"


def test_the_bands_of_pay_are_read_off_the_scheme() -> None:
    from ledger.evaluation.consequences import pay_percent
    from ledger.evaluation.scheme import default_scheme
    from ledger.evaluation.score import HalfScore

    def percent(points: int, possible: int = 100_00) -> int | None:
        return pay_percent(default_scheme(), HalfScore("service", points, possible, "", (), ()))

    shown = [percent(points) for points in (95_00, 94_99, 85_00, 75_00, 74_99, 60_00, 59_99, 0)]
    assert shown == [100, 98, 98, 95, 90, 80, 70, 70]
    assert percent(90_00, 90_00) == 100, "of what was rated"
    assert percent(0, 59_99) is None
    assert msgspec.structs.replace(default_scheme(), pay=()).pay == ()

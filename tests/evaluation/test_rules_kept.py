"""Whoever would like another result finds no way round the rules."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy import Engine, text

from ledger.errors import Refused
from ledger.evaluation import appeals, course, survey
from ledger.evaluation.checks import scheme_problems
from ledger.evaluation.consequences import consequences_of, pay_percent_on, settle
from ledger.evaluation.scheme import Rule, default_scheme
from ledger.evaluation.value import Appeal, Correction, Line, Ruling, Sheet, VetoFinding
from ledger.journal import Document, amend
from ledger.payments.remuneration import remuneration_sheet, remuneration_work
from ledger.registers import Equipment, Paper, keep_row
from ledger.trust.setup import load_setup
from ledger.work import prepare, review
from tests.evaluation.rounds import EVIDENCE, HOMES, OTHER_PARTY, Community, open_community
from tests.evaluation.test_consequences import BAD, CLAUSE, DEED, accrued, paid
from tests.inquiries.desk import COMMITTEE, PARTY, PREPARER, REVIEWER, SUPERVISOR
from tests.ledger.books import draft, line
from tests.registers.town import keep
from tests.work.people import ACCOUNTANT, CHECKER


@pytest.fixture
def c(engine: Engine, tmp_path) -> Community:
    return open_community(engine, tmp_path, remuneration_clause=CLAUSE, **DEED)


def _to_preview(c: Community) -> None:
    c.open()
    c.figures()
    c.sheets(*BAD)
    c.survey(dict.fromkeys(HOMES[:6], "yes"))
    c.preview()


def test_remuneration_prepared_before_the_result_is_not_paid_after_it(c: Community) -> None:
    _to_preview(c)
    with c.desk.writing() as (conn, t, act):
        setup = load_setup(conn, t)
        sheet = remuneration_sheet(conn, setup, 202506, on=act.today)
        papers = (Document("remuneration_sheet", "酬金计算表"),)
        work = remuneration_work(
            conn, setup, sheet, amount=sheet.amount or 0, party="TRUSTEE", fund="F1",
            on=date(2025, 6, 30), documents=papers, act=act,
        )  # fmt: skip
        no = prepare(conn, t, work, ACCOUNTANT, act).no
    c.finalise()
    with c.desk.writing() as (conn, t, act):
        review(conn, t, no, CHECKER, act)
    with pytest.raises(Refused, match="70%"):
        paid(c, 10_000_00)


def _amended_to(c: Community, amount: int) -> None:
    c.open()
    c.figures()
    early = accrued(c, 10_000_00)
    c.sheets(*BAD)
    c.survey(dict.fromkeys(HOMES[:6], "yes"))
    c.preview()
    c.finalise()
    lines = [line("D", "5014", amount), line("C", "2242", amount, party="TRUSTEE")]
    with c.desk.writing() as (conn, t, act):
        amend(conn, t, early, draft("E15a", lines, "remuneration_sheet", date=c.desk.today), act)


def test_an_amendment_to_another_sum_does_not_do(c: Community) -> None:
    _amended_to(c, 9_999_99)
    with pytest.raises(Refused, match="70%"):
        paid(c, 9_999_99)


def test_an_amendment_to_the_share_asked_for_does(c: Community) -> None:
    _amended_to(c, 7_000_00)
    paid(c, 7_000_00)


@pytest.mark.parametrize(("code", "how"), [("S8", "percent"), ("S6", "shortfall")])
def test_a_share_is_judged_the_right_way_round(code: str, how: str) -> None:
    kept = default_scheme()
    changed = tuple(
        msgspec.structs.replace(
            one, rules=(msgspec.structs.replace(one.rules[0], how=how, each=1_00), *one.rules[1:])
        )
        if one.code == code
        else one
        for one in kept.service
    )
    problems = scheme_problems(msgspec.structs.replace(kept, service=changed))
    assert {one.code for one in problems} == {"bad_how"}


def test_satisfaction_is_not_told_of_so_few_that_they_are_known() -> None:
    kept = default_scheme()
    few = Rule("sat", "满意", how="shortfall", measure="inquiries_satisfied", args={"least": 4})
    changed = tuple(
        msgspec.structs.replace(one, rules=(few,)) if one.code == "S6" else one for one in kept.service
    )
    problems = scheme_problems(msgspec.structs.replace(kept, service=changed))
    assert [one.message for one in problems] == ["评价至少 5 份才计，才看不出是谁评的"]


@pytest.mark.parametrize(("day", "period"), [(date(2025, 9, 1), 202533), (date(2025, 9, 30), 202535)])
def test_neither_an_older_span_nor_one_unrated_lifts_the_share(c: Community, day: date, period: int) -> None:
    c.whole(*BAD)
    c.open(day, period)
    c.figures(day + timedelta(days=3))
    c.do(survey.open_survey, c.desk.today + timedelta(days=5), by=PARTY)
    c.desk.today += timedelta(days=16)
    c.preview()
    c.finalise()
    with c.desk.reading() as (conn, t):
        rate = pay_percent_on(conn, t, c.desk.today)
        (kept,) = [one for one in consequences_of(conn, t, c.no) if one.kind == "pay"]
    assert rate is not None
    assert rate.percent == 70
    assert kept.basis == "本期评分不足，沿用上一次的比例"
    assert c.verified() == ()


def test_a_correction_neither_undoes_nor_puts_off_what_is_to_be_mended(c: Community) -> None:
    c.whole(*BAD)
    item = next(i for f in c.state().findings().values() if f for i in f.items if i.ref)
    with c.desk.reading() as (conn, t):
        due_on = {one.kind: one.due_on for one in consequences_of(conn, t)}["rectify"]
    c.do(settle, "rectify", "已整改", EVIDENCE, by=COMMITTEE)
    c.desk.today += timedelta(days=60)
    with pytest.raises(Refused, match="请写明更正哪一条"):
        c.do(appeals.correct, Correction("更正", EVIDENCE, {item.ref: item.count}), by=PARTY, unrelated=True)
    more = Correction("更正", EVIDENCE, {item.ref: item.count + 1})
    c.do(appeals.correct, more, by=PARTY, unrelated=True)
    with c.desk.reading() as (conn, t):
        now = next(one for one in consequences_of(conn, t) if one.kind == "rectify")
    assert (now.version, now.due_on, now.state) == (2, due_on, "done")
    assert c.verified() == ()


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE evaluation_consequence SET percent = 100 WHERE kind = 'pay'",
        "DELETE FROM evaluation_consequence WHERE kind = 'pay'",
        "DELETE FROM evaluation_consequence WHERE kind = 'rectify'",
        "UPDATE evaluation_consequence SET version = 2 WHERE kind = 'renewal'",
    ],
)
def test_a_changed_consequence_is_found(c: Community, engine: Engine, change: str) -> None:
    c.whole(*BAD)
    assert c.verified() == ()
    with engine.begin() as conn:
        for name in ("no_update", "no_delete"):
            conn.execute(text(f"DROP TRIGGER evaluation_consequence_{name}"))
        conn.execute(text(change))
    assert {one.code for one in c.verified()} == {"evaluation.consequence"}


def test_scorers_have_the_days_they_were_given(c: Community) -> None:
    c.open()
    c.figures()
    c.do(survey.open_survey, c.desk.today + timedelta(days=3), by=PARTY)
    c.desk.today += timedelta(days=4)
    with pytest.raises(Refused, match="评分期到 2025-07-20 为止"):
        c.preview()
    assert c.state().due_on == date(2025, 7, 20)
    c.desk.today = date(2025, 7, 21)
    assert c.preview().stage == "preview"


def test_a_veto_of_somebody_recused_does_not_stand(c: Community) -> None:
    c.open()
    c.figures()
    veto = VetoFinding("V3", date(2025, 5, 3), "责任事故一起", EVIDENCE)
    c.do(course.find_veto, veto, by=SUPERVISOR, unrelated=True)
    c.do(course.recuse, SUPERVISOR.person, "其弟在受托人任职", by=SUPERVISOR)
    assert c.state().vetoes() == []


def test_ties_found_out_in_the_preview_still_count(c: Community) -> None:
    _to_preview(c)
    item = next(one for one in c.state().findings()["S1", "absent"].items)
    no = c.do(appeals.appeal, Appeal(item.ref, "当天有人顶班", ""), by=REVIEWER)
    c.do(appeals.rule, Ruling(no, 0, "属实"), by=OTHER_PARTY, unrelated=True)
    c.do(course.recuse, OTHER_PARTY.person, "其弟在受托人任职", by=SUPERVISOR)
    assert c.state().item(item.ref).count == 40
    c.desk.today += timedelta(days=8)
    with pytest.raises(Refused, match="还有 1 件申诉没有裁定"):
        c.do(appeals.finalise, by=PARTY)
    c.do(appeals.rule, Ruling(no, 39, "只有一次属实"), by=SUPERVISOR, unrelated=True)
    c.do(appeals.finalise, by=PARTY)
    assert [one["ruling"]["count"] for one in c.result().value["appeals"]] == [39]


def test_a_ruling_does_not_make_a_share_of_more_than_can_be_counted(c: Community) -> None:
    c.open()
    c.figures()
    c.sheets()
    c.survey({})
    (item,) = c.preview().findings()["P7", "plan"].items
    no = c.do(appeals.appeal, Appeal(item.ref, "少算了", ""), by=REVIEWER)
    with pytest.raises(Refused, match="应在 0 与 10000 之间"):
        c.do(appeals.rule, Ruling(no, 1_000_000_000, "属实"), by=OTHER_PARTY, unrelated=True)


def test_what_waited_for_the_lock_changes_no_figure(c: Community) -> None:
    keep(c.desk, Equipment("lift", "1号电梯"), date(2025, 4, 1))
    c.open()
    c.figures()
    with c.desk.writing() as (conn, t, act):
        earlier = type(act)(act.now - timedelta(seconds=30), act.entropy)
        keep_row(conn, t, Paper(1, "check", "1", date(2026, 3, 31)), date(2025, 4, 1), PREPARER, earlier)
    assert c.findings() == []


@pytest.mark.parametrize(
    "page", ["/../../logout", "//example.org/x", "/conference/..", "/%2e%2e/x", "/\\example.org", "/a b"]
)
def test_evidence_does_not_lead_out_of_the_community(c: Community, page: str) -> None:
    c.open()
    c.figures()
    mine = Line("S2", "hazard", date(2025, 5, 3), "通道堵塞", 1, page=page)
    with pytest.raises(Refused, match="证据的网页应是"):
        c.do(course.submit_sheet, Sheet("committee", ("S2",), (mine,)), by=COMMITTEE, unrelated=True)

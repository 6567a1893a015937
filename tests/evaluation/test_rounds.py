"""A round from the trustee's own assessment to the final record, and what nobody can do on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, update

from ledger.errors import Refused
from ledger.evaluation import appeals, course, survey
from ledger.evaluation.value import Appeal, Correction, Line, Ruling, SelfAssessment, Sheet, VetoFinding
from ledger.people import Actor, Forbidden, Role
from ledger.store.tables import evaluation_now, inspection, inspection_point, statement
from tests.evaluation.rounds import (
    EVIDENCE,
    HOMES,
    LAST,
    OTHER_PARTY,
    QUARTER,
    Community,
    owner,
    points_of,
    small_scheme,
)
from tests.inquiries.desk import COMMITTEE, PARTY, PREPARER, REVIEWER, STREETS, SUPERVISOR
from tests.registers.town import ROUND, go_round, keep

PATROL = Line("S2", "patrol", date(2025, 5, 3), "5月3日夜间漏巡", 3, document=EVIDENCE)
PAPERS = Line("P9", "missing", date(2025, 6, 1), "缺联席会议制度台账", 1, document=EVIDENCE)


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return refused.value.codes


def refused(code: str, command: Callable[[], Any]) -> None:
    with pytest.raises(Refused) as caught:
        command()
    assert code in codes(caught)


def test_a_round_goes_from_self_assessment_to_the_final_record_in_the_log(community: Community) -> None:
    result = community.whole(PATROL, PAPERS)
    value = result.value
    assert (points_of(result, "S2"), points_of(result, "P9"), points_of(result, "S8")) == (13_50, 4_00, 8_00)
    assert points_of(result, "P7") == 8_00, "eight of ten planned"
    assert value["self"]["points"] == {"S1": 9_50}
    assert set(value["halves"]) == {"service", "party"}
    assert "points" not in value, "the two are never merged"
    leaf = community.desk.leaves("mingzhang.evaluation.v1")[0]["value"]
    assert leaf["sha256"] == result.sha256
    assert leaf["service"]["points"] == value["halves"]["service"]["points"]
    assert community.verified() == ()


def test_what_nobody_could_rate_is_neither_full_marks_nor_nought(community: Community) -> None:
    result = community.whole(choices={HOMES[0]: "yes"})
    party = result.value["halves"]["party"]
    unrated = {one["code"] for one in party["indicators"] if one["points"] is None}
    assert unrated == {"P4", "P5"}, "nothing was asked and nothing discussed"
    assert party["possible"] == 75_00
    assert points_of(result, "S8") is None, "one answer is too few"
    assert result.value["survey"] == {"answers": 1, "satisfied": None, "least": 5}


def test_every_lost_point_says_when_where_and_by_whose_evidence(community: Community) -> None:
    result = community.whole(PATROL)
    for half in result.value["halves"].values():
        for indicator in half["indicators"]:
            for rule in indicator["rules"]:
                assert not rule["lost"] or rule["items"], rule
                for item in rule["items"]:
                    assert item["page"].startswith("/")
                    assert date.fromisoformat(item["on"])
                    assert item["ref"] or item["by"] == "residents"


def test_steps_cannot_be_taken_out_of_order(community: Community) -> None:
    community.open(today=date(2025, 6, 20))
    refused("span_not_over", lambda: community.do(course.take_figures, by=PARTY))
    refused("wrong_stage", lambda: community.do(appeals.preview, by=PARTY))
    refused(
        "wrong_stage",
        lambda: community.do(course.submit_sheet, Sheet("committee", ("S1",)), by=COMMITTEE, unrelated=True),
    )
    community.desk.today = date(2025, 7, 1)
    refused("not_assessed", lambda: community.do(course.take_figures, by=PARTY))
    community.desk.today = date(2025, 7, 11)
    community.do(course.take_figures, by=PARTY)
    refused(
        "wrong_stage",
        lambda: community.do(course.assess_self, SelfAssessment({}, "晚了"), by=REVIEWER),
    )
    refused("wrong_stage", lambda: community.do(appeals.finalise, by=PARTY))


def test_a_span_has_one_round_unless_it_was_given_up(community: Community) -> None:
    community.open()
    refused("round_taken", community.open)
    community.do(course.withdraw, "方案选错", by=PARTY)
    community.open()
    assert community.no == 2
    refused("not_yet", lambda: community.open(today=date(2025, 6, 30), period=202535))


def test_only_the_body_that_scores_an_indicator_scores_it(community: Community) -> None:
    community.open()
    community.figures()
    sheet = Sheet("committee", ("P1",))
    refused("not_the_scorer", lambda: community.do(course.submit_sheet, sheet, by=COMMITTEE, unrelated=True))
    with pytest.raises(Forbidden):
        community.do(course.submit_sheet, Sheet("party", ("P1",)), by=COMMITTEE, unrelated=True)
    with pytest.raises(Forbidden):
        community.do(course.submit_sheet, Sheet("committee", ("S1",)), by=PREPARER, unrelated=True)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (msgspec.structs.replace(PATROL, document="", page=""), "no_document"),
        (msgspec.structs.replace(PATROL, document="f" * 64), "unknown_document"),
        (msgspec.structs.replace(PATROL, on=date(2025, 7, 1)), "other_span"),
        (msgspec.structs.replace(PATROL, count=0), "bad_count"),
        (msgspec.structs.replace(PATROL, whole=4), "bad_whole"),
        (msgspec.structs.replace(PATROL, rule="late"), "unknown_rule"),
        (msgspec.structs.replace(PATROL, what="王某 13800138000 未巡"), "private_data"),
        (msgspec.structs.replace(PATROL, page="javascript:x"), "bad_page"),
        (msgspec.structs.replace(PATROL, indicator="S7", rule="late"), "unknown_rule"),
    ],
)
def test_what_a_sheet_must_not_say(community: Community, line: Line, code: str) -> None:
    community.open()
    community.figures()
    sheet = Sheet("committee", ("S1", "S2"), (line,))
    refused(code, lambda: community.do(course.submit_sheet, sheet, by=COMMITTEE, unrelated=True))


def test_the_same_fact_costs_points_once_only(community: Community) -> None:
    community.open()
    community.figures()
    sheet = Sheet("committee", ("S2",), (PATROL,))
    community.do(course.submit_sheet, sheet, by=COMMITTEE, unrelated=True)
    again = Sheet("party", ("S2",), (PATROL,))
    refused("said_before", lambda: community.do(course.submit_sheet, again, by=PARTY, unrelated=True))
    community.do(course.submit_sheet, sheet, by=COMMITTEE, unrelated=True)
    lost = next(one for one in community.state().scores.service.indicators if one.indicator.code == "S2").lost
    assert lost == 1_50, "a sheet sent again replaces the one before"


def test_whoever_has_ties_to_the_trustee_does_not_score(community: Community) -> None:
    community.open()
    community.figures()
    sheet = Sheet("committee", ("S2",), (PATROL,))
    with pytest.raises(Forbidden, match="请先声明"):
        community.do(course.submit_sheet, sheet, by=COMMITTEE, unrelated=False)
    community.do(course.submit_sheet, sheet, by=COMMITTEE, unrelated=True)
    with pytest.raises(Forbidden, match="只能为自己"):
        community.do(course.recuse, PARTY.person, "亲属", by=COMMITTEE)
    community.do(course.recuse, COMMITTEE.person, "配偶在受托人处任职", by=SUPERVISOR)
    with pytest.raises(Forbidden, match="已登记回避"):
        community.do(course.submit_sheet, sheet, by=COMMITTEE, unrelated=True)
    assert community.state().findings()["S2", "patrol"] is None, "what they scored does not count"
    both = Actor("p-x", "兼任（x）", frozenset({Role.COMMITTEE, Role.CASHIER}))
    with pytest.raises(Forbidden, match="受托人的人员"):
        community.do(course.submit_sheet, sheet, by=both, unrelated=True)


def test_the_street_rules_unless_it_has_ties_and_says_so_itself(community: Community) -> None:
    community.open()
    community.figures()
    veto = VetoFinding("V4", LAST, "以停水催交物业费", EVIDENCE)
    community.do(course.find_veto, veto, by=STREETS, unrelated=True)
    with pytest.raises(Forbidden, match="只能为自己"):
        community.do(course.recuse, PARTY.person, "亲属", by=STREETS)
    community.do(course.recuse, STREETS.person, "配偶在受托人处任职", by=STREETS)
    assert community.state().vetoes() == []
    with pytest.raises(Forbidden, match="已登记回避"):
        community.do(course.find_veto, veto, by=STREETS, unrelated=True)


def test_whoever_found_it_reads_who_may_rule_instead(community: Community) -> None:
    community.open()
    community.figures()
    community.sheets(PATROL)
    community.survey({})
    community.preview()
    (item,) = community.state().findings()["S2", "patrol"].items  # type: ignore[union-attr]
    no = community.do(appeals.appeal, Appeal(item.ref, "当天下了暴雨。", EVIDENCE), by=REVIEWER)
    found_by = Actor(COMMITTEE.person, COMMITTEE.signature, frozenset({Role.SUPERVISOR}))
    with pytest.raises(Forbidden, match="由社区党组织的其他人、街道或监督人裁定"):
        community.do(appeals.rule, Ruling(no, 0, "情况属实。"), by=found_by, unrelated=True)
    community.do(appeals.rule, Ruling(no, 0, "情况属实。"), by=STREETS, unrelated=True)
    assert community.state().open_appeals() == []


def test_spot_checks_of_whoever_has_ties_do_not_count_whenever_the_ties_come_out(
    community: Community,
) -> None:
    """Three people found the rubbish room dirty; one steps aside before the figures, one during the preview."""
    keep(community.desk, ROUND, date(2025, 4, 1))
    others = [Actor("p-yi", "委员乙（yi）", frozenset({Role.COMMITTEE})), PARTY, COMMITTEE]
    for day, by in enumerate(others, start=10):
        go_round(community.desk, date(2025, 5, day), 1, 2, by=by)
    community.open()
    community.do(course.recuse, "p-yi", "配偶在受托人处任职", by=SUPERVISOR)
    community.figures()

    def spots() -> list[str]:
        one = community.state().findings()["S3", "dirty_spot"]
        assert one is not None
        return [f"{item.on.day} {item.ref} {item.count}" for item in one.items]

    first, second = spots()
    assert (first[:2], second[:2]) == ("11", "12")
    community.sheets()
    community.survey(dict.fromkeys(HOMES[:6], "yes"))
    community.preview()
    community.appeal(second.split()[1], 0)
    assert spots() == [first, second[:-1] + "0"]
    community.do(course.recuse, PARTY.person, "亲属在受托人处任职", by=SUPERVISOR)
    assert spots() == [second[:-1] + "0"], "and what was ruled on keeps its name"
    hazards = community.state().findings()["S2", "hazard_kept"]
    assert hazards is not None
    assert len(hazards.items) == 3, "what is dangerous is put right whoever saw it"
    assert community.verified() == ()
    community.do(course.recuse, COMMITTEE.person, "亲属在受托人处任职", by=SUPERVISOR)
    assert community.state().findings()["S3", "dirty_spot"] is None, "nobody else looked: not rated"
    community.finalise()
    assert community.verified() == ()
    entered = datetime(2025, 5, 20, tzinfo=UTC)
    with community.desk.writing() as (conn, trust_id, _):
        values = {
            "trust_id": trust_id,
            "no": 99,
            "checklist": 1,
            "version": 1,
            "title": "每日巡查",
            "key": "later",
        }
        values |= {
            "body": "party",
            "held_on": entered.date(),
            "person": PARTY.person,
            "signature": PARTY.signature,
        }
        conn.execute(insert(inspection).values(**values, recorded_at=entered))
        seen = {"trust_id": trust_id, "no": 99, "place": 1, "area": "rubbish", "what": "垃圾房", "ok": True}
        conn.execute(insert(inspection_point).values(**seen, words="", original="", redacted="", fix_by=None))
    messages = [finding.message for finding in community.findings() if finding.code == "evaluation.figures"]
    assert [message for message in messages if "回避以后的取数" in message], "an inspection slipped in later"


def test_an_appeal_upheld_gives_back_exactly_what_the_item_cost(community: Community) -> None:
    community.open()
    community.figures()
    community.sheets(PATROL, PAPERS)
    community.survey(dict.fromkeys(HOMES[:6], "yes"))
    before = community.preview().scores
    ref = community.state().findings()["S2", "patrol"].items[0].ref  # type: ignore[union-attr]
    community.appeal(ref, 1)
    result = community.finalise()
    assert result.value["halves"]["service"]["points"] == before.service.points + 1_00
    assert result.value["halves"]["party"]["points"] == before.party.points
    rules = result.value["halves"]["service"]["indicators"][1]["rules"]
    assert [(item["count"], item["struck"]) for item in rules[0]["items"]] == [(1, 2)]
    assert result.value["appeals"][0]["ruling"]["reason"] == "情况属实。"
    assert community.verified() == ()


def test_appeals_have_their_days_and_their_judge(community: Community) -> None:
    community.open()
    community.figures()
    community.sheets(PAPERS)
    community.survey({})
    community.preview()
    ref = community.state().findings()["P9", "missing"].items[0].ref  # type: ignore[union-attr]
    refused("unknown_item", lambda: community.do(appeals.appeal, Appeal("99.1", "不服", ""), by=REVIEWER))
    no = community.do(appeals.appeal, Appeal(ref, "已补齐", ""), by=REVIEWER)
    with pytest.raises(Forbidden, match="您登记的"):
        community.do(appeals.rule, Ruling(no, 0, "同意"), by=PARTY, unrelated=True)
    refused(
        "bad_count",
        lambda: community.do(appeals.rule, Ruling(no, 2, "加重"), by=OTHER_PARTY, unrelated=True),
    )
    refused("appeal_open", lambda: community.do(appeals.finalise, by=PARTY))
    community.desk.today += timedelta(days=8)
    refused("too_late", lambda: community.do(appeals.appeal, Appeal(ref, "再诉", ""), by=REVIEWER))
    refused("appeals_waiting", lambda: community.do(appeals.finalise, by=PARTY))
    community.do(appeals.rule, Ruling(no, 0, "同意"), by=OTHER_PARTY, unrelated=True)
    community.do(appeals.reply, "感谢监督，已经整改。", by=REVIEWER)
    community.do(appeals.finalise, by=PARTY)
    assert community.result().value["reply"] == "感谢监督，已经整改。"


def test_a_veto_gives_the_lowest_grade_until_a_ruling_strikes_it(community: Community) -> None:
    community.open()
    community.figures()
    community.sheets()
    veto = VetoFinding("V4", date(2025, 5, 1), "停水催费，住建部门查实", EVIDENCE)
    refused(
        "no_document",
        lambda: community.do(
            course.find_veto, msgspec.structs.replace(veto, document=""), by=PARTY, unrelated=True
        ),
    )
    community.do(course.find_veto, veto, by=PARTY, unrelated=True)
    community.survey(dict.fromkeys(HOMES[:6], "yes"))
    state = community.preview()
    assert (state.scores.service.grade, state.scores.service.vetoes) == ("D", ("V4",))
    assert state.scores.party.grade != "D"
    community.appeal(state.vetoes()[0][0], 0)
    result = community.finalise()
    assert result.value["halves"]["service"]["grade"] != "D"
    assert [veto["stands"] for veto in result.value["vetoes"]] == [False]


def test_a_final_record_is_corrected_by_another_version_only(community: Community) -> None:
    first = community.whole(PATROL)
    ref = community.state().findings()["S2", "patrol"].items[0].ref  # type: ignore[union-attr]
    refused("wrong_stage", lambda: community.do(appeals.finalise, by=PARTY))
    said = Correction("巡检记录后来找到", EVIDENCE, {ref: 0})
    refused(
        "no_document",
        lambda: community.do(
            appeals.correct, msgspec.structs.replace(said, document=""), by=PARTY, unrelated=True
        ),
    )
    community.do(appeals.correct, said, by=PARTY, unrelated=True)
    second = community.result()
    assert (first.version, second.version) == (1, 2)
    assert points_of(second, "S2") == 15_00
    assert second.value["correction"] == "巡检记录后来找到"
    assert community.result(1).value == first.value, "the first stands as it was"
    assert community.verified() == ()


def test_a_home_answers_once_and_for_itself(community: Community) -> None:
    community.open()
    community.figures()
    community.do(survey.open_survey, community.desk.today + timedelta(days=5), by=PARTY)
    receipt = community.do(survey.answer, HOMES[0], "yes", by=owner(HOMES[0]))
    refused("answered", lambda: community.do(survey.answer, HOMES[0], "no", by=owner(HOMES[0])))
    with pytest.raises(Forbidden):
        community.do(survey.answer, HOMES[1], "yes", by=owner(HOMES[0]))
    leaf = community.desk.leaves("mingzhang.evaluation_answer.v1")[0]["value"]
    assert leaf == {"round": 1, "answer": 1, "commitment": receipt.commitment}
    refused("survey_open", lambda: community.do(appeals.preview, by=PARTY))
    community.desk.today += timedelta(days=6)
    refused("survey_closed", lambda: community.do(survey.answer, HOMES[1], "no", by=owner(HOMES[1])))
    assert community.verified() == ()


def test_rounds_keep_the_version_of_the_scheme_they_were_opened_with(community: Community) -> None:
    first = community.whole(PATROL)
    stricter = small_scheme()
    s2 = stricter.service[1]
    rules = (msgspec.structs.replace(s2.rules[0], each=2_00), *s2.rules[1:])
    changed = msgspec.structs.replace(s2, rules=rules)
    scheme = msgspec.structs.replace(stricter, service=(stricter.service[0], changed, *stricter.service[2:]))
    community.own_scheme(scheme, effective_on=date(2025, 9, 1))
    community.open(today=date(2025, 9, 2), period=202509)
    assert community.state().version == 2
    assert community.state().scheme.indicator("S2").rules[0].each == 2_00  # type: ignore[union-attr]
    community.no = 1
    assert community.state().scheme.indicator("S2").rules[0].each == 50  # type: ignore[union-attr]
    assert community.result().value == first.value
    assert community.findings() == []


def test_a_scheme_does_not_reach_back(community: Community) -> None:
    refused("too_early", lambda: community.own_scheme(small_scheme(), days=0))


def test_verification_finds_a_figure_that_was_changed(community: Community) -> None:
    community.whole(PATROL)
    assert community.findings() == []
    with community.desk.writing() as (conn, trust_id, _):
        conn.execute(
            update(evaluation_now).where(evaluation_now.c.trust_id == trust_id).values(service_points=100_00)
        )
    assert [finding.code for finding in community.findings()] == ["evaluation.state"]


def test_verification_finds_books_that_no_longer_give_the_figures(community: Community) -> None:
    community.whole()
    with community.desk.writing() as (conn, trust_id, _):
        back_dated = datetime(2025, 5, 2, tzinfo=UTC)
        row = {"period": 202504, "version": 1, "size": 1, "value": b"{}", "published_at": back_dated}
        conn.execute(insert(statement).values(trust_id=trust_id, **row))
    found = community.findings()
    assert {finding.code for finding in found} == {"evaluation.figures"}
    assert any("S7" in finding.message for finding in found)


def test_a_round_over_a_quarter_says_when_each_stage_is_due(community: Community) -> None:
    community.open()
    assert community.state().due_on == LAST + timedelta(days=10)
    community.figures(today=date(2025, 7, 5))
    assert community.state().due_on == date(2025, 7, 20)
    assert community.state().title == "2025年第二季度"
    assert community.state().period == QUARTER

"""The evaluation in the office and at home: a whole round through forms by six people, and what nobody can do."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from random import Random

import pytest

from disclosure.signing import Keys, sign_pending
from ledger.log.keys import create_key
from ledger.people import Role
from ledger.people.audit import AuditFilter, read_audit
from ledger.people.members import grant
from ledger.store.engine import reading, writing
from ledger.trust import record_setting
from tests.evaluation.rounds import FIRST, HOMES, points_of
from tests.ledger.books import OPENED, TRUSTEE, act
from tests.office.conftest import OfficeSite
from tests.office.evaluations import NOTHING, Desk, photo, settle_desk
from tests.office.votes import said

pytestmark = pytest.mark.db("sqlite")
PATROL = {"rule_1": "patrol", "on_1": "2025-05-03", "what_1": "夜间漏巡", "count_1": "3"}


@pytest.fixture
def desk(office: OfficeSite) -> Desk:
    return settle_desk(office)


def test_it_has_one_name_wherever_people_read_it() -> None:
    root = Path(__file__).parents[2]
    pages = [*root.glob("templates/**/*.html"), *root.glob("disclosure/**/*.py")]
    assert len(pages) > 100
    assert not [page for page in pages if "双百分制评价" in page.read_text(encoding="utf-8")]


def test_a_whole_round_through_forms_by_six_people(desk: Desk) -> None:
    office = desk.office
    page = desk.done(office.path("/evaluations"), "party", span="2025-Q2", scope="")
    assert "2025年第二季度的评价（第 1 轮）已开始" in page
    assert "评价待自评" in desk.see(office.path(), "reviewer")
    desk.to(date(2025, 7, 5))
    points = {"points_S1": "9.5", "points_P9": "5"}
    assert "自评已提交" in desk.done(f"{desk.here}/self", "reviewer", text="按合同履约。", **points)
    assert "评价可以取数" in desk.see(office.path(), "party")
    assert "系统已取数" in desk.done(f"{desk.here}/figures", "party")

    assert re.search(r"评价待评分 5 项指标", desk.see(office.path(), "committee"))
    files = {"file_1": ("patrol.jpg", photo(), "image/jpeg")}
    page = desk.done(f"{desk.here}/sheets/committee/S2", "committee", files, unrelated="1", **PATROL)
    assert "业主委员会：S2 秩序维护与安全，1 条记录" in page
    assert "项：S1 合同履约与基础管理、S3 环境卫生、" in desk.see(desk.here, "party")
    desk.clean("committee", "committee", "S1", "S3", "S4", "S5")
    assert "评价待评分" not in desk.see(office.path(), "committee")
    desk.clean("party", "party", "S2", "S3", "S4", "P1", "P6", "P8", "P9")
    desk.sheet("party", "P2", "party", on="2025-06-30", what="五人中三人交叉任职", count="3", whole="5")
    desk.sheet("party", "P7", "party", on="2025-06-30", what="十场办了八场", count="8", whole="10")
    desk.clean("supervisor", "supervisor", "S7")
    page = desk.done(
        f"{desk.here}/veto",
        "supervisor",
        {"veto_file": ("v.jpg", photo("black"), "image/jpeg")},
        veto="V4",
        veto_on="2025-05-20",
        veto_what="为催费停了一户的水",
        unrelated="1",
    )
    assert "已登记一票否决" in page

    assert "问卷已发出" in desk.done(f"{desk.here}/survey", "party", closes_on="2025-07-12")
    assert "2025年第二季度满意度问卷" in desk.see(f"/c/{office.slug}/mine", "resident")
    for place in range(1, 7):
        answered = desk.done(desk.mine, "resident", home=str(place), choice="yes" if place > 1 else "bad")
        assert "您的问卷回执" in answered
    page = desk.see(desk.here, "party")
    assert "已收到 6 份" in page
    assert "问卷到 2025-07-12 截止，评分到 2025-07-20 为止" in page
    assert page.count("（问卷截止前不看满意度）") == 1, (
        "no indicator of the other half is scored by residents"
    )
    assert re.search(r"未评 [\d.]+ 分（问卷截止前不看满意度）.*党建引领", page)
    desk.to(date(2025, 7, 13))
    assert "问卷已截止，待公示" in desk.see(office.path(), "party")
    assert "已公示" in desk.done(f"{desk.here}/preview", "party")

    ref = desk.state().findings()["S2", "patrol"].items[0].ref  # type: ignore[union-attr]
    assert "评价公示中，可以申诉" in desk.see(office.path(), "reviewer")
    page = desk.done(f"{desk.here}/appeal", "reviewer", NOTHING, ref=ref, appeal_reason="当天下暴雨")
    number = re.search(r"第 (\d+) 号申诉已提交", page)
    assert number is not None
    assert "评价申诉待裁定" in desk.see(office.path(), "supervisor")
    ruling = {"appeal": number[1], "count": "1", "ruling_reason": "两次属实", "unrelated": "1"}
    assert "申诉已裁定" in desk.done(f"{desk.here}/rule", "supervisor", **ruling)
    assert "公开回应已记下" in desk.done(f"{desk.here}/reply", "reviewer", reply="以后改进。")
    desk.to(date(2025, 7, 21))
    assert "评价待定稿" in desk.see(office.path(), "party")
    assert "已定稿发布，写入公开日志" in desk.done(f"{desk.here}/final", "party")

    result = desk.result()
    assert (points_of(result, "S2"), points_of(result, "P7"), points_of(result, "P4")) == (14_50, 8_00, None)
    assert points_of(result, "S8") == 6_67, "five of six homes are satisfied"
    service, party = (result.value["halves"][name] for name in ("service", "party"))
    assert (service["grade"], service["vetoes"]) == ("D", ["V4"])
    assert party["grade"] != "D"
    assert result.value["reply"] == "以后改进。"
    assert "两个得分并列" in desk.see(desk.here, "committee")
    with reading(office.engine) as conn:
        trail = read_audit(conn, office.trust_id, AuditFilter())
    done = {"open", "self", "score", "answer", "appeal", "rule", "finish"}
    assert {f"evaluation.{name}" for name in done} <= {row.action for row in trail}
    assert not {"yes", "bad"} & {word for row in trail for word in (row.subject, row.detail)}


def test_evidence_is_not_among_the_papers_of_the_trustees_people_before_the_preview(desk: Desk) -> None:
    desk.to_scoring()
    desk.sheets()
    papers, own = desk.office.path("/documents"), {"file": ("own.jpg", photo(), "image/jpeg")}
    assert "第 1 号 其他凭证 秩序维护与安全的证据" in desk.see(papers, "committee")
    more = desk.done(
        f"{papers}/new", "preparer", own, kind="other", access="internal", title="门岗照片", number=""
    )
    assert "门岗照片" in more, "the same picture, their own"
    paths = [f"{papers}/{end}" for end in ("1", "1/file", "1/page/1", "1/copy")]
    for who in ("preparer", "reviewer"):
        assert "秩序维护与安全的证据" not in desk.see(papers, who)
        assert "门岗照片" in desk.see(papers, who)
        for path in paths:
            assert desk.office.client(who).get(path).status_code == 404, path
    offered = desk.see(desk.office.path("/payments/invoice"), "preparer")
    assert ("的证据" in offered, "门岗照片" in offered) == (False, True)
    assert desk.office.client("committee").get(paths[0]).status_code == 200
    desk.answers(*["yes"] * 6)
    desk.done(f"{desk.here}/preview", "party")
    assert "秩序维护与安全的证据" in desk.see(papers, "reviewer")
    assert desk.office.client("preparer").get(paths[0]).status_code == 200


def test_a_sheet_says_all_that_is_wrong_and_keeps_what_was_typed(desk: Desk) -> None:
    desk.to_scoring()
    path = f"{desk.here}/sheets/committee/S2"
    wrong = {**PATROL, "on_1": "2025-07-03", "what_1": "王某 13800138000 没巡"}
    page = desk.refused(path, "committee", NOTHING, unrelated="1", **wrong)
    assert "日期应在 2025-04-01 与 2025-06-30 之间" in page
    assert "每一条都要有证据" in page
    assert "会公开" in page
    answer = desk.send(path, "committee", NOTHING, unrelated="1", **wrong)
    assert 'value="王某 13800138000 没巡"' in answer.text
    answer = desk.send(path, "committee", NOTHING, **PATROL)
    assert (answer.status_code, "请先声明" in answer.text) == (403, True)


def test_after_a_refusal_files_have_to_be_chosen_again_and_the_page_says_so(desk: Desk) -> None:
    again = "这次选的照片和文件要重新选一次；以前提交过的还在。"
    desk.to_scoring()
    path = f"{desk.here}/sheets/committee/S2"
    assert again not in desk.see(path, "committee")
    files = {"file_1": ("patrol.jpg", photo(), "image/jpeg")}
    assert again in desk.refused(path, "committee", files, unrelated="1", **{**PATROL, "what_1": ""})
    paper = {"veto_file": ("v.jpg", photo("black"), "image/jpeg")}
    veto = {"veto": "V4", "veto_on": "2025-05-20", "veto_what": "", "unrelated": "1"}
    assert again in desk.refused(f"{desk.here}/veto", "supervisor", paper, **veto)
    assert again not in desk.refused(f"{desk.here}/withdraw", "party", withdraw_why="")
    desk.sheets()
    desk.answers(*["yes"] * 6)
    desk.done(f"{desk.here}/preview", "party")
    ref = desk.state().findings()["S2", "patrol"].items[0].ref  # type: ignore[union-attr]
    scan = {"appeal_file": ("a.jpg", photo(), "image/jpeg")}
    assert again in desk.refused(f"{desk.here}/appeal", "reviewer", scan, ref=ref, appeal_reason="")
    desk.to_final()
    assert again in desk.refused(f"{desk.here}/correct", "party", NOTHING, reason="", unrelated="1")


def test_a_sheet_is_opened_again_with_its_evidence_and_replaced(desk: Desk) -> None:
    desk.to_scoring()
    path = f"{desk.here}/sheets/committee/S2"
    files = {"file_1": ("patrol.jpg", photo(), "image/jpeg")}
    desk.done(path, "committee", files, unrelated="1", **PATROL)
    page = desk.office.client("committee").get(path).text
    kept = re.search(r'name="kept_1" value="([0-9a-f]{64})"', page)
    assert kept is not None
    changed = {**PATROL, "count_1": "1", "kept_1": kept[1], "unrelated": "1"}
    desk.done(path, "committee", NOTHING, **changed)
    lines = desk.state().sheets()["committee", "S2"][1].lines
    assert [(line.count, line.document) for line in lines] == [(1, kept[1])]
    picture = desk.office.client("party").get(f"{desk.here}/evidence/{kept[1]}")
    assert (picture.status_code, picture.content, picture.headers["cache-control"]) == (
        200,
        photo(),
        "no-store",
    )
    assert desk.office.client("party").get(f"{desk.here}/evidence/{'0' * 64}").status_code == 404
    borrowed = {**PATROL, "kept_1": "a" * 64, "unrelated": "1"}
    assert "每一条都要有证据" in desk.refused(path, "committee", NOTHING, **borrowed)


def test_nobody_scores_for_another_body_nor_with_ties_to_the_trustee(desk: Desk) -> None:
    desk.to_scoring()
    other = desk.office.client("committee").get(f"{desk.here}/sheets/party")
    assert (other.status_code, "您不能代表社区党组织评分" in other.text) == (403, True)
    page = desk.done(
        f"{desk.here}/recuse", "committee", person=me(desk, "committee"), recuse_why="亲属在物业上班"
    )
    assert "已登记回避" in page
    assert "亲属在物业上班" in page
    assert "亲属在物业上班" not in desk.see(desk.here, "reviewer")
    refused = desk.send(f"{desk.here}/sheets/committee", "committee", indicator=["S1"], unrelated="1")
    assert (refused.status_code, "您已登记回避" in refused.text) == (403, True)
    person = me(desk, "chair")
    page = desk.refused(f"{desk.here}/recuse", "committee", person=person, recuse_why="也有关联")
    assert "请从列表里选择回避的人" in page
    desk.done(f"{desk.here}/recuse", "supervisor", person=person, recuse_why="也有关联")
    assert desk.state().recused == {me(desk, "committee"), person}


def test_the_street_which_rules_stands_aside_by_the_same_form(desk: Desk) -> None:
    desk.to_scoring()
    street = me(desk, "street")
    choices = re.compile(r'<select id="person".*?</select>')
    offered = {
        who: choices.search(desk.office.client(who).get(desk.here).text) for who in ("supervisor", "street")
    }
    assert all(found and f'value="{street}"' in found[0] for found in offered.values())
    assert offered["street"] and offered["street"][0].count("<option") == 1, "for itself only"
    assert "隐患没按期改的照算，谁查出的都一样" in desk.see(desk.here, "street")
    page = desk.done(f"{desk.here}/recuse", "street", person=street, recuse_why="亲属在物业上班")
    assert "已登记回避" in page
    assert desk.state().recused == {street}


def test_an_appeal_about_what_counts_no_more_says_how_to_rule_it(desk: Desk) -> None:
    desk.to_scoring()
    desk.sheets()
    desk.answers(*["yes"] * 6)
    desk.done(f"{desk.here}/preview", "party")
    ref = desk.state().findings()["S2", "patrol"].items[0].ref  # type: ignore[union-attr]
    desk.done(f"{desk.here}/appeal", "reviewer", NOTHING, ref=ref, appeal_reason="当天下暴雨")
    gone = "这条扣分已因登记人回避不计"
    assert gone not in desk.see(desk.here, "supervisor")
    person = me(desk, "committee")
    desk.done(f"{desk.here}/recuse", "supervisor", person=person, recuse_why="亲属在物业上班")
    page = desk.see(desk.here, "supervisor")
    assert f"{gone}，请裁定为 0" in page
    assert f"对“{gone}”：当天下暴雨" in page
    assert ref not in page
    number = str(desk.state().open_appeals()[0].no)
    ruling = {"appeal": number, "count": "0", "ruling_reason": "登记人已回避", "unrelated": "1"}
    assert "申诉已裁定" in desk.done(f"{desk.here}/rule", "supervisor", **ruling)
    public = desk.office.anyone().get(f"/c/{desk.office.slug}/evaluations/{desk.no}").text
    assert f"<strong>{gone}</strong>" in public
    assert "裁定时这条已经不计分" in public
    assert "申诉不成立" not in public


def me(desk: Desk, role: str) -> str:
    return desk.office.person(role).person


def test_until_the_questionnaire_is_over_nobody_sees_what_was_answered(desk: Desk) -> None:
    desk.to_scoring()
    desk.sheets()
    desk.done(f"{desk.here}/survey", "party", closes_on="2025-07-12")
    for place in range(1, 7):
        desk.done(desk.mine, "resident", home=str(place), choice="yes")
    for who in ("party", "supervisor", "committee"):
        page = desk.see(desk.here, who)
        assert "有效问卷" not in page, who
        assert "问卷截止前不看满意度" in page
    assert "2025-07-12 截止，截止以后再公示" in desk.refused(f"{desk.here}/preview", "party")


def test_scoring_is_not_called_done_while_sheets_are_missing(desk: Desk) -> None:
    desk.to_scoring()
    step, done = "系统取数，业委会和社区评分，", "系统取数，业委会和社区评分，已完成"
    desk.done(f"{desk.here}/survey", "party", closes_on="2025-07-12")
    assert f"{step}还有 10 项没有评" in desk.see(desk.here, "party")
    desk.clean("committee", "committee", "S1")
    assert f"{step}还有 9 项没有评" in desk.see(desk.here, "committee")
    desk.sheets()
    assert done in desk.see(desk.here, "party"), "the questionnaire is a step of its own"


def test_the_trustees_people_see_what_was_scored_from_the_preview_on(desk: Desk) -> None:
    desk.to_scoring()
    desk.sheets()
    desk.answers(*["yes"] * 6)
    paper = desk.state().sheets()["committee", "S2"][1].lines[0].document
    trustee = desk.office.client("reviewer")
    page = desk.see(desk.here, "reviewer")
    assert "评分还没有公示" in page
    assert "漏巡" not in page
    assert "1 条记录" not in page
    assert trustee.get(f"{desk.here}/evidence/{paper}").status_code == 404
    assert "夜间漏巡" in desk.see(desk.here, "supervisor")
    desk.done(f"{desk.here}/preview", "party")
    assert "夜间漏巡" in desk.see(desk.here, "reviewer")
    assert trustee.get(f"{desk.here}/evidence/{paper}").status_code == 200


def test_a_home_answers_once_and_keeps_a_receipt_that_can_be_checked(desk: Desk) -> None:
    office = desk.office
    desk.to_scoring()
    desk.done(f"{desk.here}/survey", "party", closes_on="2025-07-12")
    assert "请选择一个答案" in desk.refused(desk.mine, "resident", home="1", choice="")
    assert "没有找到这套房屋" in said(desk.send(desk.mine, "resident", home="99", choice="yes").text)
    page = desk.done(desk.mine, "resident", home="1", choice="fair")
    assert "一般" in page
    assert "一户一份，不能重填" in desk.refused(desk.mine, "resident", home="1", choice="yes")
    receipt = office.client("resident").get(f"{desk.mine}/receipt.txt?home=1").text
    assert receipt.startswith("明账问卷回执\n小区：trust-1\n评价：1\n问卷号：1\n")
    check = f"/c/{office.slug}/evaluations/1/receipt"
    stranger = office.anyone()
    stranger.get(check)
    answer = office.post(stranger, check, page=check, receipt=receipt)
    assert "请稍后再核对" in said(answer.text), said(answer.text)[150:900]
    create_key(office.config.key_path(office.slug), Random(1).randbytes)
    sign_pending(office.engine, Keys(office.config), office.clock)
    good = said(office.post(stranger, check, page=check, receipt=receipt).text)
    assert " 一致 " in good
    assert "这份问卷在公开日志的第" in good
    forged = receipt.replace('"choice":"fair"', '"choice":"yes"')
    assert forged != receipt
    assert "不一致" in said(office.post(stranger, check, page=check, receipt=forged).text)
    assert "无法核对" in said(
        office.post(stranger, check, page=check, receipt=receipt.replace("评价：1", "评价：2")).text
    )
    torn = office.post(stranger, check, page=check, receipt=receipt.replace("随机数", "随"))
    assert (torn.status_code, "回执里缺少“随机数”" in torn.text) == (422, True)
    public = said(office.anyone().get(f"/c/{office.slug}/evaluations/1").text)
    assert "一般" not in public.split("问卷")[0]


def test_a_co_owner_sees_that_the_home_has_answered_and_not_what(desk: Desk) -> None:
    office = desk.office
    with writing(office.engine) as conn:
        other = office.person("tenant").person
        grant(conn, office.trust_id, other, Role.RESIDENT, by="测试", act=act(OPENED), unit=HOMES[0])
    desk.to_scoring()
    desk.done(f"{desk.here}/survey", "party", closes_on="2025-07-12")
    place = str(sorted(["1-101", *HOMES]).index(HOMES[0]) + 1)
    desk.done(desk.mine, "resident", home=place, choice="bad")
    page = desk.see(desk.mine, "tenant")
    assert "已由另一位业主填过" in page
    assert "很不满意" not in page
    assert office.client("tenant").get(f"{desk.mine}/receipt?home=1").status_code == 404
    desk.to(date(2025, 7, 13))
    assert "已于2025年7月12日截止" in desk.see(desk.mine, "resident")
    assert "问卷已于 2025-07-12 截止" in desk.refused(desk.mine, "resident", home="1", choice="yes")


def test_what_is_final_is_corrected_by_another_version(desk: Desk) -> None:
    desk.to_scoring()
    desk.sheets()
    desk.answers(*["yes"] * 6)
    desk.done(f"{desk.here}/preview", "party")
    assert "申诉期到 2025-07-20 为止" in desk.refused(f"{desk.here}/final", "party")
    desk.to_final()
    ref = desk.state().findings()["S2", "patrol"].items[0].ref  # type: ignore[union-attr]
    assert "夜间漏巡" in desk.see(f"{desk.here}/correct", "party")
    change = {f"count_{ref}": "0", "reason": "评分表录错日期", "unrelated": "1"}
    files = {"file": ("why.jpg", photo(), "image/jpeg")}
    page = desk.refused(f"{desk.here}/correct", "party", NOTHING, **change)
    assert "请选择更正的依据" in page
    assert "更正版已发布" in desk.done(f"{desk.here}/correct", "party", files, **change)
    result = desk.result()
    assert (result.version, points_of(result, "S2"), result.value["correction"]) == (
        2,
        15_00,
        "评分表录错日期",
    )
    page = desk.see(desk.here, "committee")
    assert "第 2 版" in page
    assert "第 1 版" in page
    number = f"第 {result.seq + 1:,} 条"
    assert f"第 2 版，公开日志{number}" in page
    assert number in said(desk.office.anyone().get(f"/c/{desk.office.slug}/evaluations/1").text)


def test_a_round_can_be_given_up_and_begun_again(desk: Desk) -> None:
    desk.to_scoring()
    desk.done(f"{desk.here}/withdraw", "party", withdraw_why="方案选错")
    assert "2025年第二季度" in desk.see(desk.office.path("/evaluations"), "party")
    page = desk.done(desk.office.path("/evaluations"), "party", span="2025-Q2", scope="default")
    assert "第 2 轮" in page
    assert "已经有一轮评价" in desk.refused(desk.office.path("/evaluations"), "party", span="2025-Q2")
    assert "没有“2025-Q9”这一期" in desk.refused(desk.office.path("/evaluations"), "party", span="2025-Q9")


def test_a_row_is_complete_or_taken_away(desk: Desk) -> None:
    desk.to_scoring()
    path = f"{desk.here}/sheets/committee/S2"
    page = desk.refused(path, "committee", NOTHING, unrelated="1", rule_1="patrol", count_1="2")
    assert "请填写第 1 行的事实" in page
    assert "请填写第 1 行的日期" in page
    desk.sheet("committee", "S2", "committee", rule="patrol", on="2025-05-03", what="漏巡", count="3")
    kept = desk.state().sheets()["committee", "S2"][1].lines[0].document
    gone = {**PATROL, "kept_1": kept, "drop_1": "1", "unrelated": "1"}
    assert "S2 秩序维护与安全，没有扣分" in desk.done(path, "committee", NOTHING, **gone)
    share = {"on_1": "2025-06-30", "what_1": "十场办了八场", "whole_1": "10", "unrelated": "1"}
    assert "请填写第 1 行的数量" in desk.refused(f"{desk.here}/sheets/party/P7", "party", NOTHING, **share)


def test_what_follows_is_settled_at_the_desk_and_may_be_opened_again(desk: Desk) -> None:
    office = desk.office
    with writing(office.engine) as conn:
        for name, value in (("evaluation_rectify_days", 30), ("evaluation_renewal", True)):
            record_setting(
                conn, office.trust_id, name, value, effective_on=FIRST, authority=TRUSTEE, act=act(FIRST)
            )
    desk.to_scoring()
    desk.sheets()
    veto = {"veto": "V1", "veto_on": "2025-05-20", "veto_what": "挪用公共收益", "unrelated": "1"}
    files = {"veto_file": ("v.jpg", photo(), "image/jpeg")}
    desk.done(f"{desk.here}/veto", "supervisor", files, **veto)
    desk.answers(*["yes"] * 6)
    desk.done(f"{desk.here}/preview", "party")
    desk.to_final()
    assert re.search(r"评价后的整改和续聘 2 项待办", desk.see(office.path(), "committee"))
    desk.to(date(2025, 9, 1))
    assert "1 项已逾期" in desk.see(office.path(), "committee")
    assert "逾期 12 天" in desk.see(desk.here, "committee")
    settled = {"kind": "rectify", "note": "已归还，换了出纳"}
    assert "限期整改：已办结" in desk.done(f"{desk.here}/settle", "committee", NOTHING, **settled)
    again = {"kind": "rectify", "note": "还差一笔", "reopen": "1"}
    assert "限期整改：重新打开" in desk.done(f"{desk.here}/settle", "committee", NOTHING, **again)
    assert "没有“pay”这个选项" in desk.refused(f"{desk.here}/settle", "party", NOTHING, kind="pay", note="x")


def test_evidence_is_published_by_those_who_may_and_not_by_the_trustees_leave(desk: Desk) -> None:
    desk.to_scoring()
    desk.sheet("committee", "S2", "committee", rule="patrol", on="2025-05-03", what="漏巡", count="3")
    assert "遮盖后公开" in desk.see(desk.here, "committee")
    assert "遮盖后公开" not in desk.see(desk.here, "party")
    number = re.search(
        r"/office/documents/(\d+)\">遮盖后公开", desk.office.client("committee").get(desk.here).text
    )
    assert number is not None
    typed = {"access": "public", "looked": "1", "boxes": "0,0,0,100,100"}
    desk.done(desk.office.path(f"/documents/{number[1]}/copy"), "committee", **typed)
    assert "公开的副本" in desk.see(desk.here, "party")


def test_whoever_previews_is_shown_what_may_cost_points_twice(desk: Desk) -> None:
    desk.done(desk.office.path("/evaluations"), "party", span="2025-Q2", scope="")
    desk.to(date(2025, 7, 12))
    desk.done(f"{desk.here}/figures", "party")
    for body, what in (("committee", "北门垃圾房过夜未清"), ("party", "垃圾房一夜没有清运")):
        found = {"rule_1": "rubbish", "on_1": "2025-05-03", "what_1": what, "count_1": "1"}
        files = {"file_1": ("rubbish.jpg", photo(), "image/jpeg")}
        desk.done(f"{desk.here}/sheets/{body}/S3", body, files, unrelated="1", **found)
    page = desk.see(desk.here, "party")
    assert "同一事实可能重复扣分" in page
    assert "业主委员会“北门垃圾房过夜未清”（1）；社区党组织“垃圾房一夜没有清运”（1）" in page
    assert "同一事实可能重复扣分" not in desk.see(desk.here, "committee"), "who opens and previews judges"

"""The joint conference, fee consultations and the choice of a trustee, in the browser and for everybody."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from ledger.billing import list_standards, record_fee_standard
from ledger.people import Role
from ledger.store.engine import reading, writing
from ledger.trust.tenure import Tenure, record_tenure
from tests.decisions import note_decision
from tests.documents.papers import pdf
from tests.ledger.books import MAJOR, OPENED, TODAY, TRUSTEE, act, fee_charge, petty
from tests.office.conftest import OfficeSite

EFFECT = "2025-09-01"
PRIVATE = (
    "甲先生",
    "乙先生",
    "丙先生",
    "丁先生",
    "戊先生",
    "庚先生",
    "辛先生",
    "1-101",
    "party-1",
    "committee-1",
)


def send(office: OfficeSite, role: str, path: str, files: Any = None, **fields: Any) -> httpx.Response:
    files = files or {"nothing": ("", b"")}
    return office.post(office.client(role), office.path(path), files=files, **fields)


def done(office: OfficeSite, role: str, path: str, files: Any = None, **fields: Any) -> str:
    answer = send(office, role, path, files, **fields)
    assert answer.status_code == 303, answer.text
    assert "/login" not in answer.headers["location"]
    return office.follow(office.client(role), answer).text


def later(office: OfficeSite, day: date) -> None:
    """Another day, on which everybody logs in anew."""
    office.clock.to(day)
    office._clients.clear()


def refused(office: OfficeSite, role: str, path: str, files: Any = None, **fields: Any) -> str:
    answer = send(office, role, path, files, **fields)
    assert answer.status_code == 422, answer.status_code
    return answer.text


def public(office: OfficeSite, path: str) -> str:
    answer = office.anyone().get(f"/c/{office.slug}{path}")
    assert answer.status_code == 200, answer.text
    for word in PRIVATE:
        assert word not in answer.text, word
    return answer.text


# --- joint conference ---------------------------------------------------------------------------------------

MEETING = {
    "stage": "consult",
    "held_on": "2025-06-12",
    "minutes": "三方同意换新，先请三家报价。",
    "outcome": "consult:agreed",
    "people_party": "2",
    "roles_party": "书记、网格员",
    "people_committee": "3",
}


def proposed(office: OfficeSite, role: str = "party") -> None:
    done(
        office, role, "/conference", title="电梯换新", body="两部电梯常停。", proposed_by="residents",
        proposed_on="2025-06-10",
    )  # fmt: skip


def test_an_item_is_proposed_discussed_skipped_and_seen_by_everybody(office: OfficeSite) -> None:
    proposed(office)
    done(
        office,
        "party",
        "/conference/1/meetings",
        {"paper_1": ("j.pdf", pdf())},
        paper_title_1="会议纪要",
        **MEETING,
    )
    page = done(office, "committee", "/conference/1/skips", stage="review", reason="街道要求先解决停运")
    assert "已登记跳过“审议”" in page
    seen = public(office, "/conference/1")
    for text in (
        "党组织 2 人（书记、网格员）",
        "没有到会：物业",
        "街道要求先解决停运",
        "跳过",
        "会议纪要（留存在小区",
    ):
        assert text in seen, text
    assert "跳过：审议" in public(office, "/conference")


def test_a_task_shows_on_the_desk_of_its_body_until_it_is_done(office: OfficeSite) -> None:
    proposed(office)
    done(office, "party", "/conference/1/tasks", task_title="请三家报价", owner="trustee", owner_role="项目经理", due_on="2025-07-10")  # fmt: skip
    desk = office.client("preparer").get(office.path()).text
    assert "联席会议交办的" in desk
    assert "联席会议交办的" not in office.client("committee").get(office.path()).text
    later(office, date(2025, 7, 15))
    assert "1 项已逾期" in office.client("preparer").get(office.path()).text
    assert "逾期 5 天" in public(office, "/conference/1")
    page = done(
        office,
        "preparer",
        "/conference/1/tasks/1",
        state="done",
        note="三份报价单已交业委会",
        acted_on="2025-07-15",
    )
    assert "三份报价单已交业委会" in page
    assert "联席会议交办的" not in office.client("preparer").get(office.path()).text


def test_what_follows_is_linked_and_checked(office: OfficeSite) -> None:
    posted = office.books.post(fee_charge())
    proposed(office)
    assert "没有找到凭证" in refused(
        office, "party", "/conference/1/links", kind="entry", reference="A-2025-000099"
    )
    done(office, "party", "/conference/1/links", kind="entry", reference=posted.ref)
    done(office, "party", "/conference/1/links", kind="resolution", reference=MAJOR)
    seen = public(office, "/conference/1")
    assert f"/entries/{posted.ref}" in seen
    assert MAJOR in seen
    done(office, "party", "/conference/1/links", kind="entry", reference=posted.ref, drop="1")
    assert posted.ref not in public(office, "/conference/1")


def test_refused_minutes_come_back_as_typed(office: OfficeSite) -> None:
    proposed(office)
    page = refused(
        office, "party", "/conference/1/meetings", **(MEETING | {"people_party": "", "people_committee": ""})
    )
    assert "至少有一方到会" in page
    assert "三方同意换新，先请三家报价。" in page
    page = refused(
        office,
        "party",
        "/conference/1/meetings",
        **(MEETING | {"stage": "review", "outcome": "review:passed"}),
    )
    assert "现在该进行“商议”" in page
    assert "请选“商议”下面的结果" in refused(
        office, "party", "/conference/1/meetings", **(MEETING | {"outcome": "review:passed"})
    )
    assert send(office, "preparer", "/conference/1/meetings", **MEETING).status_code == 403


@pytest.mark.parametrize("path", ["/conference/9", "/conference/x", "/conference/99999999999999999999"])
def test_items_that_are_not_there_are_not_found(office: OfficeSite, path: str) -> None:
    assert office.anyone().get(f"/c/{office.slug}{path}").status_code == 404


def test_the_party_has_a_desk_and_no_way_to_the_households(office: OfficeSite) -> None:
    client = office.client("party")
    desk = client.get(office.path())
    assert desk.status_code == 200
    assert "联席会议" in desk.text
    assert client.get(office.path("/households")).status_code == 403


# --- fees ---------------------------------------------------------------------------------------------------

ASKED = {
    "item": "property",
    "scope": "use",
    "target": "住宅",
    "method": "area",
    "price": "2.2",
    "effective_on": EFFECT,
    "reason": "人工和电费上涨",
}


@pytest.fixture
def charged(office: OfficeSite) -> OfficeSite:
    with writing(office.engine) as conn:
        record_fee_standard(conn, 1, "home", 19_800, effective_on=OPENED, authority="前期物业合同")
    office.books.post_many([fee_charge(), petty(1_000_00, date=date(2025, 5, 8))])
    return office


def test_a_fee_changes_by_cost_consultation_decision_notice_and_record(charged: OfficeSite) -> None:
    office = charged
    bare = {**ASKED, "authority": MAJOR}
    assert "调价征询" in refused(office, "preparer", "/charges/standards", **bare)
    done(office, "preparer", "/fees", **ASKED)
    seen = public(office, "/fees")
    assert "0.3086 元/㎡·月" in seen
    assert "1.98 元/㎡·月" in seen
    assert "未评" in seen
    done(office, "committee", "/fees/1/consult", until="2025-07-10")
    mine = office.client("resident")
    card = mine.get(f"/c/{office.slug}/mine").text
    assert "物业费要调整吗？" in card
    answer = office.post(
        mine, f"/c/{office.slug}/mine/fees/1", unit="1-101", choice="other", note="先公布账目"
    )
    assert "答复已收到" in office.follow(mine, answer).text
    assert "先公布账目" in office.client("committee").get(office.path("/fees/1")).text
    assert "先公布账目" not in public(office, "/fees")
    assert "等另一人" in done(office, "committee", "/fees/1/counts", agree="1", against="1", other="0")
    assert "两人录入一致" in done(office, "chair", "/fees/1/counts", agree="1", against="1", other="0")
    assert "征询到 2025-07-10 才结束" in refused(office, "committee", "/fees/1/decide", decision=MAJOR)
    later(office, date(2025, 7, 14))
    assert "没有登记过“业决9号”" in refused(office, "committee", "/fees/1/decide", decision="业决9号")
    assert "早于本次征询" in refused(office, "committee", "/fees/1/decide", decision=MAJOR)
    with writing(office.engine) as conn:
        agreed = note_decision(conn, office.trust_id, "业决〔2025〕7号", decided_on=date(2025, 7, 14))
    done(office, "committee", "/fees/1/decide", decision=agreed)
    early = {"put_up_on": "2025-07-14", "effective_on": "2025-08-12"}
    assert "最早 2025-08-13 起执行" in refused(office, "committee", "/fees/1/notice", **early)
    done(office, "committee", "/fees/1/notice", put_up_on="2025-07-14", effective_on=EFFECT)
    assert "新收费标准待登记" in office.client("preparer").get(office.path()).text
    done(office, "preparer", "/fees/1/record")
    with reading(office.engine) as conn:
        assert list_standards(conn, 1)[-1].authority == agreed
    seen = public(office, "/fees")
    assert "3 / 3 户" in seen
    assert f"第 {agreed} 号决定" in seen


def test_a_resident_answers_for_the_own_home_only(charged: OfficeSite) -> None:
    office = charged
    done(office, "preparer", "/fees", **ASKED)
    mine, path = office.client("resident"), f"/c/{office.slug}/mine/fees/1"
    assert "征询还没有开始" in mine.get(path).text
    assert office.post(mine, path, unit="1-101", choice="agree").status_code == 422
    done(office, "committee", "/fees/1/consult", until="2025-07-10")
    assert office.post(mine, path, unit="1-102", choice="agree").status_code == 403
    bad = office.post(mine, path, unit="1-101", choice="other")
    assert bad.status_code == 422
    assert "请写明意见" in bad.text
    assert office.client("tenant").get(path).status_code == 403


# --- choosing the trustee -----------------------------------------------------------------------------------


def tenure(office: OfficeSite) -> None:
    with writing(office.engine) as conn:
        held = Tenure("锦安物业服务有限公司", OPENED, date(2025, 12, 31), "W-1", 60, "前期物业合同")
        record_tenure(conn, 1, held, act())


def test_a_trustee_is_chosen_by_scores_vote_and_notice_and_then_handed_over_to(office: OfficeSite) -> None:
    tenure(office)
    done(
        office,
        "committee",
        "/selection",
        kind="select",
        title="2026 年选聘",
        reason="任期将满",
        planned_on="2025-12-31",
    )
    weights = {"criterion_1": "服务方案", "weight_1": "60", "criterion_2": "报价", "weight_2": "41"}
    assert "权重合计应为 100，现在是 101" in refused(office, "committee", "/selection/1/criteria", **weights)
    done(office, "committee", "/selection/1/criteria", **(weights | {"weight_2": "40"}))
    for name in ("和润物业服务有限公司", "安居物业服务有限公司"):
        done(office, "committee", "/selection/1/candidates", {"scan": ("t.pdf", pdf())}, name=name)
    for role, first, second in (("committee", "90", "70"), ("chair", "80", "81")):
        for number, points in (("1", first), ("2", second)):
            done(office, role, "/selection/1/scores", candidate=number, points_1=points, points_2="75")
    assert "已评分：" in office.client("preparer").get(office.path("/selection/1")).text
    assert "请先评分、公布排名" in refused(office, "committee", "/selection/1/decide", decision=TRUSTEE)
    done(office, "chair", "/selection/1/ranking")
    seen = public(office, "/trustee")
    assert "81.00" in seen
    assert "2 人评分的平均" in seen
    assert "任期2025年12月31日届满，最迟2025年10月2日通知" in seen
    assert "选聘和解聘" in refused(office, "committee", "/selection/1/decide", decision=MAJOR)
    done(office, "committee", "/selection/1/decide", decision=TRUSTEE)
    begin: dict[str, Any] = {
        "incoming": "和润物业服务有限公司",
        "reason": "expired",
        "planned_on": "2025-12-31",
        "authority": TRUSTEE,
    }
    page = office.post(office.client("chair"), office.path("/handover/begin"), **begin)
    assert page.status_code == 422
    assert "还没有登记给现任受托人的书面通知" in page.text


def test_a_dismissal_counts_its_sixty_days(office: OfficeSite) -> None:
    tenure(office)
    done(
        office,
        "chair",
        "/selection",
        kind="dismiss",
        title="解聘",
        reason="服务不达标",
        planned_on="2025-09-30",
    )
    page = office.client("chair").get(office.path("/selection/1")).text
    assert "要在2025年9月30日终止，最迟2025年8月1日送达通知" in page
    scan = {"scan": ("t.pdf", pdf())}
    early = {"noticed_on": TODAY.isoformat(), "leaves_on": (TODAY + timedelta(days=59)).isoformat()}
    assert f"最早 {TODAY + timedelta(days=60)} 终止" in refused(
        office, "chair", "/selection/1/notice", scan, **early
    )
    done(office, "chair", "/selection/1/notice", scan, noticed_on=TODAY.isoformat(), leaves_on="2025-09-30")
    done(office, "chair", "/selection/1/decide", decision=TRUSTEE)
    begin: dict[str, Any] = {"incoming": "和润物业服务有限公司", "reason": "dismissed", "authority": TRUSTEE}
    early_page = office.post(
        office.client("chair"), office.path("/handover/begin"), planned_on="2025-09-29", **begin
    )
    assert "交接不能早于这一天" in early_page.text
    assert office.post(office.client("chair"), office.path("/handover/begin"), planned_on="2025-09-30", **begin).status_code == 303  # fmt: skip


def test_points_stay_hidden_from_others_until_the_ranking(office: OfficeSite) -> None:
    tenure(office)
    done(
        office, "committee", "/selection", kind="select", title="选聘", reason="到期", planned_on="2025-12-31"
    )
    done(office, "committee", "/selection/1/criteria", criterion_1="报价", weight_1="100")
    done(office, "committee", "/selection/1/candidates", name="和润物业服务有限公司")
    done(office, "committee", "/selection/1/scores", candidate="1", points_1="67")
    assert 'value="67"' in office.client("committee").get(office.path("/selection/1")).text
    for role in (Role.CHAIR, Role.SUPERVISOR, Role.PREPARER):
        assert 'value="67"' not in office.client(role).get(office.path("/selection/1")).text
    assert "67.00" not in public(office, "/trustee")

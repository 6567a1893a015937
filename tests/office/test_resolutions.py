"""A vote through the office's pages: drafted, noticed, opened, typed twice, counted, published, filed."""

from __future__ import annotations

import io
import re
from datetime import date

import pypdf
import pytest

from disclosure.office.resolutions_entry import most_rows
from ledger.resolutions.grid import ballot_form
from ledger.resolutions.read import read_resolution
from ledger.store.engine import reading
from ledger.trust.workbooks import template_xlsx
from tests.documents.papers import picture
from tests.office.conftest import OfficeSite
from tests.office.votes import AFTER, CLOSES, LIFT, NOTICED, OPENS, Vote, register_owners, said

SCAN = ("scan.png", picture("PNG", (40, 40)), "image/png")


@pytest.fixture
def vote(office: OfficeSite) -> Vote:
    register_owners(office)
    return Vote(office)


def test_a_draft_says_in_words_what_its_matter_takes(vote: Vote) -> None:
    vote.drafted()
    page = said(vote.office.client("committee").get(vote.path()).text)
    assert "全体业主里，面积和人数都要有三分之二以上参加投票" in page
    assert "参加投票的业主里，面积和人数都要过半数同意" in page
    assert "下一步：登记是谁提议的" in page


def test_everything_wrong_with_a_draft_is_said_at_once_and_what_was_typed_stays(vote: Vote) -> None:
    office = vote.office
    answer = office.post(
        office.client("committee"),
        office.path("/resolutions/new"),
        files={"none": ("", b"")},
        title="",
        text="说明文字",
        item_title_1=LIFT,
        item_matter_1="",
        unlock_kind_1="project",
        unlock_ref_1="",
    )
    assert answer.status_code == 422
    page = said(answer.text)
    assert "请填写标题" in page
    assert "表决项 1的事项" in page
    assert "种类和编号要一起填" in page
    assert LIFT in answer.text


def test_the_trustees_people_read_but_take_no_part(vote: Vote) -> None:
    vote.drafted()
    for role in ("preparer", "reviewer", "cashier"):
        assert vote.office.client(role).get(vote.path()).status_code == 200
        assert vote.send(role, "/motion", by="committee", moved_on="2025-06-30").status_code == 403
        assert vote.office.client(role).get(vote.path("/roll")).status_code == 403


def test_owners_who_ask_for_a_vote_must_be_a_fifth(vote: Vote) -> None:
    vote.drafted()
    moved = {"by": "owners", "moved_on": NOTICED.isoformat(), "units": "9-999"}
    answer = vote.send("committee", "/motion", files={"scan": SCAN}, **moved)
    assert answer.status_code == 422
    assert "没有登记过房号“9-999”" in answer.text
    assert "联名的业主不够：须达到 20%" in answer.text
    vote.done(vote.send("committee", "/motion", files={"scan": SCAN}, **(moved | {"units": "1-102"})))
    page = said(vote.office.client("committee").get(vote.path()).text)
    assert "下一步：通知全体业主" in page


def test_notice_given_today_opens_in_fifteen_days_at_the_earliest(vote: Vote) -> None:
    vote.drafted()
    vote.done(vote.send("committee", "/motion", by="committee", moved_on=NOTICED.isoformat()))
    page = vote.office.client("committee").get(vote.path()).text
    assert "今天通知，最早 2025-07-15 开始" in said(page)
    told = {"how": "公告栏", "neighbourhood": "书面告知居委会", "closes_on": CLOSES.isoformat()}
    answer = vote.send("committee", "/notice", opens_on="2025-07-14", **told)
    assert answer.status_code == 422
    assert "最早 2025-07-15 开始" in answer.text
    assert 'value="2025-07-14"' in answer.text, "what was typed stays"


def test_homes_without_an_owner_stand_in_the_preview_of_the_roll(office: OfficeSite) -> None:
    vote = Vote(office).noticed()
    page = said(office.client("chair").get(vote.path()).text)
    assert "有 3 套房屋没有登记业主： 1-101、1-102、2-201" in page
    vote.to(OPENS)
    answer = office.post(office.client("chair"), vote.path("/open"))
    assert answer.status_code == 422
    assert "请先登记业主" in answer.text
    vote.done(office.post(office.client("chair"), vote.path("/open"), include_unknown="1"))


def test_opening_freezes_the_roll_and_shows_its_hash(vote: Vote) -> None:
    vote.noticed()
    assert "到那天业委会主任才能开始" in said(vote.office.client("chair").get(vote.path()).text)
    vote.to(OPENS)
    vote.done(vote.office.post(vote.office.client("chair"), vote.path("/open")))
    with reading(vote.office.engine) as conn:
        roll = read_resolution(conn, vote.office.trust_id, vote.number).roll
    assert roll is not None
    assert roll.root in vote.office.client("preparer").get(vote.path()).text
    rows = said(vote.office.client("committee").get(vote.path("/roll")).text)
    assert "1-101、2-201 某one" in rows, "two homes of one owner are one voter"


def test_letters_are_one_page_a_voter_with_a_code_that_works(vote: Vote) -> None:
    vote.opened()
    answer = vote.office.post(vote.office.client("committee"), vote.path("/letters"), batch="1-2")
    assert answer.headers["content-type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    texts = [page.extract_text() for page in pages]
    assert len(texts) == 2
    mine = next(text for text in texts if "1-101" in text)
    assert "2-201" in mine
    assert "纸质选票" in mine
    found = re.search(r"\b[0-9A-Z]{4}(?:[- ][0-9A-Z]{4}){3}\b", mine)
    assert found is not None, mine
    assert vote.cast(code=found[0]).status_code == 303
    again = vote.office.post(vote.office.client("committee"), vote.path("/letters"), units="1-101")
    assert again.is_success
    assert vote.cast(code=found[0]).status_code == 422, "a new letter's code replaces the old one"
    wrong = vote.office.post(vote.office.client("committee"), vote.path("/letters"), units="8-888")
    assert (wrong.status_code, "名册上没有“8-888”" in wrong.text) == (422, True)


def test_paper_counts_when_two_people_typed_the_same(vote: Vote) -> None:
    vote.opened()
    answer = vote.type_in("committee", ("1-102", "2"))
    page = said(vote.office.follow(vote.office.client("committee"), answer).text)
    assert "1 张等另一个人复录" in page
    assert "1 张您录过，等别人复录" in page
    assert vote.channels() == []
    vote.done(vote.type_in("committee", ("1-102", "2")))
    assert vote.channels() == [], "the same person twice is one person"
    chair = said(vote.office.client("chair").get(vote.path("/ballots")).text)
    assert "1 张等您复录" in chair
    vote.done(vote.type_in("chair", ("1-102", "2")))
    assert vote.channels() == ["paper"]


def test_the_desk_says_what_waits(vote: Vote) -> None:
    vote.noticed()
    vote.to(OPENS)
    assert "可以开始的表决" in vote.office.client("chair").get(vote.office.path()).text
    assert "可以开始的表决" not in vote.office.client("committee").get(vote.office.path()).text
    vote.done(vote.office.post(vote.office.client("chair"), vote.path("/open")))
    vote.done(vote.type_in("committee", ("1-102", "1")))
    assert "待复录的纸质选票" in vote.office.client("chair").get(vote.office.path()).text
    assert "待复录的纸质选票" not in vote.office.client("committee").get(vote.office.path()).text
    vote.done(vote.type_in("chair", ("1-102", "1")))
    vote.to(AFTER)
    assert "到期待截止的表决" in vote.office.client("chair").get(vote.office.path()).text
    vote.done(vote.office.post(vote.office.client("chair"), vote.path("/close")))
    assert "待公布的结果" in vote.office.client("chair").get(vote.office.path()).text


def test_entries_that_differ_are_shown_side_by_side(vote: Vote) -> None:
    vote.opened()
    vote.done(vote.type_in("committee", ("1-102", "1")))
    once = said(vote.office.client("chair").get(vote.path("/differences")).text)
    assert "同意" not in once.partition("只有一个人录过的")[2], "not to be copied"
    vote.done(vote.type_in("chair", ("1-102", "2")))
    page = said(vote.office.client("chair").get(vote.path("/differences")).text)
    assert "同意" in page
    assert "反对" in page
    assert vote.channels() == []
    vote.done(vote.type_in("committee", ("1-102", "2")))
    assert vote.channels() == ["paper"]
    assert "没有不一致的选票" in vote.office.client("chair").get(vote.path("/differences")).text


def test_what_is_wrong_with_typed_ballots_is_said_by_its_row(vote: Vote) -> None:
    vote.opened()
    answer = vote.type_in("committee", ("1-102", "7"), ("", "1"), ("9-999", "1"))
    assert answer.status_code == 422
    page = said(answer.text)
    assert "第 2 行：请填写房号" in page
    answer = vote.type_in("committee", ("1-102", "7"), ("9-999", "1"))
    assert "第 1 行 第 1 项：读不懂“7”" in said(answer.text)
    answer = vote.type_in("committee", ("1-101", "1"), ("2-201", "1"))
    assert "同一位表决人" in said(answer.text)
    assert 'value="2-201"' in answer.text, "nothing is lost"


def test_a_full_grid_of_several_items_arrives_whole(vote: Vote) -> None:
    more = {f"item_title_{no}": f"是否同意第 {no} 件事？" for no in (2, 3)}
    vote.opened(**more, item_matter_2="other", item_matter_3="other")
    rows = most_rows(3)
    blank = {f"c_{row}_{no}": "" for row in range(1, rows + 1) for no in (1, 2, 3)}
    blank |= {f"unit_{row}": "" for row in range(1, rows + 1)}
    last = {f"unit_{rows}": "1-102", f"proxy_{rows}": "", **{f"c_{rows}_{no}": "1" for no in (1, 2, 3)}}
    answer = vote.type_in("committee", **(blank | last))
    assert answer.status_code == 303, said(answer.text)
    assert f'data-most="{rows}"' in vote.office.client("committee").get(vote.path("/ballots")).text


def test_a_sheet_can_be_handed_in_instead(vote: Vote) -> None:
    vote.opened()
    empty = vote.office.client("party").get(vote.path("/ballots.xlsx"))
    with reading(vote.office.engine) as conn:
        items = read_resolution(conn, vote.office.trust_id, vote.number).state.draft.items
    assert len(empty.content) == pytest.approx(len(template_xlsx(ballot_form(items))), abs=200)
    sheet = f"房号,第1项 {items[0].title},收到日期,委托\n1-102,A,,\n".encode()
    for role in ("committee", "party"):
        vote.done(vote.send(role, "/ballots", received_on=OPENS.isoformat(), files={"sheet": ("b.csv", sheet)}))  # fmt: skip
    assert vote.channels() == ["paper"]


def test_a_proxy_votes_once_the_authorisation_is_on_record(vote: Vote) -> None:
    vote.opened()
    answer = vote.type_in("committee", ("1-102", "1"), proxy_1="1")
    assert (answer.status_code, "没有登记有效的书面委托" in answer.text) == (422, True)
    given = {"doing": "give", "unit": "1-102", "giver": "某two", "holder": "某邻居", "until": "2025-07-20"}
    answer = vote.send("committee", "/proxies", **given)
    assert (answer.status_code, "请选择委托书" in answer.text) == (422, True)
    vote.done(vote.send("committee", "/proxies", files={"scan": SCAN}, **given))
    for role in ("committee", "chair"):
        vote.done(vote.type_in(role, ("1-102", "1"), proxy_1="1"))
    assert vote.channels() == ["proxy"]
    assert "某邻居" in vote.office.client("supervisor").get(vote.path("/roll")).text
    vote.done(vote.send("committee", "/proxies", doing="revoke", revoke_unit="1-102"))
    assert "某邻居" not in vote.office.client("supervisor").get(vote.path("/roll")).text


def test_from_close_to_filing(vote: Vote) -> None:
    vote.opened()
    vote.done(vote.cast())
    vote.done(vote.type_in("committee", ("1-102", "2")))
    early = vote.office.post(vote.office.client("chair"), vote.path("/close"))
    assert (early.status_code, "过了这一天才能截止计票" in early.text) == (422, True)
    vote.to(AFTER)
    answer = vote.office.post(vote.office.client("chair"), vote.path("/close"))
    assert (answer.status_code, "只录了一遍或两遍不一致" in answer.text) == (422, True)
    why = "选票上字迹无法辨认"
    vote.done(vote.office.post(vote.office.client("chair"), vote.path("/close"), set_aside=why))
    office = said(vote.office.client("chair").get(vote.path()).text)
    assert "1 张纸质选票无法认定，没有计入" in office
    assert "参与不够，没有通过" in office
    vote.done(vote.office.post(vote.office.client("chair"), vote.path("/publish")))
    filed = {"filed_on": AFTER.isoformat(), "authority": "明和街道办事处", "receipt": "备2025-7"}
    vote.done(vote.send("committee", "/filing", files={"scan": SCAN}, **filed))
    page = said(vote.office.client("chair").get(vote.path()).text)
    assert "2025-07-25 报 明和街道办事处 备案，回执号 备2025-7" in page


def test_the_recount_agrees_and_the_auditors_file_leaves_a_trace(vote: Vote) -> None:
    vote.opened()
    vote.done(vote.cast())
    vote.published()
    page = said(vote.office.client("supervisor").get(vote.path("/recount")).text)
    assert "一致。 名册 2 人、选票 1 张、有效参与 1 人" in page
    answer = vote.office.post(vote.office.client("supervisor"), vote.path("/recount"))
    assert answer.json()["ballots"][0]["choices"] == ["agree"]
    trail = said(vote.office.client("supervisor").get(vote.office.path("/audit")).text)
    assert "供审计" in trail
    assert vote.office.client("committee").get(vote.path("/recount")).status_code == 403


def test_a_vote_called_off_says_why(vote: Vote) -> None:
    vote.noticed()
    answer = vote.office.post(vote.office.client("committee"), vote.path("/withdraw"), reason="")
    assert (answer.status_code, "请填写撤回的原因" in answer.text) == (422, True)
    vote.done(vote.office.post(vote.office.client("committee"), vote.path("/withdraw"), reason="方案有变"))
    assert "方案有变" in vote.office.client("committee").get(vote.path()).text


def test_the_chair_records_an_older_decision_with_its_scan(office: OfficeSite) -> None:
    path = office.path("/resolutions/recorded")
    fields = {
        "number": "业主大会2024-2号",
        "decided_on": "2024-05-20",
        "matter": "raise_maintenance_fund",
        "title": "续筹维修资金",
        "text": "同意按每平方米 50 元续筹。",
        "total_area": "1000",
        "total_people": "10",
        "took_part_area": "900",
        "took_part_people": "9",
        "agreed_area": "600",
        "agreed_people": "6",
    }
    assert office.post(office.client("committee"), path, files={"scan_1": SCAN}, **fields).status_code == 403
    answer = office.post(office.client("chair"), path, files={"scan_1": SCAN}, **fields)
    assert answer.status_code == 422
    assert "同意的业主不够" in answer.text
    assert "四分之三以上" in answer.text
    fields |= {"agreed_area": "675.00", "agreed_people": "7"}
    answer = office.post(office.client("chair"), path, files={"none": ("", b"")}, **fields)
    assert "请先上传决定的扫描件" in answer.text
    answer = office.post(office.client("chair"), path, files={"scan_1": SCAN}, **fields)
    assert answer.status_code == 303, said(answer.text)
    page = said(office.follow(office.client("chair"), answer).text)
    assert "业主大会2024-2号 续筹维修资金" in page


def test_a_draft_is_changed_until_it_is_moved(vote: Vote) -> None:
    vote.drafted()
    page = vote.office.client("committee").get(vote.path("/edit")).text
    assert LIFT in page
    again = {"title": "更换 3 栋电梯（改）", "text": "说明", "item_title_1": LIFT, "item_matter_1": "rebuild"}
    vote.done(vote.send("committee", "/edit", **again))
    assert "第 2 版" in said(vote.office.client("committee").get(vote.path()).text)
    vote.done(vote.send("committee", "/motion", by="committee", moved_on=NOTICED.isoformat()))
    answer = vote.send("committee", "/edit", **again)
    assert (answer.status_code, "只有“草案”时才能修改草案" in answer.text) == (422, True)


def test_numbers_no_database_compares_are_not_found(office: OfficeSite) -> None:
    for below in ("", "/roll", "/letters", "/ballots", "/edit"):
        answer = office.client("committee").get(office.path(f"/resolutions/%00{below}"))
        assert answer.status_code == 404, below
    assert office.client("resident").get(f"/c/{office.slug}/mine/votes/%00").status_code == 404
    assert office.anyone().get(f"/c/{office.slug}/resolutions/%00/receipt").status_code == 404
    step = office.post(office.client("committee"), office.path("/resolutions/%00/withdraw"), reason="x")
    assert step.status_code == 404
    assert office.client("committee").get(office.path("/resolutions?before=x%00")).status_code == 200


def test_the_days_of_this_file_fit() -> None:
    assert (OPENS - NOTICED).days == 15
    assert date(2025, 7, 25) == AFTER

"""Votes and decisions as everybody sees them: participation, both tallies, hashes, never a choice or a name."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from random import Random

import pypdf
import pytest

from disclosure.public.receipts import parse_receipt, receipt_text
from disclosure.public.words import day_text
from disclosure.signing import Keys, sign_pending
from ledger.errors import Refused
from ledger.log.keys import create_key
from ledger.resolutions.papers import my_receipts
from ledger.resolutions.read import read_resolution
from ledger.store.engine import reading
from tests.documents.papers import picture
from tests.ledger.books import TODAY, fee_receipt
from tests.office.conftest import OfficeSite, office
from tests.office.votes import LIFT, OPENS, Vote, register_owners, said

__all__ = ["office"]
SCAN = ("scan.png", picture("PNG", (40, 40)), "image/png")


@pytest.fixture
def vote(office: OfficeSite) -> Vote:
    register_owners(office)
    return Vote(office)


def look(vote: Vote, below: str = "") -> str:
    answer = vote.office.anyone().get(f"/c/{vote.office.slug}/resolutions/{vote.number}{below}")
    assert answer.status_code == 200, answer.text
    return answer.text


def turnout(page: str) -> str:
    return page.partition('aria-labelledby="turnout-title"')[2].partition("</section>")[0]


def test_nothing_is_public_before_the_notice(vote: Vote) -> None:
    vote.drafted()
    answer = vote.office.anyone().get(f"/c/{vote.office.slug}/resolutions/{vote.number}")
    assert (answer.status_code, "还没有通知业主" in answer.text) == (404, True)
    listed = vote.office.anyone().get(f"/c/{vote.office.slug}/resolutions").text
    assert vote.number not in listed


def test_from_the_notice_on_the_question_and_its_threshold_are_public(vote: Vote) -> None:
    vote.noticed()
    page = said(look(vote))
    assert LIFT in page
    assert "参加投票的业主里，面积和人数都要过半数同意" in page
    assert "公告栏张贴。书面告知居委会" in page
    assert "已经通知业主，还没有开始投票" in page
    assert "委员" not in page.replace("业主委员会", ""), "nobody's name"


def test_while_voting_participation_is_shown_and_no_choice(vote: Vote) -> None:
    vote.opened()
    before, data_before = look(vote), look(vote, ".json")
    vote.done(vote.cast("against"))
    assert turnout(look(vote)) == turnout(before), "nobody sees one ballot come in"
    assert look(vote, ".json") == data_before
    assert json.loads(data_before)["turnout"]["ballots"] == 0
    assert "截至昨天" in said(before)
    vote.to(OPENS + timedelta(days=1))
    page = said(look(vote))
    assert f"截至昨天（{day_text(OPENS)}）24 时，每天更新一次" in page
    assert "参加投票的人数 1 人，占 50.0%" in page
    assert "还没到" in page
    for word in ("against", "反对票", "某one", "1-101"):
        assert word not in page
    assert "人，占 0.0%" in said(before)
    data = json.loads(look(vote, ".json"))
    assert data["result"] is None
    assert data["turnout"]["ballots"] == 1


def test_the_count_appears_with_its_publication_only(vote: Vote) -> None:
    vote.opened()
    vote.done(vote.cast())
    vote.closed()
    page = said(look(vote))
    assert "结果还没有公布" in page
    assert "同意的面积" not in page
    assert json.loads(look(vote, ".json"))["result"] is None


def test_a_published_result_shows_both_tallies_in_words_and_figures(vote: Vote) -> None:
    vote.opened()
    vote.done(vote.cast())
    for role in ("committee", "chair"):
        vote.done(vote.type_in(role, ("1-102", "2")))
    vote.published()
    page = said(look(vote))
    with reading(vote.office.engine) as conn:
        file = read_resolution(conn, vote.office.trust_id, vote.number)
    assert file.result is not None
    item = file.result.items[0]
    assert not item.passed, "one of two heads is not more than half"
    assert "没有通过" in page
    assert "同意的人数 1 人，占 50.0% 不够：要参加人数的过半数，至少 2 人" in page
    assert "参加投票的人数 2 人，占 100.0% 够了：要全体人数的三分之二以上，至少 2 人" in page
    assert file.roll is not None
    assert file.roll.root in page
    data = json.loads(look(vote, ".json"))
    assert data["result"]["items"][0]["agreed"]["people"] == 1
    listed = said(vote.office.anyone().get(f"/c/{vote.office.slug}/resolutions").text)
    assert "更换 3 栋电梯 没有通过" in listed


def test_the_records_of_a_vote_are_leaves_with_proofs(vote: Vote) -> None:
    vote.opened()
    data = json.loads(look(vote, ".json"))
    seq = data["records"][0]["seq"]
    client = vote.office.anyone()
    leaf = client.get(f"/c/{vote.office.slug}/log/leaf/{seq}").json()
    assert leaf["kind"] == "mingzhang.resolution_opened.v1"
    assert leaf["value"]["roll"]["root"] == data["roll_root"]
    assert client.get(f"/c/{vote.office.slug}/log/leaf/x").status_code == 404


def test_the_notice_board_gets_it_on_paper(vote: Vote) -> None:
    vote.opened()
    vote.done(vote.cast())
    vote.published()
    answer = vote.office.anyone().get(f"/c/{vote.office.slug}/resolutions/{vote.number}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    plain = "".join(text.split())
    for words in ("表决结果公告", "参加投票的面积", "同意的人数", "名册指纹", "没有通过"):
        assert words in plain, words
    box = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)


def test_names_of_people_stay_out_of_public_pages(vote: Vote) -> None:
    vote.noticed(
        item_title_1="选举业主委员会委员",
        item_matter_1="committee_election",
        item_kind_1="choose",
        item_candidates_1="张三丰\n李四光",
        item_seats_1="1",
    )
    page = look(vote)
    assert "1 号候选人、2 号候选人" in page
    assert "张三丰" not in page
    assert "张三丰" not in look(vote, ".json")


def test_a_decision_on_paper_is_shown_as_such_and_entries_lead_to_it(office: OfficeSite) -> None:
    number = "业主大会2024-2号"
    fields = {
        "number": number,
        "decided_on": "2024-05-20",
        "matter": "other",
        "title": "调整收费办法",
        "text": "同意按季度收取。",
    }
    path = office.path("/resolutions/recorded")
    answer = office.post(office.client("chair"), path, files={"scan_1": SCAN}, **fields)
    assert answer.status_code == 303, said(answer.text)
    posted = office.books.post(fee_receipt(references={"resolution": number}, date=TODAY))
    client = office.anyone()
    page = client.get(f"/c/{office.slug}/resolutions/{number}").text
    assert "纸质表决，系统外作出" in page
    assert "依据本决定的账目" in page
    assert posted.ref in page
    entry = client.get(f"/c/{office.slug}/entries/{posted.ref}").text
    assert f"{number}决定" in said(entry)
    assert "/resolutions/%E4%B8%9A" in entry
    unknown = office.books.post(fee_receipt(references={"resolution": "听说的决定"}, date=TODAY))
    page = client.get(f"/c/{office.slug}/entries/{unknown.ref}").text
    assert "听说的决定" in page
    assert "/resolutions/%E5%90%AC" not in page


def test_a_vote_of_several_items_is_one_page(vote: Vote) -> None:
    vote.opened(item_title_2="是否同意续筹维修资金？", item_matter_2="raise_maintenance_fund")
    vote.done(vote.cast(choice_2="agree"))
    for role in ("committee", "chair"):
        vote.done(vote.type_in(role, ("1-102", "1"), c_1_2="1"))
    vote.published()
    answer = vote.office.anyone().get(f"/c/{vote.office.slug}/resolutions/{vote.number}-2")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/c/{vote.office.slug}/resolutions/{vote.number}#item-2"
    assert f"决议号 {vote.number}-1、{vote.number}-2" in said(look(vote))


def test_pages_change_when_they_must_and_only_then(vote: Vote) -> None:
    vote.opened()
    client = vote.office.anyone()
    path = f"/c/{vote.office.slug}/resolutions/{vote.number}"
    first = client.get(path)
    tag = {"if-none-match": first.headers["etag"]}
    assert client.get(path, headers=tag).status_code in (200, 304)
    vote.done(vote.cast())
    assert client.get(path, headers=tag).status_code == 200


def test_a_receipt_is_found_in_the_log_and_a_changed_one_is_not(vote: Vote) -> None:
    vote.opened()
    vote.done(vote.cast())
    office = vote.office
    with reading(office.engine) as conn:
        kept = my_receipts(conn, office.trust_id, vote.number, office.actor("resident"))[0]
    text = receipt_text(office.slug, kept)
    assert parse_receipt(text).seal == kept.commitment
    client, path = office.anyone(), f"/c/{office.slug}/resolutions/{vote.number}/receipt"
    early = said(office.post(client, path, page=path, receipt=text).text)
    assert "签名凭据一会儿就好" in early
    create_key(office.config.key_path(office.slug), Random(1).randbytes)
    sign_pending(office.engine, Keys(office.config), office.clock)
    good = said(office.post(client, path, page=path, receipt=text.replace("：", ":")).text)
    assert " 一致 " in good
    assert "不一致" not in good
    bad = office.post(client, path, page=path, receipt=text.replace("agree", "against"))
    assert "不一致" in bad.text
    part = office.post(client, path, page=path, receipt="\n".join(text.splitlines()[:4]))
    assert (part.status_code, "回执里缺少“日志位置”“随机数”“内容”" in part.text) == (422, True)


@pytest.mark.parametrize(
    "text", ["", "明账选票回执", "小区：x\n表决：1\n选票号：a\n日志位置：1\n随机数：zz\n内容：y"]
)
def test_what_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_receipt(text)


def test_odd_addresses_are_not_found(office: OfficeSite) -> None:
    client = office.anyone()
    for name in ("2099-1", "x" * 200, "%00", "2099-1.pdf", "2099-1.json", "业主大会"):
        assert client.get(f"/c/{office.slug}/resolutions/{name}").status_code == 404, name
    assert client.get(f"/c/{office.slug}/resolutions?before=zzz").status_code == 200
    assert client.get(f"/c/{office.slug}/resolutions?before=2025-01-01%20x").status_code == 200

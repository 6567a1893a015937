"""A resident votes: own weight, one choice a question, the letter's code, a receipt; and may vote again."""

from __future__ import annotations

import pytest

from ledger.resolutions.codes import TRIES
from ledger.resolutions.papers import my_receipts
from ledger.resolutions.roll import voters_of_units
from ledger.store.engine import reading
from tests.office.conftest import OfficeSite
from tests.office.votes import CLOSES, LIFT, OPENS, Vote, register_owners, said


@pytest.fixture
def vote(office: OfficeSite) -> Vote:
    register_owners(office)
    return Vote(office)


def mine(vote: Vote, below: str = "") -> str:
    return f"/c/{vote.office.slug}/mine/votes/{vote.number}{below}"


def test_an_open_vote_waits_on_the_first_page(vote: Vote) -> None:
    home = f"/c/{vote.office.slug}/mine"
    assert "没有等您办的事" in vote.office.client("resident").get(home).text
    vote.opened()
    page = said(vote.office.client("resident").get(home).text)
    assert "表决：更换 3 栋电梯 请您投票" in page
    vote.done(vote.cast())
    page = said(vote.office.client("resident").get(home).text)
    assert "现在没有等您办的事" in page
    assert "您办过的" in page


def test_the_ballot_says_the_question_the_weight_and_who_can_see(vote: Vote) -> None:
    vote.opened()
    page = said(vote.office.client("resident").get(mine(vote)).text)
    assert LIFT in page
    assert "1-101、2-201" in page
    assert "平方米，算一个人" in page
    assert "不对运营方保密" in page
    assert "不防胁迫" in page
    assert "1-102" not in page


def test_the_letters_code_comes_along_in_the_address(vote: Vote) -> None:
    vote.opened()
    code = vote.code("1-101")
    assert f'value="{code}"' in vote.office.client("resident").get(mine(vote, f"?code={code}")).text


def test_before_it_counts_it_is_shown_once_more(vote: Vote) -> None:
    vote.opened()
    client = vote.office.client("resident")
    answer = vote.office.post(client, mine(vote, "/confirm"), choice_1="against", code="ABCD")
    assert answer.status_code in (200, 201)
    page = said(answer.text)
    assert "请再看一遍" in page
    assert "反对" in page
    assert vote.channels() == [], "not cast yet"
    back = vote.office.post(client, mine(vote, "/confirm"), choice_1="against", code="ABCD", again="1")
    assert 'value="against" checked' in back.text
    missing = vote.office.post(client, mine(vote, "/confirm"), choice_1="", code="")
    assert missing.status_code == 422
    assert "请选择同意、反对或弃权" in missing.text
    assert "请填写通知书上的表决码" in missing.text


def test_a_vote_gives_a_receipt_with_what_to_keep(vote: Vote) -> None:
    vote.opened()
    page = said(vote.office.follow(vote.office.client("resident"), vote.cast()).text)
    assert "您的选票已经投出" in page
    with reading(vote.office.engine) as conn:
        kept = my_receipts(conn, vote.office.trust_id, vote.number, vote.office.actor("resident"))[0]
    assert f"随机数：{kept.salt}" in page
    file = vote.office.client("resident").get(mine(vote, "/receipt.txt"))
    assert f"日志位置：{kept.seq}\n" in file.text
    assert "attachment" in file.headers["content-disposition"]
    assert file.headers["cache-control"] == "private, no-store"


def test_the_last_vote_counts(vote: Vote) -> None:
    vote.opened()
    vote.done(vote.cast("agree"))
    page = said(vote.office.client("resident").get(mine(vote)).text)
    assert "网上投过票。再投一次，就以新的为准" in page
    vote.done(vote.cast("against"))
    assert vote.channels() == ["online", "online"]
    receipt = said(vote.office.client("resident").get(mine(vote, "/receipt")).text)
    assert LIFT + " 反对" in receipt


def test_a_wrong_code_is_told_counted_and_keeps_the_choice(vote: Vote) -> None:
    vote.opened()
    code = vote.code("1-101")
    for _ in range(TRIES):
        answer = vote.cast("against", code="AAAA-AAAA-AAAA-AAAA")
        assert (answer.status_code, "表决码不对" in answer.text) == (422, True)
    assert 'value="against" checked' in answer.text
    answer = vote.cast("against", code=code)
    assert (answer.status_code, "输错次数太多" in answer.text) == (422, True)
    vote.office.clock.forward(minutes=61)
    vote.office._clients.clear()
    vote.done(vote.cast("against", code=code))


def test_who_voted_on_paper_can_see_what_was_typed_off_it(vote: Vote) -> None:
    vote.opened()
    for role in ("committee", "chair"):
        vote.done(vote.type_in(role, ("1-101", "4")))
    client, path = vote.office.client("resident"), mine(vote, "/paper")
    page = said(client.get(mine(vote)).text)
    assert "已有一张纸质选票" in page
    assert "无效" not in page, "only with the code"
    code = vote.code("1-101")
    wrong = vote.office.post(client, path, code="AAAA-AAAA-AAAA-AAAA")
    assert (wrong.status_code, "表决码不对" in wrong.text) == (422, True)
    right = said(vote.office.post(client, path, code=code).text)
    assert "您的纸质选票" in right
    assert LIFT + " 无效" in right
    assert "日志位置：" in right


def test_nobody_votes_for_another_home(vote: Vote) -> None:
    vote.opened()
    with reading(vote.office.engine) as conn:
        other = voters_of_units(conn, vote.office.trust_id, vote.number, ["1-102"])["1-102"]
    answer = vote.cast(code=vote.code("1-102"), voter=str(other))
    assert answer.status_code == 404
    assert vote.channels() == []
    tenant = vote.office.client("tenant")
    assert tenant.get(mine(vote)).status_code == 403
    assert tenant.get(f"/c/{vote.office.slug}/mine/votes").status_code == 403


def test_after_the_last_day_there_is_nothing_to_vote(vote: Vote) -> None:
    vote.opened()
    code = vote.code("1-101")
    vote.to(CLOSES.replace(day=CLOSES.day + 1))
    assert "不能在网上投票：表决已经截止" in said(vote.office.client("resident").get(mine(vote)).text)
    answer = vote.cast(code=code)
    assert (answer.status_code, "表决已经截止" in answer.text) == (422, True)


def test_several_candidates_are_ticked(vote: Vote) -> None:
    vote.opened(
        item_title_1="选举业主委员会委员",
        item_matter_1="committee_election",
        item_kind_1="choose",
        item_candidates_1="张三丰\n李四光\n王五常",
        item_seats_1="2",
    )
    client = vote.office.client("resident")
    page = client.get(mine(vote)).text
    assert page.count('type="checkbox" name="choice_1"') == 5
    many = {"choice_1": ["1", "2", "3"], "code": "ABCD"}
    answer = vote.office.post(client, mine(vote, "/confirm"), **many)
    assert (answer.status_code, "最多选 2 个，选了 3 个" in answer.text) == (422, True)
    mixed = vote.office.post(client, mine(vote, "/confirm"), choice_1=["1", "abstain"], code="ABCD")
    assert mixed.status_code == 422
    both = vote.office.post(client, mine(vote, "/confirm"), choice_1=["3", "1"], code="ABCD")
    assert "张三丰、王五常" in both.text
    vote.done(vote.cast(choice_1=["3", "1"], code=vote.code("1-101")))
    with reading(vote.office.engine) as conn:
        kept = my_receipts(conn, vote.office.trust_id, vote.number, vote.office.actor("resident"))[0]
    assert kept.choices == ("1,3",)


def test_the_audit_trail_says_that_somebody_voted_not_what(vote: Vote) -> None:
    vote.opened()
    vote.done(vote.cast("against"))
    trail = vote.office.client("supervisor").get(vote.office.path("/audit")).text
    assert "投票" in trail
    assert "against" not in trail
    assert OPENS.isoformat()[:7] in trail

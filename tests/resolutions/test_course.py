"""Before the vote: the draft, who may ask for it, the rules of the day; and what lies before a resident."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.errors import Refused
from ledger.people import Forbidden, Role
from ledger.resolutions.codes import issue_codes
from ledger.resolutions.course import draft_resolution, record_motion, redraft, withdraw
from ledger.resolutions.decided import RecordedDecision, record_decision
from ledger.resolutions.matters import Amount
from ledger.resolutions.opening import open_vote
from ledger.resolutions.papers import my_papers, my_receipts, paper_receipt
from ledger.resolutions.read import list_resolutions, read_resolution
from ledger.resolutions.rules import rules_on
from ledger.resolutions.value import CHOOSE, Attachment, Draft, Item, Motion, Unlock
from ledger.resolutions.voters import roll_page
from ledger.store.engine import reading, writing
from ledger.trust import load_setup
from ledger.trust.settings import change_setting, known_settings, record_setting
from tests.ledger.books import OPENED, act
from tests.resolutions.assembly import (
    AFTER,
    DAY,
    LIFT,
    MEMBER,
    OPENS,
    REVIEWER,
    SCAN,
    Assembly,
    draft_of,
)
from tests.resolutions.crowd import settle


@pytest.mark.parametrize(
    ("draft", "codes"),
    [
        (draft_of(title=" "), {"empty_field"}),
        (draft_of(text="电话 13812345678"), {"private_data"}),
        (Draft("某事", "说明", ()), {"bad_items"}),
        (draft_of(Item("某事", "no_such_matter")), {"unknown_matter"}),
        (draft_of(Item("选", "committee_election", kind=CHOOSE)), {"bad_candidates"}),
        (draft_of(Item("选", "other", kind=CHOOSE, candidates=("甲", "甲"))), {"candidate_twice"}),
        (draft_of(Item("选", "other", kind=CHOOSE, candidates=("甲",), seats=2)), {"bad_seats"}),
        (draft_of(documents=(Attachment("方案", "ef" * 32),)), {"unknown_document"}),
        (draft_of(unlocks=(Unlock("moon", "1"),)), {"bad_unlock"}),
        (draft_of(effective_on=DAY), {"bad_days"}),
        (draft_of(*(Item(f"第{n}事", "other", text="长" * 4_000) for n in range(4))), {"too_long"}),
        (
            draft_of(*(Item("选", "other", kind=CHOOSE, candidates=tuple(map(str, range(40)))),) * 3),
            {"bad_candidates"},
        ),
    ],
)
def test_what_a_draft_must_have(assembly: Assembly, draft: Draft, codes: set[str]) -> None:
    with pytest.raises(Refused) as refused:
        assembly.do(draft_resolution, draft, actor=MEMBER)
    assert refused.value.codes == codes


def test_a_draft_is_changed_until_somebody_moves_it(assembly: Assembly) -> None:
    number = assembly.do(draft_resolution, draft_of(), actor=MEMBER)
    assert assembly.do(redraft, number, draft_of(title="更新电梯"), actor=MEMBER) == 2
    assembly.do(record_motion, number, Motion("committee", DAY))
    with pytest.raises(Refused, match="只有“草案”时才能修改草案"):
        assembly.do(redraft, number, draft_of(), actor=MEMBER)
    assert assembly.ask(read_resolution, number).state.draft.title == "更新电梯"


def test_the_trustee_drafts_nothing(assembly: Assembly) -> None:
    with pytest.raises(Forbidden):
        assembly.do(draft_resolution, draft_of(), actor=REVIEWER)


def moved(*units: str, document: str = SCAN) -> Motion:
    return Motion("owners", DAY, units, document)


def test_a_fifth_of_the_owners_may_ask_for_a_vote(assembly: Assembly) -> None:
    """Six voters: one is less than 20 %, two are more; two homes of one owner are one."""
    number = assembly.do(draft_resolution, draft_of(), actor=MEMBER)
    with pytest.raises(Refused, match=r"现在是 1 人（共 6 人）、190\.00 m²") as refused:
        assembly.do(record_motion, number, moved("3-101", "3-102"))
    assert refused.value.codes == {"too_few_movers"}
    count = assembly.do(record_motion, number, moved("3-101", "3-301"))
    assert (count.moved, count.total, count.enough) == (Amount(310_00, 2), Amount(920_00, 6), True)
    assert assembly.ask(read_resolution, number).motion_count.moved.people == 2


def test_a_fifth_exactly_is_enough(assembly: Assembly) -> None:
    with writing(assembly.engine) as conn:
        settle(conn, assembly.trust_id, 14)
    number = assembly.do(draft_resolution, draft_of(), actor=MEMBER)
    signed = [f"9-{n:06d}" for n in range(1, 5)]
    with pytest.raises(Refused):
        assembly.do(record_motion, number, moved(*signed[:3]))
    assert assembly.do(record_motion, number, moved(*signed)).moved.people == 4, "of 20"


def test_a_motion_of_owners_needs_the_signed_paper_and_homes_that_exist(assembly: Assembly) -> None:
    number = assembly.do(draft_resolution, draft_of(), actor=MEMBER)
    with pytest.raises(Refused) as refused:
        assembly.do(record_motion, number, moved("3-101", "3-301", "8-888", document=""))
    assert refused.value.codes == {"unknown_unit", "no_document"}


def test_the_rules_of_the_community_say_what_a_fifth_is_of(assembly: Assembly) -> None:
    assembly.rule("vote_motion_by", "both")
    assembly.rule("vote_motion_percent", 10)
    number = assembly.do(draft_resolution, draft_of(), actor=MEMBER)
    with pytest.raises(Refused, match="须达到 10%"):
        assembly.do(record_motion, number, moved("3-302"))
    assert assembly.do(record_motion, number, moved("3-301")).enough


def test_a_withdrawn_resolution_is_not_voted_on(assembly: Assembly) -> None:
    number = assembly.noticed()
    assembly.do(withdraw, number, "方案有变", actor=MEMBER)
    with pytest.raises(Refused) as refused:
        assembly.do(open_vote, number, day=OPENS)
    assert refused.value.codes == {"wrong_stage"}
    assert [row.stage for row in assembly.ask(list_resolutions)] == ["withdrawn"]


# --- Rules --------------------------------------------------------------------------------------------------


def test_rules_have_a_day_of_effect_and_a_vote_keeps_those_of_its_notice(assembly: Assembly) -> None:
    number = assembly.opened()
    assembly.rule("vote_abstain", "majority", on=OPENS + timedelta(days=1))
    with reading(assembly.engine) as conn:
        setup = load_setup(conn, assembly.trust_id)
    assert rules_on(setup, OPENS).abstain == "apart"
    assert rules_on(setup, AFTER).abstain == "majority"
    assert assembly.ask(read_resolution, number).roll.rules.abstain == "apart"


def test_a_rule_that_takes_effect_between_notice_and_opening_is_not_that_votes(assembly: Assembly) -> None:
    assembly.rule("vote_invalid", "apart", on=DAY)
    number = assembly.noticed()
    assembly.rule("vote_abstain", "majority", on=DAY + timedelta(days=1))
    assembly.do(open_vote, number, day=OPENS)
    rules = assembly.ask(read_resolution, number).roll.rules
    assert (rules.invalid, rules.abstain) == ("apart", "apart")


def test_a_rule_dated_back_before_the_notice_is_not_that_votes(assembly: Assembly) -> None:
    number = assembly.noticed()
    with writing(assembly.engine) as conn:
        record_setting(conn, assembly.trust_id, "vote_silence", "majority", effective_on=OPENED, authority="x", act=act(OPENS))  # fmt: skip
    assembly.do(open_vote, number, day=OPENS)
    assert assembly.ask(read_resolution, number).roll.rules.silence == "absent"


def test_the_trustee_does_not_set_the_rules_of_a_vote_not_even_the_first_time(assembly: Assembly) -> None:
    typed = {"value": "majority"}
    with writing(assembly.engine) as conn, pytest.raises(Forbidden):
        change_setting(conn, assembly.trust_id, "vote_abstain", typed, effective_on=DAY, authority="x", actor=REVIEWER, act=act(DAY))  # fmt: skip


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("vote_abstain", "majority"),
        ("vote_silence", "majority"),
        ("vote_invalid", "apart"),
        ("vote_co_owned", "all"),
        ("vote_rank_by", "area"),
        ("vote_motion_by", "area"),
        ("vote_motion_percent", "10"),
    ],
)
def test_how_votes_are_counted_is_for_the_owners_to_decide_and_not_for_the_chair(
    assembly: Assembly, name: str, typed: str
) -> None:
    def change(authority: str) -> None:
        assembly.do(change_setting, name, {"value": typed}, effective_on=DAY, authority=authority)

    for number, matter in (("甲-1", "other"), ("甲-2", "rules_of_procedure")):
        recorded = RecordedDecision(number, matter, "修改议事规则", "改计票规则。", OPENED, OPENED, (SCAN,))
        assembly.do(record_decision, recorded)
    refusals = {}
    for authority in ("议事规则", "甲-1", " "):
        with pytest.raises(Refused) as refused:
            change(authority)
        refusals[authority] = refused.value.codes
    assert refusals == {"议事规则": {"unknown_decision"}, "甲-1": {"wrong_matter"}, " ": {"no_authority"}}
    change("甲-2")
    with reading(assembly.engine) as conn:
        setup = load_setup(conn, assembly.trust_id)
    assert str(setup.setting(name, DAY)) == typed


def test_every_rule_of_a_vote_is_a_setting_that_people_can_read(assembly: Assembly) -> None:
    with reading(assembly.engine) as conn:
        rules = rules_on(load_setup(conn, assembly.trust_id), DAY)
    assert len(rules.sentences()) == len([name for name in known_settings() if name.startswith("vote_")])
    assert dict(rules.sentences())["表决前通知业主的天数"] == "15 天"


def test_co_owners_sign_together_where_the_rules_say_so(assembly: Assembly) -> None:
    assembly.rule("vote_co_owned", "all")
    number = assembly.opened()
    with pytest.raises(Refused) as refused:
        assembly.vote(number, "3-201", "agree")
    assert refused.value.codes == {"all_must_sign"}
    assert assembly.vote(number, "3-301", "agree").ballot_no == 1, "owned by one"


def test_paper_only_where_the_rules_say_so(assembly: Assembly) -> None:
    assembly.rule("vote_online", False)
    number = assembly.opened()
    with pytest.raises(Refused) as refused:
        assembly.vote(number, "3-301", "agree")
    assert refused.value.codes == {"paper_only"}


# --- The roll and the resident ------------------------------------------------------------------------------


def test_a_new_letter_makes_the_old_code_worthless(assembly: Assembly) -> None:
    number = assembly.opened()
    voter = assembly.voter(number, "3-301")
    old = assembly.codes[voter]
    (letter,) = assembly.do(issue_codes, number, day=OPENS, actor=MEMBER, voters=[voter])
    assert (letter.units, letter.names) == (("3-301",), ("某wife",))
    with pytest.raises(Refused):
        assembly.vote(number, "3-301", "agree", code=old)
    assembly.vote(number, "3-301", "agree", code=letter.code.lower().replace("-", " "))


def test_the_office_sees_who_took_part_and_never_what_they_said(assembly: Assembly) -> None:
    number = assembly.opened()
    assembly.vote(number, "3-301", "against")
    everybody = assembly.ask(roll_page, number)
    (one,) = [row for row in everybody if row.ballots]
    assert (one.units, one.names, one.channel) == (("3-301",), ("某wife",), "online")
    assert "against" not in repr(everybody)
    assert [row.voter for row in assembly.ask(roll_page, number, limit=2, after=everybody[1].voter)] == [
        row.voter for row in everybody[2:4]
    ]
    assert len(assembly.ask(roll_page, number, missing=True)) == 5
    assert [row.units for row in assembly.ask(roll_page, number, unit="3-102")] == [("3-101", "3-102")]


def test_a_resident_finds_the_votes_of_their_homes_and_their_own_receipts(assembly: Assembly) -> None:
    number = assembly.opened(draft_of(LIFT))
    owner, partner = assembly.resident("3-201"), assembly.resident("3-202")
    (paper,) = assembly.do(my_papers, actor=owner, day=OPENS)
    assert (paper.units, paper.area, paper.hindrance, paper.voted) == (("3-201", "3-202"), 160_00, "", "")
    receipt = assembly.vote(number, "3-201", "agree", actor=owner)
    (mine,) = assembly.do(my_papers, actor=owner, day=OPENS)
    (theirs,) = assembly.do(my_papers, actor=partner, day=OPENS)
    assert (mine.receipt, theirs.receipt, theirs.voted) == (receipt, None, "online")
    assert assembly.ask(my_receipts, number, owner) == [receipt]
    assert assembly.do(my_papers, actor=owner, day=AFTER)[0].hindrance == "表决已经截止"
    with pytest.raises(Forbidden):
        assembly.do(my_papers, actor=assembly.resident("3-201", Role.TENANT), day=OPENS)


def test_whoever_voted_on_paper_sees_with_the_code_what_was_typed(assembly: Assembly) -> None:
    number = assembly.opened()
    owner, voter = assembly.resident("3-301"), assembly.voter(number, "3-301")
    assembly.paper(number, {"3-301": "against"})
    receipt = assembly.do(paper_receipt, number, voter, assembly.codes[voter], actor=owner, day=OPENS)
    assert receipt.choices == ("against",)
    with pytest.raises(Refused) as refused:
        assembly.do(paper_receipt, number, voter, "AAAA", actor=owner, day=OPENS)
    assert refused.value.codes == {"wrong_code"}

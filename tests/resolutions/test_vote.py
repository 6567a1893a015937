"""A vote from the draft to the decision: who may do what and when, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.errors import Refused
from ledger.people import Forbidden, Role
from ledger.resolutions.codes import WrongCode, count_wrong_code
from ledger.resolutions.course import draft_resolution, give_notice, record_motion
from ledger.resolutions.decided import decisions, require_decision
from ledger.resolutions.matters import Amount
from ledger.resolutions.opening import open_vote
from ledger.resolutions.read import read_resolution
from ledger.resolutions.recount import recount
from ledger.resolutions.roll import roll_rows
from ledger.resolutions.value import Motion, Notice
from tests.resolutions.assembly import (
    AFTER,
    CHAIR,
    CLOSES,
    DAY,
    MEMBER,
    OPENS,
    REVIEWER,
    Assembly,
    draft_of,
)


def test_units_of_the_same_owners_are_one_voter_and_the_developers_are_one(assembly: Assembly) -> None:
    number = assembly.opened()
    rows = assembly.ask(roll_rows, number)
    assert {tuple(u.unit for u in row.units) for row in rows} == {
        ("1-101", "1-102", "2-201"),
        ("3-101", "3-102"),
        ("3-201", "3-202"),
        ("3-301",),
        ("3-302",),
        ("3-401", "3-402"),
    }
    file = assembly.ask(read_resolution, number)
    assert file.roll.total == Amount(270_00 + 650_00, 6)


def test_a_vote_from_draft_to_decision(assembly: Assembly) -> None:
    number = assembly.opened()
    assert number == "2025-1"
    for unit in ("1-101", "3-101", "3-201", "3-301"):
        assembly.vote(number, unit, "agree")
    assembly.vote(number, "3-301", "against")
    result = assembly.close(number)
    (item,) = result.items
    assert (item.took_part.people, item.took_part.area) == (4, 270_00 + 190_00 + 160_00 + 120_00)
    assert (item.agreed.people, item.against.people) == (3, 1)
    assert item.passed
    assert assembly.ask(decisions, [number]) == {}, "not before it is published"
    assembly.publish(number)
    found = assembly.ask(require_decision, number, matters=["use_maintenance_fund"], on=AFTER)
    assert (found.title, found.source, found.decided_on) == ("更新 3 栋电梯", "vote", AFTER)
    assert assembly.ask(recount, number).problems == ()


def test_a_notice_too_short_is_refused_and_names_the_earliest_day(assembly: Assembly) -> None:
    number = assembly.do(draft_resolution, draft_of(), actor=MEMBER)
    assembly.do(record_motion, number, Motion("committee", DAY))
    with pytest.raises(Refused, match=f"最早 {OPENS} 开始"):
        assembly.do(give_notice, number, Notice(DAY.replace(day=24), CLOSES, "公告栏", "已告知"))


def test_voting_does_not_begin_before_the_day_announced(assembly: Assembly) -> None:
    number = assembly.noticed()
    with pytest.raises(Refused) as refused:
        assembly.do(open_vote, number, day=OPENS.replace(day=24))
    assert refused.value.codes == {"too_early"}


def test_homes_nobody_is_on_record_for_stop_the_opening_or_are_voters_of_their_own(
    new_assembly: Callable[..., Assembly],
) -> None:
    assembly = new_assembly(unowned=["3-302"])
    number = assembly.noticed()
    with pytest.raises(Refused, match="3-302"):
        assembly.do(open_vote, number, day=OPENS)
    roll = assembly.do(open_vote, number, day=OPENS, include_unknown=True)
    assert roll.total == Amount(920_00, 6)


def test_the_trustee_neither_opens_nor_counts(assembly: Assembly) -> None:
    number = assembly.noticed()
    with pytest.raises(Forbidden):
        assembly.do(open_vote, number, day=OPENS, actor=REVIEWER)
    both = CHAIR.__class__("x", "x", frozenset({Role.CHAIR, Role.REVIEWER}))
    with pytest.raises(Forbidden, match="受托人"):
        assembly.do(open_vote, number, day=OPENS, actor=both)


def test_a_tenant_never_votes(assembly: Assembly) -> None:
    number = assembly.opened()
    tenant = assembly.resident("3-301", Role.TENANT)
    with pytest.raises(Forbidden):
        assembly.vote(number, "3-301", "agree", actor=tenant)


def test_an_owner_who_rents_another_home_does_not_vote_for_it(assembly: Assembly) -> None:
    number = assembly.opened()
    owner = assembly.resident("3-101")
    both = owner.__class__(owner.person, owner.signature, frozenset({Role.RESIDENT, Role.TENANT}), "", ("3-101", "3-301"))  # fmt: skip
    with pytest.raises(Refused) as refused:
        assembly.vote(number, "3-301", "agree", actor=both)
    assert refused.value.codes == {"not_on_roll"}


def test_the_code_of_the_letter_is_needed_and_guessing_is_stopped(assembly: Assembly) -> None:
    number = assembly.opened()
    owner = assembly.resident("3-301")
    for _ in range(10):
        with pytest.raises(WrongCode):
            assembly.vote(number, "3-301", "agree", code="AAAA-AAAA-AAAA-AAAA")
        assembly.do(count_wrong_code, number, actor=owner, day=OPENS)
    with pytest.raises(Refused) as refused:
        assembly.vote(number, "3-301", "agree")
    assert refused.value.codes == {"too_many_tries"}


def test_of_several_ballots_the_newest_counts_and_all_remain(assembly: Assembly) -> None:
    number = assembly.opened()
    first = assembly.vote(number, "3-301", "agree")
    second = assembly.vote(number, "3-301", "against")
    assert (first.ballot_no, second.ballot_no) == (1, 2)
    result = assembly.close(number)
    assert (result.ballots, result.voted) == (2, 1)
    assert result.items[0].against.people == 1


def test_no_ballot_after_the_last_day(assembly: Assembly) -> None:
    number = assembly.opened()
    assembly.vote(number, "3-301", "agree", day=CLOSES)
    with pytest.raises(Refused) as refused:
        assembly.vote(number, "3-101", "agree", day=AFTER)
    assert refused.value.codes == {"vote_over"}


def test_nobody_closes_before_the_last_day_is_over(assembly: Assembly) -> None:
    number = assembly.opened()
    with pytest.raises(Refused, match="过了这一天"):
        from ledger.resolutions.closing import close_vote

        assembly.do(close_vote, number, day=CLOSES)

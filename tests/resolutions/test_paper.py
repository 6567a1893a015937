"""Paper ballots: typed twice by two people, in bulk; proxies; what differs is shown and not counted."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.people import Forbidden
from ledger.resolutions.ballots import newest_ballots
from ledger.resolutions.closing import close_vote
from ledger.resolutions.grid import ballot_form, parse_ballot_sheet, parse_grid
from ledger.resolutions.opening import open_vote
from ledger.resolutions.proxies import Proxy, record_deliveries, record_proxy, revoke_proxy
from ledger.resolutions.slips import Entered, Slip, pending_slips
from ledger.resolutions.value import CHOOSE, Item
from ledger.store.engine import writing
from ledger.trust.workbooks import template_xlsx
from tests.resolutions.assembly import (
    AFTER,
    CLOSES,
    LIFT,
    MEMBER,
    OPENS,
    OTHER,
    REVIEWER,
    SCAN,
    Assembly,
    assemble,
)
from tests.resolutions.crowd import settle


def slip(unit: str, said: str, **more: object) -> Slip:
    return Slip(unit, (said,), OPENS, **more)  # type: ignore[arg-type]


def kinds(entered: Entered) -> dict[int, str]:
    return {one.voter: one.kind for one in entered.pending}


def test_a_paper_ballot_counts_once_two_people_typed_the_same(assembly: Assembly) -> None:
    number = assembly.opened()
    voter = assembly.voter(number, "3-301")
    first = assembly.type(number, [slip("3-301", "agree")], MEMBER)
    assert (first.counted, kinds(first)) == (0, {voter: "once"})
    second = assembly.type(number, [slip("3-301", "agree", document=SCAN)], OTHER)
    assert (second.counted, second.pending) == (1, ())
    ballot = assembly.ask(newest_ballots, number)[voter]
    assert (ballot.channel, ballot.choices) == ("paper", ("agree",))


def test_one_person_typing_twice_does_not_make_a_ballot(assembly: Assembly) -> None:
    number = assembly.opened()
    assembly.type(number, [slip("3-301", "agree")], MEMBER)
    again = assembly.type(number, [slip("3-301", "agree")], MEMBER)
    assert (again.counted, [one.kind for one in again.pending]) == (0, ["once"])


def test_what_two_people_typed_differently_waits_until_one_types_again(assembly: Assembly) -> None:
    number = assembly.opened()
    assembly.type(number, [slip("3-301", "agree")], MEMBER)
    assert [one.kind for one in assembly.type(number, [slip("3-301", "against")], OTHER).pending] == [
        "differ"
    ]
    (pending,) = assembly.ask(pending_slips, number)
    assert {(s.signature, s.choices) for s in pending.slips} == {
        (MEMBER.signature, ("agree",)),
        (OTHER.signature, ("against",)),
    }
    assert assembly.type(number, [slip("3-301", "against")], MEMBER).counted == 1
    assert assembly.ask(pending_slips, number) == []


def test_voting_is_not_closed_over_unsettled_papers_unless_they_are_set_aside(assembly: Assembly) -> None:
    number = assembly.opened()
    assembly.type(number, [slip("3-301", "agree")])
    with pytest.raises(Refused, match="1 张纸质选票"):
        assembly.close(number)
    result = assembly.do(close_vote, number, day=AFTER, set_aside="字迹无法辨认")
    assert (result.set_aside, result.voted) == (1, 0)


def test_a_paper_received_before_its_owner_voted_online_does_not_push_that_out(assembly: Assembly) -> None:
    number = assembly.opened()
    voter = assembly.voter(number, "3-301")
    assembly.vote(number, "3-301", "against", day=OPENS + timedelta(days=2))
    later = OPENS + timedelta(days=5)
    assembly.type(number, [slip("3-301", "agree")], MEMBER, later)
    entered = assembly.type(number, [slip("3-301", "agree")], OTHER, later)
    assert (entered.counted, kinds(entered)) == (0, {voter: "late"})
    assert assembly.close(number).items[0].against.people == 1


def test_a_paper_received_on_the_day_of_the_online_ballot_does_not_push_that_out(assembly: Assembly) -> None:
    number = assembly.opened()
    voter = assembly.voter(number, "3-301")
    assembly.vote(number, "3-301", "against")
    assembly.type(number, [slip("3-301", "agree")], MEMBER)
    entered = assembly.type(number, [slip("3-301", "agree")], OTHER)
    assert (entered.counted, kinds(entered)) == (0, {voter: "late"})
    (item,) = assembly.close(number).items
    assert (item.agreed.people, item.against.people) == (0, 1)


def test_a_paper_received_after_the_online_ballot_supersedes_it(assembly: Assembly) -> None:
    number = assembly.opened()
    assembly.vote(number, "3-301", "against")
    day = OPENS + timedelta(days=3)
    for actor in (MEMBER, OTHER):
        assembly.type(number, [Slip("3-301", ("agree",), day)], actor, day)
    assert assembly.close(number).items[0].agreed.people == 1


def test_all_problems_of_a_batch_are_told_and_nothing_of_it_is_kept(assembly: Assembly) -> None:
    number = assembly.opened()
    bad = [
        slip("9-999", "agree", where="第 1 行"),
        slip("3-101", "agree", where="第 2 行"),
        slip("3-102", "agree", where="第 3 行"),
        slip("3-301", "perhaps", where="第 4 行"),
        slip("3-302", "agree", by_proxy=True, where="第 5 行"),
        Slip("3-201", ("agree",), OPENS - timedelta(days=1), where="第 6 行"),
    ]
    with pytest.raises(Refused) as refused:
        assembly.type(number, bad)
    assert {(p.code, p.where.split()[1]) for p in refused.value.problems} == {
        ("unknown_unit", "1"),
        ("voter_twice", "3"),
        ("bad_choice", "4"),
        ("no_proxy", "5"),
        ("bad_day", "6"),
    }
    assert assembly.ask(pending_slips, number) == []


def test_the_trustee_types_no_ballots(assembly: Assembly) -> None:
    number = assembly.opened()
    with pytest.raises(Forbidden):
        assembly.type(number, [slip("3-301", "agree")], REVIEWER)


def test_papers_may_be_typed_after_the_last_day_but_not_received_then(assembly: Assembly) -> None:
    number = assembly.opened()
    for actor in (MEMBER, OTHER):
        assembly.type(number, [Slip("3-301", ("agree",), CLOSES)], actor, AFTER)
    with pytest.raises(Refused) as refused:
        assembly.type(number, [Slip("3-101", ("agree",), AFTER)], MEMBER, AFTER)
    assert refused.value.codes == {"bad_day"}
    assert assembly.close(number).voted == 1


def test_a_proxy_votes_with_a_written_authorisation_only(assembly: Assembly) -> None:
    number = assembly.opened()
    voter = assembly.voter(number, "3-302")
    proxy = Proxy("3-302", "某公司", "某经办人", CLOSES, SCAN)
    assembly.do(record_proxy, number, proxy, day=OPENS, actor=MEMBER)
    for actor in (MEMBER, OTHER):
        assembly.type(number, [slip("3-302", "agree", by_proxy=True)], actor)
    assert assembly.ask(newest_ballots, number)[voter].channel == "proxy"
    assembly.do(revoke_proxy, number, "3-302", day=OPENS, actor=MEMBER)
    with pytest.raises(Refused) as refused:
        assembly.type(number, [slip("3-302", "against", by_proxy=True)])
    assert refused.value.codes == {"no_proxy"}


def test_an_authorisation_needs_its_scan(assembly: Assembly) -> None:
    number = assembly.opened()
    with pytest.raises(Refused) as refused:
        assembly.do(record_proxy, number, Proxy("3-302", "", "某人", CLOSES, ""), day=OPENS, actor=MEMBER)
    assert refused.value.codes == {"no_document", "empty_field"}


def test_silence_counts_where_the_rules_say_so_and_delivery_is_on_record(assembly: Assembly) -> None:
    assembly.rule("vote_silence", "majority")
    number = assembly.opened()
    assembly.paper(number, {"1-101": "agree", "3-101": "agree", "3-201": "against"})
    told = ["3-301", "3-302", "3-301"]
    with pytest.raises(Refused, match="送达凭据"):
        assembly.do(record_deliveries, number, told, OPENS, "当面签收", "", day=OPENS, actor=MEMBER)
    count = assembly.do(record_deliveries, number, told, OPENS, "当面签收", SCAN, day=OPENS, actor=MEMBER)
    again = assembly.do(record_deliveries, number, told, OPENS, "挂号信", SCAN, day=OPENS, actor=MEMBER)
    assert (count, again) == (2, 0)
    (item,) = assembly.close(number).items
    assert (item.silent.people, item.followed, item.agreed.people, item.passed) == (2, "agree", 4, True)


# --- Typing many --------------------------------------------------------------------------------------------

ELECTION = Item("选举业主委员会", "committee_election", kind=CHOOSE, candidates=("甲", "乙", "丙"), seats=2)


def test_a_line_a_ballot() -> None:
    text = "3-101 A 1,3\n\n # 备注\n３-２０１　反对　C 委托 # 她丈夫\n3-301 弃权 2、1"
    slips = parse_grid(text, [LIFT, ELECTION], OPENS)
    assert [(s.unit, s.choices, s.by_proxy, s.where) for s in slips] == [
        ("3-101", ("agree", "1,3"), False, "第 1 行"),
        ("3-201", ("against", "abstain"), True, "第 4 行"),
        ("3-301", ("abstain", "1,2"), False, "第 5 行"),
    ]


def test_every_line_that_cannot_be_read_is_named() -> None:
    with pytest.raises(Refused) as refused:
        parse_grid("3-101 A\n3-102 E 1\n3-103 A A\n3-104 A 1 C D", [LIFT, ELECTION], OPENS)
    assert [p.where for p in refused.value.problems] == [
        "第 1 行",
        "第 2 行 第 1 项",
        "第 3 行 第 2 项",
        "第 4 行",
    ]


def test_the_sheet_handed_out_can_be_read_back() -> None:
    form = ballot_form([LIFT, ELECTION])
    with pytest.raises(Refused, match="没有填任何一行"):
        parse_ballot_sheet(template_xlsx(form), "选票.xlsx", [LIFT, ELECTION], OPENS)
    heads = ",".join(column.title for column in form.columns)
    rows = f'{heads}\n3-101,A,"1,3",2025-03-26,\n3-201,d,B,,是\n'
    slips = parse_ballot_sheet(rows.encode(), "选票.csv", [LIFT, ELECTION], OPENS)
    assert [(s.unit, s.choices, s.received_on.day, s.by_proxy) for s in slips] == [
        ("3-101", ("agree", "1,3"), 26, False),
        ("3-201", ("invalid", "against"), 25, True),
    ]


def test_a_thousand_papers_are_typed_twice_within_seconds(engine: Engine, count_queries) -> None:  # type: ignore[no-untyped-def]
    assembly = assemble(engine)
    with writing(engine) as conn:
        settle(conn, assembly.trust_id, 1_000)
    number = assembly.noticed()
    assembly.do(open_vote, number, day=OPENS)
    text = "\n".join(f"9-{n:06d} {'ABC'[n % 3]}" for n in range(1, 1_001))
    slips = parse_grid(text, [LIFT], OPENS)
    assembly.type(number, slips, MEMBER)
    began = time.process_time()
    with count_queries(engine) as queries:
        entered = assembly.type(number, slips, OTHER)
    assert entered.counted == 1_000
    assert time.process_time() - began < 8
    queries.expect_at_most(25)

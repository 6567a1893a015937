"""Whoever has the roll counts again: every change behind the log's back is found, in the database and in a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text

from ledger.errors import Refused
from ledger.log.store import read_leaf, read_leaves
from ledger.resolutions.closing import close_vote, filing_due, record_filing
from ledger.resolutions.read import chosen_names, list_resolutions, read_resolution
from ledger.resolutions.recount import (
    AuditFile,
    audit_bytes,
    check_audit,
    collect,
    database_leaves,
    read_audit_file,
    recount,
)
from ledger.resolutions.roll import roll_root, roll_rows
from ledger.resolutions.turnout import BuildingTurnout, merged, participation
from ledger.resolutions.value import CHOOSE, Item
from ledger.store.engine import reading
from ledger.trust.act import BEIJING
from ledger.verify.books import verify_books
from tests.resolutions.assembly import AFTER, CHAIR, MEMBER, OPENS, Assembly, assemble, draft_of

VOTES = {"1-101": "agree", "3-101": "agree", "3-201": "against", "3-301": "abstain"}


def hold(assembly: Assembly) -> tuple[Assembly, str]:
    number = assembly.opened()
    for unit, choice in VOTES.items():
        assembly.vote(number, unit, "against")
        assembly.vote(number, unit, choice)
    assembly.close(number)
    assembly.publish(number)
    return assembly, number


@pytest.fixture
def held(assembly: Assembly) -> tuple[Assembly, str]:
    """A vote that was held and published, with re-votes."""
    return hold(assembly)


def audit_of(assembly: Assembly, number: str) -> AuditFile:
    audit: AuditFile = assembly.ask(collect, "trust-1", number)
    return audit


def test_a_receipt_shows_a_voter_that_the_ballot_is_in_the_log(assembly: Assembly) -> None:
    number = assembly.opened()
    receipt = assembly.vote(number, "3-301", "agree")
    opened = msgspec.json.encode([receipt.salt, "ballot", receipt.text])
    assert sha256(opened).hexdigest() == receipt.commitment
    leaf = msgspec.json.decode(assembly.ask(read_leaf, receipt.seq))
    assert leaf["value"] == {"resolution": number, "ballot": 1, "commitment": receipt.commitment}
    assert msgspec.json.decode(receipt.text)["choices"] == ["agree"]


def test_nothing_in_the_log_tells_homes_owners_or_single_choices(held: tuple[Assembly, str]) -> None:
    assembly, _ = held
    with reading(assembly.engine) as conn:
        leaves = b"\n".join(read_leaves(conn, assembly.trust_id, 0, 100)).decode()
    for private in (
        *VOTES,
        "某one",
        "shop-firm",
        "yezhu",
        CHAIR.signature,
        MEMBER.signature,
        "channel",
    ):
        assert private not in leaves, private
    assert leaves.count('"commitment"') == 2 * len(VOTES)


def test_names_of_people_who_stand_for_election_are_sealed_and_firms_are_named(assembly: Assembly) -> None:
    people = Item("选举", "committee_election", kind=CHOOSE, candidates=("张三丰", "李四光"))
    firms = Item("选聘", "trustee_selection", kind=CHOOSE, candidates=("甲物业公司", "乙物业公司"))
    number = assembly.opened(draft_of(people, firms))
    place = assembly.ask(read_resolution, number).places["resolution_opened"]
    leaf = assembly.ask(read_leaf, place).decode()
    assert "张三丰" not in leaf
    assert "甲物业公司" in leaf


def test_the_roll_is_the_one_whose_hash_was_published(held: tuple[Assembly, str]) -> None:
    assembly, number = held
    file = assembly.ask(read_resolution, number)
    rows = assembly.ask(roll_rows, number)
    leaf = msgspec.json.decode(assembly.ask(read_leaf, file.places["resolution_opened"]))
    assert leaf["value"]["roll"]["root"] == roll_root(number, rows) == file.roll.root
    larger = [replace(rows[0], units=(replace(rows[0].units[0], area=1),)), *rows[1:]]
    assert roll_root(number, larger) != file.roll.root


def test_the_database_and_the_books_verify(held: tuple[Assembly, str]) -> None:
    assembly, number = held
    found = assembly.ask(recount, number)
    assert (found.agrees, found.ballots, found.voted, found.published) == (True, 8, 4, True)
    with reading(assembly.engine) as conn:
        codes = {f.code for f in verify_books(conn, assembly.trust_id, None).findings}
    assert codes == {"checkpoint.missing"}


def test_the_auditors_file_is_checked_against_a_copy_of_the_log_alone(held: tuple[Assembly, str]) -> None:
    assembly, number = held
    audit = read_audit_file(audit_bytes(audit_of(assembly, number)))
    with reading(assembly.engine) as conn:
        copy = dict(enumerate(read_leaves(conn, assembly.trust_id, 0, 100)))
    found = check_audit(audit, lambda places: {place: copy[place] for place in places if place in copy})
    assert found.agrees
    assert found.items == audit.result.items if audit.result else False
    with pytest.raises(ValueError, match="不是表决审计文件"):
        read_audit_file(b"{}")


def _ballot(audit: AuditFile, place: int, **changes: Any) -> AuditFile:
    ballots = list(audit.ballots)
    ballots[place] = replace(ballots[place], **changes)
    return replace(audit, ballots=tuple(ballots))


def _result(audit: AuditFile, **changes: Any) -> AuditFile:
    assert audit.result is not None
    (item,) = audit.result.items
    return replace(audit, result=replace(audit.result, items=(replace(item, **changes),)))


def _item(audit: AuditFile, **changes: Any) -> AuditFile:
    return replace(audit, items=(replace(audit.items[0], **changes),))


def _without_last(audit: AuditFile) -> AuditFile:
    """A file that was made to agree with itself without the last ballot."""
    assert audit.result is not None
    fewer = replace(audit.result, ballots=audit.result.ballots - 1)
    return replace(audit, ballots=audit.ballots[:-1], result=fewer)


TAMPERED: dict[str, tuple[Callable[[AuditFile], AuditFile], str]] = {
    "a choice": (lambda a: _ballot(a, 5, choices=("agree",)), "选择被改过"),
    "whose ballot it is": (lambda a: _ballot(a, 5, voter=1), "选择被改过"),
    "a ballot sealed anew": (lambda a: _ballot(a, 1, commitment="0" * 64), "与日志不符"),
    "a ballot left out": (lambda a: replace(a, ballots=(*a.ballots[:3], *a.ballots[4:])), "缺第 4 号"),
    "the last ballot left out": (lambda a: replace(a, ballots=a.ballots[:-1]), "选票张数"),
    "a voter left out": (lambda a: replace(a, roll=a.roll[:-1]), "名册与冻结时的哈希不符"),
    "the rules": (lambda a: replace(a, rules=replace(a.rules, abstain="majority")), "计票规则"),
    "the question": (lambda a: replace(a, items=(replace(a.items[0], title="别的"),)), "表决项"),
    "the text of the question": (lambda a: _item(a, text="另一番话"), "表决项"),
    "the matter": (lambda a: _item(a, matter="other"), "表决项"),
    "the kind of question": (lambda a: _item(a, kind=CHOOSE), "表决项"),
    "the seats": (lambda a: _item(a, seats=2), "表决项"),
    "the candidates": (lambda a: _item(a, candidates=("甲公司",)), "表决项"),
    "the last ballot, and the result to match": (_without_last, "公开日志里有选票不在名单里"),
    "the last ballot before the result": (
        lambda a: replace(_without_last(a), result=None, result_seq=-1),
        "公开日志里有选票不在名单里",
    ),
    "the result": (lambda a: _result(a, passed=True), "重新计票的结果"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_whatever_was_changed_is_found(held: tuple[Assembly, str], what: str) -> None:
    assembly, number = held
    change, said = TAMPERED[what]
    audit = change(audit_of(assembly, number))
    with reading(assembly.engine) as conn:
        found = check_audit(audit, database_leaves(conn, assembly.trust_id))
    assert any(said in problem for problem in found.problems), found.problems


def test_ballots_of_another_vote_in_the_log_are_not_missed(assembly: Assembly) -> None:
    """Two votes at the same time: the ballots of each are found, and nothing of the other is asked for."""
    first, codes = assembly.opened(), dict(assembly.codes)
    second = assembly.opened()
    assembly.vote(second, "3-301", "agree")
    assembly.codes = codes
    assembly.vote(first, "3-301", "against")
    for number in (first, second):
        assert assembly.ask(recount, number).problems == ()


def test_names_that_are_sealed_are_compared_in_number(assembly: Assembly) -> None:
    election = Item("选举", "committee_election", kind=CHOOSE, candidates=("甲", "乙"))
    number = assembly.opened(draft_of(election))
    audit = audit_of(assembly, number)
    with reading(assembly.engine) as conn:
        leaves = database_leaves(conn, assembly.trust_id)
        assert check_audit(audit, leaves).agrees
        found = check_audit(_item(audit, candidates=("甲", "乙", "丙")), leaves)
    assert found.problems == ("表决项与公开日志里的不同",)


def test_a_copy_of_the_log_with_a_hole_cannot_show_that_no_ballot_was_left_out(
    held: tuple[Assembly, str],
) -> None:
    assembly, number = held
    audit = audit_of(assembly, number)
    with reading(assembly.engine) as conn:
        copy = dict(enumerate(read_leaves(conn, assembly.trust_id, 0, 100)))
    audit, hole = _without_last(audit), audit.ballots[-1].seq
    found = check_audit(audit, lambda places: {p: copy[p] for p in places if p in copy and p != hole})
    assert any("有缺失" in problem for problem in found.problems)


@pytest.mark.db("sqlite")
def test_a_choice_edited_in_the_database_is_found_by_recount_and_by_verify(engine: Engine) -> None:
    assembly, number = hold(assemble(engine))
    with assembly.engine.begin() as conn:
        conn.execute(text("DROP TRIGGER ballot_no_update"))
        conn.execute(text("""UPDATE ballot SET choices = '["agree"]' WHERE ballot_no = 6"""))
    assert not assembly.ask(recount, number).agrees
    with reading(assembly.engine) as conn:
        codes = {f.code for f in verify_books(conn, assembly.trust_id, None).findings}
    assert len(codes) > 1


# --- Around the count ---------------------------------------------------------------------------------------


def test_turnout_shows_no_building_of_fewer_than_five_homes(assembly: Assembly) -> None:
    number = assembly.opened()
    assembly.vote(number, "3-301", "agree")
    turnout = assembly.ask(participation, number)
    assert (turnout.took_part.people, turnout.total.people, turnout.ballots) == (1, 6, 1)
    (all_of_them,) = turnout.buildings
    assert (all_of_them.building, all_of_them.units, all_of_them.voted_units) == ("全部楼栋", 11, 1)


def test_participation_until_a_moment_leaves_out_what_came_later(assembly: Assembly) -> None:
    number = assembly.opened()
    assembly.vote(number, "3-301", "agree")
    assembly.vote(number, "3-301", "against", day=OPENS + timedelta(days=1))
    assembly.vote(number, "3-101", "agree", day=OPENS + timedelta(days=1))

    def until(moment: datetime | None) -> tuple[int, int, int]:
        found = assembly.ask(participation, number, until=moment)
        return found.took_part.people, found.ballots, found.buildings[0].voted_units

    midnight = datetime.combine(OPENS, time(), BEIJING)
    days = [until(midnight + timedelta(days=n)) for n in range(3)]
    assert days == [(0, 0, 0), (1, 1, 1), (2, 3, 3)]
    assert until(None) == days[-1]


def test_an_election_has_to_be_filed_within_thirty_days(assembly: Assembly) -> None:
    election = Item("选举", "committee_election", kind=CHOOSE, candidates=("甲", "乙"))
    number = assembly.opened(draft_of(election))
    assembly.paper(number, dict.fromkeys(("1-101", "3-101", "3-201", "3-301"), "1"))
    result = assembly.close(number)
    assert result.items[0].chosen == (1,)
    with pytest.raises(Refused, match="已公布结果"):
        assembly.do(record_filing, number, AFTER, "住建局", "备1", "", day=AFTER, actor=MEMBER)
    assembly.publish(number)
    file = assembly.ask(read_resolution, number)
    assert (file.filing_due - AFTER).days == 30
    assembly.do(record_filing, number, AFTER, "住建局、街道办", "备〔2025〕1号", "", day=AFTER, actor=MEMBER)
    assert assembly.ask(read_resolution, number).filing.body["receipt"] == "备〔2025〕1号"
    assert assembly.ask(chosen_names, number) == ("甲",)
    assert filing_due(assembly.ask(read_resolution, number).state, None) is None


def test_lists_go_on_where_they_stopped(assembly: Assembly) -> None:
    numbers = [assembly.noticed() for _ in range(12)]
    first = assembly.ask(list_resolutions, limit=5)
    more = assembly.ask(list_resolutions, limit=50, before=(first[-1].drafted_at, first[-1].number))
    assert [row.number for row in (*first, *more)] == numbers[::-1]


def test_a_vote_is_closed_once(assembly: Assembly) -> None:
    number = assembly.opened()
    assembly.close(number)
    with pytest.raises(Refused) as refused:
        assembly.do(close_vote, number, day=AFTER)
    assert refused.value.codes == {"wrong_stage"}


def test_small_buildings_are_shown_together_and_never_alone() -> None:
    def of(**units: int) -> dict[str, int]:
        rows = [BuildingTurnout(name, n, 0, n * 100, 0) for name, n in units.items()]
        return {one.building: one.units for one in merged(rows)}

    assert of(a=5, b=7) == {"a": 5, "b": 7}
    assert of(a=5, b=3, c=2) == {"a": 5, "其他楼栋": 5}
    assert of(a=9, b=6, c=2) == {"a": 9, "其他楼栋": 8}, "two alone would tell; the smallest other joins them"
    assert of(a=4) == {"全部楼栋": 4}


def test_the_largest_question_that_may_be_drafted_can_be_published(assembly: Assembly) -> None:
    names = tuple(f"候选{n}" for n in range(40))
    items = [Item(f"第{n}项", "committee_election", "说" * 5_000, CHOOSE, names, 40) for n in (1, 2)]
    number = assembly.opened(draft_of(*items))
    assembly.close(number)
    assembly.publish(number)
    assert assembly.ask(recount, number).agrees

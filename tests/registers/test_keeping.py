"""Lines of the registers: versions that stay, nothing about a person, everything wrong said at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.errors import Refused, Unanswerable
from ledger.people import Forbidden
from ledger.registers import (
    Activity,
    Checklist,
    Equipment,
    Institution,
    Paper,
    Plan,
    Point,
    Posts,
    Safeguard,
    Sync,
    keep_row,
    rows_of,
)
from ledger.registers.read import ever_kept, lines_kept, versions_of
from ledger.registers.value import REGISTERS, Body, register_of
from tests.inquiries.desk import COMMITTEE, PARTY, PREPARER, Desk, at
from tests.registers.town import keep, keeper, strike

DAY = date(2025, 4, 10)
GOOD: tuple[Body, ...] = (
    Sync("registration", True),
    Posts("业主委员会", 5, 3),
    Plan("volunteer", 2025, 12),
    Activity("volunteer", "清理楼道", 12, 24 * 60),
    Safeguard("plan", "防汛应急预案"),
    Institution("小区议事规则", True),
    Equipment("lift", "1号楼1号电梯", "1号楼", 15),
    Checklist("每周巡查", (Point("fire", "1号楼消防通道"),), 7),
)


def codes(desk: Desk, body: Body, on: date = DAY) -> set[str]:
    with pytest.raises(Refused) as refused:
        keep(desk, body, on, today=DAY)
    return {problem.code for problem in refused.value.problems}


@pytest.mark.parametrize("body", GOOD, ids=lambda body: type(body).__name__)
def test_a_line_is_kept_and_read_again(desk: Desk, body: Body) -> None:
    no = keep(desk, body, DAY)
    with desk.reading() as (conn, trust_id):
        rows = rows_of(conn, trust_id, type(body))
        assert [(row.no, row.version, row.on, row.body) for row in rows] == [(no, 1, DAY, body)]
        assert ever_kept(conn, trust_id, type(body))


def test_lines_that_stand_are_counted_without_reading_them(desk: Desk) -> None:
    nos = {type(body): keep(desk, body, DAY) for body in GOOD}
    keep(desk, Posts("业主委员会", 5, 4), DAY, no=nos[Posts])
    keep(desk, Posts("受托人项目部", 3, 1), DAY)
    strike(desk, Sync("registration", True), nos[Sync], DAY)
    with desk.reading() as (conn, trust_id):
        kept = lines_kept(conn, trust_id)
        assert (kept["posts"], kept.get("sync", 0)) == (2, 0)
        for name, register in REGISTERS.items():
            assert kept.get(name, 0) == len(rows_of(conn, trust_id, register.body)), name


def test_a_newer_version_takes_the_place_of_the_older_from_its_day_on(desk: Desk) -> None:
    no = keep(desk, Posts("业主委员会", 5, 1), DAY)
    later = DAY + timedelta(days=30)
    keep(desk, Posts("业主委员会", 5, 4), later, no=no)
    with desk.reading() as (conn, trust_id):

        def held(**when: object) -> list[int]:
            return [row.body.held for row in rows_of(conn, trust_id, Posts, **when)]  # type: ignore[arg-type]

        assert held() == [4]
        assert held(last=later - timedelta(days=1)) == [1]
        assert held(before=at(DAY, 12).now) == [1], "as on record then"
        assert held(last=DAY - timedelta(days=1)) == []
        assert [row.version for row in versions_of(conn, trust_id, "posts", no)] == [1, 2]
        assert rows_of(conn, trust_id, Posts)[0].since == DAY


def test_a_struck_line_holds_no_more_but_did_before(desk: Desk) -> None:
    lift = Equipment("lift", "1号楼1号电梯")
    no = keep(desk, lift, DAY)
    activity = keep(desk, Activity("double", "党员进社区", 3, 90), DAY)
    strike(desk, lift, no, DAY + timedelta(days=9))
    strike(desk, Activity("double", "", 1, 1), activity, DAY + timedelta(days=9))
    with desk.reading() as (conn, trust_id):
        assert rows_of(conn, trust_id, Equipment) == []
        assert len(rows_of(conn, trust_id, Equipment, last=DAY + timedelta(days=8))) == 1
        assert rows_of(conn, trust_id, Activity, last=DAY + timedelta(days=8)) == [], "it never was"
        assert rows_of(conn, trust_id, Activity, struck=True)[0].note == "登记有误"
    with pytest.raises(Refused, match="已经划去"):
        strike(desk, lift, no, DAY + timedelta(days=10))


def test_every_mistake_of_a_line_is_said_at_once(desk: Desk) -> None:
    assert codes(desk, Posts("", 0, 3), DAY + timedelta(days=1)) == {"empty_field", "bad_number", "in_future"}
    assert codes(desk, Sync("other", True)) == {"bad_choice"}
    assert codes(desk, Plan("volunteer", 1999, 0)) == {"bad_number"}
    assert codes(desk, Checklist("", (), 500, 0)) == {"empty_field", "bad_points", "bad_number"}
    point = Point("fire", "1号楼消防通道")
    assert codes(desk, Checklist("巡查", (point, point))) == {"twice"}
    assert codes(desk, Paper(9, "check", good_until=DAY)) == {"bad_until", "unknown_equipment"}


def test_the_registers_take_nothing_about_a_person(desk: Desk) -> None:
    assert "private_data" in codes(desk, Activity("service", "给1-101送药，电话13812345678", 1, 30))
    assert "private_data" in codes(desk, Checklist("巡查", (Point("clean", "1-101门口"),)))
    fields = {name for one in REGISTERS.values() for name in one.body.__struct_fields__}
    assert not fields & {"name", "person", "unit", "phone", "member"}


def test_there_is_one_line_for_each_thing(desk: Desk) -> None:
    keep(desk, Sync("review", False), DAY)
    assert codes(desk, Sync("review", True)) == {"twice"}
    for _ in range(2):
        keep(desk, Safeguard("drill", "消防演练"), DAY)


def test_each_register_is_kept_by_those_it_belongs_to(desk: Desk) -> None:
    for body in GOOD:
        other = PREPARER if keeper(body) is PARTY else PARTY
        with pytest.raises(Forbidden), desk.writing() as (conn, trust_id, act):
            keep_row(conn, trust_id, body, DAY, other, act)
    with desk.writing() as (conn, trust_id, _):
        assert keep_row(conn, trust_id, GOOD[6], DAY, COMMITTEE, at(DAY)) == 1


def test_there_is_no_line_of_an_unknown_number_or_register(desk: Desk) -> None:
    for register, no in (("posts", 1), ("posts", 2**40), ("nothing", 1)):
        with pytest.raises(Unanswerable), desk.reading() as (conn, trust_id):
            versions_of(conn, trust_id, register, no)
    assert {register_of(body) for body in GOOD} == set(REGISTERS) - {"papers"}

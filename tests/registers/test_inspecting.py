"""Going round with a checklist: once however often it is sent, and what is put right afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from msgspec.structs import replace
from PIL import Image

from ledger.errors import Refused, Unanswerable
from ledger.people import Actor, Forbidden
from ledger.registers import Check, Checklist, Point, list_inspections, open_points, read_inspection
from ledger.registers.inspections import read_point_picture
from tests.inquiries.desk import ASKER, COMMITTEE, PARTY, PREPARER, REVIEWER, SUPERVISOR, Desk
from tests.registers.town import ROUND, go_round, keep, picture, settle, shot

DAY = date(2025, 5, 6)


@pytest.fixture
def town(desk: Desk) -> Desk:
    keep(desk, ROUND, date(2025, 4, 1))
    return desk


def codes(town: Desk, *bad: int, **changes: object) -> set[str]:
    with pytest.raises(Refused) as refused:
        go_round(town, changes.pop("on", DAY), *bad, today=DAY, **changes)  # type: ignore[arg-type]
    return {problem.code for problem in refused.value.problems}


def test_an_inspection_sent_twice_is_registered_once(town: Desk) -> None:
    first = go_round(town, DAY, 2, key="same")
    assert go_round(town, DAY, 2, key="same", today=DAY + timedelta(days=40)) == first
    assert go_round(town, DAY, 2, key="same", by=PARTY) != first, "somebody else's"
    with town.reading() as (conn, trust_id):
        assert [one.no for one in list_inspections(conn, trust_id)] == [2, 1]


def test_the_body_is_that_of_whoever_goes_round(town: Desk) -> None:
    for actor in (PREPARER, REVIEWER, COMMITTEE, PARTY, SUPERVISOR):
        go_round(town, DAY, by=actor)
    with town.reading() as (conn, trust_id):
        bodies = [one.body for one in list_inspections(conn, trust_id)]
    assert bodies == ["supervisor", "party", "committee", "trustee", "trustee"]
    with pytest.raises(Forbidden):
        go_round(town, DAY, by=ASKER)


def test_what_is_not_in_order_has_a_day_to_be_put_right_by(town: Desk) -> None:
    no = go_round(town, DAY, 1, 3)
    with town.reading() as (conn, trust_id):
        one = read_inspection(conn, trust_id, no)
        assert (one.bad, one.open) == (2, 2)
        assert one.points[0].fix_by == DAY + timedelta(days=5)
        assert one.points[1].fix_by is None
        assert one.points[0].overdue_days(DAY + timedelta(days=7)) == 2
    settle(town, no, 1, DAY + timedelta(days=1))
    settle(town, no, 1, DAY + timedelta(days=2), state="open", by=COMMITTEE)
    settle(town, no, 3, DAY + timedelta(days=2))
    with town.reading() as (conn, trust_id):
        assert [(one.inspection.no, one.point.place) for one in open_points(conn, trust_id)] == [(no, 1)]
        assert [len(point.fixes) for point in read_inspection(conn, trust_id, no).points] == [2, 0, 1]
        earlier = open_points(conn, trust_id, last=DAY + timedelta(days=1))
        assert [one.point.place for one in earlier] == [3]


def test_only_what_was_found_out_of_order_is_put_right(town: Desk) -> None:
    no = go_round(town, DAY, 1)
    for place, on, state, by in (
        (2, DAY, "done", PREPARER),
        (9, DAY, "done", PREPARER),
        (1, DAY - timedelta(days=1), "done", PREPARER),
        (1, DAY, "open", COMMITTEE),
    ):
        with pytest.raises(Refused):
            settle(town, no, place, on, state=state, by=by)
    with pytest.raises(Forbidden):
        settle(town, no, 1, DAY, by=ASKER)
    with pytest.raises(Unanswerable):
        settle(town, 99, 1, DAY)


def test_what_was_put_right_is_not_dated_back(town: Desk) -> None:
    no = go_round(town, DAY, 1)

    def said(on: date, today: date, state: str = "done", by: Actor = PREPARER) -> set[str]:
        try:
            settle(town, no, 1, on, state=state, by=by, today=today)
        except Refused as refused:
            return refused.codes
        return set()

    late = DAY + timedelta(days=20)
    assert said(late - timedelta(days=4), late) == {"bad_day"}, "the trustee, more than three days back"
    assert said(late - timedelta(days=3), late) == set()
    assert said(late - timedelta(days=4), late, "open", COMMITTEE) == {"bad_day"}, "before what it undoes"
    assert said(late - timedelta(days=1), late, "open", COMMITTEE) == set()
    assert said(late - timedelta(days=2), late) == {"bad_day"}, "before it was looked at again"
    later = late + timedelta(days=9)
    assert said(late, later, by=COMMITTEE) == set(), "whoever checks may say so later"


def test_every_point_is_answered_and_what_is_wrong_said_in_words(town: Desk) -> None:
    assert codes(town, checks={1: Check(True), 2: Check(False, " ")}) == {"missing"}
    assert codes(town, points=4) == {"unknown_point"}
    assert codes(town, key="") == {"bad_key"}
    assert codes(town, on=DAY + timedelta(days=1)) == {"bad_day"}
    assert codes(town, on=DAY - timedelta(days=31)) == {"bad_day"}
    assert codes(town, version=2) == {"unknown_checklist"}


def test_a_form_of_an_older_checklist_can_still_be_sent(town: Desk) -> None:
    shorter = Checklist("每日巡查", (Point("clean", "垃圾房周边"),), every_days=30)
    keep(town, shorter, DAY, no=1)
    no = go_round(town, DAY, 2)
    with town.reading() as (conn, trust_id):
        assert len(read_inspection(conn, trust_id, no).points) == 3


def test_more_days_to_put_right_are_for_what_is_found_later(town: Desk) -> None:
    """Days to put right are five; on the day of the inspection, and before it is sent, they become thirty."""

    def due(on: date, **more: object) -> int:
        no = go_round(town, on, 1, today=DAY + timedelta(days=5), **more)  # type: ignore[arg-type]
        with town.reading() as (conn, trust_id):
            fix_by = read_inspection(conn, trust_id, no).points[0].fix_by
        assert fix_by is not None
        return (fix_by - on).days

    found = go_round(town, DAY, 1)
    keep(town, replace(ROUND, fix_days=30), DAY, no=1)
    keep(town, replace(ROUND, fix_days=2), date(2025, 4, 1), no=1, today=DAY + timedelta(days=3))
    with town.reading() as (conn, trust_id):
        assert read_inspection(conn, trust_id, found).points[0].fix_by == DAY + timedelta(days=5)
    for version in (1, 2, 3):
        assert due(DAY - timedelta(days=9), version=version) == 5
        assert due(DAY, version=version) == 5, "changed on the day, whichever form is sent"
        assert due(DAY + timedelta(days=1), version=version) == 30
        assert due(DAY + timedelta(days=4), version=version) == 2, (
            "fewer, too, though the form is an older one"
        )


def test_before_a_checklist_was_entered_its_first_days_count(desk: Desk) -> None:
    keep(desk, replace(ROUND, fix_days=40), DAY)
    keep(desk, ROUND, DAY, no=1)
    no = go_round(desk, DAY - timedelta(days=2), 1, today=DAY)
    with desk.reading() as (conn, trust_id):
        assert read_inspection(conn, trust_id, no).points[0].fix_by == DAY + timedelta(days=3)


def test_a_picture_is_shown_without_what_the_phone_wrote_into_it(town: Desk) -> None:
    checks = {1: Check(False, "堵了", shot()), 2: Check(True), 3: Check(True)}
    no = go_round(town, DAY, checks=checks, location=town.folder)
    with town.reading() as (conn, trust_id):
        data, media_type = read_point_picture(conn, trust_id, town.folder, no, 1, 0)
        for place, step in ((2, 0), (1, 1), (2**40, 0)):
            with pytest.raises(Unanswerable):
                read_point_picture(conn, trust_id, town.folder, no, place, step)
    assert media_type == "image/jpeg"
    assert not dict(Image.open(BytesIO(data)).getexif())
    assert dict(Image.open(BytesIO(picture())).getexif()), "the original has some"

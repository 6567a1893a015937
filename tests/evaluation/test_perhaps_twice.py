"""One fact in two bodies' wordings would cost points twice: whoever previews is shown what looks like it."""

from __future__ import annotations

from datetime import timedelta

from ledger.evaluation import course
from ledger.evaluation.sheets import perhaps_twice
from ledger.evaluation.value import Line, Sheet
from tests.evaluation.rounds import EVIDENCE, LAST, Community
from tests.inquiries.desk import COMMITTEE, PARTY

SAID = {"committee": "北门垃圾房过夜未清", "party": "垃圾房一夜没有清运"}


def test_findings_of_two_bodies_on_one_day_by_one_rule_are_perhaps_one(community: Community) -> None:
    community.open()
    community.figures()
    day = LAST - timedelta(days=3)
    for body, actor, days in (("committee", COMMITTEE, 1), ("party", PARTY, 2)):
        lines = (
            Line("S3", "rubbish", day, SAID[body], document=EVIDENCE),
            Line("S3", "rubbish", day - timedelta(days=days), "又一次", document=EVIDENCE),
        )
        community.do(course.submit_sheet, Sheet(body, ("S3",), lines), by=actor, unrelated=True)
    (found,) = perhaps_twice(community.state())
    assert {body: line.what for body, line in found} == SAID
    community.do(course.recuse, PARTY.person, "亲属在受托人处任职", by=PARTY)
    assert perhaps_twice(community.state()) == [], "a sheet that does not count takes no points"


def test_findings_of_one_body_are_its_own(community: Community) -> None:
    community.open()
    community.figures()
    lines = tuple(Line("S3", "dirty", LAST, what, document=EVIDENCE) for what in ("大堂积灰", "车库积水"))
    community.do(course.submit_sheet, Sheet("committee", ("S3",), lines), by=COMMITTEE, unrelated=True)
    assert perhaps_twice(community.state()) == []

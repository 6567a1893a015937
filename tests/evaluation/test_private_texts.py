"""No name of anybody here gets into the words of an evaluation, which are public for ever; the place is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, insert

from ledger.errors import Refused
from ledger.evaluation import appeals, course
from ledger.evaluation.texts import private_problems
from ledger.evaluation.value import Appeal, Correction, Line, Ruling, SelfAssessment, Sheet, VetoFinding
from ledger.store.tables import owner, owner_contact
from tests.evaluation.rounds import BY_COMMITTEE, EVIDENCE, OTHER_PARTY, Community
from tests.inquiries.desk import COMMITTEE, PARTY, REVIEWER

NAME = "何丽芳"
SAID = f"{NAME}家门口堆放杂物"
PATROL = Line("S2", "patrol", date(2025, 5, 3), "夜间漏巡", 3, document=EVIDENCE)


@pytest.fixture
def town(community: Community) -> Community:
    with community.desk.writing() as (conn, trust_id, act):
        conn.execute(insert(owner).values(trust_id=trust_id, owner="o9", kind="person", recorded_at=act.now))
        contact = {"name": NAME, "phone": "", "address": "", "changed_at": act.now}
        conn.execute(insert(owner_contact).values(trust_id=trust_id, owner="o9", **contact))
    return community


def private(command: Callable[[], Any]) -> list[str]:
    """Where a name was found."""
    with pytest.raises(Refused) as refused:
        command()
    return [problem.where for problem in refused.value.problems if problem.code == "private_name"]


def test_nowhere_on_the_way_to_the_result(town: Community) -> None:
    town.open()
    assessment = SelfAssessment({}, SAID)
    assert private(lambda: town.do(course.assess_self, assessment, by=REVIEWER)) == ["自评说明"]
    assert private(lambda: town.do(course.withdraw, SAID, by=PARTY)) == ["撤回的原因"]
    town.figures()
    lines = tuple(Line("S2", "patrol", PATROL.on, text, 1, document=EVIDENCE) for text in ("漏巡", SAID))
    sheet = Sheet("committee", BY_COMMITTEE, (*lines, Line("S1", "absent", PATROL.on, SAID, 1, page="/x")))
    assert private(lambda: town.do(course.submit_sheet, sheet, by=COMMITTEE, unrelated=True)) == [
        "第 2 行的事实",
        "第 3 行的事实",
    ]
    veto = VetoFinding("V4", PATROL.on, SAID, EVIDENCE)
    assert private(lambda: town.do(course.find_veto, veto, by=PARTY, unrelated=True)) == ["一票否决的事实"]
    town.sheets(PATROL)
    town.survey({})
    town.preview()
    (item,) = town.state().findings()["S2", "patrol"].items  # type: ignore[union-attr]
    ref = item.ref
    said = Appeal(ref, SAID, EVIDENCE)
    assert private(lambda: town.do(appeals.appeal, said, by=REVIEWER)) == ["申诉理由"]
    assert private(lambda: town.do(appeals.reply, SAID, by=REVIEWER)) == ["受托人的回应"]
    no = town.do(appeals.appeal, Appeal(ref, "当天有雨", EVIDENCE), by=REVIEWER)
    ruling = Ruling(no, 1, SAID)
    assert private(lambda: town.do(appeals.rule, ruling, by=OTHER_PARTY, unrelated=True)) == ["裁定理由"]
    town.do(appeals.rule, Ruling(no, 1, "情况属实"), by=OTHER_PARTY, unrelated=True)
    town.finalise()
    wrong = Correction(SAID, EVIDENCE, {ref: 0}, (veto,))
    assert private(lambda: town.do(appeals.correct, wrong, by=PARTY, unrelated=True)) == [
        "更正的原因",
        "一票否决的事实",
    ]


def test_a_sheet_of_many_lines_is_searched_at_once(town: Community) -> None:
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    texts = [(f"第 {no} 行", f"楼道第 {no} 处不合格，扣 13") for no in range(500)]
    with town.desk.reading() as (conn, trust_id):
        event.listen(conn, "before_cursor_execute", counted)
        assert list(private_problems(conn, trust_id, texts)) == []
        assert count <= 3
        texts[321] = ("第 321 行", SAID)
        assert [one.where for one in private_problems(conn, trust_id, texts)] == ["第 321 行"]
        assert count <= 80

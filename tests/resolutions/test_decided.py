"""What rests on a decision gets it, or is told what is missing; decisions taken on paper are recorded as such."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from ledger.errors import Refused
from ledger.log.store import read_leaf
from ledger.people import Forbidden
from ledger.resolutions.decided import Figures, RecordedDecision, decisions, record_decision, require_decision
from ledger.resolutions.lacking import decision_lacking
from ledger.resolutions.matters import Amount
from ledger.resolutions.read import list_decisions, read_decision
from ledger.resolutions.value import Item
from tests.resolutions.assembly import (
    AFTER,
    CHAIR,
    DAY,
    LIFT,
    MEMBER,
    REVIEWER,
    SCAN,
    Assembly,
    draft_of,
)

FIGURES = Figures(Amount(900, 9), Amount(600, 6), Amount(301, 4))
PAPER = RecordedDecision(
    "业主大会2025-2号",
    "use_maintenance_fund",
    "更换水泵",
    "同意使用维修资金更换水泵",
    DAY,
    DAY,
    (SCAN,),
    FIGURES,
)


def refusal(assembly: Assembly, number: str, **asked: object) -> set[str]:
    with pytest.raises(Refused) as refused:
        assembly.ask(require_decision, number, **{"on": AFTER, **asked})
    return refused.value.codes


def test_a_decision_on_paper_is_recorded_with_its_scan_and_published(assembly: Assembly) -> None:
    place = assembly.do(record_decision, PAPER)
    found = assembly.ask(decisions, [PAPER.number])[PAPER.number]
    assert (found.passed, found.source, found.matter) == (True, "recorded", "use_maintenance_fund")
    leaf = msgspec.json.decode(assembly.ask(read_leaf, place))
    assert leaf["value"]["documents"] == [SCAN]
    assert leaf["value"]["figures"]["agreed"] == {"area": 301, "people": 4}
    row = assembly.ask(read_decision, PAPER.number)
    assert (row.figures, row.seq, row.source_name) == (FIGURES, place, "纸质表决，系统外作出")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"documents": ()}, "no_document"),
        ({"documents": ("cd" * 32,)}, "unknown_document"),
        ({"number": "2025-2"}, "bad_number"),
        ({"number": "a/b"}, "bad_number"),
        ({"matter": "whatever"}, "unknown_matter"),
        ({"decided_on": DAY + timedelta(days=1)}, "not_yet"),
        ({"effective_on": DAY - timedelta(days=1)}, "bad_days"),
        ({"text": "请打电话给 13812345678"}, "private_data"),
        ({"figures": Figures(Amount(900, 9), Amount(599, 6), Amount(500, 6))}, "too_few_took_part"),
        ({"figures": Figures(Amount(900, 9), Amount(600, 6), Amount(300, 4))}, "too_few_agreed"),
        ({"figures": Figures(Amount(900, 9), Amount(600, 6), Amount(601, 4))}, "bad_figures"),
        ({"matter": "rebuild"}, "too_few_agreed"),
    ],
)
def test_what_a_decision_on_paper_must_have(
    assembly: Assembly, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        assembly.do(record_decision, replace(PAPER, **changes))  # type: ignore[arg-type]
    assert code in refused.value.codes
    assert PAPER.title not in {row.title for row in assembly.ask(list_decisions)}


def test_only_the_chair_records_decisions_and_only_once(assembly: Assembly) -> None:
    for actor in (MEMBER, REVIEWER):
        with pytest.raises(Forbidden):
            assembly.do(record_decision, PAPER, actor=actor)
    assembly.do(record_decision, PAPER, actor=CHAIR)
    with pytest.raises(Refused) as refused:
        assembly.do(record_decision, PAPER)
    assert refused.value.codes == {"number_taken"}


def test_each_way_a_decision_can_be_missing_has_its_own_words(assembly: Assembly) -> None:
    later = replace(PAPER, number="业主大会2025-3号", effective_on=AFTER + timedelta(days=1))
    assembly.do(record_decision, PAPER)
    assembly.do(record_decision, later)
    number = assembly.opened()
    assert refusal(assembly, "") == {"no_decision"}
    assert refusal(assembly, "业决9号") == {"unknown_decision"}
    assert refusal(assembly, number) == {"not_decided_yet"}
    assert refusal(assembly, later.number) == {"decision_not_in_force"}
    assert refusal(assembly, PAPER.number, matters=["shared_use"]) == {"wrong_matter"}
    with pytest.raises(Refused, match="四分之三以上") as refused:
        assembly.ask(require_decision, PAPER.number, matters=["shared_use"], on=AFTER)
    assert "使用建筑物及其附属设施的维修资金" in str(refused.value)
    (problem,) = assembly.ask(decision_lacking, "业决9号", matters=["other"], on=AFTER, where="依据")
    assert (problem.code, problem.where) == ("unknown_decision", "依据")


def test_a_vote_that_failed_is_on_record_and_no_basis_for_anything(assembly: Assembly) -> None:
    number = assembly.opened()
    assembly.paper(number, {"3-301": "agree"})
    assembly.close(number)
    assembly.publish(number)
    assert refusal(assembly, number) == {"decision_failed"}
    assert assembly.ask(decisions, [number]) == {}
    assert assembly.ask(read_decision, number).passed is False


def test_several_items_are_decided_apart(assembly: Assembly) -> None:
    shared = Item("出租小区道路车位", "shared_use")
    number = assembly.opened(draft_of(LIFT, shared))
    votes = {
        "1-101": "agree/agree",
        "3-101": "agree/against",
        "3-201": "agree/agree",
        "3-301": "agree/against",
    }
    assembly.paper(number, votes)
    result = assembly.close(number)
    assert [item.passed for item in result.items] == [True, False]
    assembly.publish(number)
    assert list(assembly.ask(decisions, [number, f"{number}-1", f"{number}-2"])) == [f"{number}-1"]
    assert refusal(assembly, number) == {"which_item"}
    assert refusal(assembly, f"{number}-2") == {"decision_failed"}
    found = assembly.ask(read_decision, f"{number}-1")
    assert (found.title, found.resolution, found.item) == ("更新 3 栋电梯：更新 3 栋电梯", number, 1)


def test_a_decision_holds_from_the_day_its_draft_says(assembly: Assembly) -> None:
    month_later = AFTER + timedelta(days=30)
    number = assembly.opened(draft_of(effective_on=month_later))
    assembly.paper(number, dict.fromkeys(("1-101", "3-101", "3-201", "3-301"), "agree"))
    assembly.close(number)
    assembly.publish(number)
    assert refusal(assembly, number) == {"decision_not_in_force"}
    assert assembly.ask(require_decision, number, on=month_later).number == number

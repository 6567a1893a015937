"""Choosing and dismissing the trustee: points in integers, statutory days, and what the decision unlocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert

from ledger.errors import Refused, Unanswerable
from ledger.handover.course import begin_handover
from ledger.people import Actor, Forbidden, Role
from ledger.selection.course import open_selection, record_notice, rest_on_decision, withdraw
from ledger.selection.judging import add_candidate, close_points, give_points, set_criteria
from ledger.selection.notice import notice_rule
from ledger.selection.read import SelectionFile, list_selections, read_selection
from ledger.selection.scores import Criterion, Ranked, rank
from ledger.store.engine import reading, writing
from ledger.store.tables import document
from ledger.trust import load_setup, record_setting
from ledger.trust.tenure import Tenure, record_tenure
from tests.decisions import note_decision
from tests.ledger.books import MAJOR, OPENED, TODAY, TRUSTEE, Books, act, open_books

CHAIR = Actor("zhu", "祝仁（zhuren）", frozenset({Role.CHAIR}))
JUDGES = [Actor(f"j{n}", f"委员{n}", frozenset({Role.COMMITTEE})) for n in range(3)]
CLERK = Actor("lin", "林会（kuaiji）", frozenset({Role.PREPARER}))
SCAN = "ab" * 32
NOW_IN_OFFICE = "锦安物业服务有限公司"
ENDS = date(2025, 12, 31)
CRITERIA = [("服务方案", 50), ("报价", 30), ("业绩和信用", 20)]


@dataclass(frozen=True)
class Choosing:
    """A trust whose trustee's term ends, and a procedure; a transaction a call."""

    books: Books

    @property
    def engine(self) -> Engine:
        return self.books.engine

    def open(self, kind: str = "select", planned_on: date = ENDS, actor: Actor = CHAIR) -> int:
        with writing(self.engine) as conn:
            return open_selection(
                conn, 1, kind=kind, title="选聘物业", reason="任期将满", planned_on=planned_on,
                actor=actor, act=act(),
            )  # fmt: skip

    def candidate(self, name: str, number: int = 1) -> int:
        with writing(self.engine) as conn:
            return add_candidate(
                conn, 1, number, name=name, statement="二十年经验", digest=SCAN, actor=CHAIR, act=act()
            )

    def criteria(self, rows: list[tuple[str, int]] = CRITERIA, number: int = 1) -> None:
        with writing(self.engine) as conn:
            set_criteria(conn, 1, number, rows, CHAIR)

    def points(self, judge: Actor, candidate: int, *given: int) -> None:
        with writing(self.engine) as conn:
            give_points(conn, 1, 1, candidate, dict(enumerate(given, start=1)), judge, act())

    def close(self, actor: Actor = CHAIR) -> None:
        with writing(self.engine) as conn:
            close_points(conn, 1, 1, actor, act())

    def notice(self, noticed_on: date, leaves_on: date, number: int = 1, digest: str = SCAN) -> None:
        with writing(self.engine) as conn:
            record_notice(
                conn, load_setup(conn, 1), number, noticed_on=noticed_on, leaves_on=leaves_on, digest=digest,
                actor=CHAIR, act=act(),
            )  # fmt: skip

    def decide(self, decision: str = TRUSTEE, number: int = 1) -> None:
        with writing(self.engine) as conn:
            rest_on_decision(conn, 1, number, decision, CHAIR, act())

    def hand_over(self, planned_on: date, authority: str = TRUSTEE, reason: str = "dismissed") -> int:
        with writing(self.engine) as conn:
            return begin_handover(
                conn, 1, incoming="和润物业服务有限公司", reason=reason, authority=authority,
                planned_on=planned_on, actor=CHAIR, act=act(),
            )  # fmt: skip

    def tenure(self, **changes: Any) -> int:
        values: dict[str, Any] = {
            "trustee": NOW_IN_OFFICE,
            "starts_on": OPENED,
            "ends_on": ENDS,
            "contract": "W-1",
            "notice_days": 60,
            "authority": "前期物业合同",
        }
        with writing(self.engine) as conn:
            return record_tenure(conn, 1, Tenure(**(values | changes)), act())

    def read(self, number: int = 1) -> SelectionFile:
        with reading(self.engine) as conn:
            return read_selection(conn, 1, number)


@pytest.fixture
def choosing(engine: Engine) -> Choosing:
    choosing = Choosing(open_books(engine))
    choosing.tenure()
    row = {"sha256": SCAN, "media_type": "application/pdf", "size": 1, "access": "internal"}
    with writing(engine) as conn:
        conn.execute(insert(document).values(trust_id=1, stored_at=act().now, **row))
    return choosing


@pytest.fixture
def judged(choosing: Choosing) -> Choosing:
    """Two candidates, and criteria."""
    choosing.open()
    choosing.criteria()
    choosing.candidate("和润物业服务有限公司")
    choosing.candidate("安居物业服务有限公司")
    return choosing


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return refused.value.codes


# --- points -------------------------------------------------------------------------------------------------


def test_points_are_weighed_and_the_mean_of_the_judges_ranks(judged: Choosing) -> None:
    for judge, first, second in ((0, (90, 80, 70), (80, 80, 80)), (1, (85, 81, 70), (80, 91, 60)), (2, (99, 60, 77), (80, 81, 82))):  # fmt: skip
        judged.points(JUDGES[judge], 1, *first)
        judged.points(JUDGES[judge], 2, *second)
    assert judged.read().ranking == []
    judged.close()
    assert [(one.rank, one.candidate, one.shown) for one in judged.read().ranking] == [
        (1, 1, "82.23"),
        (2, 2, "80.00"),
    ]


def test_points_given_again_take_the_place_of_the_first(judged: Choosing) -> None:
    judged.points(JUDGES[0], 1, 10, 10, 10)
    judged.points(JUDGES[0], 1, 90, 90, 90)
    judged.points(JUDGES[0], 2, 50, 50, 50)
    judged.close()
    assert [one.shown for one in judged.read().ranking] == ["90.00", "50.00"]


def test_nothing_is_closed_while_points_are_missing(judged: Choosing) -> None:
    with pytest.raises(Refused, match="还没有人评分"):
        judged.close()
    judged.points(JUDGES[0], 1, 90, 80, 70)
    with pytest.raises(Refused, match="委员0还没有给“安居物业服务有限公司”打完分"):
        judged.close()
    judged.points(JUDGES[0], 2, 90, 80, 70)
    judged.close()
    assert [one.rank for one in judged.read().ranking] == [1, 1]


def test_after_points_were_given_the_list_stays_and_after_closing_the_points(judged: Choosing) -> None:
    judged.points(JUDGES[0], 1, 90, 80, 70)
    with pytest.raises(Refused, match="名单不能再变"):
        judged.candidate("后来物业")
    judged.points(JUDGES[0], 2, 90, 80, 70)
    judged.close()
    with pytest.raises(Refused, match="不能再改"):
        judged.points(JUDGES[0], 1, 1, 1, 1)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("报价", 99)], "bad_weights"),
        ([("报价", 101)], "bad_weights"),
        ([("报价", 110), ("方案", -10)], "bad_weight"),
        ([("报价", 50), ("报价", 50)], "listed_twice"),
        ([], "bad_count"),
        ([("", 100)], "missing"),
    ],
)
def test_weights_sum_to_a_hundred(choosing: Choosing, rows: list[tuple[str, int]], code: str) -> None:
    choosing.open()
    with pytest.raises(Refused) as refused:
        choosing.criteria(rows)
    assert code in codes(refused)


def test_criteria_are_set_once_and_points_are_whole_and_complete(judged: Choosing) -> None:
    with pytest.raises(Refused, match="不能再改"):
        judged.criteria()
    for given_ in ((101, 0, 0), (-1, 0, 0), (50, 50), ()):
        with pytest.raises(Refused):
            judged.points(JUDGES[0], 1, *given_)
    with pytest.raises(Refused, match="没有这家"):
        judged.points(JUDGES[0], 9, 1, 1, 1)
    with pytest.raises(Refused, match="已在名单里"):
        judged.candidate("安居物业服务有限公司 ")


def test_who_may_do_what(judged: Choosing) -> None:
    with pytest.raises(Forbidden):
        judged.open(actor=CLERK)
    with pytest.raises(Forbidden):
        judged.points(CLERK, 1, 1, 1, 1)
    with pytest.raises(Forbidden):
        judged.close(JUDGES[0])


@given(
    weights=st.lists(st.integers(1, 50), min_size=1, max_size=4),
    points=st.lists(st.lists(st.integers(0, 100), min_size=12, max_size=12), min_size=1, max_size=4),
)
def test_places_follow_the_exact_means_of_the_weighed_points(
    weights: list[int], points: list[list[int]]
) -> None:
    criteria = [Criterion(place, str(place), weight) for place, weight in enumerate(weights)]
    judges = [f"j{n}" for n in range(len(points))]
    given_: Mapping[tuple[str, int, int], int] = {
        (judge, candidate, place): points[j][candidate * 4 + place]
        for j, judge in enumerate(judges)
        for candidate in range(3)
        for place in range(len(weights))
    }
    found = rank(criteria, range(3), judges, given_)

    def slow(candidate: int) -> Fraction:
        total = Fraction(0)
        for criterion in criteria:
            mean = Fraction(sum(given_[judge, candidate, criterion.place] for judge in judges), len(judges))
            total += Fraction(criterion.weight, 100) * mean
        return total

    for one in found:
        exact = slow(one.candidate)
        assert one.rank == 1 + sum(slow(other) > exact for other in range(3))
        assert -Fraction(1, 2) < one.score - exact * 100 <= Fraction(1, 2)
    assert [one.rank for one in found] == sorted(one.rank for one in found)
    assert all(isinstance(one, Ranked) for one in found)


# --- notice -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "ends_on", "planned_on", "name", "days"),
    [
        ("dismiss", ENDS, date(2025, 10, 1), "dismissal", 60),
        ("select", ENDS, ENDS, "nonrenewal", 90),
        ("renew", ENDS, date(2025, 10, 1), "nonrenewal", 90),
        ("dismiss", None, date(2025, 10, 1), "indefinite", 60),
        ("dismiss", date(2025, 5, 31), date(2025, 10, 1), "indefinite", 60),
    ],
)
def test_the_days_of_notice_are_those_of_the_law(
    choosing: Choosing, kind: str, ends_on: date | None, planned_on: date, name: str, days: int
) -> None:
    with reading(choosing.engine) as conn:
        setup = load_setup(conn, 1)
    tenure = Tenure(NOW_IN_OFFICE, OPENED, ends_on, "W-1", 60, "x")
    rule = notice_rule(setup, kind, tenure, planned_on, TODAY)
    assert rule is not None
    assert (rule.name, rule.days) == (name, days)
    assert rule.latest(planned_on) == planned_on - timedelta(days=days)
    assert rule.earliest(TODAY) >= TODAY + timedelta(days=days)


def test_a_contract_or_a_setting_may_ask_for_more(choosing: Choosing) -> None:
    with writing(choosing.engine) as conn:
        record_setting(conn, 1, "dismissal_notice_days", 75, effective_on=OPENED, authority="规约", act=act())
    with reading(choosing.engine) as conn:
        setup = load_setup(conn, 1)
    found = []
    for days in (60, 80):
        tenure = Tenure(NOW_IN_OFFICE, OPENED, ENDS, "W-1", days, "x")
        rule = notice_rule(setup, "dismiss", tenure, TODAY, TODAY)
        assert rule is not None
        found.append((rule.days, rule.by_contract))
    assert found == [(75, False), (80, True)]
    assert notice_rule(setup, "dismiss", None, TODAY, TODAY) is None


def test_a_notice_that_is_too_short_is_refused_with_the_earliest_day(choosing: Choosing) -> None:
    choosing.open("dismiss", planned_on=date(2025, 8, 31))
    first = TODAY + timedelta(days=60)
    with pytest.raises(Refused, match=f"最早 {first} 终止") as refused:
        choosing.notice(TODAY, first - timedelta(days=1))
    assert codes(refused) == {"notice_too_short"}
    with pytest.raises(Refused, match="扫描件"):
        choosing.notice(TODAY, first, digest="")
    with pytest.raises(Refused, match="还没到"):
        choosing.notice(TODAY + timedelta(days=1), first + timedelta(days=1))
    choosing.notice(TODAY, first)
    step = choosing.read().last("notice")
    assert step is not None
    assert (step.on_day, step.until_day) == (TODAY, first)


def test_a_term_that_is_not_renewed_ends_when_it_ends(choosing: Choosing) -> None:
    choosing.open("select", planned_on=ENDS)
    choosing.notice(TODAY, ENDS)
    with reading(choosing.engine) as conn:
        setup = load_setup(conn, 1)
    rule = notice_rule(setup, "select", Tenure(NOW_IN_OFFICE, OPENED, ENDS, "W", 60, "x"), ENDS, TODAY)
    assert rule is not None
    assert rule.earliest(TODAY) == ENDS
    assert rule.earliest(date(2025, 11, 1)) == date(2026, 1, 30)


# --- what rests on the decision -----------------------------------------------------------------------------


def test_a_choice_is_decided_after_the_ranking(judged: Choosing) -> None:
    with pytest.raises(Refused, match="请先评分"):
        judged.decide()
    judged.points(JUDGES[0], 1, 90, 80, 70)
    judged.points(JUDGES[0], 2, 90, 80, 71)
    judged.close()
    with pytest.raises(Refused, match="选聘和解聘") as refused:
        judged.decide(MAJOR)
    assert codes(refused) == {"wrong_matter"}
    judged.decide()
    assert (judged.read().stage, judged.read().decision) == ("decided", TRUSTEE)
    with pytest.raises(Refused, match="不能再办"):
        judged.decide()


def test_a_handover_rests_on_a_carried_decision_about_the_trustee(choosing: Choosing) -> None:
    with writing(choosing.engine) as conn:
        note_decision(conn, 1, "未过", "trustee_selection", passed=False)
    for number, code in (("没有", "unknown_decision"), (MAJOR, "wrong_matter"), ("未过", "decision_failed")):
        with pytest.raises(Refused) as refused:
            choosing.hand_over(ENDS, number)
        assert codes(refused) == {code}
    assert choosing.hand_over(ENDS) == 1


def test_a_handover_after_a_dismissal_waits_for_the_notice(choosing: Choosing) -> None:
    choosing.open("dismiss", planned_on=date(2025, 9, 30))
    choosing.decide()
    with pytest.raises(Refused, match="还没有登记给现任受托人的书面通知") as refused:
        choosing.hand_over(date(2025, 9, 30))
    assert codes(refused) == {"no_notice"}


def test_a_handover_is_not_before_the_day_the_notice_names(choosing: Choosing) -> None:
    choosing.open("dismiss", planned_on=date(2025, 9, 30))
    choosing.notice(TODAY, date(2025, 9, 30))
    choosing.decide()
    with pytest.raises(Refused, match="交接不能早于这一天"):
        choosing.hand_over(date(2025, 9, 29))
    choosing.hand_over(date(2025, 9, 30))


def test_a_second_tenure_needs_the_decision_the_first_did_not(choosing: Choosing) -> None:
    again = {"starts_on": date(2026, 1, 1), "ends_on": date(2028, 12, 31)}
    for number, code in (("续聘函", "unknown_decision"), (MAJOR, "wrong_matter")):
        with pytest.raises(Refused) as refused:
            choosing.tenure(**again, authority=number)
        assert codes(refused) == {code}
    assert choosing.tenure(**again, authority=TRUSTEE) == 2


def test_a_procedure_is_given_up_by_the_chair_with_a_reason(choosing: Choosing) -> None:
    choosing.open("dismiss")
    with pytest.raises(Refused, match="请填写原因"), writing(choosing.engine) as conn:
        withdraw(conn, 1, 1, "", CHAIR, act())
    with writing(choosing.engine) as conn:
        withdraw(conn, 1, 1, "双方和解", CHAIR, act())
    with pytest.raises(Refused, match="不能再办"):
        choosing.decide()
    with reading(choosing.engine) as conn:
        assert [one.stage for one in list_selections(conn, 1)] == ["withdrawn"]
        with pytest.raises(Unanswerable):
            read_selection(conn, 1, 2)


def test_a_dismissal_has_no_candidates(choosing: Choosing) -> None:
    choosing.open("dismiss")
    with pytest.raises(Refused, match="解聘没有候选单位"):
        choosing.candidate("和润物业服务有限公司")
    with pytest.raises(Refused) as refused:
        choosing.open("other", planned_on=date(2025, 1, 1))
    assert codes(refused) == {"bad_kind", "past"}

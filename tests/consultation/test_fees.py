"""A fee changes only after its cost was shown, homes were asked, the owners decided and a month's notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert

from ledger.billing import Standard, charge_property_fee, list_standards, record_fee_standard, record_standard
from ledger.consultation.answers import (
    Counts,
    Tally,
    answer_fee,
    answers_of,
    count_paper,
    counts_of,
    opinions_of,
)
from ledger.consultation.cost import Cost, CostLine, reckon_cost
from ledger.consultation.course import (
    carry_out,
    give_notice,
    open_consultation,
    rest_on_decision,
    withdraw,
)
from ledger.consultation.proposals import (
    Proposal,
    list_proposals,
    present_standard,
    propose_fee,
    read_proposal,
)
from ledger.errors import Refused, Unanswerable
from ledger.people import Actor, Forbidden, Role
from ledger.store.engine import reading, writing
from ledger.store.tables import document
from ledger.trust import load_setup, record_setting
from tests.decisions import note_decision
from tests.fees import CLERK, COMMITTEE
from tests.ledger.books import FUND_USE, MAJOR, OPENED, Books, act, fee_charge, invoice, open_books, petty

CHAIR = Actor("zhu", "祝仁（zhuren）", frozenset({Role.CHAIR}))
OWNER = Actor("ye", "叶主（yezhu）", frozenset({Role.RESIDENT}), units=("1-101",))
BEGAN = date(2025, 6, 2)
LAST_ANSWER = date(2025, 6, 20)
DECIDED = date(2025, 6, 23)
EFFECT = date(2025, 8, 1)
AGREED = "业决〔2025〕1号"
"""What the owners decided on the proposal, after the homes were asked."""
ASKED = Standard("property", "use", "home", "area", 22_000, EFFECT, "待定")


@dataclass(frozen=True)
class Talks:
    """A trust that has charged a fee, and a proposal to change it; a transaction a call."""

    books: Books

    @property
    def engine(self) -> Engine:
        return self.books.engine

    def propose(self, asked: Standard = ASKED, day: date = BEGAN, actor: Actor = CLERK) -> int:
        with writing(self.engine) as conn:
            setup = load_setup(conn, 1)
            return propose_fee(conn, setup, asked, "人工和电费上涨", actor, act(day))

    def consult(self, number: int = 1, until: date = LAST_ANSWER, day: date = BEGAN) -> None:
        with writing(self.engine) as conn:
            open_consultation(conn, 1, number, until, COMMITTEE, act(day))

    def answer(
        self, choice: str, unit: str = "1-101", day: date = BEGAN, note: str = "", actor: Actor = OWNER
    ) -> None:
        with writing(self.engine) as conn:
            answer_fee(conn, 1, 1, unit, choice, note, actor, act(day))

    def count(self, actor: Actor, *figures: int, day: date = LAST_ANSWER) -> bool:
        with writing(self.engine) as conn:
            return count_paper(conn, 1, 1, Tally(*figures), "", actor, act(day))

    def decide(self, number: str = AGREED, day: date = DECIDED) -> None:
        with writing(self.engine) as conn:
            rest_on_decision(conn, 1, 1, number, COMMITTEE, act(day))

    def notice(self, put_up_on: date = DECIDED, effective_on: date = EFFECT, day: date = DECIDED) -> None:
        with writing(self.engine) as conn:
            setup = load_setup(conn, 1)
            give_notice(
                conn, setup, 1, put_up_on=put_up_on, effective_on=effective_on, actor=CLERK, act=act(day)
            )

    def carry_out(self, day: date = DECIDED) -> int:
        with writing(self.engine) as conn:
            return carry_out(conn, 1, 1, CLERK, act(day))

    def record(self, asked: Standard) -> int:
        with writing(self.engine) as conn:
            return record_standard(conn, 1, asked, CLERK, act())

    def read(self, number: int = 1) -> Proposal:
        with reading(self.engine) as conn:
            return read_proposal(conn, 1, number)

    def counts(self) -> Counts:
        with reading(self.engine) as conn:
            return counts_of(conn, 1, [1])[1]

    def cost(self, day: date) -> Cost:
        with reading(self.engine) as conn:
            return reckon_cost(conn, load_setup(conn, 1), day)


@pytest.fixture
def talks(engine: Engine) -> Talks:
    books = open_books(engine)
    with writing(engine) as conn:
        record_fee_standard(conn, 1, "home", 19_800, effective_on=OPENED, authority="前期物业合同")
        charge_property_fee(conn, 1, 202505, preparer="甲", reviewer="乙", act=act(date(2025, 5, 1)))
        note_decision(conn, 1, AGREED, decided_on=DECIDED)
    return Talks(books)


@pytest.fixture
def asked(talks: Talks) -> Talks:
    talks.propose()
    talks.consult()
    return talks


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return refused.value.codes


# --- the course ---------------------------------------------------------------------------------------------


def test_a_change_goes_through_consultation_decision_and_notice_to_a_new_version(asked: Talks) -> None:
    asked.answer("agree")
    asked.decide()
    asked.notice()
    asked.carry_out()
    with reading(asked.engine) as conn:
        newest = list_standards(conn, 1, "property")[-1]
        assert present_standard(list_standards(conn, 1), ASKED, EFFECT) == newest
        before = present_standard(list_standards(conn, 1), ASKED, EFFECT - timedelta(days=1))
    assert (newest.rate_e4, newest.effective_on, newest.authority) == (22_000, EFFECT, AGREED)
    assert before is not None
    assert before.rate_e4 == 19_800
    assert asked.read().stage(EFFECT) == "recorded"


def test_the_stages_are_told_from_what_was_done(talks: Talks) -> None:
    talks.propose()
    seen = [talks.read().stage(BEGAN)]
    talks.consult()
    seen += [talks.read().stage(BEGAN), talks.read().stage(LAST_ANSWER), talks.read().stage(DECIDED)]
    talks.decide()
    seen.append(talks.read().stage(DECIDED))
    talks.notice()
    seen.append(talks.read().stage(DECIDED))
    assert seen == ["proposed", "consulting", "consulting", "consulted", "decided", "noticed"]


def test_no_step_is_taken_before_the_one_before_it(talks: Talks) -> None:
    talks.propose()
    for step in (talks.decide, talks.notice, talks.carry_out):
        with pytest.raises(Refused) as refused:
            step()
        assert codes(refused) == {"wrong_stage"}
    talks.consult()
    with pytest.raises(Refused, match=f"征询到 {LAST_ANSWER} 才结束"):
        talks.decide(day=LAST_ANSWER)


def test_it_takes_effect_a_month_after_the_notice_at_the_earliest(asked: Talks) -> None:
    asked.decide()
    first = DECIDED + timedelta(days=30)
    with pytest.raises(Refused, match=f"最早 {first} 起执行") as refused:
        asked.notice(effective_on=first - timedelta(days=1))
    assert codes(refused) == {"notice_too_short"}
    asked.notice(effective_on=first)


def test_the_notice_is_as_long_as_the_community_says(asked: Talks) -> None:
    with writing(asked.engine) as conn:
        record_setting(conn, 1, "fee_notice_days", 45, effective_on=OPENED, authority="规约", act=act())
    asked.decide()
    with pytest.raises(Refused, match=f"提前 45 日公示.*最早 {DECIDED + timedelta(days=45)}"):
        asked.notice()


def test_a_notice_is_recorded_when_it_hangs_and_after_the_decision(asked: Talks) -> None:
    asked.decide()
    with pytest.raises(Refused, match="还没到"):
        asked.notice(put_up_on=DECIDED + timedelta(days=1), effective_on=EFFECT + timedelta(days=9))
    with pytest.raises(Refused, match="公示不能早于"):
        asked.notice(put_up_on=DECIDED - timedelta(days=1))


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("没有这号", "unknown_decision"),
        ("", "no_decision"),
        (FUND_USE, "wrong_matter"),
        ("未过", "decision_failed"),
        ("太晚", "decision_not_in_force"),
        (MAJOR, "decided_before_consultation"),
        ("征询前一天", "decided_before_consultation"),
    ],
)
def test_without_the_right_decision_nothing_goes_on(asked: Talks, number: str, code: str) -> None:
    with writing(asked.engine) as conn:
        note_decision(conn, 1, "未过", passed=False)
        note_decision(conn, 1, "太晚", decided_on=EFFECT + timedelta(days=1))
        note_decision(conn, 1, "征询前一天", decided_on=BEGAN - timedelta(days=1))
    with pytest.raises(Refused) as refused:
        asked.decide(number)
    assert codes(refused) == {code}
    assert asked.read().stage(DECIDED) == "consulted"


def test_a_decision_of_the_day_the_homes_were_first_asked_will_do(talks: Talks) -> None:
    talks.propose()
    talks.consult()
    talks.consult(until=LAST_ANSWER + timedelta(days=1), day=BEGAN + timedelta(days=2))
    with writing(talks.engine) as conn:
        note_decision(conn, 1, "当天", decided_on=BEGAN)
    talks.decide("当天")
    assert talks.read().stage(DECIDED) == "decided"


def test_a_proposal_can_be_given_up_with_a_reason_and_then_stays_so(asked: Talks) -> None:
    with writing(asked.engine) as conn:
        withdraw(conn, 1, 1, "业委会要求重新测算", CLERK, act(DECIDED))
    with pytest.raises(Refused):
        asked.decide()
    assert asked.read().stage(DECIDED) == "withdrawn"


def test_a_proposal_is_a_standard_that_could_be_charged_from_a_day_to_come(talks: Talks) -> None:
    with pytest.raises(Refused) as refused:
        talks.propose(replace(ASKED, rate_e4=0, effective_on=BEGAN, scope="building", target="99"))
    assert codes(refused) == {"bad_rate", "past", "unknown_building"}
    with pytest.raises(Unanswerable):
        talks.read(7)


def test_who_may_do_what(asked: Talks) -> None:
    with pytest.raises(Forbidden):
        asked.propose(actor=OWNER)
    with pytest.raises(Forbidden), writing(asked.engine) as conn:
        open_consultation(conn, 1, 1, LAST_ANSWER, CLERK, act(BEGAN))
    with pytest.raises(Forbidden):
        asked.count(CLERK, 1, 0, 0)


# --- the rule on fee standards ------------------------------------------------------------------------------


def test_after_the_books_opened_a_bare_change_is_refused(talks: Talks) -> None:
    with pytest.raises(Refused, match="调价征询") as refused:
        talks.record(replace(ASKED, authority=AGREED))
    assert codes(refused) == {"no_consultation"}
    with pytest.raises(Refused, match="调价征询"), writing(talks.engine) as conn:
        record_fee_standard(conn, 1, "home", 30_000, effective_on=EFFECT, authority=AGREED)
    with pytest.raises(Refused, match="调价征询"):
        talks.record(replace(ASKED, scope="units", target="", units=("1-101",), authority=AGREED))


def test_the_first_standard_of_an_item_or_use_and_any_before_the_first_entry_are_free(engine: Engine) -> None:
    talks = Talks(open_books(engine))
    talks.record(replace(ASKED, authority="前期物业合同"))
    talks.record(replace(ASKED, authority="前期物业合同", rate_e4=25_000))
    talks.books.post(fee_charge())
    talks.record(Standard("parking", "use", "地面", "fixed", 150_0000, EFFECT, "停车协议"))
    talks.record(Standard("parking", "use", "地下", "fixed", 200_0000, EFFECT, "停车协议"))
    with pytest.raises(Refused):
        talks.record(Standard("parking", "use", "地面", "fixed", 160_0000, EFFECT, "停车协议"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rate_e4": 22_001}, "no_consultation"),
        ({"scope": "building", "target": "1"}, "no_consultation"),
        ({"method": "none", "rate_e4": 0}, "no_consultation"),
        ({"effective_on": EFFECT - timedelta(days=1)}, "not_as_noticed"),
        ({"authority": FUND_USE}, "not_as_noticed"),
    ],
)
def test_what_is_recorded_is_what_was_announced(asked: Talks, change: dict[str, Any], code: str) -> None:
    asked.decide()
    asked.notice()
    with pytest.raises(Refused) as refused:
        asked.record(replace(ASKED, **({"authority": AGREED} | change)))
    assert codes(refused) == {code}
    asked.record(replace(ASKED, authority=AGREED))


def test_an_announced_change_is_recorded_once(asked: Talks) -> None:
    asked.decide()
    asked.notice()
    asked.carry_out()
    with pytest.raises(Refused):
        asked.carry_out()
    with pytest.raises(Refused):
        asked.record(replace(ASKED, authority=AGREED))


# --- what homes say -----------------------------------------------------------------------------------------


def test_a_home_answers_once_and_a_new_answer_takes_the_old_ones_place(asked: Talks) -> None:
    asked.answer("agree")
    asked.answer("against", note="太贵")
    assert asked.counts().online == Tally(0, 1, 0, 3)
    with reading(asked.engine) as conn:
        assert answers_of(conn, 1, 1, ["1-101", "1-102"])["1-101"].choice == "against"
        assert [one.note for one in opinions_of(conn, 1, 1)] == ["太贵"]


def test_one_answers_for_ones_own_home_while_the_consultation_lasts(talks: Talks) -> None:
    talks.propose()
    with pytest.raises(Refused, match="还没有开始"):
        talks.answer("agree")
    talks.consult()
    with pytest.raises(Forbidden, match="自己名下"):
        talks.answer("agree", unit="1-102")
    with pytest.raises(Forbidden):
        talks.answer("agree", actor=CLERK)
    with pytest.raises(Refused, match="请写明意见"):
        talks.answer("other")
    talks.answer("agree", day=LAST_ANSWER)
    with pytest.raises(Refused, match="已经结束"):
        talks.answer("against", day=LAST_ANSWER + timedelta(days=1))


def test_paper_counts_hold_once_two_people_counted_the_same(asked: Talks) -> None:
    assert not asked.count(COMMITTEE, 1, 0, 1)
    assert asked.counts().paper == Tally()
    with pytest.raises(Refused, match="另一人"):
        asked.count(COMMITTEE, 1, 0, 1)
    assert not asked.count(CHAIR, 2, 0, 0)
    assert asked.count(COMMITTEE, 2, 0, 0)
    assert asked.counts().total == Tally(2, 0, 0, 3)


def test_no_more_answers_than_there_are_homes(asked: Talks) -> None:
    asked.answer("agree")
    with pytest.raises(Refused, match="超过全小区 3 户"):
        asked.count(COMMITTEE, 2, 1, 0)
    asked.count(COMMITTEE, 1, 1, 0)


@pytest.mark.db("sqlite")
def test_the_list_takes_the_same_queries_however_long(
    talks: Talks, count_queries: Callable[..., Any]
) -> None:
    def queries() -> int:
        with count_queries(talks.engine) as seen, reading(talks.engine) as conn:
            found = list_proposals(conn, 1)
            counts_of(conn, 1, [one.proposal for one in found])
        return len(seen)

    talks.propose()
    one = queries()
    for _ in range(5):
        talks.propose()
    assert queries() == one
    with reading(talks.engine) as conn:
        assert [p.proposal for p in list_proposals(conn, 1, before=4, limit=2)] == [3, 2]


# --- the cost -----------------------------------------------------------------------------------------------


def test_the_cost_is_what_the_fund_spent_by_the_area_that_paid(talks: Talks) -> None:
    talks.books.post_many(
        [petty(1_000_01, date=date(2025, 5, 9)), petty(500_00, date=date(2024, 6, 1)), invoice(300_00)]
    )
    cost = talks.cost(date(2025, 6, 15))
    assert (cost.since, cost.until, cost.months) == (date(2024, 6, 1), date(2025, 5, 31), 12)
    assert cost.total == 1_800_01
    assert cost.earned == 3 * 90 * 198
    assert cost.area_months == 3 * 90_00 * 12
    assert cost.per_area == Fraction(1_800_01 * 10_000, 3 * 90_00 * 12)
    assert cost.rate_e4 == 5556


def test_red_letters_are_netted_and_other_months_and_funds_left_out(talks: Talks) -> None:
    wrong = talks.books.post(petty(700_00, date=date(2025, 5, 9)))
    talks.books.post(petty(9_99, date=date(2024, 5, 31)))
    talks.books.post(petty(9_99, date=date(2025, 6, 1)))
    talks.books.reverse(wrong.ref, on=date(2025, 5, 20))
    assert talks.cost(date(2025, 6, 15)).expenses == ()


def test_young_books_are_reckoned_over_the_months_they_have(talks: Talks) -> None:
    cost = talks.cost(date(2024, 3, 9))
    assert (cost.months, cost.since, cost.until) == (2, date(2024, 1, 1), date(2024, 2, 29))
    empty = talks.cost(date(2024, 1, 20))
    assert (empty.months, empty.area_months, empty.per_area, empty.rate_e4) == (0, 0, None, None)


def test_closing_the_year_does_not_change_the_cost(talks: Talks) -> None:
    talks.books.post_many([petty(60_00, date=date(2024, 5, 8)), petty(40_00, date=date(2024, 12, 8))])
    before = talks.cost(date(2025, 1, 9))
    talks.books.close_year(2024)
    assert talks.cost(date(2025, 1, 9)).expenses == before.expenses
    assert before.total == 100_00


def test_the_reckoning_of_the_day_stays_with_the_proposal(asked: Talks) -> None:
    before = asked.read().cost
    asked.books.post(petty(80_00, date=date(2025, 5, 9)))
    assert asked.read().cost == before
    assert asked.cost(BEGAN).total == before.total + 80_00


@given(fen=st.integers(0, 10**12), area=st.integers(1, 10**10))
def test_the_rate_is_the_nearest_to_the_exact_cost(fen: int, area: int) -> None:
    cost = Cost(BEGAN, BEGAN, 1, 0, (CostLine("5001", "人工", fen),), (), area)
    exact = Fraction(fen, 100) / Fraction(area, 100) * 10_000
    assert cost.per_area == exact
    assert cost.rate_e4 is not None
    assert -Fraction(1, 2) < cost.rate_e4 - exact <= Fraction(1, 2)


def test_a_papers_hash_has_to_be_known(asked: Talks) -> None:
    with pytest.raises(Refused, match="没有这份附件"), writing(asked.engine) as conn:
        count_paper(conn, 1, 1, Tally(1), "0" * 64, COMMITTEE, act(LAST_ANSWER))
    with writing(asked.engine) as conn:
        row = {"sha256": "0" * 64, "media_type": "application/pdf", "size": 1, "access": "internal"}
        conn.execute(insert(document).values(trust_id=1, stored_at=act().now, **row))
        count_paper(conn, 1, 1, Tally(1), "0" * 64, COMMITTEE, act(LAST_ANSWER))

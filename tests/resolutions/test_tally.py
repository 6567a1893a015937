"""The count is exact at every threshold, by area and by headcount; against a slow one written otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.resolutions.matters import Amount, Threshold, matters
from ledger.resolutions.results import ResultItem, result_items
from ledger.resolutions.rules import Rules
from ledger.resolutions.tally import tally
from ledger.resolutions.value import CHOOSE, Item
from ledger.resolutions.words import percent, result_sentence

HALF = {"rules_of_procedure", "management_covenant", "committee_election", "trustee_selection", "use_maintenance_fund", "other"}  # fmt: skip
THREE_QUARTERS = {"raise_maintenance_fund", "rebuild", "shared_use"}


def counted(
    matter: str,
    areas: Mapping[int, int],
    said: Mapping[int, str],
    rules: Rules | None = None,
    delivered: Sequence[int] = (),
) -> ResultItem:
    item = Item("某事", matter)
    ballots = {voter: (choice,) for voter, choice in said.items()}
    return result_items([item], tally([item], rules or Rules(), areas, ballots, delivered))[0]


def even(n: int) -> dict[int, int]:
    """n voters of 100 m² each."""
    return dict.fromkeys(range(1, n + 1), 100_00)


def say(agree: int, against: int = 0, abstain: int = 0) -> dict[int, str]:
    """The first voters agree, the next are against, the next abstain."""
    words = ["agree"] * agree + ["against"] * against + ["abstain"] * abstain
    return dict(enumerate(words, start=1))


def test_the_nine_matters_and_what_each_takes() -> None:
    assert {m.item for m in matters().values()} == set(range(1, 10))
    assert set(matters()) == HALF | THREE_QUARTERS
    assert all(m.participate == Threshold(2, 3) for m in matters().values())
    assert {name for name, m in matters().items() if m.agree == Threshold(1, 2, True)} == HALF
    assert {name for name, m in matters().items() if m.agree == Threshold(3, 4)} == THREE_QUARTERS


@pytest.mark.parametrize(("took_part", "enough"), [(199, False), (200, True), (201, True)])
def test_two_thirds_that_take_part_are_enough_and_one_less_is_not(took_part: int, enough: bool) -> None:
    item = counted("other", even(300), say(took_part))
    assert (item.quorum.area, item.quorum.people, item.passed) == (enough, enough, enough)


@pytest.mark.parametrize(("agree", "passed"), [(99, False), (100, False), (101, True)])
def test_half_is_not_more_than_half(agree: int, passed: bool) -> None:
    item = counted("other", even(300), say(agree, 200 - agree))
    assert item.quorum.both
    assert (item.enough.area, item.enough.people, item.passed) == (passed, passed, passed)


@pytest.mark.parametrize("matter", sorted(THREE_QUARTERS))
@pytest.mark.parametrize(("agree", "passed"), [(149, False), (150, True)])
def test_three_quarters_are_enough(matter: str, agree: int, passed: bool) -> None:
    item = counted(matter, even(300), say(agree, 200 - agree))
    assert item.passed is passed


@pytest.mark.parametrize(
    ("big", "quorum"),
    [(1_99, (False, True)), (2_00, (True, True))],
    ids=["a square centimetre short", "just enough"],
)
def test_area_counts_apart_from_heads(big: int, quorum: tuple[bool, bool]) -> None:
    """Two of three take part; whether they have two thirds of the area hangs on 0.01 m²."""
    areas = {1: big // 2, 2: big - big // 2, 3: 1_00}
    item = counted("other", areas, say(2))
    assert (item.quorum.area, item.quorum.people) == quorum
    assert item.passed is all(quorum)


def test_heads_count_apart_from_area() -> None:
    """One of large area agrees, two small ones don't: more than half of the area, not of the heads."""
    item = counted("other", {1: 1_000_00, 2: 10_00, 3: 10_00}, say(1, 2))
    assert (item.enough.area, item.enough.people, item.passed) == (True, False, False)


def test_nobody_took_part() -> None:
    item = counted("other", even(3), {})
    assert not item.passed
    assert result_sentence(item) == "参与 0.0% 面积 / 0.0% 人数，均未达到三分之二；参与不够，没有通过"


def test_abstentions_take_part_and_follow_the_majority_only_if_the_rules_say_so() -> None:
    said = say(100, 60, 60)
    assert not counted("other", even(300), said).passed, "100 of 220"
    item = counted("other", even(300), said, Rules(abstain="majority"))
    assert (item.passed, item.followed, item.agreed.people) == (True, "agree", 160)


def test_an_abstention_follows_nobody_when_area_and_heads_disagree() -> None:
    areas = {1: 500_00, 2: 10_00, 3: 10_00, 4: 10_00}
    item = counted("other", areas, {1: "agree", 2: "against", 3: "against", 4: "abstain"}, Rules(abstain="majority"))  # fmt: skip
    assert (item.followed, item.agreed.people, item.against.people) == ("", 1, 2)


def test_silence_counts_only_where_the_rules_say_so_and_the_paper_was_delivered() -> None:
    said, areas = say(100, 20), even(300)
    assert not counted("other", areas, said, delivered=range(121, 301)).quorum.both
    rules = Rules(silence="majority")
    item = counted("other", areas, said, rules, delivered=[*range(1, 10), *range(121, 221)])
    assert (item.silent.people, item.took_part.people, item.agreed.people) == (100, 220, 200)
    assert not counted("other", areas, said, rules, delivered=range(121, 180)).quorum.both


def test_an_invalid_ballot_takes_part_only_if_the_rules_say_so() -> None:
    said = {**say(150), **dict.fromkeys(range(151, 201), "invalid")}
    assert not counted("other", even(300), said).quorum.both
    assert counted("other", even(300), said, Rules(invalid="apart")).quorum.both


# --- Candidates ---------------------------------------------------------------------------------------------


def elected(seats: int, votes: Mapping[str, int], rules: Rules | None = None) -> ResultItem:
    """Choices with how many made each, out of 300 owners of equal area."""
    item = Item("选举", "committee_election", kind=CHOOSE, candidates=("甲", "乙", "丙"), seats=seats)
    choices = [choice for choice, times in votes.items() for _ in range(times)]
    ballots = {voter: (choice,) for voter, choice in enumerate(choices, start=1)}
    return result_items([item], tally([item], rules or Rules(), even(300), ballots))[0]


def test_a_candidate_needs_more_than_half_of_those_who_took_part() -> None:
    assert elected(1, {"1": 100, "2": 100}).chosen == ()
    assert elected(1, {"1": 101, "2": 99}).chosen == (1,)
    assert elected(1, {"1": 101, "against": 99}).chosen == (1,)


def test_of_more_with_enough_votes_than_seats_the_first_are_chosen() -> None:
    item = elected(2, {"1,2": 90, "1,3": 60, "2,3": 60})
    assert [c.agreed.people for c in item.candidates] == [150, 150, 120]
    assert item.chosen == (1, 2)


def test_those_who_tie_for_the_last_seat_are_not_chosen() -> None:
    item = elected(2, {"1,2": 70, "1,3": 70, "2,3": 70})
    assert (item.chosen, item.tied, item.passed) == ((), (1, 2, 3), False)


def test_nobody_is_chosen_without_a_quorum() -> None:
    assert elected(1, {"1": 199}).chosen == ()


# --- Against a slow count -----------------------------------------------------------------------------------


@dataclass
class Owner:
    area: int
    said: str | None
    delivered: bool


owners = st.lists(
    st.builds(
        Owner,
        st.one_of(st.integers(1, 12), st.integers(1, 9_999_999)),
        st.sampled_from(["agree", "agree", "agree", "against", "abstain", "invalid", None]),
        st.booleans(),
    ),
    min_size=1,
    max_size=24,
)
all_rules = st.builds(
    Rules,
    abstain=st.sampled_from(["apart", "majority"]),
    silence=st.sampled_from(["absent", "majority"]),
    invalid=st.sampled_from(["absent", "apart"]),
)


def slowly(matter: str, everybody: Sequence[Owner], rules: Rules) -> tuple[bool, bool]:
    """Participation and outcome by fractions, one measure after the other: written from the law's text."""
    words = [
        "silent" if o.said is None and o.delivered and rules.silence == "majority" else o.said
        for o in everybody
    ]
    measures = ([Fraction(o.area) for o in everybody], [Fraction(1) for _ in everybody])

    def of(measure: Sequence[Fraction], *wanted: str) -> Fraction:
        return sum((m for m, w in zip(measure, words, strict=True) if w in wanted), Fraction(0))

    present = ["agree", "against", "abstain", "silent"] + (["invalid"] if rules.invalid == "apart" else [])
    following = ["silent"] + (["abstain"] if rules.abstain == "majority" else [])
    more = all(of(m, "agree") > of(m, "against") for m in measures)
    agreeing = ["agree", *following] if more else ["agree"]
    quorum = all(of(m, *present) / sum(m) >= Fraction(2, 3) for m in measures)
    needed = Fraction(3, 4) if matter in THREE_QUARTERS else Fraction(1, 2)
    for m in measures:
        if of(m, *present) == 0:
            return quorum, False
        share = of(m, *agreeing) / of(m, *present)
        if share < needed or (matter not in THREE_QUARTERS and share == needed):
            return quorum, False
    return quorum, quorum


@given(st.sampled_from(sorted(HALF | THREE_QUARTERS)), owners, all_rules)
def test_the_count_agrees_with_a_slow_one(matter: str, everybody: list[Owner], rules: Rules) -> None:
    areas = {no: o.area for no, o in enumerate(everybody, start=1)}
    said = {no: o.said for no, o in enumerate(everybody, start=1) if o.said is not None}
    delivered = [no for no, o in enumerate(everybody, start=1) if o.delivered]
    item = counted(matter, areas, said, rules, delivered)
    assert (item.quorum.both, item.passed) == slowly(matter, everybody, rules)


@given(
    st.sampled_from([Threshold(2, 3), Threshold(3, 4), Threshold(1, 2, True)]),
    st.integers(1, 10**12),
    st.integers(-2, 2),
)
def test_a_threshold_is_exact_to_the_unit(threshold: Threshold, whole: int, off: int) -> None:
    part = whole * threshold.numerator // threshold.denominator + off
    share, line = Fraction(part, whole), Fraction(threshold.numerator, threshold.denominator)
    assert threshold.met(part, whole) is (share > line if threshold.more_than else share >= line)


@given(
    st.sampled_from([Threshold(2, 3), Threshold(3, 4), Threshold(1, 2, True)]),
    st.integers(1, 10**7),
    st.fractions(0, 1),
)
def test_a_percentage_never_claims_a_threshold_that_is_not_met(
    threshold: Threshold, whole: int, share: Fraction
) -> None:
    part = int(whole * share)
    shown = Fraction(percent(part, whole, threshold).removesuffix("%")) / 100
    assert shown <= Fraction(part, whole), "cut off, never rounded up"
    if not threshold.met(part, whole):
        line = Fraction(threshold.numerator, threshold.denominator)
        assert shown <= line if threshold.more_than else shown < line


def test_percentages_get_the_digits_it_takes() -> None:
    assert percent(713, 1000) == "71.3%"
    assert percent(500_001, 1_000_000, Threshold(1, 2, True)) == "50.0001%"
    assert percent(1, 2, Threshold(1, 2, True)) == "50.0%"
    assert percent(749_999, 1_000_000, Threshold(3, 4)) == "74.9%"


def test_a_result_in_words() -> None:
    areas = {**even(297), 298: 400_00, 299: 400_00, 300: 400_00}
    item = counted("use_maintenance_fund", areas, say(180, 40))
    assert result_sentence(item) == (
        "参与 71.1% 面积 / 73.3% 人数，均达到三分之二；同意 81.8% 面积 / 81.8% 人数（占参与），均过半数；通过"
    )
    item = counted("shared_use", even(300), say(149, 51))
    assert result_sentence(item).endswith(
        "同意 74.5% 面积 / 74.5% 人数（占参与），均未达到四分之三；没有通过"
    )
    assert Amount(1, 2).plus(Amount(3, 4)) == Amount(4, 6)

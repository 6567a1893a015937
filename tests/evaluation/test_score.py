"""The arithmetic of the two hundreds: nothing below nought or above the weight, nothing merged, no order."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Refused
from ledger.evaluation.checks import scheme_problems
from ledger.evaluation.scheme import (
    FULL,
    HALVES,
    Rule,
    Scheme,
    decode_scheme,
    default_scheme,
    points_text,
    read_points,
    read_scheme,
)
from ledger.evaluation.scheme_text import write_scheme
from ledger.evaluation.score import Found, Item, Key, Scores, score

DAY = date(2025, 3, 1)
SCHEME = default_scheme()
RULES = [(indicator, rule) for _, indicator in SCHEME.indicators() for rule in indicator.rules]
items = st.builds(
    Item,
    on=st.integers(0, 90).map(lambda n: DAY + timedelta(days=n)),
    what=st.sampled_from(["甲", "乙", "丙"]),
    count=st.integers(0, 40),
    page=st.just("/entries"),
)


@st.composite
def findings(draw: Any) -> dict[Key, Found | None]:
    """Anything that can be found, for some of the rules."""
    found: dict[Key, Found | None] = {}
    for indicator, rule in RULES:
        kind = draw(st.sampled_from(["missing", "none", "found", "found"]))
        if kind == "none":
            found[indicator.code, rule.code] = None
        elif kind == "found":
            listed = tuple(draw(st.lists(items, max_size=4)))
            whole = draw(st.integers(0, 60)) if rule.how != "count" else None
            found[indicator.code, rule.code] = Found(listed, whole)
    return found


def everything(found: Found | None = None) -> dict[Key, Found | None]:
    """Nothing to complain of, everywhere."""
    full = Found((Item(DAY, "全部", 10, ""),), 10)
    return {
        (indicator.code, rule.code): full
        if rule.how == "shortfall"
        else Found((), 10 if rule.how == "percent" else None)
        for indicator, rule in RULES
    }


def rule_of(scores: Scores, code: str) -> Any:
    return next(one for half in HALVES for one in scores.half(half).indicators if one.indicator.code == code)


def test_the_default_scheme_is_without_a_fault_and_has_seventeen_indicators() -> None:
    assert scheme_problems(SCHEME) == []
    assert [indicator.code for _, indicator in SCHEME.indicators()] == [
        *(f"S{n}" for n in range(1, 9)),
        *(f"P{n}" for n in range(1, 10)),
    ]
    assert decode_scheme(SCHEME.encoded()) == SCHEME


def test_without_a_fault_both_halves_have_a_hundred() -> None:
    scores = score(SCHEME, everything())
    assert [(half.points, half.possible, half.grade) for half in (scores.service, scores.party)] == [
        (FULL, FULL, "A"),
        (FULL, FULL, "A"),
    ]


def test_without_figures_nothing_is_rated_and_there_is_no_grade() -> None:
    scores = score(SCHEME, {})
    assert (scores.service.points, scores.service.possible, scores.service.grade) == (0, 0, "")
    assert all(one.points is None for one in scores.party.indicators)


@given(findings())
def test_no_indicator_leaves_the_span_from_nought_to_its_weight(found: dict[Key, Found | None]) -> None:
    scores = score(SCHEME, found)
    for half in (scores.service, scores.party):
        for one in half.indicators:
            assert one.points is None or 0 <= one.points <= one.indicator.weight
        rated = [one.points for one in half.indicators if one.points is not None]
        assert half.points == sum(rated)
        assert half.points + half.lost + half.unrated == FULL


@given(findings(), st.randoms())
def test_the_order_of_what_was_found_does_not_matter(found: dict[Key, Found | None], random: Any) -> None:
    shuffled: dict[Key, Found | None] = {}
    keys = list(found)
    random.shuffle(keys)
    for key in keys:
        one = found[key]
        if one is not None:
            listed = list(one.items)
            random.shuffle(listed)
            one = Found(tuple(listed), one.whole)
        shuffled[key] = one
    assert score(SCHEME, shuffled) == score(SCHEME, found)


@given(findings())
def test_the_same_findings_give_the_same_scores_after_being_written_down(
    found: dict[Key, Found | None],
) -> None:
    kept = {
        key: None if one is None else msgspec.json.decode(msgspec.json.encode(one), type=Found)
        for key, one in found.items()
    }
    assert msgspec.json.encode(score(SCHEME, kept)) == msgspec.json.encode(score(SCHEME, found))


@given(findings(), st.sampled_from(RULES), items)
def test_one_more_fault_never_gains_a_point(
    found: dict[Key, Found | None], where: tuple[Any, Rule], item: Item
) -> None:
    indicator, rule = where
    before = found.get((indicator.code, rule.code))
    if before is None or rule.how == "shortfall":
        return
    worse = {**found, (indicator.code, rule.code): Found((*before.items, item), before.whole)}
    was, now = (rule_of(score(SCHEME, one), indicator.code).points for one in (found, worse))
    assert (was is None) == (now is None)
    assert now is None or now <= was


@given(findings(), findings())
def test_the_halves_do_not_touch_each_other(one: dict[Key, Any], other: dict[Key, Any]) -> None:
    mixed = {key: (one if key[0].startswith("S") else other).get(key) for key in {*one, *other}}
    assert score(SCHEME, mixed).service == score(SCHEME, one).service
    assert score(SCHEME, mixed).party == score(SCHEME, other).party
    assert not hasattr(score(SCHEME, mixed), "points"), "there is no total of both"


def test_each_kind_of_rule_loses_what_the_table_says() -> None:
    found = everything()
    found["S7", "late"] = Found((Item(DAY, "月报逾期", 5, "/statements"),))
    found["S6", "overdue"] = Found((Item(DAY, "超时", 1, ""),), 30)
    found["S8", "satisfied"] = Found((Item(DAY, "满意", 2, ""),), 3)
    found["P2", "cross"] = Found((Item(DAY, "交叉任职", 1, ""),), 5)
    found["P3", "missed"] = Found(tuple(Item(DAY, f"缺会{n}", 1, "") for n in range(9)))
    scores = score(SCHEME, found)
    lost = {code: rule_of(scores, code).lost for code in ("S7", "S6", "S8", "P2", "P3")}
    assert lost == {
        "S7": 250,  # 5 days at 0.5
        "S6": 150,  # 3 whole per cent of 3.33 at 0.5
        "S8": 267,  # 8 × ⅓, to the hundredth
        "P2": 600,  # 20 % where 50 % were asked: three fifths of 10
        "P3": 2000,  # nine times 3 would be 27, but there are 20 only
    }


def test_a_rule_that_is_not_needed_leaves_the_others_to_rate_the_indicator() -> None:
    found = everything()
    found["S7", "differs"] = None
    assert rule_of(score(SCHEME, found), "S7").points == 12_00
    found["S7", "late"] = None
    assert rule_of(score(SCHEME, found), "S7").points is None
    for code in ("overdue", "answers", "rework"):
        found["S6", code] = None
    assert rule_of(score(SCHEME, found), "S6").points is None, "nothing at all is not full marks"


def test_a_veto_brings_the_grade_down_and_no_points() -> None:
    scores = score(SCHEME, everything(), ["V1"])
    assert (scores.service.points, scores.service.grade, scores.service.vetoes) == (FULL, "D", ("V1",))
    assert scores.party.grade == "A", "only the halves it names"
    assert [score(SCHEME, {}, ["V2"]).half(half).grade for half in HALVES] == ["D", "D"]


@given(st.integers(0, FULL))
def test_grades_are_of_what_was_rated(points: int) -> None:
    from ledger.evaluation.score import grade_of

    expected = next(b.grade for b in SCHEME.bands if Fraction(points, FULL) * 100 >= Fraction(b.least, 100))
    assert grade_of(SCHEME, points, FULL, False) == expected
    assert grade_of(SCHEME, 0, SCHEME.least_weight - 1, False) == ""


def broken(**changes: Any) -> Scheme:
    return msgspec.structs.replace(SCHEME, **changes)


def test_a_scheme_whose_weights_do_not_sum_to_a_hundred_is_refused() -> None:
    problems = scheme_problems(broken(service=SCHEME.service[1:]))
    assert [str(p) for p in problems] == ["物业服务：“物业服务”各项权重合计应为 100 分，现在是 90 分"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"measure": "no_such"}, "unknown_measure"),
        ({"measure": "repairs_late"}, "bad_how"),
        ({"measure": "conference_missed", "args": {"weeks": 1}}, "bad_args"),
        ({"each": 0}, "bad_points"),
        ({"how": "often"}, "bad_how"),
        ({"survey": True}, "bad_how"),
        ({"code": "no code"}, "bad_code"),
        ({"title": "王工 13800138000"}, "private_data"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(changes: dict[str, Any], code: str) -> None:
    first = SCHEME.service[0]
    rules = (msgspec.structs.replace(first.rules[0], **changes), *first.rules[1:])
    indicator = msgspec.structs.replace(first, rules=rules, scorers=("system", "committee", "residents"))
    assert code in {p.code for p in scheme_problems(broken(service=(indicator, *SCHEME.service[1:])))}


def test_grades_payments_and_questions_are_checked_too() -> None:
    survey = msgspec.structs.replace(SCHEME.survey, least_answers=4, choices=SCHEME.survey.choices[:2])
    problems = scheme_problems(
        broken(bands=SCHEME.bands[:2], pay=SCHEME.pay[:-1], appeal_days=0, least_weight=0, survey=survey)
    )
    assert {p.code for p in problems} >= {"bad_bands", "bad_pay", "bad_days", "bad_least_weight"}
    assert {"too_few", "bad_choices"} <= {p.code for p in problems}


def test_points_are_read_and_shown_without_binary_fractions() -> None:
    assert [read_points(text) for text in ("0.5", 12, "3.25", "7")] == [50, 1200, 325, 700]
    assert [points_text(points) for points in (50, 1200, 325, 0, -50)] == ["0.5", "12", "3.25", "0", "-0.5"]
    for wrong in (0.5, True, "1e2", "0.125", "", "-1"):
        with pytest.raises(ValueError, match="分值"):
            read_points(wrong)


@given(st.integers(0, FULL))
def test_points_survive_being_shown(points: int) -> None:
    assert read_points(points_text(points)) == points


@pytest.mark.parametrize("text", ["not toml [", "title = 1", 'title = "x"', "weight = 0.5"])
def test_a_file_that_is_no_scheme_says_so(text: str) -> None:
    with pytest.raises(Refused, match="方案读不懂"):
        read_scheme(text)


def test_a_scheme_that_was_written_for_people_reads_back_unchanged() -> None:
    other = broken(title='带"引号"和\n换行', pay=(), vetoes=(), appeal_days=9)
    for scheme in (SCHEME, other):
        assert read_scheme(write_scheme(scheme)) == scheme

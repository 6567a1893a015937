"""A scheme as the fields of a form: read back unchanged, every mistake with its place, rows moved about."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.schemes.moves import move
from disclosure.schemes.sheet import Sheet, half_sum, read_sheet, sheet_from, sheet_of
from disclosure.schemes.words import ARG_TITLES
from ledger.evaluation.checks import scheme_problems
from ledger.evaluation.measures import measures
from ledger.evaluation.scheme import (
    BODIES,
    HALVES,
    HOWS,
    Band,
    Choice,
    Indicator,
    PayBand,
    Rule,
    Scheme,
    Survey,
    Veto,
    default_scheme,
)
from ledger.evaluation.scheme_changes import scheme_changes
from tests.schemes.form import fields_of

words = st.text("楼道清洁公示abc", min_size=1, max_size=8)
points = st.integers(0, 100_00)


@st.composite
def rules(draw: Any) -> Rule:
    measure = draw(st.sampled_from(["", *measures()]))
    args = {name: draw(st.integers(1, 99)) for name in (measures()[measure].args if measure else ())}
    return Rule(
        code=draw(words), title=draw(words), unit=draw(words), how=draw(st.sampled_from(list(HOWS))),
        each=draw(points), at_most=draw(points), measure=measure, args=args,
        survey=not measure and draw(st.booleans()), needed=draw(st.booleans()),
    )  # fmt: skip


indicators = st.builds(
    Indicator, code=words, title=words, weight=points,
    scorers=st.sets(st.sampled_from(list(BODIES))).map(lambda some: tuple(b for b in BODIES if b in some)),
    evidence=st.lists(words, max_size=3).map(tuple), rules=st.lists(rules(), max_size=3).map(tuple),
)  # fmt: skip
schemes = st.builds(
    Scheme, title=words,
    service=st.lists(indicators, max_size=3).map(tuple), party=st.lists(indicators, max_size=3).map(tuple),
    survey=st.builds(
        Survey, question=words, least_answers=st.integers(0, 500),
        choices=st.lists(st.builds(Choice, code=words, title=words, satisfied=st.booleans()), max_size=3).map(tuple),
    ),
    bands=st.lists(st.builds(Band, grade=words, least=points), max_size=4).map(tuple),
    vetoes=st.lists(
        st.builds(Veto, code=words, title=words, halves=st.sampled_from([("service",), ("service", "party"), ()])),
        max_size=3,
    ).map(tuple),
    pay=st.lists(st.builds(PayBand, least=points, percent=st.integers(0, 100)), max_size=3).map(tuple),
    least_weight=points, self_days=st.integers(0, 99),
)  # fmt: skip


def sent(sheet: Sheet) -> Sheet:
    """As it comes back from a browser."""
    return sheet_from(dict(fields_of(sheet)))


@given(schemes)
def test_a_scheme_comes_back_from_the_form_as_it_was(scheme: Scheme) -> None:
    read, problems = read_sheet(sent(sheet_of(scheme)))
    assert problems == []
    assert read == scheme


def test_the_default_scheme_too_and_without_a_problem() -> None:
    read, problems = read_sheet(sent(sheet_of(default_scheme())))
    assert (read, problems, scheme_problems(read)) == (default_scheme(), [], [])
    assert read.digest == default_scheme().digest


def test_every_mistake_is_noted_with_its_place() -> None:
    sheet = sheet_of(default_scheme())
    sheet["service"][0]["weight"] = "十"
    sheet["service"][1]["rules"][0]["each"] = "0.555"
    sheet["party"][0]["rules"][0]["title"] = ""
    sheet["bands"][0]["least"] = ""
    sheet["pay"][0]["percent"] = "1e3"
    sheet["self_days"] = "-1"
    _, problems = read_sheet(sent(sheet))
    assert [problem.where for problem in problems] == [
        "指标 S1", "指标 S2，漏巡", "等级", "酬金比例", "自评的期限"
    ]  # fmt: skip
    assert "不能是“十”" in str(problems[0])


@given(st.dictionaries(st.text("service.0rulesbyargs_title1", min_size=1, max_size=25), words, max_size=12))
def test_whatever_is_sent_can_be_read_and_shown_again(data: dict[str, str]) -> None:
    sheet = sheet_from(data)
    read, _ = read_sheet(sheet)
    assert isinstance(scheme_problems(read), list)
    assert sheet_from(dict(fields_of(sheet))) == sheet
    assert [half_sum(sheet, half) for half in HALVES] == [
        sum(one.weight for one in read.half(half)) for half in HALVES
    ]


@pytest.mark.parametrize("path", ["service", "party", "vetoes", "bands", "pay", "choices", "service.2.rules"])
def test_a_row_more_and_a_row_less_changes_nothing_else(path: str) -> None:
    before = sheet_of(default_scheme())
    sheet = sheet_of(default_scheme())
    rows = sheet["service"][2]["rules"] if "." in path else sheet[path]
    count = len(rows)
    assert move(sheet, f"add:{path}").startswith(path.partition(".")[0])
    assert len(rows) == count + 1
    assert rows[-1].get("code") not in [row.get("code") for row in rows[:-1]] or path in ("bands", "pay")
    assert move(sheet, f"drop:{path}.{count}")
    assert sheet == before


def test_rows_go_up_and_nonsense_goes_nowhere() -> None:
    sheet = sheet_of(default_scheme())
    assert move(sheet, "up:party.3") == "party-2"
    assert [row["code"] for row in sheet["party"][:4]] == ["P1", "P2", "P4", "P3"]
    same = sent(sheet)
    for asked in (
        "up:party.0",
        "drop:party.77",
        "add:title",
        "add:rules",
        "check",
        "add:service.99.rules",
        "",
    ):
        move(sheet, asked)
    assert sent(sheet) == same


def test_every_parameter_of_a_measure_has_a_name_for_people() -> None:
    assert {name for one in measures().values() for name in one.args} <= set(ARG_TITLES)


def changed(**named: Any) -> Scheme:
    return msgspec.structs.replace(default_scheme(), **named)


@given(schemes, schemes)
def test_schemes_differ_in_words_exactly_when_they_differ(before: Scheme, after: Scheme) -> None:
    codes = [[one.code for one in some.half(half)] for some in (before, after) for half in HALVES]
    if all(len(set(some)) == len(some) for some in codes):
        assert bool(scheme_changes(before, after)) or before == after or _twice(before) or _twice(after)
    assert scheme_changes(before, before) == []


def _twice(scheme: Scheme) -> bool:
    """Whether codes repeat somewhere, which no scheme in force does."""
    lists = [[rule.code for rule in one.rules] for _, one in scheme.indicators()]
    return any(len(set(some)) < len(some) for some in [*lists, [one.code for one in scheme.vetoes]])


def test_differences_are_said_in_plain_words() -> None:
    kept = default_scheme()
    service = [msgspec.structs.replace(one) for one in kept.service]
    service[0] = msgspec.structs.replace(service[0], weight=12_00, scorers=("committee", "party"))
    service[1] = msgspec.structs.replace(
        service[1], rules=(msgspec.structs.replace(service[1].rules[0], each=1_00, at_most=5_00), *service[1].rules[1:-1])
    )  # fmt: skip
    after = changed(service=tuple(service[:-1]), vetoes=kept.vetoes[1:], pay=(), appeal_days=10)
    assert scheme_changes(kept, after) == [
        "物业服务取消指标 S8“业主满意度”（8 分）",
        "S1 权重：由 10 分 改为 12 分",
        "S1 评分人：由 业主委员会 改为 业主委员会、社区党组织",
        "S2 规则取消“台账：隐患超期未改”",
        "S2 规则“漏巡”：由 每次扣 0.5 分；由评分人登记 改为 每次扣 1 分，最多扣 5 分；由评分人登记",
        "一票否决取消“挪用共有资金”",
        "酬金支付比例：由 95 分起付 100%、85 分起付 98%、75 分起付 95%、65 分起付 90%、60 分起付 80%、0 分起付 70% "
        "改为 不与酬金挂钩",
        "申诉期限：由 7 天 改为 10 天",
    ]

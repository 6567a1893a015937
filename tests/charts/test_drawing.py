"""Pictures are true: lengths follow amounts, both sides of a flow are equal, nothing is negative or unescaped."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.charts import (
    Burn,
    Chart,
    Level,
    Month,
    Part,
    bars_by_source,
    burn,
    columns_by_month,
    flow_bands,
    line,
    printed,
)
from disclosure.charts.figures import exact, percent, round_top, short
from disclosure.charts.flow import SHOWN, sides
from disclosure.charts.picture import SLIVER, length

SVG = "{http://www.w3.org/2000/svg}"
FEN = st.integers(-(10**11), 10**13)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)
PARTS = st.lists(st.builds(Part, NAMES, FEN), max_size=14)
MONTHS = st.integers(0, 24).map(
    lambda count: [(2024 + (8 + i) // 12) * 100 + (8 + i) % 12 + 1 for i in range(count)]
)


@st.composite
def months(draw: st.DrawFn) -> list[Month]:
    return [Month(period, draw(FEN), draw(FEN)) for period in draw(MONTHS)]


@st.composite
def levels(draw: st.DrawFn) -> list[Level]:
    return [Level(period, draw(FEN)) for period in draw(MONTHS)]


BURNS = st.lists(st.builds(Burn, NAMES, st.integers(0, 10**13), FEN, FEN), max_size=9)
ELAPSED = st.none() | st.fractions(0, 1)


def shapes(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(str(chart.svg))


def heights(chart: Chart, kind: str) -> list[int]:
    found = [
        int(rect.attrib["height"]) for rect in shapes(chart).iter(f"{SVG}rect") if rect.get("class") == kind
    ]
    return found[1:]  # the first is the key


def is_sound(chart: Chart) -> None:
    """Well-formed, without styles, scripts, nonsense or anything outside the picture's sides."""
    if not chart.svg:
        assert "没有" in chart.summary
        return
    root = shapes(chart)
    _, _, width, height = map(int, root.attrib["viewBox"].split())
    assert (width, root.attrib["role"]) == (3600, "img")
    assert height > 0
    for element in root.iter():
        assert element.tag in {f"{SVG}{name}" for name in ("svg", "rect", "path", "text")}
        assert "style" not in element.attrib
        for name in ("x", "y", "width", "height"):
            if name in element.attrib:
                value = int(element.attrib[name])  # whole: no NaN, no float
                assert name in {"x", "y"} or value >= 0
        if element.tag == f"{SVG}rect":
            assert int(element.attrib["x"]) >= 0
            assert int(element.attrib["x"]) + int(element.attrib["width"]) <= width
            assert int(element.attrib["y"]) >= 0
            assert int(element.attrib["y"]) + int(element.attrib["height"]) <= height
        if element.tag == f"{SVG}text":
            assert 0 <= int(element.attrib["y"]) <= height
            assert int(element.get("font-size", root.attrib["font-size"])) >= 150


@given(months(), st.none() | st.just(date(2025, 11, 22)))
def test_columns_are_sound_whatever_the_amounts(given_months: list[Month], until: date | None) -> None:
    is_sound(columns_by_month(given_months, until=until if given_months else None))


@given(PARTS, PARTS)
def test_flow_bands_are_sound_whatever_the_amounts(sources: list[Part], uses: list[Part]) -> None:
    is_sound(flow_bands(sources, uses))


@given(BURNS, ELAPSED)
def test_burn_is_sound_whatever_the_amounts(lines: list[Burn], elapsed: Fraction | None) -> None:
    is_sound(burn(lines, elapsed=elapsed))


@given(PARTS)
def test_bars_are_sound_whatever_the_amounts(parts: list[Part]) -> None:
    is_sound(bars_by_source(parts))


@given(levels())
def test_a_line_is_sound_whatever_the_amounts(points: list[Level]) -> None:
    is_sound(line(points))


@given(st.integers(0, 10**15), st.integers(1, 10**15), st.integers(1, 4000))
def test_a_length_is_the_amount_to_the_nearest_tenth(amount: int, whole: int, full: int) -> None:
    drawn = length(amount, whole, full)
    exact = Fraction(amount * full, whole)
    assert abs(drawn - exact) <= Fraction(1, 2) or (drawn == SLIVER and 0 < exact < SLIVER)


@given(st.lists(st.tuples(st.integers(1, 10**12), st.integers(1, 10**12)), min_size=1, max_size=13))
def test_columns_are_as_high_as_their_amounts(amounts: list[tuple[int, int]]) -> None:
    chart = columns_by_month([Month(202501 + i % 12, a, b) for i, (a, b) in enumerate(amounts)])
    top = round_top(max(max(pair) for pair in amounts))
    for column, kind in enumerate(("chart-in", "chart-out")):
        expected = [Fraction(pair[column] * 1500, top) for pair in amounts]
        for drawn, height in zip(heights(chart, kind), expected, strict=True):
            assert abs(drawn - height) <= Fraction(1, 2) or (drawn == SLIVER and height < SLIVER)


@given(PARTS, PARTS)
def test_both_sides_of_a_flow_are_equal_and_nothing_gets_lost(sources: list[Part], uses: list[Part]) -> None:
    left, right = sides(sources, uses)
    assert sum(part.amount for part in left) == sum(part.amount for part in right)
    assert all(part.amount > 0 for part in (*left, *right))
    assert max(len(left), len(right)) <= SHOWN + 2
    came = sum(p.amount for p in sources if p.amount > 0) - sum(p.amount for p in uses if p.amount < 0)
    went = sum(p.amount for p in uses if p.amount > 0) - sum(p.amount for p in sources if p.amount < 0)
    assert sum(part.amount for part in left) == max(came, went)


@given(PARTS, PARTS)
def test_the_table_of_a_flow_has_every_part_and_adds_up(sources: list[Part], uses: list[Part]) -> None:
    rows = flow_bands(sources, uses).table.rows
    income = [row[2] for row in rows if row[1] == "收入"]
    expense = [row[2] for row in rows if row[1] == "支出"]
    assert sorted(income[:-1]) == sorted(part.amount for part in sources)
    assert sum(income[:-1]) == income[-1]
    assert sum(expense[:-1]) == expense[-1]
    assert rows[-1][2] == income[-1] - expense[-1]


@given(PARTS, PARTS)
def test_words_say_why_the_drawn_whole_is_more_than_the_income(sources: list[Part], uses: list[Part]) -> None:
    chart = flow_bands(sources, uses)
    undone = any(part.amount < 0 for part in (*sources, *uses))
    assert ("画在另一边" in chart.summary) == undone
    assert (
        not undone
        or f"图上一共是 {exact(sum(part.amount for part in sides(sources, uses)[0]))}" in chart.summary
    )


@given(BURNS)
def test_the_table_of_budgets_says_what_is_left(lines: list[Burn]) -> None:
    for row in burn(lines).table.rows:
        assert row[4] == row[1] - row[2] - row[3]


def test_what_people_write_is_text_and_never_markup() -> None:
    evil = Part('<script>alert("1")</script>&', 100)
    for chart in (flow_bands([evil], [evil]), bars_by_source([evil]), burn([Burn(evil.name, 100, 10, 0)])):
        assert "<script" not in chart.svg
        assert "&lt;script&gt;" in chart.svg


def test_a_name_that_could_not_be_an_id_is_refused() -> None:
    with pytest.raises(ValueError, match="no name for a chart"):
        line([], name='x" onload="')


def test_the_printed_picture_is_the_same_with_its_style_inside() -> None:
    chart = bars_by_source([Part("电梯广告", 100)])
    paper = printed(chart)
    assert ".chart-in{" in paper.replace(" {", "{")
    start, _, rest = paper.partition("<style>")
    assert start + rest.partition("</style>")[2] == chart.svg


def test_where_there_is_nothing_there_is_no_picture_but_a_sentence() -> None:
    assert columns_by_month([]).summary == "这段时间没有收支。"
    assert flow_bands([], [], span="2025年").summary == "2025年没有收入和支出。"
    assert burn([], span="2025年").summary == "2025年没有生效的预算。"
    assert bars_by_source([], span="2025年").summary == "2025年没有收入。"
    assert line([]).summary == "还没有余额。"
    assert not any(chart.svg or printed(chart) for chart in (columns_by_month([]), line([])))


def test_the_sentence_about_months_compares_whole_months_only() -> None:
    chart = columns_by_month(
        [Month(202508, 20000, 50000), Month(202509, 30000, 10000), Month(202510, 500, 0)],
        until=date(2025, 10, 15),
    )
    assert chart.summary == (
        "10月到15日为止收到 ¥5.00，付出 ¥0.00。"
        "2025年9月收到 ¥300.00，比8月多 ¥100.00；付出 ¥100.00，比8月少 ¥400.00。"
        "2025年8月到2025年9月一共收到 ¥500.00，付出 ¥600.00，多付 ¥100.00；付得最多的是2025年8月（¥500.00）。"
    )


def test_the_sentence_about_a_flow_says_what_each_hundred_yuan_was_for() -> None:
    chart = flow_bands(
        [Part("物业费收入", 90000), Part("利息收入", 10000)],
        [Part("人员费用", 60000), Part("绿化养护", 20000)],
        span="2025年",
    )
    assert chart.summary == (
        "2025年收入 ¥1,000.00，支出 ¥800.00，结余 ¥200.00。收入最多的是“物业费收入”，¥900.00。"
        "每收入100元，60.0元用于“人员费用”，20.0元用于“绿化养护”，20.0元留着没有用。"
    )


def test_the_sentence_about_budgets_says_whether_money_goes_faster_than_time() -> None:
    chart = burn(
        [Burn("绿化", 100000, 80000, 10000), Burn("保洁", 100000, 100500, 0)], elapsed=Fraction(1, 2)
    )
    assert chart.summary == (
        "预算一共 ¥2,000.00，已入账 ¥1,805.00，还有 ¥100.00 已申请、正在办，共占 95.3%；还可用 ¥95.00。"
        "这一年已经过了 50.0%，用钱比时间快。超出预算的有：保洁。"
    )


def test_the_sentence_about_a_balance_names_its_highest_and_lowest_month() -> None:
    chart = line([Level(202508, 30000), Level(202509, 50000), Level(202510, 40000)])
    assert chart.summary == (
        "2025年10月余额 ¥400.00，比上月少 ¥100.00，比2025年8月多 ¥100.00。"
        "这 3 个月里最高是2025年9月（¥500.00），最低是2025年8月（¥300.00）。"
    )


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "0"),
        (850_000, "8,500"),
        (123_456_789, "123.5万"),
        (-2_000_000, "-2万"),
        (10**11, "100,000万"),
        (149, "1"),
    ],
)
def test_short_amounts(fen: int, text: str) -> None:
    assert short(fen) == text


def test_a_part_that_is_not_nothing_is_never_said_to_be_nothing() -> None:
    assert percent(1, 10**9) == "<0.1%"
    assert percent(0, 10**9) == "0.0%"
    assert percent(5, 0) == "—"
    assert percent(-250, 1000) == "-25.0%"

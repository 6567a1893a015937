"""What the evaluation's pictures and rulings say in words and figures."""

from __future__ import annotations

import re

import pytest

from disclosure.evaluation.chart import Bar, Compared, Standing, bars_chart, spread_chart, trend_chart
from disclosure.evaluation.objections import outcome
from ledger.evaluation.district import Spread

FULL = Bar("S1", "合同履约", 10_00, 10_00, 9_50)
LOST = Bar("S2", "秩序维护", 15_00, 12_50)
UNRATED = Bar("S8", "业主满意度", 8_00, None)


@pytest.mark.parametrize(
    ("count", "before", "kind", "said"),
    [
        (3, 3, "count", "申诉不成立，维持"),
        (1, 3, "count", "申诉部分成立，由 3 改为 1"),
        (0, 3, "count", "申诉成立，不扣分"),
        (9, 8, "share", "申诉成立，由 8 改为 9"),
        (0, 1, "veto", "申诉成立，撤销"),
        (1, 1, "veto", "申诉不成立，维持"),
    ],
)
def test_what_a_ruling_came_to(count: int, before: int, kind: str, said: str) -> None:
    assert outcome(count, before, kind) == said


def test_bars_say_what_was_lost_and_what_was_not_rated() -> None:
    chart = bars_chart("points-service", "物业服务", [FULL, LOST, UNRATED])
    assert chart.summary == "3 项里 1 项没有扣分。扣得最多的：“秩序维护”扣 2.5 分。未评 1 项：业主满意度。"
    assert [row[1:] for row in chart.table.rows] == [
        ("10", "10", "9.5"),
        ("15", "12.5", None),
        ("8", "未评", None),
    ]
    assert chart.svg.count("chart-way") == 1, "what was not rated is dashed, neither full nor empty"
    assert bars_chart("x", "x", [LOST]).summary.startswith("评了的每一项都扣了分。")
    assert bars_chart("x", "x", [Bar("S1", "无", 10_00, 0)]).svg.count("chart-in") == 0


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (None, "2025年第二季度得 80 分。以前没有可比的结果。"),
        (Standing(202533, 80_00, 100_00, "B"), "2025年第二季度得 80 分，和上一次一样。"),
        (Standing(202533, 78_50, 100_00, "C"), "2025年第二季度得 80 分，比上一次多 1.5 分。"),
        (Standing(202533, 81_00, 100_00, "B"), "2025年第二季度得 80 分，比上一次少 1 分。"),
        (
            Standing(202533, 70_00, 80_00, "B"),
            "2025年第二季度得 80 分。上一次是 70 分（已评的 80 分里），已评的分值不同，不直接相比。",
        ),
    ],
)
def test_a_trend_compares_only_what_can_be_compared(before: Standing | None, said: str) -> None:
    now = Standing(202534, 80_00, 100_00, "B")
    assert trend_chart("t", "物业服务", [before, now] if before else [now]).summary == said


def test_a_trend_shows_the_last_spans_only() -> None:
    many = [Standing(202300 + 100 * (n // 12) + n % 12 + 1, 80_00, 100_00, "B") for n in range(15)]
    chart = trend_chart("t", "物业服务", many)
    assert len(chart.table.rows) == 8
    assert chart.table.rows[-1][0] == "2024年3月"
    assert trend_chart("t", "物业服务", []).svg == ""


def test_a_spread_says_how_far_one_is_from_the_middle_and_names_nobody() -> None:
    spread = Spread(7, 50_00, 60_00, 70_00, 80_00, 90_00)
    rows = [Compared("物业服务", 82_50, spread), Compared("党建引领", 70_00, spread, part=True)]
    chart = spread_chart("compared", "桂花街道的小区", rows)
    assert chart.summary == (
        "没有评满一百分的，按评了的部分折算成一百分来比。"
        "物业服务：桂花街道的小区有 7 个已定稿，中间的得 70 分，本小区 82.5 分，比中间的高 12.5 分。"
        "党建引领：桂花街道的小区有 7 个已定稿，中间的得 70 分，本小区 70 分，和中间的一样。"
    )
    assert chart.table.rows[0] == ("物业服务", "82.5", "50", "60", "70", "80", "90")
    assert not re.search(r'(?:width|height)="-', chart.svg)

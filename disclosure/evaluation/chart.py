"""Points as pictures: what each indicator got of its weight, one half over the spans, and among the neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from disclosure.charts.picture import NARROW, SMALL, WIDTH, Picture, length, safe_name
from disclosure.charts.rows import BAR, FULL, full, heading
from disclosure.charts.value import Chart, Column, Table
from ledger.evaluation.district import Spread
from ledger.evaluation.scheme import FULL as HUNDRED
from ledger.evaluation.scheme import points_text
from ledger.periods.spans import FIRST_QUARTER, span_name, span_of

_GAP, _KEY = 160, 260
_LEFT, _TOP, _HIGH, _FOOT = 360, 330, 1300, 420
MOST = 8
"""Spans in a trend."""
_FEW = 4
"""So many of them have room in a narrow picture."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An indicator: ``points`` of ``weight`` (0.01), None if not rated; ``own``: what the trustee gave itself."""

    code: str
    title: str
    weight: int
    points: int | None
    own: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A half in one span: ``points`` of the ``possible`` that were rated."""

    period: int
    points: int
    possible: int
    grade: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A half beside the same of other communities, of a hundred; ``part``: not all of it was rated."""

    title: str
    points: int
    spread: Spread
    part: bool = False


def bars_chart(name: str, title: str, bars: Sequence[Bar]) -> Chart:
    """Each indicator of a half as a bar within the frame of its weight."""
    return Chart(
        name=safe_name(name),
        title=title,
        summary=_bars_summary(bars),
        svg=_draw_bars(name, bars, WIDTH),
        narrow=_draw_bars(name, bars, NARROW),
        table=Table(
            caption=f"{title}（分）",
            columns=(
                Column("指标"),
                Column("分值", number=True),
                Column("得分", number=True),
                Column("受托人自评", number=True),
            ),
            rows=tuple(
                (
                    f"{bar.code} {bar.title}",
                    points_text(bar.weight),
                    rated(bar.points),
                    points_text(bar.own) if bar.own is not None else None,
                )
                for bar in bars
            ),
        ),
    )


def rated(points: int | None) -> str:
    """``9.5``, or that nobody could tell."""
    return "未评" if points is None else points_text(points)


def _bars_summary(bars: Sequence[Bar]) -> str:
    lost = [(bar.weight - bar.points, bar.title) for bar in bars if bar.points is not None]
    most = sorted((one for one in lost if one[0]), reverse=True)[:2]
    full = len(lost) - sum(points > 0 for points, _ in lost)
    said = [f"{len(bars)} 项里 {full} 项没有扣分。" if full else "评了的每一项都扣了分。"]
    if most:
        names = "，".join(f"“{title}”扣 {points_text(points)} 分" for points, title in most)
        said.append(f"扣得最多的：{names}。")
    if unrated := [bar.title for bar in bars if bar.points is None]:
        said.append(f"未评 {len(unrated)} 项：{'、'.join(unrated)}。")
    return "".join(said)


def _draw_bars(name: str, bars: Sequence[Bar], width: int) -> Markup:
    picture, y = Picture(name, width), 0
    own = any(bar.own is not None for bar in bars)
    if own:
        picture.rule("chart-mark", 40, 20, 40, 190)
        picture.text("竖线是受托人自评", 110, 150, kind="chart-soft")
        y = _KEY
    widest = max(bar.weight for bar in bars)
    for bar in bars:
        figure = f"{rated(bar.points)} / {points_text(bar.weight)}" if bar.points is not None else "未评"
        y = heading(picture, y, f"{bar.code} {bar.title}", figure)
        wide = length(bar.weight, widest, full(picture) - 20)
        picture.rect("chart-way" if bar.points is None else "chart-rest", 10, y, wide, BAR)
        if bar.points:
            picture.rect("chart-in", 10, y, length(bar.points, bar.weight, wide), BAR)
        if bar.own is not None:
            x = 10 + (length(bar.own, bar.weight, wide) if bar.own else 0)
            picture.rule("chart-mark", x, y - 15, x, y + BAR + 40)
        y += BAR + _GAP
    return picture.svg(y - _GAP + 60)


def trend_chart(name: str, title: str, standings: Sequence[Standing]) -> Chart:
    """One half over the last spans, the earliest first: solid what was got, the frame what was rated."""
    shown = standings[-MOST:]
    return Chart(
        name=safe_name(name),
        title=title,
        summary=_trend_summary(shown),
        svg=_draw_trend(name, shown, WIDTH),
        narrow=_draw_trend(name, shown, NARROW) if len(shown) <= _FEW else Markup(""),
        table=Table(
            caption=f"{title}（分）",
            columns=(
                Column("期间"),
                Column("得分", number=True),
                Column("已评", number=True),
                Column("等级"),
            ),
            rows=tuple(
                (
                    span_name(one.period),
                    points_text(one.points),
                    points_text(one.possible),
                    f"{one.grade} 级" if one.grade else "未定",
                )
                for one in shown
            ),
        ),
    )


def _trend_summary(shown: Sequence[Standing]) -> str:
    if not shown:
        return "还没有定稿的结果。"
    last = shown[-1]
    of = f"（已评的 {points_text(last.possible)} 分里）" if last.possible != HUNDRED else ""
    text = f"{span_name(last.period)}得 {points_text(last.points)} 分{of}"
    if len(shown) == 1:
        return f"{text}。以前没有可比的结果。"
    before = shown[-2]
    if last.possible != before.possible:
        return f"{text}。上一次是 {points_text(before.points)} 分（已评的 {points_text(before.possible)} 分里），已评的分值不同，不直接相比。"
    change = last.points - before.points
    if not change:
        return f"{text}，和上一次一样。"
    return f"{text}，比上一次{'多' if change > 0 else '少'} {points_text(abs(change))} 分。"


def _draw_trend(name: str, shown: Sequence[Standing], width: int) -> Markup:
    if not shown:
        return Markup("")
    picture, zero = Picture(name, width), _TOP + _HIGH
    for part in (0, 50, 100):
        y = zero - _HIGH * part // 100
        picture.rule("chart-grid" if part else "chart-axis", _LEFT, y, width, y)
        picture.text(str(part), _LEFT - 60, y + 45, kind="chart-soft", at="end")
    step = (width - _LEFT) // max(len(shown), _FEW)
    wide = step * 3 // 5
    year = 0
    for index, one in enumerate(shown):
        x = _LEFT + step * index + (step - wide) // 2
        tall = length(one.possible, HUNDRED, _HIGH)
        picture.rect("chart-rest", x, zero - tall, wide, tall)
        tall = length(one.points, HUNDRED, _HIGH)
        picture.rect("chart-in", x, zero - tall, wide, tall)
        middle = x + wide // 2
        top = zero - length(one.possible, HUNDRED, _HIGH) - 60
        picture.text(points_text(one.points), middle, top, kind="chart-figure", at="middle", size=SMALL)
        picture.text(_short(one.period), middle, zero + 190, at="middle")
        if one.period // 100 != year:
            year = one.period // 100
            picture.text(f"{year}年", middle, zero + 370, kind="chart-soft", at="middle")
    return picture.svg(zero + _FOOT)


def _short(period: int) -> str:
    kind, part = span_of(period).kind, period % 100
    if kind == "month":
        return f"{part}月"
    return f"{'一二三四'[part - FIRST_QUARTER]}季" if kind == "quarter" else "全年"


def spread_chart(name: str, where: str, rows: Sequence[Compared]) -> Chart:
    """Both halves among the communities of ``where``, which nobody can tell apart."""
    return Chart(
        name=safe_name(name),
        title=f"和{where}比",
        summary=_spread_summary(where, rows),
        svg=_draw_spread(name, rows),
        table=Table(
            caption="按已评的分值折算成一百分",
            columns=(
                Column("百分"),
                *(Column(title, number=True) for title in ("本小区", "最低", "较低", "中间", "较高", "最高")),
            ),
            rows=tuple((row.title, *map(points_text, _cells(row))) for row in rows),
        ),
    )


def _cells(row: Compared) -> tuple[int, ...]:
    spread = row.spread
    return (row.points, spread.least, spread.lower, spread.middle, spread.upper, spread.most)


def _spread_summary(where: str, rows: Sequence[Compared]) -> str:
    said = []
    if any(row.part for row in rows):
        said.append("没有评满一百分的，按评了的部分折算成一百分来比。")
    for row in rows:
        away = row.points - row.spread.middle
        than = (
            "和中间的一样"
            if not away
            else f"比中间的{'高' if away > 0 else '低'} {points_text(abs(away))} 分"
        )
        said.append(
            f"{row.title}：{where}有 {row.spread.of} 个已定稿，中间的得 {points_text(row.spread.middle)} 分，"
            f"本小区 {points_text(row.points)} 分，{than}。"
        )
    return "".join(said)


def _draw_spread(name: str, rows: Sequence[Compared]) -> Markup:
    picture, y = Picture(name), 0
    for row in rows:
        y = heading(picture, y, row.title, f"本小区 {points_text(row.points)}") + 90
        spread, middle = row.spread, y + BAR // 2
        picture.rule("chart-axis", _at(spread.least), middle, _at(spread.most), middle)
        for end in (spread.least, spread.most):
            picture.rule("chart-axis", _at(end), y + 40, _at(end), y + BAR - 40)
        picture.rect("chart-out", _at(spread.lower), y, max(_at(spread.upper) - _at(spread.lower), 10), BAR)
        picture.rule("chart-axis", _at(spread.middle), y, _at(spread.middle), y + BAR)
        x = _at(row.points)
        picture.path("chart-in", f"M{x} {y - 70}L{x + 90} {middle}L{x} {y + BAR + 70}L{x - 90} {middle}Z")
        y += BAR + 240
        for points, anchor in ((0, "start"), (50_00, "middle"), (100_00, "end")):
            picture.text(points_text(points), _at(points), y, kind="chart-soft", at=anchor)
        y += _GAP
    picture.text(
        "菱形：本小区　方框：中间一半的小区　横线：最低到最高", 0, y + 60, kind="chart-soft", size=130
    )
    return picture.svg(y + 120)


def _at(points: int) -> int:
    return 60 + length(points, HUNDRED, FULL - 120)

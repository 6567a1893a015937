"""A balance by month, as a line over a filled area that begins at nothing, so that heights compare."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from disclosure.charts.figures import compared, exact, month_name, round_top, short
from disclosure.charts.picture import WIDTH, Picture, length, safe_name
from disclosure.charts.value import Chart, Column, Level, Table

_LEFT = 560
_RIGHT = 3420
_TOP = 330
_HIGH = 1400
_FOOT = 420


def line(points: Sequence[Level], *, name: str = "balance", title: str = "每月末的余额") -> Chart:
    """The balances in the order given, oldest first."""
    return Chart(
        name=safe_name(name),
        title=title,
        summary=_summary(points),
        svg=_draw(name, points),
        table=Table(
            caption=f"{title}（元）",
            columns=(Column("月份"), Column("余额", number=True), Column("比上月", number=True)),
            rows=tuple(
                (
                    month_name(point.period),
                    point.balance,
                    point.balance - points[index - 1].balance if index else None,
                )
                for index, point in enumerate(points)
            ),
        ),
    )


def _summary(points: Sequence[Level]) -> str:
    if not any(point.balance for point in points):
        return "还没有余额。"
    first, last = points[0], points[-1]
    text = f"{month_name(last.period)}余额 {exact(last.balance)}"
    if len(points) == 1:
        return f"{text}。"
    text += f"，{compared(last.balance, points[-2].balance, '上月')}，"
    text += f"{compared(last.balance, first.balance, month_name(first.period))}。"
    high, low = max(points, key=lambda p: p.balance), min(points, key=lambda p: p.balance)
    if high.balance == low.balance:
        return f"{text}这 {len(points)} 个月没有变化。"
    return (
        f"{text}这 {len(points)} 个月里最高是{month_name(high.period)}（{exact(high.balance)}），"
        f"最低是{month_name(low.period)}（{exact(low.balance)}）。"
    )


def _draw(name: str, points: Sequence[Level]) -> Markup:
    balances = [point.balance for point in points]
    if not any(balances):
        return Markup("")
    top = round_top(max(*balances, 0))
    deep = length(min(*balances, 0), top, _HIGH)
    zero = _TOP + _HIGH
    picture = Picture(name)
    for part in (1, 2):
        y = zero - _HIGH * part // 2
        picture.rule("chart-grid", _LEFT, y, WIDTH, y)
        picture.text(short(top * part // 2), _LEFT - 60, y + 45, kind="chart-soft", at="end")
    places = [
        (_at(index, len(points)), _height(point.balance, top, zero)) for index, point in enumerate(points)
    ]
    corners = "".join(f"L{x} {y}" for x, y in places)
    picture.path("chart-area", f"M{places[0][0]} {zero}{corners}L{places[-1][0]} {zero}Z")
    if len(places) > 1:
        picture.path("chart-line", f"M{corners[1:]}")
    picture.rule("chart-axis", _LEFT, zero, WIDTH, zero)
    picture.text("0", _LEFT - 60, zero + 45, kind="chart-soft", at="end")
    picture.text("单位：元", 0, 155, kind="chart-soft")
    _labels(picture, points, places, zero + deep)
    return picture.svg(zero + deep + _FOOT)


def _labels(picture: Picture, points: Sequence[Level], places: Sequence[tuple[int, int]], foot: int) -> None:
    x, y = places[-1]
    picture.rect("chart-in", x - 50, y - 50, 100, 100)
    picture.text(f"现在 {exact(points[-1].balance)}", WIDTH, max(155, y - 120), kind="chart-figure", at="end")
    roomy = len(points) <= 7
    for index, point in enumerate(points):
        year, month = divmod(point.period, 100)
        x = places[index][0]
        picture.text(f"{month}月" if roomy else str(month), x, foot + 190, at="middle")
        if month == 1 or (index == 0 and points[min(3, len(points) - 1)].period // 100 == year):
            picture.text(f"{year}年", x - 80, foot + 370, kind="chart-soft")
    if not roomy:
        picture.text("月份", _LEFT - 140, foot + 190, kind="chart-soft", at="end")


def _at(index: int, count: int) -> int:
    return _LEFT + (_RIGHT - _LEFT) * index // (count - 1) if count > 1 else _RIGHT


def _height(fen: int, top: int, zero: int) -> int:
    tall = length(fen, top, _HIGH)
    return zero - tall if fen >= 0 else zero + tall

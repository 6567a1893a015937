"""Money in and out by month, as pairs of columns: in is solid, out is hollow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from disclosure.charts.figures import compared, exact, month_name, round_top, short
from disclosure.charts.picture import WIDTH, Picture, length, safe_name
from disclosure.charts.value import Chart, Column, Month, Table

_LEFT = 520
_TOP = 330
_HIGH = 1500
_FOOT = 420


def columns_by_month(
    months: Sequence[Month],
    *,
    name: str = "months",
    title: str = "每月收入和支出",
    until: date | None = None,
    brief: bool = False,
) -> Chart:
    """Columns of the months in the order given, oldest first.

    ``until``: the day the figures end, if the last month is not over; it is not compared with a whole one then.
    ``brief``: the summary is about the last months only, not about all of them together.
    """
    rows = [(month_name(m.period), m.received, m.paid, m.received - m.paid) for m in months]
    columns = ("收到", "付出", "收到减付出")
    return Chart(
        name=safe_name(name),
        title=title,
        summary=_summary(months, until, brief),
        svg=_draw(name, months, until),
        table=Table(
            caption=f"{title}（元）",
            columns=(Column("月份"), *(Column(text, number=True) for text in columns)),
            rows=(*rows, _total(months)) if rows else (),
            total=bool(rows),
        ),
    )


def _total(months: Sequence[Month]) -> tuple[str, int, int, int]:
    received, paid = sum(m.received for m in months), sum(m.paid for m in months)
    return f"{len(months)} 个月合计", received, paid, received - paid


def _summary(months: Sequence[Month], until: date | None, brief: bool) -> str:
    if not any(m.received or m.paid for m in months):
        return "这段时间没有收支。"
    text = ""
    if until is not None:
        last, months = months[-1], months[:-1]
        text = (
            f"{last.period % 100}月到{until.day}日为止收到 {exact(last.received)}，付出 {exact(last.paid)}。"
        )
    if len(months) > 1:
        return text + _last(months[-1], months[-2]) + ("" if brief else _most(months))
    return text + "".join(
        f"{month_name(m.period)}收到 {exact(m.received)}，付出 {exact(m.paid)}。" for m in months
    )


def _last(month: Month, before: Month) -> str:
    than = f"{before.period % 100}月"
    return (
        f"{month_name(month.period)}收到 {exact(month.received)}，{compared(month.received, before.received, than)}；"
        f"付出 {exact(month.paid)}，{compared(month.paid, before.paid, than)}。"
    )


def _most(months: Sequence[Month]) -> str:
    _, received, paid, kept = _total(months)
    most = max(months, key=lambda m: m.paid)
    return (
        f"{month_name(months[0].period)}到{month_name(months[-1].period)}一共收到 {exact(received)}，"
        f"付出 {exact(paid)}，{'多收' if kept >= 0 else '多付'} {exact(abs(kept))}；"
        f"付得最多的是{month_name(most.period)}（{exact(most.paid)}）。"
    )


def _draw(name: str, months: Sequence[Month], until: date | None) -> Markup:
    amounts = [fen for m in months for fen in (m.received, m.paid)]
    if not any(amounts):
        return Markup("")
    top = round_top(max(*amounts, 0))
    below = max(-min(*amounts, 0), 0)
    deep = length(below, top, _HIGH)
    picture = Picture(name)
    _key(picture)
    zero = _TOP + _HIGH
    for part in (1, 2):
        _grid(picture, zero - _HIGH * part // 2, top * part // 2)
    step = (WIDTH - _LEFT) // len(months)
    wide = min(step * 2 // 5, 260)
    for index, month in enumerate(months):
        middle = _LEFT + step * index + step // 2
        _column(picture, "chart-in", middle - wide, zero, wide, month.received, top)
        _column(picture, "chart-out", middle, zero, wide, month.paid, top)
        _month(picture, months, index, middle, zero + deep, step)
    _grid(picture, zero, 0)
    if until is not None:
        picture.text(f"到{until.day}日", WIDTH, zero + deep + 370, kind="chart-soft", at="end")
    return picture.svg(zero + deep + _FOOT)


def _key(picture: Picture) -> None:
    picture.rect("chart-in", _LEFT, 40, 130, 130)
    picture.text("收到", _LEFT + 190, 155)
    picture.rect("chart-out", _LEFT + 700, 40, 130, 130)
    picture.text("付出", _LEFT + 890, 155)
    picture.text("单位：元", WIDTH, 155, kind="chart-soft", at="end")


def _grid(picture: Picture, y: int, fen: int) -> None:
    picture.rule("chart-grid" if fen else "chart-axis", _LEFT, y, WIDTH, y)
    picture.text(short(fen), _LEFT - 60, y + 45, kind="chart-soft", at="end")


def _column(picture: Picture, kind: str, x: int, zero: int, wide: int, fen: int, top: int) -> None:
    tall = length(fen, top, _HIGH)
    if tall:
        picture.rect(kind, x, zero - tall if fen > 0 else zero, wide, tall)


def _month(picture: Picture, months: Sequence[Month], index: int, x: int, y: int, step: int) -> None:
    """The month under its columns; the year under January and under the first."""
    year, month = divmod(months[index].period, 100)
    picture.text(f"{month}月" if step >= 380 else str(month), x, y + 190, at="middle")
    if month == 1 or (index == 0 and months[min(3, len(months) - 1)].period // 100 == year):
        picture.text(f"{year}年", x - step // 2 + 20, y + 370, kind="chart-soft")
    if index == 0 and step < 380:
        picture.text("月份", _LEFT - 60, y + 190, kind="chart-soft", at="end")

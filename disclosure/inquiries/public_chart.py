"""Inquiries by month as columns: asked is solid, late among them hollow. Plain numbers, not money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from disclosure.charts.figures import month_name
from disclosure.charts.picture import WIDTH, Picture, length
from disclosure.charts.value import Chart, Column, Table
from ledger.inquiries.numbers import MonthNumbers
from ledger.periods.calendar import period_of, preceding

MONTHS = 12
_NAME = "inquiries"
_LEFT, _TOP, _HIGH, _FOOT = 400, 330, 1300, 420
_COLUMNS = ("提出", "已经答复", "过期过", "作过评价", "满意")


def last_months(today: date) -> list[int]:
    """The months (yyyymm) of the chart, the earliest first."""
    months = [period_of(today)]
    while len(months) < MONTHS:
        months.append(preceding(months[-1]))
    return months[::-1]


def inquiry_chart(trend: Sequence[MonthNumbers], months: Sequence[int]) -> Chart:
    """The months given, those without any inquiry too."""
    by_month = {item.period: item for item in trend}
    rows = [by_month.get(month, MonthNumbers(month, 0, 0, 0, 0, 0)) for month in months]
    return Chart(
        name=_NAME,
        title="每个月有多少件",
        summary=_summary(rows),
        svg=_draw(rows),
        table=Table(
            caption="按提出的月份（件）",
            columns=(Column("月份"), *(Column(title, number=True) for title in _COLUMNS)),
            rows=(
                *(_cells(month_name(item.period), [item]) for item in rows),
                _cells(f"{len(rows)} 个月合计", rows),
            ),
            total=True,
        ),
    )


def _cells(title: str, rows: Sequence[MonthNumbers]) -> tuple[str, ...]:
    sums = (
        sum(item.asked for item in rows),
        sum(item.answered for item in rows),
        sum(item.late for item in rows),
        sum(item.rated for item in rows),
        sum(item.satisfied for item in rows),
    )
    return (title, *(f"{count:,}" for count in sums))  # as text: numbers would be amounts of money


def _summary(rows: Sequence[MonthNumbers]) -> str:
    asked, late = sum(item.asked for item in rows), sum(item.late for item in rows)
    if not asked:
        return "这段时间没有人提出。"
    most = max(rows, key=lambda item: item.asked)
    text = f"{month_name(rows[0].period)}到{month_name(rows[-1].period)}一共 {asked} 件，"
    text += f"其中 {late} 件过期过。" if late else "没有一件过期。"
    return text + f"最多的是{month_name(most.period)}，{most.asked} 件。"


def _draw(rows: Sequence[MonthNumbers]) -> Markup:
    highest = max(item.asked for item in rows)
    if not highest:
        return Markup("")
    top = highest + highest % 2
    picture = Picture(_NAME)
    picture.rect("chart-in", _LEFT, 40, 130, 130)
    picture.text("提出", _LEFT + 190, 155)
    picture.rect("chart-out", _LEFT + 700, 40, 130, 130)
    picture.text("其中过期过", _LEFT + 890, 155)
    picture.text("单位：件", WIDTH, 155, kind="chart-soft", at="end")
    zero = _TOP + _HIGH
    for part in (1, 2):
        _grid(picture, zero - _HIGH * part // 2, top * part // 2)
    step = (WIDTH - _LEFT) // len(rows)
    wide = step * 2 // 5
    for index, item in enumerate(rows):
        middle = _LEFT + step * index + step // 2
        _column(picture, "chart-in", middle - wide, zero, wide, length(item.asked, top, _HIGH))
        _column(picture, "chart-out", middle, zero, wide, length(item.late, top, _HIGH))
        _month(picture, index, item.period, middle, zero, step)
    _grid(picture, zero, 0)
    return picture.svg(zero + _FOOT)


def _column(picture: Picture, kind: str, x: int, zero: int, wide: int, tall: int) -> None:
    if tall:
        picture.rect(kind, x, zero - tall, wide, tall)


def _grid(picture: Picture, y: int, count: int) -> None:
    picture.rule("chart-grid" if count else "chart-axis", _LEFT, y, WIDTH, y)
    picture.text(f"{count:,}", _LEFT - 60, y + 45, kind="chart-soft", at="end")


def _month(picture: Picture, index: int, period: int, x: int, y: int, step: int) -> None:
    year, month = divmod(period, 100)
    picture.text(str(month), x, y + 190, at="middle")
    if index == 0:
        picture.text("月份", _LEFT - 60, y + 190, kind="chart-soft", at="end")
    if month == 1 or (index == 0 and month < 11):
        picture.text(f"{year}年", x - step // 2 + 20, y + 370, kind="chart-soft")

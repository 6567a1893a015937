"""Sources of income, or kinds of expense, as lying bars with the amount beside each."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from disclosure.charts.figures import exact, of_hundred, percent
from disclosure.charts.picture import NARROW, WIDTH, Picture, length, safe_name
from disclosure.charts.rows import BAR, full, heading
from disclosure.charts.value import Chart, Column, Part, Table

_GAP = 160


def bars_by_source(
    parts: Sequence[Part],
    *,
    name: str = "sources",
    title: str = "公共收益从哪里来",
    of: str = "收入",
    span: str = "",
) -> Chart:
    """Bars in order of size. ``of``: what the parts are parts of; ``span``: "2025年", said in the summary."""
    ordered = sorted(parts, key=lambda part: -part.amount)
    whole = sum(part.amount for part in ordered)
    rows = [(part.name, part.amount, percent(part.amount, whole)) for part in ordered]
    return Chart(
        name=safe_name(name),
        title=title,
        summary=_summary(ordered, whole, of, span),
        svg=_draw(name, ordered, WIDTH),
        narrow=_draw(name, ordered, NARROW),
        table=Table(
            caption=f"{title}（元）",
            columns=(
                Column("来源"),
                Column("金额", number=True),
                Column("占比", number=True),
            ),
            rows=(*rows, ("合计", whole, "")) if rows else (),
            total=bool(rows),
        ),
    )


def _summary(ordered: Sequence[Part], whole: int, of: str, span: str) -> str:
    if not any(part.amount for part in ordered):
        return f"{span}没有{of}。"
    text = f"{span}{of}一共 {exact(whole)}。"
    first = ordered[0]
    if whole > 0 and len(ordered) > 1:
        text += (
            f"最多的是“{first.name}”，{exact(first.amount)}，每100元里占 {of_hundred(first.amount, whole)}"
        )
        second = ordered[1]
        text += f"；其次是“{second.name}”，{exact(second.amount)}。"
    elif whole > 0:
        text += f"全部来自“{first.name}”。"
    red = [part for part in ordered if part.amount < 0]
    return text + (f"“{red[-1].name}”是红字，冲减 {exact(-red[-1].amount)}。" if red else "")


def _draw(name: str, ordered: Sequence[Part], width: int) -> Markup:
    most = max((abs(part.amount) for part in ordered), default=0)
    if not most:
        return Markup("")
    picture, y = Picture(name, width), 0
    for part in ordered:
        y = heading(picture, y, part.name, exact(part.amount))
        long = length(part.amount, most, full(picture))
        picture.rect("chart-in" if part.amount >= 0 else "chart-out", 10, y, long, BAR)
        y += BAR + _GAP
    return picture.svg(y - _GAP + 20)

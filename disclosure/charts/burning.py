"""What has been used of budgets: booked is solid, on its way is striped by its outline, the rest is empty."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from markupsafe import Markup

from disclosure.charts.figures import exact, listed, percent
from disclosure.charts.picture import SMALL, WIDTH, Picture, length, safe_name
from disclosure.charts.rows import BAR, FULL, heading
from disclosure.charts.value import Burn, Chart, Column, Table

_GAP = 200
_NAMES = ("预算", "已入账", "在途", "还可用")


def burn(
    lines: Sequence[Burn],
    *,
    name: str = "burn",
    title: str = "预算用了多少",
    elapsed: Fraction | None = None,
    span: str = "",
) -> Chart:
    """A bar for each budget or line. ``elapsed``: the part of the year that is over, marked in every bar."""
    rows = [
        (x.name, x.budgeted, x.used, x.waiting, x.left, percent(x.used + x.waiting, x.budgeted))
        for x in lines
    ]
    whole = _sum(lines)
    last = (
        "合计",
        whole.budgeted,
        whole.used,
        whole.waiting,
        whole.left,
        percent(whole.used + whole.waiting, whole.budgeted),
    )
    return Chart(
        name=safe_name(name),
        title=title,
        summary=_summary(lines, whole, elapsed, span),
        svg=_draw(name, lines, elapsed),
        table=Table(
            caption=f"{title}（元）",
            columns=(Column("项目"), *(Column(text, number=True) for text in (*_NAMES, "已占"))),
            rows=(*rows, last) if len(rows) > 1 else tuple(rows),
            total=len(rows) > 1,
        ),
    )


def _sum(lines: Sequence[Burn]) -> Burn:
    return Burn(
        "合计",
        sum(line.budgeted for line in lines),
        sum(line.used for line in lines),
        sum(line.waiting for line in lines),
    )


def _summary(lines: Sequence[Burn], whole: Burn, elapsed: Fraction | None, span: str) -> str:
    if not lines:
        return f"{span}没有生效的预算。"
    text = f"{span}预算一共 {exact(whole.budgeted)}，已入账 {exact(whole.used)}"
    if whole.waiting:
        text += f"，还有 {exact(whole.waiting)} 已申请、正在办"
    taken = whole.used + whole.waiting
    text += f"，共占 {percent(taken, whole.budgeted)}；还可用 {exact(whole.left)}。"
    if elapsed is not None:
        gone = percent(elapsed.numerator, elapsed.denominator)
        text += f"这一年已经过了 {gone}，用钱{_pace(taken, whole.budgeted, elapsed)}。"
    over = [line.name for line in lines if line.left < 0]
    return text + (f"超出预算的有：{listed(over)}。" if over else "没有一项超出预算。")


def _pace(taken: int, budgeted: int, elapsed: Fraction) -> str:
    ahead = Fraction(taken, budgeted) - elapsed if budgeted > 0 else Fraction(0)
    near = Fraction(1, 50)
    return "比时间快" if ahead > near else "比时间慢" if ahead < -near else "和时间差不多"


def _draw(name: str, lines: Sequence[Burn], elapsed: Fraction | None) -> Markup:
    if not any(line.budgeted or line.used or line.waiting for line in lines):
        return Markup("")
    picture = Picture(name)
    y = _key(picture, elapsed)
    for line in lines:
        taken = percent(line.used + line.waiting, line.budgeted)
        y = heading(picture, y, line.name, f"已占 {taken}")
        _bar(picture, y, line, elapsed)
        left = f"还可用 {exact(line.left)}" if line.left >= 0 else f"超出 {exact(-line.left)}"
        picture.text(f"预算 {exact(line.budgeted)}", 0, y + BAR + 170, kind="chart-soft")
        picture.text(
            left, WIDTH, y + BAR + 170, kind="chart-soft" if line.left >= 0 else "chart-alarm", at="end"
        )
        y += BAR + 210 + _GAP
    return picture.svg(y - _GAP)


def _key(picture: Picture, elapsed: Fraction | None) -> int:
    x = 10
    for kind, words in (("chart-in", "已入账"), ("chart-way", "在途"), ("chart-rest", "还可用")):
        picture.rect(kind, x, 40, SMALL, SMALL)
        picture.text(words, x + 190, 155)
        x += 330 + SMALL * len(words)
    if elapsed is not None:
        picture.rule("chart-mark", x + 40, 20, x + 40, 190)
        picture.text("时间过了多少", x + 110, 155)
    return 300


def _bar(picture: Picture, y: int, line: Burn, elapsed: Fraction | None) -> None:
    """Over budget, the bar is as long as what was taken, and a line shows where the budget ends."""
    used, waiting = max(line.used, 0), max(line.waiting, 0)
    whole = max(line.budgeted, used + waiting, 1)
    plan, booked = length(line.budgeted, whole, FULL), length(used, whole, FULL)
    taken = min(length(used + waiting, whole, FULL), FULL) if waiting else booked
    picture.rect("chart-rest", 10, y, plan, BAR)
    picture.rect("chart-in" if line.left >= 0 else "chart-over", 10, y, booked, BAR)
    if waiting:
        picture.rect("chart-way", 10 + booked, y, max(taken - booked, 0), BAR)
    if line.left < 0:
        picture.rule("chart-mark", 10 + plan, y - 30, 10 + plan, y + BAR + 30)
    elif elapsed is not None:
        at = 10 + length(elapsed.numerator, elapsed.denominator, FULL)
        picture.rule("chart-mark", at, y - 30, at, y + BAR + 30)

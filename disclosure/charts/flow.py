"""Where each yuan came from and where it went: bands from the sources at the left, through the fund in the
middle, to the kinds of expense at the right. A band is as thick as its amount.

Both sides are equally high: what was not spent is shown as kept, what was spent beyond income as taken from
earlier years' savings. A red-letter amount stands on the other side, as it undoes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from disclosure.charts.figures import exact, of_hundred, percent, short
from disclosure.charts.picture import LETTERS, WIDTH, Picture, length, lines_of, safe_name
from disclosure.charts.value import Cell, Chart, Column, Part, Table

SHOWN = 8
"""So many parts are drawn on a side, the rest together; the table has all."""
KEPT, TAKEN = "结余，留着以后用", "用了以前的结余"
_HIGH = 2600
_BLOCK = 90
_MIDDLE = (WIDTH - _BLOCK) // 2
_TOP = 480
_GAP = 70
_ROOM = 1480
_LINE = 185
_HUGE = 10**10


@dataclass(frozen=True, slots=True)
class _Slot:
    """A part at its place: its block ``thick`` high from ``y``, its words below each other from ``y``."""

    part: Part
    kind: str
    y: int
    thick: int
    room: int


def flow_bands(
    sources: Sequence[Part],
    uses: Sequence[Part],
    *,
    name: str = "flow",
    title: str = "每一元去了哪里",
    span: str = "",
) -> Chart:
    """Income by source and expense by kind of one fund and span; ``span``: "2025年", said in the summary."""
    sources = sorted(sources, key=lambda part: -part.amount)
    uses = sorted(uses, key=lambda part: -part.amount)
    return Chart(
        name=safe_name(name),
        title=title,
        summary=_summary(sources, uses, span),
        svg=_draw(name, sources, uses),
        table=_table(title, sources, uses),
    )


def _table(title: str, sources: Sequence[Part], uses: Sequence[Part]) -> Table:
    income, expense, whole = _sum(sources), _sum(uses), _sum(sides(sources, uses)[0])
    rows: list[tuple[Cell, ...]] = [(p.name, "收入", p.amount, percent(p.amount, whole)) for p in sources]
    rows.append(("收入合计", "收入", income, percent(income, whole)))
    rows += [(p.name, "支出", p.amount, percent(p.amount, whole)) for p in uses]
    rows.append(("支出合计", "支出", expense, percent(expense, whole)))
    rows.append(("收入减支出", "结余", income - expense, percent(income - expense, whole)))
    columns = Column("项目"), Column("收支"), Column("金额", number=True), Column("占比", number=True)
    return Table(f"{title}（元）", columns, tuple(rows), total=True)


def _sum(parts: Iterable[Part]) -> int:
    return sum(part.amount for part in parts)


def _summary(sources: Sequence[Part], uses: Sequence[Part], span: str) -> str:
    income, expense, whole = _sum(sources), _sum(uses), _sum(sides(sources, uses)[0])
    if not whole:
        return f"{span}没有收入和支出。"
    kept = income - expense
    text = f"{span}收入 {exact(income)}，支出 {exact(expense)}，"
    text += f"结余 {exact(kept)}。" if kept >= 0 else f"用了以前的结余 {exact(-kept)}。"
    if sources and income > 0:
        text += f"收入最多的是“{sources[0].name}”，{exact(sources[0].amount)}。"
    parts = [f"{of_hundred(p.amount, whole)}用于“{p.name}”" for p in uses[:3] if p.amount > 0]
    if kept > 0:
        parts.append(f"{of_hundred(kept, whole)}留着没有用")
    if parts:
        text += f"{'每收入' if kept >= 0 else '每支出'}100元，{'，'.join(parts)}。"
    undone = [part.name for part in (*sources, *uses) if part.amount < 0]
    if undone:
        text += f"退回或冲减的（{'、'.join(undone)}）画在另一边，所以图上一共是 {exact(whole)}。"
    return text


def sides(sources: Sequence[Part], uses: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """What is drawn at the left and at the right; both sum up to the same, nothing is negative."""
    left = [*_positive(sources), *_undone(uses, "退回：")]
    right = [*_positive(uses), *_undone(sources, "冲减：")]
    kept = _sum(left) - _sum(right)
    left, right = _together(left), _together(right)
    if kept > 0:
        right.append(Part(KEPT, kept))
    elif kept < 0:
        left.append(Part(TAKEN, -kept))
    return left, right


def _positive(parts: Sequence[Part]) -> list[Part]:
    return [part for part in parts if part.amount > 0]


def _undone(parts: Sequence[Part], word: str) -> list[Part]:
    return [Part(word + part.name, -part.amount) for part in parts if part.amount < 0]


def _together(parts: Sequence[Part]) -> list[Part]:
    """The largest, and the rest as one."""
    ordered = sorted(parts, key=lambda part: -part.amount)
    if len(ordered) <= SHOWN + 1:
        return ordered
    rest = ordered[SHOWN:]
    return [*ordered[:SHOWN], Part(f"其他 {len(rest)} 项", _sum(rest))]


def _draw(name: str, sources: Sequence[Part], uses: Sequence[Part]) -> Markup:
    left, right = sides(sources, uses)
    whole = _sum(left)
    if not whole:
        return Markup("")
    slots = _slots(left, "chart-in", whole), _slots(right, "chart-out", whole)
    ends = [column[-1].y + column[-1].room for column in slots]
    foot = max(*ends, _TOP + _HIGH)
    picture = Picture(name)
    picture.text("钱从哪里来", 0, 155, kind="chart-name", size=LETTERS)
    picture.text("用到哪里去", WIDTH, 155, kind="chart-name", at="end", size=LETTERS)
    picture.text(f"一共 {exact(whole)}", WIDTH // 2, 400, kind="chart-figure", at="middle")
    middle = _TOP + (foot - _TOP - _HIGH) // 2
    for column, end in zip(slots, ends, strict=True):
        _bands(picture, column, whole, middle, (foot - end) // 2)
    picture.rect("chart-fund", _MIDDLE, middle, _BLOCK, _HIGH)
    for column, end in zip(slots, ends, strict=True):
        _names(picture, column, whole, (foot - end) // 2)
    return picture.svg(foot + 20)


def _slots(parts: Sequence[Part], kind: str, whole: int) -> list[_Slot]:
    slots, y = [], _TOP
    for part in parts:
        thick = length(part.amount, whole, _HIGH)
        lines = len(lines_of(part.name, LETTERS, _ROOM)) + 1
        room = max(thick, 40 + _LINE * lines)
        slots.append(_Slot(part, kind, y, thick, room))
        y += room + _GAP
    return slots


def _bands(picture: Picture, column: Sequence[_Slot], whole: int, middle: int, down: int) -> None:
    """Bands between a side and the middle block; they lie side by side there, in the same order."""
    before = 0
    for slot in column:
        top, bottom = (
            middle + before * _HIGH // whole,
            middle + (before + slot.part.amount) * _HIGH // whole,
        )
        before += slot.part.amount
        y = slot.y + down
        if slot.kind == "chart-in":
            x1, x2 = _BLOCK, _MIDDLE
        else:
            x1, x2 = WIDTH - _BLOCK, _MIDDLE + _BLOCK
        half = (x1 + x2) // 2
        saved = " chart-kept" if slot.part.name in (KEPT, TAKEN) else ""
        picture.path(
            f"chart-band {slot.kind}-band{saved}",
            f"M{x1} {y}C{half} {y} {half} {top} {x2} {top}V{bottom}"
            f"C{half} {bottom} {half} {y + slot.thick} {x1} {y + slot.thick}Z",
        )


def _names(picture: Picture, column: Sequence[_Slot], whole: int, down: int) -> None:
    for slot in column:
        y = slot.y + down
        source = slot.kind == "chart-in"
        x, at = (_BLOCK + 60, "start") if source else (WIDTH - _BLOCK - 60, "end")
        picture.rect(slot.kind, 0 if source else WIDTH - _BLOCK, y, _BLOCK, slot.thick)
        for words in lines_of(slot.part.name, LETTERS, _ROOM):
            y += _LINE - 10
            picture.text(words, x, y, kind="chart-name", at=at, size=LETTERS)
        amount = exact(slot.part.amount) if slot.part.amount < _HUGE else short(slot.part.amount)
        picture.text(f"{amount} · {percent(slot.part.amount, whole)}", x, y + _LINE - 10, at=at)

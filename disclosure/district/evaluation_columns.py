"""The columns of the evaluations of many communities, on screen and in the files. Points are written as decimals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from disclosure.books.report import Cell, Column, Report, Row, Table
from disclosure.district.evaluation_missing import COLUMNS, cells_of, names_of
from ledger.evaluation.district import LEAST_SHOWN, CommunityRow, EvaluationOverview, PeriodSums, RoundRow
from ledger.evaluation.district_indicators import IndicatorLine
from ledger.evaluation.district_missing import Missing
from ledger.evaluation.district_order import Missings
from ledger.evaluation.scheme import FULL, HALVES, points_text
from ledger.evaluation.value import STAGE_NAMES
from ledger.periods.spans import span_name

UNRATED = "未评"
NOT_BEGUN = "还没有组织"
NO_GRADE = "未定等级"
SORTS: Mapping[str, str] = {
    "late": "超过期限最久的在前",
    "service": "物业服务分低的在前",
    "party": "党建引领分低的在前",
    "name": "按小区名称",
}
WAITING: Mapping[str, str] = {
    "self": "已自评，等系统取数",
    "scoring": "都评完了，等发问卷",
    "survey": "等公示",
    "preview": "申诉期满，等裁定和定稿",
}
"""What a round is late with once nobody is missing."""
NOTES = (
    "两个一百分并列，不相加。“未评”是没有数据，不是零分，也不是满分。",
    "得分从公示起显示；公示中的还可能因申诉改变，定稿的不再变，更正另发版本。",
)


@dataclass(frozen=True, slots=True)
class HalfShown:
    """One of the two scores: ``points`` and what was not rated, in words."""

    title: str
    points: str
    grade: str
    unrated: str


@dataclass(frozen=True, slots=True)
class RoundShown:
    """A round as the page shows it; ``page`` is where its evidence is. ``missing``: who has not rated yet, until when
    (None if that is the last day of the stage) and how many days late they are."""

    span: str
    stage: str
    due_on: date | None
    late_days: int
    waiting: str
    missing: str
    missing_until: date | None
    missing_late: int
    halves: tuple[HalfShown, ...]
    appeals: int
    vetoes: int
    page: str


@dataclass(frozen=True, slots=True)
class Line:
    """A community with its round of the span chosen and those before it, None where there was none."""

    slug: str
    name: str
    now: RoundShown | None
    before: tuple[RoundShown | None, ...]


def line_of(one: CommunityRow, periods: Sequence[int], today: date, missing: Missings) -> Line:
    """As the page shows it."""
    rounds = (one.rounds.get(period) for period in periods)
    shown = [
        round_shown(one.slug, row, today, missing.get((one.trust_id, row.round), ())) if row else None
        for row in rounds
    ]
    return Line(one.slug, one.name, shown[0] if shown else None, tuple(shown[1:]))


def round_shown(slug: str, row: RoundRow, today: date, missing: Sequence[Missing]) -> RoundShown:
    """A round; its public page once it has one, the desk until then."""
    late, until = row.late_days(today), missing[0].until if missing else None
    public = row.stage in ("preview", "final")
    return RoundShown(
        span_name(row.period),
        STAGE_NAMES[row.stage],
        row.due_on,
        late,
        WAITING.get(row.stage, "") if late and not missing else "",
        names_of(missing),
        until if until != row.due_on else None,
        missing[0].late_days(today) if missing else 0,
        tuple(_half(row, half) for half in HALVES) if public else (),
        row.appeals,
        row.vetoes,
        f"/c/{slug}/evaluations/{row.round}" if public else f"/c/{slug}/office/evaluations/{row.round}",
    )


def _half(row: RoundRow, half: str) -> HalfShown:
    points, possible = row.points[half], row.possible[half]
    return HalfShown(
        HALVES[half],
        UNRATED if points is None or not possible else points_text(points),
        row.grades[half] or NO_GRADE,
        points_text(FULL - possible) if possible < FULL else "",
    )


def sums_in_words(sums: PeriodSums | None, missing: int) -> tuple[str, ...]:
    """How the rounds of the span stand, and the grades of those that are final."""
    if sums is None:
        return ()
    stages = [f"{STAGE_NAMES[name]} {sums.stages[name]} 个" for name in STAGE_NAMES if name in sums.stages]
    if missing:
        stages.append(f"{NOT_BEGUN} {missing} 个")
    grades = []
    for half, title in HALVES.items():
        found = sorted(sums.grades[half].items(), key=lambda pair: pair[0] or "Z")
        if found:
            said = "、".join(f"{grade or NO_GRADE} {count} 个" for grade, count in found)
            grades.append(f"{title}（已定稿的）：{said}")
    return ("、".join(stages), *grades)


def report_of(
    overview: EvaluationOverview,
    indicators: Sequence[IndicatorLine],
    missing: Missings,
    facts: tuple[str, ...],
    *,
    today: date,
    by: str,
    at: str,
    day: str,
) -> Report:
    """All rounds of the spans shown, a row each, and the indicators of the first span."""
    titles: dict[str, str] = {}
    for line in indicators:
        titles.setdefault(line.code, f"{line.code} {line.title}")
    codes = _codes(overview, titles)
    rounds = Table(
        title="各小区各期",
        columns=(*_FIXED, *(Column(titles.get(code, code), "money", 6, "分项") for code in codes)),
        rows=_rows(overview, codes, missing, today),
        facts=(f"{overview.found} 个小区", *facts),
        notes=NOTES,
    )
    spread = Table(
        title="各项指标",
        columns=_SPREAD,
        rows=(Row(_indicator_cells(line)) for line in indicators),
        facts=(span_name(overview.periods[0]) if overview.periods else "", "只算已定稿的"),
    )
    return Report(
        "evaluations", "双百分评价", "", "", day, (rounds, spread), by, at, landscape=True, unit="分"
    )


_FIXED = (
    Column("小区", "text", 10),
    Column("评价期", "text", 8),
    Column("阶段", "text", 6),
    Column("期限", "day", 7),
    Column("超过期限（天）", "number", 5),
    *(
        column
        for title in HALVES.values()
        for column in (
            Column("得分", "money", 5, title),
            Column("等级", "text", 4, title),
            Column("未评的分值", "money", 5, title),
        )
    ),
    Column("待裁定的申诉", "number", 5),
    Column("一票否决", "number", 5),
    *COLUMNS,
)
_SPREAD = (
    Column("哪一百分", "text", 8),
    Column("编号", "text", 4),
    Column("指标", "text", 14),
    Column("满分", "money", 5),
    Column("评了的小区", "number", 5),
    Column("未评的小区", "number", 5),
    *(Column(title, "money", 5) for title in ("最低", "较低（四分之一处）", "中间", "较高", "最高")),
    Column("得分低的小区", "text", 24),
)


def _codes(overview: EvaluationOverview, titles: Mapping[str, str]) -> list[str]:
    """Those of the schemes in order, then what else earlier spans had."""
    held = {code for one in overview.communities for row in one.rounds.values() for code in row.figures}
    first = [code for code in titles if code in held]
    return [*first, *sorted(held - set(first))]


def _rows(
    overview: EvaluationOverview, codes: Sequence[str], missing: Missings, today: date
) -> Iterator[Row]:
    for one in overview.communities:
        for period in overview.periods:
            if row := one.rounds.get(period):
                waited_for = missing.get((one.trust_id, row.round), ())
                yield Row((one.name, *_cells(row, codes, waited_for, today)))
            elif period == overview.periods[0]:
                blank = (None,) * (len(_FIXED) - 3 + len(codes))
                yield Row((one.name, span_name(period), NOT_BEGUN, *blank))


def _cells(row: RoundRow, codes: Sequence[str], missing: Sequence[Missing], today: date) -> Iterator[Cell]:
    yield from (span_name(row.period), STAGE_NAMES[row.stage], row.due_on, row.late_days(today))
    for half in HALVES:
        points, possible = row.points[half], row.possible[half]
        if points is None:
            yield from (None, None, None)
        else:
            yield from (points if possible else UNRATED, row.grades[half] or NO_GRADE, FULL - possible)
    yield from (row.appeals, row.vetoes, *cells_of(missing, today))
    for code in codes:
        points = row.figures.get(code)
        yield UNRATED if code in row.figures and points is None else points


def has_quarters(line: IndicatorLine) -> bool:
    """Whether so many communities are rated that a quarter of them means something."""
    return line.rated >= LEAST_SHOWN


def _indicator_cells(line: IndicatorLine) -> tuple[Cell, ...]:
    spread = line.spread
    quarters: tuple[Cell, ...] = (None,) * 5
    if spread:
        inner = (spread.lower, spread.middle, spread.upper) if has_quarters(line) else (None,) * 3
        quarters = (spread.least, *inner, spread.most)
    lowest = "；".join(f"{one.name} {points_text(one.points or 0)}" for one in line.lowest)
    known = (HALVES[line.half], line.code, line.title, line.weight, line.rated, line.unrated)
    return (*known, *quarters, lowest)


def per_cent(points: int, weight: int) -> int:
    """Of the weight, in whole per cent, rounded down; for a bar beside the figures."""
    return Fraction(points * 100, weight).__floor__()

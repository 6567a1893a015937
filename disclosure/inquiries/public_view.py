"""Inquiries in words for pages everybody reads; of what is not published only kind, level, dates and state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from disclosure.public.words import beijing_day, day_text
from disclosure.statements.words import statement_title
from ledger.errors import Refused
from ledger.inquiries.calendar import announced
from ledger.inquiries.model import (
    LATE,
    LEVELS,
    MEDIATION_NAMES,
    NOT_SATISFIED,
    NOT_SETTLED,
    PUBLISHED,
    SATISFIED,
    SETTLED,
    TRUSTEE,
)
from ledger.inquiries.numbers import Numbers
from ledger.inquiries.response import duration_text
from ledger.inquiries.shown import InquiryRow, PublicInquiry, PublicStep, Said, about_name
from ledger.periods.spans import read_span
from ledger.trust.setup import Setup

RESULTS: Mapping[str, str] = {
    SATISFIED: "满意",
    NOT_SATISFIED: "不满意",
    SETTLED: "已经解决",
    NOT_SETTLED: "没有解决",
    LATE: "过期没有响应或没有办好",
    **MEDIATION_NAMES,
}
_SENTENCE = 60
_HOUR, _DAY = 60, 1440


@dataclass(frozen=True, slots=True)
class About:
    """What an inquiry is about: in words, and the page below the community's ('' if it has none)."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Line:
    """One inquiry in a list. ``about`` is None and ``title`` says so if the words are not public; ``response``: what
    was promised for a repair, while it counts, and ``slow`` whether that was broken."""

    no: int
    kind: str
    title: str
    published: bool
    about: About | None
    state: str
    closed: bool
    level: str
    opened: str
    due: str
    late_days: int
    rating: str
    echoes: int
    response: str
    slow: bool


@dataclass(frozen=True, slots=True)
class CourseStep:
    """A step: what happened, who acted in which capacity, which post then had it in hand, until when."""

    title: str
    by: str
    on: str
    iso: str
    level: str
    duty: str
    due: str
    result: str
    up: bool


@dataclass(frozen=True, slots=True)
class OneView:
    """The page of one inquiry."""

    line: Line
    question: Said | None
    answers: tuple[Said, ...]
    turn: str
    course: tuple[CourseStep, ...]
    unannounced: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it counts."""

    name: str
    value: str
    note: str = ""


def about_of(kind: str, about: str, setup: Setup | None = None) -> About:
    """Where an inquiry's subject is found."""
    if kind == "entry":
        return About(f"凭证 {about}", f"/entries/{about}")
    if kind == "statement":
        try:
            return About(statement_title(read_span(about).code), f"/statements/{about}")
        except Refused:
            return About(about_name(kind, about), "")
    if kind == "project":
        value = setup.values.get(("project", about)) if setup else None
        return About(f"项目“{value.name}”" if value else about_name(kind, about), f"/projects/{about}")
    return About(about_name(kind, about), "")


def line_of(row: InquiryRow, now: datetime, setup: Setup | None = None) -> Line:
    """A row of the list."""
    public = row.publication == PUBLISHED
    words = row.words if len(row.words) <= _SENTENCE else row.words[: _SENTENCE - 1] + "…"
    late = row.late_days(beijing_day(now))
    return Line(
        no=row.no,
        kind=row.kind_name,
        title=words if public else "文字没有公开",
        published=public,
        about=about_of(row.about_kind, row.about, setup) if public else None,
        state=row.status_name,
        closed=row.ended,
        level=row.level_name,
        opened=day_text(row.opened_on),
        due=day_text(row.due_on) if row.due_on and not row.ended else "",
        late_days=late,
        rating=row.rating_name if public and row.rating else "",
        echoes=row.echoes if public else 0,
        response=response_text(row, now),
        slow=row.slow(now),
    )


def whose_turn(row: InquiryRow, duty: str) -> str:
    """Who has to do something now, in words; ``duty``: the post that has it in hand at its level. '' once it has
    ended."""
    match row.status:
        case _ if row.ended:
            return ""
        case "answered":
            return "等提问人评价"
        case "closing":
            who = "物业、业委会、社区或街道" if row.level == TRUSTEE else "业委会、社区或街道"
            return f"等{who}回访"
    return f"由{row.level_name}一级的{duty}办理"


def response_text(row: InquiryRow, now: datetime) -> str:
    """What was promised for a repair: while somebody waits for it, and for good if it was not kept."""
    found = row.response
    if found is None or not (found.until is None or found.slow(now)):
        return ""
    promised = f"承诺 {found.hours} 小时内有人响应"
    if not found.slow(now):
        return promised
    waited = "还没有人响应" if found.until is None else f"等了 {duration_text(found.minutes(now))}"
    return f"响应超时：{promised}，{waited}"


def one_view(item: PublicInquiry, now: datetime, setup: Setup) -> OneView:
    """The page of one inquiry; what is not published keeps its results to itself."""
    row = item.row
    public = row.publication == PUBLISHED
    due_on = row.due_on if not row.ended else None
    return OneView(
        line=line_of(row, now, setup),
        question=item.question,
        answers=item.answers,
        turn=whose_turn(row, item.duty),
        course=tuple(_step(step, results=public) for step in item.course if step.kind != "published"),
        unannounced=unannounced_text(due_on),
    )


def unannounced_text(*days: date | None) -> str:
    """What to add where days are shown of years whose holidays are not announced yet; '' if there are none."""
    years = sorted({day.year for day in days if day and not announced(day.year)})
    if not years:
        return ""
    named = "、".join(f"{year}年" for year in years)
    return (
        f"{named}的放假安排还没有公布，先按周一到周五、扣除元旦、清明、五一、国庆的法定假日算工作日，"
        "春节、端午、中秋和调休等公布以后再算。"
    )


def _step(step: PublicStep, *, results: bool) -> CourseStep:
    told = RESULTS.get(step.result, "") if results or step.result == LATE else ""
    return CourseStep(
        title=step.title,
        by=step.by,
        on=day_text(step.on),
        iso=step.on.isoformat(),
        level=LEVELS[step.level],
        duty=step.duty,
        due=day_text(step.due_on) if step.due_on else "",
        result=told,
        up=step.kind in ("escalated", "reopened"),
    )


def figures(found: Numbers, slow: int) -> list[Figure]:
    """The numbers above the list; a share is always said with what it is a share of. ``slow``: repairs nobody
    responded to in time."""
    rows = [
        Figure("收到", f"{found.asked} 件"),
        Figure(
            "正在办",
            f"{found.open} 件",
            f"过期 {found.overdue} 件，到期没有回访的也算" if found.overdue else "",
        ),
        Figure("按时答复", _of(found.in_time, found.answered + found.unanswered), "没答复又过期的也算在内"),
        Figure("满意", _of(found.satisfied, found.rated), "只算作过评价的"),
        Figure("答复用时", days_text(found.median_days), "工作日，一半比它快"),
        Figure(
            "升到社区、街道",
            f"{found.raised} 件",
            f"其中街道 {found.at_street} 件" if found.at_street else "",
        ),
    ]
    if slow:
        rows.append(Figure("报修响应超时", f"{slow} 件", "过了承诺的小时数没有人响应，撤回了也算"))
    if found.reworks:
        rows.append(Figure("返修", f"{found.reworks} 次"))
    for result, count in sorted(found.mediations.items()):
        rows.append(Figure(f"调解：{MEDIATION_NAMES[result]}", f"{count} 次"))
    return rows


def _of(part: int, whole: int) -> str:
    return f"{part} / {whole} 件" if whole else "还没有"


def days_text(days: Fraction | None) -> str:
    """``当天``, ``2 天``, ``1.5 天``; medians are whole or half."""
    if days is None:
        return "还没有"
    if not days:
        return "当天"
    return f"{days.numerator} 天" if days.denominator == 1 else f"{days.numerator // 2}.5 天"


def minutes_text(minutes: Fraction | None) -> str:
    """``35 分钟``, ``3 小时``, ``2 天``: rounded up to what one would say."""
    if minutes is None:
        return "还没有"
    whole = -(-minutes.numerator // minutes.denominator)
    if not whole:
        return "马上"
    if whole < _HOUR:
        return f"{whole} 分钟"
    if whole < 2 * _DAY:
        return f"{-(-whole // _HOUR)} 小时"
    return f"{-(-whole // _DAY)} 天"

"""A round of the evaluation in words. Points are written with two decimals where a browser compares them with the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from disclosure.charts import Chart
from disclosure.evaluation.answers import SurveyView, survey_view
from disclosure.evaluation.chart import Bar, bars_chart
from disclosure.evaluation.compared import compared_chart
from disclosure.evaluation.indicators import IndicatorView, indicator_views
from disclosure.evaluation.objections import AppealView, VetoView, appeal_views, veto_views
from disclosure.evaluation.read import RoundFile
from disclosure.evaluation.waiting import doing, until, waiting_of
from disclosure.evaluation.words import STEPS_SHOWN, THEIRS, exact
from disclosure.public.words import day_text, moment_text
from ledger.evaluation.consequences import PAY, Consequence
from ledger.evaluation.district_order import days_late
from ledger.evaluation.scheme import BODIES, FULL, HALVES, points_text
from ledger.evaluation.schemes_kept import SCOPES
from ledger.evaluation.value import CORRECTION, RULING, SHEET, WITHDRAW, Note, Sheet


@dataclass(frozen=True, slots=True)
class HalfView:
    """One of the two scores. ``points`` and ``possible`` with two decimals, ``unrated`` '' if all was rated."""

    name: str
    title: str
    points: str
    possible: str
    unrated: str
    grade: str
    vetoed: tuple[str, ...]
    indicators: tuple[IndicatorView, ...]
    chart: Chart


@dataclass(frozen=True, slots=True)
class VersionView:
    """A published version; ``reason`` of a correction."""

    number: int
    published: str
    reason: str
    seq: int


@dataclass(frozen=True, slots=True)
class DutyView:
    """What follows from the result because the deed says so."""

    title: str
    text: str
    basis: str
    state: str
    late_days: int


@dataclass(frozen=True, slots=True)
class RoundView:
    """The page of a round. ``halves`` are empty before the preview."""

    no: int
    title: str
    span: str
    stage: str
    stage_name: str
    final: bool
    due: str
    until: str
    late_days: int
    doing: str
    scheme: str
    scheme_from: str
    digest: str
    halves: tuple[HalfView, ...]
    vetoes: tuple[VetoView, ...]
    appeals: tuple[AppealView, ...]
    own: str
    reply: str
    correction: str
    recused: int
    given_up: str
    survey: SurveyView | None
    duties: tuple[DutyView, ...]
    course: tuple[tuple[str, str, str], ...]
    compared: Chart | None
    measured: str
    versions: tuple[VersionView, ...]
    version: int
    published: str
    sha256: str
    seq: int | None


def round_view(file: RoundFile, today: date) -> RoundView:
    """Put a round into words."""
    state, value = file.state, file.value
    waiting = waiting_of(state)
    given_up = state.last(WITHDRAW, Note)
    return RoundView(
        no=state.round,
        title=state.title,
        span=f"{day_text(state.first_on)}至{day_text(state.last_on)}",
        stage=state.stage,
        stage_name=state.stage_name,
        final=file.shown is not None,
        due=day_text(state.due_on) if state.due_on else "",
        until=until(state.due_on, waiting),
        late_days=days_late(state.due_on, today),
        doing=doing(state.stage, state.last_on, today, waiting),
        scheme=state.scheme.title,
        scheme_from=SCOPES[state.scope] + (f"，第 {state.version} 版" if state.version else ""),
        digest=state.scheme.digest,
        halves=tuple(_half(file, name) for name in HALVES) if value else (),
        vetoes=tuple(veto_views(file, value)) if value else (),
        appeals=tuple(appeal_views(file, value)) if value else (),
        own=value["self"]["text"] if value and value["self"] else "",
        reply=value["reply"] if value else "",
        correction=value["correction"] if value else "",
        recused=value["recused"] if value else 0,
        given_up=given_up.text if given_up else "",
        survey=survey_view(file),
        duties=tuple(duty_view(one, today) for one in file.consequences),
        course=tuple(_course(file)),
        compared=_compared(file),
        measured=_measured(file),
        versions=tuple(_version(one) for one in file.results),
        version=file.shown.version if file.shown else 0,
        published=moment_text(file.shown.published_at) if file.shown else "",
        sha256=file.shown.sha256 if file.shown else "",
        seq=file.shown.seq if file.shown else None,
    )


def _half(file: RoundFile, name: str) -> HalfView:
    value = file.value or {}
    half, own = value["halves"][name], (value["self"] or {}).get("points", {})
    titles = {veto.code: veto.title for veto in file.state.scheme.vetoes}
    bars = [
        Bar(one["code"], one["title"], one["weight"], one["points"], own.get(one["code"]))
        for one in half["indicators"]
    ]
    return HalfView(
        name=name,
        title=half["title"],
        points=exact(half["points"]),
        possible=exact(half["possible"]),
        unrated=points_text(FULL - half["possible"]) if half["possible"] < FULL else "",
        grade=half["grade"],
        vetoed=tuple(titles.get(code, code) for code in half["vetoes"]),
        indicators=indicator_views(file, name),
        chart=bars_chart(f"points-{name}", f"{half['title']}：每一项得多少", bars),
    )


def duty_view(one: Consequence, today: date) -> DutyView:
    """A consequence in words."""
    if one.kind == PAY:
        text, state = f"下一次支付起，酬金按 {one.percent}% 支付", ""
    else:
        text = f"最迟{day_text(one.due_on)}" if one.due_on else "没有算得出的期限"
        state = f"已办结：{one.note}" if one.state == "done" else "还没有办结"
    return DutyView(one.title, text, one.basis, state, one.late_days(today))


def _course(file: RoundFile) -> Iterator[tuple[str, str, str]]:
    """The course without anybody's name: title, day, ISO day. Vetoes and who stayed away are told by number only."""
    opened = file.state.opened_at
    yield "开始评价", moment_text(opened).partition(" ")[0], opened.date().isoformat()
    for step in file.state.steps:
        if step.kind not in STEPS_SHOWN:
            continue
        title = step.title
        if step.kind == SHEET and isinstance(step.body, Sheet):
            title = f"{BODIES[step.body.body]}评分"
        elif step.kind in (CORRECTION, RULING):
            title = THEIRS[step.kind]
        yield title, day_text(step.on), step.on.isoformat()


def _compared(file: RoundFile) -> Chart | None:
    halves = file.value["halves"] if file.value else {}
    return compared_chart(
        file.district,
        file.spreads,
        {name: half["points"] for name, half in halves.items()},
        {name: half["possible"] for name, half in halves.items()},
    )


def _measured(file: RoundFile) -> str:
    window = file.state.window
    if window is None:
        return ""
    return f"{moment_text(window.moment)}取数，只看公开日志的前 {window.size:,} 条和当时已有的记录"


def _version(one: Any) -> VersionView:
    return VersionView(one.version, moment_text(one.published_at), one.value["correction"], one.seq)

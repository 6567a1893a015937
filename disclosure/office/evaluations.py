"""Rounds of the dual hundred-point evaluation (双百分评价) in the office: the list, a new one, and what waits for
whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData, place_number
from disclosure.office.home import TASKS, Task
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.evaluation.allowed import bodies_of
from ledger.evaluation.consequences import consequences_of
from ledger.evaluation.course import open_round
from ledger.evaluation.district import ENDED, rounds_of
from ledger.evaluation.rounds import read_states
from ledger.evaluation.scheme import HALVES, points_text
from ledger.evaluation.schemes_kept import SCOPES
from ledger.evaluation.sheets import unscored
from ledger.evaluation.state import State
from ledger.evaluation.value import STAGE_NAMES
from ledger.people import Actor
from ledger.people.roles import Forbidden
from ledger.periods.calendar import period_of
from ledger.periods.spans import Span, quarter_of, read_span, span_name, span_of, year_of

PATH = "/c/{slug:str}/office/evaluations"
_PAGE = 30
_QUARTERS = 8


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a person can do about a round now. ``anchor``: where on its page."""

    title: str
    count: int
    hint: str
    anchor: str


@get(PATH, sync_to_thread=True, action="evaluation.read")
def evaluations(request: Req, slug: FromPath[str]) -> Answer:
    """All rounds, the newest first, and the form to begin one."""
    with reading_office(request, slug) as office:
        return _list(office, {}, (), request.query_params)


@post(PATH, sync_to_thread=True, action="evaluation.open")
def begin(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Begin the round of a span."""
    try:
        with acting(request, slug, subject=str(data.get("span", ""))[:10]) as office:
            form = Form(data)
            slug_of_span = form.text("span", "期间", longest=10)
            scope = form.choice("scope", "方案", SCOPES, required=False)
            form.finish()
            span = read_span(slug_of_span)
            no = open_round(office.conn, office.trust_id, span.code, office.actor, office.act, scope=scope)
            return office.done(f"/c/{slug}/office/evaluations/{no}", f"{span.name}的评价（第 {no} 轮）已开始")
    except Forbidden:
        raise
    except Refused as error:
        with reading_office(request, slug) as office:
            return _list(office, dict(data), error.problems, request.query_params, 422)


def _list(
    office: Office,
    values: Mapping[str, Any],
    problems: Sequence[Problem],
    query: Mapping[str, str],
    status: int = 200,
) -> Answer:
    before = place_number(query.get("before", ""))
    before = min(before, 2**31 - 1) if before else None
    rows = rounds_of(office.conn, office.trust_id, before=before, limit=_PAGE + 1)
    taken = {row.period for row in rows if row.stage != "withdrawn"}
    open_rounds = [row.round for row in rows if row.stage not in ENDED]
    today = office.act.today
    return office.page(
        "office/evaluations.html",
        status,
        rows=rows[:_PAGE],
        older=rows[_PAGE - 1].round if len(rows) > _PAGE else 0,
        waiting={
            state.round: list(waiting_for(state, office.actor, today))
            for state in read_states(office.conn, office.trust_id, open_rounds)
        }
        if open_rounds
        else {},
        halves=HALVES,
        stages=STAGE_NAMES,
        span_name=span_name,
        points_text=points_text,
        today=today,
        spans=[span for span in spans_to_rate(today) if span.code not in taken],
        scopes=SCOPES.items(),
        values=values,
        problems=problems,
    )


def spans_to_rate(today: date) -> list[Span]:
    """What a round may be about: the last quarters, the newest that is over first, then years and months."""
    month = period_of(today)
    months = [month]
    while len(months) < 3 * _QUARTERS:
        year, part = divmod(months[-1], 100)
        months.append(year * 100 + part - 1 if part > 1 else (year - 1) * 100 + 12)
    codes = [*map(quarter_of, months), *map(year_of, months), *months[:3]]
    spans = [span_of(code) for code in dict.fromkeys(codes)]
    return sorted(spans, key=lambda span: (span.last >= today, span.kind != "quarter", span.kind != "year"))


def waiting_for(state: State, actor: Actor, today: date) -> Iterator[Waiting]:
    """What this person may do about a round now."""
    steps = {"self": _before_figures, "scoring": _scoring, "survey": _survey, "preview": _preview}
    if state.stage in steps:
        yield from steps[state.stage](state, actor, today)


def _before_figures(state: State, actor: Actor, today: date) -> Iterator[Waiting]:
    if actor.may("evaluation.self") and state.assessed is None:
        yield Waiting("评价待自评", 1, f"轮，{_by(state, today)}提交", "self")
    passed = state.due_on is not None and today > state.due_on
    if actor.may("evaluation.open") and today > state.last_on and (state.assessed or passed):
        yield Waiting("评价可以取数", 1, "轮，由系统计算自动指标", "figures")


def _scoring(state: State, actor: Actor, today: date) -> Iterator[Waiting]:
    left = _sheets_left(state, actor)
    if left:
        yield Waiting("评价待评分", left, f"项指标，{_by(state, today)}评完", "sheets")
    if actor.may("evaluation.open") and not left:
        yield Waiting("评价可以发问卷", 1, "轮，评分齐了就请业主填问卷", "survey")


def _survey(state: State, actor: Actor, today: date) -> Iterator[Waiting]:
    if left := _sheets_left(state, actor):
        yield Waiting("评价待评分", left, "项指标，公示以前评完", "sheets")
    if actor.may("evaluation.open") and state.closes_on is not None and today > state.closes_on:
        yield Waiting("问卷已截止，待公示", 1, "轮评价", "preview")


def _preview(state: State, actor: Actor, today: date) -> Iterator[Waiting]:
    over = state.appeal_until is not None and today > state.appeal_until
    waiting = state.open_appeals()
    if actor.may("evaluation.appeal") and not over:
        yield Waiting("评价公示中，可以申诉", 1, f"轮，到 {state.appeal_until} 为止", "appeal")
    if actor.may("evaluation.rule") and waiting:
        yield Waiting("评价申诉待裁定", len(waiting), "件", "rule")
    if actor.may("evaluation.finish") and over and not waiting:
        yield Waiting("评价待定稿", 1, "轮，申诉期已过", "final")


def _by(state: State, today: date) -> str:
    """Until when, or for how long it is late."""
    if state.due_on is None or state.due_on >= today:
        return f"{state.due_on} 以前"
    return f"已过期限 {(today - state.due_on).days} 天，请尽快"


def _sheets_left(state: State, actor: Actor) -> int:
    """Indicators that a body this person speaks for has not scored."""
    if not actor.may("evaluation.score") or actor.person in state.recused:
        return 0
    return sum(len(unscored(state, body)) for body in bodies_of(actor))


def evaluation_tasks(office: Office) -> Iterator[Task]:
    """What of this waits for the person on the office's first page."""
    actor, today = office.actor, office.act.today
    if not actor.may("evaluation.read"):
        return
    rows = rounds_of(office.conn, office.trust_id)
    running = [row.round for row in rows if row.stage not in ENDED]
    for state in read_states(office.conn, office.trust_id, running) if running else ():
        for one in waiting_for(state, actor, today):
            yield Task(one.title, one.count, f"/evaluations/{state.round}#{one.anchor}", one.hint)
    if actor.may("evaluation.settle") and any(row.version for row in rows):
        left = [
            one
            for one in consequences_of(office.conn, office.trust_id)
            if one.state == "open" and one.kind != "pay"
        ]
        if left:
            late = sum(one.late_days(today) > 0 for one in left)
            hint = f"项，{late} 项已逾期" if late else "项待办"
            yield Task("评价后的整改和续聘", len(left), f"/evaluations/{left[0].round}#consequences", hint)


TASKS.append(evaluation_tasks)
HANDLERS = [evaluations, begin]

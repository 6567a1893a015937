"""One round in the office: both halves as they stand, its course, and every step this person may take now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.evaluation.words import GONE
from disclosure.office.acting import PRIVATE, Office, reading_office
from disclosure.office.evaluations import PATH, waiting_for
from disclosure.office.evaluations_view import (
    STAGES,
    bodies_to_score,
    course,
    deductions,
    documents_of,
    doubles,
    named,
    sees_all,
    shown_now,
    without_sheet,
)
from disclosure.office.forms import Form, FormData
from disclosure.office.steps import Command, take_step
from disclosure.public.answers import Answer, Req
from disclosure.public.document_files import file_headers
from disclosure.public.papers import shown_copies
from ledger.documents.read import uploads_by_digest
from ledger.documents.store import ACCESS_NAMES, read_document
from ledger.errors import Problem, Unanswerable
from ledger.evaluation import appeals
from ledger.evaluation import course as steps
from ledger.evaluation.allowed import UNRELATED
from ledger.evaluation.consequences import consequences_of
from ledger.evaluation.result import results_of
from ledger.evaluation.rounds import read_state
from ledger.evaluation.scheme import BODIES, HALVES, points_text
from ledger.evaluation.schemes_kept import SCOPES
from ledger.evaluation.state import State
from ledger.evaluation.survey import LONGEST, SHORTEST, open_survey
from ledger.people import Actor, Role
from ledger.people.accounts import read_people
from ledger.people.members import list_grants
from ledger.trust import Act

ONE = f"{PATH}/{{no:int}}"
_SCORERS = (Role.COMMITTEE, Role.CHAIR, Role.PARTY, Role.SUPERVISOR, Role.STREET)
"""Those who score or rule."""


@get(ONE, sync_to_thread=True, action="evaluation.read")
def evaluation(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """The whole of it."""
    with reading_office(request, slug) as office:
        return round_page(office, no, {}, ())


def round_page(
    office: Office, no: int, values: Mapping[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    """The page, with what was typed if a step was refused."""
    state = read_state(office.conn, office.trust_id, no)
    shown = shown_now(state)
    today, actor = office.act.today, office.actor
    people = read_people(office.conn, state.recused)
    return office.page(
        "office/evaluations_one.html",
        status,
        state=state,
        scores=shown.scores,
        halves=HALVES,
        stages=STAGES,
        waiting=list(waiting_for(state, actor, today)),
        bodies=BODIES,
        to_score=bodies_to_score(state, actor),
        deductions=deductions(shown),
        vetoes=shown.all_vetoes(),
        counts=shown.counts(),
        appeals=[_appeal(shown, step.no) for step in state.open_appeals()],
        sees_all=sees_all(state, actor),
        unrated=[
            f"{one.indicator.code} {one.indicator.title}"
            for half in HALVES
            for one in shown.scores.half(half).indicators
            if one.points is None and not any(rule.rule.survey for rule in one.rules)
        ],
        doubles=doubles(state) if actor.may("evaluation.open") else [],
        no_sheet=without_sheet(shown) if state.window else 0,
        course=course(state, people, why=actor.may("evaluation.recuse"), scored=sees_all(state, actor)),
        copies=shown_copies(office.conn, office.trust_id, documents_of(state)),
        uploads=_uploads(office, state),
        results=results_of(office.conn, office.trust_id, no),
        consequences=consequences_of(office.conn, office.trust_id, no),
        people=_others(office, state),
        scope=SCOPES[state.scope],
        answers=sum(state.answers.values()),
        unrelated=UNRELATED,
        closes_on=today + timedelta(days=7),
        survey_days=(SHORTEST, LONGEST),
        points=points_text,
        today=today,
        values=values,
        problems=problems,
    )


def _uploads(office: Office, state: State) -> dict[str, int]:
    """Numbers of the round's papers, for those who may make public copies of them."""
    if not (office.actor.may("document.show") and office.actor.may("document.read")):
        return {}
    found = uploads_by_digest(office.conn, office.trust_id, sorted(documents_of(state)))
    return {digest: paper.no for digest, paper in found.items() if paper.can_be_shown}


def _appeal(state: State, step: int) -> dict[str, Any]:
    """An appeal that waits: what it is about and how many were counted."""
    said = state.steps[step - 1]
    about, count = named(state, said.body.ref)
    if about == GONE:
        about += "，请裁定为 0"
    return {
        "no": step,
        "on": said.on,
        "reason": said.body.reason,
        "document": said.body.document,
        "about": about,
        "count": count,
    }


def _others(office: Office, state: State) -> list[tuple[str, str]]:
    """Whose ties this person may record: their own, or as Party committee or supervisor everybody's who scores or
    rules."""
    actor = office.actor
    if not actor.may("evaluation.recuse"):
        return []
    found = {actor.person: f"本人（{actor.signature}）"}
    if actor.roles & {Role.PARTY, Role.SUPERVISOR}:
        for one in list_grants(office.conn, office.trust_id, _SCORERS):
            if one.in_force(office.act.today):
                found.setdefault(one.person.person, one.person.signature)
    return [(person, name) for person, name in found.items() if person not in state.recused]


@get(f"{ONE}/evidence/{{digest:str}}", sync_to_thread=True, action="evaluation.read")
def evidence(request: Req, slug: FromPath[str], no: FromPath[int], digest: FromPath[str]) -> Answer:
    """A paper of this round, as it was handed in, for those who take part in it."""
    with reading_office(request, slug) as office:
        state = read_state(office.conn, office.trust_id, no)
        if digest not in documents_of(state) or not sees_all(state, office.actor):
            raise Unanswerable("unknown_document", "这一轮评价没有这份证据")
        place = office.services.config.documents_dir
        data, kind = read_document(office.conn, office.trust_id, place, digest, tuple(ACCESS_NAMES))
    return Response(data, media_type=kind, headers={**PRIVATE, **file_headers(digest, kind)})


@post(f"{ONE}/figures", sync_to_thread=True, action="evaluation.open")
def figures(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Have the system compute."""

    def command(office: Office, form: Form) -> str:
        steps.take_figures(office.conn, office.trust_id, no, office.actor, office.act)
        return "系统已取数，现在由各评分方评分"

    return step_of(request, slug, no, data, command)


@post(f"{ONE}/survey", sync_to_thread=True, action="evaluation.open")
def survey(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Ask the residents."""

    def command(office: Office, form: Form) -> str:
        day = form.day("closes_on", "截止日期")
        form.finish()
        open_survey(office.conn, office.trust_id, no, day or office.act.today, office.actor, office.act)
        return f"问卷已发出，业主在“我的首页”里能看到，{day} 截止"

    return step_of(request, slug, no, data, command)


@post(f"{ONE}/preview", sync_to_thread=True, action="evaluation.open")
def preview(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Show the figures to everybody."""

    def command(office: Office, form: Form) -> str:
        state = appeals.preview(office.conn, office.trust_id, no, office.actor, office.act)
        return f"已公示，受托人可以申诉到 {state.appeal_until}"

    return step_of(request, slug, no, data, command)


@post(f"{ONE}/withdraw", sync_to_thread=True, action="evaluation.open")
def withdraw(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Give the round up."""

    field, done = ("withdraw_why", "撤回的原因", 500), "这一轮已撤回，同一期间可以重新开始一轮"
    return words_of(request, slug, no, data, field, steps.withdraw, done)


@post(f"{ONE}/recuse", sync_to_thread=True, action="evaluation.recuse")
def recuse(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Somebody has ties to the trustee."""

    def command(office: Office, form: Form) -> str:
        person = form.text("person", "回避的人") or office.actor.person
        why = form.text("recuse_why", "回避的原因", longest=500)
        if person not in {key for key, _ in _others(office, read_state(office.conn, office.trust_id, no))}:
            form.problem("bad_choice", "请从列表里选择回避的人", "回避的人")
        form.finish()
        steps.recuse(office.conn, office.trust_id, no, person, why, office.actor, office.act)
        return "已登记回避，其评分表不计入"

    return step_of(request, slug, no, data, command)


def step_of(
    request: Req, slug: str, no: int, data: Mapping[str, Any], command: Command, anchor: str = ""
) -> Answer:
    """A step that leads back to the round."""
    return take_step(
        request,
        slug,
        data,
        command,
        subject=f"第 {no} 轮",
        onward=f"/c/{slug}/office/evaluations/{no}{anchor}",
        again=lambda office, typed, problems: round_page(office, no, texts_of(typed), problems, 422),
    )


def words_of(
    request: Req,
    slug: str,
    no: int,
    data: Mapping[str, Any],
    field: tuple[str, str, int],
    say: Callable[[Connection, int, int, str, Actor, Act], None],
    done: str,
) -> Answer:
    """A step that is a text and nothing else: the ``field`` it comes in, its title and how long it may be."""

    def command(office: Office, form: Form) -> str:
        name, title, longest = field
        text = form.text(name, title, longest=longest)
        form.finish()
        say(office.conn, office.trust_id, no, text, office.actor, office.act)
        return done

    return step_of(request, slug, no, data, command)


def texts_of(data: Mapping[str, Any]) -> dict[str, str]:
    """What was typed; files have to be chosen again."""
    return {name: value for name, value in data.items() if isinstance(value, str)}


HANDLERS = [evaluation, evidence, figures, survey, preview, withdraw, recuse]

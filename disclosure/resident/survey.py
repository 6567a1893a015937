"""The questionnaire of the evaluation (满意度问卷) on a phone: one question, one answer a home, a receipt to keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from litestar import Response, get, post
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE
from disclosure.office.forms import Form, FormData, place_number
from disclosure.public.answer_receipts import answer_text
from disclosure.public.answers import TEXT, Answer, Req, download_name
from disclosure.public.words import day_text, moment_text
from disclosure.resident.acting import Resident, acting, reading_resident
from disclosure.resident.home import CARDS, Card
from ledger.errors import Problem, Refused, Unanswerable
from ledger.evaluation.district import rounds_of
from ledger.evaluation.rounds import read_state, read_states
from ledger.evaluation.state import State
from ledger.evaluation.survey import MyAnswer, answer, answered_homes, my_receipts
from ledger.people.roles import Forbidden

LIST = "/c/{slug:str}/mine/evaluations"
ONE = f"{LIST}/{{no:int}}"


@dataclass(frozen=True, slots=True)
class MyHome:
    """A home and its answer. ``place`` counts one's homes from 1: no address names one; ``mine``: what one
    answered oneself; ``taken``: somebody of the home has answered."""

    place: int
    name: str
    mine: MyAnswer | None
    taken: bool


@get(LIST, sync_to_thread=True, action="evaluation.answer")
def surveys(request: Req, slug: FromPath[str]) -> Answer:
    """Questionnaires that are open, and those one answered."""
    with reading_resident(request, slug) as mine:
        answered = my_receipts(mine.conn, mine.trust_id, mine.actor)
        open_now = _open(mine)
        rounds = {one.receipt.round for one in answered} | {state.round for state in open_now}
        states = {state.round: state for state in read_states(mine.conn, mine.trust_id, sorted(rounds))}
        return mine.page(
            "resident/surveys.html",
            open_now=[(state, _homes(mine, state)) for state in open_now],
            answered=[(states[one.receipt.round], one) for one in answered],
            when=moment_text,
            places={home: place for place, home in enumerate(mine.actor.units, start=1)},
        )


@get(ONE, sync_to_thread=True, action="evaluation.answer")
def survey(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """The question, once for each home."""
    with reading_resident(request, slug) as mine:
        return _page(mine, no, 0, ())


def _page(mine: Resident, no: int, place: int, problems: Sequence[Problem], status: int = 200) -> Answer:
    state = read_state(mine.conn, mine.trust_id, no)
    if state.closes_on is None:
        raise Unanswerable("no_survey", f"{state.title}的评价还没有发问卷")
    return mine.page(
        "resident/survey.html",
        status,
        state=state,
        open=_is_open(mine, state),
        homes=_homes(mine, state),
        titles={choice.code: choice.title for choice in state.scheme.survey.choices},
        when=moment_text,
        place=place,
        problems=problems,
    )


@post(ONE, sync_to_thread=True, action="evaluation.answer")
def send(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Answer for a home. The audit trail says that somebody answered, not what."""
    place = place_number(str(data.get("home", ""))) or 0
    try:
        with acting(request, slug, subject=f"第 {no} 轮") as mine:
            form = Form(data)
            choice = form.text("choice", "答案", required=False)
            home = _home(mine, place)
            if not choice:
                form.problem("missing", "请选择一个答案", "问卷")
            form.finish()
            answer(mine.conn, mine.trust_id, no, home, choice, mine.actor, mine.act)
            path = f"/c/{slug}/mine/evaluations/{no}/receipt?home={place}"
            return mine.done(path, "问卷已提交，谢谢您")
    except Forbidden:
        raise
    except Refused as error:
        with reading_resident(request, slug) as mine:
            return _page(mine, no, place, error.problems, 422)


@get(f"{ONE}/receipt", sync_to_thread=True, action="evaluation.answer")
def receipt(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """What to keep, and how to check it."""
    with reading_resident(request, slug) as mine:
        state = read_state(mine.conn, mine.trust_id, no)
        place, kept = _receipt(request, mine, no)
        titles = {choice.code: choice.title for choice in state.scheme.survey.choices}
        return mine.page(
            "resident/survey_receipt.html",
            state=state,
            kept=kept,
            said=titles.get(kept.choice, kept.choice),
            text=answer_text(mine.site.slug, kept),
            at=moment_text(kept.at),
            place=place,
            more=[home for home in _homes(mine, state) if not home.taken] if _is_open(mine, state) else [],
        )


@get(f"{ONE}/receipt.txt", sync_to_thread=True, action="evaluation.answer")
def receipt_file(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """The receipt as a file."""
    with reading_resident(request, slug) as mine:
        place, kept = _receipt(request, mine, no)
        name = download_name(f"receipt-{slug}-evaluation-{no}-{place}.txt")
        return Response(
            answer_text(mine.site.slug, kept).encode(), media_type=TEXT, headers={**PRIVATE, **name}
        )


def _receipt(request: Req, mine: Resident, no: int) -> tuple[int, MyAnswer]:
    place = place_number(request.query_params.get("home", "")) or 1
    home = _home(mine, place)
    for one in my_receipts(mine.conn, mine.trust_id, mine.actor, no):
        if one.home == home:
            return place, one
    raise Unanswerable("no_receipt", "这套房屋的问卷您还没有填，或者是同住的人填的，回执在填的人那里")


def _home(mine: Resident, place: int) -> str:
    """One of one's own homes by its place. Raises :class:`Unanswerable`."""
    if not 1 <= place <= len(mine.actor.units):
        raise Unanswerable("unknown_home", "没有找到这套房屋，请从问卷页面重新进入")
    return mine.actor.units[place - 1]


def _homes(mine: Resident, state: State) -> list[MyHome]:
    own = {one.home: one for one in my_receipts(mine.conn, mine.trust_id, mine.actor, state.round)}
    taken = answered_homes(mine.conn, mine.trust_id, state.round, mine.actor.units)
    return [
        MyHome(place, home, own.get(home), home in taken)
        for place, home in enumerate(mine.actor.units, start=1)
    ]


def _open(mine: Resident) -> list[State]:
    """Rounds whose questionnaire can be answered today."""
    asking = [row.round for row in rounds_of(mine.conn, mine.trust_id) if row.stage == "survey"]
    states = read_states(mine.conn, mine.trust_id, asking) if asking else []
    return [state for state in states if _is_open(mine, state)]


def _is_open(mine: Resident, state: State) -> bool:
    closes_on = state.closes_on
    return state.stage == "survey" and closes_on is not None and mine.act.today <= closes_on


def _waiting(mine: Resident) -> Iterator[Card]:
    """Questionnaires that this resident's homes have not answered."""
    for state in _open(mine) if mine.actor.units else ():
        homes = _homes(mine, state)
        left = sum(not home.taken for home in homes)
        path = f"/mine/evaluations/{state.round}"
        until = f"截止{day_text(state.closes_on)}" if state.closes_on else ""
        title = f"{state.title}满意度问卷"
        if left:
            yield Card(title, f"只有一个问题，一户一份，不记名公布。{until}。", path, "去填写")
        else:
            yield Card(title, f"您家已经填过。{until}。", path, "看看", done=True)


CARDS.append(_waiting)
HANDLERS = [surveys, survey, send, receipt, receipt_file]

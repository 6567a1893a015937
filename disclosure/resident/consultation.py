"""A resident's answer to a proposed fee: one for each home, which may be changed while the consultation lasts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from disclosure.public.fee_view import proposal_views
from disclosure.public.words import moment_text, shown_day
from disclosure.resident.acting import Resident, acting, reading_resident
from disclosure.resident.home import CARDS, Card
from ledger.consultation.answers import CHOICES, answer_fee, answers_of
from ledger.consultation.proposals import list_proposals, read_proposal
from ledger.errors import Problem, Refused
from ledger.people.roles import Forbidden

PATH = "/c/{slug:str}/mine/fees/{no:int}"
_LOOKED_AT = 20


@get(PATH, sync_to_thread=True, action="fee.answer")
def say(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """The proposal, and what each of this resident's homes said."""
    with reading_resident(request, slug) as mine:
        return _page(mine, no, {}, ())


def _page(
    mine: Resident, no: int, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    proposal = read_proposal(mine.conn, mine.trust_id, no)
    return mine.page(
        "resident/fee.html",
        status,
        view=proposal_views(mine.conn, mine.trust_id, [proposal], mine.act.today)[0],
        step=proposal.last("consult"),
        units=mine.actor.units,
        said=answers_of(mine.conn, mine.trust_id, no, mine.actor.units),
        choices=CHOICES,
        values=values,
        problems=problems,
        local_time=moment_text,
    )


@post(PATH, sync_to_thread=True, action="fee.answer")
def send(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Keep an answer."""
    try:
        with acting(request, slug, subject=f"调价方案 {no}") as mine:
            form = Form(data)
            unit = form.text("unit", "房屋", longest=40)
            choice = form.choice("choice", "答复", CHOICES)
            note = form.text("note", "意见", required=False, longest=500)
            form.finish()
            answer_fee(mine.conn, mine.trust_id, no, unit, choice, note, mine.actor, mine.act)
            return mine.done(f"/c/{slug}/mine/fees/{no}", f"{unit}的答复已收到：{CHOICES[choice]}")
    except Forbidden:
        raise
    except Refused as error:
        with reading_resident(request, slug) as mine:
            return _page(mine, no, dict(data), error.problems, status=422)


def open_consultations(mine: Resident) -> Iterator[Card]:
    """On the first page: proposals that ask for an answer now."""
    if not mine.actor.may("fee.answer"):
        return
    for one in list_proposals(mine.conn, mine.trust_id, limit=_LOOKED_AT):
        if one.stage(mine.act.today) != "consulting":
            continue
        view = proposal_views(mine.conn, mine.trust_id, [one], mine.act.today)[0]
        said = answers_of(mine.conn, mine.trust_id, one.proposal, mine.actor.units)
        done = set(said) == set(mine.actor.units)
        step = one.last("consult")
        yield Card(
            title=f"{view.item}要调整吗？",
            text=f"现行 {view.present}，方案 {view.proposed}。答复到{shown_day(step.until_day)}为止。"
            if step
            else "",
            path=f"/mine/fees/{one.proposal}",
            button="看我的答复" if done else "看方案、答复",
            done=done,
        )


CARDS.append(open_consultations)
HANDLERS = [say, send]

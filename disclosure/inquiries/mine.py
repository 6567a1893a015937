"""我问过的: one's own inquiries, each with everything said to one, to rate, add to or take back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from disclosure.inquiries.public_view import RESULTS, about_of, line_of, unannounced_text, whose_turn
from disclosure.inquiries.shots import shots_of
from disclosure.office.acting import PRIVATE
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.forms import Form, FormData, FormFiles, place_number
from disclosure.public.answers import Answer, Req
from disclosure.public.document_files import file_headers
from disclosure.public.words import day_text, moment_text
from disclosure.resident.acting import Resident, acting, reading_resident
from disclosure.resident.home import CARDS, Card
from ledger.errors import Problem, Refused, Unanswerable
from ledger.inquiries import InquiryFile, Wanted, list_inquiries, note, rate, read_inquiry, withdraw
from ledger.inquiries.allowed import steps_open_to
from ledger.inquiries.model import ANSWERED, ANSWERS, LEVELS
from ledger.inquiries.pictures import MOST, Picture, read_picture
from ledger.inquiries.state import Step
from ledger.inquiries.texts import LONGEST_NOTE
from ledger.people.roles import Forbidden

LIST = "/c/{slug:str}/mine/inquiries"
ONE = "/c/{slug:str}/mine/inquiries/{no:int}"
_A_PAGE = 30
_WAITING = 5
_SAID = (*ANSWERS, "visited", "called_back", "rework", "noted", "kept", "rated", "withdrawn")
"""Steps whose words are for the asker."""


@dataclass(frozen=True, slots=True)
class MyStep:
    """A step as the asker sees it. ``duty``: which post has it in hand from then on."""

    no: int
    title: str
    by: str
    at: str
    level: str
    text: str
    duty: str
    due: str
    result: str
    answer: bool
    pictures: Sequence[Picture]


@get(LIST, sync_to_thread=True, action="inquiry.ask")
def inquiries(request: Req, slug: FromPath[str]) -> Answer:
    """All of one's own, the newest first."""
    before = place_number(request.query_params.get("before", ""))
    with reading_resident(request, slug) as mine:
        wanted = Wanted(person=mine.actor.person)
        place = before if before is not None and before < 2**31 else None
        rows = list_inquiries(mine.conn, mine.trust_id, wanted, before=place, limit=_A_PAGE + 1, private=True)
        shown = rows[:_A_PAGE]
        return mine.page(
            "inquiries/mine.html",
            moment=moment_text,
            rows=[(row, line_of(row, mine.act.now), about_of(row.about_kind, row.about)) for row in shown],
            older=shown[-1].no if len(rows) > _A_PAGE else 0,
        )


@get(ONE, sync_to_thread=True, action="inquiry.ask")
def inquiry(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """One of one's own."""
    with reading_resident(request, slug) as mine:
        return _page(mine, no, {}, ())


@post(ONE + "/rate", sync_to_thread=True, action="inquiry.rate")
def send_rating(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Whether the answer satisfies."""
    try:
        with acting(request, slug, subject=f"第 {no} 号") as mine:
            form = Form(data)
            choice = form.choice("satisfied", "满意不满意", ("yes", "no"))
            text = form.text("text", "想说的话", required=False, longest=LONGEST_NOTE)
            form.finish()
            state = rate(mine.conn, mine.trust_id, no, choice == "yes", mine.actor, mine.act, text=text)
            said = "谢谢，过几天会回访一次" if choice == "yes" else f"记下了，现在由{state.duty}负责，重新办"
            return mine.done(f"/c/{slug}/mine/inquiries/{no}", said)
    except Forbidden:
        raise
    except Refused as error:
        return _again(request, slug, no, data, error)


@post(ONE + "/note", sync_to_thread=True, action="inquiry.ask", request_max_body_size=UPLOAD_LIMIT)
def send_note(request: Req, slug: FromPath[str], no: FromPath[int], data: FormFiles) -> Answer:
    """Something to add, with pictures."""
    try:
        shots = shots_of(data, "camera", "pictures")
        with acting(request, slug, subject=f"第 {no} 号") as mine:
            _own(mine, no)
            form = Form(data)
            text = form.text("note", "补充的话", longest=LONGEST_NOTE)
            form.finish()
            location = mine.services.config.documents_dir
            note(mine.conn, mine.trust_id, no, text, mine.actor, mine.act, shots=shots, location=location)
            return mine.done(f"/c/{slug}/mine/inquiries/{no}", "补充的话已经加上")
    except Forbidden:
        raise
    except Refused as error:
        return _again(request, slug, no, data, error)


@post(ONE + "/withdraw", sync_to_thread=True, action="inquiry.rate")
def send_withdrawal(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """No answer is needed any more."""
    try:
        with acting(request, slug, subject=f"第 {no} 号") as mine:
            form = Form(data)
            text = form.text("reason", "原因", required=False, longest=LONGEST_NOTE)
            form.finish()
            withdraw(mine.conn, mine.trust_id, no, text, mine.actor, mine.act)
            return mine.done(f"/c/{slug}/mine/inquiries/{no}", f"第 {no} 号已经撤回")
    except Forbidden:
        raise
    except Refused as error:
        return _again(request, slug, no, data, error)


@get(ONE + "/pictures/{step:int}/{picture:int}", sync_to_thread=True, action="inquiry.ask")
def picture(
    request: Req, slug: FromPath[str], no: FromPath[int], step: FromPath[int], picture: FromPath[int]
) -> Response[bytes]:
    """A picture of one's own inquiry, as the copy without place and device."""
    with reading_resident(request, slug) as mine:
        _own(mine, no)
        place = mine.services.config.documents_dir
        data, media_type = read_picture(mine.conn, mine.trust_id, place, no, step, picture)
        headers = {**PRIVATE, **file_headers(f"{no}-{step}-{picture}", media_type)}
        return Response(data, media_type=media_type, headers=headers)


def _own(mine: Resident, no: int) -> InquiryFile:
    """Raises :class:`~ledger.errors.Unanswerable` for somebody else's as for one there is not."""
    found = read_inquiry(mine.conn, mine.trust_id, no)
    if found.asked.person != mine.actor.person:
        raise Unanswerable("unknown_inquiry", "您没有提过这个编号的质询")
    return found


def _again(request: Req, slug: str, no: int, data: dict[str, Any], error: Refused) -> Answer:
    with reading_resident(request, slug) as mine:
        values = {name: text for name, text in data.items() if isinstance(text, str)}
        return _page(mine, no, values, error.problems, status=422)


def _page(
    mine: Resident, no: int, values: dict[str, str], problems: Sequence[Problem], status: int = 200
) -> Answer:
    found = _own(mine, no)
    response = found.public.row.response
    return mine.page(
        "inquiries/mine_one.html",
        status,
        file=found,
        row=found.public.row,
        line=line_of(found.public.row, mine.act.now, mine.setup),
        turn=whose_turn(found.public.row, found.state.duty),
        about=about_of(found.asked.about_kind, found.asked.about, mine.setup),
        steps=[_step(step, found) for step in found.steps],
        can=steps_open_to(mine.actor, found.asked, found.state),
        public=bool(found.public.said),
        promised=day_text(found.asked.answer_by),
        unannounced=unannounced_text(None if found.state.ended else found.state.due_on),
        respond_by=moment_text(response.by) if response else "",
        most=MOST,
        values=values,
        problems=problems,
    )


def _step(step: Step, found: InquiryFile) -> MyStep:
    by_system = step.kind in ("opened", "escalated", "reopened")
    text = step.text if step.kind in _SAID else ""
    if step.kind == "assigned":
        text = step.text.partition("：")[0]  # what follows is between those on duty
    return MyStep(
        no=step.no,
        title=step.title + (f"到{LEVELS[step.level]}" if step.kind == "escalated" else ""),
        by="您" if step.person == found.asked.person else step.signature,
        at=moment_text(step.recorded_at),
        level=LEVELS[step.level],
        text=text,
        duty=step.text if by_system else "",
        due=day_text(step.due_on) if step.due_on else "",
        result=RESULTS.get(step.result, ""),
        answer=step.kind in ANSWERS,
        pictures=() if step.kind == "published" else found.pictures.get(step.no, ()),
    )


def answered(mine: Resident) -> Iterator[Card]:
    """On the first page: answers that nobody said anything of yet."""
    wanted = Wanted(person=mine.actor.person, states=(ANSWERED,))
    for row in list_inquiries(mine.conn, mine.trust_id, wanted, limit=_WAITING, private=True):
        until = f"请在 {day_text(row.due_on)}前评价，" if row.due_on else ""
        yield Card(
            title=f"您的{row.kind_name}第 {row.no} 号有答复了，满意吗？",
            text=f"{until}不满意的会自动上报重新办。",
            path=f"/mine/inquiries/{row.no}",
            button="看答复、评价",
        )


CARDS.append(answered)
HANDLERS = [inquiries, inquiry, send_rating, send_note, send_withdrawal, picture]

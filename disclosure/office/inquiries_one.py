"""One inquiry on the desk: all of it, and the steps this person may take now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from disclosure.inquiries.public_view import RESULTS, about_of, response_text, unannounced_text, whose_turn
from disclosure.inquiries.shots import shots_of
from disclosure.office.acting import PRIVATE, Office, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.steps import Command, take_step
from disclosure.public.answers import Answer, Req
from ledger.disclosures.posts import post_versions
from ledger.errors import Problem, Refused
from ledger.inquiries import (
    accept,
    answer,
    assign,
    call_back,
    keep_private,
    mediate,
    note,
    read_inquiry,
    rework,
    visit,
)
from ledger.inquiries.allowed import not_theirs, steps_open_to
from ledger.inquiries.model import LEVELS, MEDIATION_NAMES, MOVES, PUBLICATION_NAMES, REFERRED
from ledger.inquiries.pictures import Shot, read_picture
from ledger.inquiries.steps import referral_problems
from ledger.inquiries.texts import LONGEST_ANSWER, LONGEST_NAME, LONGEST_NOTE
from ledger.people.accounts import read_people

_HANDLED: Mapping[str, str] = {
    "accept": "已受理",
    "assign": "已派单",
    "visit": "已记下到场情况",
    "answer": "已答复，提问人可以评价了",
    "rework": "已安排返修",
    "note": "已记下补充说明",
}
"""Steps of handling by the word in the form, and what is said afterwards."""


@get("/c/{slug:str}/office/inquiries/{no:int}", sync_to_thread=True, action="inquiry.read")
def one(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """The whole course."""
    with reading_office(request, slug) as office:
        return one_page(office, no, {}, ())


def one_page(
    office: Office, no: int, values: Mapping[str, Any], problems: tuple[Problem, ...], status: int = 200
) -> Answer:
    """The page, with what was typed if a step was refused."""
    file = read_inquiry(office.conn, office.trust_id, no)
    people = read_people(
        office.conn, {file.asked.person, *(step.person for step in file.steps if step.person)}
    )
    posts = post_versions(office.conn, office.trust_id, limit=1)
    said = {item.of_step: item for item in file.public.said}
    may_refer = not any(referral_problems(file.asked, file.state))
    return office.page(
        "office/inquiries_one.html",
        status,
        file=file,
        row=file.public.row,
        about=about_of(file.asked.about_kind, file.asked.about, office.setup),
        people=people,
        said=said,
        open_steps=steps_open_to(office.actor, file.asked, file.state),
        posts=[item.title for item in posts[0].list.items] if posts else [],
        mediations=[one for one in MEDIATION_NAMES.items() if may_refer or one[0] != REFERRED],
        may_refer=may_refer,
        publication=PUBLICATION_NAMES[file.state.publication],
        result_name=lambda result: RESULTS.get(result, ""),
        level_name=lambda level: LEVELS[level],
        local_time=local_time,
        today=office.act.today,
        now=office.act.now,
        unannounced=unannounced_text(None if file.state.ended else file.state.due_on),
        turn=whose_turn(file.public.row, file.state.duty),
        not_theirs=not_theirs(office.actor, file.state),
        response=response_text(file.public.row, office.act.now),
        values=values,
        problems=problems,
    )


@get(
    "/c/{slug:str}/office/inquiries/{no:int}/pictures/{step:int}/{picture:int}",
    sync_to_thread=True,
    action="inquiry.read",
)
def picture_file(
    request: Req, slug: FromPath[str], no: FromPath[int], step: FromPath[int], picture: FromPath[int]
) -> Answer:
    """A picture for those on duty: the copy without metadata."""
    with reading_office(request, slug) as office:
        place = office.services.config.documents_dir
        data, kind = read_picture(office.conn, office.trust_id, place, no, step, picture)
    return Response(data, media_type=kind, headers=PRIVATE)


@post(
    "/c/{slug:str}/office/inquiries/{no:int}/handle",
    sync_to_thread=True,
    action="inquiry.handle",
    request_max_body_size=UPLOAD_LIMIT,
)
def handle(request: Req, slug: FromPath[str], no: FromPath[int], data: FormFiles) -> Answer:
    """Accept, assign, visit, answer (or say that the work is done), rework, add a note."""
    try:
        shots = shots_of(data, "picture")
    except Refused as error:
        with reading_office(request, slug) as office:
            return one_page(office, no, _typed(data), error.problems, 422)

    def keep(office: Office, form: Form) -> str:
        step = form.choice("step", "办理", _HANDLED)
        text = form.text("text", MOVES["noted"].title, required=False, longest=LONGEST_ANSWER)
        where = form.text("post", "岗位", required=False, longest=LONGEST_NAME)
        form.finish()
        _do(office, no, step, text, where, shots)
        return f"第 {no} 号：{_HANDLED[step]}"

    return _run(request, slug, no, data, keep)


def _do(office: Office, no: int, step: str, text: str, where: str, shots: list[Shot]) -> None:
    conn, trust_id, actor, act = office.conn, office.trust_id, office.actor, office.act
    place = office.services.config.documents_dir
    match step:
        case "accept":
            accept(conn, trust_id, no, actor, act)
        case "assign":
            assign(conn, trust_id, no, where, actor, act, note=text)
        case "rework":
            rework(conn, trust_id, no, text, actor, act)
        case _:
            command = {"visit": visit, "answer": answer, "note": note}[step]
            command(conn, trust_id, no, text, actor, act, shots=shots, location=place)


@post("/c/{slug:str}/office/inquiries/{no:int}/mediate", sync_to_thread=True, action="inquiry.mediate")
def mediate_step(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """What talking it over came to."""

    def keep(office: Office, form: Form) -> str:
        result = form.choice("result", "调解结果", MEDIATION_NAMES)
        text = form.text("text", "调解情况", longest=LONGEST_NOTE)
        form.finish()
        mediate(office.conn, office.trust_id, no, result, text, office.actor, office.act)
        return f"第 {no} 号：已登记调解结果“{MEDIATION_NAMES[result]}”"

    return _run(request, slug, no, data, keep)


@post("/c/{slug:str}/office/inquiries/{no:int}/call-back", sync_to_thread=True, action="inquiry.call_back")
def call_back_step(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Whether it is really settled."""

    def keep(office: Office, form: Form) -> str:
        settled = form.choice("settled", "回访结果", ("yes", "no")) == "yes"
        text = form.text("text", "回访情况", longest=LONGEST_NOTE)
        form.finish()
        call_back(office.conn, office.trust_id, no, settled, text, office.actor, office.act)
        return f"第 {no} 号：" + ("已办结" if settled else "没有解决，已升级或退回重办")

    return _run(request, slug, no, data, keep)


@post("/c/{slug:str}/office/inquiries/{no:int}/keep", sync_to_thread=True, action="inquiry.publish")
def keep_step(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Decide that its words are not published."""

    def keep(office: Office, form: Form) -> str:
        reason = form.text("text", "不公开的原因", longest=LONGEST_NOTE)
        form.finish()
        keep_private(office.conn, office.trust_id, no, reason, office.actor, office.act)
        return f"第 {no} 号：文字不公开，公开页上只有编号、种类和办理进度"

    return _run(request, slug, no, data, keep)


def _run(request: Req, slug: str, no: int, data: Mapping[str, Any], command: Command) -> Answer:
    return take_step(
        request,
        slug,
        data,
        command,
        subject=f"第{no}号",
        onward=f"/c/{slug}/office/inquiries/{no}",
        again=lambda office, _, problems: one_page(office, no, _typed(data), problems, 422),
    )


def _typed(data: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in data.items() if isinstance(value, str)}


HANDLERS = [one, picture_file, handle, mediate_step, call_back_step, keep_step]

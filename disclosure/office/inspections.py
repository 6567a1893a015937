"""Inspections on the spot (现场检查): a checklist on a phone, with pictures, and putting right what was not in order.

The form works without a script. With it (``static/inspections.js``) it can be filled in where there is no network:
what was seen stays in the phone and is sent later, once, whatever happens on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE, Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormFiles, place_number
from disclosure.office.steps import take_step
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused, Unanswerable
from ledger.inquiries.pictures import Shot, read_shot
from ledger.people.roles import Forbidden
from ledger.registers import (
    Check,
    Checklist,
    Fix,
    Row,
    Visit,
    inspect,
    list_inspections,
    open_points,
    read_inspection,
    rows_of,
    settle_point,
)
from ledger.registers.checks import MOST_POINTS
from ledger.registers.inspecting import LONGEST, OLDEST
from ledger.registers.inspections import read_point_picture
from ledger.registers.read import versions_of
from ledger.registers.value import AREAS

PATH = "/c/{slug:str}/office/inspections"
ONE = f"{PATH}/{{no:int}}"
_PAGE = 30
STATES = {"done": "已整改", "open": "仍不合格"}


@get(PATH, sync_to_thread=True, action="register.read")
def inspections(request: Req, slug: FromPath[str]) -> Answer:
    """Checklists to begin with, what is to be put right, and what was seen so far."""
    before = place_number(request.query_params.get("before", ""))
    with reading_office(request, slug) as office:
        rows = list_inspections(
            office.conn, office.trust_id, before=min(before, 2**31) if before else None, limit=_PAGE + 1
        )
        return office.page(
            "office/inspections.html",
            checklists=rows_of(office.conn, office.trust_id, Checklist),
            open_points=open_points(office.conn, office.trust_id),
            rows=rows[:_PAGE],
            more=rows[_PAGE - 1].no if len(rows) > _PAGE else None,
            areas=AREAS,
            today=office.act.today,
        )


@get(f"{PATH}/new", sync_to_thread=True, action="register.inspect")
def form_page(request: Req, slug: FromPath[str]) -> Answer:
    """The form: ``?checklist=2``; with ``&version=1`` that of an older version, to put right what was refused."""
    with reading_office(request, slug) as office:
        no = place_number(request.query_params.get("checklist", "")) or 0
        row = _version(office, no, place_number(request.query_params.get("version", "")))
        if not row.standing:
            raise Unanswerable("unknown_row", "这份检查单已经划去，请从列表里选别的")
        return _form(office, row, {"held_on": office.act.today.isoformat()}, ())


def _form(
    office: Office,
    row: Row[Checklist],
    values: Mapping[str, Any],
    problems: Sequence[Problem],
    status: int = 200,
) -> Answer:
    return office.page(
        "office/inspection_new.html",
        status,
        row=row,
        areas=AREAS,
        values=values,
        problems=problems,
        longest=LONGEST,
        oldest=OLDEST,
        today=office.act.today,
    )


@post(f"{PATH}/new", sync_to_thread=True, action="register.inspect", request_max_body_size=UPLOAD_LIMIT)
def send(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Register what was seen."""
    form = Form(data)
    no, version = (form.whole(name, "检查单", most=2**31 - 1) for name in ("checklist", "version"))
    try:
        checks = _checks(form)
        held_on = form.day("held_on", "检查日期")
        form.finish()
        with acting(request, slug, subject="现场检查") as office:
            key = office.once or office.act.entropy(12).hex()
            visit = Visit(no, version, held_on or office.act.today, key, checks)
            place = office.services.config.documents_dir
            kept = inspect(office.conn, office.trust_id, visit, office.actor, office.act, location=place)
            office.subject = f"第 {kept} 号检查"
            bad = sum(not check.ok for check in checks.values())
            notice = f"第 {kept} 号检查已登记，{f'{bad} 处不合格' if bad else '全部合格'}"
            return office.done(f"/c/{slug}/office/inspections/{kept}", notice)
    except Forbidden:
        raise
    except Refused as error:
        with reading_office(request, slug) as office:
            values = {name: value for name, value in data.items() if isinstance(value, str)}
            return _form(office, _version(office, no, version), values, error.problems, 422)


def _version(office: Office, no: int, version: int | None) -> Row[Checklist]:
    """This version of a checklist, the newest if there is none."""
    versions = versions_of(office.conn, office.trust_id, "checklists", no)
    return next((one for one in versions if one.version == version), versions[-1])


def _checks(form: Form) -> dict[int, Check]:
    """What was ticked, written and photographed at each point; mistakes are noted in the form."""
    found = {}
    for name, value in form.values.items():
        place = place_number(name.removeprefix("ok_")) if name.startswith("ok_") else None
        if not place or value not in ("yes", "no"):
            continue
        words = form.text(f"words_{place}", f"第 {place} 点", required=False, longest=LONGEST)
        shot = _shot(form, f"photo_{place}", f"第 {place} 点的照片") if place <= MOST_POINTS else None
        found[place] = Check(value == "yes", words, shot)
    return found


def _shot(form: Form, name: str, where: str) -> Shot | None:
    file = form.values.get(name)
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    try:
        return read_shot(file.file.read())
    except Refused as error:
        form.problems += [Problem(item.code, item.message, where) for item in error.problems]
    return None


@get(ONE, sync_to_thread=True, action="register.read")
def one(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """One inspection with its pictures, and what was done about it."""
    with reading_office(request, slug) as office:
        return _one(office, no, {}, ())


def _one(
    office: Office, no: int, values: Mapping[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    return office.page(
        "office/inspection.html",
        status,
        item=read_inspection(office.conn, office.trust_id, no),
        areas=AREAS,
        states=STATES,
        today=office.act.today,
        values=values,
        problems=problems,
        local_time=local_time,
    )


@get(f"{ONE}/pictures/{{place:int}}/{{step:int}}", sync_to_thread=True, action="register.read")
def picture(
    request: Req, slug: FromPath[str], no: FromPath[int], place: FromPath[int], step: FromPath[int]
) -> Answer:
    """The picture of a point (step 0) or of a step to put it right, without what the phone wrote into it."""
    with reading_office(request, slug) as office:
        where = office.services.config.documents_dir
        data, kind = read_point_picture(office.conn, office.trust_id, where, no, place, step)
    return Response(data, media_type=kind, headers=PRIVATE)


@post(
    f"{ONE}/points/{{place:int}}/done",
    sync_to_thread=True,
    action="register.fix",
    request_max_body_size=UPLOAD_LIMIT,
)
def put_right(
    request: Req, slug: FromPath[str], no: FromPath[int], place: FromPath[int], data: FormFiles
) -> Answer:
    """A point was put right."""
    return _settle(request, slug, no, place, data, "done")


@post(
    f"{ONE}/points/{{place:int}}/open",
    sync_to_thread=True,
    action="register.inspect",
    request_max_body_size=UPLOAD_LIMIT,
)
def not_right(
    request: Req, slug: FromPath[str], no: FromPath[int], place: FromPath[int], data: FormFiles
) -> Answer:
    """It was looked at again, and is not."""
    return _settle(request, slug, no, place, data, "open")


def _settle(request: Req, slug: str, no: int, place: int, data: dict[str, Any], state: str) -> Answer:
    def command(office: Office, form: Form) -> str:
        words = form.text("words", "整改情况", longest=LONGEST)
        on = form.day("on", "日期") or office.act.today
        shot = _shot(form, "photo", "照片")
        form.finish()
        where = office.services.config.documents_dir
        fix = Fix(state, words, on, shot)
        settle_point(office.conn, office.trust_id, no, place, fix, office.actor, office.act, location=where)
        return f"第 {place} 点：{STATES[state]}"

    return take_step(
        request,
        slug,
        data,
        command,
        subject=f"第 {no} 号检查第 {place} 点",
        onward=f"/c/{slug}/office/inspections/{no}",
        again=lambda office, typed, problems: _one(office, no, {**typed, "place": place}, problems, 422),
    )


HANDLERS = [inspections, form_page, send, one, picture, put_right, not_right]

"""Registers of evidence (台账) in the office: an overview, each register with its lines, each line with its versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormFiles, place_number
from disclosure.office.home import TASKS, Task
from disclosure.office.registers_forms import SHEETS, point_rows, sheet_values
from disclosure.office.scans import keep_scan
from disclosure.office.steps import take_step
from disclosure.public.answers import Answer, Req
from disclosure.public.papers import shown_copies
from ledger.errors import Problem, Unanswerable
from ledger.registers import (
    REGISTERS,
    Equipment,
    Row,
    keep_row,
    list_inspections,
    open_points,
    rows_of,
    strike_row,
)
from ledger.registers.condition import conditions
from ledger.registers.read import lines_kept, versions_of
from ledger.registers.value import AREAS

PATH = "/c/{slug:str}/office/registers"
REGISTER = f"{PATH}/{{name:str}}"
DESKS = {"register.party": "party", "register.equipment": "equipment"}
"""Where each kind of register is sent to."""
_SHOWN = 200


@get(PATH, sync_to_thread=True, action="register.read")
def registers(request: Req, slug: FromPath[str]) -> Answer:
    """Every register with how many lines it has; equipment whose papers run out; what is to be put right."""
    with reading_office(request, slug) as office:
        kept = lines_kept(office.conn, office.trust_id)
        return office.page(
            "office/registers.html",
            registers=[(name, one, SHEETS[name].hint, kept.get(name, 0)) for name, one in REGISTERS.items()],
            equipment=conditions(office.conn, office.trust_id, office.act.today),
            open_points=len(open_points(office.conn, office.trust_id)),
            inspections=list_inspections(office.conn, office.trust_id, limit=1),
            today=office.act.today,
        )


@get(REGISTER, sync_to_thread=True, action="register.read")
def register(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """The lines of one, and the form to add another."""
    with reading_office(request, slug) as office:
        values = {"on": office.act.today.isoformat()}
        if place_number(request.query_params.get("equipment", "")):
            values |= {"equipment": request.query_params["equipment"]}
        return _list(office, name, values, ())


@get(f"{REGISTER}/{{no:int}}", sync_to_thread=True, action="register.read")
def line(request: Req, slug: FromPath[str], name: FromPath[str], no: FromPath[int]) -> Answer:
    """One line with all its versions, and the forms to replace or strike it."""
    with reading_office(request, slug) as office:
        return _line(office, name, no, {}, ())


@post(f"{REGISTER}/party", sync_to_thread=True, action="register.party", request_max_body_size=UPLOAD_LIMIT)
def keep_party(request: Req, slug: FromPath[str], name: FromPath[str], data: FormFiles) -> Answer:
    """Keep or strike a line of a register of the Party committee."""
    return _change(request, slug, name, data)


@post(
    f"{REGISTER}/equipment",
    sync_to_thread=True,
    action="register.equipment",
    request_max_body_size=UPLOAD_LIMIT,
)
def keep_equipment(request: Req, slug: FromPath[str], name: FromPath[str], data: FormFiles) -> Answer:
    """Keep or strike a line of equipment, its papers, or a checklist."""
    return _change(request, slug, name, data)


def _change(request: Req, slug: str, name: str, data: dict[str, Any]) -> Answer:
    _known(name)
    no = place_number(str(data.get("no", ""))) or 0
    here = f"/c/{slug}/office/registers/{name}"

    def command(office: Office, form: Form) -> str:
        if form.flag("strike"):
            why = form.text("why", "原因", longest=200)
            form.finish()
            strike_row(office.conn, office.trust_id, name, no, why, office.actor, office.act)
            return f"第 {no} 行已划去，原来的版本还在"
        body = SHEETS[name].read(form)
        on = form.day("on", SHEETS[name].day) or office.act.today
        document = keep_scan(office, form, "scan", "other", f"台账凭据：{REGISTERS[name].title}")
        if not document and no:
            document = versions_of(office.conn, office.trust_id, name, no)[-1].document
        form.finish()
        kept = keep_row(
            office.conn, office.trust_id, body, on, office.actor, office.act, document=document, no=no
        )
        return f"第 {kept} 行已{'更新' if no else '登记'}"

    def again(office: Office, typed: dict[str, Any], problems: Sequence[Problem]) -> Answer:
        if no:
            return _line(office, name, no, typed, problems, 422)
        return _list(office, name, typed, problems, 422)

    return take_step(
        request,
        slug,
        data,
        command,
        subject=f"{REGISTERS[name].title}{f' 第 {no} 行' if no else ''}",
        onward=f"{here}/{no}" if no else here,
        again=again,
    )


def _known(name: str) -> None:
    if name not in REGISTERS:
        raise Unanswerable("unknown_register", "没有这本台账，请从台账首页进入")


def _list(
    office: Office,
    name: str,
    values: Mapping[str, Any],
    problems: Sequence[Problem],
    status: int = 200,
) -> Answer:
    _known(name)
    rows = rows_of(office.conn, office.trust_id, REGISTERS[name].body)[::-1]
    return _page(
        office, "office/registers_list.html", name, rows[:_SHOWN], values, problems, status, of=len(rows)
    )


def _line(
    office: Office,
    name: str,
    no: int,
    values: Mapping[str, Any],
    problems: Sequence[Problem],
    status: int = 200,
) -> Answer:
    rows = versions_of(office.conn, office.trust_id, name, no)[::-1]
    begun = sheet_values(SHEETS[name], rows[0])
    if not REGISTERS[name].events:
        begun["on"] = office.act.today.isoformat()
    typed = values or begun
    return _page(office, "office/registers_line.html", name, rows, typed, problems, status, of=len(rows))


def _page(
    office: Office,
    template: str,
    name: str,
    rows: Sequence[Row[Any]],
    values: Mapping[str, Any],
    problems: Sequence[Problem],
    status: int,
    *,
    of: int,
) -> Answer:
    sheet, one = SHEETS[name], REGISTERS[name]
    names = {row.no: row.body.title for row in rows_of(office.conn, office.trust_id, Equipment)}
    return office.page(
        template,
        status,
        name=name,
        register=one,
        sheet=sheet,
        rows=[(row, sheet.cells(row.body, names)) for row in rows],
        of=of,
        fields=sheet.fields(names),
        points=point_rows(values) if sheet.points else (),
        areas=AREAS,
        desk=DESKS[one.action],
        shown=shown_copies(office.conn, office.trust_id, {row.document for row in rows if row.document}),
        values=values,
        problems=problems,
        local_time=local_time,
    )


def register_tasks(office: Office) -> Iterator[Task]:
    """Checks that run out within thirty days or did, upkeep that is late, points to be put right."""
    actor, today = office.actor, office.act.today
    if not actor.may("register.read"):
        return
    if actor.may("register.equipment"):
        found = conditions(office.conn, office.trust_id, today)
        late = sum(one.state in ("late", "none") for one in found)
        if late:
            yield Task("设施检验过期", late, "/registers#equipment", "台，请尽快检验并登记合格证")
        if soon := sum(one.state == "soon" for one in found):
            yield Task("设施检验快到期", soon, "/registers#equipment", "台，30 天内到期，请安排检验")
        if behind := sum(one.upkeep_late(today) > 0 for one in found):
            yield Task("设施维保逾期", behind, "/registers#equipment", "台，请维保并登记记录")
    if actor.may("register.fix"):
        waiting = open_points(office.conn, office.trust_id)
        if waiting:
            late = sum(one.point.overdue_days(today) > 0 for one in waiting)
            hint = f"处，{late} 处已逾期" if late else "处，请整改并登记"
            yield Task("现场检查待整改", len(waiting), "/inspections#open", hint)


TASKS.append(register_tasks)
HANDLERS = [registers, register, line, keep_party, keep_equipment]

"""Import of units and owners: template, upload, preview with every problem in its cell, confirmation."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.sheets import sheet_view, uploaded, workbook
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.trust.register import RegisterPlan, apply_register, plan_register
from ledger.trust.register_rows import REGISTER_FORM
from ledger.trust.sheet import read_sheet
from ledger.trust.sheet_drafts import SheetDraft, drop_sheet, keep_sheet, read_sheet_draft
from ledger.trust.uses import USE_KINDS
from ledger.trust.workbooks import marked_xlsx, template_xlsx

_KIND = "register"


@get("/c/{slug:str}/office/units/import", sync_to_thread=True, action="unit.record")
def start(request: Req, slug: FromPath[str]) -> Answer:
    """How it goes, and the upload."""
    with reading_office(request, slug) as office:
        return _start(office, ())


def _start(office: Office, problems: tuple[Problem, ...], status: int = 200) -> Answer:
    return office.page("office/units_import.html", status, columns=REGISTER_FORM.columns, problems=problems)


@get("/c/{slug:str}/office/units/import/template", sync_to_thread=True, action="unit.record")
def template(request: Req, slug: FromPath[str]) -> Answer:
    """The empty sheet."""
    with reading_office(request, slug):
        return workbook(template_xlsx(REGISTER_FORM), "房屋与业主模板.xlsx")


@post("/c/{slug:str}/office/units/import", sync_to_thread=True, action="unit.record")
def upload(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Keep the sheet and show what it would write."""
    try:
        with acting(request, slug) as office:
            body, name = uploaded(Form(data))
            read_sheet(body, name, REGISTER_FORM)
            token = keep_sheet(
                office.conn, office.trust_id, _KIND, name, body, person=office.actor.person, act=office.act
            )
            return office.done(f"/c/{slug}/office/units/import/{token}", "已读完表格，还没有写入任何东西")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _start(office, error.problems, 422)


@get("/c/{slug:str}/office/units/import/{token:str}", sync_to_thread=True, action="unit.record")
def preview(request: Req, slug: FromPath[str], token: FromPath[str]) -> Answer:
    """What the sheet would write, and every problem in its cell."""
    with reading_office(request, slug) as office:
        sheet, plan = _plan(office, token)
        by_use = {
            title: (len(found), sum(unit.area for unit in found))
            for use, title in USE_KINDS.items()
            if (found := [unit for unit in plan.units if unit.use_kind == use])
        }
        return office.page(
            "office/units_preview.html",
            token=token,
            filename=sheet.filename,
            plan=plan,
            by_use=by_use,
            sheet=sheet_view(REGISTER_FORM, plan.rows, plan.problems),
            count=len(plan.rows),
            faulty=len({p.row for p in plan.problems}),
        )


@get("/c/{slug:str}/office/units/import/{token:str}/marked", sync_to_thread=True, action="unit.record")
def marked(request: Req, slug: FromPath[str], token: FromPath[str]) -> Answer:
    """The sheet with its problems marked."""
    with reading_office(request, slug) as office:
        _, plan = _plan(office, token)
        return workbook(marked_xlsx(REGISTER_FORM, plan.rows, plan.problems), "房屋与业主（已标出问题）.xlsx")


@post("/c/{slug:str}/office/units/import/{token:str}", sync_to_thread=True, action="unit.record")
def confirm(request: Req, slug: FromPath[str], token: FromPath[str], data: FormData) -> Answer:
    """Write it all, or nothing."""
    with acting(request, slug, subject=str(data.get("filename", ""))[:60]) as office:
        _, plan = _plan(office, token)
        apply_register(office.conn, office.trust_id, plan, signature=office.actor.signature, act=office.act)
        drop_sheet(office.conn, office.trust_id, token)
        return office.done(
            f"/c/{slug}/office/units",
            f"已登记 {len(plan.units):,} 套房屋、{len(plan.people):,} 位业主和租户",
        )


@post("/c/{slug:str}/office/units/import/{token:str}/drop", sync_to_thread=True, action="unit.record")
def drop(request: Req, slug: FromPath[str], token: FromPath[str], data: FormData) -> Answer:
    """Delete the uploaded sheet without writing anything."""
    with acting(request, slug) as office:
        read_sheet_draft(office.conn, office.trust_id, _KIND, token, person=office.actor.person)
        drop_sheet(office.conn, office.trust_id, token)
        return office.done(f"/c/{slug}/office/units/import", "上传的表格已删除，没有写入任何东西")


def _plan(office: Office, token: str) -> tuple[SheetDraft, RegisterPlan]:
    sheet = read_sheet_draft(office.conn, office.trust_id, _KIND, token, person=office.actor.person)
    rows = read_sheet(sheet.body, sheet.filename, REGISTER_FORM)
    return sheet, plan_register(office.conn, office.trust_id, rows, office.act.today)


HANDLERS = [start, template, upload, preview, marked, confirm, drop]

"""Opening balances: a template, a preview fund by fund, then work to be reviewed."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.sheets import sheet_view, uploaded, workbook
from disclosure.public.answers import Answer, Req
from ledger.chart import FUNDS
from ledger.errors import Problem, Refused
from ledger.trust.opening_balances import (
    OPENING_FORM,
    OpeningPlan,
    balancing_hint,
    opened_funds,
    opening_work,
    plan_opening,
)
from ledger.trust.opening_template import opening_template
from ledger.trust.sheet import read_sheet
from ledger.trust.sheet_drafts import SheetDraft, drop_sheet, keep_sheet, read_sheet_draft
from ledger.trust.workbooks import marked_xlsx
from ledger.work import prepare

_KIND = "opening"


@get("/c/{slug:str}/office/setup/opening", sync_to_thread=True, action="setup.read")
def opening(request: Req, slug: FromPath[str]) -> Answer:
    """What is in the books already, and the upload."""
    with reading_office(request, slug) as office:
        return _page(office, ())


def _page(office: Office, problems: tuple[Problem, ...], status: int = 200) -> Answer:
    done = opened_funds(office.conn, office.trust_id)
    return office.page(
        "office/setup_opening.html",
        status,
        done=[fund.name for code, fund in FUNDS.items() if code in done],
        problems=problems,
    )


@get("/c/{slug:str}/office/setup/opening/template", sync_to_thread=True, action="setup.prepare")
def template(request: Req, slug: FromPath[str]) -> Answer:
    """The empty sheet."""
    with reading_office(request, slug) as office:
        return workbook(opening_template(office.setup), "期初余额模板.xlsx")


@post("/c/{slug:str}/office/setup/opening", sync_to_thread=True, action="setup.prepare")
def upload(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Keep the sheet and show what it would post."""
    try:
        with acting(request, slug) as office:
            body, name = uploaded(Form(data))
            read_sheet(body, name, OPENING_FORM)
            token = keep_sheet(
                office.conn,
                office.trust_id,
                _KIND,
                name,
                body,
                person=office.actor.person,
                act=office.act,
            )
            return office.done(f"/c/{slug}/office/setup/opening/{token}", "已读完表格，还没有写入任何东西")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _page(office, error.problems, 422)


@get("/c/{slug:str}/office/setup/opening/{token:str}", sync_to_thread=True, action="setup.prepare")
def preview(request: Req, slug: FromPath[str], token: FromPath[str]) -> Answer:
    """Fund by fund what the sheet adds up to, and every problem in its cell."""
    with reading_office(request, slug) as office:
        return _preview(office, token, {"authority": ""}, ())


@get("/c/{slug:str}/office/setup/opening/{token:str}/marked", sync_to_thread=True, action="setup.prepare")
def marked(request: Req, slug: FromPath[str], token: FromPath[str]) -> Answer:
    """The sheet with its problems marked."""
    with reading_office(request, slug) as office:
        _, plan = _plan(office, token)
        return workbook(marked_xlsx(OPENING_FORM, plan.rows, plan.problems), "期初余额（已标出问题）.xlsx")


@post("/c/{slug:str}/office/setup/opening/{token:str}", sync_to_thread=True, action="setup.prepare")
def confirm(request: Req, slug: FromPath[str], token: FromPath[str], data: FormData) -> Answer:
    """Hand the opening balances in for review."""
    try:
        with acting(request, slug) as office:
            sheet, plan = _plan(office, token)
            authority = Form(data).text("authority", "移交清册", required=False)
            work = opening_work(office.conn, office.setup, plan, sheet=sheet.body, authority=authority)
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            drop_sheet(office.conn, office.trust_id, token)
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        if "no_draft" in error.codes:
            raise
        with reading_office(request, slug) as office:
            return _preview(office, token, data, error.problems, 422)


def _plan(office: Office, token: str) -> tuple[SheetDraft, OpeningPlan]:
    sheet = read_sheet_draft(office.conn, office.trust_id, _KIND, token, person=office.actor.person)
    rows = read_sheet(sheet.body, sheet.filename, OPENING_FORM)
    return sheet, plan_opening(office.conn, office.setup, rows)


def _preview(
    office: Office, token: str, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200
) -> Answer:
    sheet, plan = _plan(office, token)
    return office.page(
        "office/setup_opening_preview.html",
        status,
        token=token,
        filename=sheet.filename,
        sheet=sheet_view(OPENING_FORM, plan.rows, plan.problems),
        count=len(plan.rows),
        faulty=len({p.row for p in plan.problems}),
        sums=[(item, FUNDS[item.fund].name, balancing_hint(item)) for item in plan.sums],
        ready=not plan.problems and plan.balanced and bool(plan.lines),
        values=values,
        problems=problems,
    )


HANDLERS = [opening, template, upload, preview, marked, confirm]

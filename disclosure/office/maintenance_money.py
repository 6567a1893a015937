"""Money into the maintenance fund: contributions one by one or by list, interest and its distribution."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE, Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.maintenance_cash import cash_choices, read_cash
from disclosure.public.answers import Answer, Req, download_name
from ledger.balances import resolve_clock
from ledger.errors import Problem, Refused
from ledger.maintenance import fund_position
from ledger.maintenance.contributions import (
    SHEET,
    ListRow,
    check_pairs,
    contribution_work,
    read_list,
)
from ledger.maintenance.interest import (
    BASIS_NAMES,
    DISTRIBUTION,
    SETTING,
    SOURCES,
    distribution_work,
    interest_work,
    plan_distribution,
    year_before,
)
from ledger.maintenance.low import record_initial
from ledger.maintenance.pending import pending_work
from ledger.money import plain_yuan
from ledger.trust.sheet import read_sheet
from ledger.trust.workbooks import template_xlsx
from ledger.work import prepare
from ledger.work.papers import with_papers

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PURPOSES = {"contribution": "交存", "initial": "首期交存额"}
_SHOWN_ROWS = 500


@get("/c/{slug:str}/office/maintenance/contributions", sync_to_thread=True, action="maintenance.prepare")
def contributions(request: Req, slug: FromPath[str]) -> Answer:
    """One unit pays in, or a list of many is uploaded."""
    with reading_office(request, slug) as office:
        return _contribution_page(office, {"unit": request.query_params.get("unit", "")}, ())


def _contribution_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    return office.page(
        "office/maintenance_contribution.html",
        status=status,
        values=values,
        problems=problems,
        cash=cash_choices(office, "M"),
        picker=document_picker(office, ("bank_line",), rows=1),
    )


@post(
    "/c/{slug:str}/office/maintenance/contributions",
    sync_to_thread=True,
    action="maintenance.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def contribute(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Prepare the contribution of one unit, or of all rows that a preview showed."""
    try:
        with acting(request, slug, subject="交存维修资金") as office:
            form = Form(data)
            papers = documents_from_form(office, form)
            cash = read_cash(form, office, "M")
            rows = _rows_of(office, form, plain_yuan(cash.fen))
            work = with_papers(contribution_work(office.conn, office.trust_id, rows, cash), papers)
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            if data.get("rows"):
                rows = _rows_of(office, Form(data))
                return _preview(office, "contribution", rows, dict(data), error.problems, status=422)
            return _contribution_page(office, dict(data), error.problems, status=422)


def _rows_of(office: Office, form: Form, whole: str = "") -> list[ListRow]:
    """The rows a preview carried along, or the one unit that was typed (it gets all the money)."""
    typed = form.text("rows", "清单", required=False, longest=2_000_000)
    pairs = [
        (int(number), unit, amount)
        for line in typed.splitlines()
        if len(cells := line.split("\t")) == 3
        for number, unit, amount in [cells]
        if number.isdecimal()
    ]
    if not typed:
        pairs = [(1, form.text("unit", "房号"), whole)]
        form.finish()
    return check_pairs(office.conn, office.trust_id, pairs)


@post("/c/{slug:str}/office/maintenance/list", sync_to_thread=True, action="maintenance.prepare")
def upload_list(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Show an uploaded list with every error in its row; nothing is written."""
    form = Form(data)
    purpose = form.choice("purpose", "用途", _PURPOSES)
    file = form.upload("file", "清单文件")
    form.finish()
    with reading_office(request, slug) as office:
        rows = read_list(office.conn, office.trust_id, read_sheet(*_content(file), SHEET))
        return _preview(office, purpose, rows, {}, ())


def _content(file: UploadFile | None) -> tuple[bytes, str]:
    return (file.file.read(), file.filename) if file else (b"", "")


def _preview(
    office: Office,
    purpose: str,
    rows: list[ListRow],
    values: dict[str, Any],
    problems: Any,
    status: int = 200,
) -> Answer:
    faulty = [row for row in rows if row.problems]
    return office.page(
        "office/maintenance_list.html",
        status=status,
        purpose=purpose,
        rows=[*faulty, *(row for row in rows if not row.problems)][:_SHOWN_ROWS],
        count=len(rows),
        faulty=len(faulty),
        total=sum(row.fen or 0 for row in rows),
        picker=document_picker(office, ("bank_line",), rows=1),
        carried="\n".join(f"{row.row}\t{row.unit}\t{row.amount}" for row in rows),
        cash=cash_choices(office, "M"),
        values=values,
        problems=problems,
    )


@post("/c/{slug:str}/office/maintenance/initial/list", sync_to_thread=True, action="maintenance.prepare")
def record_list(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Keep the first contributions of a list."""
    with acting(request, slug, subject="首期交存额") as office:
        form = Form(data)
        authority = form.text("authority", "依据")
        rows = _rows_of(office, form)
        form.finish()
        kept = record_initial(office.conn, office.trust_id, rows, authority, office.actor, office.act)
        return office.done(f"/c/{slug}/office/maintenance/low", f"已登记 {kept} 户的首期交存额")


@get("/c/{slug:str}/office/maintenance/list.xlsx", sync_to_thread=True, action="maintenance.prepare")
def list_template(request: Req, slug: FromPath[str]) -> Answer:
    """An empty list to fill in."""
    return Response(
        template_xlsx(SHEET), media_type=XLSX, headers={**PRIVATE, **download_name("maintenance-list.xlsx")}
    )


@get("/c/{slug:str}/office/maintenance/interest", sync_to_thread=True, action="maintenance.prepare")
def interest(request: Req, slug: FromPath[str]) -> Answer:
    """Interest that came in, and what may be distributed."""
    with reading_office(request, slug) as office:
        return _interest_page(office, dict(request.query_params), ())


def _interest_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    clock = resolve_clock(office.conn, office.trust_id, today=office.act.today)
    position = fund_position(office.conn, office.trust_id, clock)
    waiting = pending_work(office.conn, office.trust_id, (DISTRIBUTION,)).undistributed
    since, until = year_before(office.act.today)
    basis = office.setup.setting(SETTING, office.act.today)
    chart = office.setup.chart
    return office.page(
        "office/maintenance_interest.html",
        status=status,
        values={"since": since.isoformat(), "until": until.isoformat(), **values},
        problems=problems,
        cash=cash_choices(office, "M"),
        sources=list(SOURCES.items()),
        free=position.undistributed + waiting,
        waiting=-waiting,
        income=[(chart["M", code].name, fen) for code, fen in position.income_of_year.items()],
        basis=BASIS_NAMES.get(basis, "") if basis else "",
    )


@post("/c/{slug:str}/office/maintenance/interest", sync_to_thread=True, action="maintenance.prepare")
def receive_interest(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Prepare the entry of interest received."""
    try:
        with acting(request, slug, subject="维修资金利息") as office:
            form = Form(data)
            account = form.text("account", "利息种类")
            cash = read_cash(form, office, "M")
            work = interest_work(office.conn, office.trust_id, cash, account)
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _interest_page(office, dict(data), error.problems, status=422)


@get("/c/{slug:str}/office/maintenance/distribution", sync_to_thread=True, action="maintenance.prepare")
def distribution(request: Req, slug: FromPath[str]) -> Answer:
    """Who would get what; nothing is prepared yet."""
    values = dict(request.query_params)
    with reading_office(request, slug) as office:
        try:
            plan = plan_distribution(office.conn, office.setup, *_distribution_form(Form(values)), office.act)
        except Refused as error:
            return _interest_page(office, values, error.problems, status=422)
        rows = sorted(plan.shares.items(), key=lambda item: item[0])
        return office.page(
            "office/maintenance_distribution.html",
            plan=plan,
            basis=BASIS_NAMES[plan.basis],
            days=(plan.until - plan.since).days + 1,
            rows=rows[:_SHOWN_ROWS],
            count=len(rows),
            values=values,
        )


def _distribution_form(form: Form) -> tuple[int, date, date]:
    fen = form.money("fen", "分配金额")
    since, until = form.day("since", "起日"), form.day("until", "止日")
    form.finish()
    if since is None or until is None:
        raise Refused([Problem("missing", "请填写分配期间", "分配期间")])
    return fen, since, until


@post("/c/{slug:str}/office/maintenance/distribution", sync_to_thread=True, action="maintenance.prepare")
def distribute(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Prepare the distribution that was shown."""
    with acting(request, slug, subject="维修资金收益分配") as office:
        plan = plan_distribution(office.conn, office.setup, *_distribution_form(Form(data)), office.act)
        work = distribution_work(office.conn, office.trust_id, plan, office.act.today)
        prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
        return office.done(
            f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
        )


HANDLERS = [
    contributions,
    contribute,
    upload_list,
    record_list,
    list_template,
    interest,
    receive_interest,
    distribution,
    distribute,
]

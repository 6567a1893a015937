"""Charging a month: preview and run, shared utilities, waivers, use of prepayments."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.public.answers import Answer, Req
from ledger.billing import (
    SharedBill,
    Waiver,
    charge_work,
    open_items,
    prepayment_work,
    preview_run,
    shared_utility_work,
    waiver_work,
)
from ledger.billing.items import load_items
from ledger.billing.run import standing_runs
from ledger.billing.shared import UTILITIES
from ledger.billing.standard import parse_rate
from ledger.errors import Refused
from ledger.money import parse_yuan
from ledger.periods.calendar import period_name, period_of, preceding
from ledger.work import Prepared, Work, prepare
from ledger.work.papers import with_papers

_MONTHS_SHOWN = 6
_CHANGES_SHOWN = 200


def month_text(period: int) -> str:
    """``2025-09``, as a month field wants it."""
    return f"{period // 100}-{period % 100:02d}"


def prepared_answer(office: Office, slug: str, prepared: Prepared) -> Answer:
    """On to the work that was just prepared."""
    return office.done(
        f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
    )


def prepare_here(office: Office, slug: str, work: Work) -> Answer:
    """Hand work in for review and show it."""
    return prepared_answer(
        office, slug, prepare(office.conn, office.trust_id, work, office.actor, office.act)
    )


@get("/c/{slug:str}/office/charges", sync_to_thread=True, action="charge.read")
def charges(request: Req, slug: FromPath[str]) -> Answer:
    """The last months and what was charged in each."""
    with reading_office(request, slug) as office:
        months = [period_of(office.act.today)]
        while len(months) < _MONTHS_SHOWN:
            months.append(preceding(months[-1]))
        items = list(load_items().values())
        runs = standing_runs(office.conn, office.trust_id, items, months)
        rows = [
            (month_text(month), period_name(month), [runs.get((item.name, month)) for item in items])
            for month in months
        ]
        return office.page(
            "office/charges.html",
            items=items,
            rows=rows,
            this_month=month_text(months[0]),
            may_prepare=office.actor.may("charge.prepare"),
        )


@get("/c/{slug:str}/office/charges/preview", sync_to_thread=True, action="charge.read")
def preview(request: Req, slug: FromPath[str]) -> Answer:
    """What a run would do, before anything is written."""
    form = Form(dict(request.query_params))
    period = form.month("period", "月份")
    kind = form.choice("kind", "收费项目", load_items())
    form.finish()
    with reading_office(request, slug) as office:
        found = preview_run(office.conn, office.trust_id, period, kind)
        return office.page(
            "office/charges_preview.html",
            found=found,
            month=month_text(period),
            month_name=period_name(period),
            before_name=period_name(preceding(period)),
            changes=found.changes[:_CHANGES_SHOWN],
            may_prepare=office.actor.may("charge.prepare"),
        )


@post("/c/{slug:str}/office/charges", sync_to_thread=True, action="charge.prepare")
def run(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Prepare the month's charges."""
    with acting(request, slug, subject=str(data.get("period", ""))[:20]) as office:
        form = Form(data)
        period = form.month("period", "月份")
        kind = form.choice("kind", "收费项目", load_items())
        form.finish()
        return prepare_here(office, slug, charge_work(office.conn, office.trust_id, period, kind))


# --- Shared utilities ---------------------------------------------------------------------------------------


@get("/c/{slug:str}/office/charges/shared", sync_to_thread=True, action="charge.prepare")
def shared(request: Req, slug: FromPath[str]) -> Answer:
    """The form for a bill to be shared."""
    with reading_office(request, slug) as office:
        last = preceding(period_of(office.act.today))
        return _shared_page(office, {"period": month_text(last)}, ())


def _shared_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    kinds = [(name, title) for name, (title, _, _) in UTILITIES.items()]
    return office.page(
        "office/charges_shared.html",
        status=status,
        values=values,
        problems=problems,
        kinds=kinds,
        picker=document_picker(office, ("utility_bill",), rows=1),
    )


@post(
    "/c/{slug:str}/office/charges/shared",
    sync_to_thread=True,
    action="charge.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def share(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Prepare the households' parts of a shared bill."""
    try:
        with acting(request, slug, subject="公摊水电") as office:
            form = Form(data)
            papers = documents_from_form(office, form)
            work = shared_utility_work(office.conn, office.trust_id, _read_bill(form))
            return prepare_here(office, slug, with_papers(work, papers))
    except Refused as error:
        with reading_office(request, slug) as office:
            return _shared_page(office, dict(data), error.problems, status=422)


def _read_bill(form: Form) -> SharedBill:
    quantity, price = form.area("quantity", "用量"), form.text("price", "单价")
    try:
        price_e4 = parse_rate(price) if price else 0
    except ValueError as error:
        form.problem("bad_rate", str(error), "单价")
        price_e4 = 0
    bill = SharedBill(
        kind=form.choice("kind", "种类", UTILITIES),
        period=form.month("period", "月份"),
        quantity=quantity,
        price_e4=price_e4,
        total=form.money("total", "合计金额"),
        bill_number=form.text("bill_number", "账单号", longest=60),
        authority=form.text("authority", "依据"),
        buildings=tuple(form.text("buildings", "楼栋", required=False).replace("、", " ").split()),
    )
    form.finish()
    return bill


# --- Waivers and prepayments --------------------------------------------------------------------------------


@get("/c/{slug:str}/office/charges/waivers", sync_to_thread=True, action="charge.prepare")
def waivers(request: Req, slug: FromPath[str]) -> Answer:
    """Choose a unit, then what of its arrears is waived."""
    with reading_office(request, slug) as office:
        return _waiver_page(office, {"unit": request.query_params.get("unit", "").strip()}, ())


def _waiver_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    unit = str(values.get("unit", "")).strip()
    owed = open_items(office.conn, office.trust_id, [unit]).get(unit, []) if unit else []
    values = {"token": office.act.entropy(12).hex(), "on": office.act.today.isoformat()} | values
    return office.page(
        "office/charges_waiver.html",
        status=status,
        values=values,
        problems=problems,
        unit=unit,
        items=[item for item in owed if item.account == "112201" and item.month],
        picker=document_picker(office, ("approval",), rows=1),
    )


@post(
    "/c/{slug:str}/office/charges/waivers",
    sync_to_thread=True,
    action="charge.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def waive(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Prepare a waiver for one unit."""
    try:
        with acting(request, slug, subject="减免") as office:
            form = Form(data)
            papers = documents_from_form(office, form)
            work = waiver_work(office.conn, office.trust_id, _read_waiver(form))
            return prepare_here(office, slug, with_papers(work, papers))
    except Refused as error:
        with reading_office(request, slug) as office:
            return _waiver_page(office, dict(data), error.problems, status=422)


def _read_waiver(form: Form) -> Waiver:
    unit = form.text("unit", "房号")
    fees: dict[tuple[str, int], int] = {}
    for name, value in form.values.items():
        month = name.removeprefix("fee_")
        if name.startswith("fee_") and month.isdecimal() and str(value).strip():
            try:
                fees[unit, int(month)] = parse_yuan(str(value))
            except ValueError as error:
                form.problem("bad_amount", str(error), period_name(int(month)))
    asked = Waiver(
        fees=fees,
        on=form.day("on", "业务日期"),  # type: ignore[arg-type]
        resolution=form.text("resolution", "决议或授权文件编号"),
        reason=form.text("reason", "原因", longest=60),
        token=form.text("token", "防重复编号"),
    )
    form.finish()
    return asked


@post("/c/{slug:str}/office/charges/prepayments", sync_to_thread=True, action="charge.prepare")
def use_prepayments(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Settle what units owe from what they paid ahead, as of today."""
    with acting(request, slug, subject="预收抵应收") as office:
        today = office.act.today
        return prepare_here(office, slug, prepayment_work(office.conn, office.trust_id, today, today))


HANDLERS = [charges, preview, run, shared, share, waivers, waive, use_prepayments]

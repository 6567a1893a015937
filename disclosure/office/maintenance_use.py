"""Use of the maintenance fund: record the plan, see who bears what and who has too little, pay."""

from __future__ import annotations

import re
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.maintenance_cash import fund_accounts
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.maintenance import SHORTFALL_NAMES, Plan, Scope, Use, list_plans, preview_use, read_plan, use_work
from ledger.maintenance.plans import record_plan
from ledger.maintenance.scope import SCOPE_NAMES, places
from ledger.maintenance.use import KIND, UsePreview
from ledger.money import parse_yuan
from ledger.trust.uses import USE_KINDS
from ledger.work import CO_SIGN, PAY, REVIEW, list_work, prepare
from ledger.work.papers import with_papers

_SHOWN = 300
_SEPARATORS = re.compile(r"[\s,，、;；]+")


@get("/c/{slug:str}/office/maintenance/plans", sync_to_thread=True, action="maintenance.read")
def plans(request: Req, slug: FromPath[str]) -> Answer:
    """All plans of use with what was paid under them, and a form for a new one."""
    with reading_office(request, slug) as office:
        return _plans_page(office, {}, ())


def _plans_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    buildings, entrances = places(office.conn, office.trust_id)
    return office.page(
        "office/maintenance_plans.html",
        status=status,
        plans=list_plans(office.conn, office.trust_id),
        waiting=list_work(
            office.conn, office.trust_id, waiting_for=(REVIEW, CO_SIGN, PAY), kind=KIND, limit=20
        ),
        values={"kind": "all", "shortfall": "refuse", **values},
        problems=problems,
        kinds=list(SCOPE_NAMES.items()),
        shortfalls=list(SHORTFALL_NAMES.items()),
        uses=list(USE_KINDS.items()),
        buildings=buildings,
        entrances=entrances,
        may_prepare=office.actor.may("maintenance.prepare"),
    )


@post("/c/{slug:str}/office/maintenance/plans", sync_to_thread=True, action="maintenance.prepare")
def record(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Keep a plan, or its next version."""
    try:
        with acting(request, slug, subject=str(data.get("plan", ""))[:60]) as office:
            plan = _plan(Form(data))
            version = record_plan(office.conn, office.trust_id, plan, office.actor, office.act)
            again = f"第 {version} 版" if version > 1 else ""
            return office.done(
                f"/c/{slug}/office/maintenance/use?plan={plan.plan}", f"方案“{plan.plan}”{again}已登记"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _plans_page(office, dict(data), error.problems, status=422)


def _plan(form: Form) -> Plan:
    kind = form.choice("kind", "分摊范围", SCOPE_NAMES)
    names = tuple(
        dict.fromkeys(name for name in _SEPARATORS.split(str(form.values.get("names", ""))) if name)
    )
    plan = Plan(
        plan=form.text("plan", "方案编号", required=False, longest=60),
        title=form.text("title", "维修项目", required=False, longest=60),
        estimate=form.money("estimate", "预算金额", required=False, zero=True),
        scope=Scope(
            kind=kind or "all",  # type: ignore[arg-type]
            names=() if kind == "all" else names,
            use_kinds=tuple(use for use in form.texts("use") if use in USE_KINDS),
        ),
        resolution=form.text("resolution", "决议号", required=False),
        filing=form.text("filing", "备案号", required=False),
        shortfall=form.choice("shortfall", "不足的处理", SHORTFALL_NAMES) or "refuse",  # type: ignore[arg-type]
        decision=form.text("decision", "不足的决定", required=False),
    )
    form.finish()
    return plan


@get("/c/{slug:str}/office/maintenance/use", sync_to_thread=True, action="maintenance.read")
def use_page(request: Req, slug: FromPath[str]) -> Answer:
    """What a payment under a plan would take from whom, and who has too little."""
    values = dict(request.query_params)
    with reading_office(request, slug) as office:
        return _use_page(office, values, ())


def _use_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    plan = read_plan(office.conn, office.trust_id, str(values.get("plan", "")))
    row = next(row for row in list_plans(office.conn, office.trust_id) if row.plan.plan == plan.plan)
    preview, more = _try_preview(office, plan, str(values.get("amount", "")))
    said = {str(problem) for problem in problems}
    shown = sorted(preview.parts, key=lambda part: (-part.short, part.unit)) if preview else []
    return office.page(
        "office/maintenance_use.html",
        status=status,
        plan=plan,
        used=row.used,
        shortfall=SHORTFALL_NAMES[plan.shortfall],
        preview=preview,
        rows=shown[:_SHOWN],
        values={"on": office.act.today.isoformat(), **values},
        problems=[*problems, *(item for item in more if str(item) not in said)],
        accounts=fund_accounts(office.setup, "M"),
        picker=document_picker(office, ("plan", "filing", "invoice"), rows=4),
        may_prepare=office.actor.may("maintenance.prepare"),
    )


def _try_preview(office: Office, plan: Plan, typed: str) -> tuple[UsePreview | None, tuple[Problem, ...]]:
    """The preview of an amount, with what stands against it; none where none was typed."""
    if not typed.strip():
        return None, ()
    try:
        preview = preview_use(office.conn, office.setup, plan, parse_yuan(typed), office.act)
    except ValueError as error:
        return None, (Problem("bad_amount", str(error), "金额"),)
    except Refused as error:
        return None, error.problems
    return preview, preview.problems


@post(
    "/c/{slug:str}/office/maintenance/use",
    sync_to_thread=True,
    action="maintenance.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def prepare_use(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Prepare the payment; it is reviewed and paid by others."""
    try:
        with acting(request, slug, subject=str(data.get("plan", ""))[:60]) as office:
            form = Form(data)
            plan = read_plan(office.conn, office.trust_id, form.text("plan", "方案编号"))
            day = form.day("on", "付款日期")
            use = Use(
                plan=plan,
                fen=form.money("amount", "付款金额"),
                on=day or office.act.today,
                payee=form.text("payee", "收款单位"),
                bill=form.text("bill", "发票或结算单号", longest=60),
                bank_account=form.text("bank_account", "付款账户"),
                invoice=form.flag("invoice"),
            )
            papers = documents_from_form(office, form)
            form.finish()
            work = with_papers(use_work(office.conn, office.setup, use, office.act), papers)
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _use_page(office, dict(data), error.problems, status=422)


HANDLERS = [plans, record, use_page, prepare_use]

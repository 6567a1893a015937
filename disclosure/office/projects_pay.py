"""Payments by progress: a vendor's invoice for an accepted milestone, and the request to pay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormFiles
from disclosure.office.maintenance_cash import fund_accounts
from disclosure.office.projects_money import milestone_choices
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.money import plain_yuan
from ledger.payments.contracts import list_contracts
from ledger.projects.file import ProjectFile, project_file
from ledger.projects.limits import source_warnings
from ledger.projects.movements import FUND
from ledger.projects.paying import (
    ProgressInvoice,
    ProgressPayment,
    progress_invoice_work,
    progress_payment_work,
    project_debts,
    propose_sources,
)
from ledger.projects.value import OPENING, SOURCE_NAMES
from ledger.work import prepare

_CONTRACTS = 500


@get("/c/{slug:str}/office/projects/{code:str}/invoice", sync_to_thread=True, action="project.prepare")
def invoice_form(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """A vendor's invoice for a milestone."""
    with reading_office(request, slug) as office:
        file = project_file(office.conn, office.trust_id, code)
        values = {
            "milestone": request.query_params.get("milestone", ""),
            "on": office.act.today.isoformat(),
        }
        return _invoice_page(office, file, values, ())


def _invoice_page(
    office: Office, file: ProjectFile, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    contracts = list_contracts(office.conn, office.trust_id, limit=_CONTRACTS)
    return office.page(
        "office/projects_invoice.html",
        status=status,
        file=file,
        values=values,
        problems=problems,
        milestones=milestone_choices(file),
        contracts=[
            (c.purchase.number, f"{c.purchase.title}（{c.party_name}）")
            for c in contracts
            if ("vendor", c.purchase.vendor) in office.setup.values
        ],
        picker=document_picker(office, ("invoice", "acceptance"), rows=3),
    )


@post(
    "/c/{slug:str}/office/projects/{code:str}/invoice",
    sync_to_thread=True,
    action="project.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def prepare_invoice(request: Req, slug: FromPath[str], code: FromPath[str], data: FormFiles) -> Answer:
    """Hand the invoice in for review."""
    try:
        with acting(request, slug, subject=code) as office:
            form = Form(data)
            number = "".join(form.text("number", "发票号", longest=60).split())
            day = form.day("on", "入账日期")
            documents = tuple(
                msgspec.structs.replace(item, number=number) if item.kind == "invoice" else item
                for item in documents_from_form(office, form)
            )
            asked = ProgressInvoice(
                project=code,
                milestone=form.text("milestone", "付款节点"),
                contract=form.text("contract", "合同"),
                number=number,
                fen=form.money("amount", "发票金额"),
                on=day or office.act.today,
                due_on=form.day("due_on", "应付日", required=False),
                documents=documents,
            )
            form.finish()
            work = progress_invoice_work(office.conn, office.trust_id, asked, office.act)
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            file = project_file(office.conn, office.trust_id, code)
            return _invoice_page(office, file, dict(data), error.problems, status=422)


@get("/c/{slug:str}/office/projects/{code:str}/payment", sync_to_thread=True, action="project.prepare")
def payment_form(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """Debts of the project to choose from, and from which sources they would be paid."""
    with reading_office(request, slug) as office:
        file = project_file(office.conn, office.trust_id, code)
        debts = [(d, m) for d, m in project_debts(office.conn, office.trust_id, code) if d.open > 0]
        values: dict[str, Any] = {"on": office.act.today.isoformat()}
        chosen = request.query_params.get("payable", "")
        first = next((debt for debt, _ in debts if debt.key == chosen), debts[0][0] if debts else None)
        if first is not None:
            values[f"pick_{first.key}"] = "1"
            sources, grants = propose_sources(file, first.open)
            values |= {f"source_{name}": plain_yuan(fen) for name, fen in sources.items()}
            values |= {f"grant_{name}": plain_yuan(fen) for name, fen in grants.items()}
        return _payment_page(office, file, values, ())


def _payment_page(
    office: Office, file: ProjectFile, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    sums, bound = file.tally, file.grant_sources
    return office.page(
        "office/projects_payment.html",
        status=status,
        file=file,
        values=values,
        problems=problems,
        debts=project_debts(office.conn, office.trust_id, file.code),
        sources=[
            (
                source,
                SOURCE_NAMES[source],
                file.agreed.get(source, 0) - sums.paid_by[source],
                sums.free(source, bound)
                + sum(sums.left_of(code) for code, of in bound.items() if of == source),
            )
            for source in (*file.agreed, *([OPENING] if sums.received[OPENING] else []))
        ],
        grants=[
            (code, grant, SOURCE_NAMES[grant.source], sums.left_of(code))
            for code, grant in file.grants.items()
        ],
        accounts=fund_accounts(office.setup, FUND),
        picker=document_picker(office, (), rows=2),
    )


@post(
    "/c/{slug:str}/office/projects/{code:str}/payment",
    sync_to_thread=True,
    action="project.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def prepare_payment(request: Req, slug: FromPath[str], code: FromPath[str], data: FormFiles) -> Answer:
    """Hand the request in for review."""
    try:
        with acting(request, slug, subject=code) as office:
            form = Form(data)
            asked = _payment(office, form, code)
            form.finish()
            file = project_file(office.conn, office.trust_id, code)
            warnings = source_warnings(file, asked.sources or {})
            work = progress_payment_work(office.conn, office.trust_id, asked, office.act)
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            said = "".join(f"；请注意：{warning}" for warning in warnings)
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}",
                f"付款申请已制成第 {prepared.no} 号单据，等待审核{said}",
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            file = project_file(office.conn, office.trust_id, code)
            return _payment_page(office, file, dict(data), error.problems, status=422)


def _payment(office: Office, form: Form, code: str) -> ProgressPayment:
    names = sorted(form.values)
    parts = {
        key: form.money(f"amount_{key}", "本次付款")
        for name in names
        if name.startswith("pick_") and (key := name.removeprefix("pick_"))
    }
    return ProgressPayment(
        project=code,
        parts=parts,
        bank_account=form.text("bank_account", "付款账户"),
        on=form.day("on", "申请日期") or office.act.today,
        sources=_sums(form, names, "source_", "资金来源"),
        grants=_sums(form, names, "grant_", "限定用途资金"),
        summary=form.text("summary", "摘要", required=False),
        consent=form.text("consent", "同意决议号", required=False),
        documents=documents_from_form(office, form),
    )


def _sums(form: Form, names: Sequence[str], prefix: str, title: str) -> dict[str, int]:
    found = {
        name.removeprefix(prefix): form.money(name, title, required=False, zero=True)
        for name in names
        if name.startswith(prefix)
    }
    return {name: fen for name, fen in found.items() if fen}


HANDLERS = [invoice_form, prepare_invoice, payment_form, prepare_payment]

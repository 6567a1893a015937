"""Forms of the simple payments (advances, petty cash, wages, taxes) and of the trustee's remuneration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.budget_picker import budget_choices
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormFiles
from disclosure.office.maintenance_pdf import office_pdf
from disclosure.office.payments import bank_choices, fund_choices
from disclosure.office.vendors import setup_choices
from disclosure.public.answers import Answer, Req
from ledger.documents import store_document
from ledger.documents.kinds import PDF
from ledger.errors import Problem, Refused, Unanswerable
from ledger.events import DOCUMENT_KINDS, load_events
from ledger.journal import Document
from ledger.journal.rules import DIMENSION_NAMES
from ledger.money import format_yuan, plain_yuan
from ledger.payments.remuneration import Sheet, remuneration_sheet, remuneration_work
from ledger.payments.simple import SimpleForm, SimpleRequest, offered_accounts, simple_forms, simple_work
from ledger.periods.calendar import period_name, period_of, preceding
from ledger.work import prepare

_BY_SYSTEM = ("payment_order", "bank_line")
"""Papers the system adds when the cashier has paid."""


@get("/c/{slug:str}/office/payments/forms/{name:str}", sync_to_thread=True, action="payment.prepare")
def simple_form_page(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """One of the simple forms."""
    with reading_office(request, slug) as office:
        return _form_page(office, _form(name), {"on": office.act.today.isoformat(), "fund": "F1"}, ())


def _form(name: str) -> SimpleForm:
    form = simple_forms().get(name)
    if form is None:
        raise Unanswerable("unknown_form", "没有这种付款，请从付款页里选择")
    return form


def _form_page(
    office: Office, form: SimpleForm, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    event = load_events()[form.event]
    wanted = [group for group in event.documents or () if not set(group) & set(_BY_SYSTEM) or not form.pays]
    names = {**form.debit.dims, **form.credit.dims}
    choice = next((rule for rule in (form.debit, form.credit) if _several(office, rule)), None)
    return office.page(
        "office/payments_form.html",
        status=status,
        form=form,
        values=values,
        problems=problems,
        wanted="；".join("或".join(DOCUMENT_KINDS[kind] for kind in group) for group in wanted),
        accounts=offered_accounts(office.setup, choice) if choice else [],
        names=[
            (name, DIMENSION_NAMES[name], setup_choices(office.setup, name), needed)
            for name, needed in names.items()
        ],
        funds=fund_choices(),
        banks=bank_choices(office.setup),
        related=any(gate.when_related for gate in event.gates),
        decided_above=(
            office.setup.setting("resolve_above", office.act.today)
            if any(gate.name == "large_payment" for gate in event.gates)
            else None
        ),
        budgeted=any(gate.name == "budget_line" for gate in event.gates),
        budget_lines=budget_choices(office),
        picker=document_picker(office, [group[0] for group in wanted], rows=len(wanted) + 1),
    )


def _several(office: Office, rule: Any) -> bool:
    return not rule.bank and len(offered_accounts(office.setup, rule)) > 1


@post(
    "/c/{slug:str}/office/payments/forms/{name:str}",
    sync_to_thread=True,
    action="payment.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def prepare_simple(request: Req, slug: FromPath[str], name: FromPath[str], data: FormFiles) -> Answer:
    """Hand the form in for review."""
    kind = _form(name)
    try:
        with acting(request, slug, subject=kind.title) as office:
            form = Form(data)
            asked = SimpleRequest(
                form=name,
                amount=form.money("amount", "金额"),
                on=form.day("on", "日期") or office.act.today,
                fund=form.text("fund", "资金", required=False),
                bank_account=form.text("bank_account", "付款账户", required=False),
                account=form.text("account", "科目", required=False),
                names={
                    dim: form.text(dim, DIMENSION_NAMES[dim], required=False)
                    for dim in {**kind.debit.dims, **kind.credit.dims}
                },
                summary=form.text("summary", "摘要", required=False),
                consent=form.text("consent", "同意决议号", required=False),
                resolution=form.text("resolution", "大额支付的决议号", required=False),
                budget_line=form.text("budget_line", "预算行", required=False),
                documents=documents_from_form(office, form),
            )
            form.finish()
            work = simple_work(office.conn, office.trust_id, asked, office.act)
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _form_page(office, kind, data, error.problems, status=422)


# --- Remuneration -----------------------------------------------------------------------------------------------


@get("/c/{slug:str}/office/payments/remuneration", sync_to_thread=True, action="payment.prepare")
def remuneration_form(request: Req, slug: FromPath[str]) -> Answer:
    """Reckon a month's remuneration by the clause."""
    asked = request.query_params
    with reading_office(request, slug) as office:
        last = preceding(period_of(office.act.today))
        values = {
            "month": asked.get("month") or f"{last // 100}-{last % 100:02d}",
            "fund": asked.get("fund") or "F1",
            "on": office.act.today.isoformat(),
        }
        try:
            form = Form(values)
            period = form.month("month", "月份")
            form.finish()
            sheet = remuneration_sheet(office.conn, office.setup, period, values["fund"], office.act.today)
        except Refused as error:
            return _remuneration_page(office, values, None, error.problems)
        return _remuneration_page(office, values, sheet, ())


def _remuneration_page(
    office: Office,
    values: dict[str, Any],
    sheet: Sheet | None,
    problems: Sequence[Problem],
    status: int = 200,
) -> Answer:
    if sheet is not None and sheet.amount is not None:
        values = values | {"amount": plain_yuan(sheet.amount)}
    return office.page(
        "office/payments_remuneration.html",
        status=status,
        values=values,
        sheet=sheet,
        month=period_name(sheet.period) if sheet else "",
        problems=problems,
        funds=[row for row in fund_choices() if row[0] in ("F1", "F2")],
        parties=setup_choices(office.setup, "party"),
        budget_lines=budget_choices(office),
        picker=document_picker(office, rows=1),
    )


@post(
    "/c/{slug:str}/office/payments/remuneration",
    sync_to_thread=True,
    action="payment.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def prepare_remuneration(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Hand a month's accrual in for review, with the sheet that shows how it was reckoned."""
    with acting(request, slug, subject=str(data.get("month", ""))[:10]) as office:
        form = Form(data)
        period = form.month("month", "月份")
        fund = form.choice("fund", "资金", ("F1", "F2"))
        amount = form.money("amount", "金额")
        party = form.text("party", "受托人")
        budget_line = form.text("budget_line", "预算行", required=False)
        on = form.day("on", "入账日期") or office.act.today
        documents = documents_from_form(office, form)
        form.finish()
        sheet = remuneration_sheet(office.conn, office.setup, period, fund, office.act.today)
        work = remuneration_work(
            office.conn,
            office.setup,
            sheet,
            amount=amount,
            party=party,
            fund=fund,
            on=on,
            documents=(_sheet_document(office, sheet, amount), *documents),
            act=office.act,
            budget_line=budget_line,
        )
        prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
        return office.done(
            f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
        )


def _sheet_document(office: Office, sheet: Sheet, amount: int) -> Document:
    """The calculation sheet as a paper everybody may see: it holds sums and the clause only."""
    html = office.services.pages.text(
        "office/payments_remuneration_print.html",
        site=office.site,
        sheet=sheet,
        month=period_name(sheet.period),
        base=format_yuan(sheet.base) if sheet.base is not None else "",
        amount=format_yuan(amount),
        today=office.act.today,
    )
    digest = store_document(
        office.conn,
        office.trust_id,
        office.services.config.documents_dir,
        office_pdf(html),
        PDF,
        public=True,
        act=office.act,
    )
    title = f"{period_name(sheet.period)}酬金计算表"
    return Document("remuneration_sheet", title, original=digest, public=digest)


HANDLERS = [simple_form_page, prepare_simple, remuneration_form, prepare_remuneration]

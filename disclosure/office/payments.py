"""Pages of what is owed: the list, and the request to pay it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormFiles
from disclosure.office.home import TASKS, Task
from disclosure.public.answers import Answer, Req
from ledger.chart import FUNDS
from ledger.errors import Problem, Refused
from ledger.payments.payables import Payable, open_payables, vendor_name
from ledger.payments.requests import PaymentRequest, payment_work
from ledger.payments.simple import simple_forms
from ledger.payments.vendors import read_vendor
from ledger.trust.setup import Setup
from ledger.work import prepare


@dataclass(frozen=True, slots=True)
class VendorDebts:
    """What one vendor is owed, for the list."""

    code: str
    name: str
    debts: list[Payable]

    @property
    def open(self) -> int:
        """The sum in fen that may still be asked for."""
        return sum(debt.open for debt in self.debts)


def bank_choices(setup: Setup) -> list[tuple[str, str]]:
    """Bank accounts of book A that money can be paid from."""
    return [
        (code, f"{setup.values['bank_account', code].name}（{FUNDS[fund].name}）")
        for code, (book, account, fund) in setup.bank_accounts.items()
        if book == "A" and account.startswith("1002")
    ]


def fund_choices() -> list[tuple[str, str]]:
    """The funds of book A."""
    return [(code, fund.name) for code, fund in FUNDS.items() if fund.book == "A"]


@get("/c/{slug:str}/office/payments", sync_to_thread=True, action="payment.read")
def payments(request: Req, slug: FromPath[str]) -> Answer:
    """What is owed, vendor by vendor, and the other kinds of payments."""
    with reading_office(request, slug) as office:
        grouped: dict[str, list[Payable]] = {}
        for debt in open_payables(office.conn, office.trust_id):
            grouped.setdefault(debt.vendor, []).append(debt)
        return office.page(
            "office/payments.html",
            vendors=[
                VendorDebts(code, vendor_name(office.setup, code), debts) for code, debts in grouped.items()
            ],
            forms=list(simple_forms().values()),
            today=office.act.today,
            may_pay=office.actor.may("payment.prepare"),
            cashier=office.actor.may("payment.export"),
        )


@get("/c/{slug:str}/office/payments/request", sync_to_thread=True, action="payment.prepare")
def request_form(request: Req, slug: FromPath[str]) -> Answer:
    """The debts of one vendor, to choose from."""
    vendor = request.query_params.get("vendor", "")
    with reading_office(request, slug) as office:
        return _request_page(office, vendor, {"on": office.act.today.isoformat()}, ())


def _request_page(
    office: Office, vendor: str, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    known = read_vendor(office.conn, office.trust_id, vendor)
    return office.page(
        "office/payments_request.html",
        status=status,
        vendor=known,
        values=values,
        problems=problems,
        debts=open_payables(office.conn, office.trust_id, vendor=vendor),
        accounts=bank_choices(office.setup),
        decided_above=office.setup.setting("resolve_above", office.act.today),
        picker=document_picker(office, ("quote", "quote") if known.related else (), rows=1),
    )


@post(
    "/c/{slug:str}/office/payments/request",
    sync_to_thread=True,
    action="payment.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def prepare_request(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Hand the request in for review."""
    vendor = str(data.get("vendor", ""))
    try:
        with acting(request, slug, subject=f"vendor {vendor}") as office:
            form = Form(data)
            asked = PaymentRequest(
                parts=_parts(form),
                bank_account=form.text("bank_account", "付款账户"),
                on=form.day("on", "申请日期") or office.act.today,
                summary=form.text("summary", "摘要", required=False),
                consent=form.text("consent", "同意决议号", required=False),
                resolution=form.text("resolution", "大额支付的决议号", required=False),
                budget_line=form.text("budget_line", "预算行", required=False),
                documents=documents_from_form(office, form),
            )
            form.finish()
            work = payment_work(office.conn, office.trust_id, asked, office.act)
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}",
                f"付款申请已制成第 {prepared.no} 号单据，等待审核",
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _request_page(office, vendor, data, error.problems, status=422)


def _parts(form: Form) -> dict[str, int]:
    """The debts ticked, with what is to be paid of each."""
    return {
        name.removeprefix("pick_"): form.money(f"amount_{name.removeprefix('pick_')}", "本次付款")
        for name in form.values
        if name.startswith("pick_")
    }


def overdue(office: Office) -> Iterator[Task]:
    """On the desk: debts whose day has come."""
    if not office.actor.may("payment.prepare"):
        return
    today = office.act.today
    count = sum(
        debt.due_on is not None and debt.due_on <= today and debt.open > 0
        for debt in open_payables(office.conn, office.trust_id)
    )
    if count:
        yield Task("到期应付", count, "/payments", "笔该付了")


TASKS.append(overdue)
HANDLERS = [payments, request_form, prepare_request]

"""The counter: find a unit, see what it owes, take money; refunds; cash on its way to the bank."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.charges import prepare_here
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.maintenance_cash import fund_accounts
from disclosure.office.open_money import fund_choices, line_choices, split_line
from disclosure.public.answers import Answer, Req
from ledger.bank.lines import open_lines_by_key
from ledger.billing import open_items
from ledger.billing.items import load_items
from ledger.billing.open_items import prepaid_balances
from ledger.chart import FUNDS
from ledger.errors import Refused, refuse
from ledger.receipts import (
    CashDeposit,
    Payment,
    Refund,
    cash_deposit_work,
    cash_in_hand,
    list_units,
    receipt_work,
    refund_work,
)
from ledger.receipts.counter import WAYS
from ledger.receipts.household import find_unit
from ledger.work.papers import with_papers

_FOUND = 20
PREPAID_ITEMS = [(item.name, item.title) for item in load_items().values() if item.prepaid]


@get("/c/{slug:str}/office/receipts", sync_to_thread=True, action="receipt.read")
def counter(request: Req, slug: FromPath[str]) -> Answer:
    """Find the unit that pays."""
    search = request.query_params.get("q", "").strip()
    with reading_office(request, slug) as office:
        found = (
            list_units(office.conn, office.trust_id, search=search, owing=False, limit=_FOUND)
            if search
            else []
        )
        today = office.act.today
        return office.page(
            "office/receipts.html",
            search=search,
            found=found,
            cash=[
                (FUNDS[fund].name, fen)
                for fund, fen in cash_in_hand(office.conn, office.trust_id, today).items()
            ],
            may_prepare=office.actor.may("receipt.prepare"),
        )


@get("/c/{slug:str}/office/receipts/new", sync_to_thread=True, action="receipt.prepare")
def new_receipt(request: Req, slug: FromPath[str]) -> Answer:
    """What the unit owes, oldest first, and the form to take money."""
    with reading_office(request, slug) as office:
        return _receipt_page(office, {"unit": request.query_params.get("unit", "").strip()}, ())


def _receipt_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    unit = str(values.get("unit", "")).strip()
    if find_unit(office.conn, office.trust_id, unit) is None:
        raise refuse("unknown_unit", f"没有登记过房号“{unit}”，请返回重新查找", "房号")
    owed = open_items(office.conn, office.trust_id, [unit]).get(unit, [])
    ahead = prepaid_balances(office.conn, office.trust_id, [unit]).get(unit, {})
    chosen = values.get("chosen", [])
    values = {
        "token": office.act.entropy(12).hex(),
        "on": office.act.today.isoformat(),
        "way": "cash",
        "ahead": "property",
    } | values
    return office.page(
        "office/receipt_new.html",
        status=status,
        unit=unit,
        items=owed,
        total=sum(item.amount for item in owed),
        prepaid=sum(ahead.values()),
        chosen=[chosen] if isinstance(chosen, str) else chosen,
        ways=[(name, title) for name, (title, _) in WAYS.items()],
        aheads=PREPAID_ITEMS,
        values=values,
        problems=problems,
    )


@post("/c/{slug:str}/office/receipts/new", sync_to_thread=True, action="receipt.prepare")
def take(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Prepare the receipt of a payment."""
    try:
        with acting(request, slug, subject="柜台收款") as office:
            asked = _read_payment(Form(data))
            return prepare_here(office, slug, receipt_work(office.conn, office.trust_id, asked))
    except Refused as error:
        with reading_office(request, slug) as office:
            return _receipt_page(office, dict(data), error.problems, status=422)


def _read_payment(form: Form) -> Payment:
    asked = Payment(
        unit=form.text("unit", "房号"),
        on=form.day("on", "收款日期"),  # type: ignore[arg-type]
        way=form.choice("way", "收款方式", WAYS),
        amount=form.money("amount", "收款金额"),
        token=form.text("token", "防重复编号"),
        chosen=tuple(key for key in form.texts("chosen") if key),
        late_fee=form.money("late_fee", "其中违约金", required=False, zero=True),
        ahead=form.choice("ahead", "余款记作", dict(PREPAID_ITEMS)),
        payer=form.text("payer", "交款人", required=False, longest=60),
        slip=form.text("slip", "签购单号", required=False, longest=60),
    )
    form.finish()
    return asked


# --- Refunds of prepayments ---------------------------------------------------------------------------------


@get("/c/{slug:str}/office/receipts/refund", sync_to_thread=True, action="receipt.prepare")
def new_refund(request: Req, slug: FromPath[str]) -> Answer:
    """Give back what a unit paid ahead."""
    with reading_office(request, slug) as office:
        return _refund_page(office, {"unit": request.query_params.get("unit", "").strip()}, ())


def _refund_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    unit = str(values.get("unit", "")).strip()
    titles = {item.prepaid: item.title for item in load_items().values() if item.prepaid}
    ahead = prepaid_balances(office.conn, office.trust_id, [unit]).get(unit, {}) if unit else {}
    return office.page(
        "office/receipt_refund.html",
        status=status,
        unit=unit,
        ahead=[(titles[account], fen) for account, fen in ahead.items() if fen],
        items=PREPAID_ITEMS,
        picker=document_picker(office, ("receipt",), rows=1),
        accounts=fund_accounts(office.setup, "F1"),
        values={"on": office.act.today.isoformat()} | values,
        problems=problems,
    )


@post(
    "/c/{slug:str}/office/receipts/refund",
    sync_to_thread=True,
    action="receipt.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def refund(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Prepare a refund; the cashier pays it."""
    try:
        with acting(request, slug, subject="退预收") as office:
            form = Form(data)
            papers = documents_from_form(office, form)
            asked = Refund(
                unit=form.text("unit", "房号"),
                item=form.choice("item", "收费项目", dict(PREPAID_ITEMS)),
                amount=form.money("amount", "退款金额"),
                on=form.day("on", "业务日期"),  # type: ignore[arg-type]
                bank_account=form.text("bank_account", "付款账户"),
                receipt_number=form.text("receipt_number", "收据编号", longest=60),
                payee=form.text("payee", "收款人", required=False, longest=60),
            )
            form.finish()
            work = refund_work(office.conn, office.trust_id, asked)
            return prepare_here(office, slug, with_papers(work, papers))
    except Refused as error:
        with reading_office(request, slug) as office:
            return _refund_page(office, dict(data), error.problems, status=422)


# --- Cash to the bank ---------------------------------------------------------------------------------------


@get("/c/{slug:str}/office/receipts/cash", sync_to_thread=True, action="receipt.read")
def cash(request: Req, slug: FromPath[str]) -> Answer:
    """Cash not yet in the bank, by fund."""
    with reading_office(request, slug) as office:
        return _cash_page(office, {}, ())


def _cash_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    held = cash_in_hand(office.conn, office.trust_id, office.act.today)
    return office.page(
        "office/receipts_cash.html",
        status=status,
        held=[(fund, FUNDS[fund].name, fen) for fund, fen in held.items()],
        accounts=[
            (code, f"{FUNDS[fund].name}：{name}")
            for fund in held
            for code, name in fund_accounts(office.setup, fund)
        ],
        funds=fund_choices(held),
        lines=line_choices(office.conn, office.trust_id, list(held)),
        values={"on": office.act.today.isoformat()} | values,
        problems=problems,
        may_prepare=office.actor.may("receipt.prepare"),
    )


@post("/c/{slug:str}/office/receipts/cash", sync_to_thread=True, action="receipt.prepare")
def bank_cash(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Prepare the entry of cash paid into the bank."""
    try:
        with acting(request, slug, subject="现金缴存") as office:
            asked = _read_cash(office, Form(data))
            work = cash_deposit_work(office.conn, office.trust_id, asked, office.act.today)
            return prepare_here(office, slug, work)
    except Refused as error:
        with reading_office(request, slug) as office:
            return _cash_page(office, dict(data), error.problems, status=422)


def _read_cash(office: Office, form: Form) -> CashDeposit:
    account, key = split_line(form.text("line", "银行流水", required=False, longest=400))
    if key:
        line = open_lines_by_key(office.conn, office.trust_id, [(account, key)]).get((account, key))
        if line is None:
            raise refuse("line_taken", "这条流水不存在，或已经入账，请刷新页面", "银行流水")
        return CashDeposit(line.fund, line.amount, line.on, account, "", key)
    asked = CashDeposit(
        fund=form.choice("fund", "资金", FUNDS),
        amount=form.money("amount", "缴存金额"),
        on=form.day("on", "缴存日期"),  # type: ignore[arg-type]
        bank_account=form.text("bank_account", "银行账户"),
        slip=form.text("slip", "缴款单号", longest=60),
    )
    form.finish()
    return asked


HANDLERS = [counter, new_receipt, take, new_refund, refund, cash, bank_cash]

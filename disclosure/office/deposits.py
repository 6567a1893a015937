"""Deposits (taken, given back, docked) and pass-through utilities: money that is not the funds'."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.charges import month_text, prepare_here
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormData, FormFiles, place_number
from disclosure.office.maintenance_cash import fund_accounts
from disclosure.office.open_money import line_choices, split_line
from disclosure.public.answers import Answer, Req
from ledger.bank.lines import open_lines_by_key
from ledger.deposits import (
    Collection,
    Dock,
    Return,
    Taking,
    UtilityBill,
    bill_work,
    collect_work,
    collected_until,
    deposits,
    dock_work,
    find_deposit,
    return_work,
    take_work,
)
from ledger.deposits.holdings import KINDS
from ledger.deposits.pass_through import ITEMS
from ledger.errors import Refused, refuse
from ledger.periods.calendar import last_day, period_of, preceding
from ledger.receipts.counter import WAYS
from ledger.work.papers import with_papers

_A_PAGE = 100
_WAYS = [*((name, title) for name, (title, _) in WAYS.items()), ("bank", "银行转账")]


@get("/c/{slug:str}/office/deposits", sync_to_thread=True, action="deposit.read")
def deposit_list(request: Req, slug: FromPath[str]) -> Answer:
    """Deposits that are held, oldest first, and the form to take one."""
    after = place_number(request.query_params.get("after", ""))
    with reading_office(request, slug) as office:
        return _deposits_page(office, {}, (), after=-1 if after is None else after)


def _deposits_page(
    office: Office, values: dict[str, Any], problems: Any, *, status: int = 200, after: int = -1
) -> Answer:
    found = deposits(office.conn, office.trust_id, after=after, limit=_A_PAGE + 1)
    return office.page(
        "office/deposits.html",
        status=status,
        rows=found[:_A_PAGE],
        more=found[_A_PAGE - 1].seq if len(found) > _A_PAGE else None,
        total=sum(one.left for one in found[:_A_PAGE]),
        kinds=list(KINDS.items()),
        ways=_WAYS,
        accounts=fund_accounts(office.setup, "F3"),
        lines=line_choices(office.conn, office.trust_id, ["F3"]),
        values={"on": office.act.today.isoformat(), "token": office.act.entropy(12).hex()} | values,
        problems=problems,
        may_prepare=office.actor.may("deposit.prepare"),
    )


@post("/c/{slug:str}/office/deposits", sync_to_thread=True, action="deposit.prepare")
def take_deposit(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Prepare a deposit taken."""
    try:
        with acting(request, slug, subject="收押金") as office:
            asked = _read_taking(office, Form(data))
            return prepare_here(office, slug, take_work(office.conn, office.trust_id, asked))
    except Refused as error:
        with reading_office(request, slug) as office:
            return _deposits_page(office, dict(data), error.problems, status=422)


def _read_taking(office: Office, form: Form) -> Taking:
    account, key = split_line(form.text("line", "银行流水", required=False, longest=400))
    unit, kind = form.text("unit", "房号"), form.choice("account", "种类", KINDS)
    token = form.text("token", "防重复编号")
    payer = form.text("payer", "交款人", required=False, longest=60)
    if key:
        form.finish()
        line = open_lines_by_key(office.conn, office.trust_id, [(account, key)]).get((account, key))
        if line is None:
            raise refuse("line_taken", "这条流水不存在，或已经入账，请刷新页面", "银行流水")
        payer = payer or line.counterparty
        return Taking(unit, kind, line.amount, line.on, "bank", token, account, key, line.flow_no, payer)
    asked = Taking(
        unit=unit,
        account=kind,
        amount=form.money("amount", "金额"),
        on=form.day("on", "收款日期"),  # type: ignore[arg-type]
        way=form.choice("way", "收款方式", dict(_WAYS)),
        token=token,
        bank_account=form.text("bank_account", "银行账户", required=False),
        slip=form.text("slip", "回单或收据号", required=False, longest=60),
        payer=payer,
    )
    form.finish()
    return asked


@get("/c/{slug:str}/office/deposits/settle", sync_to_thread=True, action="deposit.prepare")
def settle_form(request: Req, slug: FromPath[str]) -> Answer:
    """Give one deposit back, or dock it."""
    with reading_office(request, slug) as office:
        asked = {name: request.query_params.get(name, "") for name in ("deposit", "how")}
        return _settle_page(office, asked, ())


def _settle_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    docks = values.get("how") == "dock" or "dock_amount" in values
    kinds = ("agreement", "damage_proof") if docks else ("acceptance", "receipt")
    return office.page(
        "office/deposits_settle.html",
        status=status,
        how="dock" if docks else "return",
        deposit=find_deposit(office.conn, office.trust_id, str(values.get("deposit", ""))),
        accounts=fund_accounts(office.setup, "F3"),
        service=fund_accounts(office.setup, "F1"),
        picker=document_picker(office, kinds, rows=2),
        values=dict.fromkeys(("on", "dock_on"), office.act.today.isoformat()) | values,
        problems=problems,
    )


@post(
    "/c/{slug:str}/office/deposits/return",
    sync_to_thread=True,
    action="deposit.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def give_back(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Prepare a deposit's return after acceptance."""
    try:
        with acting(request, slug, subject="退押金") as office:
            form = Form(data)
            papers = documents_from_form(office, form)
            asked = Return(
                deposit=form.text("deposit", "押金"),
                amount=form.money("amount", "退还金额"),
                on=form.day("on", "业务日期"),  # type: ignore[arg-type]
                bank_account=form.text("bank_account", "付款账户"),
                acceptance=form.text("acceptance", "验收单编号", longest=60),
                receipt_number=form.text("receipt_number", "原收据编号", longest=60),
                payee=form.text("payee", "收款人", required=False, longest=60),
            )
            form.finish()
            work = return_work(office.conn, office.trust_id, asked)
            return prepare_here(office, slug, with_papers(work, papers))
    except Refused as error:
        with reading_office(request, slug) as office:
            return _settle_page(office, dict(data), error.problems, status=422)


@post(
    "/c/{slug:str}/office/deposits/dock",
    sync_to_thread=True,
    action="deposit.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def dock(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Prepare a deposit's docking by agreement."""
    try:
        with acting(request, slug, subject="扣押金") as office:
            form = Form(data)
            papers = documents_from_form(office, form)
            asked = Dock(
                deposit=form.text("deposit", "押金"),
                amount=form.money("dock_amount", "扣款金额"),
                on=form.day("dock_on", "业务日期"),  # type: ignore[arg-type]
                bank_account=form.text("dock_account", "押金户"),
                service_account=form.text("service_account", "转入账户"),
                agreement=form.text("agreement", "扣款协议编号", longest=60),
                proof=form.text("proof", "损失证明编号", longest=60),
            )
            form.finish()
            work = dock_work(office.conn, office.trust_id, asked)
            return prepare_here(office, slug, with_papers(work, papers))
    except Refused as error:
        with reading_office(request, slug) as office:
            return _settle_page(office, dict(data), error.problems, status=422)


# --- Pass-through -------------------------------------------------------------------------------------------


@get("/c/{slug:str}/office/deposits/utilities", sync_to_thread=True, action="deposit.read")
def utilities(request: Req, slug: FromPath[str]) -> Answer:
    """What was collected for the works, and the forms to collect and to pay on."""
    with reading_office(request, slug) as office:
        return _utilities_page(office, {}, ())


def _utilities_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    today = office.act.today
    last = preceding(period_of(today))
    held = [
        (title, sum(collected_until(office.conn, office.trust_id, account, today, today).values()))
        for account, title in ITEMS.items()
    ]
    defaults = {
        "on": today.isoformat(),
        "collected_on": today.isoformat(),
        "period": month_text(last),
        "until": last_day(last).isoformat(),
        "token": office.act.entropy(12).hex(),
    }
    return office.page(
        "office/deposits_utilities.html",
        status=status,
        held=held,
        items=list(ITEMS.items()),
        ways=_WAYS[:2],
        accounts=fund_accounts(office.setup, "F4"),
        picker=document_picker(office, ("utility_bill",), rows=1),
        values=defaults | values,
        problems=problems,
        may_prepare=office.actor.may("deposit.prepare"),
    )


@post("/c/{slug:str}/office/deposits/utilities/collect", sync_to_thread=True, action="deposit.prepare")
def collect(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Prepare what a household paid for water or electricity."""
    try:
        with acting(request, slug, subject="代收水电") as office:
            form = Form(data)
            asked = Collection(
                unit=form.text("unit", "房号"),
                account=form.choice("collected", "种类", ITEMS),
                amount=form.money("amount", "金额"),
                on=form.day("collected_on", "收款日期"),  # type: ignore[arg-type]
                way=form.choice("way", "收款方式", WAYS),
                token=form.text("token", "防重复编号"),
                slip=form.text("slip", "签购单号", required=False, longest=60),
            )
            form.finish()
            return prepare_here(office, slug, collect_work(office.conn, office.trust_id, asked))
    except Refused as error:
        with reading_office(request, slug) as office:
            return _utilities_page(office, dict(data), error.problems, status=422)


@post(
    "/c/{slug:str}/office/deposits/utilities/pay",
    sync_to_thread=True,
    action="deposit.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def pay_on(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Prepare a bill's payment with what was collected for it."""
    try:
        with acting(request, slug, subject="代付水电") as office:
            form = Form(data)
            papers = documents_from_form(office, form)
            asked = UtilityBill(
                account=form.choice("account", "种类", ITEMS),
                period=form.month("period", "账单月份"),
                total=form.money("total", "账单金额"),
                bill_number=form.text("bill_number", "账单号", longest=60),
                on=form.day("on", "业务日期"),  # type: ignore[arg-type]
                bank_account=form.text("bank_account", "付款账户"),
                until=form.day("until", "代收截止日"),  # type: ignore[arg-type]
            )
            form.finish()
            work = bill_work(office.conn, office.trust_id, asked, office.act.today)
            return prepare_here(office, slug, with_papers(work, papers))
    except Refused as error:
        with reading_office(request, slug) as office:
            return _utilities_page(office, dict(data), error.problems, status=422)


HANDLERS = [
    deposit_list,
    take_deposit,
    settle_form,
    give_back,
    dock,
    utilities,
    collect,
    pay_on,
]

"""Shared revenue that moves: receipts, what a month earned, reasonable costs, what goes to other funds."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.budget_picker import budget_choices
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.maintenance_cash import cash_choices, fund_accounts, read_cash
from disclosure.public.answers import Answer, Req
from ledger.errors import Refused
from ledger.periods.calendar import first_day, following, period_name, period_of, preceding
from ledger.revenue import due_list, list_terms, read_terms
from ledger.revenue.booking import receipt_work
from ledger.revenue.costs import Cost, cost_work, to_service_work
from ledger.revenue.month import READY, STATE_NAMES, month_lines, month_work
from ledger.revenue.moves import list_transfers
from ledger.revenue.transfer import free_revenue, prepare_in, prepare_out, start_transfer
from ledger.work import Prepared, Work, prepare
from ledger.work.papers import with_papers


def _handed_in(office: Office, slug: str, work: Work | Prepared) -> Answer:
    """Prepare work (unless that was done) and lead to it."""
    done = work if isinstance(work, Prepared) else prepare(
        office.conn, office.trust_id, work, office.actor, office.act
    )  # fmt: skip
    return office.done(f"/c/{slug}/office/work-items/{done.no}", f"已制成第 {done.no} 号单据，等待审核")


# --- receipts -----------------------------------------------------------------------------------------------


@get("/c/{slug:str}/office/revenue/receipts", sync_to_thread=True, action="revenue.prepare")
def receipts(request: Req, slug: FromPath[str]) -> Answer:
    """Money of a contract came in."""
    with reading_office(request, slug) as office:
        return _receipt_page(office, dict(request.query_params), ())


def _receipt_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    terms = list_terms(office.conn, office.trust_id)
    lines = due_list(office.conn, office.trust_id, office.act.today)
    return office.page(
        "office/revenue_receipt.html",
        status=status,
        values=values,
        problems=problems,
        contracts=[(item.contract, f"{item.contract} {item.title}（{item.party_name}）") for item in terms],
        periods=[
            (line.schedule, f"{line.terms.title} {line.row.starts_on} 至 {line.row.ends_on}")
            for line in lines
            if line.terms.mode == "share" and not line.settled and line.row.starts_on <= office.act.today
        ],
        cash=cash_choices(office, "F2"),
    )


@post("/c/{slug:str}/office/revenue/receipts", sync_to_thread=True, action="revenue.prepare")
def receive(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Prepare the entry of money received."""
    try:
        with acting(request, slug, subject=str(data.get("contract", ""))[:60]) as office:
            form = Form(data)
            contract = form.text("contract", "合同")
            schedule = form.text("schedule", "所属期", required=False)
            cash = read_cash(form, office, "F2")
            terms = read_terms(office.conn, office.trust_id, contract)
            work = receipt_work(office.conn, office.setup, terms, cash, office.act, schedule=schedule)
            return _handed_in(office, slug, work)
    except Refused as error:
        with reading_office(request, slug) as office:
            return _receipt_page(office, dict(data), error.problems, status=422)


# --- a month ------------------------------------------------------------------------------------------------


@get("/c/{slug:str}/office/revenue/month", sync_to_thread=True, action="revenue.read")
def month(request: Req, slug: FromPath[str]) -> Answer:
    """What all contracts earn in a month, booked or not."""
    with reading_office(request, slug) as office:
        today = office.act.today
        typed = request.query_params.get("period", "").replace("-", "")
        period = int(typed) if len(typed) == 6 and typed.isdecimal() else period_of(today)
        first_day(period)
        lines = month_lines(office.conn, office.setup, period, office.act)
        return office.page(
            "office/revenue_month.html",
            lines=lines,
            ready=sum(line.state == READY for line in lines),
            states=STATE_NAMES,
            period=period,
            name=period_name(period),
            earlier=preceding(period),
            later=following(period) if following(period) <= period_of(today) else 0,
            may_prepare=office.actor.may("revenue.prepare"),
        )


@post("/c/{slug:str}/office/revenue/month", sync_to_thread=True, action="revenue.prepare")
def book_month(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Prepare the entries of all that is ready."""
    with acting(request, slug, subject=str(data.get("period", ""))[:10]) as office:
        form = Form(data)
        period = form.month("period", "月份")
        form.finish()
        return _handed_in(office, slug, month_work(office.conn, office.setup, period, office.act))


# --- costs and the service fund -----------------------------------------------------------------------------


@get("/c/{slug:str}/office/revenue/costs", sync_to_thread=True, action="revenue.prepare")
def costs(request: Req, slug: FromPath[str]) -> Answer:
    """A reasonable cost with its evidence; or shared revenue for the property-service fund."""
    with reading_office(request, slug) as office:
        return _cost_page(office, {}, ())


def _cost_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    today = office.act.today.isoformat()
    return office.page(
        "office/revenue_cost.html",
        status=status,
        values={"on": today, "service_on": today, **values},
        problems=problems,
        accounts=fund_accounts(office.setup, "F2"),
        service_accounts=fund_accounts(office.setup, "F1"),
        free=free_revenue(office.conn, office.trust_id, office.act),
        budget_lines=budget_choices(office),
        picker=document_picker(office, ("cost_proof",), rows=2),
    )


@post(
    "/c/{slug:str}/office/revenue/costs",
    sync_to_thread=True,
    action="revenue.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def spend(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Prepare the payment of a reasonable cost."""
    try:
        with acting(request, slug, subject=str(data.get("what", ""))[:60]) as office:
            form = Form(data)
            day = form.day("on", "业务日期")
            cost = Cost(
                fen=form.money("amount", "金额"),
                on=day or office.act.today,
                what=form.text("what", "成本内容", required=False, longest=80),
                payee=form.text("payee", "收款单位", required=False),
                proof_title=form.text("proof_title", "证明名称", required=False),
                proof_number=form.text("proof_number", "证明编号", required=False, longest=60),
                bank_account=form.text("bank_account", "付款账户"),
                budget_line=form.text("budget_line", "预算行", required=False),
            )
            papers = documents_from_form(office, form)
            form.finish()
            work = with_papers(cost_work(office.conn, office.setup, cost), papers)
            return _handed_in(office, slug, work)
    except Refused as error:
        with reading_office(request, slug) as office:
            return _cost_page(office, dict(data), error.problems, status=422)


@post("/c/{slug:str}/office/revenue/to-service", sync_to_thread=True, action="revenue.prepare")
def to_service(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Prepare the move of shared revenue to the property-service fund."""
    try:
        with acting(request, slug, subject=str(data.get("resolution", ""))[:60]) as office:
            form = Form(data)
            fen, day = form.money("service_amount", "金额"), form.day("service_on", "业务日期")
            accounts = (form.text("from_account", "转出账户"), form.text("to_account", "转入账户"))
            resolution = form.text("resolution", "决议号")
            form.finish()
            work = to_service_work(
                office.conn,
                office.setup,
                fen,
                day or office.act.today,
                resolution,
                from_account=accounts[0],
                to_account=accounts[1],
                act=office.act,
            )
            return _handed_in(office, slug, work)
    except Refused as error:
        with reading_office(request, slug) as office:
            return _cost_page(office, dict(data), error.problems, status=422)


# --- moves to the maintenance fund --------------------------------------------------------------------------


@get("/c/{slug:str}/office/revenue/transfers", sync_to_thread=True, action="revenue.read")
def transfers(request: Req, slug: FromPath[str]) -> Answer:
    """All moves of shared revenue to the maintenance fund, and a form to begin one."""
    with reading_office(request, slug) as office:
        return _transfer_page(office, dict(request.query_params), ())


def _transfer_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    may = office.actor.may("revenue.prepare")
    return office.page(
        "office/revenue_transfers.html",
        status=status,
        moves=list_transfers(office.conn, office.trust_id),
        values=values,
        problems=problems,
        accounts=fund_accounts(office.setup, "F2"),
        fund_accounts=fund_accounts(office.setup, "M"),
        free=free_revenue(office.conn, office.trust_id, office.act),
        cash=cash_choices(office, "M") if may else None,
        may_prepare=may,
        asked=str(values.get("move", "")),
    )


@post("/c/{slug:str}/office/revenue/transfers", sync_to_thread=True, action="revenue.prepare")
def start(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Begin a move: its side of the common books is prepared at once."""
    try:
        with acting(request, slug, subject=str(data.get("resolution", ""))[:60]) as office:
            form = Form(data)
            amount, resolution = form.money("move_amount", "金额"), form.text("resolution", "决议号")
            accounts = (form.text("from_account", "转出账户"), form.text("to_account", "转入账户"))
            form.finish()
            _, prepared = start_transfer(
                office.conn,
                office.setup,
                amount,
                resolution,
                from_account=accounts[0],
                to_account=accounts[1],
                actor=office.actor,
                act=office.act,
            )
            return _handed_in(office, slug, prepared)
    except Refused as error:
        with reading_office(request, slug) as office:
            return _transfer_page(office, dict(data), error.problems, status=422)


@post(
    "/c/{slug:str}/office/revenue/transfers/{number:int}/out", sync_to_thread=True, action="revenue.prepare"
)
def again(request: Req, slug: FromPath[str], number: FromPath[int], data: FormData) -> Answer:
    """Prepare the paying side anew, after its work was withdrawn or its entries reversed."""
    with acting(request, slug, subject=str(number)) as office:
        prepared = prepare_out(office.conn, office.setup, number, office.act.today, office.actor, office.act)
        return _handed_in(office, slug, prepared)


@post("/c/{slug:str}/office/revenue/transfers/{number:int}/in", sync_to_thread=True, action="revenue.prepare")
def arrived(request: Req, slug: FromPath[str], number: FromPath[int], data: FormData) -> Answer:
    """Prepare the receiving side: the money reached the maintenance fund."""
    try:
        with acting(request, slug, subject=str(number)) as office:
            cash = read_cash(Form(data), office, "M")
            prepared = prepare_in(office.conn, office.setup, number, cash, office.actor, office.act)
            return _handed_in(office, slug, prepared)
    except Refused as error:
        with reading_office(request, slug) as office:
            return _transfer_page(office, {**data, "move": number}, error.problems, status=422)


HANDLERS = [
    receipts,
    receive,
    month,
    book_month,
    costs,
    spend,
    to_service,
    transfers,
    start,
    again,
    arrived,
]

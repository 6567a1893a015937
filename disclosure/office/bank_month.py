"""The month with the bank: the 余额调节表 of an account, signed; money of unknown payers; learned rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.public.answers import Answer, Req
from ledger.bank.clearing import clear, uncleared
from ledger.bank.importing import record_bank_balance
from ledger.bank.lessons import list_rules, set_rule
from ledger.bank.overview import bank_overview
from ledger.bank.reconciliation import reconciliation, record_reconciliation, recorded
from ledger.errors import Problem, Refused
from ledger.journal.draft import Line
from ledger.periods.calendar import period_name, period_of

_A_PAGE = 50
CLEARED_TO = {
    "112201": "冲欠交的物业费", "112202": "冲欠交的停车费", "220301": "转为预收物业费", "224101": "转为装修保证金",
}  # fmt: skip
_RULE_KINDS = {"household": "业主交费", "vendor": "支付供应商", "entry": "记账"}


@get("/c/{slug:str}/office/bank/reconciliation", sync_to_thread=True, action="bank.read")
def reconciliation_page(request: Req, slug: FromPath[str]) -> Answer:
    """The statement of one account and month, and who signed it."""
    form = Form({"month": request.query_params.get("month", "")})
    period = form.month("month", "月份") if form.values["month"] else None
    form.finish()
    with reading_office(request, slug) as office:
        return _reconciliation(office, request.query_params.get("account", ""), period, {}, ())


def _reconciliation(
    office: Office, account: str, month: int | None, values: dict[str, Any], problems: tuple[Problem, ...]
) -> Answer:
    """The statement; ``values`` are what was typed into the form of a balance slip."""
    today = office.act.today
    banks = [a for a in bank_overview(office.conn, office.trust_id, today) if a.kind == "bank"]
    if not banks:
        return office.page("office/bank_reconciliation.html", banks=(), table=None)
    period = min(month or period_of(today), period_of(today))
    account = account or banks[0].code
    table = reconciliation(office.conn, office.trust_id, account, period, today)
    signed = recorded(office.conn, office.trust_id, account, period)
    picker = document_picker(office, rows=1)
    return office.page(
        "office/bank_reconciliation.html",
        status=422 if problems else 200,
        banks=[(a.code, a.bank) for a in banks],
        table=table,
        month=period_name(period),
        month_text=f"{period // 100}-{period % 100:02d}",
        over=table.as_of < today or period < period_of(today),
        signed=[(item, local_time(item.at)) for item in signed],
        lists=[
            ("加：银行已收，企业未收", table.bank_received, "book"),
            ("减：银行已付，企业未付", table.bank_paid, "book"),
            ("加：企业已收，银行未收", table.books_received, "bank"),
            ("减：企业已付，银行未付", table.books_paid, "bank"),
        ],
        picker=replace(picker, rows=[(1, "bank_line")]),
        values={"on": table.as_of.isoformat(), **values},
        problems=problems,
    )


@post("/c/{slug:str}/office/bank/reconciliation", sync_to_thread=True, action="bank.reconcile")
def sign_reconciliation(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Sign the statement as it stands."""
    form = Form(data)
    account, period = form.text("account", "账户"), form.month("month", "月份")
    note = form.text("note", "说明", required=False)
    form.finish()
    with acting(request, slug, subject=f"{account} {period}") as office:
        record_reconciliation(
            office.conn,
            office.trust_id,
            account,
            period,
            by=office.actor.signature,
            note=note,
            act=office.act,
        )
        return office.done(
            _reconciliation_at(slug, account, period), f"已确认{period_name(period)}余额调节表"
        )


@post(
    "/c/{slug:str}/office/bank/balance",
    sync_to_thread=True,
    action="bank.reconcile",
    request_max_body_size=UPLOAD_LIMIT,
)
def told_balance(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """What the bank's balance slip says, where no statement file does; on a mistake, the form again."""
    form = Form(data)
    account, period = form.text("account", "账户"), form.month("month", "月份")
    form.finish()
    try:
        with acting(request, slug, subject=f"{account} {data.get('on', '')}"[:60]) as office:
            day = form.day("on", "对账单日期")
            balance = form.money("balance", "银行余额", zero=True)
            slips = [paper.original for paper in documents_from_form(office, form) if paper.original]
            if not slips and not form.problems:
                form.problem("missing", "请选已上传的对账单，或现在拍照、选文件", "对账单附件")
            if day is not None and day > office.act.today:
                form.problem("future_day", "对账单日期还没到", "对账单日期")
            form.finish()
            as_of = day or office.act.today
            record_bank_balance(office.conn, office.trust_id, account, as_of, balance, slips[0], office.act)
            return office.done(_reconciliation_at(slug, account, period), "已登记银行余额")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _reconciliation(office, account, period, dict(data), error.problems)


def _reconciliation_at(slug: str, account: str, period: int) -> str:
    asked = urlencode({"account": account, "month": f"{period // 100}-{period % 100:02d}"})
    return f"/c/{slug}/office/bank/reconciliation?{asked}"


@get("/c/{slug:str}/office/bank/clearing", sync_to_thread=True, action="bank.read")
def clearing_page(request: Req, slug: FromPath[str]) -> Answer:
    """Money of unknown payers that is still open, by party, oldest first."""
    with reading_office(request, slug) as office:
        return _clearing(office, {}, ())


def _clearing(office: Office, values: dict[str, object], problems: tuple[object, ...]) -> Answer:
    items = uncleared(office.conn, office.trust_id)
    names = {code: value.name for (of, code), value in office.setup.values.items() if of == "party"}
    return office.page(
        "office/bank_clearing.html",
        status=422 if problems else 200,
        items=items,
        total=sum(item.open for item in items),
        names=names,
        targets=list(CLEARED_TO.items()),
        units=sorted(code for of, code in office.setup.values if of == "unit"),
        today=office.act.today.isoformat(),
        values=values,
        problems=problems,
    )


@post("/c/{slug:str}/office/bank/clearing", sync_to_thread=True, action="bank.match")
def clear_item(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Put an unknown payer's money where it belongs: an entry waiting for review."""
    form = Form(data)
    ref = form.text("ref", "凭证")
    account = form.choice("account", "转到", CLEARED_TO)
    unit = form.text("unit", "房号")
    amount = form.money("amount", "金额")
    day = form.day("on", "日期")
    how = form.text("how", "核实经过", longest=500)
    try:
        form.finish()
        with acting(request, slug, subject=ref) as office:
            item = next((x for x in uncleared(office.conn, office.trust_id) if x.ref == ref), None)
            line = Line(account, item.fund if item else "F1", "C", amount, unit=unit)
            prepared = clear(
                office.conn, office.trust_id, ref, [line], office.actor, office.act,
                on=day or office.act.today, how=how,
            )  # fmt: skip
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _clearing(office, dict(data), error.problems)


@get("/c/{slug:str}/office/bank/rules", sync_to_thread=True, action="bank.read")
def rules_page(request: Req, slug: FromPath[str]) -> Answer:
    """What was learned from confirmed lines, and what each rule rests on."""
    search = request.query_params.get("search", "").strip()[:50]
    with reading_office(request, slug) as office:
        rules = list_rules(
            office.conn,
            office.trust_id,
            after=request.query_params.get("after", ""),
            search=search,
            limit=_A_PAGE + 1,
        )
        older = (
            urlencode({"search": search, "after": rules[_A_PAGE - 1][0].lesson}, quote_via=quote)
            if len(rules) > _A_PAGE
            else ""
        )
        return office.page(
            "office/bank_rules.html", rules=rules[:_A_PAGE], older=older, search=search, kinds=_RULE_KINDS
        )


@post("/c/{slug:str}/office/bank/rules", sync_to_thread=True, action="bank.rules")
def change_rule(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Revoke a learned rule, or take it back into use."""
    form = Form(data)
    lesson = form.text("lesson", "规则")
    active = form.choice("active", "状态", ("yes", "no")) == "yes"
    note = form.text("note", "原因", required=False)
    form.finish()
    with acting(request, slug, subject=lesson) as office:
        set_rule(office.conn, office.trust_id, lesson, office.actor, office.act, active=active, note=note)
        said = "已恢复使用这条规则" if active else "已撤销这条规则，以后不再据此建议"
        return office.done(f"/c/{slug}/office/bank/rules", said)


HANDLERS = [
    reconciliation_page,
    sign_reconciliation,
    told_balance,
    clearing_page,
    clear_item,
    rules_page,
    change_rule,
]

"""Shared revenue for people: income by source and site, contracts with their schedules, what is overdue."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.revenue import NewTerms, due_list, list_terms, read_terms, record_terms
from ledger.revenue.moves import unfinished_transfers
from ledger.revenue.overview import overview
from ledger.revenue.schedule import MODE_NAMES, Plan
from ledger.revenue.vat import SETTING, read_rates
from ledger.trust.settings import record_setting
from ledger.trust.setup import Setup

_DUE_SHOWN = 300


def income_accounts(setup: Setup) -> list[tuple[str, str]]:
    """Kinds of shared revenue: the leaves of 4003."""
    return [
        (account.code, account.name.removeprefix("公共收益-"))
        for account in setup.chart.of_book("A")
        if account.leaf and account.code.startswith("4003") and account.closed_on is None
    ]


@get("/c/{slug:str}/office/revenue", sync_to_thread=True, action="revenue.read")
def revenue(request: Req, slug: FromPath[str]) -> Answer:
    """The year so far by source and site, what is overdue, moves that are not finished."""
    with reading_office(request, slug) as office:
        today = office.act.today
        late = [line for line in due_list(office.conn, office.trust_id, today) if line.overdue_days(today)]
        return office.page(
            "office/revenue.html",
            seen=overview(office.conn, office.setup, today),
            late=late[:10],
            late_count=len(late),
            moves=unfinished_transfers(office.conn, office.trust_id),
            today=today,
            may_prepare=office.actor.may("revenue.prepare"),
        )


@get("/c/{slug:str}/office/revenue/due", sync_to_thread=True, action="revenue.read")
def due(request: Req, slug: FromPath[str]) -> Answer:
    """What is due by today or a day, overdue first."""
    with reading_office(request, slug) as office:
        today = office.act.today
        everything = request.query_params.get("all") == "1"
        lines = [
            line
            for line in due_list(office.conn, office.trust_id, today)
            if not line.settled and (everything or line.row.due_on <= today)
        ]
        return office.page(
            "office/revenue_due.html",
            lines=lines[:_DUE_SHOWN],
            count=len(lines),
            overdue=sum(line.open for line in lines if line.overdue_days(today)),
            today=today,
            everything=everything,
            may_prepare=office.actor.may("revenue.prepare"),
        )


@get("/c/{slug:str}/office/revenue/contracts", sync_to_thread=True, action="revenue.read")
def contracts(request: Req, slug: FromPath[str]) -> Answer:
    """All contracts and, for whoever may, a form for a new one or new terms."""
    with reading_office(request, slug) as office:
        return _contracts_page(office, {}, ())


def _contracts_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    names = {dimension: _names(office.setup, dimension) for dimension in ("party", "site")}
    return office.page(
        "office/revenue_contracts.html",
        status=status,
        contracts=list_terms(office.conn, office.trust_id),
        values={"period_months": "1", "due_days": "10", "escalation_months": "12", **values},
        problems=problems,
        modes=MODE_NAMES,
        accounts=income_accounts(office.setup),
        names=names,
        may_prepare=office.actor.may("revenue.prepare"),
    )


def _names(setup: Setup, dimension: str) -> list[str]:
    return sorted(value.name for (of, _), value in setup.values.items() if of == dimension)


@post("/c/{slug:str}/office/revenue/contracts", sync_to_thread=True, action="revenue.prepare")
def record(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Keep a contract's terms with the schedule they make."""
    try:
        with acting(request, slug, subject=str(data.get("contract", ""))[:60]) as office:
            new = _terms(Form(data), office)
            version = record_terms(office.conn, office.setup, new, office.actor, office.act)
            again = f"第 {version} 版条件" if version > 1 else ""
            return office.done(
                f"/c/{slug}/office/revenue/contract?contract={new.contract}",
                f"合同“{new.contract}”{again}已登记，收款计划已生成",
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _contracts_page(office, dict(data), error.problems, status=422)


def _terms(form: Form, office: Office) -> NewTerms:
    mode = form.choice("mode", "收款方式", MODE_NAMES)
    starts_on, ends_on = form.day("starts_on", "合同起日"), form.day("ends_on", "合同止日")
    amount, total = (
        form.text("amount", "每期金额", required=False),
        form.text("total", "总额", required=False),
    )
    zero = mode == "share" or bool(form.values.get("authority"))
    new = {
        "amount": form.money("amount", "每期金额", zero=zero) if amount or not total else None,
        "total": form.money("total", "合同总额", zero=zero) if total else None,
    }
    months = form.whole("period_months", "每期月数", least=1, most=120)
    due_days = form.whole("due_days", "付款期限", most=366)
    escalation = _basis_points(form, "escalation", "递增比例")
    every = form.whole("escalation_months", "递增间隔", least=1, most=120)
    received = form.money("received_before", "启用前已收", required=False, zero=True)
    account = form.choice("account", "收入类别", dict(income_accounts(office.setup)))
    texts = {
        name: form.text(name, title, required=False, longest=80)
        for name, title in (
            ("contract", "合同号"),
            ("title", "合同名称"),
            ("party", "对方单位"),
            ("site", "点位"),
            ("resolution", "决议号"),
            ("authority", "变更依据"),
        )
    }
    form.finish()
    plan = Plan(
        mode=mode,  # type: ignore[arg-type]
        starts_on=starts_on or date.min,
        ends_on=ends_on or date.min,
        period_months=months,
        due_days=due_days,
        escalation_bp=escalation,
        escalation_months=every,
        **new,
    )
    return NewTerms(**texts, account=account, plan=plan, received_before=received)


def _basis_points(form: Form, name: str, title: str) -> int:
    """A percentage with at most two decimals, in 1/100 %."""
    text = form.text(name, title, required=False)
    return form.money(name, title, zero=True) if text else 0


@get("/c/{slug:str}/office/revenue/contract", sync_to_thread=True, action="revenue.read")
def contract(request: Req, slug: FromPath[str]) -> Answer:
    """One contract: its terms and schedule, period by period."""
    code = request.query_params.get("contract", "")
    with reading_office(request, slug) as office:
        terms = read_terms(office.conn, office.trust_id, code)
        lines = due_list(office.conn, office.trust_id, office.act.today, contract=code)
        return office.page(
            "office/revenue_contract.html",
            terms=terms,
            source=dict(income_accounts(office.setup)).get(terms.account, terms.account),
            mode=MODE_NAMES[terms.mode],
            lines=lines[:_DUE_SHOWN],
            total=sum(line.row.amount for line in lines),
            received=sum(line.received for line in lines),
            today=office.act.today,
            may_prepare=office.actor.may("revenue.prepare"),
        )


@get("/c/{slug:str}/office/revenue/vat", sync_to_thread=True, action="revenue.prepare")
def vat(request: Req, slug: FromPath[str]) -> Answer:
    """Rates of value-added tax by kind of income, with their days of effect."""
    with reading_office(request, slug) as office:
        return _vat_page(office, {}, ())


def _vat_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    return office.page(
        "office/revenue_vat.html",
        status=status,
        values=values,
        problems=problems,
        accounts=income_accounts(office.setup),
        versions=sorted(office.setup.settings.get(SETTING, ()), key=lambda item: item[0], reverse=True),
    )


@post("/c/{slug:str}/office/revenue/vat", sync_to_thread=True, action="revenue.prepare")
def record_vat(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Record rates from a day on; earlier income keeps the rate of its day."""
    try:
        with acting(request, slug, subject="增值税") as office:
            form = Form(data)
            on, authority = form.day("effective_on", "生效日"), form.text("authority", "依据")
            typed = {"default": form.text("default", "一般适用")} | {
                code: form.text(code, name, required=False) for code, name in income_accounts(office.setup)
            }
            form.finish()
            rates = read_rates(typed)
            if on is None:
                raise Refused([Problem("missing", "请填写生效日", "生效日")])
            record_setting(
                office.conn,
                office.trust_id,
                SETTING,
                rates,
                effective_on=on,
                authority=authority,
                act=office.act,
            )
            return office.done(f"/c/{slug}/office/revenue/vat", f"{on} 起的税率已登记")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _vat_page(office, dict(data), error.problems, status=422)


HANDLERS = [revenue, due, contracts, record, contract, vat, record_vat]

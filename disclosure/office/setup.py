"""What to have ready before the first month: the checklist, and the trust's bank accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.office.home import TASKS, Task
from disclosure.public.answers import Answer, Req
from ledger.chart import FUNDS
from ledger.errors import Problem, Refused
from ledger.handover import handover_state
from ledger.handover.read import read_handover
from ledger.trust import BankAccount, add_bank_accounts
from ledger.trust.accounts import KINDS, cash_accounts, list_bank_accounts
from ledger.trust.readiness import readiness

_PATHS = {
    "deed": ("/deed", "setup.read"),
    "tenure": ("/deed/tenure", "setup.read"),
    "settings": ("/settings", "setup.read"),
    "staff": ("/people", "people.read"),
    "accounts": ("/setup/accounts", "setup.read"),
    "units": ("/units/import", "unit.record"),
    "owners": ("/units", "unit.read"),
    "fees": ("/charges/standards", "charge.standard"),
    "opening": ("/setup/opening", "setup.read"),
}
"""Where each item of the checklist is done, and what one must be allowed to go there."""


@get("/c/{slug:str}/office/setup", sync_to_thread=True, action="setup.read")
def checklist(request: Req, slug: FromPath[str]) -> Answer:
    """What is done and what is missing."""
    with reading_office(request, slug) as office:
        items = readiness(office.conn, office.trust_id, office.act.today)
        rows = [(item, _path(office, item.name)) for item in items]
        missing = sum(1 for item in items if item.state == "missing")
        return office.page("office/setup.html", rows=rows, missing=missing)


def unfinished(office: Office) -> Iterator[Task]:
    """Before the first entry: how much of the checklist is missing. While the books are frozen: that they are."""
    if office.site.size == 0 and office.actor.may("setup.prepare"):
        items = readiness(office.conn, office.trust_id, office.act.today)
        missing = sum(1 for item in items if item.state == "missing")
        if missing:
            yield Task("开账准备", missing, "/setup", "样还缺")
    state = handover_state(office.conn, office.trust_id)
    if state is not None and state.under_way and office.actor.may("handover.read"):
        file = read_handover(office.conn, office.trust_id)
        left = len(file.uncounted) + len(file.unsigned) if file is not None and state.frozen else 1
        hint = "步没办完，账簿已冻结" if state.frozen else "次移交等待冻结账簿"
        yield Task("受托人移交", left, "/handover", hint)


def _path(office: Office, name: str) -> str:
    path, action = _PATHS[name]
    return path if office.actor.may(action) else ""


@get("/c/{slug:str}/office/setup/accounts", sync_to_thread=True, action="setup.read")
def accounts(request: Req, slug: FromPath[str]) -> Answer:
    """The trust's accounts by fund, and a form for another one."""
    with reading_office(request, slug) as office:
        return _accounts(office, {}, ())


@post("/c/{slug:str}/office/setup/accounts", sync_to_thread=True, action="setup.prepare")
def add_account(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Record an account; one in the trustee's own name is refused."""
    try:
        with acting(request, slug, subject=str(data.get("code", ""))[:40]) as office:
            account = _account(Form(data))
            add_bank_accounts(office.conn, office.trust_id, [account])
            return office.done(
                f"/c/{slug}/office/setup/accounts",
                f"账户 {account.code} 已登记，只用于{FUNDS[account.fund].name}",
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _accounts(office, data, error.problems, 422)


def _account(form: Form) -> BankAccount:
    code = form.text("code", "账户代码", longest=20)
    kind = form.choice("kind", "种类", KINDS)
    fund, _, account = form.text("place", "基金和科目").partition(":")
    bank = form.text("bank", "开户行或渠道", longest=60)
    holder = form.text("holder", "户名", longest=80)
    number = form.text("number", "账号", longest=60)
    form.finish()
    book = FUNDS[fund].book if fund in FUNDS else ""
    return BankAccount(code, kind, book, fund, account, bank, holder, number)


def _accounts(
    office: Office, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200
) -> Answer:
    places = [
        (f"{fund}:{code}", f"{FUNDS[fund].name}：{code} {name}")
        for kind in KINDS
        for fund in FUNDS
        for code, name in cash_accounts(office.setup.chart, kind, fund)
    ]
    return office.page(
        "office/setup_accounts.html",
        status,
        accounts=list_bank_accounts(office.conn, office.trust_id),
        funds={code: fund.name for code, fund in FUNDS.items()},
        kinds=KINDS,
        places=places,
        values=values,
        problems=problems,
    )


TASKS.append(unfinished)
HANDLERS = [checklist, accounts, add_account]

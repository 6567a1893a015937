"""The month's end: what blocks the closing and where to mend it, the request, the confirmation, the report."""

from __future__ import annotations

import re
from dataclasses import dataclass

from litestar import get, post
from litestar.params import FromPath

from disclosure.books.asked import month_text
from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.draft_view import DraftView, draft_view, local_time
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from disclosure.public.words import BOOKS
from disclosure.statements.publish import list_statements, publish_statement
from ledger.periods import (
    CheckItem,
    CloseRequest,
    blocking_items,
    closed_periods,
    closing_drafts,
    closing_items,
    confirm_close,
    list_requests,
    next_period,
    open_request,
    refuse_close,
    request_close,
    withdraw_close,
)
from ledger.periods.calendar import last_day, period_name
from ledger.periods.requests import CARRIED_BY_CLOSING

_DECISIONS = {"": "等待确认", "confirmed": "已确认结账", "refused": "已退回", "withdrawn": "已撤回"}
_MENDED_AT = (
    (re.compile("流水"), "bank", "去处理流水"),
    (
        re.compile("余额与银行一致|调节|对账|未达"),
        "bank/reconciliation?account={bank}&month={month}",
        "去对账",
    ),
    (re.compile("单据"), "work-items", "去看单据"),
    (re.compile("押金"), "books/ledger?account=2241&fund=F3&from={month}&to={month}", "看押金明细账"),
    (re.compile("代收"), "books/ledger?account=2241&fund=F4&from={month}&to={month}", "看代收代付明细账"),
    (re.compile("基金间"), "books/ledger?account=1901&from={month}&to={month}", "看基金间往来明细账"),
    (re.compile("结转"), "books/trial?from={month}&to={month}", "看科目余额表"),
)
"""Where an item of the checklist is mended: by a word in its name, a page below the office, its title."""


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item of the checklist; ``later`` if confirming brings it about; a link to where it is mended."""

    name: str
    ok: bool
    later: bool
    finding: str
    path: str
    link: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request in words."""

    no: int
    month: str
    asked: str
    state: str
    note: str
    decided: str


@get("/c/{slug:str}/office/closing", sync_to_thread=True, action="period.read")
def closing_page(request: Req, slug: FromPath[str]) -> Answer:
    """The next month of a book that is to be closed, and the months that are."""
    with reading_office(request, slug) as office:
        asked = request.query_params.get("book", "A")
        book = asked if asked in BOOKS else "A"
        period = next_period(office.conn, office.trust_id, book)
        items = closing_items(office.conn, office.trust_id, book, period, office.act)
        waiting = open_request(office.conn, office.trust_id, book)
        published = {item.period: item for item in reversed(list_statements(office.conn, office.trust_id))}
        return office.page(
            "office/closing.html",
            book=book,
            books=list(BOOKS.items()),
            period=period,
            month=period_name(period),
            month_text=month_text(period),
            over=last_day(period) <= office.act.today,
            items=[_item(office, item, period) for item in items],
            blocked=len(blocking_items(items)),
            waiting=_view(waiting) if waiting else None,
            mine=waiting is not None and waiting.person == office.actor.person,
            closing_entries=_closing_entries(office, book, period),
            closed=[
                (
                    item.period,
                    period_name(item.period),
                    month_text(item.period),
                    local_time(item.closed_at),
                    item.size,
                )
                for item in reversed(closed_periods(office.conn, office.trust_id, book))
            ],
            published=published,
            requests=[_view(item) for item in list_requests(office.conn, office.trust_id, book)],
        )


def _closing_entries(office: Office, book: str, period: int) -> list[DraftView]:
    """What will be posted in December, to be looked at by both people."""
    if period % 100 != 12 or last_day(period) > office.act.today:
        return []
    code = "M" if book == "M" else "A"
    drafts = closing_drafts(office.conn, office.trust_id, code, period // 100, office.act.today)  # type: ignore[arg-type]
    return [draft_view(office.setup, draft) for draft in drafts]


def _item(office: Office, item: CheckItem, period: int) -> ItemView:
    bank = next(
        (
            code
            for code in office.setup.bank_accounts
            if office.setup.values["bank_account", code].name in item.name
        ),
        "",
    )
    path, link = "", ""
    for pattern, address, title in _MENDED_AT:
        if not item.ok and pattern.search(item.name):
            path, link = address.format(bank=bank, month=month_text(period)), title
            break
    return ItemView(
        item.name, item.ok, item.name == CARRIED_BY_CLOSING and not item.ok, item.finding, path, link
    )


def _view(asked: CloseRequest) -> RequestView:
    decided = ""
    if asked.decided_at is not None:
        decided = f"{asked.decided_by} {local_time(asked.decided_at)}"
        decided += f"：{asked.decision_note}" if asked.decision_note else ""
    return RequestView(
        no=asked.no,
        month=period_name(asked.period),
        asked=f"{asked.signature} {local_time(asked.requested_at)}",
        state=_DECISIONS[asked.decision],
        note=asked.note,
        decided=decided,
    )


@post("/c/{slug:str}/office/closing", sync_to_thread=True, action="period.request")
def ask_to_close(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Ask for the month to be closed."""
    form = Form(data)
    book = form.choice("book", "账套", BOOKS)
    period = form.month("month", "月份")
    note = form.text("note", "说明", required=False)
    form.finish()
    with acting(request, slug, subject=f"{book} {period}") as office:
        request_close(office.conn, office.trust_id, book, period, office.actor, office.act, note)
        return office.done(_address(slug, book), f"已申请{period_name(period)}结账，等待审核人确认")


@post("/c/{slug:str}/office/closing/{no:int}/confirm", sync_to_thread=True, action="period.close")
def confirm(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Close the month that was asked for."""
    with acting(request, slug, subject=f"close request {no}") as office:
        closed = confirm_close(office.conn, office.trust_id, no, office.actor, office.act)
        posted = f"，年结凭证 {len(closed.entries)} 张" if closed.entries else ""
        name = period_name(closed.period.period)
        return office.done(
            _address(slug, closed.period.book), f"{name}已结账{posted}。之后的账不能再记进这个月"
        )


@post("/c/{slug:str}/office/closing/{no:int}/refuse", sync_to_thread=True, action="period.close")
def send_back(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Refuse a request, with the reason."""
    with acting(request, slug, subject=f"close request {no}") as office:
        note = Form(data).text("note", "原因", required=False)
        refuse_close(office.conn, office.trust_id, no, office.actor, office.act, note)
        return office.done(_address(slug, str(data.get("book", "A"))), "已退回结账申请")


@post("/c/{slug:str}/office/closing/{no:int}/withdraw", sync_to_thread=True, action="period.request")
def take_back(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Take one's own request back."""
    with acting(request, slug, subject=f"close request {no}") as office:
        withdraw_close(office.conn, office.trust_id, no, office.actor, office.act)
        return office.done(_address(slug, str(data.get("book", "A"))), "已撤回结账申请")


@post("/c/{slug:str}/office/closing/publish", sync_to_thread=True, action="period.publish")
def publish(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Publish the statement of a closed month."""
    form = Form(data)
    period = form.month("month", "月份")
    form.finish()
    with acting(request, slug, subject=str(period)) as office:
        made = publish_statement(office.conn, office.trust_id, period, office.act)
        return office.done(_address(slug, "A"), f"{period_name(period)}月报第 {made.version} 版已公布")


def _address(slug: str, book: str) -> str:
    return f"/c/{slug}/office/closing?book={book if book in BOOKS else 'A'}"


HANDLERS = [closing_page, ask_to_close, confirm, send_back, take_back, publish]

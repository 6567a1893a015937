"""The bank's pages: every account at a glance, the open lines with what they may be, and accepting it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.bank.accepting import Pick, accept
from ledger.bank.lines import OpenLine
from ledger.bank.overview import bank_overview
from ledger.bank.suggesting import Suggested, suggestions
from ledger.chart import FUNDS
from ledger.errors import refuse

_A_PAGE = 50
_OTHERS = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; ``no`` ties its fields of the form together."""

    no: int
    item: Suggested
    address: str

    @property
    def line(self) -> OpenLine:
        """The line itself."""
        return self.item.line


@get("/c/{slug:str}/office/bank", sync_to_thread=True, action="bank.read")
def overview(request: Req, slug: FromPath[str]) -> Answer:
    """Accounts and channels: up to which day the bank has told, how many lines wait, is the month reconciled."""
    with reading_office(request, slug) as office:
        accounts = bank_overview(office.conn, office.trust_id, office.act.today)
        return office.page(
            "office/bank.html",
            accounts=accounts,
            funds={code: fund.name for code, fund in FUNDS.items()},
            waiting=sum(account.open - account.in_work for account in accounts),
        )


@get("/c/{slug:str}/office/bank/lines", sync_to_thread=True, action="bank.read")
def lines(request: Req, slug: FromPath[str]) -> Answer:
    """Open lines, oldest first, a page at a time."""
    with reading_office(request, slug) as office:
        return _lines_page(
            office, request.query_params.get("account", ""), request.query_params.get("after", "")
        )


def _lines_page(office: Office, account: str, after: str, **more: Any) -> Answer:
    place = _place(after)
    found = suggestions(
        office.conn, office.trust_id, office.act, account=account, after=place, limit=_A_PAGE + 1
    )
    here = f"/c/{office.site.slug}/office/bank"
    rows = [
        Row(
            no,
            item,
            f"{here}/line?{urlencode({'account': item.line.bank_account, 'key': item.line.line_key}, quote_via=quote)}",
        )
        for no, item in enumerate(found[:_A_PAGE], start=1)
    ]
    older = ""
    if len(found) > _A_PAGE:
        last = "\t".join(map(str, found[_A_PAGE - 1].line.place))
        older = f"{here}/lines?{urlencode({'account': account, 'after': last}, quote_via=quote)}"
    status = 422 if more else 200
    return office.page(
        "office/bank_lines.html",
        status=status,
        rows=rows,
        account=account,
        accounts=bank_overview(office.conn, office.trust_id, office.act.today),
        older=older,
        after=after,
        others=_OTHERS,
        **more,
    )


def _place(text: str) -> tuple[str, str, int, str] | None:
    parts = text.split("\t")
    if len(parts) != 4 or not parts[2].isdecimal() or len(parts[2]) > 9:
        return None
    return (parts[0], parts[1], int(parts[2]), parts[3])


@post("/c/{slug:str}/office/bank/lines", sync_to_thread=True, action="bank.match")
def accept_chosen(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Take the ticked lines with the choice made for each: one piece of work, waiting for review."""
    form = Form(data)
    account = form.text("account", "账户", required=False)
    picks = [_pick(form, no) for no in dict.fromkeys(form.texts("take"))]
    form.finish()
    with acting(request, slug, subject=f"{len(picks)} lines") as office:
        done = accept(office.conn, office.trust_id, picks, office.actor, office.act)
        said = f"已核对 {done.confirmed} 条流水到原有凭证" if done.confirmed else ""
        if done.prepared is None:
            back = f"/c/{slug}/office/bank/lines?{urlencode({'account': account}, quote_via=quote)}"
            return office.done(back, said)
        told = f"已制成第 {done.prepared.no} 号单据，含 {done.entries} 张凭证，等待审核"
        return office.done(
            f"/c/{slug}/office/work-items/{done.prepared.no}", "；".join(filter(None, (told, said)))
        )


def _pick(form: Form, no: str) -> Pick:
    account, _, key = form.text(f"line_{no}", "流水", longest=1_000).partition("\t")
    choice = form.text(f"choice_{no}", f"第 {no} 条的建议")
    if not key:
        raise refuse("bad_line", "页面已过期，请刷新后再选", "流水")
    return Pick(account, key, choice)


HANDLERS = [overview, lines, accept_chosen]

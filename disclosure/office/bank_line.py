"""One bank line booked by a person's own choice: the business, the accounts, what they are about."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.draft_view import REFERENCE_NAMES
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.bank.accepting import book_by_hand, takeable
from ledger.bank.lines import OpenLine
from ledger.bank.suggesting import choices_for, learn_about
from ledger.errors import Refused
from ledger.events import DOCUMENT_KINDS, Event, load_events
from ledger.journal.draft import Document, Line
from ledger.journal.rules import DIMENSION_NAMES
from ledger.money import format_yuan
from ledger.store.tables import DIMENSIONS

ROWS = 4
_BANK_PAPERS = {"bank_line", "channel_line"}


def fitting_events(line: OpenLine) -> dict[str, Event]:
    """Businesses that move money the way this line does, on its account."""
    side = "D" if line.amount > 0 else "C"
    return {
        id_: event
        for id_, event in load_events().items()
        if not (event.correction or event.closing or event.opening or event.cross_fund)
        and line.book in event.books
        and any(p.matches(side, line.account) for p in event.lines)
    }


@get("/c/{slug:str}/office/bank/line", sync_to_thread=True, action="bank.match")
def line_page(request: Req, slug: FromPath[str]) -> Answer:
    """The line, what the system would propose, and the form for anything else."""
    key = (request.query_params.get("account", ""), request.query_params.get("key", ""))
    with reading_office(request, slug) as office:
        (line,) = takeable(office.conn, office.trust_id, [key])
        return _page(office, line, request.query_params.get("event", ""), {"amount_1": _plain(line)})


def _plain(line: OpenLine) -> str:
    return format_yuan(abs(line.amount)).replace(",", "")


def _page(
    office: Office, line: OpenLine, chosen: str, values: dict[str, Any], problems: tuple[Any, ...] = ()
) -> Answer:
    events = fitting_events(line)
    event = events.get(chosen)
    chart, side = office.setup.chart, "C" if line.amount > 0 else "D"
    accounts = [
        account
        for account in (chart.of_book(line.book) if event else ())
        if account.leaf and account.closed_on is None and line.fund in account.funds
        and account.code != line.account
        and event and any(p.matches(side, account.code) or p.matches("D", account.code) for p in event.lines)
    ]  # fmt: skip
    dimensions = [name for name in DIMENSIONS if name != "counter_fund" and any(name in a.dimensions for a in accounts)]  # fmt: skip
    known = learn_about(office.conn, office.trust_id, [line], office.act)
    return office.page(
        "office/bank_line.html",
        status=422 if problems else 200,
        line=line,
        choices=choices_for(known, line),
        events=list(events.values()),
        event=event,
        again=urlencode({"account": line.bank_account, "key": line.line_key}),
        accounts=[(a.code, f"{a.code} {a.name}") for a in accounts],
        dimensions=[(name, DIMENSION_NAMES[name], _values(office, name)) for name in dimensions],
        papers=_papers(event),
        references=_references(event),
        rows=range(1, ROWS + 1),
        values=values,
        problems=problems,
    )


def _values(office: Office, dimension: str) -> list[tuple[str, str]]:
    return [
        (code, f"{code} {value.name}" if value.name != code else code)
        for (of, code), value in sorted(office.setup.values.items())
        if of == dimension and value.closed_on is None
    ]


def _papers(event: Event | None) -> list[tuple[str, str]]:
    """Source documents the business needs besides the bank line."""
    groups = event.documents or () if event else ()
    return [
        (group[0], "或".join(DOCUMENT_KINDS[k] for k in group))
        for group in groups
        if not _BANK_PAPERS & set(group)
    ]


def _references(event: Event | None) -> list[tuple[str, str]]:
    gates = event.gates if event else ()
    return [
        (gate.subject, REFERENCE_NAMES.get(gate.subject, gate.subject))
        for gate in gates
        if gate.kind in ("reference", "resolution", "budget_line") and gate.name != "co_sign"
    ]


@post("/c/{slug:str}/office/bank/line", sync_to_thread=True, action="bank.match")
def book_line(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Hand the entry in for review; on a mistake, the form again with what was typed."""
    form = Form(data)
    key = (form.text("account", "账户"), form.text("key", "流水", longest=500))
    try:
        with acting(request, slug, subject=key[0]) as office:
            (line,) = takeable(office.conn, office.trust_id, [key])
            event = form.choice("event", "业务", fitting_events(line))
            others = [other for no in range(1, ROWS + 1) if (other := _other(form, no, line)) is not None]
            papers = [
                Document(kind, number=form.text(f"paper_{kind}", title, required=False))
                for kind, title in _papers(load_events().get(event))
            ]
            references = {
                name: ref
                for name, title in _references(load_events().get(event))
                if (ref := form.text(f"ref_{name}", title, required=False))
            }
            summary = form.text("summary", "摘要")
            memo = form.text("memo", "内部备注", required=False, longest=500)
            form.finish()
            prepared = book_by_hand(
                office.conn,
                office.trust_id,
                key,
                office.actor,
                office.act,
                event=event,
                summary=summary,
                others=others,
                documents=papers,
                references=references,
                named=form.flag("named"),
                memo=memo,
            )
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            (line,) = takeable(office.conn, office.trust_id, [key])
            return _page(office, line, str(data.get("event", "")), dict(data), error.problems)


def _other(form: Form, no: int, line: OpenLine) -> Line | None:
    where = f"第 {no} 行"
    account = form.text(f"account_{no}", where, required=False).split(" ", 1)[0]
    if not account:
        return None
    amount = form.money(f"amount_{no}", f"{where}金额")
    dims = {name: form.text(f"{name}_{no}", where, required=False).split(" ", 1)[0] for name in DIMENSIONS}
    less = form.flag(f"less_{no}")
    side = "C" if (line.amount > 0) != less else "D"
    return Line(account, line.fund, side, amount, **dims)  # type: ignore[arg-type]


HANDLERS = [line_page, book_line]

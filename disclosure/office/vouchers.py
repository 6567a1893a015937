"""Any business event as a form (制单): accounts, funds, amounts, what they are about, papers and references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.budget_picker import budget_choices
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.draft_view import REFERENCE_NAMES
from disclosure.office.forms import Form, FormFiles
from disclosure.public.answers import Answer, Req
from ledger.chart import FUNDS
from ledger.errors import Refused
from ledger.events import DOCUMENT_KINDS, Event, load_events
from ledger.journal import Document, Draft, Line
from ledger.journal.rules import DIMENSION_NAMES
from ledger.money import parse_yuan
from ledger.store.tables import DIMENSIONS
from ledger.trust.setup import Setup
from ledger.work import Work, prepare

_ROWS, _MOST_ROWS = 6, 60
NAMED = ("reference", "resolution", "budget_line")
"""Kinds of gates that ask for a reference to be typed."""
_SIDES = {"D": "借", "C": "贷"}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers."""

    accounts: list[tuple[str, str]]
    funds: list[tuple[str, str]]
    dimensions: list[tuple[str, str, list[tuple[str, str]]]]
    references: list[tuple[str, str]]


def usable_events() -> dict[str, Event]:
    """Events a person may choose; corrections and closings have pages of their own."""
    return {id_: event for id_, event in load_events().items() if not event.correction and not event.closing}


def _choices(setup: Setup, event: Event, book: str) -> Choices:
    accounts = [
        account
        for account in setup.chart.of_book(book)
        if account.leaf and account.closed_on is None
        and any(p.matches("D", account.code) or p.matches("C", account.code) for p in event.lines)
    ]  # fmt: skip
    used = [name for name in DIMENSIONS if any(name in account.dimensions for account in accounts)]
    gates = [gate.subject for gate in event.gates if gate.kind in NAMED and gate.name != "co_sign"]
    return Choices(
        accounts=[(account.code, f"{account.code} {account.name}") for account in accounts],
        funds=[(code, fund.name) for code, fund in FUNDS.items() if fund.book == book],
        dimensions=[(name, DIMENSION_NAMES[name], _values(setup, name)) for name in used],
        references=[(name, REFERENCE_NAMES.get(name, name)) for name in gates],
    )


def _values(setup: Setup, dimension: str) -> list[tuple[str, str]]:
    return [
        (code, f"{code} {value.name}" if value.name != code else code)
        for (of, code), value in sorted(setup.values.items())
        if of == dimension and value.closed_on is None
    ]


@get("/c/{slug:str}/office/vouchers/new", sync_to_thread=True, action="work.prepare")
def new_voucher(request: Req, slug: FromPath[str]) -> Answer:
    """Choose an event; then its form."""
    id_ = request.query_params.get("event", "")
    with reading_office(request, slug) as office:
        event = usable_events().get(id_)
        if event is None:
            return office.page("office/voucher_events.html", events=list(usable_events().values()))
        book = request.query_params.get("book", "")
        values: dict[str, Any] = {
            "date": office.act.today.isoformat(),
            "book": book if book and book in event.books else event.books[0],
            "rows": _wanted_rows(request.query_params.get("rows", "")),
        }
        return _form_page(office, event, values, ())


def _wanted_rows(text: str) -> int:
    return min(int(text), _MOST_ROWS) if text.isdecimal() and len(text) < 4 else _ROWS


def _form_page(
    office: Office, event: Event, values: dict[str, Any], problems: tuple[Any, ...], status: int = 200
) -> Answer:
    wanted = [[DOCUMENT_KINDS[kind] for kind in group] for group in event.documents or ()]
    return office.page(
        "office/voucher.html",
        status=status,
        event=event,
        choices=_choices(office.setup, event, values["book"]),
        budget_lines=budget_choices(office) if any(g.kind == "budget_line" for g in event.gates) else [],
        wanted="；".join("或".join(group) for group in wanted)
        or ("任一原始凭证" if event.documents is None else "不需要"),
        gates=[
            gate
            for gate in event.gates
            if gate.name != "co_sign" and (not gate.when or office.setup.setting(gate.when, office.act.today))
        ],
        values=values,
        rows=range(1, values["rows"] + 1),
        picker=document_picker(office, preset=tuple(group[0] for group in event.documents or ())),
        sides=list(_SIDES.items()),
        problems=problems,
    )


@post(
    "/c/{slug:str}/office/vouchers/new",
    sync_to_thread=True,
    action="work.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def prepare_voucher(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Hand the voucher in for review; on a mistake, the form again with what was typed."""
    try:
        with acting(request, slug, subject=str(data.get("summary", ""))[:60]) as office:
            form = Form(data)
            papers = documents_from_form(office, form)
            work = voucher_work(form, papers, key=f"voucher:{office.act.entropy(12).hex()}")
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        event = usable_events().get(str(data.get("event", "")))
        if event is None:
            raise
        with reading_office(request, slug) as office:
            values = dict(data) | {"rows": _wanted_rows(str(data.get("rows", "")))}
            if values.get("book") not in tuple(event.books):
                values["book"] = event.books[0]
            return _form_page(office, event, values, error.problems, status=422)


def voucher_work(form: Form, papers: tuple[Document, ...], *, key: str) -> Work:
    """The typed voucher as work. Raises :class:`~ledger.errors.Refused` naming rows and fields."""
    event = form.choice("event", "业务", {id_: event.name for id_, event in usable_events().items()})
    book = form.choice("book", "账套", ("A", "M"))
    day = form.day("date", "业务日期")
    summary = form.text("summary", "摘要")
    rows = form.whole("rows", "行数", least=2, most=_MOST_ROWS)
    lines = tuple(line for no in range(1, rows + 1) if (line := _line(form, no)) is not None)
    if not lines:
        form.problem("no_lines", "请至少填写一借一贷两行", "分录")
    references = {
        name: ref for name in REFERENCE_NAMES if (ref := form.text(f"ref_{name}", "依据", required=False))
    }
    counterparty = form.text("counterparty", "对方", required=False)
    memo = form.text("memo", "内部备注", required=False, longest=500)
    form.finish()
    draft = Draft(
        book=book,  # type: ignore[arg-type]
        date=day,  # type: ignore[arg-type]
        event=event,
        summary=summary,
        lines=lines,
        preparer="",
        reviewer="",
        key=key,
        documents=papers,
        references=references,
        counterparty=counterparty,
        counterparty_public=form.flag("counterparty_public"),
        memo=memo,
    )
    return Work(kind="voucher", title=summary, drafts=(draft,))


def _line(form: Form, no: int) -> Line | None:
    where = f"第 {no} 行"
    account = _code(form, f"account_{no}", where)
    typed = form.text(f"amount_{no}", where, required=False)
    dims = {name: _code(form, f"{name}_{no}", where) for name in DIMENSIONS}
    if not account and not typed and not any(dims.values()):
        return None
    side = form.choice(f"side_{no}", where, _SIDES)
    fund = form.choice(f"fund_{no}", where, FUNDS)
    if not account:
        form.problem("missing", "请选择科目", where)
    try:
        amount = parse_yuan(typed)
    except ValueError as error:
        form.problem("bad_amount", str(error), where)
        amount = 0
    return Line(account, fund, side, amount, **dims)  # type: ignore[arg-type]


def _code(form: Form, name: str, where: str) -> str:
    """A code, alone or with its name after it, as the browser's suggestions give it."""
    text = form.text(name, where, required=False)
    return text.split(" ", 1)[0]


HANDLERS = [new_voucher, prepare_voucher]

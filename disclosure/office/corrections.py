"""Entries in the office: finding one, all there is to know of it, and putting it right in two clicks."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.books.asked import month_text
from disclosure.books.vouchers import paper_voucher
from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.amend_form import amend_choices, prefilled, read_amendment, too_many_households
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.draft_view import REFERENCE_NAMES, draft_view, local_time
from disclosure.office.entry_search import entry_rows, read_search, search_choices
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.public.answers import Answer, Req
from ledger.books import Dossier, changes, dossier, manner, search_entries
from ledger.errors import Refused
from ledger.journal import Draft
from ledger.journal.rules import DIMENSION_NAMES
from ledger.money import format_yuan
from ledger.periods.calendar import period_of
from ledger.work import Work, prepare

_MANNERS = {
    "prior_year": "原凭证是以前年度的：将按以前年度更正入账，收入、支出的差额经“3201 以前年度结余调整”。",
    "difference": "科目没有变，只有金额变：将按差额补充登记，调增用蓝字、调减用红字。",
    "red_and_blue": "科目、方向或辅助核算有变：将先红字冲销原凭证，再用蓝字登记正确的凭证。",
}


@get("/c/{slug:str}/office/entries", sync_to_thread=True, action="entry.read")
def entries(request: Req, slug: FromPath[str]) -> Answer:
    """All entries, found by what the address says."""
    with reading_office(request, slug) as office:
        asked = read_search(dict(request.query_params.items()))
        found = search_entries(office.conn, office.trust_id, asked.wanted, before=asked.before)
        return office.page(
            "office/corrections_entries.html",
            asked=asked,
            rows=entry_rows(found.vouchers),
            next=asked.address(found.next) if found.next else "",
            choices=search_choices(office.setup),
        )


@get("/c/{slug:str}/office/entries/{ref:str}", sync_to_thread=True, action="entry.read")
def entry_page(request: Req, slug: FromPath[str], ref: FromPath[str]) -> Answer:
    """One entry in full, private fields included."""
    with reading_office(request, slug) as office:
        found = dossier(office.conn, office.trust_id, ref)
        return office.page("office/corrections_entry.html", **_entry_values(office, found))


def _entry_values(office: Office, found: Dossier) -> dict[str, Any]:
    item = found.voucher
    settled = bool(item.reverses or item.reversed_by)
    month = month_text(period_of(item.date))
    return {
        "item": paper_voucher(item, found.signatures),
        "voucher": item,
        "posted_at": local_time(item.posted_at),
        "work": found.signatures.work,
        "bank_lines": [(line, format_yuan(line.amount)) for line in found.bank_lines],
        "units": [
            (f"{line.account} {office.setup.chart[item.book, line.account].name}",
             [(d.unit, format_yuan(d.amount), d.basis) for d in line.details])
            for line in found.draft.lines if line.details
        ],
        "print": f"book={item.book}&from={month}&to={month}&first_no={item.number}&last_no={item.number}",
        "can_correct": office.actor.may("entry.correct") and not settled,
        "documents": [(*named, found.uploads.get(named[1].original)) for named in item.documents],
        "references": [(REFERENCE_NAMES.get(kind, "其他依据"), ref) for kind, ref in item.references.items()],
        "same_year": item.date.year == office.act.today.year,
        "today": office.act.today.isoformat(),
    }  # fmt: skip


@post("/c/{slug:str}/office/entries/{ref:str}/reverse", sync_to_thread=True, action="entry.correct")
def reverse_entry(request: Req, slug: FromPath[str], ref: FromPath[str], data: FormData) -> Answer:
    """Hand in a red-letter entry for review."""
    with acting(request, slug, subject=ref) as office:
        form = Form(data)
        reason = form.text("reason", "冲销原因", longest=100)
        on = form.day("on", "冲销日期")
        form.finish()
        work = Work(kind="reversal", title=f"红字冲销 {ref}：{reason}", reverses=ref, on=on, reason=reason)
        prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
        return office.done(f"/c/{slug}/office/work-items/{prepared.no}", "已制成红字冲销单据，等待审核")


@get("/c/{slug:str}/office/entries/{ref:str}/amend", sync_to_thread=True, action="entry.correct")
def amend_page(request: Req, slug: FromPath[str], ref: FromPath[str]) -> Answer:
    """The form, filled in with the original."""
    with reading_office(request, slug) as office:
        found = dossier(office.conn, office.trust_id, ref)
        return _amend_page(office, found, prefilled(found.draft, office.act.today))


@post(
    "/c/{slug:str}/office/entries/{ref:str}/amend",
    sync_to_thread=True,
    action="entry.correct",
    request_max_body_size=UPLOAD_LIMIT,
)
def amend_entry(request: Req, slug: FromPath[str], ref: FromPath[str], data: FormFiles) -> Answer:
    """Show the difference, or hand the amendment in for review; on a mistake, the form again."""
    try:
        if data.get("step") == "preview":
            with reading_office(request, slug) as office:
                found = dossier(office.conn, office.trust_id, ref)
                corrected = read_amendment(Form(data), found.draft, key="preview")
                return _amend_page(office, found, dict(data), corrected=corrected)
        with acting(request, slug, subject=ref) as office:
            found = dossier(office.conn, office.trust_id, ref)
            key = f"amend:{ref}:{office.act.entropy(8).hex()}"
            form = Form(data)
            papers = documents_from_form(office, form)
            corrected = read_amendment(form, found.draft, papers, key=key)
            work = Work(
                kind="amendment", title=f"订正 {ref}：{corrected.summary}", amends=ref, drafts=(corrected,)
            )
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            return office.done(f"/c/{slug}/office/work-items/{prepared.no}", "已制成订正单据，等待审核")
    except Refused as error:
        with reading_office(request, slug) as office:
            found = dossier(office.conn, office.trust_id, ref)
            return _amend_page(office, found, dict(data), problems=error.problems)


def _amend_page(
    office: Office,
    found: Dossier,
    values: dict[str, Any],
    *,
    corrected: Draft | None = None,
    problems: tuple[Any, ...] = (),
) -> Answer:
    shown = []
    if corrected is not None:
        shown = [_change(office, found.draft, item) for item in changes(found.draft, corrected)]
    return office.page(
        "office/corrections_amend.html",
        status=422 if problems else 200,
        ref=found.voucher.ref,
        original=draft_view(office.setup, found.draft),
        too_many=too_many_households(found.draft),
        choices=amend_choices(office.setup, found.draft, values),
        picker=document_picker(office, rows=2),
        values=values,
        changes=shown,
        manner=_MANNERS[manner(found.draft, corrected)] if corrected is not None else "",
        problems=problems,
    )


def _change(office: Office, original: Draft, item: Any) -> tuple[str, str, str, str, str, bool]:
    """A line of the comparison: what, about, before, after, change, whether it goes down."""
    line = item.line
    name = f"{'借' if line.side == 'D' else '贷'} {line.account}"
    account = office.setup.chart.get(original.book, line.account)
    about = "，".join(f"{DIMENSION_NAMES[k]} {v}" for k, v in line.dimensions().items())
    texts = ["—" if amount is None else format_yuan(amount) for amount in (item.before, item.after)]
    return (
        f"{name} {account.name if account else ''}",
        about,
        *texts,
        format_yuan(item.change),
        item.change < 0,
    )


HANDLERS = [entries, entry_page, reverse_entry, amend_page, amend_entry]

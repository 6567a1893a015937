"""Books of account on screen and as files: what is asked for stands in the address."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from typing import IO, Any

from litestar import Response, get
from litestar.params import FromPath
from sqlalchemy import Engine

from disclosure.books.accounts import subsidiary_table
from disclosure.books.asked import Asked, place_text, read_asked, read_place
from disclosure.books.build import Request, bank_scope, build_report, scope_words
from disclosure.books.files import FORMATS, write_file
from disclosure.books.kinds import KINDS, BookKind, FormatName
from disclosure.books.shown import shown_table
from disclosure.books.vouchers import paper_voucher
from disclosure.office.acting import PRIVATE, Office, reading_office
from disclosure.office.book_forms import book_form
from disclosure.office.draft_view import local_time
from disclosure.public.answers import Answer, Req
from disclosure.public.audit import ZIP
from disclosure.public.downloads import Download
from ledger.books import (
    Signatures,
    View,
    VoucherRange,
    buildings,
    ledger_page,
    signatures_of,
    view_of,
    voucher_page,
)
from ledger.errors import Refused, Unanswerable
from ledger.export.audit import CAVEAT, audit_years, audit_zip, open_scope
from ledger.people.audit import audit
from ledger.store.engine import reading, writing

_LINES, _VOUCHERS, _PIECE = 100, 20, 64 * 1024


@get("/c/{slug:str}/office/books", sync_to_thread=True, action="books.read")
def book_list(request: Req, slug: FromPath[str]) -> Answer:
    """All books with what each is for."""
    with reading_office(request, slug) as office:
        years = audit_years(office.site.opened_on, office.act.today)
        return office.page("office/books.html", kinds=list(KINDS.values()), years=years, caveat=CAVEAT)


@get("/c/{slug:str}/office/books/{kind:str}", sync_to_thread=True, action="books.read")
def book_page(request: Req, slug: FromPath[str], kind: FromPath[str]) -> Answer:
    """One book: a form, and the book itself below it."""
    book = _kind(kind)
    with reading_office(request, slug) as office:
        query = dict(request.query_params.items())
        try:
            asked = _asked(office, book, query)
        except Refused as error:
            asked = _asked(office, book, {})
            return _page(office, book, asked, {"problems": error.problems}, status=422)
        try:
            return _page(office, book, asked, _content(office, book, asked))
        except Unanswerable as error:
            typed = bool(request.url.query)
            return _page(
                office, book, asked, {"problems": [error] if typed else []}, status=404 if typed else 200
            )


@get("/c/{slug:str}/office/books/{kind:str}/{file_format:str}", sync_to_thread=True, action="books.print")
def book_file(
    request: Req, slug: FromPath[str], kind: FromPath[str], file_format: FromPath[str]
) -> Response[Any]:
    """The book as a file: XLSX, PDF or CSV. Who took it is noted, since it holds private data."""
    book = _kind(kind)
    if file_format not in FORMATS:
        raise Unanswerable("unknown_format", "没有这种文件格式，可选 XLSX、PDF、CSV")
    wanted: FormatName = file_format
    with reading_office(request, slug) as office:
        asked = _asked(office, book, dict(request.query_params.items()))
        file = tempfile.TemporaryFile()  # noqa: SIM115 -- closed when the last piece is sent
        try:
            write_file(_request(office, asked), book.name, wanted, office.services.pages, file)
        except BaseException:
            file.close()
            raise
        with writing(office.services.engine) as conn:
            subject = f"{book.name}.{wanted} {asked.address()}"
            audit(conn, office.trust_id, office.actor, "books.print", subject, office.act)
    name = f"{slug}-{book.name}-{asked.fields['from']}-{asked.fields['to']}.{wanted}"
    headers = {"content-disposition": f'attachment; filename="{name}"', **PRIVATE}
    return Download(_pieces(file), media_type=FORMATS[wanted], headers=headers)


@get("/c/{slug:str}/office/audit-data/{name:str}", sync_to_thread=True, action="books.print")
def audit_file(request: Req, slug: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """A year for auditors with what is not public, as ``2025.zip``. Who took it is noted."""
    year = name.removesuffix(".zip")
    if not (year.isascii() and year.isdecimal() and len(year) == 4 and name.endswith(".zip")):
        raise Unanswerable("unknown_year", "没有这个文件，请从“账簿”页面选择年度")
    with reading_office(request, slug) as office:
        today = office.act.today
        open_scope(office.conn, office.trust_id, int(year), today=today, full=True)  # or refuses
        with writing(office.services.engine) as conn:
            audit(conn, office.trust_id, office.actor, "books.print", f"audit.{year}", office.act)
        engine, trust_id = office.services.engine, office.trust_id
    headers = {"content-disposition": f'attachment; filename="{slug}-audit-full-{year}.zip"', **PRIVATE}
    return Download(_audit_pieces(engine, trust_id, int(year), today), media_type=ZIP, headers=headers)


def _audit_pieces(engine: Engine, trust_id: int, year: int, today: date) -> Iterator[bytes]:
    with reading(engine) as conn:
        yield from audit_zip(open_scope(conn, trust_id, year, today=today, full=True))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _kind(name: str) -> BookKind:
    if name not in KINDS:
        raise Unanswerable("unknown_book", "没有这种账簿，请从“账簿”页面选择")
    return KINDS[name]


def _asked(office: Office, book: BookKind, query: dict[str, str]) -> Asked:
    if book.only:
        query = {**query, "book": book.only}
    return read_asked(
        query, today=office.act.today, opened_on=office.site.opened_on, whole_year=book.whole_year
    )


def _request(office: Office, asked: Asked) -> Request:
    return Request(
        conn=office.conn,
        view=_view(office, asked),
        asked=asked,
        community=office.site.name,
        trustee=office.site.trustee,
        printed_by=office.actor.signature,
        printed_at=local_time(office.act.now),
    )


def _view(office: Office, asked: Asked) -> View:
    return view_of(office.conn, office.trust_id, asked.book, asked.span, today=office.act.today)


def _page(office: Office, book: BookKind, asked: Asked, content: dict[str, Any], status: int = 200) -> Answer:
    shown: dict[str, Any] = {
        "problems": [],
        "tables": [],
        "vouchers": [],
        "notes": (),
        "next": "",
        "ready": False,
    }
    return office.page(
        "office/books_show.html",
        status=status,
        book=book,
        form=book_form(office.conn, office.setup, book, asked),
        address=asked.address(),
        **{**shown, "asked": asked, **content},
    )


def _content(office: Office, book: BookKind, asked: Asked) -> dict[str, Any]:
    """What the page shows below the form."""
    match book.name:
        case "ledger" | "cash":
            return _account_content(office, book, asked)
        case "vouchers":
            return _voucher_content(office, asked)
        case "households" if not asked.building:
            asked = _first_building(office, asked)
    report = build_report(book.name, _request(office, asked))
    tables = [shown_table(table) for table in report.tables]
    return {"tables": tables, "notes": report.notes, "asked": asked, "ready": True}


def _account_content(office: Office, book: BookKind, asked: Asked) -> dict[str, Any]:
    view = _view(office, asked)
    if book.name == "cash":
        scope = bank_scope(office.conn, view, asked.bank_account)
    elif asked.account:
        scope = asked.scope
    else:
        raise Unanswerable("no_account", "请先选择科目，再点“查看”")
    page = ledger_page(office.conn, view, scope, after=read_place(asked.after), limit=_LINES)
    title, facts = scope_words(office.setup, asked.book, scope)
    following = asked.address(after=place_text(page.next)) if page.next else ""
    return {
        "tables": [shown_table(subsidiary_table(title, facts, page.rows))],
        "next": following,
        "ready": True,
    }


def _voucher_content(office: Office, asked: Asked) -> dict[str, Any]:
    wanted = VoucherRange(asked.first_no, asked.last_no)
    after = int(asked.after[:18]) if asked.after.isascii() and asked.after.isdecimal() else None
    page = voucher_page(office.conn, _view(office, asked), wanted, after=after, limit=_VOUCHERS)
    signed = signatures_of(office.conn, office.trust_id, [item.seq for item in page.vouchers])
    views = [paper_voucher(item, signed.get(item.seq, Signatures())) for item in page.vouchers]
    following = asked.address(after=str(page.next)) if page.next is not None else ""
    notes = () if views else ("这个范围里没有凭证。",)
    return {"vouchers": views, "next": following, "notes": notes, "ready": bool(views)}


def _first_building(office: Office, asked: Asked) -> Asked:
    """On screen one building at a time; files have them all."""
    known = buildings(office.conn, office.trust_id)
    if not known:
        raise Unanswerable("no_units", "还没有登记房屋，请先在“房屋”页面登记")
    query = {**asked.fields, "building": known[0]}
    return read_asked(query, today=office.act.today, opened_on=office.site.opened_on)


HANDLERS = [book_list, book_page, book_file, audit_file]

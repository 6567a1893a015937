"""Importing a statement: upload, see what it holds, confirm. Nothing is written to the books before that.

The uploaded bytes are kept as an internal document by their hash, so that what is confirmed is what was seen.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.public.answers import Answer, Req
from ledger.bank import StatementError
from ledger.bank.importing import import_statement
from ledger.bank.overview import bank_overview, imported_files
from ledger.bank.preview import preview_statement
from ledger.bank.read import shown_name
from ledger.bank.saved_formats import format_name, formats_of
from ledger.bank.statement import UnknownHeaderError
from ledger.bank.table import MAX_BYTES
from ledger.documents import INTERNAL, read_document
from ledger.documents.store import keep
from ledger.errors import Problem, Refused, Unanswerable, refuse

_FORM = 64 * 1024
_SHOWN = 12
_PROBLEMS = 30
_TYPES = {
    b"\xd0\xcf\x11\xe0": "application/vnd.ms-excel",
    b"PK\x03\x04": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@get("/c/{slug:str}/office/bank/import", sync_to_thread=True, action="bank.import")
def upload_page(request: Req, slug: FromPath[str]) -> Answer:
    """Choose an account and a file; below, the files imported last."""
    with reading_office(request, slug) as office:
        formats = formats_of(office.conn, office.trust_id)
        files = imported_files(office.conn, office.trust_id)
        return office.page(
            "office/bank_import.html",
            accounts=bank_overview(office.conn, office.trust_id, office.act.today),
            asked=request.query_params.get("account", ""),
            formats=sorted({form.name for form in formats}),
            files=[(item, local_time(item.at), format_name(item.format, formats)) for item in files],
        )


@post(
    "/c/{slug:str}/office/bank/import",
    sync_to_thread=True,
    action="bank.import",
    request_max_body_size=MAX_BYTES + _FORM,
)
def upload(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Keep the file and go on to what it holds."""
    form = Form(data)
    account = form.text("account", "账户")
    file = form.upload("file", "流水文件")
    form.finish()
    content = file.file.read(MAX_BYTES + 1) if file else b""
    name = shown_name(file.filename if file else "")
    with acting(request, slug, subject=account) as office:
        if not content or len(content) > MAX_BYTES:
            raise refuse("statement_size", f"文件是空的，或超过 {MAX_BYTES // 1024 // 1024} MB", name)
        digest = keep(
            office.conn,
            office.trust_id,
            office.services.config.documents_dir,
            content,
            _TYPES.get(content[:4], "application/xml" if content.lstrip()[:1] == b"<" else "text/csv"),
            INTERNAL,
            office.act,
        )
        asked = urlencode({"account": account, "filename": name}, quote_via=quote)
        return office.done(f"/c/{slug}/office/bank/import/{digest}?{asked}", "")


@get("/c/{slug:str}/office/bank/import/{digest:str}", sync_to_thread=True, action="bank.import")
def preview(request: Req, slug: FromPath[str], digest: FromPath[str]) -> Answer:
    """What the file holds, or every reason why it cannot be read."""
    account = request.query_params.get("account", "")
    name = shown_name(request.query_params.get("filename", ""))
    with reading_office(request, slug) as office:
        try:
            found = preview_statement(office.conn, office.trust_id, account, kept_file(office, digest), name)
        except StatementError as error:
            return _unreadable(office, error, digest, account, name)
        return office.page(
            "office/bank_preview.html",
            found=found,
            first=found.lines[: _SHOWN // 2],
            rest=found.lines[max(_SHOWN // 2, len(found.lines) - _SHOWN // 2) :],
            digest=digest,
            account=account,
            filename=name,
            waived=[str(problem) for problem in found.waived[:_PROBLEMS]],
            skipped=[str(problem) for problem in found.skipped[:_PROBLEMS]],
        )


def _unreadable(office: Office, error: StatementError, digest: str, account: str, name: str) -> Answer:
    return office.page(
        "office/bank_unreadable.html",
        status=422,
        problems=statement_problems(error)[:_PROBLEMS],
        count=len(error.problems),
        can_map=isinstance(error, UnknownHeaderError),
        digest=digest,
        account=account,
        filename=name,
    )


@post("/c/{slug:str}/office/bank/import/{digest:str}", sync_to_thread=True, action="bank.import")
def confirm(request: Req, slug: FromPath[str], digest: FromPath[str], data: FormData) -> Answer:
    """Write the new lines, whole or not at all."""
    form = Form(data)
    account = form.text("account", "账户")
    name = shown_name(form.text("filename", "文件名", longest=300))
    waive = form.flag("waive")
    reason = form.text("reason", "不校验余额的原因", required=waive)
    form.finish()
    with acting(request, slug, subject=f"{account} {digest[:12]}") as office:
        try:
            done = import_statement(
                office.conn,
                office.trust_id,
                account,
                kept_file(office, digest),
                name,
                by=office.actor.signature,
                act=office.act,
                accept_unverified_balance=waive,
                reason=reason,
            )
        except StatementError as error:
            return _unreadable(office, error, digest, account, name)
        said = f"新增 {done.new} 条流水（文件共 {done.lines} 条）"
        if done.confirmed:
            said += f"，其中 {done.confirmed} 条已核对到原有的收付凭证"
        return office.done(
            f"/c/{slug}/office/bank/lines?{urlencode({'account': account}, quote_via=quote)}", said
        )


def kept_file(office: Office, digest: str) -> bytes:
    """The uploaded bytes. Raises :class:`~ledger.errors.Refused` if they are not there."""
    try:
        data, _ = read_document(
            office.conn, office.trust_id, office.services.config.documents_dir, digest, (INTERNAL,)
        )
    except Unanswerable as error:
        raise Refused([Problem("no_upload", "没有找到上传的文件，请重新上传", "流水文件")]) from error
    return data


def statement_problems(error: StatementError) -> list[Problem]:
    """The reasons of a refused file as a page lists them."""
    return [Problem("statement", str(problem)) for problem in error.problems]


HANDLERS = [upload_page, upload, preview, confirm]

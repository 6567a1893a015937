"""Pages of papers (附件): hand in, look at, black out for others, take back."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE, Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData, FormFiles, place_number
from disclosure.office.uploads import upload_of, uploads_of
from disclosure.public.answers import Answer, Req
from disclosure.public.document_files import file_headers
from ledger.documents.blobs import read_blob
from ledger.documents.kinds import JPEG, PDF, PICTURES, SUFFIXES
from ledger.documents.pdf_pages import count_pages, page_picture
from ledger.documents.pictures import Box, open_picture, write_picture
from ledger.documents.read import UploadFile, entries_with, list_shown
from ledger.documents.store import ACCESS_NAMES, INTERNAL, OWNERS, PUBLIC, read_document
from ledger.documents.upload import MAX_BOXES, Paper, draw_copy, keep_copy, take_back
from ledger.errors import Problem, Refused, Unanswerable, refuse
from ledger.events import DOCUMENT_KINDS
from ledger.invoices import hand_in, readings_of

__all__ = ["HANDLERS", "document_picker", "documents_from_form"]

_A_PAGE = 50
_LOOKED_AT = 1_600
"""Longest side of the picture one draws on, in pixels."""


@get("/c/{slug:str}/office/documents", sync_to_thread=True, action="document.read")
def documents(request: Req, slug: FromPath[str]) -> Answer:
    """Papers handed in, newest first, by kind."""
    asked = {name: request.query_params.get(name, "") for name in ("kind", "before")}
    before = place_number(asked["before"])
    with reading_office(request, slug) as office:
        items = uploads_of(office, kind=asked["kind"], before=before, limit=_A_PAGE + 1)
        more = len(items) > _A_PAGE
        older = urlencode(asked | {"before": items[_A_PAGE - 1].no}) if more else ""
        return office.page(
            "office/documents.html",
            items=items[:_A_PAGE],
            older=older,
            asked=asked,
            kinds=list(DOCUMENT_KINDS.items()),
            when=local_time,
            may_upload=office.actor.may("document.upload"),
        )


@get("/c/{slug:str}/office/documents/new", sync_to_thread=True, action="document.upload")
def new_document(request: Req, slug: FromPath[str]) -> Answer:
    """The form to hand a paper in."""
    with reading_office(request, slug) as office:
        return _upload_page(office, {"kind": request.query_params.get("kind", ""), "access": INTERNAL}, ())


def _upload_page(
    office: Office, values: dict[str, object], problems: tuple[Problem, ...], status: int = 200
) -> Answer:
    return office.page(
        "office/documents_new.html",
        status=status,
        values=values,
        problems=problems,
        kinds=list(DOCUMENT_KINDS.items()),
        access=list(ACCESS_NAMES.items()),
    )


@post(
    "/c/{slug:str}/office/documents/new",
    sync_to_thread=True,
    action="document.upload",
    request_max_body_size=UPLOAD_LIMIT,
)
def upload_document(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Keep the paper; if others may see it, go on to blacking out."""
    try:
        with acting(request, slug, subject="附件") as office:
            form = Form(data)
            kind = form.choice("kind", "凭证种类", DOCUMENT_KINDS)
            access = form.choice("access", "谁可以看", ACCESS_NAMES)
            title = form.text("title", "名称", required=False, longest=100)
            number = form.text("number", "号码", required=False, longest=100)
            file = form.upload("file", "文件")
            form.finish()
            paper = Paper(
                file.file.read() if file else b"", file.filename if file else "", kind, title, number
            )
            place = office.services.config.documents_dir
            kept = hand_in(office.conn, office.trust_id, place, paper, office.actor, office.act)
            return _after_upload(office, slug, kept, access)
    except Refused as error:
        with reading_office(request, slug) as office:
            typed = {name: data.get(name, "") for name in ("kind", "access", "title", "number")}
            return _upload_page(office, typed, error.problems, status=422)


def _after_upload(office: Office, slug: str, kept: UploadFile, access: str) -> Answer:
    here = f"/c/{slug}/office/documents/{kept.no}"
    if access == INTERNAL:
        return office.done(here, f"第 {kept.no} 号附件已存好，只供内部查看")
    if not kept.can_be_shown:
        return office.done(
            here,
            f"第 {kept.no} 号附件已存好；{kept.file_kind} 不能遮盖，只能内部查看，要公开请另传打印件的照片",
        )
    if not office.actor.may("document.show"):
        return office.done(here, f"第 {kept.no} 号附件已存好；请制单、审核人员或业委会遮盖后公开")
    return office.done(f"{here}/copy?access={access}", "原件已存好。请遮盖不能公开的内容，再生成副本")


@get("/c/{slug:str}/office/documents/{no:int}", sync_to_thread=True, action="document.read")
def document_page(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """One paper: what it is, what was read from it, who may see what, where it is used."""
    with reading_office(request, slug) as office:
        paper = upload_of(office, no)
        return office.page(
            "office/documents_show.html",
            paper=paper,
            pages=_pages(office, paper),
            entries=entries_with(office.conn, office.trust_id, paper.original),
            readings=readings_of(office.conn, office.trust_id, paper.original),
            when=local_time,
            may_show=office.actor.may("document.show"),
            may_pay=office.actor.may("payment.prepare"),
        )


def _pages(office: Office, paper: UploadFile) -> int:
    """How many pictures can be looked at."""
    if paper.media_type in PICTURES:
        return 1
    return count_pages(_original(office, paper)) if paper.media_type == PDF else 0


def _original(office: Office, paper: UploadFile) -> bytes:
    return read_blob(office.services.config.documents_dir, paper.original)


@get("/c/{slug:str}/office/documents/{no:int}/file", sync_to_thread=True, action="document.read")
def original_file(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """The paper as it came, to be saved; it is never opened in the browser."""
    with reading_office(request, slug) as office:
        paper = upload_of(office, no)
        headers = file_headers(paper.original, paper.media_type, inline=False)
        name = f'attachment; filename="{no}-{paper.original[:8]}.{SUFFIXES[paper.media_type]}"'
        return Response(
            _original(office, paper),
            media_type="application/octet-stream",
            headers={**headers, **PRIVATE, "content-disposition": name},
        )


@get("/c/{slug:str}/office/documents/{no:int}/page/{page:int}", sync_to_thread=True, action="document.read")
def page_view(request: Req, slug: FromPath[str], no: FromPath[int], page: FromPath[int]) -> Answer:
    """A page of the paper (from 1) as a new picture made of its pixels."""
    with reading_office(request, slug) as office:
        paper = upload_of(office, no)
        data = _original(office, paper)
        if paper.media_type in PICTURES and page == 1:
            picture = open_picture(data)
        elif paper.media_type == PDF and page >= 1:
            picture = page_picture(data, page - 1)
        else:
            raise Unanswerable("no_page", "这份附件没有这一页")
        headers = {**file_headers(paper.original, JPEG), **PRIVATE}
        return Response(write_picture(picture, JPEG, side=_LOOKED_AT), media_type=JPEG, headers=headers)


@get("/c/{slug:str}/office/documents/{no:int}/shown", sync_to_thread=True, action="document.read")
def shown_file(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """The copy others see, as they see it."""
    return _copy_of(request, slug, no)


def _copy_of(request: Req, slug: str, no: int) -> Answer:
    with reading_office(request, slug) as office:
        paper = upload_of(office, no)
        data, media_type = read_document(
            office.conn, office.trust_id, office.services.config.documents_dir, paper.shown, (PUBLIC, OWNERS)
        )
        return Response(
            data, media_type=media_type, headers={**file_headers(paper.shown, media_type), **PRIVATE}
        )


@get("/c/{slug:str}/office/documents/{no:int}/copy", sync_to_thread=True, action="document.show")
def copy_page(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """Draw over what others must not see."""
    asked = request.query_params.get("access", PUBLIC)
    with reading_office(request, slug) as office:
        paper = upload_of(office, no)
        return office.page(
            "office/documents_copy.html",
            paper=paper,
            pages=_pages(office, paper),
            access=[(name, ACCESS_NAMES[name]) for name in (PUBLIC, OWNERS)],
            chosen=asked if asked in (PUBLIC, OWNERS) else PUBLIC,
        )


@post("/c/{slug:str}/office/documents/{no:int}/copy", sync_to_thread=True, action="document.show")
def make_document_copy(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Burn the boxes into a copy: first made, then kept, so that nobody waits for the drawing."""
    form = Form(data)
    access = form.choice("access", "谁可以看", (PUBLIC, OWNERS))
    boxes = boxes_of(form)
    if form.text("looked", "遮盖", required=False) != "1":
        form.problem(
            "not_looked",
            "浏览器没有打开遮盖工具（需要启用脚本），不能生成给别人看的副本；原件只作内部留存",
            "遮盖",
        )
    if not boxes and not form.flag("nothing"):
        form.problem("nothing_hidden", "没有遮盖任何地方。如果确实不用遮盖，请勾选“已看过，不用遮盖”", "遮盖")
    form.finish()
    with reading_office(request, slug) as office:
        paper = upload_of(office, no)
        drawn = draw_copy(_original(office, paper), paper.media_type, boxes)
    with acting(request, slug, subject=f"document {no}") as office:
        place = office.services.config.documents_dir
        keep_copy(office.conn, office.trust_id, place, no, access, drawn, office.actor, office.act)
        return office.done(
            f"/c/{slug}/office/documents/{no}", f"副本已生成，{ACCESS_NAMES[access]}；请再打开看一遍"
        )


def boxes_of(form: Form) -> list[Box]:
    """``page,left,top,width,height`` in 1/10000 of the page, divided by semicolons."""
    text = form.text("boxes", "遮盖", required=False, longest=40 * MAX_BOXES)
    boxes = []
    for part in filter(None, text.split(";")):
        numbers = part.split(",")
        if len(numbers) != 5 or not all(n.isascii() and n.isdigit() and len(n) <= 5 for n in numbers):
            raise refuse("bad_box", "遮盖的位置读不懂，请重新画", "遮盖")
        boxes.append(Box(*map(int, numbers)))
    return boxes


@post("/c/{slug:str}/office/documents/{no:int}/take-back", sync_to_thread=True, action="document.show")
def take_document_back(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Show the copy to nobody any more."""
    with acting(request, slug, subject=f"document {no}") as office:
        reason = Form(data).text("reason", "原因", required=False)
        upload_of(office, no)
        take_back(office.conn, office.trust_id, no, reason, office.actor, office.act)
        return office.done(f"/c/{slug}/office/documents/{no}", "副本已收回，别人看不到了")


@get("/c/{slug:str}/owners/documents", sync_to_thread=True, action="document.owner")
def owners_documents(request: Req, slug: FromPath[str]) -> Answer:
    """Copies that owners may see when they are logged in."""
    before = place_number(request.query_params.get("before", ""))
    with reading_office(request, slug) as office:
        items = list_shown(office.conn, office.trust_id, before=before, limit=_A_PAGE + 1)
        older = urlencode({"before": items[_A_PAGE - 1].no}) if len(items) > _A_PAGE else ""
        return office.page(
            "office/documents_owners.html", items=items[:_A_PAGE], older=older, when=local_time
        )


@get("/c/{slug:str}/owners/documents/{no:int}", sync_to_thread=True, action="document.owner")
def owners_file(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """A copy that owners may see. Originals are never served here."""
    return _copy_of(request, slug, no)


HANDLERS = [
    documents,
    new_document,
    upload_document,
    document_page,
    original_file,
    page_view,
    shown_file,
    copy_page,
    make_document_copy,
    take_document_back,
    owners_documents,
    owners_file,
]

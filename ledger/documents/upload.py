"""Papers handed in from a phone or scanner, and the copies of them that others may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, func, insert, select

from ledger.documents.blobs import Location
from ledger.documents.kinds import KIND_NAMES, PDF, PICTURES, recognise
from ledger.documents.pdf_pages import count_pages, pdf_copy
from ledger.documents.pictures import WHOLE, Box, open_picture, picture_copy
from ledger.documents.read import UploadFile, read_upload
from ledger.documents.store import INTERNAL, OWNERS, PUBLIC, keep, mark
from ledger.errors import Problem, Refused, refuse
from ledger.events import DOCUMENT_KINDS
from ledger.journal.privacy import private_data_in
from ledger.people import Actor, require
from ledger.store.tables import document_copy, document_upload
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

MAX_BOXES = 200
_MAX_TEXT = 100


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as it was handed in, and what the person says it is. ``title`` may become public."""

    data: bytes
    filename: str
    kind: str
    title: str = ""
    number: str = ""


def upload(
    conn: Connection, trust_id: int, location: Location, paper: Paper, actor: Actor, act: Act
) -> UploadFile:
    """Keep a paper as it came, for the office's eyes only.

    Raises :class:`~ledger.errors.Refused` for what is not a picture, PDF, OFD or XML, can't be opened
    within the limits, or is described in words that can't be published.
    """
    require(actor, "document.upload")
    if problems := _problems(paper):
        raise Refused(problems)
    media_type = recognise(paper.data)
    if media_type in PICTURES:
        open_picture(paper.data)
    elif media_type == PDF:
        count_pages(paper.data)
    lock_trust(conn, trust_id)
    digest = keep(conn, trust_id, location, paper.data, media_type, INTERNAL, act)
    last = conn.execute(
        select(func.max(document_upload.c.upload_no)).where(document_upload.c.trust_id == trust_id)
    ).scalar()
    no = (last or 0) + 1
    conn.execute(
        insert(document_upload).values(
            trust_id=trust_id,
            upload_no=no,
            kind=paper.kind,
            title=paper.title.strip(),
            number="".join(paper.number.split()),
            filename=_bare_name(paper.filename),
            original=digest,
            uploaded_by=actor.signature,
            uploaded_at=act.now,
        )
    )
    return read_upload(conn, trust_id, no)


def _problems(paper: Paper) -> list[Problem]:
    problems = []
    if paper.kind not in DOCUMENT_KINDS:
        problems.append(Problem("unknown_document", "请选择凭证种类", "凭证种类"))
    for text, where in ((paper.title, "凭证名称"), (paper.number, "凭证编号")):
        if len(text.strip()) > _MAX_TEXT:
            problems.append(Problem("long_text", f"请压到 {_MAX_TEXT} 字以内", where))
    problems += [
        Problem("private_data", f"凭证名称会被公开，但里面像有{kind}，请删去", "凭证名称")
        for kind in private_data_in(paper.title)
    ]
    return problems


def _bare_name(name: str) -> str:
    """The last part of a file's name, printable and short; it is shown to staff only."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[-80:]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A copy that is made but not kept yet, and what was blacked out in it."""

    data: bytes
    media_type: str
    boxes: tuple[Box, ...]


def draw_copy(data: bytes, media_type: str, boxes: Sequence[Box]) -> Drawn:
    """Make the copy of a paper with the boxes black for good. May take seconds; needs no transaction.

    Raises :class:`~ledger.errors.Refused` for papers that can't be blacked out (OFD, XML) and for boxes
    that lie outside the page.
    """
    _check_boxes(boxes)
    if media_type in PICTURES:
        return Drawn(*picture_copy(data, media_type, boxes), tuple(boxes))
    if media_type == PDF:
        return Drawn(pdf_copy(data, boxes), PDF, tuple(boxes))
    name = KIND_NAMES.get(media_type, "这种文件")
    raise refuse(
        "no_copy", f"{name} 不能遮盖，只能作内部留存。要公开，请另传一张打印件的照片或 PDF", "谁可以看"
    )


def keep_copy(
    conn: Connection,
    trust_id: int,
    location: Location,
    upload_no: int,
    access: str,
    drawn: Drawn,
    actor: Actor,
    act: Act,
) -> str:
    """Show a copy to everybody (public) or to owners from now on, in place of an earlier one.

    Returns its SHA-256. Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "document.show")
    if access not in (PUBLIC, OWNERS):
        raise refuse("bad_access", "请选择“公开”或“业主可见”", "谁可以看")
    lock_trust(conn, trust_id)
    paper = read_upload(conn, trust_id, upload_no)
    digest = keep(conn, trust_id, location, drawn.data, drawn.media_type, access, act)
    mark(conn, trust_id, digest, access, f"第{upload_no}号附件的副本", actor.signature, act)
    if paper.shown and paper.shown != digest:
        mark(conn, trust_id, paper.shown, INTERNAL, "已换成新的副本", actor.signature, act)
    _record(conn, trust_id, paper, digest, access, drawn.boxes, actor, act)
    return digest


def take_back(conn: Connection, trust_id: int, upload_no: int, reason: str, actor: Actor, act: Act) -> None:
    """Show the copy to nobody from now on; it is kept, and its hash stays in the entries that name it."""
    require(actor, "document.show")
    if not reason.strip():
        raise refuse("no_reason", "请写明为什么不再公开", "原因")
    lock_trust(conn, trust_id)
    paper = read_upload(conn, trust_id, upload_no)
    if not paper.shown:
        raise refuse("no_copy", "这份附件没有给别人看的副本", "附件")
    mark(conn, trust_id, paper.shown, INTERNAL, reason.strip(), actor.signature, act)
    _record(conn, trust_id, paper, paper.shown, INTERNAL, (), actor, act)


def _check_boxes(boxes: Sequence[Box]) -> None:
    if len(boxes) > MAX_BOXES:
        raise refuse("too_many_boxes", f"遮盖的地方超过 {MAX_BOXES} 处，请用大一些的方框", "遮盖")
    for box in boxes:
        inside = (
            min(box.page, box.left, box.top) >= 0
            and min(box.width, box.height) > 0
            and max(box.left + box.width, box.top + box.height) <= WHOLE
        )
        if not inside:
            raise refuse("bad_box", "有一处遮盖落在页面外面，请重新画", "遮盖")


def _record(
    conn: Connection,
    trust_id: int,
    paper: UploadFile,
    digest: str,
    access: str,
    boxes: Sequence[Box],
    actor: Actor,
    act: Act,
) -> None:
    drawn = [[box.page, box.left, box.top, box.width, box.height] for box in boxes]
    conn.execute(
        insert(document_copy).values(
            trust_id=trust_id,
            upload_no=paper.no,
            copy_no=paper.copies + 1,
            sha256=digest,
            access=access,
            boxes=msgspec.json.encode(drawn).decode(),
            made_by=actor.signature,
            made_at=act.now,
        )
    )

"""Which papers were handed in, what others see of them, and which entries name them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, tuple_

from ledger.documents.kinds import KIND_NAMES, PDF, PICTURES
from ledger.documents.store import ACCESS_NAMES, INTERNAL, PUBLIC
from ledger.errors import Unanswerable
from ledger.events import DOCUMENT_KINDS
from ledger.journal.draft import Document
from ledger.journal.public_view import entry_ref
from ledger.store.tables import document, document_copy, document_upload, entry, entry_document

_MOST_ENTRIES = 20
_MOST_UPLOADS = 2**31


@dataclass(frozen=True, slots=True)
class UploadFile:
    """A paper in the office. ``shown``: SHA-256 of the copy others see, empty if there is none."""

    no: int
    kind: str
    title: str
    number: str
    filename: str
    original: str
    uploaded_by: str
    uploaded_at: datetime
    media_type: str
    size: int
    copies: int
    shown: str
    access: str

    @property
    def kind_name(self) -> str:
        """The kind of document as people call it."""
        return DOCUMENT_KINDS.get(self.kind, self.kind)

    @property
    def name(self) -> str:
        """Its title, or what kind it is."""
        return self.title or self.kind_name

    @property
    def file_kind(self) -> str:
        """``图片``, ``PDF``, ``OFD`` or ``XML``."""
        return KIND_NAMES.get(self.media_type, "文件")

    @property
    def access_name(self) -> str:
        """Who may see it, in Chinese."""
        return ACCESS_NAMES[self.access]

    @property
    def can_be_shown(self) -> bool:
        """Whether a copy with parts blacked out can be made of it."""
        return self.media_type in PICTURES or self.media_type == PDF

    @property
    def document(self) -> Document:
        """What an entry names; the copy only if everybody may see it."""
        public = self.shown if self.access == PUBLIC else ""
        return Document(self.kind, self.title, number=self.number, original=self.original, public=public)


def list_uploads(
    conn: Connection,
    trust_id: int,
    *,
    kind: str = "",
    before: int | None = None,
    limit: int = 50,
    without: Collection[tuple[str, str]] = (),
) -> list[UploadFile]:
    """Papers, newest first; ``before`` is the number of the last one seen, ``without`` leaves out those with this
    SHA-256, handed in with this signature."""
    query = _uploads(trust_id).order_by(document_upload.c.upload_no.desc()).limit(limit)
    if kind:
        query = query.where(document_upload.c.kind == kind)
    if before is not None:
        query = query.where(document_upload.c.upload_no < before)
    if without:
        pair = tuple_(document_upload.c.original, document_upload.c.uploaded_by)
        query = query.where(pair.not_in(sorted(without)))
    return [_file(row) for row in conn.execute(query)]


def list_shown(
    conn: Connection, trust_id: int, *, before: int | None = None, limit: int = 50
) -> list[UploadFile]:
    """Papers whose copy owners may see, newest first; ``before`` is the number of the last one seen."""
    query = _uploads(trust_id).where(document_copy.c.access != INTERNAL)
    if before is not None:
        query = query.where(document_upload.c.upload_no < before)
    return [
        _file(row) for row in conn.execute(query.order_by(document_upload.c.upload_no.desc()).limit(limit))
    ]


def read_upload(conn: Connection, trust_id: int, no: int) -> UploadFile:
    """One paper. Raises :class:`~ledger.errors.Unanswerable` if there is none of this number."""
    query = _uploads(trust_id).where(document_upload.c.upload_no == no)
    row = conn.execute(query).first() if 0 < no < _MOST_UPLOADS else None
    if row is None:
        raise Unanswerable("unknown_upload", f"没有第 {no} 号附件")
    return _file(row)


def uploads_by_digest(conn: Connection, trust_id: int, digests: Sequence[str]) -> dict[str, UploadFile]:
    """The newest upload of each of these originals."""
    if not digests:
        return {}
    query = _uploads(trust_id).where(document_upload.c.original.in_(digests))
    return {
        found.original: found
        for row in conn.execute(query.order_by(document_upload.c.upload_no))
        if (found := _file(row))
    }


def entries_with(conn: Connection, trust_id: int, digest: str) -> list[str]:
    """Public names of the newest entries that name this file as their original."""
    query = (
        select(entry.c.book, entry.c.fiscal_year, entry.c.number)
        .join(
            entry_document,
            (entry_document.c.trust_id == entry.c.trust_id) & (entry_document.c.seq == entry.c.seq),
        )
        .where(entry_document.c.trust_id == trust_id, entry_document.c.original == digest)
        .order_by(entry.c.seq.desc())
        .limit(_MOST_ENTRIES)
    )
    return list(
        dict.fromkeys(entry_ref(row.book, row.fiscal_year, row.number) for row in conn.execute(query))
    )


def _uploads(trust_id: int) -> Select[Any]:
    """Uploads with their file and their newest copy, one row each."""
    newest = (
        select(document_copy.c.upload_no, func.max(document_copy.c.copy_no).label("copies"))
        .where(document_copy.c.trust_id == trust_id)
        .group_by(document_copy.c.upload_no)
        .subquery()
    )
    return (
        select(
            document_upload,
            document.c.media_type,
            document.c.size,
            newest.c.copies,
            document_copy.c.sha256.label("shown"),
            document_copy.c.access,
        )
        .join(
            document,
            (document.c.trust_id == document_upload.c.trust_id)
            & (document.c.sha256 == document_upload.c.original),
        )
        .outerjoin(newest, newest.c.upload_no == document_upload.c.upload_no)
        .outerjoin(
            document_copy,
            (document_copy.c.trust_id == document_upload.c.trust_id)
            & (document_copy.c.upload_no == document_upload.c.upload_no)
            & (document_copy.c.copy_no == newest.c.copies),
        )
        .where(document_upload.c.trust_id == trust_id)
    )


def _file(row: Any) -> UploadFile:
    shown = row.access is not None and row.access != INTERNAL
    return UploadFile(
        no=row.upload_no,
        kind=row.kind,
        title=row.title,
        number=row.number,
        filename=row.filename,
        original=row.original,
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
        media_type=row.media_type,
        size=row.size,
        copies=row.copies or 0,
        shown=row.shown if shown else "",
        access=row.access if shown else INTERNAL,
    )

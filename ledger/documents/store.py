"""Which files a trust keeps, what they are, and who may see them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, insert, select

from ledger.documents.blobs import Location, read_blob, write_blob
from ledger.documents.kinds import JPEG, MAX_BYTES, PDF, PNG, SVG, too_large
from ledger.errors import Unanswerable, refuse
from ledger.store.tables import document, document_mark
from ledger.trust.act import Act

PUBLIC, OWNERS, INTERNAL = "public", "owners", "internal"
ACCESS_NAMES = {PUBLIC: "公开", OWNERS: "业主可见", INTERNAL: "内部"}
_MAGIC = {PDF: b"%PDF-", PNG: b"\x89PNG", JPEG: b"\xff\xd8\xff", SVG: b"<svg"}


def store_document(
    conn: Connection, trust_id: int, folder: Location, data: bytes, media_type: str, *, public: bool, act: Act
) -> str:
    """Keep a file of our own making and return its SHA-256 in hex. The same bytes are kept once.

    What comes from outside goes through :func:`ledger.documents.upload.upload`. Raises
    :class:`~ledger.errors.Refused` if it is too large or not what it says it is.
    """
    magic = _MAGIC.get(media_type)
    if magic is None or not data.startswith(magic):
        raise refuse("document_type", f"附件内容不是 {media_type}，或不是允许的类型", "附件")
    return keep(conn, trust_id, folder, data, media_type, PUBLIC if public else INTERNAL, act)


def keep(
    conn: Connection, trust_id: int, location: Location, data: bytes, media_type: str, access: str, act: Act
) -> str:
    """Keep bytes whose type is known, and return their SHA-256. Known bytes keep the access they have."""
    if len(data) > MAX_BYTES:
        raise too_large()
    digest = write_blob(location, data)
    known = conn.execute(
        select(document.c.access).where(document.c.trust_id == trust_id, document.c.sha256 == digest)
    ).scalar_one_or_none()
    if known is None:
        conn.execute(
            insert(document).values(
                trust_id=trust_id,
                sha256=digest,
                media_type=media_type,
                size=len(data),
                access=access,
                stored_at=act.now,
            )
        )
    return digest


def mark(
    conn: Connection, trust_id: int, digest: str, access: str, reason: str, signature: str, act: Act
) -> None:
    """Change who may see a file from now on; nothing happens if it is so already."""
    current = conn.execute(
        select(_access()).where(document.c.trust_id == trust_id, document.c.sha256 == digest)
    ).scalar_one_or_none()
    if current == access:
        return
    last = conn.execute(
        select(func.max(document_mark.c.mark_no)).where(
            document_mark.c.trust_id == trust_id, document_mark.c.sha256 == digest
        )
    ).scalar()
    conn.execute(
        insert(document_mark).values(
            trust_id=trust_id,
            sha256=digest,
            mark_no=(last or 0) + 1,
            access=access,
            reason=reason,
            marked_by=signature,
            marked_at=act.now,
        )
    )


def read_public_document(conn: Connection, trust_id: int, folder: Location, digest: str) -> tuple[bytes, str]:
    """Bytes and media type of a file marked public. Raises :class:`Unanswerable` otherwise."""
    return read_document(conn, trust_id, folder, digest, (PUBLIC,))


def read_document(
    conn: Connection, trust_id: int, location: Location, digest: str, access: Sequence[str]
) -> tuple[bytes, str]:
    """Bytes and media type of a file with one of these marks. Raises :class:`Unanswerable` otherwise."""
    media_type = conn.execute(
        select(document.c.media_type).where(
            document.c.trust_id == trust_id, document.c.sha256 == digest, _access().in_(access)
        )
    ).scalar_one_or_none()
    if media_type is None:
        raise Unanswerable("unknown_document", "没有这个附件，或它不对外公开")
    return read_blob(location, digest), media_type


def public_documents(conn: Connection, trust_id: int, digests: Sequence[str]) -> set[str]:
    """Which of these files are kept here and marked public."""
    if not digests:
        return set()
    query = select(document.c.sha256).where(
        document.c.trust_id == trust_id, document.c.sha256.in_(digests), _access() == PUBLIC
    )
    return set(conn.execute(query).scalars())


def _access() -> ColumnElement[str]:
    """Who may see a file: the newest mark, or how it was stored."""
    newest = (
        select(document_mark.c.access)
        .where(document_mark.c.trust_id == document.c.trust_id, document_mark.c.sha256 == document.c.sha256)
        .order_by(document_mark.c.mark_no.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(newest, document.c.access)

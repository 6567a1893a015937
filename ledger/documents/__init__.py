"""Vouchers and other papers, stored by content outside the database.

The name of a file is the SHA-256 of its bytes, so what an entry's leaf names can't be exchanged. The
original and the redacted copy for the public are two files; only files marked public are ever served.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, insert, select

from ledger.errors import Unanswerable, refuse
from ledger.store.tables import document
from ledger.trust.act import Act

MAX_BYTES = 20 * 1024 * 1024
MEDIA_TYPES = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8\xff",
    "image/svg+xml": b"<svg",
}


def store_document(
    conn: Connection, trust_id: int, folder: Path, data: bytes, media_type: str, *, public: bool, act: Act
) -> str:
    """Keep a file and return its SHA-256 in hex. The same bytes are kept once.

    Raises :class:`~ledger.errors.Refused` if it is too large or not what it says it is.
    """
    if len(data) > MAX_BYTES:
        raise refuse("document_too_large", f"附件超过 {MAX_BYTES // 1024 // 1024} MB，请压缩后再传", "附件")
    magic = MEDIA_TYPES.get(media_type)
    if magic is None or not data.startswith(magic):
        raise refuse("document_type", f"附件内容不是 {media_type}，或不是允许的类型", "附件")
    digest = sha256(data).hexdigest()
    _write_once(_path(folder, digest), data)
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
                access="public" if public else "internal",
                stored_at=act.now,
            )
        )
    return digest


def read_public_document(conn: Connection, trust_id: int, folder: Path, digest: str) -> tuple[bytes, str]:
    """Bytes and media type of a file marked public. Raises :class:`Unanswerable` otherwise."""
    row = conn.execute(
        select(document.c.media_type).where(
            document.c.trust_id == trust_id, document.c.sha256 == digest, document.c.access == "public"
        )
    ).first()
    if row is None:
        raise Unanswerable("unknown_document", "没有这个附件，或它不对外公开")
    data = _path(folder, digest).read_bytes()
    if sha256(data).hexdigest() != digest:
        raise Unanswerable("damaged_document", "附件文件已损坏，内容与登记的指纹不符，请从备份恢复")
    return data, row.media_type


def public_documents(conn: Connection, trust_id: int, digests: Sequence[str]) -> set[str]:
    """Which of these files are kept here and marked public."""
    if not digests:
        return set()
    query = select(document.c.sha256).where(
        document.c.trust_id == trust_id, document.c.sha256.in_(digests), document.c.access == "public"
    )
    return set(conn.execute(query).scalars())


def _path(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest


def _write_once(path: Path, data: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)

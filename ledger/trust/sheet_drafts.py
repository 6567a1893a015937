"""Uploaded sheets between preview and confirmation. They may hold names, so they are not kept longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, or_, select

from ledger.errors import refuse
from ledger.store.tables import sheet_draft
from ledger.trust.act import Act

_KEEP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class SheetDraft:
    """A sheet as uploaded."""

    token: str
    filename: str
    body: bytes


def keep_sheet(
    conn: Connection, trust_id: int, kind: str, filename: str, body: bytes, *, person: str, act: Act
) -> str:
    """Keep a sheet for its uploader and return its token; an earlier one of the kind is deleted."""
    d = sheet_draft.c
    conn.execute(
        delete(sheet_draft).where(
            d.trust_id == trust_id,
            or_((d.person == person) & (d.kind == kind), d.uploaded_at < act.now - _KEEP),
        )
    )
    token = act.entropy(16).hex()
    conn.execute(
        insert(sheet_draft).values(
            trust_id=trust_id,
            token=token,
            kind=kind,
            filename=filename[:200],
            body=body,
            person=person,
            uploaded_at=act.now,
        )
    )
    return token


def read_sheet_draft(conn: Connection, trust_id: int, kind: str, token: str, *, person: str) -> SheetDraft:
    """A sheet its uploader kept. Raises :class:`~ledger.errors.Refused` if it is gone."""
    d = sheet_draft.c
    row = conn.execute(
        select(sheet_draft).where(
            d.trust_id == trust_id, d.token == token, d.kind == kind, d.person == person
        )
    ).first()
    if row is None:
        raise refuse("no_draft", "这份表已经导入、被新的替换或过期了，请重新上传", "表格")
    return SheetDraft(row.token, row.filename, bytes(row.body))


def drop_sheet(conn: Connection, trust_id: int, token: str) -> None:
    """Delete a sheet."""
    conn.execute(delete(sheet_draft).where(sheet_draft.c.trust_id == trust_id, sheet_draft.c.token == token))

"""Formats of banks the program does not know: mapped once by a person, then remembered by the trust.

A saved format is a :class:`~ledger.bank.describe.Format` like those that ship with the program, made from the
columns a person chose. It is known by its whole header row, so the next file of that bank is recognised by
itself. Versions are only added; the newest holds, an empty one retires the format.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select

from ledger.bank import camt
from ledger.bank.describe import (
    Format,
    builtin_formats,
)
from ledger.errors import refuse
from ledger.journal.head import lock_head
from ledger.store.tables import bank_format
from ledger.trust.act import Act


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved format with its history's end."""

    id: str
    version: int
    name: str
    format: Format | None
    saved_at: datetime
    saved_by: str


def formats_of(conn: Connection, trust_id: int) -> tuple[Format, ...]:
    """Everything a file of this trust may be: what ships with the program and what was saved here."""
    own = tuple(saved.format for saved in saved_formats(conn, trust_id) if saved.format is not None)
    return (*builtin_formats(), *own)


def format_name(format_id: str, formats: Sequence[Format]) -> str:
    """The name people know a format by."""
    if format_id == camt.FORMAT_ID:
        return camt.FORMAT_NAME
    return next((form.name for form in formats if form.id == format_id), format_id)


def saved_formats(conn: Connection, trust_id: int) -> list[Saved]:
    """The newest version of every saved format, retired ones with ``format`` None."""
    newest = (
        select(bank_format.c.format, func.max(bank_format.c.version).label("version"))
        .where(bank_format.c.trust_id == trust_id)
        .group_by(bank_format.c.format)
        .subquery()
    )
    rows = conn.execute(
        select(bank_format)
        .join(newest, (newest.c.format == bank_format.c.format) & (newest.c.version == bank_format.c.version))
        .where(bank_format.c.trust_id == trust_id)
        .order_by(bank_format.c.name, bank_format.c.format)
    )
    return [_saved(row) for row in rows]


def _saved(row: Any) -> Saved:
    form = msgspec.json.decode(row.description, type=Format) if row.description else None
    return Saved(row.format, row.version, row.name, form, row.saved_at, row.saved_by)


def save_format(conn: Connection, trust_id: int, form: Format, *, by: str, act: Act) -> int:
    """Remember a format and return its version; the same header replaces the earlier version."""
    return _add(conn, trust_id, form.id, form.name, msgspec.json.encode(form).decode(), by, act)


def retire_format(conn: Connection, trust_id: int, format_id: str, *, by: str, act: Act) -> None:
    """Stop recognising a saved format; files read by it stay. Raises :class:`~ledger.errors.Refused`."""
    held = {saved.id: saved for saved in saved_formats(conn, trust_id)}.get(format_id)
    if held is None or held.format is None:
        raise refuse("unknown_format", "没有这种已保存的格式，或已停用", "格式")
    _add(conn, trust_id, format_id, held.name, "", by, act)


def _add(
    conn: Connection, trust_id: int, format_id: str, name: str, description: str, by: str, act: Act
) -> int:
    lock_head(conn, trust_id)
    last = select(func.coalesce(func.max(bank_format.c.version), 0)).where(
        bank_format.c.trust_id == trust_id, bank_format.c.format == format_id
    )
    version = int(conn.execute(last).scalar_one()) + 1
    conn.execute(
        insert(bank_format).values(
            trust_id=trust_id,
            format=format_id,
            version=version,
            name=name,
            description=description,
            saved_at=act.now,
            saved_by=by,
        )
    )
    return version

"""Small things of several public pages: copies of papers that everybody may see, numbers in addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection

from ledger.documents import PUBLIC, public_documents
from ledger.documents.read import uploads_by_digest


def shown_copies(conn: Connection, trust_id: int, originals: Collection[str]) -> dict[str, str]:
    """SHA-256 of the public copy of each original (SHA-256) that has one."""
    found = uploads_by_digest(conn, trust_id, [digest for digest in originals if digest])
    return {original: item.shown for original, item in found.items() if item.shown and item.access == PUBLIC}


def copies_of(conn: Connection, trust_id: int, papers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The copy to look at of each paper (original and copy, SHA-256): the newest one that everybody may see,
    or the one it was published with if that may still be seen."""
    named = {original: public for original, public in papers if original}
    newest = shown_copies(conn, trust_id, named)
    still = public_documents(conn, trust_id, [public for public in named.values() if public])
    return {o: public for o, public in named.items() if public in still} | newest


def place_number(text: str) -> int | None:
    """A number in an address; None if there is none a database could hold."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None

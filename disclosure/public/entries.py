"""Lists of entries: pages by key, everything that passes a filter, one entry with its corrections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, func, select

from disclosure.public.entry_filter import Cursor, Filter
from disclosure.public.entry_ranges import TRUST
from disclosure.public.entry_scan import find_entries
from disclosure.public.entry_totals import Totals, cheap_totals, costly_totals, entry_totals
from disclosure.public.leaves import decode_leaf
from disclosure.public.listed import Listed, with_corrections
from ledger.errors import Unanswerable
from ledger.journal.read import find_seq, has_ref, ref_values, unknown_ref
from ledger.store.tables import checkpoint, entry, leaf

PAGE_SIZE = 30
_LONGEST_REF = 20
_STREAMED = 500

__all__ = [
    "PAGE_SIZE",
    "Cursor",
    "Filter",
    "Page",
    "Single",
    "Totals",
    "cheap_totals",
    "costly_totals",
    "entry_page",
    "entry_totals",
    "place_of",
    "single_entry",
    "stream_entries",
]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of entries, newest first; ``older`` and ``newer`` say whether there are more.

    ``looked_to`` is set when looking stopped there with the page not full: there may be more beyond.
    """

    rows: tuple[Listed, ...]
    older: bool
    newer: bool
    looked_to: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Single:
    """One entry with its exact bytes and the checkpoint its proof will use, 0 if not signed yet."""

    listed: Listed
    body: bytes
    signed_size: int
    signed_at: Any


def entry_page(
    conn: Connection,
    trust_id: int,
    wanted: Filter,
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """Entries older than ``before``, or the nearest ones newer than ``after``, or the newest."""
    looked = find_entries(conn, trust_id, wanted, before=before, after=after, size=size + 1)
    more, rows = len(looked.entries) > size, looked.entries[:size]
    if after is not None:
        return Page(rows[::-1], older=True, newer=more, looked_to=looked.looked_to)
    return Page(rows, older=more, newer=before is not None, looked_to=looked.looked_to)


def stream_entries(conn: Connection, trust_id: int, wanted: Filter) -> Iterator[Listed]:
    """Everything that passes a filter, newest first, a few at a time: the same pages one after another."""
    before: Cursor | None = None
    while True:
        page = entry_page(conn, trust_id, wanted, before=before, size=_STREAMED)
        yield from page.rows
        if page.older:
            before = page.rows[-1].cursor
        elif page.looked_to is not None:
            before = page.looked_to
        else:
            return


def place_of(conn: Connection, trust_id: int, ref: str) -> int:
    """The place in the log of an entry named in an address. Raises :class:`Unanswerable`."""
    return find_seq(conn, trust_id, _ref(ref))


def _ref(text: str) -> str:
    """What an address names, if it can be the name of an entry. Raises :class:`Unanswerable`."""
    if not text.isascii() or len(text) > _LONGEST_REF:
        raise Unanswerable("unknown_entry", "没有这个编号的凭证，请核对凭证号（形如 A-2025-000123）")
    return text


def single_entry(conn: Connection, trust_id: int, ref: str) -> Single:
    """One entry by its public name. Raises :class:`~ledger.errors.Unanswerable`."""
    row = conn.execute(_single(), {"trust": trust_id, **ref_values(_ref(ref))}).first()
    if row is None:
        raise unknown_ref(ref)
    seq, body, size, signed_at = row
    listed = next(iter(with_corrections(conn, trust_id, [decode_leaf(bytes(body))])))
    covered = size is not None and size > seq
    return Single(listed, bytes(body), size if covered else 0, signed_at if covered else None)


@cache
def _single() -> Select[Any]:
    """Place and leaf of an entry with the newest checkpoint."""
    newest = select(func.max(checkpoint.c.size)).where(checkpoint.c.trust_id == TRUST).scalar_subquery()
    return (
        select(entry.c.seq, leaf.c.body, checkpoint.c.size, checkpoint.c.signed_at)
        .join(leaf, (leaf.c.trust_id == TRUST) & (leaf.c.seq == entry.c.seq))
        .outerjoin(checkpoint, (checkpoint.c.trust_id == TRUST) & (checkpoint.c.size == newest))
        .where(entry.c.trust_id == TRUST, has_ref())
    )

"""The public view of an entry: made here and nowhere else.

Page, feed, CSV, PDF and log leaf are renderings of this one value. Names, room numbers and staff are
sealed (:mod:`ledger.journal.sealing`); vendors, contracts and amounts are open. It can be rebuilt from
the stored rows at any time, byte for byte, which is how ``verify`` finds an edited row.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from ledger.chart import Chart
from ledger.errors import refuse
from ledger.events import DOCUMENT_KINDS
from ledger.journal.draft import Document, Draft, Line
from ledger.journal.sealing import Sealer

LEAF_KIND = "mingzhang.entry.v1"
MAX_LEAF_BYTES = 65535
PUBLIC_DIMENSIONS = ("vendor", "contract", "project", "site", "bank_account", "counter_fund")
SEALED_DIMENSIONS = ("unit", "party")
PUBLIC_NUMBERS = frozenset(
    {"invoice", "contract", "resolution", "tax_return", "plan", "filing", "acceptance", "utility_bill"}
)

# For ASCII keys, integers and strings this is RFC 8785 (tested against the rfc8785 package), only faster.
_canonical = msgspec.json.Encoder(order="sorted")


def entry_ref(book: str, year: int, number: int) -> str:
    """The permanent public name of an entry: ``A-2025-000123``."""
    return f"{book}-{year}-{number:06d}"


@lru_cache(maxsize=64)  # a batch has one posting time
def utc_text(moment: datetime) -> str:
    """``2025-09-01T01:02:03Z``."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def public_entry(
    *,
    slug: str,
    chart: Chart,
    seq: int,
    number: int,
    posted_at: datetime,
    draft: Draft,
    reverses: str,
    amends: str,
    salt: bytes,
) -> dict[str, Any]:
    """The public view as plain data; optional fields are left out rather than empty."""
    year = draft.date.year
    sealer = Sealer(salt)
    view: dict[str, Any] = {
        "kind": LEAF_KIND,
        "trust": slug,
        "seq": seq,
        "ref": entry_ref(draft.book, year, number),
        "book": draft.book,
        "year": year,
        "number": number,
        "date": draft.date.isoformat(),
        "posted_at": utc_text(posted_at),
        "event": draft.event,
        "summary": draft.summary,
        "lines": [_line(chart, draft.book, no, line, sealer) for no, line in enumerate(draft.lines, start=1)],
        "sealed": {
            "preparer": sealer.seal("preparer", draft.preparer),
            "reviewer": sealer.seal("reviewer", draft.reviewer),
        },
    }
    if draft.counterparty and draft.counterparty_public:
        view["counterparty"] = draft.counterparty
    elif draft.counterparty:
        view["sealed"]["counterparty"] = sealer.seal("counterparty", draft.counterparty)
    if draft.original_date is not None:
        view["original_date"] = draft.original_date.isoformat()
    if draft.documents:
        view["documents"] = [_document(no, item, sealer) for no, item in enumerate(draft.documents, start=1)]
    if draft.references:
        view["references"] = dict(draft.references)
    if reverses:
        view["reverses"] = reverses
    if amends:
        view["amends"] = amends
    return view


def leaf_bytes(view: dict[str, Any]) -> bytes:
    """Canonical JSON (RFC 8785) of a public view. Refuses a leaf over 64 KiB."""
    body = _canonical.encode(view)
    if len(body) > MAX_LEAF_BYTES:
        raise refuse("entry_too_large", "这张凭证的公开内容超过 64 KiB，请拆成几张或把分户明细放进明细行")
    return body


def _line(chart: Chart, book: str, no: int, line: Line, sealer: Sealer) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "no": no,
        "account": line.account,
        "name": chart[book, line.account].name,
        "fund": line.fund,
        "side": line.side,
        "amount": line.amount,
    }
    dims = line.dimensions()
    sealed = {
        name: sealer.seal(f"lines.{no}.{name}", dims.pop(name)) for name in SEALED_DIMENSIONS if name in dims
    }
    if dims:
        shown["dims"] = dims
    if sealed:
        shown["sealed"] = sealed
    if line.details:
        shown["detail"] = {"count": len(line.details), "root": sealer.details_root(no, line.details)}
    return shown


def _document(no: int, item: Document, sealer: Sealer) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": item.kind, "title": item.title or DOCUMENT_KINDS[item.kind]}
    if item.number and item.kind in PUBLIC_NUMBERS:
        shown["number"] = item.number
    elif item.number:
        shown["sealed"] = {"number": sealer.seal(f"documents.{no}.number", item.number)}
    if item.original:
        shown["original"] = item.original
    if item.public:
        shown["public"] = item.public
    return shown

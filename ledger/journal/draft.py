"""What a bookkeeper hands in: an entry before it is posted. Also what the database gives back.

All amounts are integer fen; negative means red-letter (红字) on the same side and is reserved to
corrections. These structs decode straight from JSON (``mingzhang post FILE.json``). They never refer to
themselves, so the garbage collector need not walk through the tens of thousands of a batch.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from hashlib import sha256
from typing import Literal

import msgspec

from ledger.journal.person_names import looks_like_person


class Detail(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """A household's part of a line that is posted in total, such as a monthly charge. Fen."""

    unit: str
    amount: int
    basis: str = ""


class Line(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """One posting: account, fund, side (D debit, C credit), signed fen, and what it is about."""

    account: str
    fund: str
    side: Literal["D", "C"]
    amount: int
    unit: str = ""
    vendor: str = ""
    contract: str = ""
    project: str = ""
    bank_account: str = ""
    party: str = ""
    site: str = ""
    counter_fund: str = ""
    details: tuple[Detail, ...] = ()

    @property
    def signed(self) -> int:
        """Debit positive, credit negative, in fen."""
        return self.amount if self.side == "D" else -self.amount

    def named(self) -> list[tuple[str, str]]:
        """The dimensions this line names, with their values, in the order of ``DIMENSIONS``.

        One by one: reading attributes by name takes five times as long, for every line of a batch.
        """
        found = []
        if self.unit:
            found.append(("unit", self.unit))
        if self.vendor:
            found.append(("vendor", self.vendor))
        if self.contract:
            found.append(("contract", self.contract))
        if self.project:
            found.append(("project", self.project))
        if self.bank_account:
            found.append(("bank_account", self.bank_account))
        if self.party:
            found.append(("party", self.party))
        if self.site:
            found.append(("site", self.site))
        if self.counter_fund:
            found.append(("counter_fund", self.counter_fund))
        return found

    def dimensions(self) -> dict[str, str]:
        """The same by name."""
        return dict(self.named())


class Document(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """A source document (原始凭证). ``original`` and ``public`` are SHA-256 hex of the stored files.

    ``number`` is public for invoices and other business papers, sealed for bank lines and receipts.
    """

    kind: str
    title: str = ""
    number: str = ""
    original: str = ""
    public: str = ""


class Draft(
    msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True, kw_only=True
):
    """An entry to be posted.

    ``date`` is the business date; ``original_date`` the true day of a late item whose period is closed.
    ``summary`` is published; ``memo`` never is. ``counterparty`` is published only when
    ``counterparty_public`` (vendors, authorities); a household's name never is. ``key`` makes a retry
    safe: the same key with the same content gives the first entry, with other content a refusal.
    """

    book: Literal["A", "M"]
    date: datetime.date
    event: str
    summary: str
    lines: tuple[Line, ...]
    preparer: str
    reviewer: str
    key: str
    documents: tuple[Document, ...] = ()
    references: Mapping[str, str] = {}
    counterparty: str = ""
    counterparty_public: bool = False
    original_date: datetime.date | None = None
    memo: str = ""
    currency: str = "CNY"

    @property
    def total(self) -> int:
        """The sum of all debits in fen: the size of the entry."""
        return sum(line.amount for line in self.lines if line.side == "D")

    @property
    def invoices(self) -> list[str]:
        """Numbers of the invoices attached."""
        return [item.number for item in self.documents if item.kind == "invoice" and item.number]


def discreet(draft: Draft) -> Draft:
    """The draft as it is posted: what looks like a person's name is not published, whoever asked for it.

    What is in the log stays in it for good; a company taken for a person is only not named.
    """
    if draft.counterparty_public and looks_like_person(draft.counterparty):
        return msgspec.structs.replace(draft, counterparty_public=False)
    return draft


_encoder = msgspec.json.Encoder(order="deterministic")


def content_hash(draft: Draft) -> bytes:
    """SHA-256 of all that was asked for; defaults are left out, so fields added later change nothing."""
    return sha256(_encoder.encode(draft)).digest()

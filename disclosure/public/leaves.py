"""The public value of an entry, decoded from its leaf: what every page of an entry is made from."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import msgspec


class PublicDetail(msgspec.Struct, frozen=True):
    """How many households share a line, and the root of their sealed parts."""

    count: int
    root: str


class PublicLine(msgspec.Struct, frozen=True):
    """A posting as published. ``sealed`` has a commitment for each private field."""

    no: int
    account: str
    name: str
    fund: str
    side: str
    amount: int
    dims: Mapping[str, str] = {}
    sealed: Mapping[str, str] = {}
    detail: PublicDetail | None = None


class PublicDocument(msgspec.Struct, frozen=True):
    """A source document as published; hashes are SHA-256 hex."""

    kind: str
    title: str
    number: str = ""
    original: str = ""
    public: str = ""
    sealed: Mapping[str, str] = {}


class PublicEntry(msgspec.Struct, frozen=True):
    """An entry as published; see :mod:`ledger.journal.public_view`, which makes it."""

    kind: str
    trust: str
    seq: int
    ref: str
    book: str
    year: int
    number: int
    date: datetime.date
    posted_at: datetime.datetime
    event: str
    summary: str
    lines: tuple[PublicLine, ...]
    sealed: Mapping[str, str] = {}
    counterparty: str = ""
    original_date: datetime.date | None = None
    documents: tuple[PublicDocument, ...] = ()
    references: Mapping[str, str] = {}
    reverses: str = ""
    amends: str = ""

    @property
    def total(self) -> int:
        """The sum of all debits in fen."""
        return sum(line.amount for line in self.lines if line.side == "D")


_decoder = msgspec.json.Decoder(PublicEntry)


def decode_leaf(body: bytes) -> PublicEntry:
    """Read a leaf. Raises msgspec.MsgspecError if it is not an entry."""
    return _decoder.decode(body)

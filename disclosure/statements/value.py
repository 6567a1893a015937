"""The value of a monthly statement. Amounts are fen; the stored form is JSON with sorted keys."""

from __future__ import annotations

import datetime
from typing import Literal

import msgspec

KIND = "mingzhang.statement.v1"


class FundCash(msgspec.Struct, frozen=True):
    """A fund's money over the month: opening + opened + received - paid + moved in - moved out = closing.

    ``opened`` is what was taken over when the books were opened; ``moved`` is between own funds.
    """

    fund: str
    opening: int
    opened: int
    received: int
    paid: int
    moved_in: int
    moved_out: int
    closing: int


class AccountAmount(msgspec.Struct, frozen=True):
    """Income or expense of one account in one fund, this month and since 1 January."""

    fund: str
    account: str
    name: str
    month: int
    year: int


class StatementEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry worth naming: a larger payment or a correction. All of it is public in its leaf."""

    ref: str
    date: datetime.date
    summary: str
    fund: str
    amount: int
    counterparty: str = ""
    target: str = ""


class BookReport(msgspec.Struct, frozen=True):
    """One book: A (common fund, F1 to F5) or M (maintenance fund). The two are never added up."""

    book: Literal["A", "M"]
    cash: tuple[FundCash, ...]
    income: tuple[AccountAmount, ...]
    expense: tuple[AccountAmount, ...]
    payments: tuple[StatementEntry, ...]
    payment_count: int
    payment_total: int
    corrections: tuple[StatementEntry, ...]


class Arrears(msgspec.Struct, frozen=True):
    """Property fees not yet paid at the month's end: the total and how many households, nothing else."""

    total: int
    households: int


class MonthlyStatement(msgspec.Struct, frozen=True):
    """A community's month. ``size`` is the cut-off: the first so many entries of the log.

    ``checkpoint`` is the signed note that covers the cut-off; ``payment_above`` the fen from which a payment
    is named.
    """

    trust: str
    name: str
    trustee: str
    period: int
    first: datetime.date
    last: datetime.date
    size: int
    checkpoint: str
    payment_above: int
    books: tuple[BookReport, ...]
    arrears: Arrears
    kind: str = KIND


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(MonthlyStatement)


def encode_statement(value: MonthlyStatement) -> bytes:
    """The canonical bytes of a statement."""
    return _encoder.encode(value)


def decode_statement(body: bytes) -> MonthlyStatement:
    """Read stored bytes."""
    return _decoder.decode(body)

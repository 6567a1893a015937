"""Statements as they were stored first: of months only, without sums. They stay as they are and still read."""

from __future__ import annotations

import datetime
from typing import Literal

import msgspec

from disclosure.statements.sums import book_report
from disclosure.statements.value import (
    AccountAmount,
    Arrears,
    BookReport,
    FundCash,
    Statement,
    StatementEntry,
)

KIND = "mingzhang.statement.v1"


class _Amount(msgspec.Struct, frozen=True):
    fund: str
    account: str
    name: str
    month: int
    year: int


class _Book(msgspec.Struct, frozen=True):
    book: Literal["A", "M"]
    cash: tuple[FundCash, ...]
    income: tuple[_Amount, ...]
    expense: tuple[_Amount, ...]
    payments: tuple[StatementEntry, ...]
    payment_count: int
    payment_total: int
    corrections: tuple[StatementEntry, ...]


class _Month(msgspec.Struct, frozen=True):
    trust: str
    name: str
    trustee: str
    period: int
    first: datetime.date
    last: datetime.date
    size: int
    checkpoint: str
    payment_above: int
    books: tuple[_Book, ...]
    arrears: Arrears


_decoder = msgspec.json.Decoder(_Month)


def decode(body: bytes) -> Statement:
    """The statement in today's form; ``opened_on`` is not known, so the first day of the month is given."""
    month = _decoder.decode(body)
    return Statement(
        trust=month.trust,
        name=month.name,
        trustee=month.trustee,
        period=month.period,
        span="month",
        first=month.first,
        last=month.last,
        opened_on=month.first,
        size=month.size,
        checkpoint=month.checkpoint,
        payment_above=month.payment_above,
        books=tuple(_book(book) for book in month.books),
        arrears=month.arrears,
        kind=KIND,
    )


def _book(book: _Book) -> BookReport:
    return book_report(
        book.book,
        cash=book.cash,
        income=[_amount(line) for line in book.income],
        expense=[_amount(line) for line in book.expense],
        payments=book.payments,
        payment_count=book.payment_count,
        payment_total=book.payment_total,
        corrections=book.corrections,
    )


def _amount(line: _Amount) -> AccountAmount:
    return AccountAmount(line.fund, line.account, line.name, line.month, line.year)

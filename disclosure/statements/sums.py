"""Sums that a statement states beside its lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from disclosure.statements.value import AccountAmount, BookReport, FundCash, Pair, StatementEntry

CASH = ("opening", "opened", "received", "paid", "moved_in", "moved_out", "closing")
"""The figures of a fund's money, in the order of the equation."""


class HasPair(Protocol):
    """Anything with an amount of the span and of the year."""

    @property
    def amount(self) -> int: ...
    @property
    def year(self) -> int: ...


def pair_of(lines: Iterable[HasPair]) -> Pair:
    """The sum of lines."""
    lines = list(lines)
    return Pair(sum(line.amount for line in lines), sum(line.year for line in lines))


def less(one: Pair, other: Pair) -> Pair:
    """One pair less another."""
    return Pair(one.amount - other.amount, one.year - other.year)


def cash_total(rows: Sequence[FundCash]) -> FundCash:
    """All funds of a book together."""
    return FundCash("", *(sum(getattr(row, name) for row in rows) for name in CASH))


def book_report(
    book: Literal["A", "M"],
    *,
    cash: Sequence[FundCash],
    income: Sequence[AccountAmount],
    expense: Sequence[AccountAmount],
    payments: Sequence[StatementEntry],
    payment_count: int,
    payment_total: int,
    corrections: Sequence[StatementEntry],
) -> BookReport:
    """A book's report with its sums."""
    earned, spent = pair_of(income), pair_of(expense)
    return BookReport(
        book=book,
        cash=tuple(cash),
        cash_total=cash_total(cash),
        income=tuple(income),
        income_total=earned,
        expense=tuple(expense),
        expense_total=spent,
        result=less(earned, spent),
        payments=tuple(payments),
        payment_count=payment_count,
        payment_total=payment_total,
        corrections=tuple(corrections),
    )

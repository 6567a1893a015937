"""What the form above a book offers to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from disclosure.books.asked import Asked
from disclosure.books.kinds import BookKind
from disclosure.books.reconciling import reconcilable
from disclosure.public.words import BOOKS
from ledger.books import buildings
from ledger.chart import FUNDS
from ledger.journal.rules import DIMENSION_NAMES
from ledger.trust.setup import Setup

Choices = list[tuple[str, str]]
_TOO_MANY = 400
"""A list of suggestions longer than this helps nobody; the value is typed."""


@dataclass(frozen=True, slots=True)
class BookForm:
    """Lists of value and label. ``values`` are suggestions for what an account is narrowed to."""

    books: Choices
    funds: Choices
    accounts: Choices
    dimensions: Choices
    values: Choices
    levels: Choices
    banks: Choices
    buildings: Choices


def book_form(conn: Connection, setup: Setup, book: BookKind, asked: Asked) -> BookForm:
    """Only the lists this kind of book asks for are filled."""
    wants = book.fields
    funds = [(code, fund.name) for code, fund in FUNDS.items() if fund.book == asked.book]
    return BookForm(
        books=[] if book.only else list(BOOKS.items()),
        funds=funds if "fund" in wants and len(funds) > 1 else [],
        accounts=account_choices(setup, asked.book) if "account" in wants else [],
        dimensions=list(DIMENSION_NAMES.items()) if "dimension" in wants else [],
        values=_values(setup) if "dimension" in wants else [],
        levels=[("1", "只看一级科目"), ("2", "看到二级科目")] if "levels" in wants else [],
        banks=_banks(conn, setup, book, asked),
        buildings=[(name, f"{name} 栋") for name in buildings(conn, setup.trust_id)]
        if "building" in wants
        else [],
    )


def account_choices(setup: Setup, book: str) -> Choices:
    """Every account with its full name."""
    return [(a.code, f"{a.code} {setup.chart.path(book, a.code)}") for a in setup.chart.of_book(book)]


def _banks(conn: Connection, setup: Setup, book: BookKind, asked: Asked) -> Choices:
    if book.name == "reconciliation":
        return reconcilable(conn, setup.trust_id, asked.book)
    return bank_choices(setup, asked.book) if "bank_account" in book.fields else []


def bank_choices(setup: Setup, book: str) -> Choices:
    """The bank accounts of a book by the names they were registered under."""
    return [
        (code, f"{setup.values['bank_account', code].name}（{code}）")
        for code, (of_book, _, _) in sorted(setup.bank_accounts.items())
        if of_book == book
    ]


def _values(setup: Setup) -> Choices:
    """Suggestions: everything but homes, of which there may be thousands."""
    found = [
        (code, f"{DIMENSION_NAMES[dimension]} {value.name}")
        for (dimension, code), value in sorted(setup.values.items())
        if dimension != "unit"
    ]
    return found[:_TOO_MANY]

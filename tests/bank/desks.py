"""People of a bank's desk, for tests that accept and review without a browser."""

from __future__ import annotations

from ledger.bank.accepting import Accepted, Pick, accept
from ledger.bank.suggesting import Suggested, suggestions
from ledger.people import Actor, Role
from ledger.store.engine import reading, writing
from ledger.work import review
from tests.ledger.books import Books, act

CLERK = Actor("p1", "会计甲", frozenset({Role.PREPARER}))
CHECKER = Actor("p2", "审核乙", frozenset({Role.REVIEWER}))


def proposed(books: Books) -> list[Suggested]:
    with reading(books.engine) as conn:
        return suggestions(conn, books.trust_id, act())


def take(books: Books, *picks: Pick) -> Accepted:
    with writing(books.engine) as conn:
        return accept(conn, books.trust_id, picks, CLERK, act())


def take_best(books: Books) -> Accepted:
    """Accept the first choice of every line that has one and waits nowhere."""
    picks = [
        Pick(item.line.bank_account, item.line.line_key, item.best.id)
        for item in proposed(books)
        if item.best is not None
    ]
    return take(books, *picks)


def reviewed(books: Books, no: int = 1) -> None:
    with writing(books.engine) as conn:
        review(conn, books.trust_id, no, CHECKER, act())

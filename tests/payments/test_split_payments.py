"""A debt paid in parts: the parts count together against the limit above which the committee signs."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.store.engine import reading, writing
from ledger.work import CO_SIGN, PAY, Work, prepare, read_work, review, withdraw
from ledger.work.value import REVIEW
from tests.ledger.books import DAY, MAJOR, Books, act, changed, open_books, payment
from tests.payments.desk import a_request, finish, invoiced, prepare_payment
from tests.work.people import ACCOUNTANT, CHECKER

LIMIT = 500_00


@pytest.fixture
def books(engine: Engine) -> Books:
    return open_books(engine, 1, co_sign_above=LIMIT)


def after_review(books: Books, no: int) -> str:
    with writing(books.engine) as conn:
        review(conn, books.trust_id, no, CHECKER, act())
        return read_work(conn, books.trust_id, no).item.waiting_for


def ask(books: Books, debt: str, amount: int) -> int:
    return prepare_payment(books, a_request({f"{debt}:220201": amount}))


def test_two_requests_that_both_wait_count_together(books: Books) -> None:
    debt = invoiced(books)
    first, second = ask(books, debt, 300_00), ask(books, debt, 300_00)
    assert after_review(books, first) == PAY
    assert after_review(books, second) == CO_SIGN


def test_what_was_paid_before_counts_too(books: Books) -> None:
    debt = invoiced(books)
    finish(books, ask(books, debt, 300_00))
    assert after_review(books, ask(books, debt, 200_00)) == PAY, "500 is not above the limit of 500"
    assert after_review(books, ask(books, debt, 1)) == CO_SIGN


def test_another_debt_of_the_same_vendor_is_another_matter(books: Books) -> None:
    one, other = invoiced(books), invoiced(books)
    finish(books, ask(books, one, 300_00))
    assert after_review(books, ask(books, other, 300_00)) == PAY


def test_a_request_withdrawn_counts_no_more(books: Books) -> None:
    debt = invoiced(books)
    first = ask(books, debt, 300_00)
    with writing(books.engine) as conn:
        withdraw(conn, books.trust_id, first, ACCOUNTANT, act())
    assert after_review(books, ask(books, debt, 300_00)) == PAY


def test_a_voucher_that_names_no_debt_is_counted_with_the_debts_it_pays(books: Books) -> None:
    debt = invoiced(books)
    finish(books, ask(books, debt, 300_00))
    typed = changed(payment(300_00), documents=(), preparer="", reviewer="", date=DAY)
    with writing(books.engine) as conn:
        work = Work(kind="voucher", title="付款", drafts=(typed,), earlier=-10_000_00)
        prepared = prepare(conn, books.trust_id, work, ACCOUNTANT, act())
    assert prepared.waiting_for == REVIEW
    with reading(books.engine) as conn:
        assert read_work(conn, books.trust_id, prepared.no).work.earlier == 300_00
    assert after_review(books, prepared.no) == CO_SIGN


def test_parts_of_a_debt_count_together_against_the_owners_limit(engine: Engine) -> None:
    books = open_books(engine, 1, resolve_above=LIMIT)
    debt = f"{invoiced(books)}:220201"
    finish(books, prepare_payment(books, a_request({debt: 300_00})))
    with pytest.raises(Refused, match="大额支付限额") as refused:
        prepare_payment(books, a_request({debt: 300_00}))
    assert refused.value.codes == {"gate_large_payment"}
    with pytest.raises(Refused, match="已公布的决定"):
        prepare_payment(books, a_request({debt: 300_00}, resolution="没有这号"))
    finish(books, prepare_payment(books, a_request({debt: 300_00}, resolution=MAJOR)))

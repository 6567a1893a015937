"""A bank account never goes below nought in the books by a payment of ours; what the bank shows is a fact."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.journal import Draft
from ledger.store.engine import writing
from ledger.work import Work, pay, prepare, review
from tests.ledger.books import (
    CASH,
    TODAY,
    Books,
    act,
    cash,
    changed,
    contribution,
    draft,
    fee_receipt,
    invoice,
    line,
    maintenance,
    open_books,
    payment,
    some,
)
from tests.work.people import ACCOUNTANT, CASHIER, CHECKER


def strict(engine: Engine, **settings: Any) -> Books:
    books = open_books(engine, 1, **({"pay_beyond_books": False} | settings))
    books.post(invoice(10_000_00))
    return books


def bill(amount: int, **changes: Any) -> Draft:
    return changed(payment(amount), **({"documents": (), "preparer": "", "reviewer": ""} | changes))


def reviewed(books: Books, *drafts: Draft, **fields: Any) -> int:
    with writing(books.engine) as conn:
        work = Work(kind="voucher", title="付款", drafts=drafts, **fields)
        no = prepare(conn, books.trust_id, work, ACCOUNTANT, act()).no
        review(conn, books.trust_id, no, CHECKER, act())
    return no


def paid(books: Books, no: int) -> None:
    with writing(books.engine) as conn:
        pay(conn, books.trust_id, no, CASHIER, act(), on=TODAY, bank_number="H1")


def refusal(books: Books, no: int) -> set[str]:
    before = books.footprint()
    with pytest.raises(Refused) as caught:
        paid(books, no)
    assert books.footprint() == before
    return caught.value.codes


def test_no_more_is_paid_than_the_account_has(engine: Engine) -> None:
    books = strict(engine)
    books.post(fee_receipt(100_00))
    no = reviewed(books, bill(100_01))
    assert refusal(books, no) == {"no_money_left"}
    books.post(fee_receipt(1))
    paid(books, no)
    assert books.balance(CASH["F1"]) == 0


def test_a_request_may_be_prepared_before_the_money_is_in(engine: Engine) -> None:
    books = strict(engine)
    no = reviewed(books, bill(300_00))
    books.post(fee_receipt(300_00))
    paid(books, no)


def test_payments_of_one_work_count_together(engine: Engine) -> None:
    books = strict(engine)
    books.post(fee_receipt(500_00))
    assert refusal(books, reviewed(books, bill(300_00), bill(300_00))) == {"no_money_left"}


def test_money_in_of_the_same_work_counts(engine: Engine) -> None:
    books = strict(engine)
    income = changed(fee_receipt(300_00), preparer="", reviewer="")
    paid(books, reviewed(books, income, bill(300_00)))


def test_the_maintenance_fund_has_its_own_account(engine: Engine) -> None:
    books = strict(engine)
    books.post(contribution((("1-101", 1_000_00),)))
    used = maintenance((("1-101", 1_000_01),))
    no = reviewed(books, changed(used, preparer="", reviewer=""))
    assert refusal(books, no) == {"no_money_left"}


def test_the_wording_names_the_account_and_what_to_do(engine: Engine) -> None:
    books = strict(engine)
    with pytest.raises(Refused) as caught:
        paid(books, reviewed(books, bill(12_34)))
    (problem,) = caught.value.problems
    assert problem.where == "F1专户"
    assert "-12.34 元" in problem.message
    assert "先把这个账户已到账的收款入账" in problem.message


def test_owners_may_leave_it_to_the_cashier(engine: Engine) -> None:
    books = strict(engine, pay_beyond_books=True)
    paid(books, reviewed(books, bill(100_00)))
    assert books.balance(CASH["F1"]) == -100_00


def test_what_brings_money_back_is_never_refused(engine: Engine) -> None:
    """The account is below nought for another reason; a red letter of a payment helps."""
    books = strict(engine)
    ref = books.post(payment(400_00)).ref
    with writing(books.engine) as conn:
        work = Work(kind="reversal", title="冲销", reverses=ref, on=TODAY, reason="退票")
        no = prepare(conn, books.trust_id, work, ACCOUNTANT, act()).no
        assert len(review(conn, books.trust_id, no, CHECKER, act())) == 1


@pytest.mark.db("sqlite")
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 50)), max_size=8))
@some(0.3)
def test_whatever_comes_and_goes_the_account_is_never_below_nought(
    databases: Any, moves: list[tuple[bool, int]]
) -> None:
    from ledger.store.engine import open_engine

    with databases.database("sqlite") as fresh:
        engine = open_engine(fresh.url)
        books = strict(engine)
        for comes, fen in moves:
            if comes:
                books.post(fee_receipt(fen))
            else:
                drawn = draft("E13a", [line("D", "122101", fen, party="STAFF"), cash("C", fen)])
                no = reviewed(books, changed(drawn, preparer="", reviewer=""))
                try:
                    paid(books, no)
                except Refused as error:
                    assert error.codes == {"no_money_left"}
            assert books.balance(CASH["F1"]) >= 0
        engine.dispose()

"""A limit that changes while work is on its way: nobody's co-signature is passed over or made up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.journal import Draft, Posted
from ledger.people import Actor, Forbidden
from ledger.store.engine import reading, writing
from ledger.trust.settings import change_setting
from ledger.work import CO_SIGN, PAY, Work, co_sign, pay, prepare, read_work, review, send_back
from tests.ledger.books import TODAY, Books, act, cash, changed, draft, invoice, line, open_books, payment
from tests.work.people import ACCOUNTANT, CASHIER, CHAIR, CHECKER, MEMBER

LIMIT = 500_00
APRIL = date(2025, 4, 1)


@pytest.fixture
def books(engine: Engine) -> Books:
    made = open_books(engine, 1, co_sign_above=LIMIT)
    made.post(invoice(LIMIT * 2))
    return made


def bill() -> Draft:
    """A vendor's bill just within the limit."""
    return changed(payment(LIMIT), documents=(), preparer="", reviewer="")


def petty_cash(day: date) -> Draft:
    """Petty cash drawn from the bank: an event without a gate of its own."""
    lines = [line("D", "122101", 200_00, party="STAFF"), cash("C", 200_00)]
    return changed(draft("E13a", lines), date=day, preparer="", reviewer="")


def reviewed(books: Books, one: Draft) -> int:
    with writing(books.engine) as conn:
        work = Work(kind="voucher", title="日常业务", drafts=(one,))
        no = prepare(conn, books.trust_id, work, ACCOUNTANT, act()).no
        review(conn, books.trust_id, no, CHECKER, act())
    return no


def step(books: Books, what: Any, no: int, actor: Actor, **values: Any) -> list[Posted]:
    with writing(books.engine) as conn:
        made: list[Posted] = what(conn, books.trust_id, no, actor, act(), **values)
    return made


def waiting_for(books: Books, no: int) -> str:
    with reading(books.engine) as conn:
        return read_work(conn, books.trust_id, no).item.waiting_for


def limit_from(books: Books, day: date, yuan: str) -> None:
    with writing(books.engine) as conn:
        change_setting(
            conn,
            books.trust_id,
            "co_sign_above",
            {"value": yuan},
            effective_on=day,
            authority="业决〔2025〕3号",
            actor=CHAIR,
            act=act(),
        )


def refusal(books: Books, no: int, on: date) -> set[str]:
    before = books.footprint()
    with pytest.raises(Refused) as caught:
        step(books, pay, no, CASHIER, on=on)
    assert books.footprint() == before
    return caught.value.codes


def test_a_limit_that_came_down_after_the_review_asks_for_the_co_signature(books: Books) -> None:
    no = reviewed(books, bill())
    assert waiting_for(books, no) == PAY
    limit_from(books, date(2025, 3, 2), "100.00")
    assert refusal(books, no, TODAY) == {"step_missing"}
    step(books, send_back, no, CASHIER, note="须会签")
    assert waiting_for(books, reviewed(books, bill())) == CO_SIGN


def test_a_request_dated_before_the_limit_is_not_paid_under_it_unsigned(books: Books) -> None:
    limit_from(books, APRIL, "100.00")
    no = reviewed(books, petty_cash(date(2025, 3, 31)))
    assert waiting_for(books, no) == PAY
    assert refusal(books, no, APRIL) == {"step_missing"}
    assert len(step(books, pay, no, CASHIER, on=date(2025, 3, 31))) == 1


def test_a_limit_that_went_up_leaves_the_co_signature_asked_for(books: Books) -> None:
    limit_from(books, date(2025, 3, 2), "100.00")
    no = reviewed(books, petty_cash(date(2025, 3, 10)))
    limit_from(books, date(2025, 3, 3), "900.00")
    assert waiting_for(books, no) == CO_SIGN
    step(books, co_sign, no, MEMBER)
    assert len(step(books, pay, no, CASHIER, on=date(2025, 3, 10))) == 1


def test_a_co_signature_typed_where_none_is_needed_is_not_published(books: Books) -> None:
    no = reviewed(books, changed(bill(), references={"contract": "C1", "co_sign": "业委会已会签"}))
    (posted,) = step(books, pay, no, CASHIER, on=TODAY)
    assert books.stored(posted.ref).draft.references == {"contract": "C1"}


def record(books: Books, actor: Actor, name: str, value: str, day: date) -> None:
    with writing(books.engine) as conn:
        change_setting(
            conn,
            books.trust_id,
            name,
            {"value": value},
            effective_on=day,
            authority="信托文件",
            actor=actor,
            act=act(),
        )


def test_the_trustee_may_set_an_owners_rule_once_and_only_the_chair_changes_it(books: Books) -> None:
    record(books, CHECKER, "entitlement_rule", "按面积", date(2025, 4, 1))
    for name, value in (("entitlement_rule", "归受托人"), ("co_sign_above", "9999999")):
        with pytest.raises(Forbidden):
            record(books, CHECKER, name, value, date(2025, 5, 1))
    record(books, CHAIR, "entitlement_rule", "按面积归全体业主", date(2025, 5, 1))

"""An amendment that takes more out of a bank account is a payment, and passes the people a payment passes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.journal import Document, Draft, Posted
from ledger.people import Actor
from ledger.store.engine import reading, writing
from ledger.work import CO_SIGN, PAY, POSTED, Work, co_sign, pay, prepare, read_work, review
from tests.ledger.books import (
    MAJOR,
    TODAY,
    Books,
    act,
    cash,
    changed,
    draft,
    fee_receipt,
    invoice,
    line,
    open_books,
    payment,
)
from tests.work.people import ACCOUNTANT, CASHIER, CHECKER, MEMBER

LIMIT = 500_00
ADDED_ON = date(2025, 5, 20)


@pytest.fixture
def books(engine: Engine) -> Books:
    made = open_books(engine, 1, co_sign_above=LIMIT)
    made.post(invoice(LIMIT * 4))
    return made


def paid(amount: int, **changes: Any) -> Draft:
    """A vendor's bill as the bookkeeper types it: no receipt of the bank yet."""
    shown: dict[str, Any] = {"documents": (), "preparer": "", "reviewer": ""}
    return changed(payment(amount), **(shown | changes))


def amendment(ref: str, corrected: Draft) -> Work:
    return Work(kind="amendment", title=f"订正 {ref}", amends=ref, drafts=(corrected,))


def step(books: Books, what: Any, no: int, actor: Actor, **values: Any) -> list[Posted]:
    with writing(books.engine) as conn:
        made: list[Posted] = what(conn, books.trust_id, no, actor, act(), **values)
    return made


def reviewed(books: Books, work: Work) -> int:
    with writing(books.engine) as conn:
        no = prepare(conn, books.trust_id, work, ACCOUNTANT, act()).no
    step(books, review, no, CHECKER)
    return no


def waiting_for(books: Books, no: int) -> str:
    with reading(books.engine) as conn:
        return read_work(conn, books.trust_id, no).item.waiting_for


def test_more_money_out_waits_for_the_cashier(books: Books) -> None:
    ref = books.post(payment(100_00)).ref
    no = reviewed(books, amendment(ref, paid(150_00, date=date(2025, 4, 1))))
    assert waiting_for(books, no) == PAY
    (posted,) = step(books, pay, no, CASHIER, on=ADDED_ON, bank_number="HD0009")
    difference = books.stored(posted.ref).draft
    assert difference.date == ADDED_ON
    assert [x.amount for x in difference.lines] == [50_00, 50_00]
    assert {"payment_order", "bank_line"} <= {item.kind for item in difference.documents}
    assert "HD0009" in {item.number for item in difference.documents}


def test_above_the_limit_the_committee_signs_first(books: Books) -> None:
    ref = books.post(payment(LIMIT)).ref
    no = reviewed(books, amendment(ref, paid(LIMIT + 1, date=TODAY)))
    assert waiting_for(books, no) == CO_SIGN
    step(books, co_sign, no, MEMBER)
    assert waiting_for(books, no) == PAY
    (posted,) = step(books, pay, no, CASHIER, on=TODAY)
    assert books.stored(posted.ref).draft.references["co_sign"] == f"第{no}号单据会签"


def test_small_additions_do_not_creep_past_the_limit(books: Books) -> None:
    """Petty cash has no gate of its own: only the sum that left tells."""

    def drawn(amount: int) -> Draft:
        lines = [line("D", "122101", amount, party="STAFF"), cash("C", amount)]
        return changed(draft("E13a", lines), date=TODAY, preparer="", reviewer="")

    ref = books.post(
        changed(drawn(LIMIT - 10_00), documents=payment().documents, preparer="甲", reviewer="乙")
    ).ref
    first = reviewed(books, amendment(ref, drawn(LIMIT)))
    step(books, pay, first, CASHIER, on=TODAY)
    second = reviewed(books, amendment(ref, drawn(LIMIT + 10_00)))
    assert waiting_for(books, second) == CO_SIGN


def test_what_an_earlier_amendment_added_is_not_paid_again(books: Books) -> None:
    ref = books.post(payment(100_00)).ref
    step(books, pay, reviewed(books, amendment(ref, paid(200_00, date=TODAY))), CASHIER, on=TODAY)
    shown = changed(payment(160_00), date=TODAY)
    assert waiting_for(books, reviewed(books, amendment(ref, shown))) == POSTED, "less than was paid"
    no = reviewed(books, amendment(ref, paid(180_00, date=TODAY)))
    with reading(books.engine) as conn:
        assert read_work(conn, books.trust_id, no).work.adds == {"F1-CCB": 20_00}


def test_less_money_out_or_more_in_needs_no_cashier(books: Books) -> None:
    less = books.post(payment(100_00)).ref
    assert waiting_for(books, reviewed(books, amendment(less, changed(payment(60_00), date=TODAY)))) == POSTED
    more = books.post(fee_receipt(100_00)).ref
    corrected = changed(fee_receipt(130_00), date=TODAY)
    assert waiting_for(books, reviewed(books, amendment(more, corrected))) == POSTED


def test_what_it_adds_is_never_taken_from_outside(books: Books) -> None:
    ref = books.post(payment(100_00)).ref
    work = amendment(ref, paid(150_00, date=TODAY))
    for told in ({}, {"F1-CCB": 1}, {"F2-CMB": 9_999_00}):
        with writing(books.engine) as conn:
            no = prepare(conn, books.trust_id, Work(**{**_fields(work), "adds": told}), ACCOUNTANT, act()).no
            assert read_work(conn, books.trust_id, no).work.adds == {"F1-CCB": 50_00}
            conn.rollback()


def _fields(work: Work) -> dict[str, Any]:
    return {name: getattr(work, name) for name in work.__struct_fields__}


def test_an_addition_that_changed_meanwhile_is_prepared_anew(books: Books) -> None:
    ref = books.post(payment(100_00)).ref
    no = reviewed(books, amendment(ref, paid(150_00, date=TODAY)))
    books.amend(ref, changed(payment(120_00), date=TODAY))
    before = books.footprint()
    with pytest.raises(Refused) as caught:
        step(books, pay, no, CASHIER, on=TODAY)
    assert caught.value.codes == {"addition_changed"}
    assert books.footprint() == before


def test_more_to_a_related_party_is_co_signed_however_small(books: Books) -> None:
    quotes = tuple(Document("quote", f"比价单{no}", original=f"{no:064x}") for no in (1, 2))
    own = {"references": {"related_party_consent": MAJOR}}
    original = payment(1_00, "V2", **own)
    ref = books.post(
        changed(
            original,
            documents=(*original.documents, *quotes),
            references=own["references"] | {"co_sign": "1"},
        )
    ).ref
    more = paid(2_00, date=TODAY, **own)
    more = changed(more, lines=payment(2_00, "V2").lines, documents=quotes)
    assert waiting_for(books, reviewed(books, amendment(ref, more))) == CO_SIGN

"""The trustee's remuneration: by the clause and nothing else, once a month, never while it owes damages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.journal import Document, amend
from ledger.payments.remuneration import Sheet, remuneration_sheet, remuneration_work
from ledger.store.engine import reading, writing
from ledger.trust import load_setup
from tests.ledger.books import DAY, Books, act, fee_charge, fee_receipt, line, open_books
from tests.ledger.books import draft as a_draft
from tests.payments.desk import finish, prepare_simple, prepare_work

SHEET = (Document("remuneration_sheet", "酬金计算表"),)
TENTH = {"text": "按实收的百分之八", "basis": "percent", "rate_e4": 825, "of": "receipts"}
FIXED = {"text": "每月固定", "basis": "fixed", "monthly": 3_000_00}


def sheet_of(books: Books, period: int = 202503) -> Sheet:
    with reading(books.engine) as conn:
        return remuneration_sheet(conn, load_setup(conn, books.trust_id), period)


def accrue(books: Books, amount: int | None = None, period: int = 202503) -> int:
    with writing(books.engine) as conn:
        setup = load_setup(conn, books.trust_id)
        sheet = remuneration_sheet(conn, setup, period)
        work = remuneration_work(
            conn,
            setup,
            sheet,
            amount=sheet.amount or 0 if amount is None else amount,
            party="TRUSTEE",
            fund="F1",
            on=DAY,
            documents=SHEET,
            act=act(),
        )
    return prepare_work(books, work)


def test_a_percentage_is_of_what_was_received_in_the_month_to_the_fen(engine: Engine) -> None:
    books = open_books(engine, remuneration_clause=TENTH)
    books.post(fee_charge())
    books.post(fee_receipt(100_07))
    books.post(fee_receipt(50_00, unit="1-102", date=date(2025, 4, 2)))
    wrong = books.post(fee_receipt(33_00)).ref
    books.reverse(wrong, on=DAY)
    sheet = sheet_of(books)
    assert (sheet.base, sheet.amount) == (100_07, 8_26), "8.25 % of 100.07 is 8.255775"
    assert sheet.sentence == "100.07 元 × 8.25% = 8.26 元（四舍五入到分）"


def test_a_receipt_put_right_by_red_and_blue_letters_still_counts(engine: Engine) -> None:
    books = open_books(engine, remuneration_clause=TENTH)
    books.post(fee_charge())
    wrong = books.post(fee_receipt(100_00)).ref
    assert sheet_of(books).base == 100_00
    with writing(engine) as conn:
        amend(conn, books.trust_id, wrong, fee_receipt(100_00, unit="1-102"), act())
    assert sheet_of(books).base == 100_00


def test_a_percentage_of_income_looks_at_what_was_charged(engine: Engine) -> None:
    books = open_books(engine, remuneration_clause=TENTH | {"of": "income", "rate_e4": 1000})
    books.post(fee_charge())
    books.post(fee_receipt(100_07))
    assert (sheet_of(books).base, sheet_of(books).amount) == (300_00, 30_00)


def test_remuneration_is_accrued_once_a_month_and_paid_no_further_than_that(engine: Engine) -> None:
    books = open_books(engine, remuneration_clause=FIXED)
    no = accrue(books)
    with pytest.raises(Refused, match=f"第 {no} 号单据"):
        accrue(books)
    ref = finish(books, no)[0]
    assert books.balance("2242") == -3_000_00
    with pytest.raises(Refused) as refused:
        accrue(books)
    assert refused.value.codes == {"accrued_already"}
    books.reverse(ref)
    finish(books, accrue(books))
    with pytest.raises(Refused) as refused:
        prepare_simple(books, "remuneration_paid", 3_000_01, names={"party": "TRUSTEE"})
    assert refused.value.codes == {"beyond_balance"}
    finish(books, prepare_simple(books, "remuneration_paid", 3_000_00, names={"party": "TRUSTEE"}))
    assert books.balance("2242") == 0


def test_a_month_is_accrued_when_it_is_over(engine: Engine) -> None:
    books = open_books(engine, remuneration_clause=FIXED)
    for period in (202506, 202507):
        with pytest.raises(Refused) as refused:
            accrue(books, period=period)
        assert refused.value.codes == {"month_not_over"}, "today is 30 June"
    finish(books, accrue(books, period=202505))


def test_while_the_trustee_owes_damages_it_is_not_paid(engine: Engine) -> None:
    books = open_books(engine, remuneration_clause=FIXED)
    finish(books, accrue(books))
    books.post(
        a_draft("E27", [line("D", "122103", 5_00, party="TRUSTEE"), line("C", "4401", 5_00)], "decision")
    )
    with pytest.raises(Refused) as refused:
        prepare_simple(books, "remuneration_paid", 1_00, names={"party": "TRUSTEE"})
    assert refused.value.codes == {"gate_no_open_compensation"}


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        (None, "gate_remuneration_clause"),
        ({"basis": "percent", "rate_e4": 0}, "bad_clause"),
        ({"basis": "percent", "rate_e4": 8.5}, "bad_clause"),
        ({"basis": "percent", "rate_e4": 500, "of": "profit"}, "bad_clause"),
        ({"basis": "fixed", "monthly": 0}, "bad_clause"),
        ({"basis": "whatever"}, "bad_clause"),
        (FIXED, "not_by_clause"),
        (TENTH, "nothing_due"),
        ("由双方商定", "nothing_due"),
    ],
)
@pytest.mark.db("sqlite")
def test_without_a_clear_clause_nothing_is_accrued(engine: Engine, clause: Any, code: str) -> None:
    books = open_books(engine, **({"remuneration_clause": clause} if clause is not None else {}))
    with pytest.raises(Refused) as refused:
        accrue(books, 1 if code == "not_by_clause" else 0)
    assert refused.value.codes == {code}


@pytest.mark.db("sqlite")
def test_a_clause_in_words_takes_the_amount_of_its_sheet(engine: Engine) -> None:
    books = open_books(engine, remuneration_clause="由双方商定")
    assert sheet_of(books).amount is None
    finish(books, accrue(books, 1_234_56))
    assert books.balance("5014") == 1_234_56

"""Short hands for the tests of payments: prepare work, take it through everybody, ask what is owed."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from ledger.journal import Document
from ledger.payments.payables import Payable, open_payables
from ledger.payments.requests import PaymentRequest, VendorInvoice, invoice_work, payment_work
from ledger.payments.simple import SimpleRequest, simple_work
from ledger.store.engine import reading, writing
from ledger.work import CO_SIGN, PAY, Work, co_sign, pay, prepare, read_work, review
from tests.ledger.books import DAY, Books, act
from tests.work.people import ACCOUNTANT, CASHIER, CHECKER, MEMBER

_numbers = count(1)
ACCEPTANCE = Document("acceptance", "验收单")


def an_invoice(amount: int = 1_000_00, **changes: Any) -> VendorInvoice:
    """An invoice of V1 under C1, with its papers."""
    number = changes.pop("number", f"2600000000000{next(_numbers):07d}")
    values: dict[str, Any] = {
        "contract": "C1",
        "number": number,
        "fund": "F1",
        "on": DAY,
        "costs": (("500501", amount),),
        "documents": (Document("invoice", number=number, original="a" * 64), ACCEPTANCE),
    }
    return VendorInvoice(**(values | changes))


def a_request(parts: dict[str, int], **changes: Any) -> PaymentRequest:
    values: dict[str, Any] = {"parts": parts, "bank_account": "F1-CCB", "on": DAY}
    return PaymentRequest(**(values | changes))


def prepare_invoice(books: Books, invoice: VendorInvoice) -> int:
    with writing(books.engine) as conn:
        work = invoice_work(conn, books.trust_id, invoice, act())
        return prepare(conn, books.trust_id, work, ACCOUNTANT, act()).no


def prepare_payment(books: Books, request: PaymentRequest) -> int:
    with writing(books.engine) as conn:
        work = payment_work(conn, books.trust_id, request, act())
        return prepare(conn, books.trust_id, work, ACCOUNTANT, act()).no


def prepare_simple(books: Books, form: str, amount: int, **changes: Any) -> int:
    with writing(books.engine) as conn:
        values: dict[str, Any] = {
            "form": form,
            "amount": amount,
            "on": DAY,
            "fund": "F1",
            "bank_account": "F1-CCB",
        }
        work = simple_work(conn, books.trust_id, SimpleRequest(**(values | changes)), act())
        return prepare(conn, books.trust_id, work, ACCOUNTANT, act()).no


def prepare_work(books: Books, work: Work) -> int:
    with writing(books.engine) as conn:
        return prepare(conn, books.trust_id, work, ACCOUNTANT, act()).no


def finish(books: Books, no: int, on: date = DAY) -> list[str]:
    """Everybody who has to agrees, the cashier pays; the entries' names."""
    with writing(books.engine) as conn:
        review(conn, books.trust_id, no, CHECKER, act())
        if read_work(conn, books.trust_id, no).item.waiting_for == CO_SIGN:
            co_sign(conn, books.trust_id, no, MEMBER, act())
        if read_work(conn, books.trust_id, no).item.waiting_for == PAY:
            pay(conn, books.trust_id, no, CASHIER, act(), on=on, bank_number=f"H{no}")
        return [ref for _, ref in read_work(conn, books.trust_id, no).entries]


def invoiced(books: Books, amount: int = 1_000_00, **changes: Any) -> str:
    """An invoice in the books; its entry's name."""
    return finish(books, prepare_invoice(books, an_invoice(amount, **changes)))[0]


def owed(books: Books, **named: Any) -> list[Payable]:
    with reading(books.engine) as conn:
        return open_payables(conn, books.trust_id, **named)


def figures(books: Books) -> list[tuple[str, int, int, int]]:
    """Entry and account, amount, paid, in work of every open debt."""
    return [(debt.key, debt.amount, debt.paid, debt.in_work) for debt in owed(books)]

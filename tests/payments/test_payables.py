"""What is owed, invoice by invoice: paid in parts, never more than is open, red letters taken out."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.journal import Document
from ledger.payments.payables import open_payables
from ledger.store.engine import reading, writing
from ledger.work import Work, send_back, withdraw
from tests.ledger.books import DAY, MAJOR, Books, act, invoice, open_books, payment
from tests.payments.desk import (
    a_request,
    an_invoice,
    figures,
    finish,
    invoiced,
    owed,
    prepare_invoice,
    prepare_payment,
    prepare_work,
)
from tests.work.people import ACCOUNTANT, CHECKER


@pytest.fixture
def books(engine: Engine) -> Books:
    return open_books(engine)


def test_an_invoice_becomes_a_debt_that_is_paid_in_two_parts(books: Books) -> None:
    ref = invoiced(books, 1_000_00, due_on=date(2025, 4, 1))
    (debt,) = owed(books)
    assert (debt.ref, debt.open, debt.due_on, debt.vendor) == (ref, 1_000_00, date(2025, 4, 1), "V1")
    finish(books, prepare_payment(books, a_request({debt.key: 400_00})))
    assert figures(books) == [(debt.key, 1_000_00, 400_00, 0)]
    paid = finish(books, prepare_payment(books, a_request({debt.key: 600_00})))
    assert owed(books) == []
    stored = books.stored(paid[0])
    assert stored.draft.references["payable"] == ref
    assert {item.kind for item in stored.draft.documents} == {"payment_order", "bank_line"}
    assert books.balance("220201") == 0


def test_money_kept_back_is_a_debt_of_its_own_and_is_paid_when_the_guarantee_ends(books: Books) -> None:
    ref = invoiced(books, 1_000_00, retention=50_00, retention_due=date(2026, 3, 10))
    assert [(d.key, d.open, d.retention, d.due_on) for d in owed(books)] == [
        (f"{ref}:220201", 950_00, False, None),
        (f"{ref}:220202", 50_00, True, date(2026, 3, 10)),
    ]
    finish(books, prepare_payment(books, a_request({f"{ref}:220202": 50_00, f"{ref}:220201": 950_00})))
    assert owed(books) == []
    assert books.balance("220202") == books.balance("220201") == 0


def test_what_waits_in_work_cannot_be_asked_for_again(books: Books) -> None:
    key = f"{invoiced(books)}:220201"
    no = prepare_payment(books, a_request({key: 700_00}))
    assert figures(books) == [(key, 1_000_00, 0, 700_00)]
    with pytest.raises(Refused, match="已在别的单据里") as refused:
        prepare_payment(books, a_request({key: 300_01}))
    assert refused.value.codes == {"beyond_payable"}
    with writing(books.engine) as conn:
        send_back(conn, books.trust_id, no, CHECKER, act(), "金额不对")
    finish(books, prepare_payment(books, a_request({key: 1_000_00})))
    assert owed(books) == []


def test_payments_that_name_no_invoice_pay_the_oldest(books: Books) -> None:
    first, second = invoiced(books, 300_00), invoiced(books, 500_00)
    books.post(payment(400_00))
    assert figures(books) == [(f"{second}:220201", 500_00, 100_00, 0)]
    books.post(invoice(50_00))
    finish(books, prepare_payment(books, a_request({owed(books)[1].key: 50_00})))
    assert figures(books) == [(f"{second}:220201", 500_00, 100_00, 0)]
    assert first not in {debt.ref for debt in owed(books)}


def test_red_letters_take_a_debt_out_and_bring_a_payment_back(books: Books) -> None:
    wrong = invoiced(books, 999_00)
    books.reverse(wrong)
    assert owed(books) == []
    ref = invoiced(books, 100_00)
    paid = finish(books, prepare_payment(books, a_request({f"{ref}:220201": 100_00})))
    books.reverse(paid[0])
    assert figures(books) == [(f"{ref}:220201", 100_00, 0, 0)]


def test_a_corrected_amount_changes_the_debt_of_its_invoice(books: Books) -> None:
    made = invoice(1_000_00)
    ref = books.post(made).ref
    lines = tuple(msgspec.structs.replace(line, amount=900_00) for line in made.lines)
    books.amend(ref, msgspec.structs.replace(made, lines=lines, key="right"))
    assert figures(books) == [(f"{ref}:220201", 900_00, 0, 0)]


def test_a_payment_corrected_downwards_leaves_more_to_pay(books: Books) -> None:
    key = f"{invoiced(books, 1_000_00)}:220201"
    (ref,) = finish(books, prepare_payment(books, a_request({key: 400_00})))
    paid = books.stored(ref).draft
    lines = tuple(msgspec.structs.replace(line, amount=300_00) for line in paid.lines)
    books.amend(ref, msgspec.structs.replace(paid, lines=lines, key="right"))
    assert figures(books) == [(key, 1_000_00, 300_00, 0)]
    assert books.balance("220201") == -700_00


def test_one_payment_of_two_contracts_pays_each_its_own(books: Books) -> None:
    a, b = invoiced(books, 300_00), invoiced(books, 200_00)
    request = a_request({f"{b}:220201": 200_00, f"{a}:220201": 100_00})
    finish(books, prepare_payment(books, request))
    assert figures(books) == [(f"{a}:220201", 300_00, 100_00, 0)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parts": {}}, "nothing_chosen"),
        ({"parts": {"A-2025-999999:220201": 1}}, "not_owed"),
        ({"bank_account": "F2-CMB"}, "other_fund"),
        ({"bank_account": "F1-WX"}, "bad_account"),
        ({"bank_account": "nowhere"}, "bad_account"),
        ({"parts": {"KEY": 0}}, "bad_amount"),
        ({"parts": {"KEY": -5}}, "bad_amount"),
        ({"parts": {"KEY": 1_000_01}}, "beyond_payable"),
    ],
)
@pytest.mark.db("sqlite")
def test_each_wrong_request_is_refused_with_its_reason(
    books: Books, changes: dict[str, Any], code: str
) -> None:
    key = f"{invoiced(books)}:220201"
    parts = {name.replace("KEY", key): fen for name, fen in changes.get("parts", {key: 1}).items()}
    with pytest.raises(Refused) as refused:
        prepare_payment(books, a_request(parts, **{k: v for k, v in changes.items() if k != "parts"}))
    assert code in refused.value.codes
    assert figures(books) == [(key, 1_000_00, 0, 0)]


@pytest.mark.db("sqlite")
def test_a_request_pays_one_vendor(books: Books) -> None:
    first = invoiced(books)
    books.post(related_bill())
    keys = [debt.key for debt in owed(books)]
    with pytest.raises(Refused) as refused:
        prepare_payment(books, a_request(dict.fromkeys(keys, 1_00)))
    assert "several_vendors" in refused.value.codes
    assert first in keys[0]


def related_bill() -> Any:
    made = invoice(500_00)
    lines = tuple(msgspec.structs.replace(x, vendor=x.vendor and "V2") for x in made.lines)
    return msgspec.structs.replace(made, lines=lines)


@pytest.mark.db("sqlite")
def test_the_trustees_own_company_is_paid_only_with_consent_and_two_quotes(books: Books) -> None:
    ref = books.post(related_bill()).ref
    key = f"{ref}:220201"
    quotes = (Document("quote", "甲"), Document("quote", "乙"))
    for changes in (
        {},
        {"consent": MAJOR},
        {"documents": quotes},
        {"consent": MAJOR, "documents": quotes[:1]},
    ):
        with pytest.raises(Refused, match="两份比价单") as refused:
            prepare_payment(books, a_request({key: 500_00}, **changes))
        assert refused.value.codes == {"gate_related_party"}
    finish(books, prepare_payment(books, a_request({key: 500_00}, consent=MAJOR, documents=quotes)))
    assert owed(books) == []


@pytest.mark.db("sqlite")
def test_an_invoice_counts_once_also_while_it_waits(books: Books) -> None:
    no = prepare_invoice(books, an_invoice(number="25000000009999999999"))
    with pytest.raises(Refused, match=f"第 {no} 号单据"):
        prepare_invoice(books, an_invoice(number=" 2500000000 9999999999"))
    ref = finish(books, no)[0]
    with pytest.raises(Refused) as refused:
        prepare_invoice(books, an_invoice(number="25000000009999999999"))
    assert refused.value.codes == {"duplicate_invoice"}
    books.reverse(ref)
    assert finish(books, prepare_invoice(books, an_invoice(number="25000000009999999999")))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"costs": ()}, "bad_amount"),
        ({"costs": (("500501", 0),)}, "bad_amount"),
        ({"retention": 1_000_00}, "bad_retention"),
        ({"retention": 50_00}, "missing"),
        ({"documents": ()}, "missing_document"),
        ({"documents": (Document("invoice"), Document("acceptance"))}, "no_invoice_number"),
        ({"costs": (("4101", 5_00),)}, "line_off_event"),
        ({"fund": "F3"}, "fund_not_allowed"),
    ],
)
@pytest.mark.db("sqlite")
def test_each_wrong_invoice_is_refused_with_its_reason(
    books: Books, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        prepare_invoice(books, an_invoice(**changes))
    assert code in refused.value.codes


@pytest.mark.db("sqlite")
def test_without_a_budget_line_no_invoice_once_a_budget_is_in_force(engine: Engine) -> None:
    books = open_books(engine, budget_in_force=True)
    with pytest.raises(Refused, match="请先申请预算调整，或填写预算行"):
        invoiced(books)
    with pytest.raises(Refused, match="没有生效的预算行“B-01”"):
        invoiced(books, budget_line="B-01")


@pytest.mark.db("sqlite")
def test_a_new_date_replaces_the_one_of_an_invoice_that_was_taken_back(books: Books) -> None:
    number = "25000000008888888888"
    no = prepare_invoice(books, an_invoice(number=number, due_on=date(2025, 4, 1)))
    with writing(books.engine) as conn:
        withdraw(conn, books.trust_id, no, ACCOUNTANT, act())
    invoiced(books, number=number, due_on=date(2025, 5, 1))
    assert owed(books)[0].due_on == date(2025, 5, 1)


@pytest.mark.db("sqlite")
def test_the_list_of_debts_takes_the_same_queries_however_many_there_are(
    books: Books, count_queries: Any
) -> None:
    def asked() -> int:
        with reading(books.engine) as conn, count_queries(books.engine) as queries:
            open_payables(conn, books.trust_id)
        return len(queries)

    invoiced(books)
    before = asked()
    for _ in range(4):
        invoiced(books)
    assert asked() == before <= 3


def test_a_debt_cancelled_by_red_letters_is_not_paid_by_a_request_made_before(books: Books) -> None:
    ref = invoiced(books)
    no = prepare_payment(books, a_request({f"{ref}:220201": 1_000_00}))
    red = Work(kind="reversal", title="冲销", reverses=ref, on=DAY, reason="发票作废")
    finish(books, prepare_work(books, red))
    with pytest.raises(Refused) as caught:
        finish(books, no)
    assert caught.value.codes == {"overdrawn"}
    assert books.balance("220201") == 0


@pytest.mark.parametrize("kind", ["bank", "revenue_cost"])
def test_a_debt_that_other_work_pays_is_not_asked_for_again(books: Books, kind: str) -> None:
    ref = invoiced(books)
    prepare_work(books, Work(kind=kind, title="流水入账", drafts=(payment(),)))
    with pytest.raises(Refused):
        prepare_payment(books, a_request({f"{ref}:220201": 1_00}))


@given(
    invoices=st.lists(st.integers(1, 1_000), min_size=1, max_size=4),
    payments=st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(1, 1_200)), max_size=6),
)
@settings(max_examples=12, deadline=None)
@pytest.mark.db("sqlite")
def test_debts_add_up_to_the_account_whatever_is_paid(
    databases: Any, invoices: list[int], payments: list[tuple[bool, int, int]]
) -> None:
    from ledger.store.engine import open_engine

    with databases.database("sqlite") as database:
        engine = open_engine(database.url)
        books = open_books(engine)
        refs = [books.post(invoice(fen)).ref for fen in invoices]
        left = sum(invoices)
        for named, place, fen in payments:
            debts = {debt.ref: debt for debt in owed(books)}
            ref = refs[place % len(refs)]
            if named and ref in debts and fen <= debts[ref].open:
                finish(books, prepare_payment(books, a_request({debts[ref].key: fen})))
            elif not named and fen <= left:
                books.post(payment(fen))
            else:
                continue
            left -= fen
        assert sum(debt.open for debt in owed(books)) == left == -books.balance("220201")
        assert all(0 <= debt.open <= debt.amount for debt in owed(books))
        engine.dispose()

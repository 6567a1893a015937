"""Vendors and contracts: registered once, their ties to the trustee kept with their day, papers beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused, Unanswerable
from ledger.journal import Document
from ledger.payments.contract_papers import contract_papers
from ledger.payments.contracts import (
    Purchase,
    add_purchase,
    change_total,
    list_contracts,
    read_contract,
)
from ledger.payments.vendors import (
    Vendor,
    add_vendor,
    change_vendor,
    list_vendors,
    read_vendor,
    untie_vendor,
    vendor_history,
)
from ledger.people import Actor, Forbidden
from ledger.store.engine import reading, writing
from tests.ledger.books import Books, act, open_books
from tests.payments.desk import (
    a_request,
    an_invoice,
    finish,
    invoiced,
    owed,
    prepare_invoice,
    prepare_payment,
)
from tests.work.people import ACCOUNTANT, CASHIER, CHAIR

LIFTS = Vendor(
    name="某某电梯维保有限公司",
    tax_no="9151 0100 test 1234",
    bank="某银行",
    bank_number="6222 0210 0100 0001",
)


@pytest.fixture
def books(engine: Engine) -> Books:
    return open_books(engine)


def add(books: Books, vendor: Vendor, actor: Any = ACCOUNTANT) -> str:
    with writing(books.engine) as conn:
        return add_vendor(conn, books.trust_id, vendor, actor, act())


def untie(books: Books, actor: Actor, day: date) -> None:
    with writing(books.engine) as conn:
        untie_vendor(conn, books.trust_id, "V1", "股权已转让", actor, act(day))


def change(books: Books, vendor: Vendor, day: date | None = None) -> None:
    with writing(books.engine) as conn:
        change_vendor(conn, books.trust_id, vendor, ACCOUNTANT, act(day) if day else act())


def known(books: Books, code: str) -> Vendor:
    with reading(books.engine) as conn:
        return read_vendor(conn, books.trust_id, code)


def sign(books: Books, purchase: Purchase, *documents: Document) -> None:
    with writing(books.engine) as conn:
        add_purchase(conn, books.trust_id, purchase, documents, ACCOUNTANT, act())


def test_a_vendor_gets_the_next_number_and_what_was_typed_is_tidied(books: Books) -> None:
    code = add(books, LIFTS)
    assert code == "V003"
    kept = known(books, code)
    assert (kept.tax_no, kept.bank_number, kept.related) == ("91510100TEST1234", "6222021001000001", False)
    with reading(books.engine) as conn:
        assert [v.code for v in list_vendors(conn, books.trust_id, limit=2)] == ["V003", "V1"]
        assert [v.code for v in list_vendors(conn, books.trust_id, after="V003")] == ["V1", "V2"]
        assert [v.code for v in list_vendors(conn, books.trust_id, find="维保")] == ["V003"]
        assert list_vendors(conn, books.trust_id, find="%") == []


@pytest.mark.parametrize(
    ("vendor", "code"),
    [
        (Vendor(name=" "), "missing"),
        (Vendor(name="电梯公司"), "vendor_known"),
        (Vendor(name="新公司", code="V1"), "vendor_known"),
        (Vendor(name="关联公司", related=True), "no_relation"),
        (Vendor(name="张师傅 13800000000"), "private_data"),
        (Vendor(name="长" * 101), "too_long"),
        (Vendor(name="新公司", code="../x"), "bad_code"),
    ],
)
@pytest.mark.db("sqlite")
def test_each_wrong_vendor_is_refused_with_its_reason(books: Books, vendor: Vendor, code: str) -> None:
    with pytest.raises(Refused) as refused:
        add(books, vendor)
    assert refused.value.codes == {code}
    with pytest.raises(Forbidden):
        add(books, LIFTS, CASHIER)
    with pytest.raises(Unanswerable):
        known(books, "V9")


def test_a_vendor_that_becomes_the_trustees_is_paid_like_one_from_that_day_on(books: Books) -> None:
    ref = invoiced(books, 1_000_00)
    finish(books, prepare_payment(books, a_request({f"{ref}:220201": 100_00})))
    change(books, replace(known(books, "V1"), related=True, relation="被受托人收购"), date(2025, 3, 5))
    with pytest.raises(Refused, match="比价单"):
        prepare_payment(books, a_request({f"{ref}:220201": 100_00}))
    with pytest.raises(Refused, match="只能由业委会主任"):
        change(books, replace(known(books, "V1"), related=False), date(2025, 3, 9))
    with pytest.raises(Forbidden):
        untie(books, ACCOUNTANT, date(2025, 3, 9))
    with pytest.raises(Refused, match="今天已经改过"):
        untie(books, CHAIR, date(2025, 3, 5))
    untie(books, CHAIR, date(2025, 3, 9))
    finish(books, prepare_payment(books, a_request({f"{ref}:220201": 100_00})))
    with reading(books.engine) as conn:
        history = vendor_history(conn, books.trust_id, "V1")
    assert [(v.version, v.vendor.related) for v in history] == [(2, False), (1, True)]
    assert [v.recorded_by for v in history] == [CHAIR.signature, ACCOUNTANT.signature]


@pytest.mark.db("sqlite")
def test_a_change_that_changes_nothing_is_refused(books: Books) -> None:
    with pytest.raises(Refused, match="没有改动"):
        change(books, known(books, "V1"))


def test_a_contract_shows_what_was_invoiced_and_paid_and_stops_at_its_total(books: Books) -> None:
    sign(
        books,
        Purchase(" HT-2025 01 ", "电梯年保", "V1", date(2025, 1, 1), date(2025, 12, 31), total=1_500_00),
        Document("contract", "电梯年保合同", original="c" * 64),
    )
    ref = invoiced(books, 1_000_00, contract="HT-202501")
    finish(books, prepare_payment(books, a_request({f"{ref}:220201": 400_00})))
    with reading(books.engine) as conn:
        file = read_contract(conn, books.trust_id, "HT-202501")
        assert [p.document.title for p in contract_papers(conn, books.trust_id, "HT-202501")] == [
            "电梯年保合同"
        ]
        assert {c.purchase.number for c in list_contracts(conn, books.trust_id, vendor="V1")} == {
            "C1",
            "HT-202501",
        }
        assert [c.purchase.number for c in list_contracts(conn, books.trust_id, after="C1")] == [
            "HT-202501",
            "R1",
        ]
    assert (file.invoiced, file.paid, file.left, file.party_name) == (1_000_00, 400_00, 500_00, "电梯公司")
    waiting = prepare_invoice(books, an_invoice(300_00, contract="HT-202501"))
    with pytest.raises(Refused, match=r"还能开票 200\.00 元"):
        prepare_invoice(books, an_invoice(200_01, contract="HT-202501"))
    finish(books, waiting)
    with writing(books.engine) as conn, pytest.raises(Refused, match="依据"):
        change_total(conn, books.trust_id, "HT-202501", 2_000_00, "", ACCOUNTANT, act())
    with writing(books.engine) as conn:
        change_total(conn, books.trust_id, "HT-202501", 2_000_00, "补充协议1号", ACCOUNTANT, act())
    invoiced(books, 200_01, contract="HT-202501")
    assert len(owed(books)) == 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": " "}, "missing"),
        ({"title": ""}, "missing"),
        ({"number": "HT/2025"}, "bad_number"),
        ({"number": "C1"}, "contract_known"),
        ({"vendor": "V9"}, "unknown_vendor"),
        ({"site": "S9"}, "unknown_site"),
        ({"ends_on": date(2024, 12, 31)}, "bad_days"),
        ({"title": "业主 13800000000 赔偿"}, "private_data"),
    ],
)
@pytest.mark.db("sqlite")
def test_each_wrong_contract_is_refused_with_its_reason(
    books: Books, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        sign(books, replace(Purchase("HT-1", "保洁", "V1", date(2025, 1, 1)), **changes))
    assert refused.value.codes == {code}

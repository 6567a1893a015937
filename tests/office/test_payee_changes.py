"""Whoever changes where a vendor's money goes after others agreed is noticed before it is paid."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from python_calamine import CalamineWorkbook

from disclosure.office.payments_desk import PAYEE_CHANGED
from ledger.payments.vendors import change_vendor, read_vendor
from ledger.store.engine import reading, writing
from ledger.work import Work, prepare, review
from tests.ledger.books import changed, invoice, payment
from tests.office.conftest import OfficeSite


def record(office: OfficeSite, **values: str) -> None:
    """Change the vendor's data, five minutes after what was done before."""
    office.clock.forward(minutes=5)
    with writing(office.engine) as conn:
        vendor = replace(read_vendor(conn, office.trust_id, "V1"), **values)
        change_vendor(conn, office.trust_id, vendor, office.actor("preparer"), office.act())


def agree_to_pay(office: OfficeSite) -> None:
    office.books.post(invoice(300_00))
    office.clock.forward(minutes=5)
    one = changed(payment(300_00), documents=(), preparer="", reviewer="")
    work = Work(kind="payment", title="付维保费", drafts=(one,))
    with writing(office.engine) as conn:
        no = prepare(conn, office.trust_id, work, office.actor("preparer"), office.act()).no
        review(conn, office.trust_id, no, office.actor("reviewer"), office.act())


def seen_by_the_cashier(office: OfficeSite) -> tuple[bool, bool]:
    """Whether page and batch list warn."""
    client = office.client("cashier")
    page = client.get(office.path("/payments/waiting"))
    file = client.get(office.path("/payments/waiting.xlsx"))
    assert (page.status_code, file.status_code) == (200, 200)
    rows = CalamineWorkbook.from_filelike(BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert rows[0][-1] == "提醒"
    assert len(rows) == 2
    return PAYEE_CHANGED in page.text, rows[1][-1] == PAYEE_CHANGED


def test_an_account_that_stands_since_before_the_review_raises_no_warning(office: OfficeSite) -> None:
    record(office, bank="建设银行", bank_number="6217000000000001")
    agree_to_pay(office)
    record(office, contact="前台")
    assert seen_by_the_cashier(office) == (False, False)


def test_another_account_recorded_after_the_review_is_pointed_out(office: OfficeSite) -> None:
    record(office, bank="建设银行", bank_number="6217000000000001")
    agree_to_pay(office)
    record(office, bank_number="6217999999999999")
    assert seen_by_the_cashier(office) == (True, True)


def test_a_first_account_recorded_after_the_review_is_pointed_out(office: OfficeSite) -> None:
    agree_to_pay(office)
    record(office, bank="建设银行", bank_number="6217000000000001")
    assert seen_by_the_cashier(office) == (True, True)
    with reading(office.engine) as conn:
        assert read_vendor(conn, office.trust_id, "V1").bank_number == "6217000000000001"

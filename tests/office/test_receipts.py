"""The counter, the printed receipt, a unit's account, deposits and pass-through money on the office's pages."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from ledger.billing import record_fee_standard
from ledger.store.engine import writing
from tests.ledger.books import OPENED
from tests.office.conftest import OfficeSite
from tests.office.test_charges import charged, reviewed


@pytest.fixture
def owing(office: OfficeSite) -> OfficeSite:
    """Every home owes 178.20 for April and for May."""
    with writing(office.engine) as conn:
        record_fee_standard(
            conn, office.trust_id, "home", 19_800, effective_on=OPENED, authority="业决〔2024〕1号"
        )
    charged(office, "2025-04")
    charged(office, "2025-05")
    return office


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def pay(office: OfficeSite, amount: str, **fields: Any) -> Any:
    client = office.client("preparer")
    page = client.get(office.path("/receipts/new?unit=1-101")).text
    values = {
        "unit": "1-101",
        "token": token_of(page),
        "on": "2025-06-30",
        "way": "cash",
        "ahead": "property",
        "amount": amount,
    }
    return office.post(client, office.path("/receipts/new"), **(values | fields))


def paid(office: OfficeSite, amount: str, **fields: Any) -> str:
    """Take money and have it reviewed; the entry's name."""
    page = reviewed(office, pay(office, amount, **fields).headers["location"])
    found = re.search(r"A-2025-\d{6}", page)
    assert found is not None
    return found[0]


def test_the_counter_finds_the_unit_and_shows_the_oldest_debt_first(owing: OfficeSite) -> None:
    client = owing.client("preparer")
    assert "1-101" in client.get(owing.path("/receipts?q=101")).text
    page = client.get(owing.path("/receipts/new?unit=1-101")).text
    assert page.index("2025年4月物业费") < page.index("2025年5月物业费")
    assert "356.40" in page


def test_what_is_chosen_is_paid_and_the_account_shows_it(owing: OfficeSite) -> None:
    ref = paid(owing, "178.20", chosen="112201-F1-202505")
    page = owing.client("preparer").get(owing.path("/households/1-101")).text
    assert "<td>2025年4月物业费</td>" in page
    assert "<td>2025年5月物业费</td>" not in page
    assert ref in page


def test_a_refused_payment_shows_the_form_again_with_what_was_typed(owing: OfficeSite) -> None:
    answer = pay(owing, "200", way="pos", chosen="112201-F1-202505", payer="王女士")
    assert answer.status_code == 422
    assert "请填写签购单号" in answer.text
    assert 'value="王女士"' in answer.text
    assert re.search(r'value="112201-F1-202505"[^>]*checked', answer.text)


def test_sending_the_form_twice_takes_the_money_once(owing: OfficeSite) -> None:
    token = token_of(owing.client("preparer").get(owing.path("/receipts/new?unit=1-101")).text)
    assert pay(owing, "100", token=token).status_code == 303
    answer = pay(owing, "100", token=token)
    assert answer.status_code == 422
    assert "等待办理" in answer.text


def test_the_receipt_is_a_sheet_of_a5_with_the_amount_in_words_and_no_name(owing: OfficeSite) -> None:
    ref = paid(owing, "200.50", payer="王女士")
    client = owing.client("cashier")
    assert "打印收据</button>" in client.get(owing.path("/receipts/list")).text
    answer = owing.post(client, owing.path("/receipts/print"), ref=ref)
    page = owing.follow(client, answer).text
    assert "收据 2025-000001" in page
    pdf = client.get(f"{answer.headers['location']}/receipt.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["cache-control"] == "no-store"
    (sheet,) = PdfReader(io.BytesIO(pdf.content)).pages
    assert {round(float(x) / 72 * 25.4) for x in sheet.mediabox[2:]} == {148, 210}
    text = sheet.extract_text()
    for said in ("2025-000001", "1-101", "人民币贰佰元零伍角整", "2025年4月", ref, "现金"):
        assert said in text
    assert "王女士" not in text
    assert "补打" not in text
    again = owing.post(client, owing.path("/receipts/print"), ref=ref)
    body = client.get(f"{again.headers['location']}/receipt.pdf").content
    assert "补打" in PdfReader(io.BytesIO(body)).pages[0].extract_text()
    assert "打印 2 次" in client.get(owing.path("/receipts/list")).text


def test_no_receipt_before_the_payment_is_in_the_books(owing: OfficeSite) -> None:
    assert pay(owing, "100").status_code == 303
    client = owing.client("cashier")
    assert "打印收据</button>" not in client.get(owing.path("/receipts/list")).text
    assert owing.post(client, owing.path("/receipts/print"), ref="A-2025-000003").status_code == 404
    assert owing.post(client, owing.path("/receipts/print"), ref="A-2025-000001").status_code == 422


def test_units_that_owe_are_listed_and_searched(owing: OfficeSite) -> None:
    client = owing.client("supervisor")
    page = client.get(owing.path("/households")).text
    assert "3 户欠费" in page
    assert "1,069.20" in page
    assert "2-201" not in client.get(owing.path("/households?q=1-10")).text
    assert client.get(owing.path("/households/9-999")).status_code == 404


def test_cash_is_shown_until_it_is_banked(owing: OfficeSite) -> None:
    paid(owing, "300")
    client = owing.client("preparer")
    assert "待缴存的" in client.get(owing.path("/receipts")).text
    fields = {"fund": "F1", "bank_account": "F1-CCB", "amount": "300", "on": "2025-06-30", "slip": "JK1"}
    answer = owing.post(client, owing.path("/receipts/cash"), **fields)
    reviewed(owing, answer.headers["location"])
    assert "没有待缴存的现金" in client.get(owing.path("/receipts/cash")).text


def test_a_refund_is_paid_by_the_cashier_after_review(owing: OfficeSite) -> None:
    paid(owing, "400")
    client = owing.client("preparer")
    assert "43.60" in client.get(owing.path("/receipts/refund?unit=1-101")).text
    fields = {"unit": "1-101", "item": "property", "bank_account": "F1-CCB", "on": "2025-06-30"}
    path = owing.path("/receipts/refund")
    assert owing.post(client, path, amount="43.61", receipt_number="S1", **fields).status_code == 422
    answer = owing.post(client, path, amount="43.60", receipt_number="S1", **fields)
    assert "待付款" in reviewed(owing, answer.headers["location"])
    done = owing.post(
        owing.client("cashier"), f"{answer.headers['location']}/pay", paid_on="2025-06-30", bank_number="HD1"
    )
    assert done.status_code == 303
    assert "没有预收款" in client.get(owing.path("/receipts/refund?unit=1-101")).text


# --- Deposits and pass-through ------------------------------------------------------------------------------


def test_a_deposit_is_taken_docked_and_given_back(office: OfficeSite) -> None:
    client, path = office.client("preparer"), office.path("/deposits")
    fields = {
        "unit": "1-101",
        "account": "224101",
        "amount": "2000",
        "on": "2025-06-30",
        "way": "bank",
        "bank_account": "F3-ICBC",
        "token": token_of(client.get(path).text),
    }
    reviewed(office, office.post(client, path, **fields).headers["location"])
    found = re.search(r'settle\?deposit=([^"]+)"', client.get(path).text)
    assert found is not None
    form = client.get(f"{path}/settle?deposit={found[1]}&how=dock").text
    key = re.search(r'name="deposit" value="([^"]+)"', form)
    assert key is not None
    dock = {"deposit": key[1], "dock_amount": "300", "dock_on": "2025-06-30", "dock_account": "F3-ICBC"}
    refused = office.post(client, f"{path}/dock", service_account="F1-CCB", agreement="", proof="Z1", **dock)
    assert refused.status_code == 422
    assert "请填写扣款协议编号" in refused.text
    docked = office.post(client, f"{path}/dock", service_account="F1-CCB", agreement="X1", proof="Z1", **dock)
    finish(office, docked)
    assert "1,700.00" in client.get(path).text
    back = {"deposit": key[1], "amount": "1700", "on": "2025-06-30", "bank_account": "F3-ICBC"}
    paper = {"doc_kind_1": "acceptance", "acceptance": "Y1", "receipt_number": "S1"}
    scan = {"doc_file_1": ("y1.png", picture(), "image/png")}
    finish(office, office.post(client, f"{path}/return", files=scan, **back, **paper))
    assert "没有未退的押金" in client.get(path).text
    (report, *_) = office.books.stored("A-2025-000003").draft.documents
    assert (report.kind, report.number, len(report.original)) == ("acceptance", "Y1", 64)


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, "PNG")
    return file.getvalue()


def finish(office: OfficeSite, answer: Any) -> None:
    """Review and pay what a form led to."""
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    reviewed(office, location)
    done = office.post(office.client("cashier"), f"{location}/pay", paid_on="2025-06-30", bank_number="HD1")
    assert done.status_code == 303, done.text


def test_a_utility_bill_is_paid_with_what_was_collected_and_no_more(office: OfficeSite) -> None:
    client, path = office.client("preparer"), office.path("/deposits/utilities")
    fields = {
        "unit": "1-101",
        "collected": "224103",
        "amount": "80",
        "collected_on": "2025-05-20",
        "way": "cash",
    }
    token = token_of(client.get(path).text)
    reviewed(office, office.post(client, f"{path}/collect", token=token, **fields).headers["location"])
    bill = {
        "account": "224103",
        "period": "2025-05",
        "bill_number": "S2505",
        "on": "2025-06-30",
        "bank_account": "F4-CCB",
        "until": "2025-05-31",
    }
    refused = office.post(client, f"{path}/pay", total="79.99", **bill)
    assert refused.status_code == 422
    assert "代收水电不得加价，多收的 0.01 元" in refused.text
    finish(office, office.post(client, f"{path}/pay", total="80", **bill))
    assert '代收水费尚未付出 <strong class="amount">0.00</strong>' in client.get(path).text


@pytest.mark.parametrize("role", ["reviewer", "cashier", "supervisor"])
def test_only_the_clerk_takes_money_and_deposits(owing: OfficeSite, role: str) -> None:
    client = owing.client(role)
    assert client.get(owing.path("/receipts?q=1")).status_code == 200
    for below in ("/receipts/new", "/receipts/cash", "/receipts/refund", "/deposits", "/deposits/return"):
        assert owing.post(client, owing.path(below), unit="1-101").status_code == 403, below

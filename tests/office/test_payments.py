"""Money out on the web: invoice, request, review, co-signature, cashier, slip; each refusal says why."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from pypdf import PdfReader

from disclosure.office.payments_desk import Transfer, batch_xlsx, neutral
from ledger.people.audit import AuditFilter, read_audit
from ledger.store.engine import reading, writing
from ledger.trust import record_setting
from tests.documents.papers import e_invoice, picture
from tests.ledger.books import MAJOR, OPENED, act
from tests.office.conftest import OfficeSite
from tests.payments.desk import owed

NUMBER = "25327000001739485410"
INVOICE = {
    "contract": "C1",
    "number": NUMBER,
    "on": "2025-06-20",
    "fund": "F1",
    "account_1": "500501",
    "amount_1": "1060.00",
    "due_on": "2025-07-20",
    "doc_kind_1": "invoice",
    "doc_kind_2": "acceptance",
    "doc_number_2": "YS-06",
}
REQUEST = {"vendor": "V1", "bank_account": "F1-CCB", "on": "2025-06-21"}


def set_rule(office: OfficeSite, **settings: Any) -> None:
    with writing(office.engine) as conn:
        for name, value in settings.items():
            record_setting(
                conn, office.trust_id, name, value, effective_on=OPENED, authority="信托文件", act=act(OPENED)
            )


def send(office: OfficeSite, below: str, files: Any = None, role: str = "preparer", **fields: str) -> Any:
    """Post a form of the office; as multipart, as browsers do here."""
    parts = files or {"none": ("", b"", "application/octet-stream")}
    return office.post(office.client(role), office.path(below), files=parts, **fields)


def hand_in_invoice(office: OfficeSite, data: bytes | None = None, **changes: str) -> Any:
    files = {"doc_file_1": ("x.xml", data or e_invoice(), "text/xml")}
    return send(office, "/payments/invoice", files, **(INVOICE | changes))


def work_no(answer: Any) -> int:
    assert answer.status_code == 303, answer.text
    found = re.search(r"office/work-items/(\d+)$", answer.headers["location"])
    assert found is not None
    return int(found[1])


def step(office: OfficeSite, no: int, role: str, name: str, **fields: str) -> None:
    answer = office.post(office.client(role), office.path(f"/work-items/{no}/{name}"), **fields)
    assert answer.status_code == 303, answer.text


def invoiced(office: OfficeSite, **changes: str) -> str:
    """An invoice through review; how the form names its debt."""
    step(office, work_no(hand_in_invoice(office, **changes)), "reviewer", "review")
    return owed(office.books)[-1].key


def ask(office: OfficeSite, key: str, amount: str, **changes: str) -> Any:
    chosen = {f"pick_{key}": "1", f"amount_{key}": amount}
    return send(office, "/payments/request", **(REQUEST | chosen | changes))


def get(office: OfficeSite, below: str, role: str = "preparer") -> Any:
    return office.client(role).get(office.path(below))


def test_an_e_invoice_is_booked_requested_co_signed_paid_and_printed(office: OfficeSite) -> None:
    set_rule(office, co_sign_above=500_00)
    uploaded = send(
        office,
        "/documents/new",
        {"file": ("x.xml", e_invoice(), "text/xml")},
        kind="invoice",
        access="internal",
    )
    assert uploaded.status_code == 303
    form = get(office, "/payments/invoice?document=1").text
    for filled in (f'value="{NUMBER}"', 'value="1060.00"', 'value="2025-05-29"', 'value="电梯公司"'):
        assert filled in form
    answer = send(
        office, "/payments/invoice", **INVOICE, doc_sha_1=re.findall(r'value="([0-9a-f]{64})"', form)[0]
    )
    step(office, work_no(answer), "reviewer", "review")
    kept = get(office, "/documents/1").text
    assert "系统识读" in kept
    assert "第 1 号单据" in kept
    listed = get(office, "/payments").text
    assert "电梯公司" in listed
    assert "2025-07-20" in listed
    assert "到期应付" not in get(office, "").text
    no = work_no(ask(office, owed(office.books)[0].key, "1000.00"))
    step(office, no, "reviewer", "review")
    assert "没有等待付款" in get(office, "/payments/waiting", "cashier").text
    step(office, no, "chair", "co-sign")
    assert "1,000.00" in get(office, "/payments/waiting", "cashier").text
    step(office, no, "cashier", "pay", paid_on="2025-06-25", bank_number="HD0625")
    (debt,) = owed(office.books)
    assert (debt.amount, debt.paid, debt.in_work) == (1_060_00, 1_000_00, 0)
    slip = get(office, f"/payments/slip/{no}", "supervisor")
    assert slip.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(slip.content)).pages)
    for said in ("付款审批单", "1,000.00", "会签", "HD0625", "2025-06-30"):
        assert said in text, text


WRONG_INVOICES = (
    ({"number": "25327000001739485411"}, "不同"),
    ({"amount_1": "1060.01"}, "两者须相同"),
    ({"amount_1": "1e3"}, "读不懂金额"),
    ({"contract": ""}, "请填写合同"),
    ({"doc_kind_2": "", "doc_number_2": ""}, "须附验收单"),
    ({"retention": "53.00"}, "质保到期日"),
    ({"fund": "F9"}, "没有“F9”这个选项"),
    ({"summary": "电话 13800000000"}, "请删去"),
)


@pytest.mark.db("sqlite")
def test_a_wrong_invoice_comes_back_as_the_form_and_nothing_is_kept(office: OfficeSite) -> None:
    office.client("preparer")
    before = office.books.footprint()
    for changes, said in WRONG_INVOICES:
        answer = hand_in_invoice(office, **changes)
        assert answer.status_code == 422, changes
        assert said in answer.text, changes
        assert 'value="2025-06-20"' in answer.text
    after = office.books.footprint()
    assert after.pop("audit_event") == before.pop("audit_event") + len(WRONG_INVOICES)
    assert after == before


@pytest.mark.db("sqlite")
def test_an_invoice_of_somebody_else_is_noticed_unless_the_tax_number_is_theirs(office: OfficeSite) -> None:
    other = e_invoice().replace("电梯公司".encode(), "电梯公司成都分公司".encode())
    answer = hand_in_invoice(office, other)
    assert answer.status_code == 422
    assert "销售方是“电梯公司成都分公司”" in answer.text
    kept = office.post(
        office.client("preparer"), office.path("/vendors/V1/change"), tax_no="91510100test0001x"
    )
    assert kept.status_code == 303
    assert hand_in_invoice(office, other).status_code == 303


@pytest.mark.db("sqlite")
def test_the_same_invoice_cannot_be_handed_in_twice(office: OfficeSite) -> None:
    first = work_no(hand_in_invoice(office))
    assert f"第 {first} 号单据里等待" in hand_in_invoice(office).text
    step(office, first, "reviewer", "review")
    again = hand_in_invoice(office)
    assert again.status_code == 422
    assert "不能重复报销" in again.text


@pytest.mark.db("sqlite")
def test_a_paper_invoice_is_typed_beside_its_picture(office: OfficeSite) -> None:
    send(
        office,
        "/documents/new",
        {"file": ("a.png", picture(), "image/png")},
        kind="invoice",
        access="internal",
        number="0321",
    )
    form = get(office, "/payments/invoice?document=1").text
    assert "/documents/1/page/1" in form
    assert 'value="0321"' in form


@pytest.mark.db("sqlite")
def test_a_wrong_request_says_why(office: OfficeSite) -> None:
    key = invoiced(office, due_on="2025-06-30")
    assert "到期应付" in get(office, "").text
    for amount, changes, said in (
        ("1060.01", {}, "超过可付的 1,060.00 元"),
        ("0", {}, "大于零"),
        ("10", {"bank_account": "F2-CMB"}, "不能挪用"),
        ("10", {"bank_account": ""}, "请填写付款账户"),
        ("10", {"on": "昨天"}, "读不懂日期"),
    ):
        answer = ask(office, key, amount, **changes)
        assert answer.status_code == 422
        assert said in answer.text
        assert f'value="{amount}"' in answer.text
    nothing = send(office, "/payments/request", **REQUEST)
    assert nothing.status_code == 422
    assert "请勾选" in nothing.text


@pytest.mark.db("sqlite")
def test_the_trustees_own_company_needs_consent_and_quotes_on_the_form_too(office: OfficeSite) -> None:
    key = invoiced(office)
    client = office.client("preparer")
    change = office.post(client, office.path("/vendors/V1/change"), related="1", relation="受托人的子公司")
    assert change.status_code == 303
    assert "两份比价单" in get(office, "/payments/request?vendor=V1").text
    answer = ask(office, key, "10.00", on="2025-06-30")
    assert answer.status_code == 422
    assert "同意的决议号" in answer.text
    quotes = {f"doc_file_{n}": ("q.png", picture(size=(40 + n, 30)), "image/png") for n in (1, 2)}
    kinds = {f"doc_kind_{n}": "quote" for n in (1, 2)}
    chosen = {f"pick_{key}": "1", f"amount_{key}": "10.00", "consent": MAJOR, **kinds}
    done = send(office, "/payments/request", quotes, **(REQUEST | chosen | {"on": "2025-06-30"}))
    assert done.status_code == 303, done.text


@pytest.mark.db("sqlite")
def test_every_simple_form_opens_and_one_goes_through(office: OfficeSite) -> None:
    text = get(office, "/payments").text
    names = re.findall(r"/payments/forms/(\w+)", text)
    assert len(names) == 9
    for name in names:
        page = get(office, f"/payments/forms/{name}")
        assert page.status_code == 200
    assert get(office, "/payments/forms/nothing").status_code == 404
    typed = {
        "on": "2025-06-20",
        "fund": "F1",
        "party": "TRUSTEE",
        "amount": "52,000.00",
        "doc_kind_1": "payroll_summary",
        "doc_title_1": "六月工资汇总",
    }
    step(office, work_no(send(office, "/payments/forms/wages", **typed)), "reviewer", "review")
    assert office.books.balance("224106") == -52_000_00
    repaid = {"on": "2025-06-21", "bank_account": "F1-CCB", "party": "TRUSTEE", "amount": "52000.01"}
    answer = send(office, "/payments/forms/wages_repaid", **repaid)
    assert answer.status_code == 422
    assert "超过账上的 52,000.00 元" in answer.text


@pytest.mark.db("sqlite")
def test_remuneration_is_reckoned_shown_and_accrued_with_its_public_sheet(office: OfficeSite) -> None:
    page = get(office, "/payments/remuneration?month=2025-05")
    assert "没有生效的酬金条款" in page.text
    set_rule(office, remuneration_clause={"text": "每月固定酬金", "basis": "fixed", "monthly": 13_200_00})
    page = get(office, "/payments/remuneration?month=2025-05")
    assert "13,200.00" in page.text
    typed = {"month": "2025-05", "fund": "F1", "party": "TRUSTEE", "on": "2025-06-02"}
    wrong = send(office, "/payments/remuneration", amount="13200.01", **typed)
    assert wrong.status_code == 422
    assert "不能改为别的数" in wrong.text
    no = work_no(send(office, "/payments/remuneration", amount="13200.00", **typed))
    step(office, no, "reviewer", "review")
    with reading(office.engine) as conn:
        from ledger.work import read_work

        (entry,) = read_work(conn, office.trust_id, no).entries
    paper = office.books.stored(entry[1]).draft.documents[0]
    sheet = office.anyone().get(f"/c/{office.slug}/documents/{paper.public}")
    assert sheet.headers["content-disposition"].startswith("attachment")
    assert "13,200.00" in PdfReader(io.BytesIO(sheet.content)).pages[0].extract_text()


@pytest.mark.db("sqlite")
def test_the_batch_list_holds_no_formulas(office: OfficeSite) -> None:
    from python_calamine import CalamineWorkbook

    evil = '=HYPERLINK("http://evil.example","x")'
    body = batch_xlsx([Transfer(7, "建行（F1）", evil, "@SUM(1)", "+86", 123_45, "-1+cmd|' /C calc'!A0")])
    rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    assert rows[1][3:8] == [f"'{evil}", "'+86", "'@SUM(1)", 123.45, "'-1+cmd|' /C calc'!A0"]
    assert neutral("甲公司") == "甲公司"
    step(office, work_no(ask(office, invoiced(office), "88.00")), "reviewer", "review")
    answer = get(office, "/payments/waiting.xlsx", "cashier")
    (row,) = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()[1:]
    assert (row[1], row[3], row[6]) == ("2", "电梯公司", 88.0)
    with reading(office.engine) as conn:
        (noted,) = read_audit(conn, office.trust_id, AuditFilter(action="payment.export"))
    assert (noted.person, noted.subject) == (office.person("cashier").person, "1 笔，88.00 元")


@pytest.mark.parametrize(
    ("role", "reads", "prepares", "exports"),
    [
        ("preparer", 200, 303, 403),
        ("reviewer", 200, 403, 403),
        ("cashier", 200, 403, 200),
        ("committee", 200, 403, 403),
        ("supervisor", 200, 403, 403),
        ("party", 403, 403, 403),
        ("resident", 403, 403, 403),
        ("tenant", 403, 403, 403),
        ("operator", 403, 403, 403),
    ],
)
@pytest.mark.db("sqlite")
def test_each_role_does_what_it_may_with_payments(
    office: OfficeSite, role: str, reads: int, prepares: int, exports: int
) -> None:
    for below in ("/payments", "/payments/waiting", "/vendors", "/vendors/V1", "/contracts", "/contracts/C1"):
        assert get(office, below, role).status_code == reads, below
    forms = (
        "/payments/invoice",
        "/payments/forms/wages",
        "/payments/remuneration",
        "/vendors/new",
        "/contracts/new",
    )
    for below in (*forms, "/payments/request?vendor=V1"):
        assert get(office, below, role).status_code == (200 if prepares == 303 else 403), below
    assert get(office, "/payments/waiting.xlsx", role).status_code == exports
    made = office.post(office.client(role), office.path("/vendors/new"), name="新供应商")
    assert made.status_code == prepares
    files = {"doc_file_1": ("x.xml", e_invoice(), "text/xml")}
    assert send(office, "/payments/invoice", files, role, **INVOICE).status_code == prepares


@pytest.mark.db("sqlite")
def test_a_vendor_and_a_contract_are_registered_with_their_papers(office: OfficeSite) -> None:
    client = office.client("preparer")
    wrong = office.post(client, office.path("/vendors/new"), name="", related="1")
    assert wrong.status_code == 422
    assert "请填写供应商全称" in wrong.text
    assert "什么关系" in wrong.text
    made = office.post(client, office.path("/vendors/new"), name="某某绿化公司", bank_number="6222 0001")
    page = office.follow(client, made)
    assert "某某绿化公司" in page.text
    code = made.headers["location"].rsplit("/", 1)[-1]
    typed = {
        "number": "LH-01",
        "title": "绿化养护合同",
        "vendor": code,
        "starts_on": "2025-01-01",
        "total": "9,000",
    }
    files = {"doc_file_1": ("c.png", picture(), "image/png")}
    done = send(office, "/contracts/new", files, doc_kind_1="contract", **typed)
    page = office.follow(client, done)
    assert "9,000.00 元" in page.text
    assert "合同" in page.text
    again = send(office, "/contracts/new", **typed)
    assert again.status_code == 422
    assert "已经登记过" in again.text
    total = office.post(client, office.path("/contracts/LH-01/total"), total="9500", note="补充协议1号")
    assert "9,500.00 元" in office.follow(client, total).text
    papers = send(office, "/contracts/LH-01/papers", doc_kind_1="acceptance", doc_title_1="一季度验收单")
    assert "一季度验收单" in office.follow(client, papers).text

"""Charging a month, standards, readings, shared bills and waivers on the office's pages."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter
from litestar.testing import TestClient
from python_calamine import CalamineWorkbook

from ledger.billing import record_fee_standard
from ledger.billing.readings import readings_of
from ledger.store.engine import reading, writing
from ledger.work import Work, prepare, review
from tests.ledger.books import MAJOR, OPENED
from tests.office.conftest import OfficeSite

FEE = "178.20"


def standard(office: OfficeSite, rate: int = 19_800) -> None:
    with writing(office.engine) as conn:
        record_fee_standard(
            conn, office.trust_id, "home", rate, effective_on=OPENED, authority="业决〔2024〕1号"
        )


def reviewed(office: OfficeSite, location: str) -> str:
    """Let the reviewer agree to the work a form led to; the page of the work afterwards."""
    answer = office.post(office.client("reviewer"), f"{location}/review")
    assert answer.status_code == 303, answer.text
    return office.client("reviewer").get(location).text


def charged(office: OfficeSite, period: str, kind: str = "property") -> str:
    client = office.client("preparer")
    answer = office.post(client, office.path("/charges"), period=period, kind=kind)
    assert answer.status_code == 303, answer.text
    return reviewed(office, answer.headers["location"])


def sheet(*rows: tuple[str, ...]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet("抄表")
    for line, row in enumerate([("房号*", "上次读数", "本次读数*", "抄表日期", "备注"), *rows]):
        for at, cell in enumerate(row):
            page.write_string(line, at, cell)
    book.close()
    return file.getvalue()


# --- The run ------------------------------------------------------------------------------------------------


def test_a_month_is_previewed_charged_reviewed_and_not_charged_twice(office: OfficeSite) -> None:
    standard(office)
    client = office.client("preparer")
    preview = client.get(office.path("/charges/preview?period=2025-05&kind=property")).text
    assert "534.60" in preview
    assert "计提 3 户，交给审核" in preview
    page = charged(office, "2025-05")
    assert "已入账" in page
    again = client.get(office.path("/charges/preview?period=2025-05&kind=property")).text
    assert "这个月已经计提过了" in again
    assert "交给审核" not in again
    answer = office.post(client, office.path("/charges"), period="2025-05", kind="property")
    assert answer.status_code == 422
    assert "已经计提（A-2025-000001）" in answer.text


def test_the_run_shows_in_the_table_of_months_and_can_be_undone_by_red_letters_only(
    office: OfficeSite,
) -> None:
    standard(office)
    charged(office, "2025-05")
    client = office.client("preparer")
    assert "A-2025-000001" in client.get(office.path("/charges")).text
    undo = Work(
        kind="reversal", title="冲销", reverses="A-2025-000001", on=date(2025, 6, 30), reason="单价错"
    )
    with writing(office.engine) as conn:
        no = prepare(conn, office.trust_id, undo, office.actor("preparer"), office.act()).no
        review(conn, office.trust_id, no, office.actor("reviewer"), office.act())
    assert "A-2025-000001" not in client.get(office.path("/charges")).text
    assert "已入账" in charged(office, "2025-05")


def test_units_without_a_standard_are_named_and_there_is_no_button(office: OfficeSite) -> None:
    preview = office.client("preparer").get(office.path("/charges/preview?period=2025-05&kind=property")).text
    assert "住宅：3 个" in preview
    assert "交给审核" not in preview


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("period=2025-13&kind=property", "读不懂月份"),
        ("period=2025-05&kind=x", "没有“x”这个选项"),
        ("", "请填写月份"),
    ],
)
def test_a_preview_of_nothing_is_refused_in_words(office: OfficeSite, query: str, said: str) -> None:
    answer = office.client("preparer").get(office.path(f"/charges/preview?{query}"))
    assert answer.status_code == 422
    assert said in answer.text


# --- Standards and parking ----------------------------------------------------------------------------------


def record(office: OfficeSite, **fields: str) -> object:
    values = {
        "item": "property",
        "scope": "use",
        "target": "住宅",
        "method": "area",
        "price": "1.98",
        "effective_on": "2024-01-01",
        "authority": "业决〔2024〕1号",
    }
    return office.post(office.client("preparer"), office.path("/charges/standards"), **(values | fields))


def test_a_standard_is_recorded_and_listed_with_its_day_and_authority(office: OfficeSite) -> None:
    page = office.follow(office.client("preparer"), record(office)).text  # type: ignore[arg-type]
    assert "从 2024-01-01 起按新标准计费" in page
    assert "1.98 元/㎡·月" in page
    record(office, scope="units", target="1-101 1-102", method="none", price="", authority="业决〔2025〕3号")
    preview = office.client("preparer").get(office.path("/charges/preview?period=2025-05&kind=property")).text
    assert "不收的（2 户）" in preview


def test_a_standard_without_authority_keeps_what_was_typed(office: OfficeSite) -> None:
    answer = record(office, authority="", price="2.3456")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "请填写依据" in answer.text  # type: ignore[attr-defined]
    assert 'value="2.3456"' in answer.text  # type: ignore[attr-defined]


def test_a_parking_space_is_given_to_a_unit_and_taken_back(office: OfficeSite) -> None:
    client = office.client("preparer")
    path = office.path("/charges/parking")
    fields = {"space": "B1-001", "kind": "地下", "effective_on": "2025-05-01"}
    page = office.follow(client, office.post(client, path, unit="1-101", **fields)).text
    assert '<td class="short">1-101</td>' in page
    page = office.follow(client, office.post(client, path, unit="", **fields)).text
    assert "还没有在用的车位" in page
    answer = office.post(client, path, unit="9-999", **fields)
    assert answer.status_code == 422


# --- Readings -----------------------------------------------------------------------------------------------


def test_a_sheet_of_readings_is_checked_row_by_row_before_anything_is_written(office: OfficeSite) -> None:
    client = office.client("cashier")
    path = office.path("/charges/readings/sheet")
    fields = {"item": "water", "period": "2025-05"}
    wrong = sheet(("1-101", "0", "12.5", "", ""), ("1-102", "9", "8", "", ""), ("9-999", "0", "1", "", ""))
    page = office.post(client, path, files={"file": ("a.xlsx", wrong)}, **fields).text
    assert "有 2 行要改" in page
    assert "小于上次读数" in page
    assert "没有登记过房号" in page
    assert "登记这" not in page
    marked = office.post(client, path, files={"file": ("a.xlsx", wrong)}, marked="1", **fields)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(marked.content)).get_sheet_by_index(0).to_python()
    assert "小于上次读数" in str(rows[2])
    with reading(office.engine) as conn:
        assert readings_of(conn, office.trust_id, "water", 202505) == {}


def test_a_clean_sheet_of_readings_is_confirmed_and_charged(office: OfficeSite) -> None:
    client = office.client("preparer")
    path = office.path("/charges/readings")
    clean = sheet(("1-101", "0", "12.5", "2025-05-31", ""), ("1-102", "", "3", "", "新表"))
    page = office.post(
        client, f"{path}/sheet", files={"file": ("a.xlsx", clean)}, item="water", period="2025-05"
    ).text
    rows = page.split("hidden>")[-1].split("</textarea>")[0]
    done = office.follow(client, office.post(client, path, item="water", period="2025-05", rows=rows)).text
    assert "已登记 2 户读数" in done
    record(office, item="water", method="meter", price="4.1")
    assert "已入账" in charged(office, "2025-05", "water")


def test_the_sheet_to_fill_in_has_every_unit_and_where_its_meter_stood(office: OfficeSite) -> None:
    client = office.client("preparer")
    fields = {"item": "water", "unit": "1-101", "previous": "0", "current": "12.5"}
    assert (
        office.post(client, office.path("/charges/readings"), period="2025-04", **fields).status_code == 303
    )
    body = client.get(office.path("/charges/readings.xlsx?item=water&period=2025-05")).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    assert [row[:2] for row in rows[1:]] == [["1-101", "12.50"], ["1-102", ""], ["2-201", ""]]


def test_one_reading_that_runs_backward_is_shown_with_what_was_typed(office: OfficeSite) -> None:
    fields = {"item": "water", "period": "2025-05", "unit": "1-101", "previous": "9", "current": "8"}
    answer = office.post(office.client("preparer"), office.path("/charges/readings"), **fields)
    assert answer.status_code == 422
    assert "小于上次读数" in answer.text
    assert 'value="9"' in answer.text


# --- Shared bills, waivers, prepayments ---------------------------------------------------------------------


def test_a_shared_bill_is_apportioned_and_its_figures_are_public(office: OfficeSite) -> None:
    client = office.client("preparer")
    fields = {
        "kind": "electricity",
        "period": "2025-05",
        "quantity": "1000",
        "price": "0.5383",
        "total": "538.30",
        "bill_number": "D2505",
        "authority": "规约第12条",
    }
    answer = office.post(client, office.path("/charges/shared"), **fields)
    assert "已入账" in reviewed(office, answer.headers["location"])
    public = office.anyone().get(f"/c/{office.slug}/entries/A-2025-000001").text
    assert "用量 1000.00 度，单价 0.5383 元，合计 538.30 元" in public
    assert "1-101" not in public
    answer = office.post(
        client, office.path("/charges/shared"), **(fields | {"total": "600", "bill_number": "D2"})
    )
    assert answer.status_code == 422
    assert "与合计 600.00 元不符" in answer.text


def test_a_waiver_needs_an_authority_and_what_is_owed(office: OfficeSite) -> None:
    standard(office)
    charged(office, "2025-05")
    client = office.client("preparer")
    page = client.get(office.path("/charges/waivers?unit=1-101")).text
    assert "2025年5月物业费" in page
    token = page.split('name="token" value="')[1].split('"')[0]
    fields = {"unit": "1-101", "token": token, "on": "2025-06-30", "reason": "漏水补偿", "fee_202505": "100"}
    answer = office.post(client, office.path("/charges/waivers"), resolution="", **fields)
    assert answer.status_code == 422
    assert "请填写决议或授权文件编号" in answer.text
    answer = office.post(client, office.path("/charges/waivers"), resolution=MAJOR, **fields)
    assert "已入账" in reviewed(office, answer.headers["location"])
    assert "78.20" in client.get(office.path("/charges/waivers?unit=1-101")).text


def test_nothing_to_settle_from_prepayments_is_said_plainly(office: OfficeSite) -> None:
    answer = office.post(office.client("preparer"), office.path("/charges/prepayments"))
    assert answer.status_code == 422
    assert "没有可以抵扣的预收款" in answer.text


# --- Who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["reviewer", "cashier", "committee", "supervisor"])
def test_only_the_clerk_charges(office: OfficeSite, role: str) -> None:
    client: TestClient = office.client(role)  # type: ignore[type-arg]
    assert client.get(office.path("/charges")).status_code == 200
    answer = office.post(client, office.path("/charges"), period="2025-05", kind="property")
    assert answer.status_code == 403
    assert "没有“计提、分摊和减免”的权限" in answer.text


@pytest.mark.parametrize("role", ["resident", "tenant", "operator"])
def test_residents_see_no_ones_arrears(office: OfficeSite, role: str) -> None:
    for below in ("/charges", "/receipts", "/households", "/households/1-101", "/deposits"):
        answer = office.client(role).get(office.path(below))
        assert answer.status_code == 403, below

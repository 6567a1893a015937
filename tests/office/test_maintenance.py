"""The maintenance fund in the browser: lists, forms, what they prepare, and what they refuse."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from disclosure.cli.main import run
from ledger.balances import resolve_clock
from ledger.maintenance import subaccount_balances
from ledger.people import Role
from ledger.store.engine import reading, writing
from ledger.trust import add_units, record_setting
from tests.ledger.books import FUND_USE, OPENED, TODAY, act, contribution
from tests.maintenance.desk import MORE_UNITS, PAID, M
from tests.office.conftest import PASSWORD, OfficeSite
from tests.shells import CommandClock

SLIP = {"bank_account": M, "on": "2025-06-20", "paper": "bank_line"}


@pytest.fixture
def office(office: OfficeSite) -> OfficeSite:
    """With units in buildings 03 and 04, four of which have paid in."""
    with writing(office.engine) as conn:
        add_units(conn, office.trust_id, MORE_UNITS)
    office.books.post(contribution(PAID, date=date(2025, 1, 10)))
    return office


def balances(office: OfficeSite) -> dict[str, int]:
    with reading(office.engine) as conn:
        clock = resolve_clock(conn, office.trust_id, today=TODAY)
        return subaccount_balances(conn, office.trust_id, clock)


def send(office: OfficeSite, path: str, **fields: Any) -> Any:
    """Post a form as the preparer; forms with papers as multipart, as browsers do."""
    if path in ("/use", "/contributions"):
        fields.setdefault("files", {"none": ("", b"", "application/octet-stream")})
    return office.post(office.client("preparer"), office.path(f"/maintenance{path}"), **fields)


def agree(office: OfficeSite, answer, *, pays: bool = False) -> None:  # type: ignore[no-untyped-def]
    """Review what a form prepared, and pay it."""
    assert answer.status_code == 303, answer.text
    work = answer.headers["location"]
    assert office.post(office.client("reviewer"), f"{work}/review", note="").status_code == 303
    if pays:
        paid = office.post(office.client("cashier"), f"{work}/pay", paid_on="2025-06-30", bank_number="H9")
        assert paid.status_code == 303, paid.text


def plan(office: OfficeSite, **changes: object):  # type: ignore[no-untyped-def]
    values = {
        "plan": "WX-1",
        "title": "电梯大修",
        "estimate": "50000",
        "kind": "building",
        "names": "03",
        "resolution": FUND_USE,
        "filing": "备案3号",
        "shortfall": "refuse",
    }
    return send(office, "/plans", **(values | changes))


def test_the_fund_page_shows_sub_accounts_that_agree_with_the_books(office: OfficeSite) -> None:
    page = office.client("supervisor").get(office.path("/maintenance"))
    assert page.status_code == 200
    assert "与各户合计一致" in page.text
    assert "24,100.00" in page.text
    assert "03-1-0101" in page.text
    assert "登记交存" not in page.text  # a supervisor only reads


def test_a_building_and_a_unit_can_be_picked(office: OfficeSite) -> None:
    client = office.client("preparer")
    assert "03-1-0101" not in client.get(office.path("/maintenance?building=04")).text
    assert "03-1-0102" not in client.get(office.path("/maintenance?unit=03-1-0101")).text
    assert "没有符合条件的房屋" in client.get(office.path("/maintenance?unit=9")).text


def test_a_statement_for_seller_and_buyer_on_screen_and_on_paper(office: OfficeSite) -> None:
    client = office.client("preparer")
    page = client.get(office.path("/maintenance/unit?unit=03-1-0101"))
    assert "8,000.00" in page.text
    assert "M-2025-000001" in page.text
    paper = client.get(office.path("/maintenance/unit.pdf?unit=03-1-0101"))
    assert paper.headers["content-type"] == "application/pdf"
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(paper.content)).pages)
    assert "分户账对账单" in text
    assert "8,000.00" in text
    assert client.get(office.path("/maintenance/unit?unit=9-9")).status_code == 404


@pytest.mark.parametrize("name", ["accounts", "low", "use?plan=WX-1&amount=6000"])
def test_lists_can_be_taken_away_as_workbook_and_on_paper(office: OfficeSite, name: str) -> None:
    plan(office)
    send(office, "/initial", rate="60", use="home", authority="建房〔2020〕1号")
    client = office.client("supervisor")
    sheet, _, query = name.partition("?")
    book = client.get(office.path(f"/maintenance/sheets/{sheet}/xlsx?{query}"))
    with CalamineWorkbook.from_filelike(io.BytesIO(book.content)) as opened:
        rows = opened.get_sheet_by_index(0).to_python()
    last = next(row for row in reversed(rows) if str(row[0]).startswith("合计"))
    assert last[-1] == {"accounts": 24100.0, "low": 16200.0, "use": 929.05}[sheet]
    paper = client.get(office.path(f"/maintenance/sheets/{sheet}/pdf?{query}"))
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    assert "维修资金" in text
    assert client.get(office.path(f"/maintenance/sheets/{sheet}/exe?{query}")).status_code == 404


def test_a_contribution_is_prepared_reviewed_and_in_the_sub_account(office: OfficeSite) -> None:
    answer = send(office, "/contributions", unit="04-1-0101", amount="12000", number="S-1", **SLIP)
    assert balances(office).get("04-1-0101") is None
    agree(office, answer)
    assert balances(office)["04-1-0101"] == 12_000_00


def test_a_wrong_form_comes_back_with_what_was_typed(office: OfficeSite) -> None:
    answer = send(office, "/contributions", unit="99-9", amount="12000", number="S-77", **SLIP)
    assert answer.status_code == 422
    assert "没有登记过这个房号" in answer.text
    assert 'value="S-77"' in answer.text


def upload(office: OfficeSite, text: str, purpose: str = "contribution"):  # type: ignore[no-untyped-def]
    file = ("清单.csv", text.encode(), "text/csv")
    return send(office, "/list", purpose=purpose, files={"file": file})


def carried(page: str) -> str:
    found = re.search(r'<textarea name="rows" hidden>(.*?)</textarea>', page, re.S)
    assert found is not None
    return found[1]


def test_a_list_is_shown_with_every_error_in_its_row_and_nothing_is_written(office: OfficeSite) -> None:
    page = upload(office, "房号,金额\n03-1-0101,5\n99-1,7\n03-1-0102,x\n")
    assert page.status_code == 200
    assert "有 2 行有错" in page.text
    assert "没有登记过这个房号" in page.text
    assert "金额读不懂" in page.text
    assert "交给审核" not in page.text


def test_a_sound_list_becomes_one_entry_for_all_units(office: OfficeSite) -> None:
    page = upload(office, "房号,金额\n03-1-0101,5.50\n04-1-0101,7\n")
    rows = carried(page.text)
    short = send(office, "/contributions", rows=rows, amount="12", number="S-2", **SLIP)
    assert short.status_code == 422
    assert "两者应相等" in short.text
    agree(
        office, send(office, "/contributions", rows=carried(short.text), amount="12.50", number="S-2", **SLIP)
    )
    assert balances(office)["04-1-0101"] == 7_00
    assert len(office.books.stored("M-2025-000002").draft.lines[1].details) == 2


def test_markup_in_an_uploaded_list_is_shown_as_text(office: OfficeSite) -> None:
    page = upload(office, "房号,金额\n<script>alert(1)</script>,5\n=cmd|'/c calc'!A1,6\n")
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_the_template_can_be_filled_in(office: OfficeSite) -> None:
    answer = office.client("preparer").get(office.path("/maintenance/list.xlsx"))
    with CalamineWorkbook.from_filelike(io.BytesIO(answer.content)) as book:
        head = book.get_sheet_by_index(0).to_python()[0]
    assert [str(cell).rstrip("*") for cell in head] == ["房号", "金额"]


def test_first_contributions_make_the_low_list(office: OfficeSite) -> None:
    page = upload(office, "房号,金额\n03-2-0102,4000\n03-1-0101,9000\n", "initial")
    done = send(office, "/initial/list", rows=carried(page.text), authority="建房〔2020〕1号")
    low = office.follow(office.client("preparer"), done)
    assert "已登记 2 户的首期交存额" in low.text
    assert "共 1 户应续交" in low.text
    assert "3,900.00" in low.text
    by_rate = send(office, "/initial", rate="60", use=["home", "shop"], authority="建房〔2020〕1号")
    assert by_rate.status_code == 303
    assert send(office, "/initial", rate="0", authority="").status_code == 422


def test_a_use_shows_who_is_short_and_is_refused_until_it_was_decided(office: OfficeSite) -> None:
    done = plan(office)
    page = office.client("preparer").get(done.headers["location"] + "&amount=6000")
    assert "1 户的分账不足" in page.text
    assert "929.05" in page.text
    bill = {"plan": "WX-1", "amount": "6000", "on": "2025-06-30", "payee": "蜀迅电梯公司", "bill": "F-1"}
    refused = send(office, "/use", bank_account=M, **bill)
    assert refused.status_code == 422
    assert refused.text.count("户的户分账不足") == 1
    assert plan(office, shortfall="spread").status_code == 422  # a decision is wanted
    assert plan(office, shortfall="spread", decision="业决4号").status_code == 303
    agree(office, send(office, "/use", bank_account=M, **bill), pays=True)
    assert balances(office)["03-2-0102"] == 0
    assert sum(balances(office).values()) == 24_100_00 - 6_000_00


def test_interest_is_received_and_distributed_by_the_rule(office: OfficeSite) -> None:
    agree(
        office,
        send(
            office,
            "/interest",
            account="4101",
            amount="123.45",
            number="J-1",
            bank_account=M,
            on="2024-12-21",
            paper="bank_line",
        ),
    )
    office.books.close_year(2024, "M")
    span = {"fen": "123.45", "since": "2025-01-01", "until": "2025-03-31"}
    client = office.client("preparer")
    page = client.get(office.path("/maintenance/distribution"), params=span)
    assert page.status_code == 422
    assert "还没有登记收益分配办法" in page.text
    with writing(office.engine) as conn:
        record_setting(
            conn,
            office.trust_id,
            "maintenance_distribution",
            "average_daily",
            effective_on=OPENED,
            authority="业决1号",
            act=act(),
        )
    page = client.get(office.path("/maintenance/distribution"), params=span)
    assert "按日均余额分配 123.45 元给 4 户" in page.text
    agree(office, send(office, "/distribution", **span))
    assert sum(balances(office).values()) == 24_100_00 + 123_45


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/distribution", 422),
        ("/distribution?fen=x&since=2025-01-01&until=2024-01-01", 422),
        ("/use", 404),
        ("/use?plan=WX-1&amount=abc", 200),
        ("/use?plan=WX-1&amount=-5", 200),
        ("/sheets/use/xlsx?plan=WX-1&amount=abc", 422),
        ("/sheets/nothing/pdf", 404),
        ("/unit?unit=", 404),
        ("/unit.pdf?unit=03-1-0101&since=2030-01-01", 200),
        ("?since=abc&until=1900-01-01", 200),
    ],
)
def test_odd_addresses_are_answered_in_words(office: OfficeSite, path: str, status: int) -> None:
    plan(office)
    answer = office.client("preparer").get(office.path(f"/maintenance{path}"))
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("role", ["resident", "tenant", "operator"])
def test_the_fund_is_not_for_everybody(office: OfficeSite, role: str) -> None:
    assert office.client(role).get(office.path("/maintenance")).status_code == 403


@pytest.mark.parametrize("role", ["reviewer", "cashier", "committee", "supervisor"])
def test_only_the_preparer_prepares(office: OfficeSite, role: str) -> None:
    client = office.client(role)
    assert client.get(office.path("/maintenance/low")).status_code == 200
    answer = office.post(client, office.path("/maintenance/plans"), plan="X")
    assert answer.status_code == 403


# --- from the shell -----------------------------------------------------------------------------------------


@pytest.fixture
def shell(office: OfficeSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command over the same books and read its JSON."""
    monkeypatch.setenv("DATA_DIR", str(office.config.data_dir))
    monkeypatch.setenv("DATABASE_URL", office.config.database_url)
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)

    def say(*words: str) -> dict[str, Any]:
        capsys.readouterr()
        code = run([*words, "--json"])
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert answer["ok"] == (code == 0)
        return answer

    return say


@pytest.mark.db("sqlite")  # commands leave closing the connections to the end of their process
def test_the_shell_lists_sub_accounts_and_who_is_low(office: OfficeSite, shell: Any) -> None:
    listed = shell("maintenance", "list", "--building", "03")
    assert {row["unit"]: row["balance"] for row in listed["units"]} == dict(PAID)
    assert listed["total"] == 24_100_00
    assert listed["agrees"] is True
    page = upload(office, "房号,金额\n03-2-0102,4000\n", "initial")
    send(office, "/initial/list", rows=carried(page.text), authority="建房〔2020〕1号")
    low = shell("maintenance", "low")
    assert low["units"] == [
        {"unit": "03-2-0102", "initial": 4_000_00, "balance": 100_00, "renewal": 3_900_00}
    ]


@pytest.mark.db("sqlite")  # commands leave closing the connections to the end of their process
def test_the_shell_tries_a_use_and_prepares_it_in_a_persons_name(
    office: OfficeSite, shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(office, names="03-1", kind="entrance")
    tried = shell("maintenance", "use", "WX-1", "1000.01")
    assert sum(row["share"] for row in tried["units"]) == 1_000_01
    assert tried["problems"] == []
    CommandClock(monkeypatch).show_code(office.secrets[Role.PREPARER])
    words = ["--payee", "蜀迅电梯公司", "--bill", "F-1", "--bank", M, "--on", "2025-06-30"]
    account = office.person("preparer").account
    done = shell("maintenance", "use", "WX-1", "1000.01", *words, "--as", account)
    assert done["state"] == "review"
    assert shell("maintenance", "use", "WX-9", "1")["problems"][0]["code"] == "unknown_plan"

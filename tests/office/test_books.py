"""Books in the office: the menu, every book on screen, files, addresses that make no sense, who took what."""

from __future__ import annotations

import io
from datetime import date

import pypdf
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from disclosure.books.kinds import KINDS
from ledger.store.engine import reading
from ledger.store.tables import audit_event
from tests.ledger.books import contribution, fee_charge, fee_receipt, petty
from tests.office.conftest import OfficeSite

QUERIES = {
    "vouchers": "from=2025-03&to=2025-06",
    "ledger": "from=2025-03&to=2025-06&account=112201",
    "cash": "from=2025-03&to=2025-06&bank_account=F1-CCB",
    "general": "to=2025-06",
    "trial": "from=2025-03&to=2025-06",
    "income": "from=2025-03&to=2025-03",
    "position": "to=2025-06",
    "reconciliation": "to=2025-06",
    "households": "from=2025-03&to=2025-06",
}


@pytest.fixture
def kept(office: OfficeSite) -> OfficeSite:
    """An office with a few entries."""
    office.books.post(fee_charge((("1-101", 345_67), ("1-102", 234_56)), date=date(2025, 3, 1)))
    office.books.post(fee_receipt(300_00, "1-101", date=date(2025, 3, 5)))
    office.books.post(petty(77_77, date=date(2025, 4, 6)))
    office.books.post(contribution(date=date(2025, 3, 8)))
    return office


def test_the_menu_explains_every_book_and_leads_to_it(kept: OfficeSite) -> None:
    page = kept.client("supervisor").get(kept.path("/books")).text
    for kind in KINDS.values():
        assert kind.title in page
        assert kept.path(f"/books/{kind.name}") in page


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_book_is_a_page_and_three_files(kept: OfficeSite, kind: str) -> None:
    client = kept.client("reviewer")
    page = client.get(kept.path(f"/books/{kind}?{QUERIES[kind]}"))
    assert page.status_code == 200, page.text
    assert "下载 XLSX" in page.text
    for file_format, begins in (("xlsx", b"PK"), ("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbf")):
        answer = client.get(kept.path(f"/books/{kind}/{file_format}?{QUERIES[kind]}"))
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(begins)
        assert f".{file_format}" in answer.headers["content-disposition"]
        assert answer.headers["cache-control"] == "no-store"


def test_page_and_files_show_the_same_balance(kept: OfficeSite) -> None:
    client = kept.client("reviewer")
    address, query = kept.path("/books/ledger"), QUERIES["ledger"]
    assert "280.23" in client.get(f"{address}?{query}").text
    pdf = pypdf.PdfReader(io.BytesIO(client.get(f"{address}/pdf?{query}").content))
    assert "280.23" in "".join(page.extract_text() for page in pdf.pages)
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{address}/xlsx?{query}").content))
    assert book.get_sheet_by_index(0).to_python()[-1][-1] == 280.23


def test_a_book_opens_before_anything_is_chosen(kept: OfficeSite) -> None:
    client = kept.client("preparer")
    for kind in KINDS:
        page = client.get(kept.path(f"/books/{kind}"))
        assert page.status_code == 200, f"{kind}: {page.text}"
        assert "notice bad" not in page.text, kind


def test_a_long_ledger_goes_on_where_the_page_before_ended(kept: OfficeSite) -> None:
    kept.books.post_many([fee_receipt(n + 1, date=date(2025, 5, 1)) for n in range(150)])
    client = kept.client("preparer")
    first = client.get(kept.path("/books/ledger?from=2025-05&to=2025-05&account=100201"))
    assert "下一页" in first.text
    following = first.text.split('<a class="plain-button" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(following)
    assert "承前页" in second.text
    assert "本月合计" in second.text
    assert "113.25" in second.text, "150 receipts of 0.01 to 1.50"


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/books/ledger?from=2025-13&to=2025-06", 422, "读不懂月份"),
        ("/books/ledger?from=2025-05&to=2025-03&account=1002", 404, "起始月份晚于截止月份"),
        ("/books/ledger?from=2023-01&to=2023-02&account=1002", 404, "才启用"),
        ("/books/ledger?account=9999", 404, "没有科目 9999"),
        ("/books/ledger?account=1002&dimension=unit&value=9-999", 404, "没有登记过"),
        ("/books/trial?fund=F9", 422, "没有资金"),
        ("/books/nothing", 404, "没有这种账簿"),
        ("/books/trial/docx", 404, "没有这种文件格式"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_breaks(
    kept: OfficeSite, address: str, status: int, said: str
) -> None:
    answer = kept.client("reviewer").get(kept.path(address))
    assert answer.status_code == status
    assert said in answer.text


def test_who_took_a_file_is_on_the_trail(kept: OfficeSite) -> None:
    kept.client("supervisor").get(kept.path(f"/books/trial/xlsx?{QUERIES['trial']}"))
    with reading(kept.engine) as conn:
        rows = conn.execute(select(audit_event).where(audit_event.c.action == "books.print")).all()
    assert [(row.person, row.subject) for row in rows] == [
        (kept.person("supervisor").person, "trial.xlsx book=A&from=2025-03&to=2025-06")
    ]


def test_residents_and_operators_see_no_books(kept: OfficeSite) -> None:
    for role in ("resident", "tenant", "operator"):
        assert kept.client(role).get(kept.path("/books/vouchers")).status_code == 403


HUGE = "9" * 58


@pytest.mark.parametrize(
    "address",
    [
        f"/books/vouchers?after={HUGE}",
        f"/books/vouchers?first_no={HUGE}",
        f"/books/ledger?account=1002&after=2025-01-01.{HUGE}",
        "/books/ledger?account=1002&after=2025-01-01.999999999999.999999999999.999999999999",
        "/books/ledger?account=1002&after=2999-12-31.1.1.1",
        "/books/ledger?from=2025-01&to=2999-12&account=1002",
        "/books/ledger?from=0000-00&account=1002",
        "/books/ledger?account=%00%F0%9F%98%80&value=%00",
        "/books/households?building=%27%3B--",
        "/books/cash?bank_account=F1-WX",
        f"/entries/A-2025-{HUGE}",
        "/entries/A-%EF%BC%92%EF%BC%90%EF%BC%92%EF%BC%95-000001",
        f"/entries?min={HUGE}&max=-{HUGE}",
        f"/entries?before=2025-01-01.{HUGE}",
        "/entries?from=2999-12&to=2999-12",
        "/entries?unit=%00&vendor=%27&account=%27%20OR%201=1",
        "/closing?book=Z",
    ],
)
def test_no_address_however_odd_breaks_a_page(kept: OfficeSite, address: str) -> None:
    assert kept.client("preparer").get(kept.path(address)).status_code in (200, 404, 422)


def test_a_request_number_out_of_all_bounds_is_unknown(kept: OfficeSite) -> None:
    answer = kept.post(kept.client("reviewer"), kept.path(f"/closing/{10**15}/confirm"))
    assert answer.status_code == 422
    assert "没有第" in answer.text

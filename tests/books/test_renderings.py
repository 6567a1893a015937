"""Page, workbook, paper and CSV of a book hold the same figures, and those are the ledger's."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import Connection

from disclosure.books.asked import Asked, place_text, read_asked, read_place
from disclosure.books.build import Request, build_report
from disclosure.books.files import write_file
from disclosure.books.kinds import KINDS, FormatName
from disclosure.books.paging import sheets
from disclosure.books.paper import MOST_ROWS
from disclosure.books.report import Column, Report, Row, Table
from disclosure.books.shown import shown_table
from disclosure.books.xlsx import write_xlsx
from disclosure.public.rendering import Pages, load_pages
from ledger.books import Place, view_of
from ledger.errors import Refused
from ledger.money import format_yuan
from ledger.store.engine import reading
from tests.books.lives import taken_over
from tests.books.slow import slow_books
from tests.ledger.books import (
    OPENED,
    TODAY,
    Books,
    contribution,
    deposit,
    fee_charge,
    fee_receipt,
    interest,
    invoice,
    payment,
    petty,
)

KIND_NAMES = list(KINDS)
QUERIES = {
    "vouchers": {"from": "2025-01", "to": "2025-06"},
    "ledger": {"from": "2024-01", "to": "2025-06", "account": "112201"},
    "cash": {"from": "2025-01", "to": "2025-06", "bank_account": "F1-CCB"},
    "general": {"to": "2025-06"},
    "trial": {"from": "2025-03", "to": "2025-06"},
    "income": {"from": "2025-03", "to": "2025-03"},
    "position": {"to": "2025-06"},
    "reconciliation": {"to": "2025-06"},
    "households": {"book": "M", "from": "2025-01", "to": "2025-06"},
}


@cache
def pages() -> Pages:
    return load_pages(demo=False)


@pytest.fixture
def lived(books: Books) -> Books:
    """A community with something on every page."""
    books.post(taken_over())
    charged = books.post(fee_charge((("1-101", 345_67), ("1-102", 1_234_56)), date=date(2025, 3, 1)))
    books.post(fee_receipt(1_000_01, "1-102", date=date(2025, 3, 5), summary="收物业费"))
    wrong = books.post(petty(77_77, date=date(2025, 3, 6)))
    books.reverse(wrong.ref, on=date(2025, 4, 2))
    books.post(invoice(2_000_00, date=date(2025, 3, 7)))
    books.post(payment(500_00, date=date(2025, 3, 8)))
    books.post(interest(12_34, date=date(2024, 3, 9)))
    books.post(deposit(800_00, date=date(2025, 5, 1)))
    books.post(contribution(date=date(2025, 2, 1)))
    assert charged.ref.startswith("A-2025")
    return books


def request(conn: Connection, books: Books, kind: str, **fields: str) -> Request:
    asked: Asked = read_asked(
        QUERIES[kind] | fields, today=TODAY, opened_on=OPENED, whole_year=KINDS[kind].whole_year
    )
    view = view_of(conn, books.trust_id, asked.book, asked.span, today=TODAY)
    return Request(conn, view, asked, "明和苑", "锦安物业", "会计甲", "2025-06-30 10:00")


def money_of(report: Report) -> list[int]:
    """All amounts of a report, in order."""
    return [
        cell
        for table in report.tables
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.shape == "money" and isinstance(cell, int)
    ]


def file_of(conn: Connection, books: Books, kind: str, file_format: FormatName, **fields: str) -> bytes:
    out = io.BytesIO()
    write_file(request(conn, books, kind, **fields), kind, file_format, pages(), out)
    return out.getvalue()


def pdf_text(body: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)


# --- The same figures everywhere ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_the_workbook_read_back_is_the_report(lived: Books, kind: str) -> None:
    with reading(lived.engine) as conn:
        report = build_report(kind, request(conn, lived, kind))
        expected = [(table.columns, [row.cells for row in table.rows]) for table in report.tables]
        book = CalamineWorkbook.from_filelike(io.BytesIO(file_of(conn, lived, kind, "xlsx")))
    assert len(book.sheet_names) == len(expected)
    for name, (columns, rows) in zip(book.sheet_names, expected, strict=True):
        top = 5 if any(column.group for column in columns) else 4
        sheet = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        found = [read_back(columns, cells) for cells in sheet[top : top + len(rows)]]
        assert found == [tuple("" if cell is None else cell for cell in row) for row in rows]


def read_back(columns: tuple[Column, ...], cells: list[Any]) -> tuple[Any, ...]:
    """Cells as they stand in a report: amounts in fen, exactly."""
    found: list[Any] = []
    for column, cell in zip(columns, cells, strict=False):
        if column.shape == "money" and isinstance(cell, float):
            fen = Decimal(repr(cell)) * 100
            assert fen == fen.to_integral_value(), f"{cell} is no whole fen"
            found.append(int(fen))
        elif isinstance(cell, float):
            found.append(int(cell))
        else:
            found.append(cell)
    return (*found, *([""] * (len(columns) - len(found))))


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_the_csv_read_back_is_the_report(lived: Books, kind: str) -> None:
    with reading(lived.engine) as conn:
        expected = money_of(build_report(kind, request(conn, lived, kind)))
        body = file_of(conn, lived, kind, "csv")
        tables = [table.columns for table in build_report(kind, request(conn, lived, kind)).tables]
    assert body.startswith(b"\xef\xbb\xbf")
    found: list[int] = []
    rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    columns: tuple[Column, ...] = ()
    for number, row in enumerate(group_rows(rows)):
        columns = tables[number]
        for cells in row[2:]:
            found += [
                int(Decimal(cell) * 100)
                for column, cell in zip(columns, cells, strict=True)
                if column.shape == "money" and cell
            ]
    assert found == expected


def group_rows(rows: Any) -> Iterator[list[list[str]]]:
    """Tables apart, which an empty line separates."""
    group: list[list[str]] = []
    for row in rows:
        if not row:
            yield group
            group = []
        else:
            group.append(row)
    yield group


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_paper_and_page_hold_every_figure_of_the_report(lived: Books, kind: str) -> None:
    with reading(lived.engine) as conn:
        report = build_report(kind, request(conn, lived, kind))
        tables = [replace(table, rows=tuple(table.rows)) for table in report.tables]
        expected = [format_yuan(fen) for fen in money_of(replace(report, tables=tables))]
        shown = [
            cell.text
            for table in tables
            for row in shown_table(table).rows
            for cell in row.cells
            if cell.shape == "money" and cell.text
        ]
        paper = pdf_text(file_of(conn, lived, kind, "pdf"))
    assert expected, "a book with nothing in it shows nothing"
    assert shown == expected
    on_paper = re.sub(r"\s", "", paper)
    assert [text for text in expected if text not in on_paper] == []
    assert "明和苑" in on_paper
    assert KINDS[kind].title in on_paper


def test_the_figures_on_paper_are_those_of_the_ledger(lived: Books) -> None:
    """Not by way of the read model: added up from the entries themselves."""
    items = slow_books(lived).flat()
    owed = sum(x.signed for x in items if x.account == "112201")
    with reading(lived.engine) as conn:
        for kind in ("ledger", "trial", "position"):
            assert format_yuan(owed) in pdf_text(file_of(conn, lived, kind, "pdf")), kind


def test_every_voucher_is_signed_by_name_and_two_or_three_share_a_page(lived: Books) -> None:
    with reading(lived.engine) as conn:
        body = file_of(conn, lived, "vouchers", "pdf")
    reader = pypdf.PdfReader(io.BytesIO(body))
    texts = [page.extract_text() for page in reader.pages]
    assert sum(text.count("制单：会计甲") for text in texts) == 7
    assert sum(text.count("审核：审核乙") for text in texts) == 7
    assert max(text.count("制单：") for text in texts) in (2, 3)
    assert "记账凭证（红字）" in "".join(texts)
    assert "第 1 页 / 共" in texts[0]


def test_a_range_of_numbers_is_printed_alone(lived: Books) -> None:
    with reading(lived.engine) as conn:
        text = pdf_text(file_of(conn, lived, "vouchers", "pdf", first_no="2", last_no="3"))
        with pytest.raises(Refused) as refused:
            file_of(conn, lived, "vouchers", "pdf", first_no="900")
    assert re.findall(r"A-2025-\d{6}(?=\n)", text)[:2] == ["A-2025-000002", "A-2025-000003"]
    assert "A-2025-000001\n" not in text
    assert refused.value.codes == {"no_vouchers"}


def test_without_an_account_all_ledgers_that_moved_go_into_one_file(lived: Books) -> None:
    with reading(lived.engine) as conn:
        body = file_of(conn, lived, "ledger", "xlsx", account="")
        paper = pdf_text(file_of(conn, lived, "ledger", "pdf", account=""))
    moved = {(x.account, x.fund) for x in slow_books(lived).flat()}
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    assert len(book.sheet_names) == len(moved)
    closing = {name: book.get_sheet_by_name(name).to_python()[-1][-1] for name in book.sheet_names}
    items = list(slow_books(lived).flat())
    assert sorted(closing.values()) == sorted(
        abs(sum(x.signed for x in items if (x.account, x.fund) == key)) / 100 for key in moved
    )
    assert all(account in paper for account, _ in moved)


# --- Pages of account books ---------------------------------------------------------------------------------

COLUMNS = (
    Column("日期", "day", 9),
    Column("凭证号", "ref", 12),
    Column("摘要", "text", 26),
    Column("借方", "money", 12),
    Column("贷方", "money", 12),
    Column("方向", "side", 4),
    Column("余额", "money", 13),
)


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 60), st.booleans()),
        max_size=150,
    )
)
def test_what_a_page_carries_over_is_the_month_so_far_and_the_balance(
    lines: list[tuple[int, int, int, bool]],
) -> None:
    rows = list(ledger_of(lines))
    made = list(sheets(Table("", COLUMNS, rows)))
    assert [row for sheet in made for row in sheet.rows if row.style != "carry"] == rows
    assert [sheet.last for sheet in made] == [False] * (len(made) - 1) + [True]
    seen: list[Row] = []
    for number, sheet in enumerate(made):
        if number:
            assert sheet.rows[0].cells == (None, "", "承前页", *month_so_far(seen), *seen[-1].cells[5:])
        seen += [row for row in sheet.rows if row.style != "carry"]
        if not sheet.last:
            assert sheet.rows[-1].cells == (None, "", "过次页", *month_so_far(seen), *seen[-1].cells[5:])


def ledger_of(lines: list[tuple[int, int, int, bool]]) -> Iterator[Row]:
    """Lines of a ledger; the last of each says whether its month ends there."""
    balance, month = 0, [0, 0]
    for debit, credit, words, ends in lines:
        balance += debit - credit
        month = [month[0] + debit, month[1] + credit]
        state = ("借" if balance > 0 else "贷" if balance else "平", abs(balance))
        yield Row((TODAY, "A-2025-000001", "字" * words, debit, credit, *state))
        if ends:
            yield Row((TODAY, "", "本月合计", *month, *state), "subtotal")
            month = [0, 0]


def month_so_far(seen: list[Row]) -> tuple[int, int]:
    debit = credit = 0
    for row in seen:
        if row.style:
            debit = credit = 0
        else:
            debit, credit = debit + int(str(row.cells[3])), credit + int(str(row.cells[4]))
    return debit, credit


def test_a_cut_page_fits_on_one_sheet_of_paper(books: Books) -> None:
    words = "代收业主物业费并按决议抵减以前年度预收部分的说明文字"
    books.post_many(
        [fee_receipt(n + 1, date=date(2025, 3, 1), summary=words[: 4 + n % 22]) for n in range(130)]
    )
    with reading(books.engine) as conn:
        report = build_report(
            "ledger", request(conn, books, "ledger", **{"from": "2025-03", "to": "2025-03"})
        )
        expected = len([sheet for table in report.tables for sheet in sheets(table)])
        body = file_of(conn, books, "ledger", "pdf", **{"from": "2025-03", "to": "2025-03"})
    texts = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages]
    assert len(texts) in (expected, expected + 1), "the signatures may need a page of their own"
    assert expected > 2
    assert all("过次页" in text for text in texts[: expected - 1])
    assert all("承前页" in text for text in texts[1:expected])


def test_a_book_too_long_for_paper_says_so_and_still_goes_into_a_workbook(lived: Books, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr("disclosure.books.paper.MOST_ROWS", 3)
    assert MOST_ROWS > 1_000
    with reading(lived.engine) as conn:
        with pytest.raises(Refused) as refused:
            file_of(conn, lived, "trial", "pdf")
        assert file_of(conn, lived, "trial", "xlsx").startswith(b"PK")
    assert refused.value.codes == {"too_long_for_paper"}


# --- Hostile texts ------------------------------------------------------------------------------------------

HOSTILE = '=HYPERLINK("http://example.com","点我")'


def test_a_text_is_never_a_formula_nor_markup(books: Books) -> None:
    books.post(petty(1_00, date=date(2025, 3, 1), summary=HOSTILE, memo="<script>alert(1)</script>"))
    books.post(petty(1_00, date=date(2025, 3, 1), summary="<b>粗</b>&<!--"))
    with reading(books.engine) as conn:
        report = build_report("vouchers", request(conn, books, "vouchers"))
        out = io.BytesIO()
        write_xlsx(report, out)
        text = file_of(conn, books, "vouchers", "csv").decode()
        paper = pdf_text(file_of(conn, books, "vouchers", "pdf"))
    cells = [
        cell
        for row in CalamineWorkbook.from_filelike(io.BytesIO(out.getvalue()))
        .get_sheet_by_index(0)
        .to_python()
        for cell in row
    ]
    assert HOSTILE in cells, "kept as it is, as a text"
    assert b"<f>" not in sheet_xml(out.getvalue())
    assert not any(row[3].startswith("=") for row in csv.reader(io.StringIO(text)) if len(row) > 3)
    assert "<b>粗</b>&<!--" in paper


def sheet_xml(body: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist() if "worksheets/" in name)


def test_a_workbook_of_many_rows_is_written_in_flat_memory() -> None:
    import tracemalloc

    def written(count: int) -> int:
        rows = (Row((TODAY, "A-2025-000001", f"摘要{n}", n, None, "借", n)) for n in range(count))
        report = Report(
            "ledger", "明细账", "明和苑", "锦安", "2025年", [Table("表", COLUMNS, rows)], "甲", "今"
        )
        tracemalloc.start()
        write_xlsx(report, io.BytesIO())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    small, large = written(500), written(10_000)
    assert large < small * 3 + 4_000_000


# --- Addresses ----------------------------------------------------------------------------------------------


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 10**12), st.integers(0, 999), st.integers(0, 9999))  # fmt: skip
def test_a_place_in_a_ledger_survives_the_address(day: date, seq: int, line: int, detail: int) -> None:
    place = Place(day, seq, line, detail)
    assert read_place(place_text(place)) == place


@given(st.text(max_size=40))
def test_any_place_typed_by_hand_is_read_or_means_the_beginning(text: str) -> None:
    place = read_place(text)
    assert place is None or isinstance(place.seq, int)


def test_what_makes_no_sense_is_refused_all_at_once() -> None:
    query = {
        "book": "Z",
        "from": "三月",
        "fund": "F9",
        "dimension": "colour",
        "levels": "x",
        "first_no": "-1",
    }
    with pytest.raises(Refused) as refused:
        read_asked(query, today=TODAY, opened_on=OPENED)
    assert refused.value.codes == {"bad_book", "bad_month", "unknown_fund", "unknown_dimension", "bad_number"}


def test_without_months_it_is_this_month_or_this_year() -> None:
    this = read_asked({}, today=TODAY, opened_on=OPENED)
    year = read_asked({"to": "2025-03"}, today=TODAY, opened_on=OPENED, whole_year=True)
    assert (this.span.first, this.span.last) == (202506, 202506)
    assert (year.span.first, year.span.last) == (202501, 202503)
    assert "to=2025-03" in year.address()

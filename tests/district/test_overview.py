"""The overview: sorted by every column, page after page without a gap, only one's own communities, and the files
hold what the page shows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine

from disclosure.books.csv_file import csv_chunks
from disclosure.books.xlsx import write_xlsx
from disclosure.district.columns import COLUMNS, ON_SCREEN, report_of, shown_cells
from ledger.district import (
    Asked,
    Summary,
    districts_of,
    findings_of,
    keep_summary,
    matching,
    overview,
    overview_rows,
    whole_districts,
)
from ledger.district.overview import SORTS
from ledger.store.engine import reading, writing
from tests.district.summaries import keep_many, made_up


def key_of(sort: str, one: Summary) -> Any:
    return len(findings_of(one)) if sort == "findings" else getattr(one, sort)


def pages(engine: Engine, ids: list[int], asked: Asked, size: int) -> list[Summary]:
    found: list[Summary] = []
    while True:
        with reading(engine) as conn:
            page = overview(conn, ids, asked, size)
        assert len(page.rows) <= size
        found += page.rows
        if not page.more:
            return found
        asked = replace(asked, after=page.rows[-1].slug)


def test_every_column_sorts_both_ways_and_pages_leave_nothing_out(engine: Engine) -> None:
    made = keep_many(engine, 40)
    ids = [one.trust_id for one in made]
    for sort in SORTS:
        for descending in (False, True):
            found = pages(engine, ids, Asked(sort, descending), 7)
            assert sorted(one.trust_id for one in found) == ids
            if sort not in ("name", "district"):  # the order of words is the database's
                values = [key_of(sort, one) for one in found]
                assert values == sorted(values, reverse=descending), sort
            assert found == pages(engine, ids, Asked(sort, descending), 100)


def test_equal_communities_stay_in_one_order(engine: Engine) -> None:
    with writing(engine) as conn:
        for trust_id in (5, 3, 9, 1):
            keep_summary(conn, made_up(trust_id, late=2))
    assert [one.trust_id for one in pages(engine, [1, 3, 5, 9], Asked("late"), 2)] == [1, 3, 5, 9]


def test_only_the_communities_asked_for_are_read(engine: Engine) -> None:
    keep_many(engine, 20)
    assert {one.trust_id for one in pages(engine, [2, 4, 99], Asked(), 50)} == {2, 4}
    with reading(engine) as conn:
        page = overview(conn, [2, 4, 99], Asked(), 50)
        assert (page.total, page.missing) == (2, 1)
        assert overview(conn, [], Asked(), 50).rows == ()
        beyond = overview(conn, [2, 4], Asked(after="trust-9"), 50)
    assert len(beyond.rows) == 2, "a page after somebody else's community is the first page"


def test_a_street_or_a_word_narrows_it(engine: Engine) -> None:
    made = keep_many(engine, 20)
    ids = [one.trust_id for one in made]
    east = pages(engine, ids, Asked(district="东街道"), 50)
    assert {one.trust_id for one in east} == {i for i in ids if i % 3 == 1}
    word = pages(engine, ids, Asked(text="网格3"), 50)
    assert {one.trust_id for one in word} == {i for i in ids if i % 5 == 3}
    assert pages(engine, ids, Asked(text="%"), 50) == []
    with reading(engine) as conn:
        assert districts_of(conn, ids) == ["东街道", "西街道"]
        assert districts_of(conn, [3]) == []


def test_what_is_read_is_what_was_kept(engine: Engine) -> None:
    made = keep_many(engine, 3)
    assert sorted(pages(engine, [1, 2, 3], Asked(), 50), key=lambda one: one.trust_id) == made


def test_a_page_costs_the_same_few_queries_however_many_communities(
    engine: Engine, count_queries: Callable[[Engine], AbstractContextManager[Any]]
) -> None:
    made = keep_many(engine, 60)
    with count_queries(engine) as queries, reading(engine) as conn:
        overview(conn, [one.trust_id for one in made], Asked(after="trust-9"), 20)
    queries.expect_at_most(4)


@pytest.mark.db("sqlite")
def test_workbook_and_csv_hold_the_rows_of_the_page_in_its_order(engine: Engine) -> None:
    made = keep_many(engine, 30)
    with writing(engine) as conn:
        keep_summary(conn, made_up(31, name="=1+1", trustee="@SUM(A1)", grid="+86"))
    ids = [one.trust_id for one in made] + [31]
    asked = Asked("common", False)
    shown = pages(engine, ids, asked, 4)
    with reading(engine) as conn:
        rows = list(overview_rows(conn, ids, asked))
    assert rows == shown
    book = io.BytesIO()
    write_xlsx(report_of(rows, (), by="甲", at="今天", day="今天"), book)
    table = CalamineWorkbook.from_filelike(io.BytesIO(book.getvalue())).get_sheet_by_index(0).to_python()
    head = next(at for at, cells in enumerate(table) if cells[0] == "小区")
    assert table[head] == [column.title for column in COLUMNS]
    for cells, one in zip(table[head + 1 :], shown, strict=False):
        by_title = dict(zip(table[head], cells, strict=True))
        assert by_title["小区"] == one.name
        assert round(float(str(by_title["共有资金"])) * 100) == one.common
        for cell in shown_cells(one):
            if cell.column.shape == "number" and cell.text != "从未":
                assert float(str(by_title[cell.column.title])) == int(cell.text)
    assert len(table) == head + 1 + len(shown) + 1, "the rows, and one note"
    with zipfile.ZipFile(book) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    text = b"".join(csv_chunks(report_of(rows, (), by="甲", at="今天", day="今天"))).decode("utf-8-sig")
    lines = text.splitlines()[2:]
    assert len(lines) == len(rows)
    assert any(line.startswith("'=1+1,") and "'@SUM(A1)" in line and "'+86" in line for line in lines)


def test_each_column_on_screen_can_be_sorted_by() -> None:
    assert {column.name for column in ON_SCREEN} == set(SORTS)


def test_a_filter_leaves_trusts_and_districts_are_whole_or_not(engine: Engine) -> None:
    with writing(engine) as conn:
        for trust_id, district in ((1, "东街道"), (2, "东街道"), (3, "西街道")):
            keep_summary(conn, made_up(trust_id, district=district, name=f"百合{trust_id}_"))
    with reading(engine) as conn:
        assert matching(conn, [4, 1, 3], Asked()) == [1, 3, 4], (
            "without a filter also those without a summary"
        )
        assert sorted(matching(conn, [4, 1, 3], Asked(district="东街道"))) == [1]
        assert sorted(matching(conn, [1, 2, 3], Asked(text="百合2_"))) == [2]
        assert matching(conn, [1, 2, 3], Asked(text="%")) == []
        assert whole_districts(conn, [1, 2]) == ["", "东街道"], "there is no trust yet that would be left out"
        assert whole_districts(conn, [1, 3]) == ["", "西街道"]

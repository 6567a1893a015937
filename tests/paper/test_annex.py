"""The annex of a statement: every entry of its span as known at its cut-off, on the pages the months have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from pypdf import PdfReader

from disclosure.app import create_app
from disclosure.config import Config
from disclosure.paper import crew
from disclosure.public.rendering import load_pages
from disclosure.statements import read_statement
from disclosure.statements.annex import month_lists
from disclosure.statements.pdf import annex_file, statement_file
from disclosure.statements.pictures import pictures
from ledger.money import format_yuan
from ledger.periods.spans import span_of
from ledger.store.engine import reading
from tests.paper.documents import texts, words
from tests.servers import Databases
from tests.statements.conftest import lived
from tests.statements.year import Year

pytestmark = pytest.mark.db("sqlite")
ADDRESS = "https://mingzhang.example/c/trust-1/statements/2024-03?version=1"


@pytest.fixture(scope="module")
def year(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """A year of books with a month, a quarter and the year published."""
    with lived(databases, "sqlite", tmp_path_factory.mktemp("annex")) as lived_year:
        for code in (202403, 202433, 202400):
            lived_year.publish(code)
        yield lived_year


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("printed") / "cache"


def annex(year: Year, folder: Path, code: int) -> Path:
    with reading(year.engine) as conn:
        published = read_statement(conn, 1, code)
    return annex_file(load_pages(demo=False), folder, year.engine, 1, published, ADDRESS)


def test_on_paper_every_entry_and_every_sum_can_be_read(year: Year, folder: Path) -> None:
    file = annex(year, folder, 202403)
    text = words(file)
    with reading(year.engine) as conn:
        published = read_statement(conn, 1, 202403)
        lists = list(month_lists(conn, 1, span_of(202403), published.size))
    for item in lists:
        assert f"本月合计{item.count}笔" in text
        assert format_yuan(item.flow.received) in text
        for row in item.listing.rows:
            assert row.cells[0] in text
            assert "".join(row.cells[-1].split()) in text
    assert published.value.checkpoint.split("\n")[2] in text


def test_every_sheet_of_invented_books_says_so(year: Year, tmp_path: Path) -> None:
    with reading(year.engine) as conn:
        published = read_statement(conn, 1, 202403)
    invented = load_pages(demo=True)
    for file in (
        annex_file(invented, tmp_path, year.engine, 1, published, ADDRESS),
        statement_file(invented, tmp_path, published, ADDRESS),
    ):
        pages = texts(file)
        assert len(pages) > 1
        assert all("演示数据，均为虚构　" in text for text in pages)


def test_the_quarter_is_bound_from_the_months_pages(
    year: Year, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    annex(year, folder, 202403)
    pieces = set((folder / "paper" / "pieces").iterdir())
    jobs: list[str] = []
    start = crew.Crew.start

    def noted(self: crew.Crew, job: crew.Job, target: Path) -> Any:
        jobs.extend(re.findall("<h2>(2024年[^　]+)", job.get("html", "")))
        return start(self, job, target)

    monkeypatch.setattr(crew.Crew, "start", noted)
    file = annex(year, folder, 202433)
    assert set((folder / "paper" / "pieces").iterdir()) > pieces
    assert set(jobs) == {"2024年1月", "2024年2月"}
    pages = texts(file)
    assert f"第 {len(pages)} 页 / 共 {len(pages)} 页" in pages[-1]


def test_a_statement_on_a3_has_type_to_be_read_from_afar(year: Year, folder: Path) -> None:
    with reading(year.engine) as conn:
        published = read_statement(conn, 1, 202433)
    letters: Counter[float] = Counter()

    def note(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        letters[round(abs(size * tm[0] * cm[0]), 1)] += len(text.strip())

    file = statement_file(load_pages(demo=False), folder, published, ADDRESS, "A3")
    assert "每一元去了哪里" in words(file)
    for page in PdfReader(file).pages:
        assert page.mediabox.width > page.mediabox.height
        page.extract_text(visitor_text=note)
    assert sum(count for size, count in letters.items() if size >= 16) / letters.total() > 0.7


def test_pictures_say_in_words_what_they_show(year: Year, folder: Path) -> None:
    with reading(year.engine) as conn:
        published = read_statement(conn, 1, 202433)
    file = statement_file(load_pages(demo=False), folder, published, ADDRESS, "A3")
    found = {
        str(figure["/Alt"]) for figure in figures_of(PdfReader(file).trailer["/Root"]["/StructTreeRoot"])
    }
    assert {picture.chart.summary for picture in pictures(published.value)} <= found
    assert len(found) > 2


def figures_of(element: Any) -> Iterator[Any]:
    """All pictures in a tree of tags."""
    element = element.get_object()
    if isinstance(element, dict):
        if element.get("/S") == "/Figure":
            yield element
        kids = element.get("/K", ())
        for kid in kids if isinstance(kids, list) else [kids]:
            if not isinstance(kid, int):
                yield from figures_of(kid)


def test_files_are_streamed_revalidated_and_not_packed_twice(year: Year, folder: Path) -> None:
    config = Config(folder.parent, str(year.engine.url), "https://mingzhang.example")
    base = "/c/trust-1/statements/2024-03.pdf"
    with TestClient(create_app(config, now=lambda: datetime(2025, 7, 1, 4, tzinfo=UTC))) as client:
        plain = client.get(base)
        whole = client.get(f"{base}?annex=1")
        assert plain.status_code == whole.status_code == 200
        assert plain.headers["content-type"] == whole.headers["content-type"] == "application/pdf"
        assert "content-encoding" not in whole.headers
        assert whole.headers["content-disposition"] == 'inline; filename="trust-1-2024-03-v1-annex.pdf"'
        assert int(whole.headers["content-length"]) == len(whole.content)
        assert plain.headers["etag"] != whole.headers["etag"]
        again = client.get(f"{base}?annex=1", headers={"if-none-match": whole.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(f"{base}?annex=2").status_code == 404
        assert client.get(f"{base}?paper=B5").status_code == 404

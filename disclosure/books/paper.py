"""A report as PDF on A4: heads repeated, pages numbered, account books carried from page to page."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from disclosure.books.paging import sheets
from disclosure.books.report import Report, Row, Table
from disclosure.books.shown import ShownTable, shown_table
from disclosure.public.rendering import STATIC, Pages
from ledger.errors import refuse

logging.getLogger("weasyprint").setLevel(logging.ERROR)

MOST_ROWS = 3_000
"""More rows take minutes to set and nobody reads them on paper."""


@dataclass(frozen=True, slots=True)
class PaperPart:
    """A table, or one page of it; ``fresh`` begins on a page of its own."""

    table: ShownTable
    fresh: bool


def report_pdf(pages: Pages, report: Report) -> bytes:
    """The PDF. Raises :class:`~ledger.errors.Refused` for a book too long for paper."""
    parts = list(_parts(report))
    return html_to_pdf(pages.text("books/report_print.html", report=report, parts=parts))


def html_to_pdf(html: str) -> bytes:
    """Set a page of this package; it may load nothing from anywhere."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    style = CSS(string=(STATIC / "books-print.css").read_text(encoding="utf-8"))
    document = HTML(string=html, base_url=None, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    body: bytes = document.write_pdf(stylesheets=[style])
    return body


def _parts(report: Report) -> Iterator[PaperPart]:
    left = MOST_ROWS
    for number, table in enumerate(report.tables):
        rows = _few_enough(table.rows, left)
        left -= len(rows)
        if report.carried:
            whole = Table(table.title, table.columns, rows, table.facts, table.notes)
            for sheet in sheets(whole):
                page = Table(
                    table.title,
                    table.columns,
                    sheet.rows,
                    (*table.facts, f"第 {sheet.number} 页"),
                    table.notes if sheet.last else (),
                )
                yield PaperPart(shown_table(page), fresh=number > 0 or sheet.number > 1)
        else:
            fresh = number > 0 and report.kind != "general"
            yield PaperPart(shown_table(table, rows), fresh=fresh)


def _few_enough(rows: Iterable[Row], most: int) -> Sequence[Row]:
    found = list(islice(rows, most + 1))
    if len(found) > most:
        raise refuse(
            "too_long_for_paper",
            f"内容超过 {MOST_ROWS} 行，不宜打印成 PDF；请缩小月份、科目范围，或下载 XLSX",
            "打印范围",
        )
    return found

"""Long listings: rows in lines of a monospaced font, lines in pages, pages in pieces to be set one by one.

A row is one paragraph whose cells are put in their places with spaces. That is a tenth of the boxes of a table, and
the text reads row by row when copied or read aloud. Heights are counted here, so that pages can be cut without
setting them; should a page not fit after all (a character wider than thought), it runs on to another page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain

from disclosure.paper.lines import break_lines, text_width
from disclosure.paper.parts import Column, Listing, Paper, Row

LINE_ROOM = 128
"""Half characters in a line; see ``listing.css``, whose type grows with the paper."""
PAGE_UNITS: dict[Paper, int] = {"A4": 618, "A3": 255}
"""Room for rows on a page below its title and head, in tenths of a line."""
LINE_UNITS, AROUND_UNITS = 10, 3
"""Height of a line, and of the room around a row."""
PAGES_A_PIECE = 10
_GAP = 2
_PAGES: dict[Paper, str] = {
    "A4": "@page{size:A4}html{font-size:8pt}",
    "A3": "@page{size:A3 landscape}html{font-size:16pt}",
}
"""A3 lying is as wide in its type as A4 standing."""


@dataclass(frozen=True, slots=True)
class _Laid:
    """A row ready to be set: its lines, and the class of its paragraph."""

    lines: tuple[str, ...]
    style: str

    @property
    def height(self) -> int:
        return len(self.lines) * LINE_UNITS + AROUND_UNITS


def listing_pieces(listing: Listing, paper: Paper) -> Iterator[str]:
    """The HTML documents the listing is set from, some pages each; always at least one."""
    widths = _widths(listing.columns)
    head = _head(listing, widths)
    pages: list[str] = []
    for number, page in enumerate(_pages(listing, widths, PAGE_UNITS[paper])):
        notes = "".join(f"<p class=note>{escape(note)}</p>" for note in listing.notes) if number == 0 else ""
        title = (
            f"<h2>{escape(listing.title)}</h2>"
            if number == 0
            else f"<p class=title>{escape(listing.title)}（续）</p>"
        )
        rows = "".join(_paragraph(row) for row in page)
        pages.append(f"<section>{title}{notes}{head}{rows}</section>")
        if len(pages) == PAGES_A_PIECE:
            yield _document(pages, paper)
            pages = []
    if pages:
        yield _document(pages, paper)


def _pages(listing: Listing, widths: Sequence[int], room: int) -> Iterator[list[_Laid]]:
    """Rows by page; a row is never split unless it alone is more than a page."""
    page: list[_Laid] = []
    left = room - sum(LINE_UNITS * len(break_lines(note, LINE_ROOM)) + AROUND_UNITS for note in listing.notes)
    for row in listing.rows:
        laid = _lay(row, listing.columns, widths)
        if page and laid.height > left:
            yield page
            page, left = [], room
        page.append(laid)
        left -= laid.height
    yield page


def _widths(columns: Sequence[Column]) -> list[int]:
    fixed = sum(column.width for column in columns) + _GAP * (len(columns) - 1)
    return [column.width or LINE_ROOM - fixed for column in columns]


def _lay(row: Row, columns: Sequence[Column], widths: Sequence[int]) -> _Laid:
    cells = [break_lines(cell, width) for cell, width in zip(row.cells, widths, strict=True)]
    lines = []
    for number in range(max(map(len, cells))):
        texts = [cell[number] if number < len(cell) else "" for cell in cells]
        lines.append(_line(texts, columns, widths))
    style = " ".join(name for name, on in (("red", row.red), ("strong", row.strong)) if on)
    return _Laid(tuple(lines), style)


def _line(texts: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    placed = []
    for text, column, width in zip(texts, columns, widths, strict=True):
        blank = " " * max(width - text_width(text), 0)
        placed.append(blank + text if column.align == "right" else text + blank)
    return (" " * _GAP).join(placed).rstrip()


def _head(listing: Listing, widths: Sequence[int]) -> str:
    titles = _line([column.title for column in listing.columns], listing.columns, widths)
    return f"<p class=head>{escape(titles)}</p>"


def _paragraph(row: _Laid) -> str:
    style = f' class="{row.style}"' if row.style else ""
    return f"<p{style}>{escape(chr(10).join(row.lines))}</p>"


def _document(pages: Iterable[str], paper: Paper) -> str:
    return "".join(
        chain(
            ['<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>附件</title>'],
            [f"<style>{_PAGES[paper]}</style></head><body>"],
            pages,
            ["</body></html>"],
        )
    )

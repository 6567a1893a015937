"""What a printed document is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Paper = Literal["A4", "A3"]
PAPERS: tuple[Paper, ...] = ("A4", "A3")
SIZES: dict[Paper, str] = {"A4": "A4", "A3": "A3 landscape"}
"""As style sheets call them. A3 lies, so that its large type has as many characters in a line as A4."""
Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Pages made by a template: a whole HTML document and the names of its style sheets in ``static``.

    What is drawn has to be in it (SVG in the text, pictures as ``data:``): nothing is loaded from anywhere.
    ``bookmark`` is its line in the table of contents that a reader shows beside the pages; headings below it
    are found by themselves.
    """

    html: str
    styles: tuple[str, ...] = ("print.css",)
    bookmark: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a listing; ``width`` in half Chinese characters, 0 for what is left (the last one only)."""

    title: str
    width: int
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a listing: a text for each column; ``red`` sets it as red-letter, ``strong`` as a total."""

    cells: tuple[str, ...]
    red: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A long table, set line by line and page by page: the last column wraps, none is ever cut off.

    ``title`` stands on each of its pages and is its bookmark. The pages depend on nothing but this value, so
    that a month's listing is the same file in the month's annex and in the year's.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Row]
    notes: tuple[str, ...] = ()


Part = Sheet | Listing


@dataclass(frozen=True, slots=True)
class Imprint:
    """What is said about a document: ``title`` and ``author`` go into its metadata, ``footer`` on each page."""

    title: str
    author: str
    footer: str

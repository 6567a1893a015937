"""Documents on paper: pages from templates and long listings, put together into one PDF.

Pages are set by WeasyPrint in child processes, so that a long document neither holds up the server nor leaves its
memory there. A long listing is cut into pages first (:mod:`disclosure.paper.listing`) and set in pieces, each
kept by the hash of all it depends on; a year's annex is bound from the months' pieces. Page numbers, running foot,
bookmarks and metadata are added when the pieces are bound. The same input gives the same bytes.

    Sheet(html, styles=("print.css",), bookmark="")          pages from a template
    Listing(title, columns, rows, notes=())                   a long table
    print_pdf(cache_dir, Imprint(title, author, footer), lambda: [parts], paper="A4", key=...) -> Path

Rules for SVG in a sheet: presentation attributes (``fill="#0f5c4d"``, ``font-size="12"``) or classes with plain
rules in the document's style sheet; no CSS variables, no ``currentColor`` from outside, no ``foreignObject``, no
``dominant-baseline``, no filters; ``viewBox`` with ``width`` and ``height`` or a class that sets them.
"""

from disclosure.paper.crew import PrintFailed
from disclosure.paper.parts import PAPERS, Column, Imprint, Listing, Paper, Part, Row, Sheet
from disclosure.paper.press import Busy, print_pdf

__all__ = [
    "PAPERS",
    "Busy",
    "Column",
    "Imprint",
    "Listing",
    "Paper",
    "Part",
    "PrintFailed",
    "Row",
    "Sheet",
    "print_pdf",
]

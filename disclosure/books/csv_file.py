"""A report as CSV that spreadsheets open rightly: UTF-8 with BOM, plain numbers, no formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from disclosure.books.report import Cell, Column, Report
from disclosure.books.shown import cell_text
from disclosure.statements.csv_file import safe_text
from ledger.money import plain_yuan

_CHUNK = 500


def csv_chunks(report: Report) -> Iterator[bytes]:
    """The file in pieces. A table after the first repeats its head after an empty line."""
    yield b"\xef\xbb\xbf"
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    for number, table in enumerate(report.tables):
        if number:
            writer.writerow([])
        writer.writerow([safe_text("　".join((report.title, report.span, table.title, *table.facts)))])
        writer.writerow([f"{column.group}{column.title}" for column in table.columns])
        for count, row in enumerate(table.rows):
            pairs = zip(table.columns, row.cells, strict=True)
            writer.writerow([_text(column, cell) for column, cell in pairs])
            if count % _CHUNK == _CHUNK - 1:
                yield _taken(file)
        yield _taken(file)


def _text(column: Column, cell: Cell) -> str:
    if column.shape == "money" and isinstance(cell, int):
        return plain_yuan(cell)
    return safe_text(cell_text(column, cell))


def _taken(file: io.StringIO) -> bytes:
    text = file.getvalue()
    file.seek(0)
    file.truncate()
    return text.encode()

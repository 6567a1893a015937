"""The table of a chart as CSV that spreadsheets open rightly: UTF-8 with BOM, amounts as plain numbers."""

from __future__ import annotations

import csv
import io

from disclosure.charts.value import Cell, Chart, Column
from disclosure.statements.csv_file import safe_text
from ledger.money import plain_yuan


def chart_csv(chart: Chart) -> bytes:
    """The file; exactly the rows of the table."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([column.title for column in chart.table.columns])
    columns = chart.table.columns
    writer.writerows(
        [_plain(cell, column) for cell, column in zip(row, columns, strict=True)] for row in chart.table.rows
    )
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _plain(cell: Cell, column: Column) -> str:
    """Words that a spreadsheet could take for a formula are marked; shares are figures of ours."""
    if cell is None:
        return ""
    if isinstance(cell, int):
        return plain_yuan(cell)
    return cell if column.number else safe_text(cell)

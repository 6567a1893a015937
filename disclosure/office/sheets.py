"""Sheets in the browser: a template to download, an upload kept until it is confirmed, the marked copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from litestar import Response

from disclosure.office.acting import PRIVATE
from disclosure.office.forms import Form
from disclosure.public.answers import Answer
from ledger.trust.sheet import CellProblem, Column, SheetRow, by_row
from ledger.trust.sheet import Form as Sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_ROWS = 60
"""Rows of a preview; all rows with problems come first."""


def workbook(body: bytes, name: str) -> Answer:
    """A workbook to save; ``name`` may be Chinese."""
    disposition = f"attachment; filename=\"sheet.xlsx\"; filename*=UTF-8''{quote(name)}"
    return Response(body, media_type=XLSX, headers={"content-disposition": disposition, **PRIVATE})


def uploaded(form: Form, name: str = "file") -> tuple[bytes, str]:
    """Bytes and name of an uploaded sheet. Raises :class:`~ledger.errors.Refused` if there is none."""
    file = form.upload(name, "填好的表格")
    form.finish()
    return (file.file.read(), file.filename) if file else (b"", "")


@dataclass(frozen=True, slots=True)
class SheetView:
    """Rows of a preview, wrong ones first: number, each cell with what is wrong in it, what is wrong besides.

    Columns that nobody filled in and that have no problem are left out.
    """

    columns: list[Column]
    rows: list[tuple[int, list[tuple[str, str]], str]]


def sheet_view(sheet: Sheet, rows: Sequence[SheetRow], problems: Sequence[CellProblem]) -> SheetView:
    """What a preview shows of a sheet."""
    found = by_row(problems)
    faulty = [row for row in rows if row.number in found]
    right = [row for row in rows if row.number not in found]
    shown = [*faulty[:SHOWN_ROWS], *right[: max(0, SHOWN_ROWS - len(faulty))]]
    used = {problem.column for problem in problems}
    used |= {name for row in shown for name, text in row.cells.items() if text}
    columns = [column for column in sheet.columns if column.name in used]
    return SheetView(columns, [_shown(row, columns, found.get(row.number, [])) for row in shown])


def _shown(
    row: SheetRow, columns: Sequence[Column], problems: Sequence[CellProblem]
) -> tuple[int, list[tuple[str, str]], str]:
    wrong: dict[str, list[str]] = {}
    for problem in problems:
        wrong.setdefault(problem.column, []).append(problem.message)
    cells = [(row.cells.get(column.name, ""), "；".join(wrong.get(column.name, ()))) for column in columns]
    return row.number, cells, "；".join(wrong.get("", ()))

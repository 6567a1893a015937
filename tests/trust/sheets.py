"""Sheets of units and owners as people would fill them in."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import xlsxwriter

from ledger.trust.register_rows import REGISTER_FORM
from ledger.trust.sheet import Form, SheetRow, read_sheet

Row = Mapping[str, str]
HOME = {
    "building": "3栋",
    "entrance": "2",
    "room": "1201",
    "use": "住宅",
    "area": "89.12",
    "name": "张三",
    "phone": "13900000001",
}


def home(**changes: str) -> dict[str, str]:
    return {**HOME, **changes}


def filled(rows: Sequence[Row], form: Form = REGISTER_FORM) -> bytes:
    """A workbook with these rows under the form's headings."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(form.title)
    for at, column in enumerate(form.columns):
        sheet.write_string(0, at, column.title)
        for line, row in enumerate(rows, start=1):
            sheet.write_string(line, at, row.get(column.name, ""))
    book.close()
    return file.getvalue()


def comma_separated(rows: Sequence[Row], form: Form = REGISTER_FORM, encoding: str = "utf-8") -> bytes:
    lines = [",".join(column.title for column in form.columns)]
    lines += [",".join(row.get(column.name, "") for column in form.columns) for row in rows]
    return "\n".join(lines).encode(encoding)


def rows_of(rows: Sequence[Row], form: Form = REGISTER_FORM) -> list[SheetRow]:
    return read_sheet(filled(rows, form), "房屋.xlsx", form)

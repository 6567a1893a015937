"""Workbooks we hand out: a template to fill in, and a filled-in sheet with every problem marked in its cell."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from ledger.trust.sheet import CellProblem, Column, Form, SheetRow, by_row

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FONT = {"font_name": "宋体", "font_size": 11}
_PROBLEMS = "问题"
TEMPLATE_ROWS = 5_000
"""How many rows of a template have drop-downs and text format."""
_MOST_COMMENTS = 2_000
"""A spreadsheet program gets slow with more; the column 问题 has them all."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A sheet to copy from: ``heads`` are headings with widths."""

    title: str
    heads: tuple[tuple[str, int], ...]
    rows: Sequence[tuple[str, ...]]


def template_xlsx(form: Form, references: Sequence[Reference] = ()) -> bytes:
    """An empty sheet with headings, drop-downs and text cells, one that explains, one with examples, and
    sheets to copy from."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, _OPTIONS)
    sheet = book.add_worksheet(form.title)
    _headings(book, sheet, form.columns)
    plain = book.add_format({**_FONT, "num_format": "@"})
    for at, column in enumerate(form.columns):
        sheet.set_column(at, at, column.width, plain)
        if column.choices:
            sheet.data_validation(
                1,
                at,
                TEMPLATE_ROWS,
                at,
                {
                    "validate": "list",
                    "source": list(column.choices),
                    "error_title": "请从列表里选",
                    "error_message": "、".join(column.choices),
                },
            )
    _explanations(book, form)
    example = book.add_worksheet("示例")
    _headings(book, example, form.columns)
    for at, column in enumerate(form.columns):
        example.set_column(at, at, column.width, plain)
    for line, cells in enumerate(form.examples, start=1):
        for at, cell in enumerate(cells):
            example.write_string(line, at, cell, plain)
    for reference in references:
        _reference(book, reference)
    book.close()
    return file.getvalue()


def marked_xlsx(form: Form, rows: Sequence[SheetRow], problems: Sequence[CellProblem]) -> bytes:
    """The filled-in rows with wrong cells in red, a note on each, and a last column that says all of it."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, _OPTIONS)
    sheet = book.add_worksheet(form.title)
    heads = (*form.columns, Column(_PROBLEMS, _PROBLEMS, "改好后可以直接再上传这份表，这一列不用删。", 60))
    _headings(book, sheet, heads)
    plain = book.add_format({**_FONT, "num_format": "@"})
    red = book.add_format(
        {**_FONT, "num_format": "@", "bg_color": "#FBD5D0", "border": 1, "border_color": "#B3261E"}
    )
    for at, column in enumerate(heads):
        sheet.set_column(at, at, column.width, plain)
    found, notes = by_row(problems), 0
    for line, row in enumerate(rows, start=1):
        wrong: dict[str, list[str]] = {}
        for problem in found.get(row.number, ()):
            wrong.setdefault(problem.column, []).append(problem.message)
        for at, column in enumerate(form.columns):
            messages = wrong.get(column.name)
            sheet.write_string(line, at, row.cells.get(column.name, ""), red if messages else plain)
            if messages and notes < _MOST_COMMENTS:
                notes += 1
                sheet.write_comment(line, at, "\n".join(messages), {"author": "明账", "x_scale": 2})
        titles = {column.name: column.title for column in form.columns}
        said = [f"{titles.get(name, '整行')}：{text}" for name, texts in wrong.items() for text in texts]
        if said:
            sheet.write_string(line, len(form.columns), "；".join(said), red)
    book.close()
    return file.getvalue()


def _reference(book: Any, reference: Reference) -> None:
    sheet = book.add_worksheet(reference.title)
    bold, plain = book.add_format({**_FONT, "bold": True}), book.add_format({**_FONT, "num_format": "@"})
    for at, (title, width) in enumerate(reference.heads):
        sheet.set_column(at, at, width, plain)
        sheet.write_string(0, at, title, bold)
    for line, cells in enumerate(reference.rows, start=1):
        for at, cell in enumerate(cells):
            sheet.write_string(line, at, cell, plain)
    sheet.freeze_panes(1, 0)


def _headings(book: Any, sheet: Any, columns: Sequence[Column]) -> None:
    must = book.add_format({**_FONT, "bold": True, "bg_color": "#E3EFE9", "border": 1})
    may = book.add_format({**_FONT, "bg_color": "#F6F4EE", "border": 1})
    for at, column in enumerate(columns):
        sheet.write_string(
            0, at, column.title + ("*" if column.required else ""), must if column.required else may
        )
        sheet.write_comment(0, at, column.help, {"author": "明账", "x_scale": 2})
    sheet.freeze_panes(1, 0)


def _explanations(book: Any, form: Form) -> None:
    sheet = book.add_worksheet("填写说明")
    bold = book.add_format({**_FONT, "bold": True, "valign": "top"})
    wrapped = book.add_format({**_FONT, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    line = 0
    for note in form.notes:
        sheet.merge_range(line, 0, line, 1, "", wrapped)
        sheet.write_string(line, 0, note, wrapped)
        sheet.set_row(line, 15 * (1 + len(note) // 52))
        line += 1
    for column in form.columns:
        line += 1
        sheet.write_string(line, 0, column.title + ("（必填）" if column.required else ""), bold)
        choices = f"可填：{'、'.join(column.choices)}。" if column.choices else ""
        text = f"{column.help}{choices}"
        sheet.write_string(line, 1, text, wrapped)
        sheet.set_row(line, 15 * (1 + len(text) // 44))

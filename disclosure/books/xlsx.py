"""A report as a workbook: one sheet a table, real numbers and days, texts that are never formulas.

Written row by row in flat memory (xlsxwriter's constant_memory), so that a year of a large community's
ledger fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from disclosure.books.report import Cell, Column, Report, Row, Table
from disclosure.books.shown import head_groups
from ledger.errors import refuse

_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_LONGEST_NAME = 31
_MOST_ROWS = 1_048_000
_MONEY = "#,##0.00;[Red]-#,##0.00"
_BOLD = ("subtotal", "total", "group", "opening")


class _Formats:
    """The formats of one workbook, made when first needed."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, ...], Format] = {}

    def of(self, *names: str, level: int = 0) -> Format:
        """A format with these traits: money, day, bold, head, title, right, border, quoted."""
        key = (*sorted(names), str(level))
        if key not in self._made:
            traits: dict[str, Any] = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
            for name in names:
                traits |= _TRAITS[name]
            if level:
                traits["indent"] = level
            self._made[key] = self._book.add_format(traits)
        return self._made[key]


_TRAITS: dict[str, dict[str, Any]] = {
    "money": {"num_format": _MONEY},
    "day": {"num_format": "yyyy-mm-dd", "align": "left"},
    "bold": {"bold": True},
    "head": {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#EFEBDD"},
    "title": {"bold": True, "font_size": 14},
    "border": {"border": 1, "border_color": "#B8B2A0"},
    "wrap": {"text_wrap": True},
    "quoted": {"quote_prefix": True},
}


def write_xlsx(report: Report, out: IO[bytes]) -> None:
    """Write the workbook. Raises :class:`~ledger.errors.Refused` for more rows than a sheet holds."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        formats, names = _Formats(book), set[str]()
        for table in report.tables:
            sheet = book.add_worksheet(_sheet_name(table.title or report.title, names))
            _write_table(sheet, formats, report, table)
        if not names:
            book.add_worksheet(_sheet_name(report.title, names)).write_string(0, 0, "没有内容")


def _write_table(sheet: Worksheet, formats: _Formats, report: Report, table: Table) -> None:
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, column.width * 1.6 + 2)
    about = (f"{report.community}　{report.title}", "　".join((table.title, *table.facts)))
    sheet.write_string(0, 0, about[0], formats.of("title"))
    sheet.write_string(1, 0, about[1], formats.of("bold"))
    sheet.write_string(
        2, 0, f"{report.span}　单位：{report.unit}　{report.printed_by} {report.printed_at}", formats.of()
    )
    top = _write_head(sheet, formats, table.columns, 3)
    sheet.freeze_panes(top, 0)
    if report.landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, top - 1)
    at = _write_rows(sheet, formats, table.columns, table.rows, top)
    for note in (*table.notes, *report.notes):
        sheet.write_string(at, 0, note, formats.of())
        at += 1


def _write_head(sheet: Worksheet, formats: _Formats, columns: tuple[Column, ...], at: int) -> int:
    head = formats.of("head", "border")
    if head_groups(columns):
        for place, column in enumerate(columns):
            first = place == 0 or columns[place - 1].group != column.group
            sheet.write_string(at, place, column.group if first else "", head)
        at += 1
    for place, column in enumerate(columns):
        sheet.write_string(at, place, column.title, head)
    return at + 1


def _write_rows(
    sheet: Worksheet, formats: _Formats, columns: tuple[Column, ...], rows: Iterable[Row], at: int
) -> int:
    for row in rows:
        if at >= _MOST_ROWS:
            raise refuse("too_many_rows", "行数超过电子表格一页的上限，请缩小月份范围", "月份")
        traits = ("border", "bold") if row.style in _BOLD else ("border",)
        for place, (column, cell) in enumerate(zip(columns, row.cells, strict=True)):
            level = row.level if place == 1 else 0
            _write_cell(sheet, formats, (at, place), column, cell, traits, level)
        at += 1
    return at


def _write_cell(
    sheet: Worksheet,
    formats: _Formats,
    place: tuple[int, int],
    column: Column,
    cell: Cell,
    traits: tuple[str, ...],
    level: int,
) -> None:
    if cell is None or cell == "":
        sheet.write_blank(*place, None, formats.of(*traits))
    elif isinstance(cell, date):
        sheet.write_datetime(*place, cell, formats.of("day", *traits))
    elif isinstance(cell, int) and column.shape == "money":
        sheet.write_number(*place, Decimal(cell).scaleb(-2), formats.of("money", *traits))
    elif isinstance(cell, int):
        sheet.write_number(*place, cell, formats.of(*traits))
    else:
        quoted = ("quoted",) if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else ()
        sheet.write_string(*place, cell, formats.of("wrap", *quoted, *traits, level=level))


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name Excel admits and that no other sheet has."""
    plain = _NOT_IN_A_NAME.sub(" ", title).strip()[:_LONGEST_NAME] or "账簿"
    name, number = plain, 1
    while name.lower() in taken:
        number += 1
        tail = f" {number}"
        name = plain[: _LONGEST_NAME - len(tail)] + tail
    taken.add(name.lower())
    return name

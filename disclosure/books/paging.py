"""Account books page by page: each page but the last ends with 过次页, each but the first begins with 承前页.

Pages are cut here and not by the renderer, since what is carried over is part of the book. Both rows
show the month so far, with the balance.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from disclosure.books.report import Cell, Column, Row, Table

PAGE_MM = 234
"""Room for rows on A4 between head and foot."""
_TABLE_MM = 182
_LINE_TENTHS, _PADDING_TENTHS = 41, 21
"""Height of a line of text and of what is around it, in 0.1 mm."""
_HALF_WIDTH_TENTHS = 16
"""Width of half a Chinese character."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of an account book."""

    rows: tuple[Row, ...]
    number: int
    last: bool


def sheets(table: Table) -> Iterator[Sheet]:
    """The pages of a table whose columns are those of the subsidiary ledger."""
    page: list[Row] = []
    used, number, month = 0, 1, (0, 0)
    room = PAGE_MM * 10 - 2 * row_height(table.columns, _carry("过次页", (0, 0), ("平", 0)))
    balance: tuple[Cell, Cell] = ("平", 0)
    for row in table.rows:
        height = row_height(table.columns, row)
        if page and used + height > room:
            yield Sheet((*page, _carry("过次页", month, balance)), number, False)
            page, used, number = [_carry("承前页", month, balance)], 0, number + 1
        page.append(row)
        used += height
        month = _month_so_far(row, month)
        balance = (row.cells[5], row.cells[6])
    yield Sheet(tuple(page), number, True)


def _month_so_far(row: Row, month: tuple[int, int]) -> tuple[int, int]:
    """Lines add up; after the month's totals it begins anew."""
    if row.style == "carry":
        return _amount(row.cells[3]), _amount(row.cells[4])
    if row.style:
        return (0, 0)
    return month[0] + _amount(row.cells[3]), month[1] + _amount(row.cells[4])


def _carry(label: str, month: tuple[int, int], balance: tuple[Cell, Cell]) -> Row:
    return Row((None, "", label, *month, *balance), "carry")


def _amount(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0


def row_height(columns: tuple[Column, ...], row: Row) -> int:
    """Height on paper in 0.1 mm, estimated from the longest text."""
    whole = sum(column.width for column in columns)
    lines = 1
    for column, cell in zip(columns, row.cells, strict=True):
        if column.shape == "text" and isinstance(cell, str) and cell:
            room = max(1, (_TABLE_MM * 10 * column.width // whole - 24) // _HALF_WIDTH_TENTHS)
            lines = max(lines, ceil(display_width(cell) / room))
    return lines * _LINE_TENTHS + _PADDING_TENTHS


def display_width(text: str) -> int:
    """In half Chinese characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)

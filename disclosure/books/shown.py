"""Cells in words, the same on screen and on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from disclosure.books.report import Cell, Column, Row, Shape, Table
from ledger.money import format_yuan


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell ready to show. ``ref`` names an entry it may link to; ``red`` is red ink."""

    text: str
    shape: Shape
    red: bool = False
    ref: str = ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row ready to show."""

    cells: tuple[ShownCell, ...]
    style: str
    level: int


@dataclass(frozen=True, slots=True)
class HeadGroup:
    """A heading over ``span`` columns; without a title the column reaches up into its row."""

    title: str
    span: int


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table ready to show."""

    title: str
    facts: tuple[str, ...]
    columns: tuple[Column, ...]
    groups: tuple[HeadGroup, ...]
    rows: tuple[ShownRow, ...]
    notes: tuple[str, ...]
    widths: tuple[str, ...]
    """Share of each column, as the name of a class of books-print.css (w1 … w60: per cent)."""


def shown_table(table: Table, rows: Iterable[Row] | None = None) -> ShownTable:
    """The whole table, or with only these of its rows."""
    return ShownTable(
        title=table.title,
        facts=table.facts,
        columns=table.columns,
        groups=head_groups(table.columns),
        rows=tuple(shown_rows(table.columns, table.rows if rows is None else rows)),
        notes=table.notes,
        widths=shares(table.columns),
    )


def shown_rows(columns: tuple[Column, ...], rows: Iterable[Row]) -> Iterator[ShownRow]:
    """Rows one by one."""
    for row in rows:
        cells = tuple(_cell(column, cell) for column, cell in zip(columns, row.cells, strict=True))
        yield ShownRow(cells, row.style, row.level)


def head_groups(columns: tuple[Column, ...]) -> tuple[HeadGroup, ...]:
    """The upper row of the head; empty if no column has a heading above it."""
    if not any(column.group for column in columns):
        return ()
    groups: list[HeadGroup] = []
    for column in columns:
        if column.group and groups and groups[-1].title == column.group:
            groups[-1] = HeadGroup(column.group, groups[-1].span + 1)
        else:
            groups.append(HeadGroup(column.group, 1))
    return tuple(groups)


def shares(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """Widths in whole per cent of the table."""
    whole = sum(column.width for column in columns)
    return tuple(f"w{max(1, round(100 * column.width / whole))}" for column in columns)


def cell_text(column: Column, cell: Cell) -> str:
    """A cell as people read it."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int):
        return format_yuan(cell) if column.shape == "money" else str(cell)
    return cell


def _cell(column: Column, cell: Cell) -> ShownCell:
    red = column.shape == "money" and isinstance(cell, int) and cell < 0
    ref = cell if column.shape == "ref" and isinstance(cell, str) else ""
    return ShownCell(cell_text(column, cell), column.shape, red, ref)

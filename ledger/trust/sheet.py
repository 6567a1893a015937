"""Sheets that people fill in: their columns, reading what came back, and marking what is wrong in its cell.

Files come from outside. They are read by the bounded reader that bank statements go through; written cells
are always text, never formulas.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import islice
from typing import TypeVar

from ledger.bank.statement import StatementError
from ledger.bank.table import Sheet, read_table
from ledger.errors import Problem, Refused, refuse

MAX_SHEET_ROWS = 50_000
_HEADER_WITHIN = 20
_DATE = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})日?(?: 00:00:00)?|(\d{4})(\d{2})(\d{2})")
_AREA = re.compile(r"(\d{1,7})(?:\.(\d{1,2}))?")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``title`` heads it, ``help`` explains it; ``choices`` become a drop-down."""

    name: str
    title: str
    help: str
    width: int = 12
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet to fill in. ``examples`` are rows of cells in the order of the columns."""

    title: str
    columns: tuple[Column, ...]
    examples: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One filled-in row; ``number`` counts from 1 as the file's reader shows it."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong in one cell. ``column`` is the column's name, '' if the whole row is meant."""

    row: int
    column: str
    message: str


@dataclass(slots=True)
class Cells:
    """Reads the cells of one row and collects what is wrong with them."""

    row: SheetRow
    problems: list[CellProblem]

    def text(self, name: str) -> str:
        """The cell as it is."""
        return self.row.cells.get(name, "")

    def code(self, name: str) -> str:
        """The cell with full-width forms and spaces taken out: for numbers and codes."""
        return "".join(unicodedata.normalize("NFKC", self.text(name)).split())

    def wrong(self, name: str, message: str) -> None:
        """Note a problem in a cell."""
        self.problems.append(CellProblem(self.row.number, name, message))

    def required(self, name: str, title: str) -> str:
        """The cell, which must not be empty."""
        text = self.code(name)
        if not text:
            self.wrong(name, f"请填写{title}")
        return text

    def parsed(self, name: str, parse: Callable[[str], T]) -> T | None:
        """The cell's value, None if it is empty or wrong; ``parse`` raises ValueError with a message."""
        text = self.code(name)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.wrong(name, str(error))
            return None


def read_sheet(data: bytes, filename: str, form: Form) -> list[SheetRow]:
    """The filled-in rows of an XLSX, XLS or CSV file, empty ones left out.

    Raises :class:`~ledger.errors.Refused` if the file can't be read, has no such columns, no rows, or more
    than ``MAX_SHEET_ROWS``.
    """
    try:
        rows = _filled_in(read_table(data, filename), form, filename)
    except StatementError as error:
        message = str(error).replace("流水表格", "表格").replace("流水", "表格")
        raise refuse("bad_sheet", message, filename) from error
    if not rows:
        raise refuse("empty_sheet", "表格里没有填任何一行", filename)
    if len(rows) > MAX_SHEET_ROWS:
        raise refuse("too_many_rows", f"一次最多导入 {MAX_SHEET_ROWS:,} 行，请分几次", filename)
    return rows


def _filled_in(sheets: list[Sheet], form: Form, filename: str) -> list[SheetRow]:
    """The rows of the sheet with the form's title, or of the first that has its columns."""
    for sheet in sorted(sheets, key=lambda sheet: sheet.name != form.title):
        if (found := _header(sheet, form)) is not None:
            position, places = found
            return list(islice(_rows(sheet, position, places), MAX_SHEET_ROWS + 1))
    missing = "、".join(column.title for column in form.columns if column.required)
    raise refuse("no_header", f"没有找到表头。请用下载的模板填写，至少要有这些列：{missing}", filename)


def _header(sheet: Sheet, form: Form) -> tuple[int, dict[int, str]] | None:
    """Where the headings are (counted from 0), and which column holds what."""
    needed = {column.name for column in form.columns if column.required}
    names = {_plain(column.title): column.name for column in form.columns}
    for position, row in enumerate(sheet.head(_HEADER_WITHIN)):
        places = {at: names[_plain(cell)] for at, cell in enumerate(row.cells) if _plain(cell) in names}
        if needed <= set(places.values()):
            if len(set(places.values())) < len(places):
                raise Refused([Problem("column_twice", "表头里有重复的列，请只留一列", sheet.name)])
            return position, places
    return None


def _rows(sheet: Sheet, header: int, places: Mapping[int, str]) -> Iterator[SheetRow]:
    for row in sheet.after(header):
        cells = {name: row.cells[at].strip() for at, name in places.items() if at < len(row.cells)}
        if any(cells.values()):
            yield SheetRow(row.number, cells)


def _plain(title: str) -> str:
    return "".join(unicodedata.normalize("NFKC", title).replace("*", "").split())


def by_row(problems: Sequence[CellProblem]) -> dict[int, list[CellProblem]]:
    """Problems by row."""
    found: dict[int, list[CellProblem]] = {}
    for problem in problems:
        found.setdefault(problem.row, []).append(problem)
    return found


def parse_day(text: str) -> date:
    """A day such as 2025-01-31, 2025/1/31, 2025年1月31日 or 20250131. Raises ValueError."""
    match = _DATE.fullmatch(text.replace("00:00:00", "").strip())
    if match is not None:
        year, month, day = (int(part) for part in match.groups() if part is not None)
        try:
            return date(year, month, day)
        except ValueError:
            pass
    raise ValueError(f"读不懂日期“{text}”，请写成 2025-01-31 的样子")


def parse_area(text: str) -> int:
    """0.01 m² of an area in m² such as 89.12. Raises ValueError."""
    match = _AREA.fullmatch(text.replace(",", "").removesuffix("㎡").removesuffix("m2"))
    if match is None:
        raise ValueError(f"读不懂面积“{text}”，请写平方米数，最多两位小数，如 89.12")
    whole, parts = match.groups()
    return int(whole) * 100 + int((parts or "0").ljust(2, "0"))


def parse_part(text: str) -> Fraction:
    """A share such as 1/2, 50% or 0.5; a third that a spreadsheet cut off is a third. Raises ValueError."""
    if re.search(r"[年月日]|\d{4}-", text):
        raise ValueError(f"“{text}”像是被表格软件改成了日期，请把这一列设为文本，再写 1/2")
    try:
        share = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"读不懂份额“{text}”，请写成 1/2、50% 或 0.5") from error
    near = share.limit_denominator(1000)
    if abs(near - share) < Fraction(1, 10**9):
        share = near
    if not 0 < share <= 1 or share.denominator > 10**9:
        raise ValueError(f"份额“{text}”应大于 0、不超过 1")
    return share

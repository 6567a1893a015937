"""Meter readings on a sheet (抄表单): a template with last month's readings, and what came back filled in."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter
from sqlalchemy import Connection, select

from ledger.billing.readings import Reading, check_readings, last_readings
from ledger.billing.standard import known_units
from ledger.errors import Problem, Refused
from ledger.money import plain_yuan
from ledger.periods.calendar import last_day
from ledger.store.tables import unit
from ledger.trust.sheet import CellProblem, Cells, Column, Form, SheetRow, parse_day, read_sheet

_NUMBER = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")
SHEET = Form(
    title="抄表",
    columns=(
        Column("unit", "房号", "与系统里登记的房号一致，如 1-101。", 14, required=True),
        Column("previous", "上次读数", "已按上期抄表填好；没有抄过的从表上起始读数填。", 12),
        Column("current", "本次读数", "抄表时表上的读数，最多两位小数。", 12, required=True),
        Column("read_on", "抄表日期", "如 2025-03-31；不填就是当月最后一天。", 14),
        Column("note", "备注", "换过表的写“换表”，这时上次读数可以与上期不同。", 24),
    ),
    examples=(("1-101", "120.00", "131.50", "2025-03-31", ""), ("1-102", "0", "8.25", "2025-03-31", "换表")),
    notes=("一行一户。没有抄到的户可以删去，下次再传。", "同一个月重复上传的，以最后一次为准。"),
)
_COLUMNS = {
    "unknown_unit": "unit",
    "twice": "unit",
    "does_not_continue": "previous",
    "negative": "previous",
}


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """A sheet as it came back: rows as filled in, what they mean, and what is wrong in which cell."""

    rows: tuple[SheetRow, ...]
    readings: tuple[tuple[str, Reading], ...]
    problems: tuple[CellProblem, ...]


def parse_count(text: str) -> int:
    """0.01 of a reading such as ``131.5``. Raises ValueError."""
    match = _NUMBER.fullmatch(text.replace(",", ""))
    if match is None:
        raise ValueError(f"读不懂读数“{text}”，请写成 131.50 的样子，最多两位小数")
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


def read_readings(
    conn: Connection, trust_id: int, item: str, period: int, data: bytes, filename: str
) -> ReadSheet:
    """Read a filled-in sheet and check every row; nothing is written.

    Raises :class:`~ledger.errors.Refused` only if the file can't be read at all.
    """
    return check_rows(conn, trust_id, item, period, read_sheet(data, filename, SHEET))


def check_rows(
    conn: Connection, trust_id: int, item: str, period: int, rows: Sequence[SheetRow]
) -> ReadSheet:
    """Check rows as they were filled in."""
    problems: list[CellProblem] = []
    last = last_readings(conn, trust_id, item, period)
    readings = [
        (str(row.number), reading)
        for row in rows
        if (reading := _reading(Cells(row, problems), last_day(period), last)) is not None
    ]
    known = known_units(conn, trust_id, [reading.unit for _, reading in readings])
    for problem in check_readings(readings, last, known):
        column = _COLUMNS.get(problem.code, "current")
        problems.append(CellProblem(int(problem.where), column, problem.message))
    return ReadSheet(tuple(rows), tuple(readings), tuple(problems))


def _reading(cells: Cells, month_end: date, last: dict[str, int]) -> Reading | None:
    unit_code = cells.required("unit", "房号")
    previous = cells.parsed("previous", parse_count)
    current = cells.parsed("current", parse_count)
    read_on = cells.parsed("read_on", parse_day)
    if not cells.text("current"):
        cells.wrong("current", "请填写本次读数")
    if not unit_code or current is None or (previous is None and cells.text("previous")):
        return None
    if read_on is None and cells.text("read_on"):
        return None
    if previous is None:
        previous = last.get(unit_code, 0)
    return Reading(unit_code, previous, current, read_on or month_end, cells.text("note"))


def readings_template(conn: Connection, trust_id: int, item: str, period: int) -> bytes:
    """A sheet with every unit and where its meter stood, as XLSX; cells are text, never formulas."""
    last = last_readings(conn, trust_id, item, period)
    units = conn.execute(select(unit.c.unit).where(unit.c.trust_id == trust_id).order_by(unit.c.unit))
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet(SHEET.title)
    bold, plain = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    for at, column in enumerate(SHEET.columns):
        sheet.set_column(at, at, column.width, plain)
        sheet.write_string(0, at, column.title + ("*" if column.required else ""), bold)
        sheet.write_comment(0, at, column.help, {"author": "明账"})
    sheet.freeze_panes(1, 0)
    for line, code in enumerate(units.scalars(), start=1):
        sheet.write_string(line, 0, code, plain)
        if code in last:
            sheet.write_string(line, 1, plain_yuan(last[code]), plain)
    book.close()
    return file.getvalue()


def refuse_problems(found: ReadSheet) -> None:
    """Raise :class:`~ledger.errors.Refused` if a row is wrong."""
    if found.problems:
        raise Refused(Problem("bad_row", one.message, f"第 {one.row} 行") for one in found.problems)

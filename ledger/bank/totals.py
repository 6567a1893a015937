"""The sums a statement states about itself, held against what was read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.bank.amounts import parse_fen, shorten, yuan
from ledger.bank.describe import Fee, Format, Totals, column_name, matches_any
from ledger.bank.statement import Problem
from ledger.bank.table import Row

_MISSING = "没有找到文件自己的合计（{}），文件可能不完整，请重新下载"


@dataclass(slots=True)
class Sums:
    """What the rows add up to: number of rows, and fen in, out and in fees, as the columns print them."""

    rows: int = 0
    gross_in: int = 0
    gross_out: int = 0
    fee: int = 0


def check_totals(
    form: Format, lead: Sequence[Row], header: Row, footer: Sequence[Row], sums: Sums
) -> list[Problem]:
    """Return where the file's own totals are missing, masked or different. Nothing when it states none."""
    totals = form.totals
    if totals is None:
        return []
    if totals.place == "lead":
        return _check_lead(totals, lead, sums)
    for number, row in enumerate(footer):
        if not matches_any(first_text(row), (totals.marker,)):
            continue
        if totals.place == "row":
            return _check_cells(totals, form.fee, header, row, sums)
        if number + 1 < len(footer):
            return _check_cells(totals, form.fee, row, footer[number + 1], sums)
    return [Problem(0, "", _MISSING.format(totals.marker.strip("*")))]


def first_text(row: Row) -> str:
    """Return the first cell of a row that is not empty, trimmed; empty for a blank row."""
    return next((cell.strip() for cell in row.cells if cell.strip()), "")


def _check_lead(totals: Totals, lead: Sequence[Row], sums: Sums) -> list[Problem]:
    for row in lead:
        if found := re.search(totals.marker, "".join(row.cells)):
            stated = int(found[1])
            if stated == sums.rows:
                return []
            text = f"文件写明共 {stated} 笔，实际读到 {sums.rows} 笔；文件缺行、多行或被改动过"
            return [Problem(row.number, "", text)]
    return [Problem(0, "", _MISSING.format("共几笔记录"))]


def _check_cells(totals: Totals, fee: Fee | None, header: Row, values: Row, sums: Sums) -> list[Problem]:
    cells = {column_name(name): cell for name, cell in zip(header.cells, values.cells, strict=False)}
    problems = []
    wanted = (
        (totals.in_, sums.gross_in, 2),
        (totals.out, sums.gross_out, 2),
        (totals.fee, sums.fee, fee.decimals if fee else 2),
    )
    for name, expected, decimals in wanted:
        if name and (text := _differs(cells.get(column_name(name), ""), expected, decimals)):
            problems.append(Problem(values.number, name, text))
    if totals.count:
        stated = cells.get(column_name(totals.count), "").strip(" `\t")
        if stated != str(sums.rows):
            text = f"合计写的是“{shorten(stated)}”笔，实际读到 {sums.rows} 笔；文件缺行、多行或被改动过"
            problems.append(Problem(values.number, totals.count, text))
    return problems


def _differs(stated: str, expected: int, decimals: int) -> str:
    stated = stated.strip(" `\t")
    try:
        found = parse_fen(stated or "0", zeros_to=decimals)
    except ValueError:
        return f"合计“{shorten(stated)}”被遮盖或不是金额，无法核对"
    if found == expected:
        return ""
    return f"合计写的是 {yuan(found)}，逐行相加是 {yuan(expected)}；文件缺行、多行或被改动过"

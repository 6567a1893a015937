"""A budget on a sheet (预算表): drawn up in a spreadsheet, or taken from the table a budget's page gives."""

from __future__ import annotations

from functools import partial

from ledger.budget.amounts import PRICE_PLACES, QUANTITY_PLACES, parse_decimal
from ledger.budget.codes import EXPENSE
from ledger.budget.lines import KINDS, MONTHLY, SPREADS, Line
from ledger.errors import Problem, Refused
from ledger.trust.sheet import CellProblem, Cells, Column, Form, read_sheet

SHEET = Form(
    title="预算",
    columns=(
        Column("code", "行号", "系统给的行号，如 2026-F1-03；新的一行不填。", 14),
        Column("kind", "收支", "支出或收入；不填按支出。", 8, choices=tuple(KINDS.values())),
        Column("title", "名称", "这笔钱是干什么的，会公开。", 20, required=True),
        Column("accounts", "科目", "科目编号，如 500501；几个科目用空格隔开。", 14, required=True),
        Column("price", "单价（元）", "最多四位小数。", 12, required=True),
        Column("quantity", "数量", "最多三位小数；不填按 1。", 10),
        Column("unit", "单位", "人、台、度、平方米等。", 8),
        Column("times", "次数", "一年几次，每月都发生的填 12；不填按 1。", 8),
        Column("spread", "怎样发生", "用来预测全年；不填按每月都发生。", 14, choices=tuple(SPREADS.values())),
        Column("note", "说明", "会公开，不要写个人信息。", 30),
    ),
    examples=(
        ("", "收入", "物业费", "4001", "1.80", "83404", "平方米", "12", "每月都发生", "按现行标准"),
        ("", "支出", "电梯维保", "500501", "450", "27", "台", "12", "每月都发生", "合同价"),
    ),
    notes=("一行一项；金额 = 单价 × 数量 × 次数，由系统算。", "表里没有的行，保存后就从预算里去掉。"),
)
_KINDS = {name: kind for kind, name in KINDS.items()}
_SPREADS = {name: spread for spread, name in SPREADS.items()}


def lines_from_sheet(data: bytes, filename: str) -> list[Line]:
    """The lines of an XLSX, XLS or CSV file. Raises :class:`~ledger.errors.Refused` with every mistake."""
    problems: list[CellProblem] = []
    lines = [_line(Cells(row, problems)) for row in read_sheet(data, filename, SHEET)]
    if problems:
        titles = {column.name: column.title for column in SHEET.columns}
        raise Refused(
            Problem("bad_cell", item.message, f"表格第 {item.row} 行 {titles.get(item.column, '')}".strip())
            for item in problems
        )
    return lines


def _line(cells: Cells) -> Line:
    kind = cells.code("kind") or KINDS[EXPENSE]
    spread = cells.code("spread") or SPREADS[MONTHLY]
    if kind not in _KINDS:
        cells.wrong("kind", "请填支出或收入")
    if spread not in _SPREADS:
        cells.wrong("spread", f"请填{'或'.join(_SPREADS)}")
    cells.required("price", "单价")
    price = cells.parsed("price", partial(parse_decimal, places=PRICE_PLACES))
    quantity = cells.parsed("quantity", partial(parse_decimal, places=QUANTITY_PLACES))
    return Line(
        code=cells.code("code"),
        kind=_KINDS.get(kind, EXPENSE),
        title=cells.text("title"),
        accounts=tuple(sorted(set(cells.text("accounts").split()))),
        price=price or 0,
        quantity=10**QUANTITY_PLACES if quantity is None else quantity,
        times=cells.parsed("times", _times) or 1,
        unit=cells.text("unit"),
        spread=_SPREADS.get(spread, MONTHLY),
        note=cells.text("note"),
    )


def _times(text: str) -> int:
    number = parse_decimal(text, 1)
    if number % 10:
        raise ValueError("次数请填整数")
    return number // 10

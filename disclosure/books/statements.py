"""Statements as tables: income and expense, balance sheet, households' sub-accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from disclosure.books.accounts import whole_fund
from disclosure.books.report import Cell, Column, Row, Table, or_blank
from disclosure.public.words import fund_name
from ledger.books import (
    BalanceSheet,
    Figures,
    HouseholdLine,
    IncomeLine,
    IncomeTable,
    Part,
    PositionLine,
    sum_of,
)
from ledger.books.position import ASSETS, LIABILITIES, NET_ASSETS

_HOUSEHOLD_COLUMNS = (
    Column("楼栋", "text", 5),
    Column("房号", "text", 9),
    Column("面积（㎡）", "text", 7),
    Column("期初余额", "money", 11),
    Column("本期交存", "money", 11),
    Column("收益分配等", "money", 11),
    Column("本期使用", "money", 11),
    Column("本期返还", "money", 10),
    Column("期末余额", "money", 11),
)
_PART_NAMES = {ASSETS: "资产", LIABILITIES: "负债", NET_ASSETS: "净资产（结余）"}


def income_report_table(table: IncomeTable, *, one_month: bool) -> Table:
    """Income and expense of a fund: this month, the year so far, and the same a year ago."""
    compared = table.result
    columns = [
        Column("科目编码", "text", 7),
        Column("项目", "text", 20),
        Column("本月" if one_month else "本期", "money", 12),
        Column("本年累计", "money", 12),
    ]
    if compared.last_month is not None:
        columns.append(Column("上年同月" if one_month else "上年同期", "money", 12))
    if compared.last_year is not None:
        columns.append(Column("上年同期累计", "money", 12))
    rows = [
        Row(("", "一、收入", *_figures(Figures(), table.result, blank=True)), "group"),
        *(_income_row(line) for line in table.income),
        Row(("", "收入合计", *_figures(table.income_total, compared)), "subtotal"),
        Row(("", "二、支出", *_figures(Figures(), table.result, blank=True)), "group"),
        *(_income_row(line) for line in table.expense),
        Row(("", "支出合计", *_figures(table.expense_total, compared)), "subtotal"),
        Row(("", "三、收支结余", *_figures(table.result, compared)), "total"),
    ]
    return Table(whole_fund(table.fund), tuple(columns), tuple(rows))


def _income_row(line: IncomeLine) -> Row:
    figures = (
        or_blank(part) if isinstance(part, int) else part for part in _figures(line.figures, line.figures)
    )
    cells = (line.account, line.name, *figures)
    return Row(cells, "" if line.leaf else "group", line.level)


def _figures(figures: Figures, like: Figures, *, blank: bool = False) -> tuple[Cell, ...]:
    """The figures of the columns that ``like`` has."""
    pairs = zip(figures.parts(), like.parts(), strict=True)
    return tuple(None if blank else value for value, there in pairs if there is not None)


def sheet_table(sheet: BalanceSheet, *, fund: str = "") -> Table:
    """The balance sheet: one fund with its year's beginning, or all funds side by side."""
    several = not fund and len(sheet.funds) > 1
    if several:
        columns = [Column(_short(code), "money", 11) for code in sheet.funds]
        columns += [Column("合计", "money", 12), Column("年初合计", "money", 12)]
    else:
        columns = [Column("期末余额", "money", 14), Column("年初余额", "money", 14)]
    wanted = (fund,) if fund else sheet.funds
    rows: list[Row] = []
    for part in (sheet.assets, sheet.liabilities, sheet.net_assets):
        rows += _part_rows(part, wanted, several=several)
    both = _amounts_of((sheet.liabilities, sheet.net_assets), wanted, several=several)
    rows.append(Row(("", "负债和净资产总计", *both), "total"))
    head = (Column("科目编码", "text", 6), Column("项目", "text", 17))
    title = whole_fund(fund) if fund or several else fund_name(sheet.funds[0]) if sheet.funds else ""
    return Table(title, (*head, *columns), tuple(rows))


def _part_rows(part: Part, funds: Sequence[str], *, several: bool) -> Iterator[Row]:
    name = _PART_NAMES[part.class_]
    blank = (None,) * (len(funds) + 2 if several else 2)
    yield Row(("", name, *blank), "group")
    for line in part.lines:
        amounts = _amounts_of((line,), funds, several=several)
        if any(amounts):
            yield Row(
                (line.account, line.name, *map(or_blank, amounts)), "" if line.leaf else "group", line.level
            )
    sums = _amounts_of((part,), funds, several=several)
    if part.class_ == ASSETS:
        yield Row(("", f"{name}总计", *sums), "total")
    else:
        yield Row(("", f"{name}合计", *sums), "subtotal")


def _amounts_of(
    parts: Iterable[Part | PositionLine], funds: Sequence[str], *, several: bool
) -> tuple[int, ...]:
    parts = tuple(parts)
    now = [sum(part.now.get(fund, 0) for part in parts) for fund in funds]
    start = sum(part.year_start.get(fund, 0) for part in parts for fund in funds)
    return (*now, sum(now), start) if several else (sum(now), start)


def _short(fund: str) -> str:
    """The fund's name without the word fund, so that seven columns fit on paper."""
    return fund_name(fund).removesuffix("资金")


def household_table(
    lines: Iterable[HouseholdLine], unnamed: HouseholdLine | None, total: HouseholdLine | None
) -> Table:
    """Households by building with each building's sum; ``total`` on the last page only."""
    return Table("户分账", _HOUSEHOLD_COLUMNS, tuple(_household_rows(lines, unnamed, total)))


def _household_rows(
    lines: Iterable[HouseholdLine], unnamed: HouseholdLine | None, total: HouseholdLine | None
) -> Iterator[Row]:
    for building, group in groupby(lines, key=lambda line: line.building):
        rows = list(group)
        yield from (_household_row(row) for row in rows)
        if total is not None:
            sums = sum_of(rows)
            yield Row((building, "本栋合计", area_text(sums.area), *sums.amounts()), "subtotal")
    if unnamed is not None and any(unnamed.amounts()):
        yield Row(("", "未记到户", "", *unnamed.amounts()))
    if total is not None:
        yield Row(("", "总计", "", *total.amounts()), "total")


def _household_row(row: HouseholdLine) -> Row:
    *parts, closing = row.amounts()
    return Row((row.building, row.unit, area_text(row.area), *map(or_blank, parts), closing))


def area_text(area: int) -> str:
    """0.01 m² as ``89.50``."""
    return f"{area // 100}.{area % 100:02d}" if area else ""

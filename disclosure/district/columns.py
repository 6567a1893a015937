"""The columns of the overview: the same on screen, in the workbook and in the CSV file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from disclosure.books.report import Cell, Report, Row, Shape, Table
from disclosure.books.report import Column as ReportColumn
from disclosure.books.shown import cell_text
from disclosure.public.words import moment_text
from ledger.chart import FUNDS
from ledger.district import Summary, findings_of
from ledger.district.findings import CHECKPOINT_DAYS, MANY_CORRECTIONS, OPEN_DAYS, QUIET_DAYS
from ledger.district.value import GROWTH_DAYS, NEVER, RECENT_DAYS

_NO_DISTRICT = "未分片区"


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` is what it is sorted by, '' if it can't be; ``short`` its head on screen; ``first``: the order a
    first click gives. Columns that are not ``on_screen`` are in the files only."""

    name: str
    title: str
    short: str
    shape: Shape
    value: Callable[[Summary], Cell]
    width: int = 6
    descending: bool = True
    on_screen: bool = True


def _days(days: int) -> Cell:
    return "从未" if days == NEVER else days


def _fund(code: str) -> Callable[[Summary], Cell]:
    return lambda one: one.funds.get(code)


def words(one: Summary) -> str:
    """All findings in one text."""
    return "；".join(finding.text for finding in findings_of(one))


COLUMNS = (
    Column("name", "小区", "小区", "text", lambda one: one.name, 10, descending=False),
    Column(
        "district",
        "街道或片区",
        "片区",
        "text",
        lambda one: one.district or _NO_DISTRICT,
        10,
        descending=False,
    ),
    Column("", "社区或网格", "网格", "text", lambda one: one.grid, 10, on_screen=False),
    Column("", "受托人", "受托人", "text", lambda one: one.trustee, 14, on_screen=False),
    Column("findings", "异常项数", "异常", "number", lambda one: len(findings_of(one)), 4),
    Column("quiet_days", "距上次入账（天）", "未入账天数", "number", lambda one: _days(one.quiet_days)),
    Column("late", "逾期的公开（项）", "逾期公开", "number", lambda one: one.late),
    Column("late_days", "最久逾期（天）", "最久逾期天数", "number", lambda one: one.late_days),
    Column("open_lines", "未入账的流水（笔）", "未入账流水", "number", lambda one: one.open_lines),
    Column("open_days", "最久的流水（天）", "最久流水天数", "number", lambda one: one.open_days),
    Column("months_behind", "结账落后（月）", "结账落后月数", "number", lambda one: one.months_behind),
    Column(
        "corrections",
        f"{RECENT_DAYS}天内更正（笔）",
        f"{RECENT_DAYS}天更正",
        "number",
        lambda one: one.corrections,
    ),
    Column("bare", f"{RECENT_DAYS}天内没有附件的支出（笔）", "缺附件支出", "number", lambda one: one.bare),
    Column("co_sign", "等待会签的付款（笔）", "待会签付款", "number", lambda one: one.co_sign),
    Column("over_budget", "超支的预算（行）", "超支预算行", "number", lambda one: one.over_budget),
    Column("overdrawn", "余额为负的账户（个）", "负数账户", "number", lambda one: one.overdrawn),
    Column("votes", "正在进行的表决（件）", "进行中表决", "number", lambda one: one.votes),
    Column(
        "checkpoint_days",
        "距上次签名（天）",
        "未签名天数",
        "number",
        lambda one: _days(one.checkpoint_days),
    ),
    Column(
        "growth",
        f"{GROWTH_DAYS}天新增记录（条）",
        f"{GROWTH_DAYS}天新增记录",
        "number",
        lambda one: one.growth,
    ),
    Column("common", "共有资金", "共有资金（元）", "money", lambda one: one.common, 10),
    *(
        Column("", FUNDS[code].name, FUNDS[code].name, "money", _fund(code), 10, on_screen=False)
        for code in FUNDS
        if FUNDS[code].book == "A"
    ),
    Column("maintenance", "维修资金", "维修资金（元）", "money", lambda one: one.maintenance, 10),
    Column("", "异常说明", "异常说明", "text", words, 40, on_screen=False),
    Column("", "截至", "截至", "text", lambda one: moment_text(one.refreshed_at), 12, on_screen=False),
)
ON_SCREEN = tuple(column for column in COLUMNS if column.on_screen)
THRESHOLDS = (
    f"超过 {QUIET_DAYS} 天没有入账",
    f"有银行流水超过 {OPEN_DAYS} 天没有入账",
    "有月份结束超过半个月还没有结账",
    "有一项公开过了期限",
    f"{RECENT_DAYS} 天内更正超过 {MANY_CORRECTIONS} 笔",
    f"{RECENT_DAYS} 天内有支出没有附件",
    "有账户余额是负数",
    "有预算超支",
    f"公开日志超过 {CHECKPOINT_DAYS} 天没有签名",
)
"""What counts as out of order, in words."""


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell of the page. ``nought``: nothing to look at; ``alarm``: one of the findings."""

    column: Column
    text: str
    nought: bool
    alarm: bool


def shown_cells(one: Summary) -> list[ShownCell]:
    """A row of the page, the name left aside, as the page shows it in its own way."""
    alarms = {finding.code for finding in findings_of(one)}
    alarms |= {"late_days"} if "late" in alarms else set()
    alarms |= {"open_days"} if "open_lines" in alarms else set()
    cells = []
    for column in ON_SCREEN[1:]:
        value = column.value(one)
        cells.append(ShownCell(column, _text(column, value), value in (0, "", None), column.name in alarms))
    return cells


def _text(column: Column, value: Cell) -> str:
    return cell_text(_report_column(column), value)


def _report_column(column: Column) -> ReportColumn:
    return ReportColumn(column.title, column.shape, column.width)


def report_of(rows: Iterable[Summary], facts: tuple[str, ...], *, by: str, at: str, day: str) -> Report:
    """The overview as a report, for the files."""
    table = Table(
        title="片区总览",
        columns=tuple(_report_column(column) for column in COLUMNS),
        rows=(Row(tuple(column.value(one) for column in COLUMNS)) for one in rows),
        facts=facts,
        notes=(f"算作异常的：{'；'.join(THRESHOLDS)}。异常是要去问一问的提示，不是结论。",),
    )
    return Report(
        kind="district",
        title="片区总览",
        community="",
        trustee="",
        span=day,
        tables=(table,),
        printed_by=by,
        printed_at=at,
        landscape=True,
    )

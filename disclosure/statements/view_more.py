"""What quarters and years have besides the books: shared revenue, the maintenance fund, budget, the year."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from disclosure.public.words import day_text, fund_name
from disclosure.statements.table import (
    Cell,
    Group,
    Part,
    Row,
    Section,
    Table,
    count,
    entry_table,
    money,
    plain,
    said,
)
from disclosure.statements.value import BudgetReport, BuildingFund, Revenue, Statement
from disclosure.statements.view_books import account_rows, amount_columns, amounts, pair_row
from disclosure.statements.words import (
    BUILDING_COLUMNS,
    PROJECT_COLUMNS,
    RESULT_COLUMNS,
    THIS,
    building_name,
    building_text,
)


def more_sections(value: Statement) -> Iterator[Section]:
    """In the order of the paper."""
    if value.revenue:
        yield _revenue(value, value.revenue)
    maintenance = tuple(_maintenance(value))
    if maintenance:
        yield Section("maintenance", "维修资金的使用和分账", maintenance)
    if value.budgets:
        parts = tuple(_budget(value, place) for place in range(len(value.budgets)))
        yield Section("budget", "预算与实际", parts, hint="只算已经入账的；在途的付款见预算页。")
    elif value.span != "month":
        yield Section("budget", "预算与实际", (Part("", note=said("期末没有生效的预算。")),))
    if value.span == "year":
        yield _year(value)


def _revenue(value: Statement, revenue: Revenue) -> Section:
    rows = [
        Row(
            (
                Cell(source.site_name, under=source.name),
                Cell(source.title),
                *amounts(value, source, f"revenue.sources.{place}"),
            )
        )
        for place, source in enumerate(revenue.sources)
    ]
    rows.append(pair_row(value, "经营收入合计", revenue.income, "revenue.income"))
    if revenue.other.amount or revenue.other.year:
        rows.append(pair_row(value, "利息等其他收入", revenue.other, "revenue.other"))
    costs = account_rows(value, revenue.costs, "revenue.costs")
    costs.append(pair_row(value, "支出合计", revenue.cost, "revenue.cost"))
    net = pair_row(value, "净收益（收入减支出）", revenue.net, "revenue.net")
    groups = (Group("收入", tuple(rows)), Group("支出", tuple(costs)), Group("净收益", (net,)))
    columns = ("点位或项目", "合同或资金", *amount_columns(value))
    table = Table("公共收益按点位和合同", columns, groups, "accounts")
    hint = "利用业主共有部分取得的收入，扣除合理成本以后，属于全体业主（民法典第二百八十二条）。金额不含税。"
    return Section("revenue", "公共收益", (Part("", table),), hint=hint)


def _maintenance(value: Statement) -> Iterator[Part]:
    this = THIS[value.span]
    if value.uses:
        uses = value.uses
        note = said(f"{this}没有使用维修资金。")
        if uses.count:
            more = ""
            if uses.count > len(uses.entries):
                more = f"这里列出金额最大的 {len(uses.entries)} 笔。"
            number, total = count(uses.count, "uses.count"), money(uses.total, "uses.total")
            note = said(f"{this}使用维修资金 ", number, " 笔，合计 ", total, f"。{more}")
        table = entry_table("维修资金使用", uses.entries, "uses.entries") if uses.entries else None
        yield Part(f"{this}使用", table, note=note)
    fund = value.maintenance
    if fund is None:
        return
    shown = _moved(BUILDING_COLUMNS, [*fund.buildings, fund.total], ("opening", "uses", "closing"))
    rows = [_building(row, shown, f"maintenance.buildings.{n}") for n, row in enumerate(fund.buildings)]
    rows.append(_building(fund.total, shown, "maintenance.total", total=True))
    names = [row.buildings for row in fund.buildings if len(row.buildings) > 1]
    hint = "每一户的分账业主登录后可以查自己的。"
    if names:
        joined = "、".join(building_text(name) for name in names[0])
        hint += f"不足 5 户的楼栋不单独列，合并了：{joined}。"
    table = plain("维修资金按楼栋", ("楼栋", "户数", *(title for _, title in shown)), rows, "buildings")
    note = said("尚未分配到户的收益：", money(fund.undistributed, "maintenance.undistributed"), "。")
    yield Part("按楼栋", table, hint=hint, note=note)


_Columns = Sequence[tuple[str, str]]


def _moved(columns: _Columns, rows: Sequence[object], always: Collection[str]) -> list[tuple[str, str]]:
    """The columns in which there is anything."""
    return [(name, title) for name, title in columns if name in always or any(getattr(r, name) for r in rows)]


def _building(row: BuildingFund, columns: _Columns, path: str, *, total: bool = False) -> Row:
    cells = (money(getattr(row, key), f"{path}.{key}") for key, _ in columns)
    return Row(
        (Cell(building_name(row.buildings)), count(row.households, f"{path}.households"), *cells), total
    )


def _budget(value: Statement, place: int) -> Part:
    report, at = value.budgets[place], f"budgets.{place}"
    groups = []
    for kind, title in (("income", "预计收入"), ("expense", "支出")):
        rows = [
            Row(
                (
                    Cell(line.title, under=line.code),
                    *(money(getattr(line, key), f"{at}.lines.{number}.{key}") for key in _budget_keys(value)),
                )
            )
            for number, line in enumerate(report.lines)
            if line.kind == kind
        ]
        if kind == "expense":
            rows.append(_budget_total(value, report, at))
        if rows:
            groups.append(Group(title, tuple(rows)))
    columns = ("预算行", "全年预算", *amount_columns(value), "还剩")
    title = f"{fund_name(report.fund)} {report.year}年预算"
    outside = money(report.outside, f"{at}.outside")
    note = said("另有没有对应预算行的支出 ", outside, "（预算生效以前的支出也在内）。")
    return Part(
        f"{title}（第 {report.version} 版）", Table(title, columns, tuple(groups), "budget-of"), note=note
    )


def _budget_keys(value: Statement) -> tuple[str, ...]:
    return ("budget", "amount", "left") if value.span == "year" else ("budget", "amount", "year", "left")


def _budget_total(value: Statement, report: BudgetReport, at: str) -> Row:
    return Row(
        (
            Cell("支出合计"),
            money(report.budget, f"{at}.budget"),
            *amounts(value, report.spent, f"{at}.spent"),
            money(report.left, f"{at}.left"),
        ),
        total=True,
    )


def _year(value: Statement) -> Section:
    parts = [Part("各项资金的结余和结转", _results(value), hint="结余归全体业主共有，结转下年继续使用。")]
    if value.projects:
        parts.append(Part("专项项目", _projects(value)))
    parts.append(_decisions(value))
    if value.blocks:
        parts.append(_blocks(value))
    return Section("year", "本年度的其他事项", tuple(parts))


def _results(value: Statement) -> Table:
    shown = _moved(RESULT_COLUMNS, value.results, ("opening", "income", "expense", "result", "closing"))
    rows = [
        Row(
            (
                Cell(fund_name(row.fund)),
                *(money(getattr(row, key), f"results.{place}.{key}") for key, _ in shown),
            )
        )
        for place, row in enumerate(value.results)
    ]
    return plain("各项资金的结余和结转", ("资金", *(title for _, title in shown)), rows, "results")


def _projects(value: Statement) -> Table:
    rows = [
        Row(
            (
                Cell(row.name, under=row.project),
                *(money(getattr(row, key), f"projects.{place}.{key}") for key, _ in PROJECT_COLUMNS),
            )
        )
        for place, row in enumerate(value.projects)
    ]
    return plain("专项项目", ("项目", *(title for _, title in PROJECT_COLUMNS)), rows, "projects-of")


def _decisions(value: Statement) -> Part:
    title = "业主的决定"
    if not value.decisions:
        return Part(title, note=said("本年度没有已公布的业主共同决定。"))
    rows = [
        Row(
            (
                Cell(row.title, under=row.number),
                Cell(day_text(row.decided_on)),
                Cell("通过" if row.passed else "没有通过"),
            )
        )
        for row in value.decisions
    ]
    return Part(title, plain(title, ("事项", "决定日期", "结果"), rows, "decisions-of"))


def _blocks(value: Statement) -> Part:
    rows = [
        Row(
            (
                Cell(row.title),
                Cell(day_text(row.last_on) if row.last_on else "还没有公开"),
                Cell(day_text(row.due_on) if row.due_on else ""),
            )
        )
        for row in value.blocks
    ]
    on = day_text(value.blocks_on) if value.blocks_on else ""
    return Part(
        "法定公开的九项",
        plain("法定公开的九项", ("事项", "最近公开", "下次期限"), rows, "blocks-of"),
        hint=f"民法典第九百四十三条。日期是{on}查到的情况。",
    )

"""Every figure of a statement by a steady key, with its name in words and its place in the stored value.

One list for what must agree: the differences between two versions, the CSV of all figures, and tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from disclosure.public.words import fund_name
from disclosure.statements.sums import CASH
from disclosure.statements.value import AccountAmount, BookReport, Pair, Statement
from disclosure.statements.words import (
    BOOK_TITLES,
    BUILDING_COLUMNS,
    CASH_COLUMNS,
    PROJECT_COLUMNS,
    RESULT_COLUMNS,
    THIS,
    building_name,
)

Unit = Literal["fen", "count"]
_CASH_TITLES = dict(CASH_COLUMNS)


@dataclass(frozen=True, slots=True)
class Figure:
    """``key`` tells it from all others of the statement, in every version; ``path`` is its place in the JSON."""

    key: str
    part: str
    book: str
    fund: str
    code: str
    name: str
    measure: str
    value: int
    path: str
    unit: Unit = "fen"

    @property
    def label(self) -> str:
        """In words, such as ``物业共有资金 · 收入 · 利息收入（物业服务资金） · 本年累计``."""
        fund = f"（{fund_name(self.fund)}）" if self.fund and self.fund != self.book else ""
        parts = (BOOK_TITLES.get(self.book, ""), self.part, f"{self.name}{fund}", self.measure)
        return " · ".join(part for part in parts if part)


def figures(value: Statement) -> Iterator[Figure]:
    """All of them in the order of the statement."""
    for place, book in enumerate(value.books):
        yield from _book(value, book, f"books.{place}")
    arrears = value.arrears
    yield _figure("arrears.total", "尚未交清的物业费", "合计", "", arrears.total, book="A")
    yield _figure(
        "arrears.households", "尚未交清的物业费", "户数", "", arrears.households, book="A", unit="count"
    )
    yield from _revenue(value)
    if value.uses:
        yield _figure("uses.total", "维修资金使用", "合计", "", value.uses.total, book="M")
        yield _figure("uses.count", "维修资金使用", "笔数", "", value.uses.count, book="M", unit="count")
    yield from _budgets(value)
    yield from _buildings(value)
    yield from _year(value)


def _figure(
    key: str,
    part: str,
    name: str,
    measure: str,
    value: int,
    *,
    path: str = "",
    book: str = "",
    fund: str = "",
    code: str = "",
    unit: Unit = "fen",
) -> Figure:
    return Figure(key, part, book, fund, code, name, measure, value, path or key, unit)


def _book(value: Statement, report: BookReport, at: str) -> Iterator[Figure]:
    book = report.book
    rows = [(row, f"{at}.cash.{place}") for place, row in enumerate(report.cash)]
    for row, path in (*rows, (report.cash_total, f"{at}.cash_total")):
        name = fund_name(row.fund) if row.fund else "合计"
        for measure in CASH:
            yield _figure(
                f"{book}.cash.{row.fund or 'all'}.{measure}",
                "钱的进出",
                name,
                _CASH_TITLES[measure],
                getattr(row, measure),
                path=f"{path}.{measure}",
                book=book,
                code=row.fund,
            )
    this = _this(value)
    for kind, title, lines, total in (
        ("income", "收入", report.income, report.income_total),
        ("expense", "支出", report.expense, report.expense_total),
    ):
        yield from _accounts(f"{book}.{kind}", title, lines, f"{at}.{kind}", this, book)
        yield from _pair(f"{book}.{kind}.all", title, "合计", total, f"{at}.{kind}_total", this, book=book)
    yield from _pair(f"{book}.result", "结余", "收入减支出", report.result, f"{at}.result", this, book=book)
    key = f"{book}.payments"
    yield _figure(
        f"{key}.total", "较大付款", "合计", "", report.payment_total, path=f"{at}.payment_total", book=book
    )
    yield _figure(
        f"{key}.count",
        "较大付款",
        "笔数",
        "",
        report.payment_count,
        path=f"{at}.payment_count",
        book=book,
        unit="count",
    )


def _accounts(
    key: str, part: str, lines: tuple[AccountAmount, ...], at: str, this: str, book: str
) -> Iterator[Figure]:
    for place, line in enumerate(lines):
        yield from _pair(
            f"{key}.{line.fund}.{line.account}",
            part,
            line.name,
            Pair(line.amount, line.year),
            f"{at}.{place}",
            this,
            book=book,
            fund=line.fund,
            code=line.account,
        )


def _pair(
    key: str,
    part: str,
    name: str,
    pair: Pair,
    path: str,
    this: str,
    *,
    book: str = "",
    fund: str = "",
    code: str = "",
) -> Iterator[Figure]:
    for measure, title in (("amount", this), ("year", "本年累计")):
        amount = getattr(pair, measure)
        yield _figure(
            f"{key}.{measure}",
            part,
            name,
            title,
            amount,
            path=f"{path}.{measure}",
            book=book,
            fund=fund,
            code=code,
        )


def _revenue(value: Statement) -> Iterator[Figure]:
    revenue, this = value.revenue, _this(value)
    if revenue is None:
        return
    for place, source in enumerate(revenue.sources):
        key = f"revenue.source.{source.account}.{source.site}.{source.contract}"
        name = f"{source.site_name} {source.title}".strip()
        pair, path = Pair(source.amount, source.year), f"revenue.sources.{place}"
        yield from _pair(
            key, "公共收益", name, pair, path, this, book="A", fund="F2", code=source.contract or source.site
        )
    yield from _pair("revenue.income", "公共收益", "经营收入合计", revenue.income, "revenue.income", this)
    yield from _pair("revenue.other", "公共收益", "利息等其他收入", revenue.other, "revenue.other", this)
    yield from _accounts("revenue.cost", "公共收益成本", revenue.costs, "revenue.costs", this, "A")
    yield from _pair("revenue.costs", "公共收益", "支出合计", revenue.cost, "revenue.cost", this)
    yield from _pair("revenue.net", "公共收益", "净收益", revenue.net, "revenue.net", this)


def _budgets(value: Statement) -> Iterator[Figure]:
    for place, report in enumerate(value.budgets):
        at, part, fund = f"budgets.{place}", "预算与实际", report.fund
        for number, line in enumerate(report.lines):
            for measure, title in (
                ("budget", "全年预算"),
                ("amount", _this(value)),
                ("year", "本年累计"),
                ("left", "还剩"),
            ):
                amount = getattr(line, measure)
                if amount is not None:
                    yield _figure(
                        f"budget.{line.code}.{measure}",
                        part,
                        line.title,
                        title,
                        amount,
                        path=f"{at}.lines.{number}.{measure}",
                        book="A",
                        fund=fund,
                        code=line.code,
                    )
        sums = (
            ("budget", "全年预算", report.budget),
            ("spent.amount", _this(value), report.spent.amount),
            ("spent.year", "本年累计", report.spent.year),
            ("left", "还剩", report.left),
            ("outside", "没有预算行的支出", report.outside),
        )
        for measure, title, amount in sums:
            key, path = f"budget.{fund}.all.{measure}", f"{at}.{measure}"
            yield _figure(key, part, "支出合计", title, amount, path=path, book="A", fund=fund)


def _buildings(value: Statement) -> Iterator[Figure]:
    fund = value.maintenance
    if fund is None:
        return
    part = "维修资金按楼栋"
    rows = [(row, f"maintenance.buildings.{place}") for place, row in enumerate(fund.buildings)]
    for row, path in (*rows, (fund.total, "maintenance.total")):
        code = "+".join(row.buildings)
        name = building_name(row.buildings)
        key = f"maintenance.{code or 'all'}"
        yield _figure(
            f"{key}.households",
            part,
            name,
            "户数",
            row.households,
            path=f"{path}.households",
            book="M",
            code=code,
            unit="count",
        )
        for measure, title in BUILDING_COLUMNS:
            amount = getattr(row, measure)
            yield _figure(
                f"{key}.{measure}",
                part,
                name,
                title,
                amount,
                path=f"{path}.{measure}",
                book="M",
                code=code,
            )
    yield _figure("maintenance.undistributed", part, "尚未分配到户的收益", "", fund.undistributed, book="M")


def _year(value: Statement) -> Iterator[Figure]:
    for place, result in enumerate(value.results):
        for measure, title in RESULT_COLUMNS:
            yield _figure(
                f"results.{result.fund}.{measure}",
                "各项资金结余",
                fund_name(result.fund),
                title,
                getattr(result, measure),
                path=f"results.{place}.{measure}",
                book=result.book,
                code=result.fund,
            )
    for place, project in enumerate(value.projects):
        for measure, title in PROJECT_COLUMNS:
            yield _figure(
                f"projects.{project.project}.{measure}",
                "专项项目",
                project.name,
                title,
                getattr(project, measure),
                path=f"projects.{place}.{measure}",
                book="A",
                fund="F5",
                code=project.project,
            )


def _this(value: Statement) -> str:
    return THIS[value.span]

"""What a correction made after a span changes of the span's figures: for each posting, by key of the figure.

Keys are those of :mod:`disclosure.statements.figures`. What is kept by household (arrears by home, the
maintenance fund by building) and the lists of larger payments are not reckoned again: the corrections that
concern them are named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Row

from disclosure.public.words import fund_name
from disclosure.statements.revenue import FUND as SHARED
from disclosure.statements.revenue import SOURCES
from disclosure.statements.scope import Scope
from disclosure.statements.value import Statement
from disclosure.statements.words import BOOK_TITLES, RESULT_COLUMNS, THIS
from ledger.budget.codes import SPENDING
from ledger.chart import FUNDS

PRIOR_YEARS = "3201"
_ARREARS = "112201"
_USED = "5001"
_RESULTS = dict(RESULT_COLUMNS)


class Part(NamedTuple):
    """Key of a figure, its name should the statement not have it, and fen to add."""

    key: str
    label: str
    fen: int


def label(book: str, *parts: str) -> str:
    """A figure in words, as :attr:`disclosure.statements.figures.Figure.label` has it."""
    return " · ".join((BOOK_TITLES[book], *parts))


def line_effects(scope: Scope, value: Statement, row: Row[Any], lines: Collection[str]) -> Iterator[Part]:
    """What one posting adds; ``lines`` are the budget lines that its entry names."""
    book, account, fund = row.book, row.account, row.fund
    fen = row.amount if row.side == "D" else -row.amount
    class_ = scope.setup.chart[book, account].class_
    if book == "A" and account == _ARREARS:
        yield Part("arrears.total", label("A", "尚未交清的物业费", "合计"), fen)
    if account == PRIOR_YEARS:
        name = _with_fund(book, fund, scope.setup.chart[book, account].name)
        yield Part(f"{book}.prior.{fund}", label(book, "结余", name), -fen)
    if class_ in ("I", "E"):
        yield from _income_or_expense(scope, row, class_, fen)
        if value.revenue and fund == SHARED:
            yield from _of_revenue(scope, row, class_, fen)
    if value.uses and book == "M" and account == _USED:
        yield Part("uses.total", label(book, "维修资金使用", "合计"), fen)
    if book == "A" and account.startswith(SPENDING):
        yield from _of_budget(value, fund, lines, fen)
    if value.span == "year" and class_ in ("N", "I", "E") and FUNDS[fund].result_account:
        yield from _of_results(book, fund, class_, fen)


def _with_fund(book: str, fund: str, name: str) -> str:
    return name if fund == book else f"{name}（{fund_name(fund)}）"


def _pair(scope: Scope, key: str, book: str, part: str, name: str, fen: int) -> Iterator[Part]:
    """The figure of the span, and the one from 1 January to its end; in the report of a year they are one."""
    yield Part(f"{key}.amount", label(book, part, name, THIS[scope.span.kind]), fen)
    if scope.span.kind != "year":
        yield Part(f"{key}.year", label(book, part, name, "本年累计"), fen)


def _income_or_expense(scope: Scope, row: Row[Any], class_: str, fen: int) -> Iterator[Part]:
    book, account, fund = row.book, row.account, row.fund
    kind, title, sign = ("income", "收入", -1) if class_ == "I" else ("expense", "支出", 1)
    name = _with_fund(book, fund, scope.setup.chart[book, account].name)
    yield from _pair(scope, f"{book}.{kind}.{fund}.{account}", book, title, name, sign * fen)
    yield from _pair(scope, f"{book}.{kind}.all", book, title, "合计", sign * fen)
    yield from _pair(scope, f"{book}.result", book, "结余", "收入减支出", -fen)


def _of_revenue(scope: Scope, row: Row[Any], class_: str, fen: int) -> Iterator[Part]:
    part, account = "公共收益", row.account
    name = scope.setup.chart["A", account].name
    if class_ == "E":
        cost = f"revenue.cost.{SHARED}.{account}"
        yield from _pair(scope, cost, "A", "公共收益成本", _with_fund("A", SHARED, name), fen)
        yield from _pair(scope, "revenue.costs", "A", part, "支出合计", fen)
    elif account.startswith(SOURCES):
        source = f"revenue.source.{account}.{row.site or ''}.{row.contract or ''}"
        yield from _pair(scope, source, "A", part, name, -fen)
        yield from _pair(scope, "revenue.income", "A", part, "经营收入合计", -fen)
    else:
        yield from _pair(scope, "revenue.other", "A", part, "利息等其他收入", -fen)
    yield from _pair(scope, "revenue.net", "A", part, "净收益", -fen)


def _of_budget(value: Statement, fund: str, lines: Collection[str], fen: int) -> Iterator[Part]:
    """Spending on the lines named, or on none, of a budget that the statement reports: it has their names."""
    report = next((item for item in value.budgets if item.fund == fund), None)
    if report is None:
        return
    known = {line.code for line in report.lines}
    spent = 0
    for code in known.intersection(lines):
        spent += fen
        for measure, more in (("amount", fen), ("year", fen), ("left", -fen)):
            yield Part(f"budget.{code}.{measure}", "", more)
    sums = {"spent.amount": spent, "spent.year": spent, "left": -spent, "outside": fen - spent}
    for measure, more in sums.items():
        yield Part(f"budget.{fund}.all.{measure}", "", more)


def _of_results(book: str, fund: str, class_: str, fen: int) -> Iterator[Part]:
    """Corrections of an ended year go through 3201: they are neither its income nor its expense."""
    measures = {"closing": -fen}
    if class_ == "N":
        measures["other"] = -fen
    else:
        measures["income" if class_ == "I" else "expense"] = -fen if class_ == "I" else fen
        measures["result"] = -fen
    for measure, more in measures.items():
        name = label(book, "各项资金结余", fund_name(fund), _RESULTS[measure])
        yield Part(f"results.{fund}.{measure}", name, more)

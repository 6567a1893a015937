"""The two books of a statement as sections: money, income and expense, payments, corrections, arrears."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from disclosure.public.words import day_text, fund_name
from disclosure.statements.first_form import KIND as FIRST_KIND
from disclosure.statements.sums import HasPair
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
from disclosure.statements.value import AccountAmount, BookReport, FundCash, Pair, Statement
from disclosure.statements.words import BOOK_TITLES, CASH_COLUMNS, THIS

_ALWAYS = ("opening", "received", "paid", "closing")
_HINTS = {"M": "单独的一本账，按收付实现制记账，不与物业共有资金合并。"}
_CASH_HINT = "这里是银行存款和收款途中的钱。期初余额加上各项转入、减去各项转出，等于期末余额。"
_ACCRUAL_HINT = "按应收应付记账，与实际收付的时间可能不同。"


def in_brief(value: Statement) -> tuple[tuple[Cell, ...], ...]:
    """A sentence for each book, for those who read no tables: what came, what went, what is there."""
    return tuple(
        _brief(value, report, f"books.{place}.cash_total") for place, report in enumerate(value.books)
    )


def _brief(value: Statement, report: BookReport, at: str) -> tuple[Cell, ...]:
    total = report.cash_total
    received, paid = money(total.received, f"{at}.received"), money(total.paid, f"{at}.paid")
    closing = money(total.closing, f"{at}.closing")
    this, until = THIS[value.span], day_text(value.last)
    words = f"{BOOK_TITLES[report.book]}：{this}收到 "
    return said(words, received, "，付出 ", paid, f"；到{until}一共有 ", closing, "。")


def book_section(value: Statement, place: int) -> Section:
    """One book."""
    report, at = value.books[place], f"books.{place}"
    return Section(
        f"book-{report.book}",
        BOOK_TITLES[report.book],
        tuple(_parts(value, report, at)),
        hint=_HINTS.get(report.book, ""),
    )


def _parts(value: Statement, report: BookReport, at: str) -> Iterator[Part]:
    this = THIS[value.span]
    yield Part("钱的进出", _cash(report, at, sums=value.kind != FIRST_KIND), hint=_CASH_HINT)
    yield Part("收入与支出", _accounts(value, report, at), hint=_ACCRUAL_HINT if report.book == "A" else "")
    note = _payments_note(value, report, at)
    caption = "较大的付款"
    table = entry_table(caption, report.payments, f"{at}.payments") if report.payments else None
    yield Part(caption, table, note=note)
    caption = f"{this}更正"
    if report.corrections:
        yield Part(caption, entry_table(caption, report.corrections, f"{at}.corrections", corrections=True))
    else:
        yield Part(caption, note=said(f"{this}没有更正。"))
    if report.book == "A":
        yield Part("尚未交清的物业费", note=arrears_note(value))


def _cash(report: BookReport, at: str, *, sums: bool) -> Table:
    shown = [
        (name, title)
        for name, title in CASH_COLUMNS
        if name in _ALWAYS or any(getattr(row, name) for row in report.cash)
    ]

    def row(of: FundCash, name: str, path: str, *, total: bool = False) -> Row:
        cells = (money(getattr(of, key), path and f"{path}.{key}") for key, _ in shown)
        return Row((Cell(name), *cells), total)

    rows = [row(of, fund_name(of.fund), f"{at}.cash.{number}") for number, of in enumerate(report.cash)]
    if len(rows) > 1:
        rows.append(row(report.cash_total, "合计", f"{at}.cash_total" if sums else "", total=True))
    caption = f"{BOOK_TITLES[report.book]}各项资金的期初、收入、支出和期末余额"
    return plain(caption, ("资金", *(title for _, title in shown)), rows, "cash")


def _accounts(value: Statement, report: BookReport, at: str) -> Table:
    first_form = value.kind == FIRST_KIND
    groups = []
    for title, lines, path, total in (
        ("收入", report.income, f"{at}.income", report.income_total),
        ("支出", report.expense, f"{at}.expense", report.expense_total),
    ):
        rows = account_rows(value, lines, path)
        rows.append(pair_row(value, f"{title}合计", total, "" if first_form else f"{path}_total"))
        groups.append(Group(title, tuple(rows)))
    result = pair_row(value, "收支结余（收入减支出）", report.result, "" if first_form else f"{at}.result")
    groups.append(Group("结余", (result,)))
    columns = ("项目", "资金", *amount_columns(value))
    return Table(f"{BOOK_TITLES[report.book]}的收入、支出和结余", columns, tuple(groups), "accounts")


def amount_columns(value: Statement) -> tuple[str, ...]:
    """The columns of amounts: in a year, that of the year is the same as since 1 January."""
    return (THIS[value.span],) if value.span == "year" else (THIS[value.span], "本年累计")


def amounts(value: Statement, pair: HasPair, path: str) -> list[Cell]:
    """The cells under them."""
    name = "month" if value.kind == FIRST_KIND else "amount"
    cells = [money(pair.amount, path and f"{path}.{name}"), money(pair.year, path and f"{path}.year")]
    return cells[: len(amount_columns(value))]


def account_rows(value: Statement, lines: Sequence[AccountAmount], path: str) -> list[Row]:
    """Income or expense by account."""
    return [
        Row((Cell(line.name), Cell(fund_name(line.fund)), *amounts(value, line, f"{path}.{place}")))
        for place, line in enumerate(lines)
    ]


def pair_row(value: Statement, title: str, pair: Pair, path: str) -> Row:
    """A sum, in a table with a column for the fund."""
    return Row((Cell(title), Cell(), *amounts(value, pair, path)), total=True)


def _payments_note(value: Statement, report: BookReport, at: str) -> tuple[Cell, ...]:
    this, limit = THIS[value.span], money(value.payment_above, "payment_above")
    if not report.payment_count:
        return said(f"{this}没有 ", limit, " 及以上的付款。")
    number = count(report.payment_count, f"{at}.payment_count")
    total = money(report.payment_total, f"{at}.payment_total")
    more = ""
    if report.payment_count > len(report.payments):
        more = f"这里列出金额最大的 {len(report.payments)} 笔，其余见逐笔账目。"
    return said(f"{this} ", limit, " 及以上的付款共 ", number, " 笔，合计 ", total, f"。{more}")


def arrears_note(value: Statement) -> tuple[Cell, ...]:
    """How much is owed by how many, and no more."""
    arrears = value.arrears
    if not (arrears.total or arrears.households):
        return said("没有户欠物业费。")
    households = count(arrears.households, "arrears.households")
    total = money(arrears.total, "arrears.total")
    hidden = "。为保护隐私，不公布是哪些户。"
    until = f"截至{day_text(value.last)}，共有 "
    return said(until, households, " 户的物业费尚未交清，合计 ", total, hidden)

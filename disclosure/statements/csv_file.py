"""A statement as CSV that spreadsheets open rightly: UTF-8 with BOM, amounts as plain numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from disclosure.public.words import fund_name
from disclosure.statements.value import MonthlyStatement, StatementEntry
from disclosure.statements.view import BOOK_TITLES, CASH_COLUMNS
from ledger.money import plain_yuan

_HEADER = ("部分", "账", "资金", "编号", "日期", "名称或摘要", "对方", "本月金额（元）", "本年累计（元）")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def statement_csv(value: MonthlyStatement) -> bytes:
    """The file. Texts that a spreadsheet would take for a formula get a leading apostrophe."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_HEADER)
    writer.writerows(_rows(value))
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _rows(value: MonthlyStatement) -> Iterator[tuple[str, ...]]:
    for book in value.books:
        title = BOOK_TITLES[book.book]
        for row in book.cash:
            for name, label in CASH_COLUMNS:
                amount = plain_yuan(getattr(row, name))
                yield ("资金余额", title, fund_name(row.fund), "", "", label, "", amount, "")
        for part, lines in (("收入", book.income), ("支出", book.expense)):
            for x in lines:
                amounts = plain_yuan(x.month), plain_yuan(x.year)
                yield (part, title, fund_name(x.fund), x.account, "", safe_text(x.name), "", *amounts)
        for part, entries in (("较大付款", book.payments), ("更正", book.corrections)):
            for item in entries:
                yield (part, title, *_entry(item))
    arrears = value.arrears
    yield ("尚未交清的物业费", BOOK_TITLES["A"], "", "", "", "合计", "", plain_yuan(arrears.total), "")
    yield ("尚未交清的物业费", BOOK_TITLES["A"], "", "", "", f"户数：{arrears.households}", "", "", "")


def _entry(item: StatementEntry) -> tuple[str, ...]:
    funds = "、".join(fund_name(code) for code in item.fund.split("、"))
    texts = safe_text(item.summary), safe_text(item.counterparty)
    return (funds, item.ref, item.date.isoformat(), *texts, plain_yuan(item.amount), "")


def safe_text(text: str) -> str:
    """A text no spreadsheet computes."""
    return f"'{text}" if text.startswith(_FORMULA) else text

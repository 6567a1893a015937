"""A statement as CSV that spreadsheets open rightly: UTF-8 with BOM, amounts as plain numbers.

The plain file is what a resident opens: one row a figure, in the words and the order of the page.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from disclosure.public.words import fund_name
from disclosure.statements.figures import Figure, figures
from disclosure.statements.publish import PublishedStatement
from disclosure.statements.value import Statement, StatementEntry
from disclosure.statements.words import BOOK_TITLES, funds_text
from ledger.money import plain_yuan

PLAIN = ("部分", "账", "资金", "编号", "日期", "名称或摘要", "对方或说明", "项目", "金额（元）", "数量")
"""The columns of the plain file. A row has an amount or a number of things, not both."""
BOM = b"\xef\xbb\xbf"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def statement_csv(published: PublishedStatement) -> bytes:
    """The plain file. Texts that a spreadsheet would take for a formula get a leading apostrophe."""
    return BOM + csv_bytes([PLAIN, *_rows(published.value)])


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows in UTF-8 with the line ends spreadsheets expect."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode()


def _rows(value: Statement) -> Iterator[tuple[str, ...]]:
    for figure in figures(value):
        yield _figure(figure)
    for report in value.books:
        for part, entries in (("较大付款", report.payments), ("更正", report.corrections)):
            for item in entries:
                yield _entry(part, BOOK_TITLES[report.book], item)
    for item in value.uses.entries if value.uses else ():
        yield _entry("维修资金使用", BOOK_TITLES["M"], item)
    for change in value.restated:
        for name, fen in (("账簿数", change.booked), ("更正后", change.corrected)):
            reason = "、".join(change.entries)
            yield (
                "结账以后的更正",
                "",
                "",
                "",
                "",
                safe_text(change.label),
                reason,
                name,
                plain_yuan(fen),
                "",
            )
    for item in value.difference.later if value.difference else ():
        yield _entry("引起更正的凭证", BOOK_TITLES[item.ref[0]], item)


def _figure(figure: Figure) -> tuple[str, ...]:
    amount = plain_yuan(figure.value) if figure.unit == "fen" else ""
    number = "" if figure.unit == "fen" else str(figure.value)
    return (
        figure.part,
        BOOK_TITLES.get(figure.book, ""),
        fund_name(figure.fund) if figure.fund else "",
        figure.code,
        "",
        safe_text(figure.name),
        "",
        figure.measure,
        amount,
        number,
    )


def _entry(part: str, book: str, item: StatementEntry) -> tuple[str, ...]:
    other = f"更正 {item.target}" if item.target else item.counterparty
    texts = safe_text(item.summary), safe_text(other)
    return (
        part,
        book,
        funds_text(item.fund),
        item.ref,
        item.date.isoformat(),
        *texts,
        "金额",
        plain_yuan(item.amount),
        "",
    )


def safe_text(text: str) -> str:
    """A text no spreadsheet computes."""
    return f"'{text}" if text.startswith(_FORMULA) else text

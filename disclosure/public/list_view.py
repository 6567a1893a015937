"""The list of entries in words: rows, totals, links to neighbouring pages, choices of the filter form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from disclosure.public.entries import Page, Totals
from disclosure.public.flows import Flow
from disclosure.public.present import Row, row_of
from disclosure.public.query_string import Asked, cursor_text
from disclosure.public.trusts import Site
from disclosure.public.words import BOOKS, Amount, yuan
from ledger.chart import FUNDS, Chart
from ledger.periods.calendar import period_name, period_of, preceding


@dataclass(frozen=True, slots=True)
class BookTotals:
    """What the filtered entries moved in one book."""

    book: str
    received: Amount
    paid: Amount
    moved: str


@dataclass(frozen=True, slots=True)
class ListView:
    """A page of the list."""

    rows: tuple[Row, ...]
    count: str
    totals: tuple[BookTotals, ...]
    older: str
    newer: str
    newest: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a select field."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of the filter form; accounts grouped by book."""

    months: tuple[Choice, ...]
    funds: tuple[Choice, ...]
    accounts: tuple[tuple[str, tuple[Choice, ...]], ...]


def list_view(page: Page, totals: Totals, asked: Asked) -> ListView:
    """Put a page of entries and the totals of the filter into words."""
    books = [("A", totals.common), ("M", totals.maintenance)]
    rows = page.rows
    older = asked.address(before=cursor_text(rows[-1].cursor)) if page.older and rows else ""
    newer = asked.address(after=cursor_text(rows[0].cursor)) if page.newer and rows else ""
    return ListView(
        rows=tuple(row_of(listed) for listed in rows),
        count=f"{totals.count:,}",
        totals=tuple(
            _book_totals(book, flow, one_fund=bool(asked.filter.fund))
            for book, flow in books
            if flow != Flow()
        ),
        older=older,
        newer=newer,
        newest=asked.address() if asked.before or asked.after else "",
    )


def _book_totals(book: str, flow: Flow, *, one_fund: bool) -> BookTotals:
    moved = []
    if flow.opened:
        moved.append(f"建账接收 {yuan(flow.opened).text}")
    if one_fund and flow.moved_in:
        moved.append(f"从其他资金转入 {yuan(flow.moved_in).text}")
    if one_fund and flow.moved_out:
        moved.append(f"转到其他资金 {yuan(flow.moved_out).text}")
    return BookTotals(BOOKS[book], yuan(flow.received), yuan(flow.paid), "，".join(moved))


def choices(chart: Chart, site: Site, today: date) -> Choices:
    """What can be chosen: months since opening, funds, accounts."""
    months, period, first = [], period_of(today), period_of(site.opened_on)
    while period >= first:
        months.append(Choice(f"{period // 100}-{period % 100:02d}", period_name(period)))
        period = preceding(period)
    accounts = tuple(
        (
            name,
            tuple(
                Choice(f"{book}-{a.code}", f"{a.code} {a.name}" if a.leaf else f"{a.code} {a.name}（全部）")
                for a in chart.of_book(book)
            ),
        )
        for book, name in BOOKS.items()
    )
    return Choices(
        months=tuple(months),
        funds=tuple(Choice(fund.code, fund.name) for fund in FUNDS.values()),
        accounts=accounts,
    )

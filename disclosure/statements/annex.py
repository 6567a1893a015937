"""The annex of a printed statement: every entry of the span, month by month and book by book.

A closed month's pages are the same in the annex of the month, its quarter and its year, so they are set once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from disclosure.paper import Column, Listing, Row
from disclosure.public.leaves import PublicEntry, decode_leaf
from disclosure.public.words import BOOKS, fund_name
from ledger.errors import refuse
from ledger.money import format_yuan
from ledger.periods.calendar import first_day, last_day, period_name
from ledger.periods.spans import Span
from ledger.store.tables import entry, leaf
from ledger.totals.flows import Flow, entry_flows

COLUMNS = (
    Column("凭证号", 13),
    Column("日期", 10),
    Column("收入（元）", 14, "right"),
    Column("支出（元）", 14, "right"),
    Column("资金", 13),
    Column("摘要、对方", 0),
)
_NOTE = (
    "收入、支出是收到和付出的钱；没有收付的记账，金额写在摘要后面。"
    "每一笔都可以凭凭证号在网页上查看和核验。红色的是红字冲销。"
)


MOST_ROWS = 40_000
"""About 900 pages."""


@dataclass(frozen=True, slots=True)
class MonthList:
    """One month of one book: its listing, how many entries it has and what they moved."""

    name: str
    book: str
    listing: Listing
    count: int
    flow: Flow

    @property
    def book_name(self) -> str:
        """As residents know the book."""
        return BOOKS[self.book]


def month_lists(conn: Connection, trust_id: int, span: Span, size: int) -> Iterator[MonthList]:
    """All entries of the span that are among the first ``size`` leaves of the log, one query a month.

    Raises :class:`~ledger.errors.Refused` for more than :data:`MOST_ROWS`, before any is read.
    """
    _few_enough(conn, trust_id, span, size)
    for period in span.months:
        rows: dict[str, list[Row]] = {}
        flows: dict[str, Flow] = {}
        for item in _entries(conn, trust_id, period, size):
            row, flow = entry_row(item)
            rows.setdefault(item.book, []).append(row)
            flows[item.book] = flows.get(item.book, Flow()) + flow
        for book, found in sorted(rows.items()):
            yield _month_list(period, book, found, flows[book])


def _few_enough(conn: Connection, trust_id: int, span: Span, size: int) -> None:
    count = conn.execute(
        select(func.count()).where(
            entry.c.trust_id == trust_id,
            entry.c.business_date.between(span.first, span.last),
            entry.c.seq < size,
        )
    ).scalar_one()
    if count > MOST_ROWS:
        raise refuse(
            "too_long_for_paper",
            f"{span.name}共有 {count:,} 笔，超过 {MOST_ROWS:,} 笔的不宜打印；请打印各月的附件，或下载完整数据 CSV",
            "附件",
        )


def _month_list(period: int, book: str, rows: list[Row], flow: Flow) -> MonthList:
    name = period_name(period)
    total = Row(
        ("本月合计", f"{len(rows)} 笔", format_yuan(flow.received), format_yuan(flow.paid), "", ""),
        strong=True,
    )
    listing = Listing(f"{name}　{BOOKS[book]}　全部记账", COLUMNS, [*rows, total], (_NOTE,))
    return MonthList(name, book, listing, len(rows), flow)


def _entries(conn: Connection, trust_id: int, period: int, size: int) -> Iterator[PublicEntry]:
    """A month's entries in the order of book, day and place in the log."""
    query = (
        select(leaf.c.body)
        .join(entry, (entry.c.trust_id == leaf.c.trust_id) & (entry.c.seq == leaf.c.seq))
        .where(
            entry.c.trust_id == trust_id,
            entry.c.business_date.between(first_day(period), last_day(period)),
            entry.c.seq < size,
        )
        .order_by(entry.c.book, entry.c.business_date, entry.c.seq)
    )
    for body in conn.execute(query).scalars():
        yield decode_leaf(bytes(body))


def entry_row(item: PublicEntry) -> tuple[Row, Flow]:
    """An entry as a line of the annex, and what money it moved."""
    flows, round_trip = entry_flows(item.book, item.event, item.lines)
    flow = sum(flows.values(), Flow())
    text = item.summary + (f"（{item.counterparty}）" if item.counterparty else "")
    if not (flow.received or flow.paid):
        text += f"〔{_other(item, flow, round_trip)}〕"
    for word, target in (("冲销", item.reverses), ("订正", item.amends)):
        text += f"〔{word} {target}〕" if target else ""
    funds = "、".join(fund_name(code) for code in sorted({line.fund for line in item.lines}))
    cells = (
        item.ref,
        item.date.isoformat(),
        format_yuan(flow.received) if flow.received else "",
        format_yuan(flow.paid) if flow.paid else "",
        funds,
        text,
    )
    return Row(cells, red=any(line.amount < 0 for line in item.lines)), flow


def _other(item: PublicEntry, flow: Flow, round_trip: int) -> str:
    """What an entry did that neither received nor paid."""
    if flow.opened:
        return f"建账接收 {format_yuan(flow.opened)}"
    if moved := flow.moved_in or round_trip:
        return f"划转 {format_yuan(moved)}"
    return f"只记账 {format_yuan(item.total)}"

"""The list of entries in words: rows, totals, links to neighbouring pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from disclosure.public.entries import Page, Totals
from disclosure.public.flows import Flow
from disclosure.public.present import Row, public_names, row_of
from disclosure.public.query_string import KINDS, Asked, cursor_text
from disclosure.public.words import BOOKS, Amount, day_text, yuan
from ledger.chart import FUNDS
from ledger.periods.calendar import period_name, period_of
from ledger.totals import DIRECTIONS
from ledger.trust.setup import Setup


@dataclass(frozen=True, slots=True)
class BookTotals:
    """What the filtered entries moved in one book."""

    book: str
    received: Amount
    paid: Amount
    moved: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is in force, and the address without it."""

    label: str
    text: str
    without: str


@dataclass(frozen=True, slots=True)
class ListView:
    """A page of the list; ``count`` is '' if adding up was not worth a page's time (``add_up`` asks for it)."""

    rows: tuple[Row, ...]
    chips: tuple[Chip, ...]
    count: str
    totals: tuple[BookTotals, ...]
    add_up: str
    older: str
    newer: str
    newest: str
    further: str
    looked_to: str
    search: str
    typed: Mapping[str, str]


def list_view(page: Page, totals: Totals | None, asked: Asked, setup: Setup) -> ListView:
    """Put a page of entries and the totals of the filter into words."""
    rows = page.rows
    older = asked.address(before=cursor_text(rows[-1].cursor)) if page.older and rows else ""
    newer = asked.address(after=cursor_text(rows[0].cursor)) if page.newer and rows else ""
    onward = "after" if asked.after else "before"
    return ListView(
        rows=tuple(row_of(listed) for listed in rows),
        chips=tuple(_chips(asked, setup)),
        count=f"{totals.count:,}" if totals else "",
        totals=_totals(totals, one_fund=bool(asked.filter.fund)) if totals else (),
        add_up="" if totals else asked.address(totals="1"),
        older=older,
        newer=newer,
        newest=asked.address() if asked.before or asked.after else "",
        further=asked.address(**{onward: cursor_text(page.looked_to)}) if page.looked_to else "",
        looked_to=day_text(page.looked_to.day) if page.looked_to else "",
        search=asked.address(),
        typed=_typed(asked, public_names(setup)),
    )


def _typed(asked: Asked, names: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """What to show in the fields of vendor, contract, …: the name, if it is that one's alone."""
    shown = {}
    for kind in KINDS:
        code = asked.fields[kind]
        name = names.get((kind, code), code)
        alone = sum(1 for (of, _), other in names.items() if of == kind and other == name) == 1
        shown[kind] = name if code and alone else code
    return shown


def _totals(totals: Totals, *, one_fund: bool) -> tuple[BookTotals, ...]:
    books = [("A", totals.common), ("M", totals.maintenance)]
    return tuple(_book_totals(book, flow, one_fund=one_fund) for book, flow in books if flow != Flow())


def _book_totals(book: str, flow: Flow, *, one_fund: bool) -> BookTotals:
    moved = []
    if flow.opened:
        moved.append(f"建账接收 {yuan(flow.opened).text}")
    if one_fund and flow.moved_in:
        moved.append(f"从其他资金转入 {yuan(flow.moved_in).text}")
    if one_fund and flow.moved_out:
        moved.append(f"转到其他资金 {yuan(flow.moved_out).text}")
    return BookTotals(BOOKS[book], yuan(flow.received), yuan(flow.paid), "，".join(moved))


def _chips(asked: Asked, setup: Setup) -> Iterator[Chip]:
    """What is filtered, each with the way to leave it out. What was ignored has no chip."""
    wanted = asked.filter
    account = setup.chart.get(wanted.book, wanted.account)
    in_force: list[tuple[str, str, tuple[str, ...]]] = [
        ("查找", f"“{wanted.text}”" if wanted.text else "", ("q",)),
        ("日期", _span(wanted.first, wanted.last), ("month", "to")),
        ("收支", DIRECTIONS.get(wanted.direction, ""), ("direction",)),
        ("资金", FUNDS[wanted.fund].name if wanted.fund else "", ("fund",)),
        ("账本", "" if wanted.account else BOOKS.get(wanted.book, ""), ("book",)),
        ("科目", f"{wanted.account} {account.name}" if account else wanted.account, ("account",)),
        *((title, _name(setup, kind, getattr(wanted, kind)), (kind,)) for kind, title in KINDS.items()),
        ("预算行", wanted.budget_line, ("budget_line",)),
        ("业主决定", wanted.resolution, ("resolution",)),
        ("金额不小于", yuan(wanted.low).text if wanted.low is not None else "", ("min",)),
        ("金额不大于", yuan(wanted.high).text if wanted.high is not None else "", ("max",)),
        ("只看", "更正和被更正的" if wanted.corrected else "", ("corrected",)),
        ("只看", "补记的" if wanted.late else "", ("late",)),
        ("只看", "有公开问答的" if wanted.question else "", ("question",)),
    ]
    return (Chip(label, text, asked.without(*fields)) for label, text, fields in in_force if text)


def _name(setup: Setup, kind: str, code: str) -> str:
    return public_names(setup).get((kind, code), code)


def _span(first: date | None, last: date | None) -> str:
    """``2025年9月``, ``2025年全年``, ``2025年3月至2025年9月``; open at an end that is not given; '' if at both."""
    if first is None and last is None:
        return ""
    if first is None or last is None:
        return (
            f"{period_name(period_of(first))}起"
            if first
            else f"到{period_name(period_of(last or date.max))}为止"
        )
    if (first.year, first.month, last.month) == (last.year, 1, 12):
        return f"{first.year}年全年"
    months = [period_name(period_of(first)), period_name(period_of(last))]
    return "至".join(dict.fromkeys(months))

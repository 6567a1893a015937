"""The general ledger (总账): three columns, a line for each month with the month's and the year's totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, case, extract, func, select

from ledger.balances import Totals
from ledger.balances.query import known_fund
from ledger.books.movements import NOTHING, Key, balances_before, openings
from ledger.books.span import View
from ledger.chart import Chart, load_chart
from ledger.periods.calendar import period_of
from ledger.store.tables import posting


@dataclass(frozen=True, slots=True)
class MonthOfAccount:
    """A month in fen. ``year`` is the year so far; ``balance`` (debit minus credit) that at its end."""

    period: int
    month: Totals
    year: Totals
    balance: int


@dataclass(frozen=True, slots=True)
class GeneralAccount:
    """One account at the top of the chart over some months; ``opening`` is what it began with."""

    account: str
    name: str
    fund: str
    opening: int
    months: tuple[MonthOfAccount, ...]

    @property
    def closing(self) -> int:
        """The balance at the end."""
        return self.months[-1].balance if self.months else self.opening


def general_accounts(
    conn: Connection, view: View, *, fund: str = "", account: str = ""
) -> list[GeneralAccount]:
    """Every top account that holds or moved something, of one fund or of all together."""
    if fund:
        known_fund(view.book, fund)
    chart = load_chart(conn, view.trust_id)
    opening, year_so_far = _before(conn, view)
    monthly = _monthly(conn, view)
    start = _by_top(chart, view.book, opening, fund)
    year = _by_top(chart, view.book, year_so_far, fund)
    months: dict[int, dict[str, Totals]] = {
        period: _by_top(chart, view.book, found, fund) for period, found in monthly.items()
    }
    codes = sorted({*start, *(code for found in months.values() for code in found)})
    return [
        _account(chart, view, code, fund, start.get(code, NOTHING).balance, year.get(code, NOTHING), months)
        for code in codes
        if account in ("", code)
        and (start.get(code, NOTHING).balance or any(code in m for m in months.values()))
    ]


def _account(
    chart: Chart,
    view: View,
    code: str,
    fund: str,
    opening: int,
    year: Totals,
    months: Mapping[int, Mapping[str, Totals]],
) -> GeneralAccount:
    rows, balance = [], opening
    for period in view.span.months():
        if period > period_of(view.last):
            break
        if period % 100 == 1:
            year = NOTHING
        month = months.get(period, {}).get(code, NOTHING)
        year, balance = year + month, balance + month.balance
        rows.append(MonthOfAccount(period, month, year, balance))
    return GeneralAccount(code, chart[view.book, code].name, fund, opening, tuple(rows))


def _before(conn: Connection, view: View) -> tuple[dict[Key, Totals], dict[Key, Totals]]:
    """Balances at the start of the span (what was taken over included), and the year's movement until then."""
    first = view.span.first_day
    opening = dict(balances_before(conn, view, first))
    january = first.replace(month=1, day=1)
    year_start = balances_before(conn, view, january)
    taken_over = openings(conn, view)
    year = {
        key: Totals(total.debit - begun.debit, total.credit - begun.credit)
        for key, total in opening.items()
        for begun in [year_start.get(key, NOTHING)]
    }
    if first <= view.opened_on:  # the books open within the span
        return {key: opening.get(key, NOTHING) + total for key, total in taken_over.items()}, {}
    if january <= view.opened_on:
        for key, total in taken_over.items():
            so_far = year.get(key, NOTHING)
            year[key] = Totals(so_far.debit - total.debit, so_far.credit - total.credit)
    return opening, year


def _monthly(conn: Connection, view: View) -> dict[int, dict[Key, Totals]]:
    found: dict[int, dict[Key, Totals]] = defaultdict(dict)
    for account, fund, year, month, debit, credit in conn.execute(_by_month(view)):
        found[int(year) * 100 + int(month)][account, fund] = Totals(int(debit), int(credit))
    if view.span.first == period_of(view.opened_on):
        opened = found[view.span.first]
        for key, total in openings(conn, view).items():
            rest = Totals(opened[key].debit - total.debit, opened[key].credit - total.credit)
            if rest == NOTHING:
                del opened[key]
            else:
                opened[key] = rest
    return found


def _by_month(view: View) -> Select[Any]:
    day = posting.c.business_date
    year, month = extract("year", day), extract("month", day)
    keys = (posting.c.account, posting.c.fund, year, month)
    return (
        select(
            *keys,
            func.sum(case((posting.c.side == "D", posting.c.amount), else_=0)),
            func.sum(case((posting.c.side == "C", posting.c.amount), else_=0)),
        )
        .where(
            posting.c.trust_id == view.trust_id,
            posting.c.book == view.book,
            day.between(view.span.first_day, view.last),
            posting.c.seq < view.clock.known_at,
        )
        .group_by(*keys)
    )


def _by_top(chart: Chart, book: str, found: Mapping[Key, Totals], fund: str) -> dict[str, Totals]:
    sums: dict[str, Totals] = defaultdict(lambda: NOTHING)
    for (account, of_fund), totals in found.items():
        if fund in ("", of_fund):
            top = chart[book, account]
            while top.parent:
                top = chart[book, top.parent]
            sums[top.code] += totals
    return sums

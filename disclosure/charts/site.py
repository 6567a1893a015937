"""The charts of one community and year, in the order of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import Connection

from disclosure.charts import Chart, Part, bars_by_source, burn, columns_by_month, flow_bands, line
from disclosure.charts.data import (
    OWN,
    Cash,
    FundYear,
    income_and_expense,
    months_between,
    read_budgets,
    read_cash,
)
from disclosure.public.trusts import Site
from ledger.balances import Clock
from ledger.chart import FUNDS
from ledger.errors import Unanswerable
from ledger.periods.calendar import last_day, period_of
from ledger.trust.setup import load_setup

RECENT = 13
"""So many months are shown in the year that runs: with the same month of last year."""
_SHARED = "F2"
_PUBLIC_REVENUE = "公共收益"


@dataclass(frozen=True, slots=True)
class Year:
    """Which year is asked for, and how far it has come."""

    year: int
    opened_on: date
    today: date

    @property
    def running(self) -> bool:
        """Whether it is this year."""
        return self.year == self.today.year

    @property
    def name(self) -> str:
        """``2024年``, ``2025年到现在``."""
        return f"{self.year}年到现在" if self.running else f"{self.year}年"

    @property
    def last(self) -> date:
        """The last day that is covered."""
        return min(self.today, date(self.year, 12, 31))

    @property
    def until(self) -> date | None:
        """The day figures end, if that is not the end of a month."""
        return self.last if self.last != last_day(period_of(self.last)) else None

    @property
    def elapsed(self) -> Fraction | None:
        """The part of the year that is over, if it is not."""
        first = date(self.year, 1, 1)
        days = (date(self.year + 1, 1, 1) - first).days
        return Fraction((self.today - first).days + 1, days) if self.running else None

    def periods(self) -> list[int]:
        """The year's months; in the year that runs, the last thirteen. None before the books opened."""
        last = period_of(self.last)
        first = recent(self.today, RECENT)[0] if self.running else self.year * 100 + 1
        return months_between(max(first, period_of(self.opened_on)), last)


def recent(today: date, count: int) -> list[int]:
    """The last so many months yyyymm, this one included."""
    first = today.replace(day=1)
    for _ in range(count - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return months_between(period_of(first), period_of(today))


def years_of(site: Site, today: date) -> list[int]:
    """Years that can be asked for, newest first."""
    return list(range(today.year, min(site.opened_on.year, today.year) - 1, -1))


def year_of(site: Site, today: date, asked: str) -> Year:
    """The year asked for, by default this one. Raises :class:`Unanswerable` for one without books."""
    years = years_of(site, today)
    known = {str(year): year for year in years}
    if asked and asked not in known:
        raise Unanswerable(
            "unknown_year", f"没有 {asked[:8]} 年的账，可以看的是：{'、'.join(map(str, reversed(years)))}"
        )
    return Year(known[asked] if asked else years[0], site.opened_on, today)


def site_charts(conn: Connection, site: Site, year: Year) -> list[Chart]:
    """All charts that have something to show."""
    cash = read_cash(conn, site, year.today)
    clock = Clock(year.last, site.size, True, site.setup_version)
    accounts = load_setup(conn, site.trust_id, site.setup_version).chart
    of_funds = [
        fund_year
        for book in ("A", "M")
        for fund_year in income_and_expense(conn, site, accounts, book, year.year, clock)
    ]
    charts = [
        _months(cash, year),
        *(_flow(fund_year, year) for fund_year in of_funds),
        *_budgets(conn, site.trust_id, year),
        *(_sources(fund_year, year) for fund_year in of_funds if fund_year.fund == _SHARED),
        *_maintenance(cash, year),
    ]
    return [chart for chart in charts if chart.svg]


def _months(cash: Cash, year: Year) -> Chart:
    title = "最近几个月的收入和支出" if year.running else f"{year.name}每月的收入和支出"
    return columns_by_month(cash.months(OWN, year.periods()), title=title, until=year.until)


def _flow(fund_year: FundYear, year: Year) -> Chart:
    fund = FUNDS[fund_year.fund]
    return flow_bands(
        fund_year.sources,
        fund_year.uses,
        name=f"flow-{fund.code.lower()}",
        title=f"{fund.name}：每一元去了哪里",
        span=year.name,
    )


def _budgets(conn: Connection, trust_id: int, year: Year) -> Iterator[Chart]:
    budgets = read_budgets(conn, trust_id, year.year, year.today)
    if len(budgets) > 1:
        yield burn(
            [budget.whole for budget in budgets],
            title="各项资金的预算用了多少",
            elapsed=year.elapsed,
            span=year.name,
        )
    for budget in budgets:
        yield burn(
            budget.lines,
            name=f"burn-{budget.fund.lower()}",
            title=f"{FUNDS[budget.fund].name}：每项预算用了多少",
            elapsed=year.elapsed,
            span=year.name,
        )


def _sources(fund_year: FundYear, year: Year) -> Chart:
    parts: list[Part] = list(fund_year.sources)
    return bars_by_source(parts, title=f"{_PUBLIC_REVENUE}从哪里来", of=_PUBLIC_REVENUE, span=year.name)


def _maintenance(cash: Cash, year: Year) -> Iterator[Chart]:
    if "M" in cash.funds:
        yield line(
            cash.levels("M", year.periods()), name="maintenance", title=f"{FUNDS['M'].name}：每月末还有多少"
        )

"""What charts are drawn from: public sums of the ledger, none of them by adding up all postings.

Cash by fund and month comes from :func:`~disclosure.public.flows.flows_by_month`, income and expense from the
snapshots of closed months, budgets from their lines. All of it is about funds, accounts and budgets: there is no
household and no person in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, case, func, select

from disclosure.charts.naming import plain_name
from disclosure.charts.value import Burn, Level, Month, Part
from disclosure.public.flows import Flow, MonthFlow, flows_by_month
from disclosure.public.trusts import Site
from ledger.balances import Clock, trial_balance
from ledger.books.span import of_closing, of_opening
from ledger.budget.available import lines_in_force
from ledger.chart import FUNDS
from ledger.chart import Chart as Accounts
from ledger.periods.calendar import following, period_of
from ledger.store.tables import entry, posting

OWN = ("F1", "F2", "F5")
"""Funds of book A that are the owners' money; the others are held for somebody else."""


def months_between(first: int, last: int) -> list[int]:
    """Months yyyymm, both included."""
    months, month = [], first
    while month <= last:
        months.append(month)
        month = following(month)
    return months


@dataclass(frozen=True, slots=True)
class Cash:
    """Cash by month, book and fund since the books opened."""

    rows: tuple[MonthFlow, ...]

    def flow(self, funds: Sequence[str], first: int, last: int) -> Flow:
        """What moved in funds over some months."""
        found = (r.flow for r in self.rows if r.fund in funds and first <= r.period <= last)
        return sum(found, Flow())

    def months(self, funds: Sequence[str], periods: Iterable[int]) -> list[Month]:
        """In and out of funds, month by month; transfers between own funds are neither."""
        sums = ((period, self.flow(funds, period, period)) for period in periods)
        return [Month(period, flow.received, flow.paid) for period, flow in sums]

    def balance(self, fund: str, period: int = 999_999) -> int:
        """The money of a fund at the end of a month, or now: all that moved until then."""
        return sum(row.flow.net for row in self.rows if row.fund == fund and row.period <= period)

    def levels(self, fund: str, periods: Iterable[int]) -> list[Level]:
        """The money of a fund at the end of each month."""
        return [Level(period, self.balance(fund, period)) for period in periods]

    @property
    def funds(self) -> list[str]:
        """Funds in which anything ever moved, in their usual order."""
        moved = {row.fund for row in self.rows}
        return [code for code in FUNDS if code in moved]


def read_cash(conn: Connection, site: Site, today: date) -> Cash:
    """All months since the books opened; from kept sums, so it takes no longer for a million postings."""
    first = min(period_of(site.opened_on), period_of(today))
    return Cash(tuple(flows_by_month(conn, site.trust_id, first, period_of(today))))


@dataclass(frozen=True, slots=True)
class FundYear:
    """Income by source and expense by kind of one fund in a year, fen; red letters lower them."""

    fund: str
    sources: tuple[Part, ...]
    uses: tuple[Part, ...]


def income_and_expense(
    conn: Connection, site: Site, accounts: Accounts, book: str, year: int, clock: Clock
) -> list[FundYear]:
    """A year by fund, up to the clock's day; what opened the books or carried the year's result is left out.

    The difference of two trial balances, which begin with the snapshots of closed months.
    """
    last = min(clock.as_of, date(year, 12, 31))
    sums: dict[tuple[str, str], int] = defaultdict(int)
    days = [(last, 1), (date(year - 1, 12, 31), -1)]
    for day, sign in days if year > site.opened_on.year else days[:1]:
        at = Clock(day, clock.known_at, clock.everything, clock.setup_version)
        for row in trial_balance(conn, site.trust_id, book, at):
            sums[row.fund, row.account] += sign * row.totals.balance
    apart = [(site.opened_on, of_opening())] if year == site.opened_on.year else []
    apart += [(last, of_closing())] if last == date(year, 12, 31) else []
    for day, which in apart:
        for fund, code, fen in _posted(conn, site.trust_id, book, day, clock, which):
            sums[fund, code] -= fen
    known = {a.code: a for a in accounts.of_book(book)}
    by_fund: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    for (fund, code), fen in sorted(sums.items()):
        account = known[code]
        if fen and account.class_ in ("I", "E"):
            side = account.class_ == "E"
            names = by_fund.setdefault(fund, ({}, {}))[side]
            name = plain_name(code, account.name) if book == "A" else account.name
            names[name] = names.get(name, 0) + (fen if side else -fen)
    return [
        FundYear(fund, *(tuple(Part(name, fen) for name, fen in side.items() if fen) for side in both))
        for fund, both in sorted(by_fund.items())
    ]


def _posted(
    conn: Connection, trust_id: int, book: str, day: date, clock: Clock, which: ColumnElement[bool]
) -> Iterable[tuple[str, str, int]]:
    """What some entries of a day put on accounts: opening and closing entries all have theirs."""
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    query = (
        select(posting.c.fund, posting.c.account, func.sum(signed))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == book,
            posting.c.business_date == day,
            posting.c.seq < clock.known_at,
            which,
        )
        .group_by(posting.c.fund, posting.c.account)
    )
    return [(fund, account, int(fen)) for fund, account, fen in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class FundBudget:
    """A fund's budget in force and its lines of spending."""

    fund: str
    lines: tuple[Burn, ...]

    @property
    def whole(self) -> Burn:
        """All lines together, under the fund's name."""
        return Burn(
            FUNDS[self.fund].name,
            sum(line.budgeted for line in self.lines),
            sum(line.used for line in self.lines),
            sum(line.waiting for line in self.lines),
        )


def read_budgets(conn: Connection, trust_id: int, year: int, today: date) -> list[FundBudget]:
    """The budgets of a year that were in force on its last day, or are today."""
    lines: dict[str, list[Burn]] = defaultdict(list)
    for line in lines_in_force(conn, trust_id, min(today, date(year, 12, 31)), [year]):
        lines[line.fund].append(Burn(line.title, line.budgeted, line.actual, line.encumbered))
    return [FundBudget(fund, tuple(lines[fund])) for fund in FUNDS if fund in lines]

"""What a community's home page says: money per fund today, this month's in and out, the latest entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from disclosure.public.entries import Filter, Listed, entry_page
from disclosure.public.flows import CASH, Flow, flows_by_fund
from disclosure.public.trusts import Site
from disclosure.statements.publish import PublishedStatement, latest_statement
from ledger.balances import Clock, fund_totals
from ledger.chart import FUNDS

LATEST = 8


@dataclass(frozen=True, slots=True)
class FundToday:
    """A fund's money at banks and on its way there, and what moved this month. Fen."""

    code: str
    book: str
    balance: int
    month: Flow


@dataclass(frozen=True, slots=True)
class Home:
    """The home page's figures. Funds that never moved are left out."""

    funds: tuple[FundToday, ...]
    latest: tuple[Listed, ...]
    statement: PublishedStatement | None


def read_home(conn: Connection, site: Site, today: date) -> Home:
    """All figures of the home page at one consistent moment."""
    clock = Clock(as_of=today, known_at=site.size, everything=True)
    funds: list[FundToday] = []
    for book, prefixes in CASH.items():
        totals = fund_totals(conn, site.trust_id, book, clock, prefixes)
        month = flows_by_fund(conn, site.trust_id, book, today.replace(day=1), today)
        funds += [
            FundToday(fund.code, book, totals[fund.code].balance, month.get(fund.code, Flow()))
            for fund in FUNDS.values()
            if fund.book == book and fund.code in totals
        ]
    latest = entry_page(conn, site.trust_id, Filter(), size=LATEST)
    return Home(tuple(funds), latest.rows, latest_statement(conn, site.trust_id))

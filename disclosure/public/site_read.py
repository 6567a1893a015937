"""Shared revenue for everybody: contracts with what is due and came in, sites, and the years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, case, cast, extract, func, or_, select

from ledger.books.span import of_closing, of_opening
from ledger.journal.person_names import shown_name
from ledger.revenue.contracts import Terms, list_terms
from ledger.revenue.due import DueLine, due_list
from ledger.revenue.schedule import MODE_NAMES
from ledger.store.tables import dimension_value, entry, posting
from ledger.trust.setup import Setup

_FUND = "F2"
_INCOME, _COST, _MOVED = "4003", "5015", "5902"
_HELP = "4902"
"""What other funds gave the service fund."""


@dataclass(frozen=True, slots=True)
class RevenueContract:
    """A contract that brings shared revenue. Fen with tax: fallen due so far, received, overdue."""

    number: str
    title: str
    party: str
    site: str
    mode: str
    starts_on: date
    ends_on: date
    due: int
    received: int
    overdue: int
    late_days: int
    next_due: date | None
    resolution: str


@dataclass(slots=True)
class RevenueYear:
    """One year of shared revenue in fen without tax: earned, its reasonable costs (合理成本), other income
    and expense of the fund, and what owners' decisions moved to the maintenance and the service fund."""

    year: int
    earned: int = 0
    costs: int = 0
    other_income: int = 0
    other_costs: int = 0
    to_maintenance: int = 0
    to_service: int = 0

    @property
    def net(self) -> int:
        """What the year left, before anything was moved."""
        return self.earned + self.other_income - self.costs - self.other_costs


@dataclass(slots=True)
class SiteIncome:
    """A site's income by year, fen without tax. ``code`` '' for income without a site."""

    code: str
    name: str
    years: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def total(self) -> int:
        """All years."""
        return sum(self.years.values())


def revenue_contracts(conn: Connection, trust_id: int, today: date) -> list[RevenueContract]:
    """All contracts by number; a steady number of queries."""
    lines: dict[str, list[DueLine]] = defaultdict(list)
    for line in due_list(conn, trust_id, today):
        lines[line.terms.contract].append(line)
    return [_contract(terms, lines[terms.contract], today) for terms in list_terms(conn, trust_id)]


def _contract(terms: Terms, lines: Sequence[DueLine], today: date) -> RevenueContract:
    fallen = [line for line in lines if line.row.due_on <= today]
    late = [line for line in lines if line.overdue_days(today)]
    coming = [line.row.due_on for line in lines if line.row.due_on > today and not line.settled]
    return RevenueContract(
        number=terms.contract,
        title=terms.title,
        party=shown_name(terms.party_name if terms.party_name != terms.party else "未注明"),
        site=terms.site_name if terms.site_name != terms.site else "",
        mode=MODE_NAMES[terms.mode],
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        due=sum(line.row.amount for line in fallen),
        received=sum(line.received for line in lines),
        overdue=sum(line.open for line in late if line.open > 0),
        late_days=max((line.overdue_days(today) for line in late), default=0),
        next_due=min(coming, default=None),
        resolution=terms.resolution,
    )


def revenue_years(conn: Connection, setup: Setup) -> tuple[list[RevenueYear], list[SiteIncome]]:
    """Every year since the opening, newest first, and the sites by what they brought; three queries.

    What was earned before the books opened was taken over as a balance and is not told here.
    """
    years: dict[int, RevenueYear] = {}
    sites: dict[str, SiteIncome] = {}
    names = _site_names(conn, setup.trust_id)
    codes = [a.code for a in setup.chart.of_book("A") if a.leaf and a.code[0] in "45"]
    for row in _sums(conn, setup, codes, posting.c.fund == _FUND):
        held = years.setdefault(row.year, RevenueYear(row.year))
        _count(held, row.account, -int(row.fen))
        if row.account.startswith(_INCOME):
            site = row.site or ""
            made = sites.setdefault(site, SiteIncome(site, names.get(site, site) or "没有注明点位"))
            made.years[row.year] -= int(row.fen)
    for row in _sums(conn, setup, [_HELP], posting.c.counter_fund == _FUND):
        held = years.setdefault(row.year, RevenueYear(row.year))
        held.to_service -= int(row.fen)
        held.to_maintenance += int(row.fen)  # what 5902 counted there
    ordered = sorted(sites.values(), key=lambda site: (-site.total, site.code))
    return sorted(years.values(), key=lambda year: -year.year), ordered


def _sums(
    conn: Connection, setup: Setup, codes: Sequence[str], *scope: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    """Debits less credits by year, account and site. What opens the books and what carries a year to its
    result is left out, found by its day: joining every posting with its entry would read the whole book."""
    trust_id = setup.trust_id
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    year = cast(extract("year", posting.c.business_date), Integer)
    year_ends = [date(year, 12, 31) for year in range(1990, 2100)]
    days = [setup.opened_on, *year_ends]
    apart = select(entry.c.seq).where(
        entry.c.trust_id == trust_id, entry.c.business_date.in_(days), or_(of_closing(), of_opening())
    )
    query = (
        select(year.label("year"), posting.c.account, posting.c.site, func.sum(signed).label("fen"))
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == "A",
            posting.c.account.in_(codes),
            *scope,
            posting.c.seq.not_in(apart),
        )
        .group_by(year, posting.c.account, posting.c.site)
    )
    return conn.execute(query).all()


def _count(year: RevenueYear, account: str, fen: int) -> None:
    """``fen`` is credits less debits."""
    if account.startswith(_INCOME):
        year.earned += fen
    elif account.startswith(_COST):
        year.costs -= fen
    elif account.startswith(_MOVED):
        year.to_maintenance -= fen
    elif account.startswith("4"):
        year.other_income += fen
    else:
        year.other_costs -= fen


def _site_names(conn: Connection, trust_id: int) -> dict[str, str]:
    query = select(dimension_value.c.code, dimension_value.c.name).where(
        dimension_value.c.trust_id == trust_id, dimension_value.c.dimension == "site"
    )
    return {row.code: row.name for row in conn.execute(query)}

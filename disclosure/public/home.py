"""What a community's home page says: money per fund today, in and out of late, what is overdue, what is new.

Everything but the latest entries comes from sums that are kept, so a page over a million postings costs no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from disclosure.charts import Burn, Chart, columns_by_month
from disclosure.charts.data import OWN, read_budgets, read_cash
from disclosure.charts.site import recent
from disclosure.evaluation.lines import RECENT, newest
from disclosure.evaluation.waiting import Waiting, read_waiting
from disclosure.public.entries import Filter, entry_page
from disclosure.public.flows import Flow
from disclosure.public.listed import Listed
from disclosure.public.trusts import Site
from ledger.chart import FUNDS
from ledger.disclosures.duties import Duty, duties
from ledger.disclosures.posts import Post, post_versions
from ledger.evaluation.district import RoundRow, rounds_of
from ledger.inquiries.numbers import DistrictNumbers, district_numbers
from ledger.periods.calendar import last_day, period_of
from ledger.periods.spans import SpanKind, span_of
from ledger.statements import StatementVersion, list_versions

LATEST = 6
MONTHS = 6
_KINDS: tuple[SpanKind, ...] = ("month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class News:
    """What changes with the day and with the office's work, not only with the log: part of a page's version."""

    duties: tuple[Duty, ...]
    budgets: Mapping[str, Burn]
    inquiries: DistrictNumbers | None = None
    evaluations: tuple[RoundRow, ...] = ()
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class FundToday:
    """A fund's money at banks and on its way there, what moved this month, and this year's budget. Fen."""

    code: str
    book: str
    balance: int
    month: Flow
    budget: Burn | None


@dataclass(frozen=True, slots=True)
class Home:
    """The home page's figures. Funds that never moved are left out; of statements the newest of each kind."""

    funds: tuple[FundToday, ...]
    chart: Chart
    latest: tuple[Listed, ...]
    statements: tuple[StatementVersion, ...]
    news: News
    posts: tuple[Post, ...]


def read_news(conn: Connection, site: Site, today: date) -> News:
    """Duties of disclosure, budgets in force, inquiries and evaluations, as of a day."""
    budgets = read_budgets(conn, site.trust_id, today.year, today)
    asked = district_numbers(conn, [site.trust_id], today).get(site.trust_id)
    rounds = tuple(rounds_of(conn, site.trust_id, limit=RECENT))
    _, under_way = newest(rounds)
    waiting = read_waiting(conn, site.trust_id, under_way[:1]).get(under_way[0].round) if under_way else None
    late = duties(conn, site.trust_id, today)
    return News(late, {one.fund: one.whole for one in budgets}, asked, rounds, waiting)


def read_home(conn: Connection, site: Site, today: date, news: News) -> Home:
    """All figures of the home page at one consistent moment."""
    cash = read_cash(conn, site, today)
    this_month = period_of(today)
    months = [period for period in recent(today, MONTHS) if period >= period_of(site.opened_on)]
    posts = post_versions(conn, site.trust_id, limit=1)
    return Home(
        funds=tuple(
            FundToday(
                code,
                FUNDS[code].book,
                cash.balance(code),
                cash.flow([code], this_month, this_month),
                news.budgets.get(code),
            )
            for code in cash.funds
        ),
        chart=columns_by_month(
            cash.months(OWN, months),
            title="最近几个月的收入和支出",
            until=today if today != last_day(this_month) else None,
            brief=True,
        ),
        latest=entry_page(conn, site.trust_id, Filter(), size=LATEST).rows,
        statements=_newest(list_versions(conn, site.trust_id)),
        news=news,
        posts=posts[0].list.items if posts else (),
    )


def _newest(versions: list[StatementVersion]) -> tuple[StatementVersion, ...]:
    """Of each kind the newest version of its last span; ``versions`` come newest first."""
    found: dict[SpanKind, StatementVersion] = {}
    for version in versions:
        found.setdefault(span_of(version.period).kind, version)
    return tuple(found[kind] for kind in _KINDS if kind in found)

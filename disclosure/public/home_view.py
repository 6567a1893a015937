"""The home page and the list of communities in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from disclosure.charts import Burn, Chart
from disclosure.charts.figures import percent
from disclosure.charts.picture import length
from disclosure.evaluation.lines import Line, line_of, newest
from disclosure.public.duty_view import DutyRow, duty_row
from disclosure.public.home import FundToday, Home
from disclosure.public.present import Row, row_of
from disclosure.public.trusts import Site
from disclosure.public.words import Amount, beijing_day, day_text, days_ago, fund_name, moment_text, yuan
from disclosure.statements.words import statement_title
from ledger.disclosures.posts import Post
from ledger.inquiries.numbers import DistrictNumbers
from ledger.periods.spans import span_slug
from ledger.statements import StatementVersion

BAR = 1000
"""The width of a full bar."""
_DESKS = 4
_LATE = 5


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """How much of a fund's budget is used: a bar of ``BAR``, and the same in words."""

    name: str
    used: int
    waiting: int
    text: str
    left: str
    alarm: bool


@dataclass(frozen=True, slots=True)
class FundCard:
    """A fund on the home page."""

    code: str
    name: str
    purpose: str
    balance: Amount
    received: Amount
    paid: Amount
    moved: str
    budget: BudgetUse | None


@dataclass(frozen=True, slots=True)
class StatementLink:
    """A published statement."""

    title: str
    slug: str
    published: str


@dataclass(frozen=True, slots=True)
class HomeView:
    """The home page. ``received`` and ``paid`` leave out what is held for others, as the chart does.

    ``late``: what should have been published already, the longest overdue first.
    """

    month: str
    day: str
    funds: tuple[FundCard, ...]
    maintenance: tuple[FundCard, ...]
    total: Amount
    received: Amount
    paid: Amount
    held: Amount | None
    late: tuple[DutyRow, ...]
    late_more: int
    next: str
    chart: Chart
    latest: tuple[Row, ...]
    statements: tuple[StatementLink, ...]
    desks: tuple[Post, ...]
    last_posted: str
    inquiries: DistrictNumbers | None
    evaluated: Line | None
    evaluating: Line | None


@dataclass(frozen=True, slots=True)
class SiteCard:
    """A community in the list."""

    slug: str
    name: str
    trustee: str
    size: int
    last_posted: str


_HELD = ("F3", "F4")
_PURPOSES = {
    "F1": "物业费、停车费，用于日常服务",
    "F2": "广告、场地等共有部分的收益，归全体业主",
    "F3": "装修保证金等押金，到期退还",
    "F4": "代收的水费、电费，只过手",
    "F5": "专项工程的筹款，专款专用",
    "M": "房屋大修专用，每户有分账",
}


def home_view(home: Home, site: Site, today: date) -> HomeView:
    """Put the home page's figures into words."""
    held = sum(fund.balance for fund in home.funds if fund.code in _HELD)
    common = [fund for fund in home.funds if fund.book == "A"]
    posted = beijing_day(site.last_posted_at) if site.last_posted_at else None
    late = sorted((duty for duty in home.news.duties if duty.late_days), key=lambda duty: -duty.late_days)
    due = [duty for duty in home.news.duties if duty.due_on is not None]
    final, under_way = newest(home.news.evaluations)
    soonest = min(due, key=lambda duty: duty.due_on or date.max, default=None)
    return HomeView(
        month=f"{today.month}月",
        day=day_text(today),
        funds=tuple(_card(fund, today) for fund in common),
        maintenance=tuple(_card(fund, today) for fund in home.funds if fund.book == "M"),
        held=yuan(held) if held else None,
        total=yuan(sum(fund.balance for fund in common)),
        received=yuan(sum(fund.month.received for fund in common if fund.code not in _HELD)),
        paid=yuan(sum(fund.month.paid for fund in common if fund.code not in _HELD)),
        late=tuple(duty_row(duty) for duty in late[:_LATE]),
        late_more=max(len(late) - _LATE, 0),
        next=f"{soonest.title}，最迟{day_text(soonest.due_on)}" if soonest and soonest.due_on else "",
        chart=home.chart,
        latest=tuple(row_of(listed) for listed in home.latest),
        statements=tuple(_statement(version) for version in home.statements),
        desks=tuple(post for post in home.posts if post.desk)[:_DESKS],
        last_posted=days_ago(posted, today) if posted else "还没有入账",
        inquiries=home.news.inquiries,
        evaluated=line_of(final, today) if final else None,
        evaluating=line_of(under_way[0], today, home.news.waiting) if under_way else None,
    )


def site_cards(sites: Sequence[Site], today: date) -> list[SiteCard]:
    """The communities as cards."""
    return [
        SiteCard(
            slug=site.slug,
            name=site.name,
            trustee=site.trustee,
            size=site.entries,
            last_posted=days_ago(beijing_day(site.last_posted_at), today) if site.last_posted_at else "",
        )
        for site in sites
    ]


def _card(fund: FundToday, today: date) -> FundCard:
    flow = fund.month
    moved = []
    if flow.opened:
        moved.append(f"建账接收 {yuan(flow.opened).text}")
    if flow.moved_in:
        moved.append(f"从其他资金转入 {yuan(flow.moved_in).text}")
    if flow.moved_out:
        moved.append(f"转到其他资金 {yuan(flow.moved_out).text}")
    return FundCard(
        code=fund.code,
        name=fund_name(fund.code),
        purpose=_PURPOSES.get(fund.code, ""),
        balance=yuan(fund.balance),
        received=yuan(flow.received),
        paid=yuan(flow.paid),
        moved="，".join(moved),
        budget=_budget(fund.budget, f"{today.year}-{fund.code}") if fund.budget else None,
    )


def _budget(burn: Burn, name: str) -> BudgetUse:
    taken = burn.used + burn.waiting
    whole = max(burn.budgeted, taken)
    used = length(max(burn.used, 0), whole, BAR)
    left = f"还可用 {yuan(burn.left).text}" if burn.left >= 0 else f"超出 {yuan(-burn.left).text}"
    return BudgetUse(
        name=name,
        used=used,
        waiting=min(length(max(burn.waiting, 0), whole, BAR), BAR - used),
        text=f"今年预算 {yuan(burn.budgeted).text}，已占 {percent(taken, burn.budgeted)}",
        left=left,
        alarm=burn.left < 0,
    )


def _statement(version: StatementVersion) -> StatementLink:
    later = f"，第 {version.version} 版" if version.version > 1 else ""
    return StatementLink(
        title=statement_title(version.period),
        slug=span_slug(version.period),
        published=f"{moment_text(version.published_at)} 发布{later}",
    )

"""The home page and the list of communities in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from disclosure.public.home import FundToday, Home
from disclosure.public.present import Row, row_of
from disclosure.public.statement_list import MonthLink, statement_months
from disclosure.public.trusts import Site
from disclosure.public.words import Amount, beijing_day, day_text, days_ago, fund_name, yuan


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


@dataclass(frozen=True, slots=True)
class HomeView:
    """The home page."""

    month: str
    day: str
    funds: tuple[FundCard, ...]
    maintenance: tuple[FundCard, ...]
    total: Amount
    held: Amount | None
    latest: tuple[Row, ...]
    statement: MonthLink | None
    last_posted: str
    quiet_days: int


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
    return HomeView(
        month=f"{today.month}月",
        day=day_text(today),
        funds=tuple(_card(fund) for fund in common),
        maintenance=tuple(_card(fund) for fund in home.funds if fund.book == "M"),
        held=yuan(held) if held else None,
        total=yuan(sum(fund.balance for fund in common)),
        latest=tuple(row_of(listed) for listed in home.latest),
        statement=statement_months([home.statement])[0] if home.statement else None,
        last_posted=days_ago(posted, today) if posted else "还没有入账",
        quiet_days=(today - posted).days if posted else 0,
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


def _card(fund: FundToday) -> FundCard:
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
    )

"""A resident's first page: what waits for an answer, and the homes the account belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from litestar import get
from litestar.params import FromPath

from disclosure.public.answers import Answer, Req
from disclosure.resident.acting import Resident, reading_resident
from disclosure.resident.share import newest_share
from ledger.balances import resolve_clock
from ledger.homes import Account, Home, Share, account_of, homes_of
from ledger.maintenance import subaccount_balances
from ledger.periods.calendar import period_name


@dataclass(frozen=True, slots=True)
class Card:
    """Something that waits for this resident. ``path`` is below ``/c/{slug}``; ``button`` says what one does."""

    title: str
    text: str
    path: str
    button: str
    done: bool = False


CARDS: list[Callable[[Resident], Iterator[Card]]] = []
"""What the first page lists; areas add their own (few queries each)."""


@dataclass(frozen=True, slots=True)
class Money:
    """One's own money at a glance, fen. ``maintenance``: what is in the sub-accounts of one's homes."""

    owed: int
    ahead: int
    deposits: int
    maintenance: int
    share: Share | None
    share_month: str


@get("/c/{slug:str}/mine", sync_to_thread=True, action="resident.home")
def home(request: Req, slug: FromPath[str]) -> Answer:
    """The first page."""
    with reading_resident(request, slug) as mine:
        cards = [card for source in CARDS for card in source(mine)]
        homes = homes_of(mine.conn, mine.trust_id, mine.actor, mine.act.today)
        return mine.page(
            "resident/home.html",
            waiting=[card for card in cards if not card.done],
            done=[card for card in cards if card.done],
            homes=homes,
            money=_money(mine, homes),
            today=mine.act.today,
        )


def _money(mine: Resident, homes: tuple[Home, ...]) -> Money:
    today = mine.act.today
    account: Account = account_of(mine.conn, mine.trust_id, homes, 0, today)
    units = [home.unit for home in homes if not home.given_up(today)]
    clock = resolve_clock(mine.conn, mine.trust_id, today=today)
    fund = subaccount_balances(mine.conn, mine.trust_id, clock, units) if units else {}
    share = newest_share(mine, homes)
    held = [balance for balance in account.balances if balance.unit in units]
    return Money(
        owed=account.owed,
        ahead=sum(fen for balance in held for fen in balance.ahead.values()),
        deposits=sum(fen for balance in held for fen in balance.deposits.values()),
        maintenance=sum(fund.values()),
        share=share,
        share_month=period_name(share.period) if share else "",
    )


HANDLERS = [home]

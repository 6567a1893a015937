"""“我家的钱去了哪里”: what one was charged for a month, split over what the fund spent that month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from litestar import get
from litestar.params import FromPath

from disclosure.public.answers import Answer, Req
from disclosure.public.query_string import read_period
from disclosure.public.words import fund_name
from disclosure.resident.acting import Resident, chosen_homes, reading_resident
from ledger.chart import FUNDS
from ledger.errors import Refused
from ledger.homes import Home, Share, where_it_went
from ledger.homes.account import charged_in
from ledger.homes.share import Part
from ledger.journal.head import peek_head
from ledger.periods.calendar import last_day, period_name, period_of

FUND = "F1"
_BAR = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of expense on the page. ``width``: of its bar, in thousandths of the largest."""

    part: Part
    width: int
    link: str


@get("/c/{slug:str}/mine/share", sync_to_thread=True, action="resident.money")
def share(request: Req, slug: FromPath[str]) -> Answer:
    """A month: ``?month=2025-03``, the newest that is over if none is asked for."""
    with reading_resident(request, slug) as mine:
        chosen = chosen_homes(mine, request)
        charged = charged_in(mine.conn, mine.trust_id, chosen.homes, FUND)
        period = _asked(request, charged, period_of(mine.act.today))
        mine_fen = charged.get(period, 0)
        split = where_it_went(mine.conn, mine.trust_id, mine.setup.chart, FUND, period, mine_fen)
        return mine.page(
            "resident/share.html",
            chosen=chosen,
            months=[(_slug(month), period_name(month), month == period) for month in charged],
            month=_slug(period),
            name=period_name(period),
            fund=fund_name(FUND),
            mine_fen=mine_fen,
            share=split,
            rows=_rows(split) if split else [],
            closed=_closed(mine, period),
            over=period < period_of(mine.act.today),
        )


def newest_share(mine: Resident, homes: Sequence[Home]) -> Share | None:
    """For the first page: the newest month that is over."""
    charged = charged_in(mine.conn, mine.trust_id, homes, FUND)
    over = [month for month in charged if month < period_of(mine.act.today)]
    if not over:
        return None
    return where_it_went(mine.conn, mine.trust_id, mine.setup.chart, FUND, over[0], charged[over[0]])


def _asked(request: Req, charged: dict[int, int], present: int) -> int:
    try:
        return read_period(request.query_params.get("month", ""))
    except (ValueError, Refused):
        return next((month for month in charged if month < present), next(iter(charged), present))


def _slug(period: int) -> str:
    return f"{period // 100}-{period % 100:02d}"


def _rows(split: Share) -> list[Row]:
    most = max(part.mine for part in split.parts) or 1
    month = _slug(split.period)
    found = [
        Row(part, part.mine * _BAR // most, f"month={month}&fund={split.fund}&account=A-{part.account}")
        for part in split.parts
    ]
    return [*found, *([Row(split.kept, min(_BAR, split.kept.mine * _BAR // most), "")] if split.kept else [])]


def _closed(mine: Resident, period: int) -> bool:
    day = peek_head(mine.conn, mine.trust_id).closed.get(FUNDS[FUND].book)
    return day is not None and last_day(period) <= day


HANDLERS = [share]

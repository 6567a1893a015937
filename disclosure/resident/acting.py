"""How every page of the residents' area begins and ends: as in the office, one transaction, one actor, one
line on the audit trail.

    @get("/c/{slug:str}/mine/things", sync_to_thread=True, action="thing.read_mine")
    def things(request: Req, slug: FromPath[str]) -> Answer:
        with reading_resident(request, slug) as mine:
            return mine.page("resident/things.html", rows=...)     # extends resident/base.html

The guard lets residents in by their role; which of their homes something is about is for the command to
check against ``mine.actor.units``. Nothing a page shows may belong to another home. No address of the area
names a home: one's own homes are counted, see :func:`chosen_homes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from litestar import Response

from disclosure.office.acting import Office as Resident
from disclosure.office.acting import acting
from disclosure.office.acting import reading_office as reading_resident
from disclosure.office.forms import place_number
from disclosure.public.answers import Req
from ledger.homes import Home, homes_of

__all__ = ["Chosen", "Resident", "acting", "chosen_homes", "keep_private", "reading_resident"]

_PRIVATE = {"cache-control": "private, no-store", "x-robots-tag": "noindex, nofollow"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """All homes of a person and those a page is about: one, or all with ``place`` 0."""

    all: tuple[Home, ...]
    place: int

    @property
    def homes(self) -> Sequence[Home]:
        """Those asked for."""
        return [self.all[self.place - 1]] if self.place else self.all


def chosen_homes(mine: Resident, request: Req, *, one: bool = False) -> Chosen:
    """``?home=2``: the second of one's own homes. Without it, or with nonsense, all of them, or with ``one`` the
    first."""
    homes = homes_of(mine.conn, mine.trust_id, mine.actor, mine.act.today)
    asked = place_number(request.query_params.get("home", "")) or 0
    place = asked if 1 <= asked <= len(homes) else int(one and bool(homes))
    return Chosen(homes, place)


def keep_private(response: Response[object]) -> Response[object]:
    """What every answer of the area says to caches and search engines, whatever it is."""
    response.headers.update(_PRIVATE)
    return response

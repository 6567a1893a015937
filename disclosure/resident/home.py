"""A resident's first page: what waits for an answer, and the homes the account belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from litestar import get
from litestar.params import FromPath
from sqlalchemy import select

from disclosure.public.answers import Answer, Req
from disclosure.resident.acting import Resident, reading_resident
from ledger.store.tables import unit as units


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
class Home:
    """A home of the resident. ``area`` in 0.01 m²."""

    unit: str
    building: str
    area: int


@get("/c/{slug:str}/mine", sync_to_thread=True, action="resident.home")
def home(request: Req, slug: FromPath[str]) -> Answer:
    """The first page."""
    with reading_resident(request, slug) as mine:
        cards = [card for source in CARDS for card in source(mine)]
        return mine.page(
            "resident/home.html",
            waiting=[card for card in cards if not card.done],
            done=[card for card in cards if card.done],
            homes=_homes(mine),
        )


def _homes(mine: Resident) -> list[Home]:
    query = (
        select(units.c.unit, units.c.building, units.c.area)
        .where(units.c.trust_id == mine.trust_id, units.c.unit.in_(mine.actor.units))
        .order_by(units.c.unit)
    )
    return [Home(*row) for row in mine.conn.execute(query)]


HANDLERS = [home]

"""Single indicators of all communities somebody oversees: how points are spread, and down to what cost them."""

from __future__ import annotations

from dataclasses import dataclass

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from disclosure.district.evaluation_columns import has_quarters, per_cent
from disclosure.district.evaluations import (
    PATH,
    Wanted,
    address_of,
    chosen,
    overview_of,
    read_wanted,
    spans_of,
)
from disclosure.identity.answers import entry_of, person_page
from disclosure.public.answers import Answer, Req
from disclosure.public.services import services_of
from ledger.district import districts_of
from ledger.evaluation.district import LEAST_SHOWN
from ledger.evaluation.district_indicators import (
    LostRule,
    Place,
    indicator_lines,
    indicator_places,
    lost_by,
)
from ledger.evaluation.scheme import HALVES, points_text
from ledger.periods.spans import span_name
from ledger.store.engine import reading

PAGE = 50
_MOST_ITEMS = 5


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A community's points in an indicator with what cost them; ``more`` things are only on its own page."""

    place: Place
    points: str
    weight: str
    bar: int
    lost: tuple[tuple[LostRule, str, int], ...]
    page: str


@get(f"{PATH}/indicators", sync_to_thread=True, across="district.read")
def indicators_page(request: Req) -> Answer:
    """Every indicator of a span's final rounds: ``?period=2025-Q2&district=…&q=…``."""
    services, entry = services_of(request), entry_of(request)
    wanted = read_wanted(request.query_params)
    with reading(services.engine) as conn:
        ids = chosen(conn, entry.trusts, wanted)
        found = overview_of(conn, ids, wanted, request, 0)
        lines = indicator_lines(conn, ids, found.periods[0]) if found.periods else ()
        known = districts_of(conn, entry.trusts)
    return person_page(
        request,
        "district/evaluation_indicators.html",
        wanted=wanted,
        known=spans_of([one.period for one in found.sums]),
        period=span_name(found.periods[0]) if found.periods else "",
        final=found.now.stages.get("final", 0) if found.now else 0,
        total=found.total,
        halves=[(title, [line for line in lines if line.half == half]) for half, title in HALVES.items()],
        share=per_cent,
        has_quarters=has_quarters,
        least=LEAST_SHOWN,
        points=points_text,
        districts=known,
        query=_address(wanted),
        path=PATH,
    )


@get(f"{PATH}/indicators/{{code:str}}", sync_to_thread=True, across="district.read")
def indicator_page(request: Req, code: FromPath[str]) -> Answer:
    """One indicator: the communities with the fewest points first, and what cost them: ``?after=slug``."""
    services, entry = services_of(request), entry_of(request)
    wanted = read_wanted(request.query_params)
    with reading(services.engine) as conn:
        ids = chosen(conn, entry.trusts, wanted)
        found = overview_of(conn, ids, wanted, request, 0)
        places = indicator_places(conn, ids, found.periods[0], code) if found.periods else []
        if not places:
            raise NotFoundException
        slugs = [place.slug for place in places]
        start = slugs.index(wanted.after) + 1 if wanted.after in slugs else 0
        page = places[start : start + PAGE]
        lost = lost_by(conn, page, code)
    return person_page(
        request,
        "district/evaluation_indicator.html",
        code=code,
        titles=sorted({place.title for place in places}),
        period=span_name(found.periods[0]),
        total=len(places),
        unrated=sum(place.points is None for place in places),
        places=[_shown(place, lost.get(place.trust_id, ()), code) for place in page],
        most=_MOST_ITEMS,
        back=f"{PATH}/indicators?{_address(wanted)}",
        more=_address(wanted, after=page[-1].slug) if start + PAGE < len(places) else "",
        path=PATH,
    )


def _shown(place: Place, rules: tuple[LostRule, ...], code: str) -> ShownPlace:
    return ShownPlace(
        place,
        "未评" if place.points is None else points_text(place.points),
        points_text(place.weight),
        per_cent(place.points or 0, place.weight),
        tuple((rule, points_text(rule.lost), max(0, len(rule.items) - _MOST_ITEMS)) for rule in rules),
        f"/c/{place.slug}/evaluations/{place.round}#{code}",
    )


def _address(wanted: Wanted, **other: str) -> str:
    """How communities are sorted and which part of them is shown plays no part here."""
    return address_of(Wanted(wanted.period, district=wanted.district, text=wanted.text), **other)


HANDLERS = [indicators_page, indicator_page]

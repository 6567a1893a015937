"""What the owners decided, for everybody: the list, and each vote or decision as page, JSON and PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

from litestar import Response, route
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.public.answers import HTML, JSON, PDF, Answer, Req, answer
from disclosure.public.pages import READ
from disclosure.public.resolution_page import (
    Published,
    published_decision,
    published_json,
    published_vote,
)
from disclosure.public.resolutions_pdf import resolution_pdf
from disclosure.public.services import Services, reading_site
from disclosure.public.trusts import Site
from disclosure.public.words import day_text
from ledger.errors import Unanswerable
from ledger.resolutions.decided import RECORDED
from ledger.resolutions.read import DecisionRow, list_decisions, list_resolutions, read_decision
from ledger.resolutions.state import NOTICE, read_states
from ledger.resolutions.value import Stage

_A_PAGE = 30
_LONGEST = 60
UNDER_WAY: tuple[Stage, ...] = ("noticed", "open", "closed")


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """A decision in the list."""

    number: str
    title: str
    matter: str
    outcome: str
    passed: bool
    decided_on: str
    source: str


@route("/c/{slug:str}/resolutions", http_method=READ, sync_to_thread=True)
def resolutions(request: Req, slug: FromPath[str]) -> Answer:
    """Votes under way, then decisions, the newest first."""
    before = _place(request.query_params.get("before", ""))
    with reading_site(request, slug) as (services, conn, site):
        open_votes = [] if before else list_resolutions(conn, site.trust_id, limit=_A_PAGE, stages=UNDER_WAY)
        rows = list_decisions(conn, site.trust_id, before=before, limit=_A_PAGE + 1)
        older = ""
        if len(rows) > _A_PAGE:
            last = rows[_A_PAGE - 1]
            older = urlencode({"before": f"{last.decided_on.isoformat()} {last.number}"})
        shown = [_decided(row) for row in rows[:_A_PAGE]]
        return answer(
            request,
            lambda: services.pages.html(
                "resolutions.html", site=site, open_votes=open_votes, rows=shown, older=older, day=day_text
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, repr(open_votes), repr(shown), older),
        )


@route("/c/{slug:str}/resolutions/{name:str}", http_method=READ, sync_to_thread=True)
def resolution(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """A vote or a decision; ``.json`` for programs, ``.pdf`` for the notice board."""
    number, suffix = name, ""
    for ending in (".json", ".pdf"):
        if name.endswith(ending):
            number, suffix = name.removesuffix(ending), ending
    with reading_site(request, slug) as (services, conn, site):
        number, item = vote_of(conn, site, number)
        if item:
            place = f"/c/{slug}/resolutions/{quote(number)}{suffix}"
            return Response(b"", status_code=303, headers={"location": f"{place}#item-{item}"})
        found = read_published(services, conn, site, number)
        version = (services.pages.build, site.state, found.version)
        if suffix == ".json":
            return answer(request, lambda: published_json(found), media_type=JSON, version=version)
        if suffix == ".pdf":
            name_ = f"{slug}-{number}.pdf" if number.isascii() else f"{slug}-resolution.pdf"
            shown = {"content-disposition": f'inline; filename="{name_}"'}
            return answer(
                request,
                lambda: resolution_pdf(services, site, found),
                media_type=PDF,
                version=version,
                headers=shown,
            )
        return answer(
            request,
            lambda: services.pages.html("resolution.html", site=site, view=found),
            media_type=HTML,
            version=version,
        )


def vote_of(conn: Connection, site: Site, number: str) -> tuple[str, int]:
    """The vote that a number of one of its items belongs to, with the item; otherwise the number itself."""
    if not 0 < len(number) <= _LONGEST or not number.isprintable():
        raise Unanswerable("unknown_decision", "没有这个编号的决定，请核对网址")
    try:
        row = read_decision(conn, site.trust_id, number)
    except Unanswerable:
        return number, 0
    return (row.resolution, row.item) if row.resolution and row.resolution != number else (number, 0)


def read_published(services: Services, conn: Connection, site: Site, number: str) -> Published:
    """A vote from its notice on, or a decision made on paper. Raises :class:`~ledger.errors.Unanswerable`.

    Drafts and motions are nobody's business yet.
    """
    address = services.address(f"/c/{site.slug}/resolutions/{quote(number)}")
    states = read_states(conn, site.trust_id, [number])
    if states:
        if states[0].step(NOTICE) is None:
            raise Unanswerable("not_public_yet", f"第 {number} 号还没有通知业主，没有公开内容")
        return published_vote(conn, site, number, address, services.today())
    row = read_decision(conn, site.trust_id, number)
    if row.source != RECORDED:
        raise Unanswerable("unknown_decision", "没有这个编号的决定，请核对网址")
    return published_decision(conn, site, row, address)


def _decided(row: DecisionRow) -> DecidedRow:
    outcome = ("已选出" if row.chosen else "通过") if row.passed else "没有通过"
    return DecidedRow(
        row.number,
        row.title,
        row.matter_title,
        outcome,
        row.passed,
        day_text(row.decided_on),
        row.source_name if row.source == RECORDED else "",
    )


def _place(text: str) -> tuple[date, str] | None:
    day, _, number = text.partition(" ")
    try:
        return (date.fromisoformat(day), number) if number else None
    except ValueError:
        return None


HANDLERS = [resolutions, resolution]

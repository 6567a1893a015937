"""The joint conference for everybody: items with their four stages, what was left out, tasks, what followed."""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.pages import READ
from disclosure.public.papers import place_number, shown_copies
from disclosure.public.services import reading_site
from ledger.conference import bodies, list_items, read_item
from ledger.conference.model import TASK_STATES
from ledger.conference.read import conference_state
from ledger.errors import Unanswerable

_PAGE = 30
_ADDRESSES = {"budget": "budgets", "resolution": "resolutions", "project": "projects", "entry": "entries"}


@route("/c/{slug:str}/conference", http_method=READ, sync_to_thread=True)
def conference(request: Req, slug: FromPath[str]) -> Answer:
    """All items, the newest first."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        before = place_number(request.query_params.get("before", ""))

        def make() -> bytes:
            rows = list_items(conn, site.trust_id, today, before=before, limit=_PAGE + 1)
            return services.pages.html(
                "conference.html",
                site=site,
                rows=rows[:_PAGE],
                more=rows[_PAGE - 1].item if len(rows) > _PAGE else None,
                bodies=bodies(),
            )

        version = (services.pages.build, site.state, today, conference_state(conn, site.trust_id))
        return answer(request, make, media_type=HTML, version=version)


@route("/c/{slug:str}/conference/{no:str}", http_method=READ, sync_to_thread=True)
def item(request: Req, slug: FromPath[str], no: FromPath[str]) -> Answer:
    """One item. Nothing in it says who recorded what."""
    with reading_site(request, slug) as (services, conn, site):
        number = place_number(no)
        if number is None:
            raise Unanswerable("unknown_item", "没有这个编号的议题，请核对网址")
        found = read_item(conn, site.trust_id, number)
        originals = {sha for session in found.sessions for sha in session.papers}
        originals |= {step.document for task in found.tasks for step in task.steps}
        shown = shown_copies(conn, site.trust_id, originals)
        today = services.today()
        version = (services.pages.build, site.state, today, repr((found, sorted(shown.items()))))
        return answer(
            request,
            lambda: services.pages.html(
                "conference_item.html",
                site=site,
                item=found,
                bodies=bodies(),
                shown=shown,
                addresses=_ADDRESSES,
                task_states=TASK_STATES,
                today=today,
            ),
            media_type=HTML,
            version=version,
        )


HANDLERS = [conference, item]

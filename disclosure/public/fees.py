"""Fee standards for everybody: what is charged on whose decision, and what is proposed at what cost."""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.evaluation.service import service_score
from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.fee_view import proposal_views, standard_views
from disclosure.public.pages import READ
from disclosure.public.papers import place_number
from disclosure.public.services import reading_site
from ledger.consultation.proposals import list_proposals

_PAGE = 10


@route("/c/{slug:str}/fees", http_method=READ, sync_to_thread=True)
def fees(request: Req, slug: FromPath[str]) -> Answer:
    """Standards with their versions, and proposals with their reckoning and counts."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        before = place_number(request.query_params.get("before", ""))
        found = list_proposals(conn, site.trust_id, before=before, limit=_PAGE + 1)
        proposals = proposal_views(conn, site.trust_id, found[:_PAGE], today)
        standards = standard_views(conn, site.trust_id, today)
        service = service_score(conn, site.trust_id)
        return answer(
            request,
            lambda: services.pages.html(
                "fees.html",
                site=site,
                standards=standards,
                proposals=proposals,
                more=found[_PAGE - 1].proposal if len(found) > _PAGE else None,
                service=service,
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, repr((standards, proposals, service))),
        )


HANDLERS = [fees]

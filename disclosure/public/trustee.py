"""The trustee for everybody: who it is, until when, and how it is chosen, renewed or dismissed."""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.evaluation.service import service_score
from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.pages import READ
from disclosure.public.papers import shown_copies
from disclosure.public.services import reading_site
from disclosure.public.trustee_view import notice_view
from ledger.resolutions.decided import decisions
from ledger.selection.read import list_selections, read_selection
from ledger.selection.scores import hundredths
from ledger.trust.setup import load_setup
from ledger.trust.tenure import tenures

_SHOWN = 5


@route("/c/{slug:str}/trustee", http_method=READ, sync_to_thread=True)
def trustee(request: Req, slug: FromPath[str]) -> Answer:
    """Tenures and the newest procedures. Who judged is not told, only how many did."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        versions = tenures(conn, site.trust_id)
        files = [
            read_selection(conn, site.trust_id, row.selection)
            for row in list_selections(conn, site.trust_id, limit=_SHOWN)
        ]
        candidates = [one for file in files for one in file.candidates]
        shown = shown_copies(conn, site.trust_id, [one.document for one in candidates])
        named = {one.tenure.authority for one in versions} | {file.decision for file in files}
        known = set(decisions(conn, site.trust_id, named - {""}))
        setup = load_setup(conn, site.trust_id, site.setup_version)
        service = service_score(conn, site.trust_id)
        notices = notice_view(setup, versions[0].tenure if versions else None, today)
        return answer(
            request,
            lambda: services.pages.html(
                "trustee.html",
                site=site,
                tenures=versions,
                files=files,
                shown=shown,
                known=known,
                notices=notices,
                service=service,
                hundredths=hundredths,
                today=today,
            ),
            media_type=HTML,
            version=(
                services.pages.build,
                site.state,
                today,
                repr((files, sorted(shown), sorted(known), service)),
            ),
        )


HANDLERS = [trustee]

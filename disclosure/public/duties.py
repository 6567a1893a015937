"""What has to be public and by when; services with their standards, posts, what was done."""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.duty_view import duties_view, duty_row
from disclosure.public.pages import READ
from disclosure.public.papers import copies_of, place_number
from disclosure.public.service_view import note_row, note_view, post_rows, services_view
from disclosure.public.services import reading_site
from disclosure.public.words import beijing_day, day_text
from ledger.disclosures.duties import duties
from ledger.disclosures.fulfilment import RECORD as NOTE
from ledger.disclosures.fulfilment import list_notes, read_note
from ledger.disclosures.posts import RECORD as POSTS
from ledger.disclosures.posts import post_versions
from ledger.disclosures.reviews import latest_reviews
from ledger.disclosures.services import RECORD as SERVICES
from ledger.disclosures.services import service_versions
from ledger.errors import Refused, Unanswerable
from ledger.periods.spans import read_span
from ledger.records import places_of
from ledger.trust.setup import load_setup

_PAGE = 12
_VERSIONS = 5


@route("/c/{slug:str}/duties", http_method=READ, sync_to_thread=True)
def all_duties(request: Req, slug: FromPath[str]) -> Answer:
    """The nine blocks and the other deadlines, each with its last day, the next one and its state."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        found = duties(conn, site.trust_id, today)
        reviews = latest_reviews(conn, site.trust_id)
        confirmed = {code: beijing_day(item.recorded_at) for code, item in reviews.items()}
        return answer(
            request,
            lambda: services.pages.html("duties.html", site=site, view=duties_view(found, confirmed, today)),
            media_type=HTML,
            version=(services.pages.build, site.state, today, repr(found)),
        )


@route("/c/{slug:str}/services", http_method=READ, sync_to_thread=True)
def service_list(request: Req, slug: FromPath[str]) -> Answer:
    """Services and what each must come to, with what changed between versions."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()

        def make() -> bytes:
            versions = service_versions(conn, site.trust_id, limit=_VERSIONS)
            places = places_of(conn, site.trust_id, SERVICES, [str(item.version) for item in versions])
            rows = {duty.code: duty_row(duty) for duty in duties(conn, site.trust_id, today)}
            return services.pages.html(
                "services.html",
                site=site,
                view=services_view(versions, places),
                duties=[rows["services"], rows["quality"]],
            )

        return answer(request, make, media_type=HTML, version=(services.pages.build, site.state, today))


@route("/c/{slug:str}/posts", http_method=READ, sync_to_thread=True)
def posts(request: Req, slug: FromPath[str]) -> Answer:
    """Who answers for what, by post and desk."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()

        def make() -> bytes:
            versions = post_versions(conn, site.trust_id, limit=1)
            offered = service_versions(conn, site.trust_id, limit=1)
            places = places_of(conn, site.trust_id, POSTS, [str(item.version) for item in versions])
            setup = load_setup(conn, site.trust_id, site.setup_version)
            rows = {duty.code: duty_row(duty) for duty in duties(conn, site.trust_id, today)}
            return services.pages.html(
                "posts.html",
                site=site,
                posts=post_rows(versions, offered),
                since=day_text(versions[0].list.effective_on) if versions else "",
                place=places.get(str(versions[0].version)) if versions else None,
                desk=setup.setting("service_desk", today) or "",
                duties=[rows["posts"]],
            )

        return answer(request, make, media_type=HTML, version=(services.pages.build, site.state, today))


@route("/c/{slug:str}/fulfilment", http_method=READ, sync_to_thread=True)
def notes(request: Req, slug: FromPath[str]) -> Answer:
    """What was done, period by period."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        before = request.query_params.get("before", "")

        def make() -> bytes:
            after = _period(before) if before else None
            found = list_notes(conn, site.trust_id, before=after, limit=_PAGE + 1)
            rows = {duty.code: duty_row(duty) for duty in duties(conn, site.trust_id, today)}
            shown = [note_row(item) for item in found[:_PAGE]]
            return services.pages.html(
                "fulfilment.html",
                site=site,
                notes=shown,
                more=shown[-1].slug if len(found) > _PAGE else "",
                first=not before,
                duties=[rows["fulfilment"]],
            )

        return answer(request, make, media_type=HTML, version=(services.pages.build, site.state, today))


@route("/c/{slug:str}/fulfilment/{span:str}", http_method=READ, sync_to_thread=True)
def note(request: Req, slug: FromPath[str], span: FromPath[str]) -> Answer:
    """What was done in one month or quarter; an older version with ``?version=``."""
    with reading_site(request, slug) as (services, conn, site):
        version = place_number(request.query_params.get("version", ""))
        found = read_note(conn, site.trust_id, _period(span), version)
        copies = copies_of(conn, site.trust_id, [(item.original, item.public) for item in found.note.papers])
        place = places_of(conn, site.trust_id, NOTE, [found.subject]).get(found.subject)
        return answer(
            request,
            lambda: services.pages.html(
                "fulfilment_note.html", site=site, view=note_view(found, copies), place=place
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, sorted(copies.items())),
        )


def _period(text: str) -> int:
    """The code of a period in an address. Raises :class:`~ledger.errors.Unanswerable`."""
    try:
        return read_span(text).code
    except Refused as error:
        raise Unanswerable("unknown_span", str(error)) from error


HANDLERS = [all_duties, service_list, posts, notes, note]

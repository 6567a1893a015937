"""Controllers of what is new: the feed for programs, and the same as a page for people."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import route
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.feeds.atom import CATEGORIES, MEDIA_TYPE, Place, atom_feed
from disclosure.feeds.news import TOPICS, read_news
from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.pages import READ
from disclosure.public.present import Names, public_names
from disclosure.public.services import reading_site
from disclosure.public.trusts import Site
from disclosure.public.words import moment_text
from ledger.errors import Unanswerable
from ledger.trust.setup import load_setup

_LONGEST = 16
_A_PAGE = 20


@route("/c/{slug:str}/feed", http_method=READ, sync_to_thread=True)
def feed(request: Req, slug: FromPath[str]) -> Answer:
    """The news as Atom; ``?only=statements`` for one topic, ``?before=`` for an older page."""
    only, before = _asked(request)
    with reading_site(request, slug) as (services, conn, site):
        place = Place(services.address(""), site.slug, only, before)
        return answer(
            request,
            lambda: atom_feed(
                site, read_news(conn, site.trust_id, _names(conn, site), only=only, before=before), place
            ),
            media_type=MEDIA_TYPE,
            version=(services.pages.build, site.state),
        )


@route("/c/{slug:str}/news", http_method=READ, sync_to_thread=True)
def news(request: Req, slug: FromPath[str]) -> Answer:
    """The news as a page, and how to subscribe."""
    only, before = _asked(request)
    with reading_site(request, slug) as (services, conn, site):

        def make() -> bytes:
            names = _names(conn, site)
            found = read_news(conn, site.trust_id, names, only=only, before=before, size=_A_PAGE)
            older = {"only": only, "before": found.before}
            return services.pages.html(
                "news.html",
                site=site,
                items=found.items,
                older=urlencode({k: v for k, v in older.items() if v}) if found.before is not None else "",
                before=before is not None,
                only=only,
                topic=TOPICS[only][0] if only else "",
                topics=[(name, title) for name, (title, _) in TOPICS.items()],
                categories=CATEGORIES,
                feed=Place(services.address(""), site.slug, only).address(),
                moment_text=moment_text,
            )

        return answer(request, make, media_type=HTML, version=(services.pages.build, site.state))


def _names(conn: Connection, site: Site) -> Names:
    return public_names(load_setup(conn, site.trust_id, site.setup_version))


def _asked(request: Req) -> tuple[str, int | None]:
    """Topic and place. Raises :class:`~ledger.errors.Unanswerable`."""
    only, place = request.query_params.get("only", ""), request.query_params.get("before", "")
    if only and only not in TOPICS:
        raise Unanswerable("unknown_topic", f"没有“{only[:20]}”这一类，可选：{'、'.join(TOPICS)}")
    if not place:
        return only, None
    if not (place.isascii() and place.isdecimal() and len(place) < _LONGEST):
        raise Unanswerable("unknown_page", "没有这一页，请从第一页开始")
    return only, int(place)


HANDLERS = [feed, news]

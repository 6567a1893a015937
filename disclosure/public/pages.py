"""Controllers of the residents' pages: communities, home, entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from litestar import Response, route
from litestar.enums import HttpMethod
from litestar.params import FromPath
from litestar.status_codes import HTTP_304_NOT_MODIFIED

from disclosure.inquiries.public_about import read_talk
from disclosure.public.answers import CSV, HTML, IMMUTABLE, JSON, TEXT, Answer, Req, answer, download_name
from disclosure.public.downloads import Download, one_of_few
from disclosure.public.entries import (
    cheap_totals,
    costly_totals,
    entry_page,
    place_of,
    single_entry,
    stream_entries,
)
from disclosure.public.entries_csv import entries_csv
from disclosure.public.entry_around import read_around
from disclosure.public.entry_around_view import around_view
from disclosure.public.filter_choices import choices
from disclosure.public.home import read_home, read_news
from disclosure.public.home_view import home_view, site_cards
from disclosure.public.list_view import list_view
from disclosure.public.present import entry_view, public_names
from disclosure.public.query_string import read_query, with_codes
from disclosure.public.resting import decisions_named
from disclosure.public.services import reading_site, services_of
from disclosure.public.trusts import list_sites
from ledger.errors import Problem, Refused
from ledger.log.store import prove_entry, read_leaf
from ledger.store.engine import reading
from ledger.trust.setup import load_setup

READ = [HttpMethod.GET, HttpMethod.HEAD]


@route("/", http_method=READ, sync_to_thread=True)
def communities(request: Req) -> Answer:
    """All communities of this installation."""
    services = services_of(request)
    with reading(services.engine) as conn:
        sites = list_sites(conn)
    today = services.today()
    return answer(
        request,
        lambda: services.pages.html("communities.html", site=None, cards=site_cards(sites, today)),
        media_type=HTML,
        version=(services.pages.build, today, [site.state for site in sites]),
    )


@route("/c/{slug:str}", http_method=READ, sync_to_thread=True)
def home(request: Req, slug: FromPath[str]) -> Answer:
    """A community's home page."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        news = read_news(conn, site, today)
        return answer(
            request,
            lambda: services.pages.html(
                "home.html", site=site, view=home_view(read_home(conn, site, today, news), site, today)
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, today, news),
        )


@route("/c/{slug:str}/entries", http_method=READ, sync_to_thread=True)
def entries(request: Req, slug: FromPath[str]) -> Answer:
    """The list of entries, filtered as the address says; with ``totals=1`` added up whatever it takes."""
    with reading_site(request, slug) as (services, conn, site):
        query = dict(request.query_params.items())
        setup = load_setup(conn, site.trust_id, site.setup_version)
        asked = with_codes(read_query(query), public_names(setup))
        add_up = costly_totals if query.get("totals") else cheap_totals

        def make() -> bytes:
            page = entry_page(conn, site.trust_id, asked.filter, before=asked.before, after=asked.after)
            totals = add_up(conn, site.trust_id, asked.filter)
            return services.pages.html(
                "entries.html",
                site=site,
                view=list_view(page, totals, asked, setup),
                asked=asked,
                choices=choices(setup, services.today()),
            )

        version = (services.pages.build, site.state, services.today())
        return answer(request, make, media_type=HTML, version=version)


@route("/c/{slug:str}/entries.csv", http_method=READ, sync_to_thread=True)
def entries_file(request: Req, slug: FromPath[str]) -> Response[Any]:
    """Everything the list would show page by page, as CSV; ``full=1``: one row a posting."""
    query = dict(request.query_params.items())
    full = bool(query.get("full"))
    with reading_site(request, slug) as (services, conn, site):
        names = public_names(load_setup(conn, site.trust_id, site.setup_version))
        asked = with_codes(read_query(query), names)
        if asked.problems:
            raise Refused(Problem("bad_filter", text, "查询") for text in asked.problems)
        name = f"{slug}-entries{'-full' if full else ''}.csv"
        empty = answer(
            request,
            lambda: b"",
            media_type=CSV,
            version=(services.pages.build, site.state),
            headers=download_name(name),
        )
    if empty.status_code == HTTP_304_NOT_MODIFIED or request.method == HttpMethod.HEAD:
        return empty

    def address(ref: str) -> str:
        return services.address(f"/c/{slug}/entries/{ref}")

    def pieces() -> Iterator[bytes]:
        with reading(services.engine) as conn:
            found = stream_entries(conn, site.trust_id, asked.filter)
            yield from entries_csv(found, names, address, full=full)

    return Download(one_of_few(pieces()), media_type=CSV, headers=dict(empty.headers))


@route("/c/{slug:str}/entries/{ref:str}", http_method=READ, sync_to_thread=True)
def entry(request: Req, slug: FromPath[str], ref: FromPath[str]) -> Answer:
    """One entry: its page, or with ``.json`` exactly the bytes of its leaf."""
    with reading_site(request, slug) as (services, conn, site):
        if ref.endswith(".json"):
            seq = place_of(conn, site.trust_id, ref.removesuffix(".json"))
            body = read_leaf(conn, site.trust_id, seq)
            return answer(request, lambda: body, media_type=JSON, version=body, cache=IMMUTABLE)
        single = single_entry(conn, site.trust_id, ref)
        item = single.listed.entry
        setup = load_setup(conn, site.trust_id, site.setup_version)
        around = read_around(conn, site.trust_id, single.listed)
        decided = decisions_named(conn, site.trust_id, item.references.items())
        talk = read_talk(conn, site.trust_id, "entry", item.ref)
        return answer(
            request,
            lambda: services.pages.html(
                "entry.html",
                site=site,
                view=entry_view(single, public_names(setup)),
                around=around_view(item, around, setup),
                decided=decided,
                talk=talk,
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, repr((around, talk)), sorted(decided)),
        )


@route("/c/{slug:str}/entries/{ref:str}/proof", http_method=READ, sync_to_thread=True)
def proof(request: Req, slug: FromPath[str], ref: FromPath[str]) -> Answer:
    """The proof that an entry is in the newest signed log (C2SP tlog-proof)."""
    with reading_site(request, slug) as (_, conn, site):
        made = prove_entry(conn, site.trust_id, place_of(conn, site.trust_id, ref))
        return answer(
            request,
            lambda: made.encode().encode(),
            media_type=TEXT,
            version=made.checkpoint,
            headers=download_name(f"{slug}-{ref}.tlog-proof"),
        )


HANDLERS = [communities, home, entries, entries_file, entry, proof]

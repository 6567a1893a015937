"""Controllers of the residents' pages: communities, home, entries, verification."""

from __future__ import annotations

from litestar import route
from litestar.enums import HttpMethod
from litestar.params import FromPath

from disclosure.public.answers import HTML, IMMUTABLE, JSON, TEXT, Answer, Req, answer, download_name
from disclosure.public.entries import entry_page, entry_totals, place_of, single_entry
from disclosure.public.home import read_home
from disclosure.public.home_view import home_view, site_cards
from disclosure.public.list_view import choices, list_view
from disclosure.public.present import entry_view, public_names
from disclosure.public.query_string import read_query
from disclosure.public.resting import decisions_named
from disclosure.public.services import reading_site, services_of
from disclosure.public.trusts import list_sites
from ledger.documents import public_documents
from ledger.log.store import latest_checkpoint, log_vkey, prove_entry, read_leaf
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
        return answer(
            request,
            lambda: services.pages.html(
                "home.html", site=site, view=home_view(read_home(conn, site, today), site, today)
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, today),
        )


@route("/c/{slug:str}/entries", http_method=READ, sync_to_thread=True)
def entries(request: Req, slug: FromPath[str]) -> Answer:
    """The list of entries, filtered as the address says."""
    with reading_site(request, slug) as (services, conn, site):
        asked = read_query(dict(request.query_params.items()))

        def make() -> bytes:
            page = entry_page(conn, site.trust_id, asked.filter, before=asked.before, after=asked.after)
            totals = entry_totals(conn, site.trust_id, asked.filter)
            setup = load_setup(conn, site.trust_id, site.setup_version)
            return services.pages.html(
                "entries.html",
                site=site,
                view=list_view(page, totals, asked),
                asked=asked,
                choices=choices(setup.chart, site, services.today()),
            )

        version = (services.pages.build, site.state, services.today())
        return answer(request, make, media_type=HTML, version=version)


@route("/c/{slug:str}/entries/{ref:str}", http_method=READ, sync_to_thread=True)
def entry(request: Req, slug: FromPath[str], ref: FromPath[str]) -> Answer:
    """One entry: its page, or with ``.json`` exactly the bytes of its leaf."""
    with reading_site(request, slug) as (services, conn, site):
        if ref.endswith(".json"):
            seq = place_of(conn, site.trust_id, ref.removesuffix(".json"))
            body = read_leaf(conn, site.trust_id, seq)
            return answer(request, lambda: body, media_type=JSON, version=body, cache=IMMUTABLE)
        single = single_entry(conn, site.trust_id, ref)
        setup = load_setup(conn, site.trust_id, site.setup_version)
        view = entry_view(single, public_names(setup))
        stored = public_documents(
            conn, site.trust_id, [item.public for item in view.documents if item.public]
        )
        decided = decisions_named(conn, site.trust_id, single.listed.entry.references.items())
        return answer(
            request,
            lambda: services.pages.html("entry.html", site=site, view=view, stored=stored, decided=decided),
            media_type=HTML,
            version=(services.pages.build, site.state),
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


@route("/c/{slug:str}/verify", http_method=READ, sync_to_thread=True)
def verify(request: Req, slug: FromPath[str]) -> Answer:
    """What can be verified, what can't, and how to keep a checkpoint."""
    with reading_site(request, slug) as (services, conn, site):
        signed = latest_checkpoint(conn, site.trust_id)
        vkey = log_vkey(conn, site.trust_id) or ""
        return answer(
            request,
            lambda: services.pages.html(
                "verify.html", site=site, vkey=vkey, checkpoint=signed.note if signed else ""
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, vkey),
        )


HANDLERS = [communities, home, entries, entry, proof, verify]

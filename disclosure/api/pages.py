"""The routes of the API, its description for programs, and a page about it for people."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Router, route
from litestar.enums import HttpMethod

from disclosure.api.answers import MOST, ROOT
from disclosure.api.description import ROUTES, description
from disclosure.public.answers import HTML, JSON, Answer, Req, answer
from disclosure.public.services import services_of
from disclosure.public.trusts import list_sites
from ledger.store.engine import reading

_LISTED = 20
READ = [HttpMethod.GET, HttpMethod.HEAD]


@route(f"{ROOT}/openapi.json", http_method=READ, sync_to_thread=True)
def openapi(request: Req) -> Answer:
    """What can be asked, in OpenAPI."""
    body = description()
    return answer(request, lambda: body, media_type=JSON, version=body)


@route("/api", http_method=READ, sync_to_thread=True)
def about(request: Req) -> Answer:
    """What there is for programs, with examples to copy."""
    services = services_of(request)
    with reading(services.engine) as conn:
        sites = list_sites(conn)
    slug = sites[0].slug if len(sites) == 1 else "网址名"
    return answer(
        request,
        lambda: services.pages.html(
            "api.html",
            site=None,
            base=services.address(""),
            root=ROOT,
            routes=_routes(),
            most=MOST,
            slug=slug,
            sites=sites[:_LISTED],
        ),
        media_type=HTML,
        version=(services.pages.build, [site.slug for site in sites]),
    )


def _routes() -> list[tuple[str, str]]:
    """Path below the root and title of everything that can be asked, from the description itself."""
    paths: dict[str, dict[str, dict[str, str]]] = msgspec.json.decode(description())["paths"]
    return [(path.removeprefix(ROOT), item["get"]["summary"]) for path, item in paths.items()]


HANDLERS: list[Any] = [Router(ROOT, route_handlers=ROUTES), openapi, about]

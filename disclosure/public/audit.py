"""The year's data for auditors: a page that explains, and the files as one archive, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from litestar import Response, route
from litestar.params import FromPath

from disclosure.public.answers import HTML, Answer, Req, answer, download_name
from disclosure.public.downloads import Download, one_of_few
from disclosure.public.pages import READ
from disclosure.public.services import Services, reading_site
from ledger.errors import Unanswerable
from ledger.export.audit import CAVEAT, audit_years, audit_zip, open_scope
from ledger.journal.person_names import shown_name
from ledger.store.engine import reading

ZIP = "application/zip"
PACKED = r"^/c/[^/]+/(?:audit|office/audit-data)/"
"""Addresses whose answers are compressed already."""


@route("/c/{slug:str}/audit", http_method=READ, sync_to_thread=True)
def audit(request: Req, slug: FromPath[str]) -> Answer:
    """What the files hold, and one link a year."""
    with reading_site(request, slug) as (services, _, site):
        years = audit_years(site.opened_on, services.today())
        return answer(
            request,
            lambda: services.pages.html("audit.html", site=site, years=years, caveat=CAVEAT),
            media_type=HTML,
            version=(services.pages.build, site.state, years),
        )


@route("/c/{slug:str}/audit/{name:str}", http_method=READ, sync_to_thread=True)
def audit_file(request: Req, slug: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """A year's public books as ``2025.zip``."""
    year, _, suffix = name.partition(".")
    if suffix != "zip" or not (year.isascii() and year.isdecimal() and len(year) == 4):
        raise Unanswerable("unknown_year", "审计数据的网址应为 2025.zip 的样子，请从“审计数据”页面选择")
    with reading_site(request, slug) as (services, conn, site):
        open_scope(conn, site.trust_id, int(year), today=services.today())  # refuses before anything is sent
        tagged = answer(
            request,
            bytes,
            media_type=ZIP,
            version=(services.pages.build, site.state, services.today()),
            headers=download_name(f"{slug}-audit-{year}.zip"),
        )
        if tagged.status_code == 304 or request.method == "HEAD":
            return tagged
    pieces = _pieces(services, site.trust_id, int(year))
    return Download(one_of_few(pieces), media_type=ZIP, headers=dict(tagged.headers))


def _pieces(services: Services, trust_id: int, year: int) -> Iterator[bytes]:
    """The archive, read in a transaction of its own that lasts until the last piece is sent."""
    with reading(services.engine) as conn:
        scope = open_scope(conn, trust_id, year, today=services.today(), shown=shown_name)
        yield from audit_zip(scope)


HANDLERS = [audit, audit_file]

"""A vote's notice or result for the notice board: A4, large type, with a QR code to its page."""

from __future__ import annotations

import logging
from hashlib import sha256

import segno

from disclosure.public.rendering import STATIC
from disclosure.public.resolution_page import Published
from disclosure.public.services import Services
from disclosure.public.trusts import Site
from disclosure.public.words import day_text
from disclosure.statements.pdf import write_whole

logging.getLogger("weasyprint").setLevel(logging.ERROR)


def resolution_pdf(services: Services, site: Site, view: Published) -> bytes:
    """The PDF; its text is the page's. Kept until the page changes: rendering takes a second."""
    printed = day_text(services.today())
    parts = (view.version, view.address, printed, services.pages.build)
    name = sha256(f"{site.trust_id} {view.number}".encode()).hexdigest()[:24]
    path = (
        services.config.cache_dir / "resolutions" / name / f"{sha256(repr(parts).encode()).hexdigest()}.pdf"
    )
    try:
        return path.read_bytes()
    except FileNotFoundError:
        body = _render(services, site, view, printed)
        for outdated in path.parent.glob("*.pdf"):
            outdated.unlink(missing_ok=True)
        write_whole(path, body)
        return body


def _render(services: Services, site: Site, view: Published, printed: str) -> bytes:
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    html = services.pages.text(
        "resolution_print.html",
        site=site,
        view=view,
        qr=segno.make(view.address, error="m", micro=False).svg_data_uri(border=2),
        printed=printed,
    )
    style = CSS(string=(STATIC / "notice-board.css").read_text(encoding="utf-8"))
    document = HTML(string=html, base_url=None, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    body: bytes = document.write_pdf(stylesheets=[style], pdf_tags=True)
    return body

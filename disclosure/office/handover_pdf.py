"""The handover list (移交清册) as PDF."""

from __future__ import annotations

import logging

from disclosure.office.draft_view import local_time
from disclosure.public.rendering import STATIC, Pages
from disclosure.public.trusts import Site
from ledger.handover.course import REASONS
from ledger.handover.read import OUTCOMES, PARTIES, HandoverFile, handover_items

logging.getLogger("weasyprint").setLevel(logging.ERROR)


def handover_pdf(pages: Pages, site: Site, file: HandoverFile) -> bytes:
    """The list of a handover with its snapshot, findings and signatures; nothing outside is fetched."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    html = pages.text(
        "office/handover_print.html",
        site=site,
        file=file,
        snapshot=file.snapshot,
        items=list(handover_items().values()),
        outcomes=OUTCOMES,
        parties=PARTIES,
        reasons=REASONS,
        local_time=local_time,
    )
    style = CSS(string=(STATIC / "print.css").read_text(encoding="utf-8"))
    fetcher = URLFetcher(allowed_protocols=["data"])
    document = HTML(string=html, base_url=None, url_fetcher=fetcher)
    digest = file.snapshot.digest if file.snapshot else ""
    body: bytes = document.write_pdf(stylesheets=[style], pdf_identifier=digest[:32].encode(), pdf_tags=True)
    return body

"""A page of the office set on paper; it may load nothing from anywhere."""

from __future__ import annotations

from disclosure.public.rendering import STATIC


def office_pdf(html: str) -> bytes:
    """The PDF of a filled-in print template, in the style of the statements."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    style = CSS(string=(STATIC / "print.css").read_text(encoding="utf-8"))
    document = HTML(string=html, base_url=None, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    body: bytes = document.write_pdf(stylesheets=[style], pdf_tags=True)
    return body

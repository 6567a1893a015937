"""A statement as PDF, rendered when first asked for and kept by the hash of all it depends on."""

from __future__ import annotations

import logging
import os
import tempfile
from hashlib import sha256
from pathlib import Path

import segno

from disclosure.public.rendering import STATIC, Pages
from disclosure.statements.publish import PublishedStatement
from disclosure.statements.view import statement_view

logging.getLogger("weasyprint").setLevel(logging.ERROR)


def statement_pdf(pages: Pages, cache_dir: Path, published: PublishedStatement, address: str) -> bytes:
    """The PDF of a version; ``address`` is the page its QR code leads to.

    Safe when asked for twice at once: both render the same bytes, and the file appears whole or not at all.
    """
    parts = (published.body, published.version, published.published_at.isoformat(), address, pages.build)
    path = cache_dir / "statements" / f"{sha256(repr(parts).encode()).hexdigest()}.pdf"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        body = _render(pages, published, address)
        write_whole(path, body)
        return body


def _render(pages: Pages, published: PublishedStatement, address: str) -> bytes:
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    qr = segno.make(address, error="m", micro=False).svg_data_uri(border=2)
    html = pages.text("statement_print.html", view=statement_view(published, address), qr=qr)
    style = CSS(string=(STATIC / "print.css").read_text(encoding="utf-8"))
    fetcher = URLFetcher(allowed_protocols=["data"])
    document = HTML(string=html, base_url=None, url_fetcher=fetcher)
    identifier = sha256(published.body).hexdigest()[:32].encode()
    body: bytes = document.write_pdf(stylesheets=[style], pdf_identifier=identifier, pdf_tags=True)
    return body


def write_whole(path: Path, body: bytes) -> None:
    """The file appears with all its bytes, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

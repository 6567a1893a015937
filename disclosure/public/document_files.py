"""Vouchers: the redacted copies an entry names, served so that nothing in them can run."""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.public.answers import REVALIDATE, Answer, Req, answer, download_name
from disclosure.public.pages import READ
from disclosure.public.services import reading_site
from ledger.documents import read_public_document
from ledger.documents.kinds import SUFFIXES

LOCKED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@route("/c/{slug:str}/documents/{digest:str}", http_method=READ, sync_to_thread=True)
def document(request: Req, slug: FromPath[str], digest: FromPath[str]) -> Answer:
    """A file marked public, by its SHA-256; originals are never served.

    A copy can be taken back, so a browser has to ask each time; it costs a 304.
    """
    with reading_site(request, slug) as (services, conn, site):
        data, media_type = read_public_document(conn, site.trust_id, services.config.documents_dir, digest)
        headers = file_headers(digest, media_type)
        return answer(
            request, lambda: data, media_type=media_type, version=digest, cache=REVALIDATE, headers=headers
        )


def file_headers(digest: str, media_type: str, *, inline: bool = True) -> dict[str, str]:
    """Nothing in the file can run or fetch; only pictures are shown in the browser, the rest is saved."""
    headers = {"content-security-policy": LOCKED, "x-content-type-options": "nosniff"}
    if inline and media_type.startswith("image/"):
        return headers
    return headers | download_name(f"{digest[:12]}.{SUFFIXES.get(media_type, 'bin')}")


HANDLERS = [document]

"""Vouchers: the redacted copies an entry names, served so that nothing in them can run."""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.public.answers import IMMUTABLE, Answer, Req, answer
from disclosure.public.pages import READ
from disclosure.public.services import reading_site
from ledger.documents import read_public_document

_LOCKED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@route("/c/{slug:str}/documents/{digest:str}", http_method=READ, sync_to_thread=True)
def document(request: Req, slug: FromPath[str], digest: FromPath[str]) -> Answer:
    """A file marked public, by its SHA-256; originals are never served."""
    with reading_site(request, slug) as (services, conn, site):
        data, media_type = read_public_document(conn, site.trust_id, services.config.documents_dir, digest)
        headers = {"content-security-policy": _LOCKED}
        return answer(
            request, lambda: data, media_type=media_type, version=digest, cache=IMMUTABLE, headers=headers
        )


HANDLERS = [document]

"""HTTP answers: weak ETags and 304, cache lifetimes, content types."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from litestar import Request, Response
from litestar.datastructures import State

Req = Request[Any, Any, State]
Answer = Response[bytes]

REVALIDATE = "public, no-cache"
"""Pages and heads: ask every time, which costs a 304."""
IMMUTABLE = "public, max-age=31536000, immutable"
DISPLAY_COOKIE = "display"
"""Says how a reader wants pages shown: see :mod:`disclosure.public.display`."""
HTML = "text/html"
TEXT = "text/plain"
JSON = "application/json"
PDF = "application/pdf"
CSV = "text/csv"
BINARY = "application/octet-stream"


def answer(
    request: Req,
    make: Callable[[], bytes],
    *,
    media_type: str,
    version: object,
    cache: str = REVALIDATE,
    headers: dict[str, str] | None = None,
) -> Answer:
    """What ``make`` gives, or 304 if the client holds it; ``version`` must change whenever it would.

    The address is part of the ETag, so ``version`` need not tell pages apart.
    """
    url = f"{request.url.path}?{request.url.query}"
    shown = request.cookies.get(DISPLAY_COOKIE, "") if media_type == HTML else ""
    etag = f'W/"{sha256(repr((url, version, shown)).encode()).hexdigest()[:32]}"'
    shared = {"etag": etag, "cache-control": cache, **(headers or {})}
    if media_type == HTML:
        shared["vary"] = "Cookie"
    if etag in _asked(request.headers.get("if-none-match", "")):
        return Response(b"", status_code=304, headers=shared)
    return Response(make(), media_type=media_type, headers=shared)


def download_name(name: str) -> dict[str, str]:
    """Headers that make a browser offer to save the answer; ``name`` in ASCII."""
    return {"content-disposition": f'attachment; filename="{name}"'}


def _asked(header: str) -> set[str]:
    tags = {tag.strip() for tag in header.split(",")}
    return {tag if tag.startswith("W/") else f"W/{tag}" for tag in tags}

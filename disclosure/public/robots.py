"""What programs that search the web are asked to leave alone, and whom to tell about a hole.

Public pages may be found by anybody. What is behind a log-in is nobody else's business, and the raw files of
the log are no reading. The same list marks personal pages (``X-Robots-Tag``), whatever they answer.
"""

from __future__ import annotations

import re
from datetime import timedelta

from litestar import route
from litestar.enums import HttpMethod

from disclosure.public.answers import TEXT, Answer, Req, answer
from disclosure.public.services import services_of
from ledger.errors import Unanswerable

READ = [HttpMethod.GET, HttpMethod.HEAD]
PERSONAL = (
    "/login",
    "/logout",
    "/invite",
    "/me",
    "/account",
    "/office",
    "/district",
    "/district.*",
    "/c/*/office",
    "/c/*/mine",
    "/c/*/ask",
    "/c/*/owners",
    "/c/*/resolutions/*/receipt",
    "/c/*/evaluations/*/receipt",
)
"""Beginnings of the addresses that are for one person; ``*`` stands for one part."""
_HEAVY = ("/c/*/log/tile/", "/c/*/log/leaf/", "/c/*/audit/", "/c/*/entries.csv", "/api/", "/static/fonts/")
_LISTS = ("/c/*/entries?*", "/c/*/inquiries?*", "/display")
"""Every combination of filters is a page of its own: endless for a machine. Walking the list is welcome.

The star at the end changes nothing to RFC 9309, but simple readers drop a question mark that ends a rule.
"""
_WALK = ("/c/*/entries?before=",)
_PATTERN = re.compile(
    "|".join(f"(?:{re.escape(place).replace(re.escape('*'), '[^/]+')}(?:/.*)?$)" for place in PERSONAL)
)
_VALID_FOR = timedelta(days=180)


def is_personal(path: str) -> bool:
    """Whether an address is for one person."""
    return _PATTERN.match(path) is not None


@route("/robots.txt", http_method=READ, sync_to_thread=False)
def robots(request: Req) -> Answer:
    """RFC 9309."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {place}" for place in (*PERSONAL, *_HEAVY, *_LISTS)),
        *(f"Allow: {place}" for place in _WALK),
    ]
    body = ("\n".join(lines) + "\n").encode()
    return answer(request, lambda: body, media_type=TEXT, version=body, cache="public, max-age=86400")


@route("/.well-known/security.txt", http_method=READ, sync_to_thread=False)
def security(request: Req) -> Answer:
    """RFC 9116, where the installation names somebody to write to."""
    services = services_of(request)
    contact = services.config.security_contact
    if not contact:
        raise Unanswerable("no_contact", "本站没有设置安全联系人")
    today = services.now().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {today + _VALID_FOR:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: zh, en",
        f"Canonical: {services.address('/.well-known/security.txt')}",
    ]
    body = ("\n".join(lines) + "\n").encode()
    return answer(request, lambda: body, media_type=TEXT, version=body)


HANDLERS = [robots, security]

"""The web application, put together in one place: all pages, and behind them one installation."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader, MutableScopeHeaders
from litestar.routes import BaseRoute
from litestar.static_files import create_static_files_router
from litestar.types import LifeSpanScope, Message, Receive, Scope, Send

from disclosure.api import pages as api_pages
from disclosure.config import Config
from disclosure.district import pages as district_pages
from disclosure.district.refresh import Refresher
from disclosure.escalating import Escalator
from disclosure.evaluation import public as public_evaluations
from disclosure.feeds import pages as feed_pages
from disclosure.identity import pages as identity_pages
from disclosure.identity.guard import guard
from disclosure.inquiries import public as public_inquiries
from disclosure.notices.channels import channels_of
from disclosure.notices.sending import Sender, SendingThread
from disclosure.office import errors as office_errors
from disclosure.office import pages as office_pages
from disclosure.public import (
    answer_receipts,
    audit,
    budgets,
    charts,
    conference,
    deed,
    display,
    document_files,
    duties,
    errors,
    fees,
    glossary,
    log_files,
    pages,
    projects,
    receipts,
    registers,
    resolutions,
    robots,
    sites,
    statement_pages,
    trustee,
    vendors,
    verify_page,
    witnesses,
)
from disclosure.public.open_log import OPEN_TO_ALL, is_open
from disclosure.public.rendering import STATIC, load_pages
from disclosure.public.services import SERVICES, Services
from disclosure.resident import pages as resident_pages
from disclosure.signing import Keys, SigningThread
from ledger.store.engine import open_engine

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}


_PUBLIC = (
    pages,
    statement_pages,
    log_files,
    verify_page,
    witnesses,
    resolutions,
    budgets,
    charts,
    conference,
    registers,
    fees,
    trustee,
    duties,
    vendors,
    sites,
    deed,
    projects,
    public_inquiries,
    public_evaluations,
    document_files,
    api_pages,
    feed_pages,
    robots,
    audit,
    display,
    glossary,
)
_PERSONAL = (
    office_pages,
    identity_pages,
    resident_pages,
    district_pages,
    receipts,
    answer_receipts,
)
"""Pages that somebody opens for what is theirs: what goes wrong there is explained as in the office."""


def _handlers(modules: Iterable[Any]) -> list[Any]:
    """What a group of pages answers: each module lists its own in ``HANDLERS``."""
    return [handler for module in modules for handler in module.HANDLERS]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Application:
    """All pages over one installation, as an ASGI 3.0 application; handlers find ``services`` in the state.

    While it runs it signs the logs of all trusts whose keys are in the configuration, lets questions rise that
    nobody answered, and sends notices.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self._life = Litestar(
            lifespan=[_signing(services), _sending(services)], openapi_config=None, logging_config=None
        )

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """What can be asked for."""
        return _all_pages().routes

    async def __call__(self, scope: Scope | LifeSpanScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._life(scope, receive, send)
            return
        scope["state"] = {**(scope.get("state") or {}), SERVICES: self.services}
        await _all_pages()(scope, receive, send)


def create_app(
    config: Config,
    *,
    now: Callable[[], datetime] = _utc_now,
    entropy: Callable[[int], bytes] = secrets.token_bytes,
) -> Application:
    """Public pages and office of an installation whose database is migrated.

    ``now`` is its clock, ``entropy`` where its random bytes come from.
    """
    pages = load_pages(demo=config.demo)
    return Application(Services(open_engine(config.database_url), pages, config, Keys(config), now, entropy))


@cache
def _all_pages() -> Litestar:
    """The pages without an installation: the same for all of them, and hundreds take a while to register."""
    return Litestar(
        route_handlers=[
            *_handlers(_PUBLIC),
            Router("/", route_handlers=_handlers(_PERSONAL), exception_handlers=office_errors.HANDLERS),
            create_static_files_router(
                path="/static",
                directories=[STATIC],
                cache_control=CacheControlHeader(public=True, max_age=31_536_000, immutable=True),
            ),
        ],
        guards=[guard],
        before_request=display.note_display,
        exception_handlers=errors.HANDLERS,
        before_send=[_secure],
        compression_config=CompressionConfig(
            backend="brotli",
            brotli_quality=4,
            brotli_lgwin=18,
            brotli_gzip_fallback=True,
            exclude=[audit.PACKED, r"\.pdf$"],
        ),
        openapi_config=None,
        logging_config=None,
    )


async def _secure(message: Message, scope: Scope) -> None:
    """Put the security headers on every answer, errors and static files too."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        if robots.is_personal(scope["path"]):
            headers.setdefault("x-robots-tag", "noindex, nofollow")
        if is_open(scope["path"]):
            headers.setdefault(*OPEN_TO_ALL)


def _signing(services: Services) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        engine, now = services.engine, services.now
        thread = SigningThread(
            engine, services.keys, now, also=(Escalator(engine, now), Refresher(engine, now))
        )
        thread.start()
        try:
            yield
        finally:
            thread.stop()
            engine.dispose()

    return lifespan


def _sending(services: Services) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """Sends notices while the site runs, if there is a channel to send them on."""

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        config = services.config
        channels = channels_of(config)
        sender = Sender(services.engine, channels, config.public_url, services.now)
        thread = SendingThread(sender) if channels else None
        if thread:
            thread.start()
        try:
            yield
        finally:
            if thread:
                thread.stop()

    return lifespan

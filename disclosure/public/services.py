"""What every controller needs, put together once in :mod:`disclosure.app`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from litestar.connection import ASGIConnection
from sqlalchemy import Connection, Engine

from disclosure.config import Config
from disclosure.public.answers import Req
from disclosure.public.trusts import Site, find_site
from disclosure.signing import Keys
from ledger.store.engine import reading
from ledger.trust.act import BEIJING, Act

if TYPE_CHECKING:
    from disclosure.public.rendering import Pages


@dataclass(frozen=True, slots=True)
class Services:
    """Database, templates, settings, keys, clock and randomness of one running site."""

    engine: Engine
    pages: Pages
    config: Config
    keys: Keys
    now: Callable[[], datetime]
    entropy: Callable[[int], bytes] = secrets.token_bytes

    def act(self) -> Act:
        """The circumstances of a command that begins now."""
        return Act(self.now(), self.entropy)

    def today(self) -> date:
        """The calendar day in China."""
        return self.now().astimezone(BEIJING).date()

    def address(self, path: str) -> str:
        """The public address of a path, as printed on paper."""
        return self.config.public_url + path


SERVICES = "services"
"""Where the application puts them into the state of each request."""


def services_of(request: ASGIConnection[Any, Any, Any, Any]) -> Services:
    """The services of the application that got this request."""
    services: Services = request.scope["state"][SERVICES]
    return services


@contextmanager
def reading_site(request: Req, slug: str) -> Iterator[tuple[Services, Connection, Site]]:
    """A consistent view of one community's books. Raises Unanswerable if there is none of this name."""
    services = services_of(request)
    with reading(services.engine) as conn:
        yield services, conn, find_site(conn, slug)

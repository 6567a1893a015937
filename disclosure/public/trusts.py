"""Which communities there are, and how far each one's books have come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, func, select

from ledger.errors import Unanswerable
from ledger.store.tables import checkpoint, entry, statement, trust, trust_head

_numbers = msgspec.json.Decoder(dict[str, int]).decode
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Site:
    """A community and the state of its books: whatever a public page shows follows from these.

    ``size`` counts all that is in the log, ``entries`` the entries among it.
    """

    trust_id: int
    slug: str
    name: str
    trustee: str
    origin: str
    opened_on: date
    size: int
    entries: int
    setup_version: int
    signed_size: int
    statements: int
    last_posted_at: datetime | None

    @property
    def state(self) -> tuple[object, ...]:
        """Changes whenever a page of this community could."""
        return (self.trust_id, self.name, self.size, self.setup_version, self.signed_size, self.statements)


def find_site(conn: Connection, slug: str) -> Site:
    """A community by its name in addresses; one query. Raises :class:`Unanswerable`."""
    known = _SLUG.fullmatch(slug)  # also keeps out what a database can't even compare
    row = conn.execute(_one_site(), {"slug": slug}).first() if known else None
    if row is None:
        raise Unanswerable("unknown_trust", "没有这个小区的账，请核对网址")
    return _site(row)


def list_sites(conn: Connection) -> list[Site]:
    """All communities by name."""
    return [_site(row) for row in conn.execute(_sites().order_by(trust.c.name, trust.c.slug))]


@cache
def _one_site() -> Select[Any]:
    """Built once: every page asks it."""
    return _sites().where(trust.c.slug == bindparam("slug"))


def _sites() -> Select[Any]:
    signed = select(func.max(checkpoint.c.size)).where(checkpoint.c.trust_id == trust.c.trust_id)
    published = select(func.count()).select_from(statement).where(statement.c.trust_id == trust.c.trust_id)
    later = entry.alias("later")
    newest = select(func.max(later.c.seq)).where(later.c.trust_id == trust.c.trust_id)
    posted = select(entry.c.posted_at).where(
        entry.c.trust_id == trust.c.trust_id, entry.c.seq == newest.correlate(trust).scalar_subquery()
    )
    return select(
        trust,
        trust_head.c.size,
        trust_head.c.setup_version,
        trust_head.c.numbers,
        signed.scalar_subquery().label("signed_size"),
        published.scalar_subquery().label("statements"),
        posted.scalar_subquery().label("last_posted_at"),
    ).join(trust_head, trust_head.c.trust_id == trust.c.trust_id)


def _site(row: Row[Any]) -> Site:
    return Site(
        trust_id=row.trust_id,
        slug=row.slug,
        name=row.name,
        trustee=row.trustee,
        origin=row.origin,
        opened_on=row.opened_on,
        size=row.size,
        entries=sum(_numbers(row.numbers).values()),
        setup_version=row.setup_version,
        signed_size=row.signed_size or 0,
        statements=row.statements,
        last_posted_at=row.last_posted_at,
    )

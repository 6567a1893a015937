"""What was asked about an entry, a statement or a project: the part of their pages, and of the form to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import Connection, func, select

from ledger.inquiries import PublicInquiry, about, how_many
from ledger.store.tables import inquiry_now, inquiry_step

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Talk:
    """Published questions and answers about one thing, the most asked first, and how many people asked."""

    about_kind: str
    about: str
    people: int
    items: tuple[PublicInquiry, ...]
    more: bool

    @property
    def ask(self) -> str:
        """The query string of the form that asks about it."""
        return urlencode({"about": f"{self.about_kind}:{self.about}"}, safe=":")

    @property
    def listed(self) -> str:
        """The query string of the list of all that is published about it."""
        return self.ask


def read_talk(conn: Connection, trust_id: int, about_kind: str, name: str) -> Talk:
    """One query if nothing was asked."""
    count = how_many(conn, trust_id, about_kind, name)
    if not count.inquiries:
        return Talk(about_kind, name, 0, (), more=False)
    found: Sequence[PublicInquiry] = about(conn, trust_id, about_kind, name, limit=_SHOWN + 1)
    return Talk(about_kind, name, count.people, tuple(found[:_SHOWN]), len(found) > _SHOWN)


def inquiries_state(conn: Connection, trust_id: int) -> tuple[int, int]:
    """Changes whenever a page about inquiries could."""
    steps = select(func.count()).select_from(inquiry_step).where(inquiry_step.c.trust_id == trust_id)
    echoes = select(func.coalesce(func.sum(inquiry_now.c.echoes), 0)).where(
        inquiry_now.c.trust_id == trust_id
    )
    row = conn.execute(select(steps.scalar_subquery(), echoes.scalar_subquery())).one()
    return int(row[0]), int(row[1])

"""The outbox: notices are put in with what they are about, and taken out one by one to be sent.

To take one out is to count a try and set the time of the next one, so that whoever breaks down in between has
lost nothing: it is tried again, each time after a longer while.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from ledger.store.tables import INSTALLATION, notice, notice_address, notice_queue, notice_sent, trust

SENT, REFUSED, GIVEN_UP, EXPIRED, NO_ADDRESS = "sent", "refused", "given_up", "expired", "no_address"
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 6 * 60, 12 * 60, 24 * 60))
"""How long after each try the next one comes; after the last one it is given up."""
OLDEST = timedelta(days=7)
"""What could not be sent for so long is no news any more."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a person. ``key`` is unique for the person in the community; ``path`` goes on after
    ``/c/{slug}``. Neither ``subject`` nor ``text`` holds anything personal."""

    person: str
    key: str
    subject: str
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that is due on a channel. ``address`` is '' if the consent was taken back; ``tries`` before."""

    trust_id: int
    slug: str
    community: str
    person: str
    key: str
    channel: str
    address: str
    subject: str
    text: str
    path: str
    created_at: datetime
    tries: int
    next_at: datetime


def put(conn: Connection, trust_id: int, notices: Iterable[Notice], now: datetime) -> int:
    """Put notices into the outbox for those who agreed to be told; returns how many are new.

    The rest is dropped: nobody's notices are kept who did not ask for them. Three queries, two inserts.
    """
    wanted = {(item.person, item.key): item for item in reversed(list(notices))}
    channels = _channels(conn, {person for person, _ in wanted})
    wanted = {place: item for place, item in wanted.items() if item.person in channels}
    if not wanted:
        return 0
    known = select(notice.c.person, notice.c.key).where(
        notice.c.trust_id == trust_id, notice.c.key.in_({key for _, key in wanted})
    )
    told = {(row.person, row.key) for row in conn.execute(known)}
    fresh = [wanted[place] for place in sorted(wanted) if place not in told]
    if not fresh:
        return 0
    rows = [
        {
            "trust_id": trust_id,
            "person": item.person,
            "key": item.key,
            "subject": item.subject,
            "text": item.text,
            "path": item.path,
            "created_at": now,
        }
        for item in fresh
    ]
    queue = [
        {
            "trust_id": trust_id,
            "person": item.person,
            "key": item.key,
            "channel": channel,
            "tries": 0,
            "next_at": now,
        }
        for item in fresh
        for channel in channels[item.person]
    ]
    conn.execute(insert(notice), rows)
    conn.execute(insert(notice_queue), queue)
    return len(fresh)


def due(conn: Connection, channels: Iterable[str], now: datetime, limit: int) -> list[Waiting]:
    """What is to be sent now on these channels, over all communities, the longest waiting first; one query."""
    q, n, a = notice_queue.c, notice.c, notice_address.c
    query = (
        select(
            q.trust_id, trust.c.slug, trust.c.name.label("community"), q.person, q.key, q.channel,
            a.address, n.subject, n.text, n.path, n.created_at, q.tries, q.next_at,
        )
        .join(notice, and_(n.trust_id == q.trust_id, n.person == q.person, n.key == q.key))
        .join(trust, trust.c.trust_id == q.trust_id)
        .outerjoin(
            notice_address,
            and_(a.trust_id == INSTALLATION, a.person == q.person, a.channel == q.channel),
        )
        .where(q.channel.in_(sorted(channels)), q.next_at <= now)
        .order_by(q.next_at, q.trust_id, q.person, q.key)
        .limit(limit)
    )  # fmt: skip
    rows = conn.execute(query)
    return [Waiting(**{**row._mapping, "address": row.address or ""}) for row in rows]


def claim(conn: Connection, waiting: Waiting, now: datetime) -> bool:
    """Take one out for a try; False if somebody else did. Commit before sending."""
    pause = BACK_OFF[min(waiting.tries, len(BACK_OFF) - 1)]
    taken = conn.execute(
        update(notice_queue)
        .where(*_place(waiting), notice_queue.c.tries == waiting.tries)
        .values(tries=waiting.tries + 1, next_at=now + pause)
    )
    return taken.rowcount == 1


def verdict(waiting: Waiting, now: datetime) -> str:
    """Why a notice that is due must not be sent any more, '' if it is to be sent."""
    if not waiting.address:
        return NO_ADDRESS
    if waiting.created_at < now - OLDEST:
        return EXPIRED
    return GIVEN_UP if waiting.tries >= len(BACK_OFF) else ""


def settle(conn: Connection, waiting: Waiting, outcome: str, now: datetime) -> None:
    """Note what became of it; it waits no longer. Settled before, nothing changes."""
    gone = conn.execute(delete(notice_queue).where(*_place(waiting)))
    if gone.rowcount:
        conn.execute(
            insert(notice_sent).values(
                trust_id=waiting.trust_id,
                person=waiting.person,
                key=waiting.key,
                channel=waiting.channel,
                outcome=outcome,
                tries=waiting.tries + (outcome in (SENT, REFUSED)),
                recorded_at=now,
            )
        )


def _channels(conn: Connection, persons: set[str]) -> Mapping[str, list[str]]:
    if not persons:
        return {}
    a = notice_address.c
    query = select(a.person, a.channel).where(a.trust_id == INSTALLATION, a.person.in_(sorted(persons)))
    found: dict[str, list[str]] = {}
    for row in conn.execute(query.order_by(a.person, a.channel)):
        found.setdefault(row.person, []).append(row.channel)
    return found


def _place(waiting: Waiting) -> tuple[ColumnElement[bool], ...]:
    q = notice_queue.c
    return (
        q.trust_id == waiting.trust_id,
        q.person == waiting.person,
        q.key == waiting.key,
        q.channel == waiting.channel,
    )

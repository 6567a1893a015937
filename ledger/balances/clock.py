"""The two clocks of a question, checked against what the books can answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, Select, bindparam, select

from ledger.errors import Unanswerable
from ledger.store.tables import period_close, trust, trust_head


@dataclass(frozen=True, slots=True)
class Clock:
    """``as_of``: business days up to and including this one. ``known_at``: the first so many entries
    of the log, in the order they were posted. ``everything``: known_at is all there is.
    ``setup_version`` lets a question take the chart from memory."""

    as_of: date
    known_at: int
    everything: bool
    setup_version: int | None = None


_TRUST = (
    select(trust.c.opened_on, trust_head.c.size, trust_head.c.setup_version)
    .join(trust_head, trust_head.c.trust_id == trust.c.trust_id)
    .where(trust.c.trust_id == bindparam("t"))
)


def resolve_clock(
    conn: Connection, trust_id: int, *, today: date, as_of: date | None = None, known_at: int | None = None
) -> Clock:
    """Fill in today and all that is known where a clock is not given.

    Raises :class:`Unanswerable` for a day before the books opened or not come yet, and for more
    entries than the log has.
    """
    row = conn.execute(_TRUST, {"t": trust_id}).first()
    if row is None:
        raise Unanswerable("unknown_trust", f"没有编号为 {trust_id} 的小区账套")
    opened_on, size, setup_version = row
    day = today if as_of is None else as_of
    if day < opened_on:
        raise Unanswerable("before_opening", f"账套 {opened_on} 才启用，没有 {day} 的余额")
    if day > today:
        raise Unanswerable("future_day", f"{day} 还没到，无法给出那天的余额")
    if known_at is not None and not 0 <= known_at <= size:
        raise Unanswerable(
            "unknown_entry", f"账簿到现在只有 {size} 笔，无法回答“当时已知 {known_at} 笔”的余额"
        )
    known = size if known_at is None else known_at
    return Clock(day, known, known == size, setup_version)


_LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Base:
    """The closed period an answer starts from; ``period`` 0 when there is none yet."""

    period: int
    ends_on: date


# Statements that every page asks are built once: building one takes longer than answering it.
_SEALED = (
    select(period_close.c.period, period_close.c.ends_on)
    .where(
        period_close.c.trust_id == bindparam("t"),
        period_close.c.book == bindparam("book"),
        period_close.c.size <= bindparam("known_at"),
        period_close.c.ends_on <= bindparam("until"),
    )
    .order_by(period_close.c.period.desc())
)
_LAST_ONE, _LAST_THREE = _SEALED.limit(1), _SEALED.limit(3)


def base_period(conn: Connection, trust_id: int, book: str, clock: Clock) -> Base:
    """The last period closed by both clocks: ended by ``as_of``, sealed within ``known_at``."""
    return _sealed(conn, _LAST_ONE, trust_id, book, clock, clock.as_of)[0]


def nearest_base(conn: Connection, trust_id: int, book: str, clock: Clock) -> Base:
    """The closed period whose end is nearest to ``as_of``, before it or after: from a later one an
    answer is reckoned back, so that at most half a month has to be added up."""
    bases = _sealed(conn, _LAST_THREE, trust_id, book, clock, clock.as_of + _LONGEST_MONTH)
    return min(bases, key=lambda base: abs(base.ends_on - clock.as_of))


def _sealed(
    conn: Connection, query: Select[tuple[int, date]], trust_id: int, book: str, clock: Clock, until: date
) -> list[Base]:
    asked = {"t": trust_id, "book": book, "known_at": clock.known_at, "until": until}
    return [Base(row.period, row.ends_on) for row in conn.execute(query, asked)] or [Base(0, date.min)]

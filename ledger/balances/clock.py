"""The two clocks of a question, checked against what the books can answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, Select, select

from ledger.errors import Unanswerable
from ledger.journal.head import peek_head
from ledger.store.tables import period_close, trust


@dataclass(frozen=True, slots=True)
class Clock:
    """``as_of``: business days up to and including this one. ``known_at``: the first so many entries
    of the log, in the order they were posted. ``everything``: known_at is all there is.
    ``setup_version`` lets a question take the chart from memory."""

    as_of: date
    known_at: int
    everything: bool
    setup_version: int | None = None


def resolve_clock(
    conn: Connection, trust_id: int, *, today: date, as_of: date | None = None, known_at: int | None = None
) -> Clock:
    """Fill in today and all that is known where a clock is not given.

    Raises :class:`Unanswerable` for a day before the books opened or not come yet, and for more
    entries than the log has.
    """
    opened_on = conn.execute(
        select(trust.c.opened_on).where(trust.c.trust_id == trust_id)
    ).scalar_one_or_none()
    if opened_on is None:
        raise Unanswerable("unknown_trust", f"没有编号为 {trust_id} 的小区账套")
    head = peek_head(conn, trust_id)
    size = head.tree.size
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
    return Clock(day, known, known == size, head.setup_version)


_LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Base:
    """The closed period an answer starts from; ``period`` 0 when there is none yet."""

    period: int
    ends_on: date


def base_period(conn: Connection, trust_id: int, book: str, clock: Clock) -> Base:
    """The last period closed by both clocks: ended by ``as_of``, sealed within ``known_at``."""
    row = conn.execute(
        _sealed(trust_id, book, clock)
        .where(period_close.c.ends_on <= clock.as_of)
        .order_by(period_close.c.period.desc())
        .limit(1)
    ).first()
    return Base(0, date.min) if row is None else Base(row.period, row.ends_on)


def nearest_base(conn: Connection, trust_id: int, book: str, clock: Clock) -> Base:
    """The closed period whose end is nearest to ``as_of``, before it or after: from a later one an
    answer is reckoned back, so that at most half a month has to be added up."""
    rows = conn.execute(
        _sealed(trust_id, book, clock)
        .where(period_close.c.ends_on <= clock.as_of + _LONGEST_MONTH)
        .order_by(period_close.c.period.desc())
        .limit(3)
    )
    bases = [Base(row.period, row.ends_on) for row in rows] or [Base(0, date.min)]
    return min(bases, key=lambda base: abs(base.ends_on - clock.as_of))


def _sealed(trust_id: int, book: str, clock: Clock) -> Select[tuple[int, date]]:
    return select(period_close.c.period, period_close.c.ends_on).where(
        period_close.c.trust_id == trust_id,
        period_close.c.book == book,
        period_close.c.size <= clock.known_at,
    )

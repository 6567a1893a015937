"""How soon somebody has to see to a repair (报修响应): the hours promised when it was asked, and whether they were kept.

Promised is what the rule said, and was on record, at the moment of asking; a rule recorded later changes no
promise, so that it can be told again the same. A response is a step of :data:`~ledger.inquiries.model.RESPONSES`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from ledger.inquiries.deadlines import Deadlines
from ledger.inquiries.model import AGREED, LEVELS, RESPONSES, TRUSTEE, WAITING, kinds
from ledger.inquiries.state import Step
from ledger.store.tables import inquiry, inquiry_now, inquiry_step, setting
from ledger.trust.act import BEIJING

_HOURS = "inquiry_repair_hours"
_HOUR, _DAY, _LEAST = 60, 24, 1
"""Minutes of an hour, hours of a day; the fewest hours a community can promise (``ledger/trust/settings.toml``)."""


@dataclass(frozen=True, slots=True)
class Response:
    """Of one repair: ``hours`` promised; ``until``: when waiting for somebody ended, by a response, a mediation both
    agreed to or a withdrawal; None while it goes on."""

    opened_at: datetime
    hours: int
    until: datetime | None

    @property
    def by(self) -> datetime:
        """The moment that was promised."""
        return self.opened_at + timedelta(hours=self.hours)

    @property
    def slow_from(self) -> datetime:
        """The first moment at which :meth:`slow` can be true: waiting is counted in whole minutes."""
        return self.by + timedelta(minutes=1)

    def minutes(self, now: datetime) -> int:
        """Whole minutes waited by a moment."""
        until = now if self.until is None else min(self.until, now)
        return int((until - self.opened_at).total_seconds()) // 60

    def slow(self, now: datetime) -> bool:
        """Whether more than the promised hours had been waited by a moment."""
        return self.minutes(now) > _HOUR * self.hours


@dataclass(frozen=True, slots=True)
class Promises:
    """The rule of a community with its versions: day of effect, when it was recorded, hours; the latest day first."""

    versions: Sequence[tuple[date, datetime, int]]

    def hours(self, opened_at: datetime) -> int:
        """What was promised to somebody who asked at a moment."""
        day = opened_at.astimezone(BEIJING).date()
        known = (hours for on, at, hours in self.versions if on <= day and at <= opened_at)
        return next(known, Deadlines().repair_hours)

    def kept(self, steps: Sequence[Step]) -> Response:
        """How it went by the steps of one repair."""
        opened_at = steps[0].recorded_at
        ends = (step.recorded_at for step in steps if _ends(step))
        return Response(opened_at, self.hours(opened_at), next(ends, None))


def promises(conn: Connection, trust_id: int) -> Promises:
    """All that was ever promised; one query."""
    query = (
        select(setting.c.effective_on, setting.c.recorded_at, setting.c.value)
        .where(setting.c.trust_id == trust_id, setting.c.name == _HOURS)
        .order_by(setting.c.effective_on.desc())
    )
    rows = conn.execute(query)
    return Promises(tuple((row[0], row[1], int(msgspec.json.decode(row[2]))) for row in rows))


def responses_of(conn: Connection, trust_id: int, nos: Collection[int]) -> dict[int, Response]:
    """The responses of repairs by number; other kinds are left out. Two queries, none for no numbers."""
    return _responses(conn, trust_id, inquiry.c.no.in_(nos)) if nos else {}


def slow_repairs(conn: Connection, trust_id: int, first: date, last: date, now: datetime) -> list[int]:
    """Repairs asked from ``first`` through ``last`` that had to wait too long by a moment, withdrawn or not."""
    rows = _responses(conn, trust_id, inquiry_now.c.opened_on.between(first, last))
    return [no for no, found in rows.items() if found.slow(now)]


def waiting_too_long(
    conn: Connection, trust_id: int, now: datetime, *, levels: Collection[int] = tuple(LEVELS)
) -> list[int]:
    """Repairs at these levels that nobody responded to within the promised hours; one query if none can be."""
    wanted = select(inquiry_now.c.no).where(inquiry_now.c.trust_id == trust_id, *_may_wait(now, levels))
    candidates = list(conn.execute(wanted).scalars())
    rows = responses_of(conn, trust_id, candidates)
    return [no for no in candidates if rows[no].slow(now)]


def trusts_waiting(conn: Connection, now: datetime) -> list[int]:
    """Communities that have a repair at the lowest level which may have waited too long; one query over all."""
    query = select(inquiry_now.c.trust_id).where(*_may_wait(now, [TRUSTEE])).distinct()
    return list(conn.execute(query).scalars())


def _may_wait(now: datetime, levels: Collection[int]) -> list[ColumnElement[bool]]:
    n, i = inquiry_now.c, inquiry.c
    asked = select(i.no).where(
        i.trust_id == n.trust_id, i.no == n.no, i.opened_at < now - timedelta(hours=_LEAST)
    )
    waits = [n.status == WAITING, n.level.in_(levels), n.kind.in_(_work()), n.response_minutes.is_(None)]
    return [*waits, asked.exists()]


def _responses(conn: Connection, trust_id: int, which: ColumnElement[bool]) -> dict[int, Response]:
    i, n, s = inquiry.c, inquiry_now.c, inquiry_step.c
    same: Any = (s.trust_id == i.trust_id) & (s.no == i.no)
    query = (
        select(i.no, i.opened_at, func.min(s.recorded_at).label("until"))
        .join(inquiry_now, (n.trust_id == i.trust_id) & (n.no == i.no))
        .outerjoin(inquiry_step, same & _ending())
        .where(i.trust_id == trust_id, i.kind.in_(_work()), which)
        .group_by(i.no, i.opened_at)
        .order_by(i.no)
    )
    rows = conn.execute(query).all()
    promised = promises(conn, trust_id) if rows else Promises(())
    return {row.no: Response(row.opened_at, promised.hours(row.opened_at), row.until) for row in rows}


def duration_text(minutes: int) -> str:
    """``6 小时 20 分``, ``45 分``, ``2 天 3 小时``."""
    hours, rest = divmod(minutes, _HOUR)
    if hours >= 2 * _DAY:
        days, over = divmod(hours, _DAY)
        return f"{days} 天" + (f" {over} 小时" if over else "")
    return (f"{hours} 小时" + (f" {rest} 分" if rest else "")) if hours else f"{rest} 分"


_ENDS = (*RESPONSES, "withdrawn")


def _ends(step: Step) -> bool:
    return step.kind in _ENDS or (step.kind == "mediated" and step.result == AGREED)


def _ending() -> ColumnElement[bool]:
    s = inquiry_step.c
    return or_(s.kind.in_(_ENDS), and_(s.kind == "mediated", s.result == AGREED))


def _work() -> list[str]:
    return [name for name, row in kinds().items() if row.work]

"""Inquiries as they stood on an earlier day: folded from the steps up to then, so that a figure of the past is
the same whenever it is computed again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from sqlalchemy import Connection, select

from ledger.inquiries.model import OPEN_STATES, TRUSTEE, WITHDRAWN
from ledger.inquiries.state import State, Step, after, state_of
from ledger.inquiries.store import Asked, asked_of, step_of
from ledger.store.tables import inquiry, inquiry_step
from ledger.trust.act import BEIJING

_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Then:
    """An inquiry as it stood at the end of a day."""

    asked: Asked
    steps: tuple[Step, ...]
    state: State
    day: date

    @property
    def until(self) -> datetime:
        """The end of that day."""
        return _midnight(self.day + timedelta(days=1))

    @property
    def late(self) -> bool:
        """Whether a day had passed by then on which something was due and nobody did it."""
        due_on = self.state.due_on
        return self.state.late or (
            self.state.status in OPEN_STATES and due_on is not None and due_on < self.day
        )

    @property
    def answered_late(self) -> bool:
        """Whether the answer came after the day promised, or had not come by then, or by the day
        it was ended, though it was past."""
        answered_on = self.state.answered_on
        if answered_on is None:
            return self.asked.answer_by < (self.state.closed_on or self.day)
        return answered_on > self.asked.answer_by

    @property
    def up_or_late_since(self) -> date | None:
        """The first day on which it was at a higher level, or something had been due before; None without one."""
        state = state_of(self.steps[:1])
        for step in self.steps[1:]:
            late_since = _late_since(state, step.on)
            if late_since is not None:
                return late_since
            state = after(state, step)
            if state.level > TRUSTEE:
                return step.on
        return _late_since(state, self.day)


def fell_due(conn: Connection, trust_id: int, first: date, last: date) -> Iterator[Then]:
    """Those whose first day after the promised one is from ``first`` through ``last``, as they stood at the end
    of ``last``: each in one span only, however long before it was asked."""
    due = inquiry.c.answer_by.between(first - timedelta(days=1), last - timedelta(days=1))
    query = select(inquiry.c.no).where(inquiry.c.trust_id == trust_id, due).order_by(inquiry.c.no)
    yield from _stretches(conn, trust_id, list(conn.execute(query).scalars()), last)


def counts(one: Then) -> bool:
    """Whether it is counted: one withdrawn in good time is not; what was late or had gone up by then stays so."""
    return one.state.status != WITHDRAWN or one.late or one.answered_late or one.state.level > TRUSTEE


def stood_on(conn: Connection, trust_id: int, first: date, last: date, day: date) -> Iterator[Then]:
    """Those asked from ``first`` through ``last``, as they stood at the end of ``day``, by number.

    Days are those of China. Read in stretches, two queries each.
    """
    begin, until = _midnight(first), _midnight(min(last, day) + timedelta(days=1))
    query = (
        select(inquiry.c.no)
        .where(inquiry.c.trust_id == trust_id, inquiry.c.opened_at >= begin, inquiry.c.opened_at < until)
        .order_by(inquiry.c.no)
    )
    yield from _stretches(conn, trust_id, list(conn.execute(query).scalars()), day)


def _stretches(conn: Connection, trust_id: int, nos: list[int], day: date) -> Iterator[Then]:
    for start in range(0, len(nos), _CHUNK):
        yield from _stretch(conn, trust_id, nos[start : start + _CHUNK], day)


def _stretch(conn: Connection, trust_id: int, nos: list[int], day: date) -> Iterator[Then]:
    asked = asked_of(conn, trust_id, nos)
    s = inquiry_step.c
    query = (
        select(inquiry_step)
        .where(
            s.trust_id == trust_id,
            s.no.in_(nos),
            s.recorded_at < _midnight(day + timedelta(days=1)),
        )
        .order_by(s.no, s.step)
    )
    for no, rows in groupby(conn.execute(query), key=lambda row: row.no):
        steps = tuple(step_of(row) for row in rows)
        yield Then(asked[no], steps, state_of(steps), day)


def _late_since(state: State, day: date) -> date | None:
    """The first day after the one on which something was due, if that has come by ``day``."""
    if state.status not in OPEN_STATES or state.due_on is None or state.due_on >= day:
        return None
    return state.due_on + timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)

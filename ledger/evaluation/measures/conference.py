"""What the joint conference (联席会议) did: meetings missed, items without an end, stages left out, votes unprepared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from ledger.conference.model import CLOSED, stages
from ledger.evaluation.measures import Window
from ledger.evaluation.score import Found, Item
from ledger.periods.calendar import first_day, following, last_day, period_of
from ledger.store.tables import (
    conference_item,
    conference_link,
    conference_session,
    conference_task,
    conference_task_step,
    roll,
)
from ledger.trust.act import BEIJING

_PROPOSAL = "propose"
"""The first stage is one party's own; the others are meetings."""
_LAST = "evaluate"


@dataclass(slots=True)
class _Course:
    """An item as it stood: its sessions (day, stage, held, outcome) in order."""

    title: str
    sessions: list[tuple[date, str, bool, str]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether nothing is to follow."""
        _, stage, held, outcome = self.sessions[-1]
        return outcome == CLOSED or (stage == _LAST and (not held or outcome in stages()[_LAST].onward))


def missed(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Stretches of so many ``months`` without a meeting. None for a window shorter than one stretch."""
    stretches = list(_stretches(window, args["months"]))
    if not stretches:
        return None
    s = conference_session.c
    query = (
        select(s.held_on)
        .where(
            s.trust_id == trust_id,
            s.held,
            s.stage != _PROPOSAL,
            s.held_on.between(window.first, window.last),
            s.recorded_at < window.moment,
        )
        .distinct()
    )
    days = set(conn.execute(query).scalars())
    return Found(
        tuple(
            Item(last, f"{first} 至 {last} 没有召开联席会议", 1, "/conference")
            for first, last in stretches
            if not any(first <= day <= last for day in days)
        )
    )


def items_open(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Items with a task overdue at the end of the window, or that rested for ``days`` without having ended."""
    courses = _courses(conn, trust_id, window)
    if not courses:
        return None
    overdue = _overdue(conn, trust_id, window)
    found = []
    for no, course in sorted(courses.items()):
        rested = course.sessions[-1][0] + timedelta(days=args["days"])
        if no in overdue:
            found.append(_of_item(no, overdue[no], f"第 {no} 号议题有任务逾期未办结"))
        elif not course.ended and rested < window.last:
            found.append(_of_item(no, rested, f"第 {no} 号议题超过 {args['days']} 天没有下文"))
    return Found(tuple(found))


def stages_missing(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Items of the window in which a stage was left out and not held after all; None without any item."""
    courses = {
        no: course
        for no, course in _courses(conn, trust_id, window).items()
        if any(window.first <= day for day, *_ in course.sessions)
    }
    if not courses:
        return None
    found = []
    for no, course in sorted(courses.items()):
        held = {stage for _, stage, was_held, _ in course.sessions if was_held}
        left_out = {
            stage: day
            for day, stage, was_held, _ in course.sessions
            if not was_held and stage not in held and day >= window.first
        }
        if left_out:
            names = "、".join(stages()[stage].title for stage in stages() if stage in left_out)
            found.append(_of_item(no, min(left_out.values()), f"第 {no} 号议题跳过了{names}"))
    return Found(tuple(found))


def votes_not_discussed(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found | None:
    """Votes opened in the window that no meeting of a linked item came before; None without any vote."""
    query = select(roll.c.number, roll.c.opened_at).where(
        roll.c.trust_id == trust_id, roll.c.opened_at < window.moment
    )
    opened = {
        number: day
        for number, moment in conn.execute(query)
        if window.first <= (day := moment.astimezone(BEIJING).date()) <= window.last
    }
    if not opened:
        return None
    discussed = _discussed(conn, trust_id, window)
    return Found(
        tuple(
            Item(day, f"第 {number} 号表决以前没有在联席会议商议", 1, f"/resolutions/{number}")
            for number, day in sorted(opened.items())
            if number not in discussed or discussed[number] > day
        )
    )


def _of_item(no: int, day: date, what: str) -> Item:
    return Item(day, what, 1, f"/conference/{no}")


def _stretches(window: Window, months: int) -> Iterator[tuple[date, date]]:
    """The window cut into whole stretches of months, from its beginning."""
    month = period_of(window.first)
    while True:
        begin = month
        for _ in range(months - 1):
            month = following(month)
        if last_day(month) > window.last:
            return
        yield first_day(begin), last_day(month)
        month = following(month)


def _courses(conn: Connection, trust_id: int, window: Window) -> dict[int, _Course]:
    """Items as they stood on the last day; one query."""
    i, s = conference_item.c, conference_session.c
    query = (
        select(i.item, i.title, s.held_on, s.stage, s.held, s.outcome)
        .join(conference_session, (s.trust_id == i.trust_id) & (s.item == i.item))
        .where(i.trust_id == trust_id, s.recorded_at < window.moment, s.held_on <= window.last)
        .order_by(s.item, s.no)
    )
    found: dict[int, _Course] = {}
    for row in conn.execute(query):
        course = found.setdefault(row.item, _Course(row.title))
        course.sessions.append((row.held_on, row.stage, row.held, row.outcome))
    return found


def _overdue(conn: Connection, trust_id: int, window: Window) -> dict[int, date]:
    """Items with tasks that were due and neither done nor dropped on the last day: the first such due day."""
    t, s = conference_task.c, conference_task_step.c
    query = select(t.item, t.task, t.due_on).where(
        t.trust_id == trust_id, t.due_on < window.last, t.recorded_at < window.moment
    )
    due = {(row.item, row.task): row.due_on for row in conn.execute(query)}
    newest = (
        select(s.item, s.task, func.max(s.no).label("no"))
        .where(s.trust_id == trust_id, s.recorded_at < window.moment, s.acted_on <= window.last)
        .group_by(s.item, s.task)
        .subquery()
    )
    rows = conn.execute(
        select(s.item, s.task, s.state)
        .join(newest, (newest.c.item == s.item) & (newest.c.task == s.task) & (newest.c.no == s.no))
        .where(s.trust_id == trust_id, s.state != "open")
    )
    for row in rows:
        due.pop((row.item, row.task), None)
    found: dict[int, date] = {}
    for (item, _), day in due.items():
        found[item] = min(day, found.get(item, day))
    return found


def _discussed(conn: Connection, trust_id: int, window: Window) -> dict[str, date]:
    """The first meeting about each resolution, by the links that stood at the cut-off."""
    c, s = conference_link.c, conference_session.c
    links = conn.execute(
        select(c.item, c.reference, c.standing)
        .where(c.trust_id == trust_id, c.kind == "resolution", c.recorded_at < window.moment)
        .order_by(c.item, c.reference, c.version)
    )
    standing = {(row.item, row.reference): row.standing for row in links}
    meetings = conn.execute(
        select(s.item, func.min(s.held_on).label("day"))
        .where(s.trust_id == trust_id, s.held, s.stage != _PROPOSAL, s.recorded_at < window.moment)
        .group_by(s.item)
    )
    met = {row.item: row.day for row in meetings}
    found: dict[str, date] = defaultdict(lambda: date.max)
    for (item, reference), stands in standing.items():
        if stands and item in met:
            found[reference] = min(found[reference], met[item])
    return found

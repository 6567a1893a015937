"""Items of the joint conference as people read them: stages with their meetings, tasks, what followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, and_, exists, func, select

from ledger.conference.course import Attendance, Standing
from ledger.conference.links import LinkRow, links_of
from ledger.conference.model import CLOSED, Body, Stage, bodies, stages
from ledger.conference.tasks import TaskRow, tasks_of
from ledger.errors import Unanswerable
from ledger.store.tables import (
    conference_attendance,
    conference_item,
    conference_link,
    conference_paper,
    conference_session,
    conference_task,
    conference_task_step,
)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A line of the list: how far the item is, which stages were left out, what is late."""

    item: int
    title: str
    proposed_by: str
    stage: Stage
    outcome: str
    held_on: date
    skipped: tuple[Stage, ...]
    open_tasks: int
    overdue: int

    @property
    def state(self) -> str:
        """How far it is, in words."""
        if self.outcome == CLOSED:
            return "不再推进"
        said = self.stage.outcomes.get(self.outcome, "跳过")
        return f"{self.stage.title}：{said}"


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A meeting, or with ``held`` false a stage that was left out and why (``minutes``)."""

    no: int
    stage: Stage
    held: bool
    held_on: date
    minutes: str
    outcome: str
    recorded_at: datetime
    recorded_by: str
    attendance: Mapping[str, Attendance]
    papers: Mapping[str, str]

    @property
    def outcome_name(self) -> str:
        """What it ended with, in words."""
        return self.stage.outcomes.get(self.outcome, "")

    @property
    def absent(self) -> list[Body]:
        """Parties of the conference that did not come; a proposal is one party's own."""
        if not self.held or self.stage.name == "propose":
            return []
        return [body for body in bodies().values() if body.core and body.name not in self.attendance]


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage of an item: ``state`` is held, skipped, due, later or never."""

    stage: Stage
    state: str
    sessions: tuple[SessionRow, ...]


@dataclass(frozen=True, slots=True)
class ConferenceItem:
    """One item with everything in it."""

    item: int
    title: str
    proposed_by: str
    recorded_at: datetime
    sessions: tuple[SessionRow, ...]
    tasks: tuple[TaskRow, ...]
    links: tuple[LinkRow, ...]

    @property
    def standing(self) -> Standing:
        """How far it is."""
        last = self.sessions[-1]
        met_on = max(one.held_on for one in self.sessions if one.held)
        return Standing(last.no, last.stage, last.held, last.outcome, met_on)

    @property
    def stages(self) -> list[StageRow]:
        """All four stages in order."""
        now = self.standing
        due = now.next_stage
        found = []
        for stage in stages().values():
            mine = tuple(one for one in self.sessions if one.stage.name == stage.name)
            state = "never" if now.closed else "due" if due and due.name == stage.name else "later"
            if mine:
                state = "held" if any(one.held for one in mine) else "skipped"
            found.append(StageRow(stage, state, mine))
        return found


def list_items(
    conn: Connection, trust_id: int, today: date, *, before: int | None = None, limit: int = 50
) -> list[ItemRow]:
    """Items, newest first; ``before`` is the number of the last one shown."""
    i, s, later = conference_item.c, conference_session.c, conference_session.alias()
    query = (
        select(conference_item, s.stage, s.outcome, s.held_on)
        .join(conference_session, and_(s.trust_id == i.trust_id, s.item == i.item))
        .where(
            i.trust_id == trust_id,
            ~exists().where(later.c.trust_id == s.trust_id, later.c.item == s.item, later.c.no > s.no),
        )
        .order_by(i.item.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(i.item < before)
    rows = conn.execute(query).all()
    numbers = [row.item for row in rows]
    skipped = _skipped(conn, trust_id, numbers)
    waiting = _waiting(conn, trust_id, numbers)
    return [
        ItemRow(
            row.item,
            row.title,
            row.proposed_by,
            stages()[row.stage],
            row.outcome,
            row.held_on,
            tuple(stage for name, stage in stages().items() if (row.item, name) in skipped),
            len(waiting.get(row.item, ())),
            sum(day < today for day in waiting.get(row.item, ())),
        )
        for row in rows
    ]


def _skipped(conn: Connection, trust_id: int, items: list[int]) -> set[tuple[int, str]]:
    """Item and stage of what was left out and never held after all."""
    s = conference_session.c
    rows = conn.execute(
        select(s.item, s.stage, s.held).where(s.trust_id == trust_id, s.item.in_(items))
    ).all()
    held = {(row.item, row.stage) for row in rows if row.held}
    return {(row.item, row.stage) for row in rows} - held


def _waiting(conn: Connection, trust_id: int, items: list[int]) -> dict[int, list[date]]:
    """Due days of open tasks by item."""
    t, s, later = conference_task.c, conference_task_step.c, conference_task_step.alias()
    rows = conn.execute(
        select(t.item, t.due_on, s.state)
        .select_from(conference_task)
        .outerjoin(
            conference_task_step,
            and_(
                s.trust_id == t.trust_id,
                s.item == t.item,
                s.task == t.task,
                ~exists().where(
                    later.c.trust_id == s.trust_id,
                    later.c.item == s.item,
                    later.c.task == s.task,
                    later.c.no > s.no,
                ),
            ),
        )
        .where(t.trust_id == trust_id, t.item.in_(items))
    )
    found: dict[int, list[date]] = {}
    for item, due_on, state in rows:
        if state in (None, "open"):
            found.setdefault(item, []).append(due_on)
    return found


def read_item(conn: Connection, trust_id: int, item: int) -> ConferenceItem:
    """One item. Raises :class:`~ledger.errors.Unanswerable` if there is none."""
    head = (
        conn.execute(
            select(conference_item).where(
                conference_item.c.trust_id == trust_id, conference_item.c.item == item
            )
        ).first()
        if 0 < item < 2**31
        else None
    )
    if head is None:
        raise Unanswerable("unknown_item", f"没有第 {item} 号议题")
    return ConferenceItem(
        head.item,
        head.title,
        head.proposed_by,
        head.recorded_at,
        tuple(_sessions(conn, trust_id, item)),
        tuple(tasks_of(conn, trust_id, item)),
        tuple(links_of(conn, trust_id, item)),
    )


def _sessions(conn: Connection, trust_id: int, item: int) -> list[SessionRow]:
    came: dict[int, dict[str, Attendance]] = {}
    a = conference_attendance.c
    order = list(bodies())
    for row in sorted(
        conn.execute(select(conference_attendance).where(a.trust_id == trust_id, a.item == item)),
        key=lambda one: order.index(one.body),
    ):
        came.setdefault(row.no, {})[row.body] = Attendance(row.people, row.roles)
    papers: dict[int, dict[str, str]] = {}
    p = conference_paper.c
    for row in conn.execute(select(conference_paper).where(p.trust_id == trust_id, p.item == item)):
        papers.setdefault(row.no, {})[row.sha256] = row.title
    s = conference_session.c
    rows = conn.execute(
        select(conference_session).where(s.trust_id == trust_id, s.item == item).order_by(s.no)
    )
    return [
        SessionRow(
            row.no,
            stages()[row.stage],
            row.held,
            row.held_on,
            row.minutes,
            row.outcome,
            row.recorded_at,
            row.recorded_by,
            came.get(row.no, {}),
            papers.get(row.no, {}),
        )
        for row in rows
    ]


def conference_state(conn: Connection, trust_id: int) -> tuple[int, ...]:
    """Changes whenever something was recorded: the tables only grow. One query."""
    tables = (conference_item, conference_session, conference_task, conference_task_step, conference_link)
    counts = [
        select(func.count()).select_from(table).where(table.c.trust_id == trust_id).scalar_subquery()
        for table in tables
    ]
    return tuple(conn.execute(select(*counts)).one())

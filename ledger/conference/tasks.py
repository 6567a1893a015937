"""Tasks of the joint conference: a body has to do something by a day, and shows that it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, exists, func, insert, select

from ledger.conference.course import standing
from ledger.conference.model import TASK_STATES, bodies
from ledger.conference.public_text import text_problems
from ledger.errors import Problem, Refused, Unanswerable
from ledger.people import Actor, require
from ledger.store.tables import conference_item, conference_task, conference_task_step, document
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust


@dataclass(frozen=True, slots=True)
class NewTask:
    """Something to be done. ``owner`` is a body, ``owner_role`` what the person in charge is (not who)."""

    title: str
    owner: str
    owner_role: str
    due_on: date


@dataclass(frozen=True, slots=True)
class TaskStep:
    """A task was done, dropped or opened again. ``document``: SHA-256 of the evidence, '' if none."""

    state: str
    note: str
    document: str
    acted_on: date


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task with what happened to it, the newest step last."""

    item: int
    item_title: str
    task: int
    title: str
    owner: str
    owner_role: str
    due_on: date
    steps: tuple[TaskStep, ...] = ()

    @property
    def state(self) -> str:
        """``open``, ``done`` or ``dropped``."""
        return self.steps[-1].state if self.steps else "open"

    @property
    def state_name(self) -> str:
        """The state in words."""
        return TASK_STATES[self.state]

    @property
    def who(self) -> str:
        """Who has to do it: the body, and as what."""
        return f"{bodies()[self.owner].title}{self.owner_role}"

    def overdue_days(self, today: date) -> int:
        """Days past the due day: of an open task until today, of one that is done until then."""
        if self.state == "dropped":
            return 0
        end = self.steps[-1].acted_on if self.state == "done" else today
        return max(0, (end - self.due_on).days)


def add_task(conn: Connection, trust_id: int, item: int, new: NewTask, actor: Actor, act: Act) -> int:
    """Give a body a task and return its number within the item. Raises :class:`Refused`."""
    require(actor, "conference.record")
    lock_trust(conn, trust_id)
    standing(conn, trust_id, item)
    problems = [
        *text_problems("任务", new.title, longest=200),
        *text_problems("负责岗位", new.owner_role, longest=30),
    ]
    if new.owner not in bodies():
        problems.append(Problem("bad_body", "请选择由哪一方负责", "负责方"))
    if new.due_on < act.today:
        problems.append(Problem("past", f"完成期限 {new.due_on} 已经过了", "完成期限"))
    if problems:
        raise Refused(problems)
    query = select(func.coalesce(func.max(conference_task.c.task), 0)).where(
        conference_task.c.trust_id == trust_id, conference_task.c.item == item
    )
    task = int(conn.execute(query).scalar_one()) + 1
    conn.execute(
        insert(conference_task).values(
            trust_id=trust_id,
            item=item,
            task=task,
            title=new.title.strip(),
            owner=new.owner,
            owner_role=new.owner_role.strip(),
            due_on=new.due_on,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    return task


def settle_task(
    conn: Connection,
    trust_id: int,
    item: int,
    task: int,
    step: TaskStep,
    actor: Actor,
    act: Act,
) -> None:
    """Say that a task is done (with the evidence), dropped or open again (with the reason)."""
    require(actor, "conference.task")
    lock_trust(conn, trust_id)
    row = next((one for one in tasks_of(conn, trust_id, item) if one.task == task), None)
    if row is None:
        raise Unanswerable("unknown_task", f"第 {item} 号议题没有第 {task} 项任务")
    what = "办结的凭据" if step.state == "done" else "原因"
    problems = [*text_problems(what, step.note, longest=500)]
    if step.state not in TASK_STATES:
        problems.append(Problem("bad_state", f"只能是{'、'.join(TASK_STATES.values())}", "进展"))
    elif step.state == row.state:
        problems.append(Problem("nothing_changed", f"这项任务已经是“{row.state_name}”", "进展"))
    if step.acted_on > act.today:
        problems.append(Problem("not_yet", f"日期 {step.acted_on} 还没到", "日期"))
    problems += _document_problems(conn, trust_id, step.document)
    if problems:
        raise Refused(problems)
    conn.execute(
        insert(conference_task_step).values(
            trust_id=trust_id,
            item=item,
            task=task,
            no=len(row.steps) + 1,
            state=step.state,
            note=step.note.strip(),
            document=step.document,
            acted_on=step.acted_on,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )


def tasks_of(conn: Connection, trust_id: int, item: int) -> list[TaskRow]:
    """All tasks of an item in their order."""
    t, s, i = conference_task.c, conference_task_step.c, conference_item.c
    rows = conn.execute(
        select(
            conference_task,
            i.title.label("item_title"),
            s.no.label("step"),
            s.state,
            s.note,
            s.document,
            s.acted_on,
        )
        .join(conference_item, and_(i.trust_id == t.trust_id, i.item == t.item))
        .outerjoin(conference_task_step, and_(s.trust_id == t.trust_id, s.item == t.item, s.task == t.task))
        .where(t.trust_id == trust_id, t.item == item)
        .order_by(t.task, s.no)
    )
    found: dict[int, TaskRow] = {}
    for r in rows:
        before = found.get(r.task)
        steps = before.steps if before else ()
        if r.step is not None:
            steps = (*steps, TaskStep(r.state, r.note, r.document, r.acted_on))
        found[r.task] = TaskRow(r.item, r.item_title, r.task, r.title, r.owner, r.owner_role, r.due_on, steps)
    return list(found.values())


def open_tasks(
    conn: Connection, trust_id: int, owners: Sequence[str] = (), *, limit: int = 100
) -> list[TaskRow]:
    """Tasks that are still to be done, those due first first; of these bodies only, if any are named."""
    t, s, i = conference_task.c, conference_task_step.c, conference_item.c
    later = conference_task_step.alias()
    settled = exists().where(
        s.trust_id == t.trust_id,
        s.item == t.item,
        s.task == t.task,
        s.state != "open",
        ~exists().where(
            later.c.trust_id == s.trust_id,
            later.c.item == s.item,
            later.c.task == s.task,
            later.c.no > s.no,
        ),
    )
    query = (
        select(conference_task, i.title.label("item_title"))
        .join(conference_item, and_(i.trust_id == t.trust_id, i.item == t.item))
        .where(t.trust_id == trust_id, ~settled)
        .order_by(t.due_on, t.item, t.task)
        .limit(limit)
    )
    if owners:
        query = query.where(t.owner.in_(owners))
    return [
        TaskRow(r.item, r.item_title, r.task, r.title, r.owner, r.owner_role, r.due_on)
        for r in conn.execute(query)
    ]


def _document_problems(conn: Connection, trust_id: int, digest: str) -> list[Problem]:
    if not digest:
        return []
    query = select(document.c.sha256).where(document.c.trust_id == trust_id, document.c.sha256 == digest)
    known = conn.execute(query).first()
    return [] if known else [Problem("unknown_document", "没有这份附件，请先上传", "附件")]

"""An item goes through the four stages (提议、商议、审议、评议); a stage left out stays visible.

Nothing is changed afterwards: a stage that is held again is another meeting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ledger.conference.model import CLOSED, Stage, bodies, stage_after, stages
from ledger.conference.public_text import text_problems
from ledger.errors import Problem, Refused, Unanswerable
from ledger.people import Actor, require
from ledger.store.tables import (
    conference_attendance,
    conference_item,
    conference_paper,
    conference_session,
    document,
)
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

LONGEST = 4000
_LONGEST_TITLE = 60
_MOST_PEOPLE = 1000


@dataclass(frozen=True, slots=True)
class Attendance:
    """How many came for a body and as what, such as 主任、委员; never names."""

    people: int
    roles: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of a stage. ``papers``: titles by the SHA-256 of papers that were handed in."""

    held_on: date
    minutes: str
    outcome: str
    attendance: Mapping[str, Attendance]
    papers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item as it is proposed."""

    title: str
    body: str
    proposed_by: str
    proposed_on: date
    papers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an item has come: the newest session, and what may come next. ``met_on``: its last meeting."""

    no: int
    stage: Stage
    held: bool
    outcome: str
    met_on: date

    @property
    def closed(self) -> bool:
        """Whether nothing follows any more."""
        return self.outcome == CLOSED

    @property
    def onward(self) -> bool:
        """Whether the next stage may begin."""
        return not self.held or self.outcome in self.stage.onward

    @property
    def next_stage(self) -> Stage | None:
        """The stage that is due: the same again, the next one, or none."""
        if self.closed:
            return None
        return stage_after(self.stage.name) if self.onward else self.stage


def propose(conn: Connection, trust_id: int, new: NewItem, actor: Actor, act: Act) -> int:
    """Put an item on the list and return its number. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "conference.propose")
    lock_trust(conn, trust_id)
    problems = [
        *text_problems("议题", new.title, longest=_LONGEST_TITLE),
        *text_problems("提议内容", new.body, longest=LONGEST),
        *_day_problems(new.proposed_on, None, act),
        *_paper_problems(conn, trust_id, new.papers),
    ]
    if new.proposed_by not in bodies():
        problems.append(_unknown_body("提议方"))
    if problems:
        raise Refused(problems)
    query = select(func.coalesce(func.max(conference_item.c.item), 0)).where(
        conference_item.c.trust_id == trust_id
    )
    item = int(conn.execute(query).scalar_one()) + 1
    conn.execute(
        insert(conference_item).values(
            trust_id=trust_id,
            item=item,
            title=new.title.strip(),
            body=new.body.strip(),
            proposed_by=new.proposed_by,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    first = Meeting(new.proposed_on, new.body, "accepted", {}, new.papers)
    _write(conn, trust_id, item, 1, next(iter(stages().values())), first, actor, act, held=True)
    return item


def record_meeting(
    conn: Connection, trust_id: int, item: int, stage: str, meeting: Meeting, actor: Actor, act: Act
) -> int:
    """Keep the minutes of a meeting about an item; returns its number within the item.

    A stage is held after the one before it was held or left out, and may be held again until the next one
    begins. Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "conference.record")
    lock_trust(conn, trust_id)
    now = standing(conn, trust_id, item)
    problems = [
        *_order_problems(now, stage, again=True),
        *_day_problems(meeting.held_on, now.met_on, act),
        *text_problems("纪要", meeting.minutes, longest=LONGEST),
        *_attendance_problems(meeting.attendance),
        *_paper_problems(conn, trust_id, meeting.papers),
    ]
    if stage in stages() and meeting.outcome not in stages()[stage].outcomes:
        allowed = "、".join(stages()[stage].outcomes.values())
        problems.append(Problem("bad_outcome", f"结果只能是{allowed}", "结果"))
    if problems:
        raise Refused(problems)
    _write(conn, trust_id, item, now.no + 1, stages()[stage], meeting, actor, act, held=True)
    return now.no + 1


def skip_stage(
    conn: Connection, trust_id: int, item: int, stage: str, reason: str, actor: Actor, act: Act
) -> int:
    """Record that a stage was left out, and why; everybody sees it. Raises :class:`Refused`."""
    require(actor, "conference.record")
    lock_trust(conn, trust_id)
    now = standing(conn, trust_id, item)
    problems = [
        *_order_problems(now, stage, again=False),
        *text_problems("跳过的原因", reason, longest=500),
    ]
    if problems:
        raise Refused(problems)
    left_out = Meeting(act.today, reason, "", {}, {})
    _write(conn, trust_id, item, now.no + 1, stages()[stage], left_out, actor, act, held=False)
    return now.no + 1


def standing(conn: Connection, trust_id: int, item: int) -> Standing:
    """How far an item has come. Raises :class:`~ledger.errors.Unanswerable` if there is none."""
    s = conference_session.c
    mine = (s.trust_id == trust_id, s.item == item)
    met_on = select(func.max(s.held_on)).where(*mine, s.held).scalar_subquery()
    row = conn.execute(
        select(s.no, s.stage, s.held, s.outcome, met_on.label("met_on"))
        .where(*mine)
        .order_by(s.no.desc())
        .limit(1)
    ).first()
    if row is None:
        raise Unanswerable("unknown_item", f"没有第 {item} 号议题")
    return Standing(row.no, stages()[row.stage], row.held, row.outcome, row.met_on)


def _order_problems(now: Standing, stage: str, *, again: bool) -> Iterable[Problem]:
    """``again``: the present stage may be held once more, also one that was left out."""
    if stage not in stages():
        yield Problem("bad_stage", f"请选择{'、'.join(s.title for s in stages().values())}之一", "阶段")
        return
    if now.closed:
        yield Problem("item_closed", "这个议题已经决定不再推进；要重新商量，请另提一个议题", "阶段")
        return
    if stage == now.stage.name and again:
        return
    due = now.next_stage
    if due is None:
        yield Problem("all_stages_held", "四个阶段都已走完；要再办，请另提一个议题", "阶段")
    elif stage != due.name:
        why = f"现在该进行“{due.title}”" if now.onward else f"上次“{now.stage.title}”没有通过，请先再议"
        yield Problem(
            "wrong_stage",
            f"{why}，不能直接记“{stages()[stage].title}”；略过的阶段请先登记“跳过”并写明原因",
            "阶段",
        )
    elif not again and not now.onward:
        yield Problem("wrong_stage", f"“{now.stage.title}”已经开过但没有通过，不能算跳过，请再议", "阶段")


def _day_problems(day: date, before: date | None, act: Act) -> Iterable[Problem]:
    if day > act.today:
        yield Problem("not_yet", f"日期 {day} 还没到，开过了再登记", "日期")
    if before is not None and day < before:
        yield Problem("out_of_order", f"日期不能早于上一次的 {before}", "日期")


def _attendance_problems(came: Mapping[str, Attendance]) -> Iterable[Problem]:
    if not came:
        yield Problem("nobody_came", "请填写各方到会人数，至少有一方到会", "到会")
    for body, who in came.items():
        if body not in bodies():
            yield _unknown_body("到会")
            continue
        title = f"{bodies()[body].title}到会"
        if not 0 < who.people <= _MOST_PEOPLE:
            yield Problem("bad_number", f"到会人数应在 1 到 {_MOST_PEOPLE} 之间", title)
        yield from text_problems(title, who.roles, longest=60, required=False)


def _unknown_body(where: str) -> Problem:
    return Problem("bad_body", f"只能是{'、'.join(body.title for body in bodies().values())}", where)


def _paper_problems(conn: Connection, trust_id: int, papers: Mapping[str, str]) -> Iterable[Problem]:
    for title in papers.values():
        yield from text_problems("附件名称", title, longest=100, required=False)
    if not papers:
        return
    query = select(document.c.sha256).where(
        document.c.trust_id == trust_id, document.c.sha256.in_(list(papers))
    )
    known = set(conn.execute(query).scalars())
    if set(papers) - known:
        yield Problem("unknown_document", "没有这份附件，请先上传", "附件")


def _write(
    conn: Connection,
    trust_id: int,
    item: int,
    no: int,
    stage: Stage,
    meeting: Meeting,
    actor: Actor,
    act: Act,
    *,
    held: bool,
) -> None:
    key = {"trust_id": trust_id, "item": item, "no": no}
    conn.execute(
        insert(conference_session).values(
            **key,
            stage=stage.name,
            held=held,
            held_on=meeting.held_on,
            minutes=meeting.minutes.strip(),
            outcome=meeting.outcome,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    _insert(
        conn,
        conference_attendance,
        [
            {**key, "body": body, "people": who.people, "roles": who.roles.strip()}
            for body, who in meeting.attendance.items()
        ],
    )
    _insert(
        conn,
        conference_paper,
        [{**key, "sha256": sha, "title": title.strip()} for sha, title in meeting.papers.items()],
    )


def _insert(conn: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        conn.execute(insert(table), rows)

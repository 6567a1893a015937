"""One inquiry taken in hand: its steps so far, the next one checked and written with where it leads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.errors import Problem, Refused, refuse
from ledger.inquiries.allowed import capacity, require_step
from ledger.inquiries.deadlines import Deadlines, deadlines_on
from ledger.inquiries.model import (
    AGREED,
    ANSWERS,
    LATE,
    MOVES,
    NOT_SATISFIED,
    STREET,
    SYSTEM,
    TRUSTEE,
    UNSETTLED,
    WAITING,
)
from ledger.inquiries.state import State, Step, after, may_follow, state_of
from ledger.inquiries.store import Asked, asked_of, keep_states, steps_of, write_steps
from ledger.journal.head import lock_head
from ledger.people import Actor
from ledger.trust.act import Act
from ledger.trust.setup import load_setup


@dataclass(slots=True)
class Course:
    """An inquiry that this transaction holds. ``deadlines``: those in force today."""

    conn: Connection
    trust_id: int
    asked: Asked
    steps: list[Step]
    state: State
    deadlines: Deadlines
    act: Act

    @property
    def promised(self) -> date | None:
        """When what is taken on now is due: the day promised at first, later the level's."""
        first = self.state.level == TRUSTEE and self.state.status == WAITING
        return self.asked.answer_by if first else self.state.due_on

    @property
    def answerers(self) -> frozenset[str]:
        """Who gave an answer."""
        return frozenset(
            step.person for step in self.steps if step.kind in ANSWERS and step.result in ("", AGREED)
        )

    def by(self, actor: Actor) -> str:
        """In which capacity somebody acts here."""
        if actor.person == self.asked.person:
            return self.steps[0].signature
        return capacity(actor, self.state.level, self.deadlines)

    def check(self, kind: str, actor: Actor, problems: Iterable[Problem] = ()) -> None:
        """Raise :class:`Refused` unless this person may take this step now, in words without problems."""
        require_step(actor, kind, self.asked, self.state)
        found = list(problems)
        if not may_follow(self.state, kind, work=self.asked.kind_row.work):
            found.insert(0, self._wrong_state(kind))
        if found:
            raise Refused(found)

    def add(
        self,
        kind: str,
        actor: Actor,
        *,
        due_on: date | None,
        text: str = "",
        result: str = "",
        of_step: int = 0,
    ) -> Step:
        """Write a step and where it leads; what leaves the asker unsettled goes up at once."""
        step = Step(
            no=len(self.steps) + 1,
            kind=kind,
            level=self.state.level,
            person=actor.person,
            signature=self.by(actor),
            text=text.strip(),
            result=result,
            of_step=of_step,
            due_on=due_on,
            recorded_at=self.act.now,
        )
        made = [step]
        state = after(self.state, step)
        if state.status == UNSETTLED:
            made.append(system_step(state, len(self.steps) + 2, self.deadlines, self.act))
            state = after(state, made[-1])
        write_steps(self.conn, self.trust_id, [(self.asked.no, one) for one in made])
        keep_states(self.conn, self.trust_id, {self.asked.no: state})
        self.steps += made
        self.state = state
        return step

    def _wrong_state(self, kind: str) -> Problem:
        title = MOVES[kind].title
        if kind == "rated" and not self.state.rateable:
            return Problem("nothing_to_rate", "还没有答复，或已经评价过这次答复", "评价")
        message = f"第 {self.asked.no} 号现在是“{self.state.status_name}”，不能{title}"
        if kind in ("visited", "done", "rework", "answered"):
            message += "；报修用到场、完工、返修，其他的用答复"
        return Problem("wrong_state", message, "办理进度")


def take(conn: Connection, trust_id: int, no: int, act: Act) -> Course:
    """Hold an inquiry until the transaction ends. Raises :class:`~ledger.errors.Refused` for an unknown number."""
    head = lock_head(conn, trust_id)
    asked = asked_of(conn, trust_id, [no]).get(no) if 0 < no < 2**31 else None
    if asked is None:
        raise refuse("unknown_inquiry", f"没有第 {no} 号质询，请核对编号", "编号")
    steps = steps_of(conn, trust_id, [no])[no]
    deadlines = deadlines_on(load_setup(conn, trust_id, head.setup_version), act.today)
    return Course(conn, trust_id, asked, steps, state_of(steps), deadlines, act)


def system_step(state: State, no: int, deadlines: Deadlines, act: Act) -> Step:
    """What the system itself does with an inquiry that is late or unsettled: one level up, or once more at the
    highest; or with an answer nobody rated in time, which stays without a rating."""
    kind, result, level = "escalated", LATE, min(state.level + 1, STREET)
    due_on, text = deadlines.level_by(act.today), deadlines.duty(level)
    if state.status == UNSETTLED:
        kind = "escalated" if level > state.level else "reopened"
        result = NOT_SATISFIED
    elif state.status not in MOVES["escalated"].states:
        kind, result, level = "lapsed", "", state.level
        due_on, text = deadlines.call_back_by(act.today), ""
    return Step(no, kind, level, "", SYSTEM, text, result, 0, due_on, act.now)

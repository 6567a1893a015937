"""Where an inquiry stands: a fold of its steps, and nothing else.

The row of ``inquiry_now`` is this fold as it was after the last step; verification makes it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from ledger.inquiries.model import (
    ANSWERED,
    BY_RESULT,
    CLOSING,
    ENDED,
    KEPT,
    LATE,
    LEVELS,
    MOVES,
    NOT_SETTLED,
    OPEN_STATES,
    PUBLISHED,
    RATING_NAMES,
    RESPONSES,
    SATISFIED,
    STATUS_NAMES,
    TRUSTEE,
    WAITING,
)
from ledger.trust.act import BEIJING


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it was recorded. ``level`` and ``due_on`` are those in force after it.

    ``text`` of ``opened``, ``escalated`` and ``reopened`` is the post that then has it in hand; of ``published``
    the public words; of all others private."""

    no: int
    kind: str
    level: int
    person: str
    signature: str
    text: str
    result: str
    of_step: int
    due_on: date | None
    recorded_at: datetime

    @property
    def title(self) -> str:
        """In words."""
        return MOVES[self.kind].title

    @property
    def on(self) -> date:
        """The day in China."""
        return self.recorded_at.astimezone(BEIJING).date()


@dataclass(frozen=True, slots=True)
class State:
    """What the steps come to.

    ``answered_on``: the first answer; ``response_minutes``: until somebody on duty first moved; ``late``: a day
    on which something was due, or the hours promised for a repair, passed with nothing done; ``rating``: what the asker last said, '' for silence;
    ``publication``: of the question; ``rateable``: the asker has an answer they said nothing of yet;
    ``duty``: the post that has it in hand at its level.
    """

    status: str
    level: int
    due_on: date | None
    opened_at: datetime
    response_minutes: int | None = None
    answered_on: date | None = None
    closed_on: date | None = None
    late: bool = False
    rating: str = ""
    mediation: str = ""
    reworks: int = 0
    publication: str = ""
    rateable: bool = False
    duty: str = ""

    @property
    def opened_on(self) -> date:
        """The day in China on which it was asked."""
        return self.opened_at.astimezone(BEIJING).date()

    @property
    def status_name(self) -> str:
        """In words."""
        return STATUS_NAMES[self.status]

    @property
    def level_name(self) -> str:
        """In words."""
        return LEVELS[self.level]

    @property
    def rating_name(self) -> str:
        """In words; silence is no rating."""
        return RATING_NAMES[self.rating]

    @property
    def ended(self) -> bool:
        """Whether nothing follows any more."""
        return self.status in ENDED


def state_of(steps: Sequence[Step]) -> State:
    """The fold. Raises ValueError or KeyError for steps that nobody can have made in this order."""
    first = steps[0]
    if first.kind != "opened" or first.level != TRUSTEE:
        raise ValueError("an inquiry begins with being asked, at the lowest level")
    state = State(WAITING, first.level, first.due_on, first.recorded_at, duty=first.text)
    for step in steps[1:]:
        state = after(state, step)
    return state


def after(state: State, step: Step) -> State:
    """The state after one more step. Raises ValueError for a step that can't follow."""
    move = MOVES[step.kind]
    if state.status not in move.states:
        raise ValueError(f"{step.kind} can't follow in state {state.status}")
    status = BY_RESULT.get((step.kind, step.result), move.into) or state.status
    overdue = state.due_on is not None and step.on > state.due_on and state.status in OPEN_STATES
    acts = status != state.status or step.kind == "escalated"
    went_up = step.kind == "escalated" and step.result == LATE
    made = replace(
        state,
        status=status,
        level=step.level,
        due_on=step.due_on,
        late=state.late or went_up or (overdue and acts),
        closed_on=step.on if status in ENDED and state.status not in ENDED else state.closed_on,
    )
    return _counted(made, step)


def _counted(state: State, step: Step) -> State:
    """What single kinds of steps add."""
    if state.response_minutes is None and step.kind in RESPONSES:
        waited = int((step.recorded_at - state.opened_at).total_seconds()) // 60
        state = replace(state, response_minutes=waited)
    if state.status == ANSWERED and step.kind in ("answered", "done", "mediated"):
        state = replace(state, answered_on=state.answered_on or step.on, rateable=True)
    return replace(state, **_added(state, step))


def _added(state: State, step: Step) -> dict[str, Any]:
    added: dict[str, Any] = {}
    match step.kind:
        case "rated":
            added = {"rating": step.result, "rateable": False}
        case "escalated" | "reopened":
            added = {"duty": step.text}
        case "mediated":
            added = {"mediation": step.result}
        case "rework":
            added = {"reworks": state.reworks + 1, "rateable": False, "rating": _no_longer_satisfied(state)}
        case "called_back" if step.result == NOT_SETTLED:
            added = {"rating": _no_longer_satisfied(state)}
        case "published" if step.of_step == 1:
            added = {"publication": PUBLISHED}
        case "kept" if state.publication != PUBLISHED:
            added = {"publication": KEPT}
    return added


def _no_longer_satisfied(state: State) -> str:
    """What was found settled is to be done again: only the asker can call the next answer satisfying."""
    return "" if state.rating == SATISFIED else state.rating


def may_follow(state: State, kind: str, *, work: bool) -> bool:
    """Whether a kind of step can come next; ``work``: whether the inquiry is a piece of work."""
    if (kind == "answered" and work) or (kind in ("visited", "done", "rework") and not work):
        return False
    if kind == "rated":
        return state.rateable and state.status in (ANSWERED, CLOSING)
    if kind == "kept":
        return state.publication != PUBLISHED
    return state.status in MOVES[kind].states

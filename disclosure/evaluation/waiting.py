"""What goes on with a round, who has it in hand, and until when: the sheets and the questionnaire have days of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from disclosure.evaluation.words import BEFORE_END, DOING
from disclosure.public.words import day_text
from ledger.evaluation.district import RoundRow
from ledger.evaluation.rounds import read_states
from ledger.evaluation.scheme import BODIES, SHEET_BODIES, Scheme
from ledger.evaluation.sheets import unscored
from ledger.evaluation.state import State

_RATED = ("scoring", "survey")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A round that is being rated. ``bodies``: in words, those whose sheets are missing; the last days of the sheets
    and of the questionnaire, None before that is open."""

    bodies: tuple[str, ...]
    scoring_until: date
    closes_on: date | None


def waiting_of(state: State) -> Waiting | None:
    """What a round waits for; None unless it is being rated."""
    if state.stage not in _RATED:
        return None
    bodies = tuple(BODIES[body] for body in SHEET_BODIES if unscored(state, body))
    return Waiting(bodies, state.scoring_until, state.closes_on)


def read_waiting(conn: Connection, trust_id: int, rows: Collection[RoundRow]) -> Mapping[int, Waiting]:
    """The same by round, of those that are being rated: three queries for all, none without any."""
    rated = [row.round for row in rows if row.stage in _RATED]
    states = read_states(conn, trust_id, rated) if rated else []
    return {state.round: found for state in states if (found := waiting_of(state))}


def doing(stage: str, last_on: date, today: date, waiting: Waiting | None = None) -> str:
    """What goes on with a round of a span that ends on a day."""
    if stage == "self" and today <= last_on:
        return BEFORE_END
    if waiting and stage == "scoring" and waiting.bodies:
        return f"系统已经取数，等{joined(waiting.bodies)}评分"
    if waiting and waiting.closes_on and today > waiting.closes_on:
        return "问卷已经截止，等公示"
    return DOING[stage]


def until(due_on: date | None, waiting: Waiting | None = None) -> str:
    """By when, as a clause; '' if nothing is due any more."""
    if waiting is None or waiting.closes_on is None:
        return f"这一步最迟{day_text(due_on)}" if due_on else ""
    text = f"问卷到{day_text(waiting.closes_on)}截止"
    if waiting.bodies or waiting.scoring_until > waiting.closes_on:
        text += f"，评分到{day_text(waiting.scoring_until)}为止"
    return text


def scorers_of(scheme: Scheme) -> tuple[str, ...]:
    """The bodies that a scheme asks for sheets, in words."""
    return tuple(BODIES[body] for body in SHEET_BODIES if scheme.scored_by(body))


def joined(names: Collection[str]) -> str:
    """``甲、乙和丙``; ``系统`` where nobody is named, who then reckons all of it."""
    *first, last = names or (BODIES["system"],)
    return f"{'、'.join(first)}和{last}" if first else last

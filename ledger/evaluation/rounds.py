"""Read rounds, three queries for any number of them; write their steps, and with each where the round stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from ledger.errors import Unanswerable, refuse
from ledger.evaluation.scheme import decode_scheme
from ledger.evaluation.state import State
from ledger.evaluation.steps import Step
from ledger.evaluation.telling import tell_step
from ledger.evaluation.value import BODIES_OF_STEPS, PREVIEWED, STAGE_NAMES, SURVEY, SurveyDays
from ledger.people import Actor
from ledger.store.tables import evaluation_answer, evaluation_now, evaluation_round, evaluation_step
from ledger.trust.act import Act


def add_step(
    conn: Connection, trust_id: int, state: State, kind: str, body: msgspec.Struct, actor: Actor, act: Act
) -> State:
    """Write the next step and whom it is told to, the caller holding the trust's lock; returns the round as it now
    stands."""
    no = len(state.steps) + 1
    conn.execute(
        insert(evaluation_step).values(
            trust_id=trust_id,
            round=state.round,
            step=no,
            kind=kind,
            body=msgspec.json.encode(body, order="sorted").decode(),
            person=actor.person,
            signature=actor.signature,
            recorded_at=act.now,
        )
    )
    after = state.with_step(Step(no, kind, body, actor.person, actor.signature, act.now))
    keep_now(conn, trust_id, after)
    tell_step(conn, trust_id, after, after.steps[-1], act)
    return after


def keep_now(conn: Connection, trust_id: int, state: State) -> None:
    """Put the summary of a round in place of its last one."""
    made = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    summary = summary_of(state)
    values = {"trust_id": trust_id, "round": state.round, "period": state.period, **summary}
    statement: Any = made(evaluation_now).values(values)
    changed = {name: statement.excluded[name] for name in summary}
    conn.execute(statement.on_conflict_do_update(index_elements=["trust_id", "round"], set_=changed))


def summary_of(state: State) -> dict[str, Any]:
    """The columns of ``evaluation_now`` that change. Figures show from the preview on."""
    shown = state.stage in PREVIEWED
    found: dict[str, Any] = {
        "stage": state.stage,
        "due_on": state.due_on,
        "version": len(state.results),
        "vetoes": len(state.vetoes()) if shown else 0,
        "appeals": len(state.open_appeals()),
        "figures": "{}",
    }
    figures: dict[str, int | None] = {}
    for name in ("service", "party"):
        half = state.scores.half(name) if shown else None
        found[f"{name}_points"] = half.points if half else None
        found[f"{name}_possible"] = half.possible if half else 0
        found[f"{name}_grade"] = half.grade if half else ""
        figures |= {one.indicator.code: one.points for one in half.indicators} if half else {}
    found["figures"] = msgspec.json.encode(figures).decode()
    return found


def read_states(conn: Connection, trust_id: int, rounds: Collection[int] | None = None) -> list[State]:
    """Rounds by number, all if none are named; unknown ones are left out."""
    r, s, a = evaluation_round.c, evaluation_step.c, evaluation_answer.c
    queries: list[Any] = [
        select(evaluation_round).where(r.trust_id == trust_id).order_by(r.round),
        select(evaluation_step).where(s.trust_id == trust_id).order_by(s.round, s.step),
        select(a.round, a.choice, func.count()).where(a.trust_id == trust_id).group_by(a.round, a.choice),
    ]
    if rounds is not None:
        wanted = [no for no in rounds if 0 < no < 2**31]
        queries = [
            query.where(column.in_(wanted))
            for query, column in zip(queries, (r.round, s.round, a.round), strict=True)
        ]
    rows, steps, answers = (conn.execute(query).all() for query in queries)
    course: dict[int, list[Step]] = {}
    for row in steps:
        course.setdefault(row.round, []).append(_step(row))
    chosen: dict[int, dict[str, int]] = {}
    for no, choice, count in answers:
        chosen.setdefault(no, {})[choice] = int(count)
    return [_state(row, tuple(course.get(row.round, ())), chosen.get(row.round, {})) for row in rows]


def read_state(conn: Connection, trust_id: int, round_no: int) -> State:
    """One round. Raises :class:`~ledger.errors.Unanswerable` if there is none."""
    found = read_states(conn, trust_id, [round_no])
    if not found:
        raise Unanswerable("unknown_round", f"没有第 {round_no} 轮评价")
    return found[0]


def closing_days(conn: Connection, trust_id: int, rounds: Collection[int]) -> dict[int, date]:
    """By round, the last day to answer its questionnaire; those without one are left out. One query."""
    s = evaluation_step.c
    query = select(s.round, s.body).where(s.trust_id == trust_id, s.kind == SURVEY, s.round.in_(rounds))
    rows = conn.execute(query.order_by(s.round, s.step))
    return {row.round: msgspec.json.decode(row.body, type=SurveyDays).closes_on for row in rows}


def state_in(conn: Connection, trust_id: int, round_no: int, stages: Collection[str], doing: str) -> State:
    """A round that stands at one of these stages. Raises :class:`~ledger.errors.Refused`."""
    found = read_states(conn, trust_id, [round_no])
    if not found:
        raise refuse("unknown_round", f"没有第 {round_no} 轮评价，请核对", "轮次")
    if found[0].stage not in stages:
        wanted = "、".join(f"“{STAGE_NAMES[stage]}”" for stage in stages)
        message = f"{found[0].title}的评价现在是“{found[0].stage_name}”，只有{wanted}阶段才能{doing}"
        raise refuse("wrong_stage", message, "轮次")
    return found[0]


def _step(row: Row[Any]) -> Step:
    body = msgspec.json.decode(row.body, type=BODIES_OF_STEPS[row.kind])
    return Step(row.step, row.kind, body, row.person, row.signature, row.recorded_at)


def _state(row: Row[Any], steps: tuple[Step, ...], answers: Mapping[str, int]) -> State:
    return State(
        round=row.round,
        period=row.period,
        first_on=row.first_on,
        last_on=row.last_on,
        scope=row.scope,
        version=row.version,
        scheme=decode_scheme(row.scheme),
        opened_at=row.opened_at,
        steps=steps,
        answers=answers,
    )

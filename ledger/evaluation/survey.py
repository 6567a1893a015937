"""The residents' questionnaire (业主问卷): one answer a home, sealed in the log, shown in sums only.

Groups of fewer than five are never shown, nor what would give them away by subtraction. An answer can't be taken
back: what was counted stays counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, tuple_
from sqlalchemy import Row as DbRow

from ledger.errors import Problem, refuse
from ledger.evaluation.result import read_subjects
from ledger.evaluation.rounds import add_step, state_in
from ledger.evaluation.state import State
from ledger.evaluation.value import SURVEY, SurveyDays
from ledger.journal.sealing import SALT_BYTES, commitment, field_salt
from ledger.people import Actor, Forbidden, require
from ledger.records import Value, places_of, publish_record
from ledger.store.tables import evaluation_answer, unit
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

LEAST_GROUP = 5
RECORD = "evaluation_answer"
OTHERS = ""
"""Stands for the groups too small to be shown."""
FIELD = "answer"
SHORTEST, LONGEST = 3, 60
"""Days a questionnaire may be open."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a home keeps: with these the seal in the log can be opened by its own hand. ``commitment`` is the
    SHA-256 of ``[salt, "answer", said]`` as JSON."""

    round: int
    no: int
    seq: int
    commitment: str
    salt: str
    said: str


@dataclass(frozen=True, slots=True)
class MyAnswer:
    """One's own answer for a home, and its receipt."""

    home: str
    choice: str
    at: datetime
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Group:
    """Answers of a building; ``building`` :data:`OTHERS` for all those too small to be shown by themselves."""

    building: str
    answers: int
    satisfied: int


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """``enough``: at least as many answers as the scheme asks. ``choices``: by code, None if too few to show."""

    answers: int
    units: int
    satisfied: int | None
    enough: bool
    choices: Mapping[str, int] | None
    groups: tuple[Group, ...]


def open_survey(
    conn: Connection, trust_id: int, round_no: int, closes_on: date, actor: Actor, act: Act
) -> None:
    """Ask the residents, through ``closes_on``. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "evaluation.open")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("scoring",), "发问卷")
    days = (closes_on - act.today).days
    if not SHORTEST <= days <= LONGEST:
        raise refuse("bad_days", f"问卷应开放 {SHORTEST} 至 {LONGEST} 天", "截止日期")
    add_step(conn, trust_id, state, SURVEY, SurveyDays(closes_on), actor, act)


def answer(
    conn: Connection, trust_id: int, round_no: int, home: str, choice: str, actor: Actor, act: Act
) -> Receipt:
    """Answer for one's own home, once. The log says neither who nor which home nor what: it has a seal.

    Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "evaluation.answer")
    if home not in actor.units:
        raise Forbidden([Problem("not_your_home", "只能为自己的房屋填写问卷", "房屋")])
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("survey",), "填写问卷")
    if state.closes_on is None or act.today > state.closes_on:
        raise refuse("survey_closed", f"问卷已于 {state.closes_on} 截止", "问卷")
    if choice not in {one.code for one in state.scheme.survey.choices}:
        raise refuse("bad_choice", "请选择一个答案", "问卷")
    a = evaluation_answer.c
    mine = (a.trust_id == trust_id, a.round == round_no)
    if conn.execute(select(a.no).where(*mine, a.unit == home)).first():
        raise refuse("answered", "这套房屋已经填写过，一户一份，不能重填", "问卷")
    no = int(conn.execute(select(func.coalesce(func.max(a.no), 0)).where(*mine)).scalar_one()) + 1
    salt = act.entropy(SALT_BYTES)
    building = conn.execute(
        select(unit.c.building).where(unit.c.trust_id == trust_id, unit.c.unit == home)
    ).scalar_one()
    row = {"round": round_no, "no": no, "unit": home, "building": building, "choice": choice}
    conn.execute(
        insert(evaluation_answer).values(
            trust_id=trust_id, **row, person=actor.person, salt=salt, recorded_at=act.now
        )
    )
    said = _said(round_no, no, home, choice)
    sealed = commitment(salt, FIELD, said)
    seq = publish_record(conn, trust_id, RECORD, f"{round_no}-{no}", _value(round_no, no, sealed), act)
    return Receipt(round_no, no, seq, sealed, field_salt(salt, FIELD).hex(), said)


def survey_result(conn: Connection, trust_id: int, state: State) -> SurveyResult:
    """The sums that may be shown; two queries."""
    a = evaluation_answer.c
    homes = conn.execute(select(func.count()).where(unit.c.trust_id == trust_id)).scalar_one()
    good = {choice.code for choice in state.scheme.survey.choices if choice.satisfied}
    total, satisfied = Counter[str](), Counter[str]()
    rows = conn.execute(
        select(a.building, a.choice, func.count())
        .where(a.trust_id == trust_id, a.round == state.round)
        .group_by(a.building, a.choice)
    )
    for building, choice, count in rows:
        total[building] += count
        satisfied[building] += count if choice in good else 0
    answers = sum(total.values())
    shown = answers >= LEAST_GROUP
    groups = [Group(name, total[name], satisfied[name]) for name in sorted(total)]
    return SurveyResult(
        answers=answers,
        units=int(homes),
        satisfied=state.satisfied() if shown else None,
        enough=answers >= state.scheme.survey.least_answers,
        choices=dict(state.answers) if shown else None,
        groups=tuple(shown_groups(groups)) if shown else (),
    )


def shown_groups(groups: Sequence[Group]) -> list[Group]:
    """Groups as they may be shown beside their sum: small ones put together, with the next larger one if they
    would still be too few. No group shown is of fewer than five, and all of them add up."""
    ordered = sorted(groups, key=lambda group: (group.answers, group.building))
    small = [group for group in ordered if group.answers < LEAST_GROUP]
    rest = ordered[len(small) :]
    while small and rest and sum(group.answers for group in small) < LEAST_GROUP:
        small.append(rest.pop(0))
    found = sorted(rest, key=lambda group: group.building)
    if small and sum(group.answers for group in small) >= LEAST_GROUP:
        others = Group(OTHERS, sum(group.answers for group in small), sum(group.satisfied for group in small))
        found.append(others)
    return found


def my_answer(conn: Connection, trust_id: int, round_no: int, home: str, actor: Actor) -> str:
    """What one answered for one's own home, '' if nothing."""
    a = evaluation_answer.c
    query = select(a.choice).where(
        a.trust_id == trust_id, a.round == round_no, a.unit == home, a.person == actor.person
    )
    return conn.execute(query).scalar() or ""


def my_receipts(conn: Connection, trust_id: int, actor: Actor, round_no: int | None = None) -> list[MyAnswer]:
    """What one answered oneself for homes that are still one's own, the newest round first; two queries."""
    a = evaluation_answer.c
    query = select(evaluation_answer).where(
        a.trust_id == trust_id, a.person == actor.person, a.unit.in_(actor.units)
    )
    if round_no is not None:
        query = query.where(a.round == round_no)
    rows = conn.execute(query.order_by(a.round.desc(), a.unit)).all()
    places = places_of(conn, trust_id, RECORD, [f"{row.round}-{row.no}" for row in rows])
    return [
        MyAnswer(
            row.unit,
            row.choice,
            row.recorded_at,
            Receipt(
                row.round,
                row.no,
                places[f"{row.round}-{row.no}"],
                str(_of_row(row)["commitment"]),
                field_salt(bytes(row.salt), FIELD).hex(),
                _said(row.round, row.no, row.unit, row.choice),
            ),
        )
        for row in rows
    ]


def answered_homes(conn: Connection, trust_id: int, round_no: int, homes: Collection[str]) -> set[str]:
    """Which of these homes have answered, whoever did it."""
    a = evaluation_answer.c
    query = select(a.unit).where(a.trust_id == trust_id, a.round == round_no, a.unit.in_(homes))
    return set(conn.execute(query).scalars())


def answer_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, Value]:
    """What the log says of answers, sealed anew from their rows."""
    a = evaluation_answer.c
    query = select(evaluation_answer).where(
        a.trust_id == trust_id, tuple_(a.round, a.no).in_(read_subjects(subjects))
    )
    return {f"{row.round}-{row.no}": _of_row(row) for row in conn.execute(query)}


def _of_row(row: DbRow[Any]) -> Value:
    said = _said(row.round, row.no, row.unit, row.choice)
    return _value(row.round, row.no, commitment(bytes(row.salt), FIELD, said))


def _said(round_no: int, no: int, home: str, choice: str) -> str:
    said = {"answer": no, "choice": choice, "round": round_no, "unit": home}
    return msgspec.json.encode(said, order="sorted").decode()


def _value(round_no: int, no: int, sealed: str) -> Value:
    return {"round": round_no, "answer": no, "commitment": sealed}

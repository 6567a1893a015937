"""Who has not rated yet, over many communities: bodies, never people.

Reckoned from the steps of the rounds that are under way, so that it can't be behind them: three queries for any
number of communities, and no row of a round that has ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, case, select

from ledger.evaluation.scheme import BODIES, SHEET_BODIES, Scheme
from ledger.evaluation.schemes_read import scheme_columns, with_schemes
from ledger.evaluation.value import FIGURES, RECUSE, SELF, SHEET
from ledger.store.tables import evaluation_now, evaluation_round, evaluation_step
from ledger.trust.act import BEIJING

TRUSTEE = "trustee"
WHO = {TRUSTEE: "受托人（自评）", **{body: BODIES[body] for body in SHEET_BODIES}}
"""Those who have something to hand in, in words."""
_OPEN = ("self", "scoring", "survey")
"""Stages in which they still can."""
_Round = tuple[int, int]
_Asked = tuple[str, str]
"""A body and an indicator it keeps a sheet for."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A body of :data:`WHO` that has not handed in what it should by ``until``: the sheets of these indicators,
    ``begun`` if it has those of others; the trustee's own assessment has no indicators. A sheet that counts no more is
    not missing before the day on which it was found to be of somebody with ties to the trustee."""

    body: str
    until: date
    indicators: tuple[str, ...] = ()
    begun: bool = False

    def late_days(self, today: date) -> int:
        """Days past the last one."""
        return max(0, (today - self.until).days)


class _Sheet(msgspec.Struct, frozen=True):
    """What is read of a sheet: its lines are of no matter here."""

    body: str
    indicators: tuple[str, ...]


class _Recusal(msgspec.Struct, frozen=True):
    person: str


_sheet, _recusal = msgspec.json.Decoder(_Sheet).decode, msgspec.json.Decoder(_Recusal).decode


def missing_bodies(conn: Connection, trust_ids: Collection[int]) -> Mapping[_Round, tuple[Missing, ...]]:
    """By community and round, every round of these communities that is under way; empty where nobody is missing.
    Three queries."""
    n, r = evaluation_now.c, evaluation_round.c
    open_ones = (n.trust_id.in_(sorted(set(trust_ids))), n.stage.in_(_OPEN))
    query = (
        select(n.trust_id, n.round, n.stage, n.due_on, *scheme_columns(conn))
        .join(evaluation_round, and_(r.trust_id == n.trust_id, r.round == n.round))
        .where(*open_ones)
    )
    rows = conn.execute(query).all()
    if not rows:
        return {}
    steps = _steps(conn, open_ones)
    asked: dict[int, Mapping[str, tuple[str, ...]]] = {}
    found = {}
    for row, scheme in with_schemes(conn, rows):
        of = asked.setdefault(id(scheme), _asked(scheme))
        found[row.trust_id, row.round] = tuple(
            _missing(row, scheme, of, steps.get((row.trust_id, row.round), ()))
        )
    return found


def open_periods(conn: Connection, trust_ids: Collection[int]) -> Mapping[_Round, int]:
    """By community and round, the span of every round of these that is under way. One query."""
    n = evaluation_now.c
    query = select(n.trust_id, n.round, n.period)
    rows = conn.execute(query.where(n.trust_id.in_(sorted(set(trust_ids))), n.stage.in_(_OPEN)))
    return {(row.trust_id, row.round): row.period for row in rows}


def _steps(conn: Connection, open_ones: Iterable[Any]) -> Mapping[_Round, list[Any]]:
    """What was handed in, by round; of the figures only when they were taken."""
    n, s = evaluation_now.c, evaluation_step.c
    query = (
        select(
            *(s.trust_id, s.round, s.kind, s.person, s.recorded_at),
            case((s.kind.in_((SHEET, RECUSE)), s.body), else_="").label("body"),
        )
        .join(evaluation_now, and_(n.trust_id == s.trust_id, n.round == s.round))
        .where(*open_ones, s.kind.in_((SELF, FIGURES, SHEET, RECUSE)))
        .order_by(s.trust_id, s.round, s.step)
    )
    found: dict[_Round, list[Any]] = {}
    for row in conn.execute(query):
        found.setdefault((row.trust_id, row.round), []).append(row)
    return found


def _asked(scheme: Scheme) -> Mapping[str, tuple[str, ...]]:
    """The indicators each body keeps sheets for; bodies without any are left out."""
    found = {body: tuple(one.code for one in scheme.scored_by(body)) for body in SHEET_BODIES}
    return {body: codes for body, codes in found.items() if codes}


def _missing(
    row: Any, scheme: Scheme, asked: Mapping[str, tuple[str, ...]], steps: Collection[Any]
) -> Iterator[Missing]:
    if row.stage == "self":
        if not any(step.kind == SELF for step in steps):
            yield Missing(TRUSTEE, row.due_on)
        return
    taken = [_day(step) for step in steps if step.kind == FIGURES]
    until = taken[-1] + timedelta(days=scheme.scoring_days) if taken else row.due_on
    done, dropped = _handed_in(steps)
    for body, codes in asked.items():
        left = tuple(code for code in codes if (body, code) not in done)
        if left:
            since = min(max(until, dropped.get((body, code), until)) for code in left)
            yield Missing(body, since, left, begun=len(left) < len(codes))


def _handed_in(steps: Collection[Any]) -> tuple[set[_Asked], Mapping[_Asked, date]]:
    """Every sheet that counts, and those of people with ties to the trustee with the day on which the last of them
    ceased to."""
    recused = {_recusal(step.body).person: _day(step) for step in steps if step.kind == RECUSE}
    done: set[_Asked] = set()
    dropped: dict[_Asked, date] = {}
    for step in steps:
        if step.kind != SHEET:
            continue
        sheet = _sheet(step.body)
        asked = [(sheet.body, code) for code in sheet.indicators]
        if (day := recused.get(step.person)) is None:
            done.update(asked)
        else:
            dropped |= {one: max(day, dropped.get(one, day)) for one in asked}
    return done, dropped


def _day(step: Any) -> date:
    """The day of a step in China."""
    moment: datetime = step.recorded_at
    return moment.astimezone(BEIJING).date()

"""The published result: one plain value made from the steps, kept as canonical JSON; the log has its SHA-256.

Made here and nowhere else: page, PDF, export and verification read or remake this value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from ledger.errors import Unanswerable
from ledger.evaluation.rounds import read_states
from ledger.evaluation.scheme import HALVES
from ledger.evaluation.score import HalfScore, IndicatorScore, Item, RuleScore
from ledger.evaluation.state import State
from ledger.evaluation.value import (
    APPEAL,
    CORRECTION,
    REPLY,
    Appeal,
    Correction,
    Note,
)
from ledger.journal.public_view import utc_text
from ledger.records import Value, places_of
from ledger.store.tables import evaluation_result

RECORD = "evaluation"
_LEAST_SHOWN = 5
_SUBJECT = re.compile(r"([0-9]{1,9})-([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Result:
    """A published version. ``body`` as it is kept and ``value`` what it says; ``seq`` its place in the log."""

    round: int
    version: int
    body: bytes
    value: dict[str, Any]
    sha256: str
    published_at: datetime
    seq: int


def subject_of(round_no: int, version: int) -> str:
    """``3-1``."""
    return f"{round_no}-{version}"


def read_subjects(subjects: Iterable[str]) -> list[tuple[int, int]]:
    """Both numbers of each; what is no subject of ours is left out."""
    found = (_SUBJECT.fullmatch(subject) for subject in subjects)
    return [(int(match[1]), int(match[2])) for match in found if match]


def result_value(state: State) -> dict[str, Any]:
    """All that is public of a round whose last step published a result."""
    window = state.window
    answers = sum(state.answers.values())
    assessed = state.assessed
    reply, correction = state.last(REPLY, Note), state.last(CORRECTION, Correction)
    return {
        "round": state.round,
        "period": state.period,
        "title": state.title,
        "first_on": state.first_on.isoformat(),
        "last_on": state.last_on.isoformat(),
        "version": len(state.results),
        "published_at": utc_text(state.steps[-1].recorded_at),
        "measured_at": utc_text(window.moment) if window else "",
        "log_size": window.size if window else 0,
        "scheme": {
            "scope": state.scope,
            "version": state.version,
            "title": state.scheme.title,
            "sha256": state.scheme.digest,
        },
        "halves": {name: half_value(state.scores.half(name)) for name in HALVES},
        "vetoes": veto_values(state),
        "survey": {
            "answers": answers,
            "satisfied": state.satisfied() if answers >= _LEAST_SHOWN else None,
            "least": state.scheme.survey.least_answers,
        },
        "self": {"points": assessed.points, "text": assessed.text} if assessed else None,
        "appeals": appeal_values(state),
        "recused": len(state.recused),
        "reply": reply.text if reply else "",
        "correction": correction.reason if correction else "",
    }


def half_value(half: HalfScore) -> dict[str, Any]:
    """One half with everything that cost points."""
    return {
        "title": half.title,
        "points": half.points,
        "possible": half.possible,
        "grade": half.grade,
        "vetoes": list(half.vetoes),
        "indicators": [_indicator(one) for one in half.indicators],
    }


def veto_values(state: State) -> list[dict[str, Any]]:
    """Every veto, those that a ruling struck marked as such."""
    titles = {veto.code: veto for veto in state.scheme.vetoes}
    counts = state.counts()
    return [
        {
            "ref": ref,
            "code": body.code,
            "title": titles[body.code].title,
            "halves": list(titles[body.code].halves),
            "on": body.on.isoformat(),
            "what": body.what,
            "document": body.document,
            "stands": bool(counts.get(ref, 1)),
        }
        for ref, _, body in state.all_vetoes()
    ]


def appeal_values(state: State) -> list[dict[str, Any]]:
    """Appeals with what became of them."""
    ruled = {body.appeal: (step, body) for step, body in state.rulings()}
    found = []
    for step, body in state.all(APPEAL, Appeal):
        said: dict[str, Any] = {
            "no": step.no,
            "ref": body.ref,
            "on": step.on.isoformat(),
            "reason": body.reason,
        }
        said |= {"document": body.document, "ruling": None}
        if step.no in ruled:
            by, ruling = ruled[step.no]
            said["ruling"] = {"on": by.on.isoformat(), "count": ruling.count, "reason": ruling.reason}
        found.append(said)
    return found


def result_body(state: State) -> bytes:
    """The bytes that are kept and hashed."""
    return msgspec.json.encode(result_value(state), order="sorted")


def record_value(state: State, body: bytes) -> Value:
    """What the log says: both scores, each indicator's points, and the hash of the whole."""
    halves = {}
    for name in HALVES:
        half = state.scores.half(name)
        halves[name] = {
            "points": half.points,
            "possible": half.possible,
            "grade": half.grade,
            "indicators": {
                one.indicator.code: one.points for one in half.indicators if one.points is not None
            },
        }
    return {
        "round": state.round,
        "period": state.period,
        "version": len(state.results),
        "scheme": state.scheme.digest,
        **halves,
        "sha256": sha256(body).hexdigest(),
    }


def evaluation_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, Value]:
    """What the log says of results, made again from the steps behind them."""
    wanted = read_subjects(subjects)
    states = {state.round: state for state in read_states(conn, trust_id, {no for no, _ in wanted})}
    found = {}
    for no, version in wanted:
        state = states.get(no)
        if state is not None and 0 < version <= len(state.results):
            then = state.until(state.results[version - 1].no)
            found[subject_of(no, version)] = record_value(then, result_body(then))
    return found


def results_of(conn: Connection, trust_id: int, round_no: int) -> list[Result]:
    """The published versions of a round, the newest first."""
    r = evaluation_result.c
    rows = conn.execute(
        select(evaluation_result)
        .where(r.trust_id == trust_id, r.round == round_no)
        .order_by(r.version.desc())
    ).all()
    places = places_of(conn, trust_id, RECORD, [subject_of(round_no, row.version) for row in rows])
    return [
        Result(
            round_no,
            row.version,
            bytes(row.body),
            msgspec.json.decode(row.body),
            sha256(bytes(row.body)).hexdigest(),
            row.published_at,
            places[subject_of(round_no, row.version)],
        )
        for row in rows
    ]


def read_result(conn: Connection, trust_id: int, round_no: int, version: int | None = None) -> Result:
    """A published version, the newest if none is named. Raises :class:`~ledger.errors.Unanswerable`."""
    for one in results_of(conn, trust_id, round_no):
        if version is None or one.version == version:
            return one
    raise Unanswerable("no_result", f"第 {round_no} 轮评价没有这一版结果")


def _indicator(one: IndicatorScore) -> dict[str, Any]:
    return {
        "code": one.indicator.code,
        "title": one.indicator.title,
        "weight": one.indicator.weight,
        "points": one.points,
        "lost": one.lost,
        "scorers": list(one.indicator.scorers),
        "rules": [_rule(rule) for rule in one.rules],
    }


def _rule(one: RuleScore) -> dict[str, Any]:
    return {
        "code": one.rule.code,
        "title": one.rule.title,
        "rated": one.rated,
        "lost": one.lost,
        "whole": one.found.whole,
        "items": [_item(item) for item in one.found.items],
    }


def _item(item: Item) -> dict[str, Any]:
    return {**msgspec.structs.asdict(item), "on": item.on.isoformat()}

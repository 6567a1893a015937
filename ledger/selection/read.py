"""One procedure with its candidates, criteria, points and course; and the list of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from ledger.errors import Unanswerable
from ledger.selection.scores import Criterion, Ranked, rank, unscored
from ledger.store.tables import (
    selection,
    selection_candidate,
    selection_criterion,
    selection_score,
    selection_step,
)

KINDS = {"select": "选聘受托人", "renew": "续聘受托人", "dismiss": "解聘受托人"}
STAGES = {
    "open": "准备中",
    "ranked": "已评分排名，等待表决",
    "decided": "已有决定",
    "withdrawn": "已撤回",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company that applied. ``document``: SHA-256 of its papers, '' if none."""

    candidate: int
    name: str
    statement: str
    document: str


@dataclass(frozen=True, slots=True)
class SelectionStep:
    """Something that was done; see the table ``selection_step``."""

    no: int
    step: str
    on_day: date
    until_day: date | None
    reference: str
    note: str
    document: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class SelectionFile:
    """A procedure with everything in it. ``judges``: signatures by person."""

    selection: int
    kind: str
    title: str
    reason: str
    planned_on: date
    recorded_at: datetime
    recorded_by: str
    candidates: tuple[Candidate, ...]
    criteria: tuple[Criterion, ...]
    points: Mapping[tuple[str, int, int], int]
    judges: Mapping[str, str]
    steps: tuple[SelectionStep, ...]

    @property
    def kind_name(self) -> str:
        """What it is, in words."""
        return KINDS[self.kind]

    @property
    def stage(self) -> str:
        """One of :data:`STAGES`."""
        done = {step.step for step in self.steps}
        for step, stage in (("withdraw", "withdrawn"), ("decide", "decided"), ("rank", "ranked")):
            if step in done:
                return stage
        return "open"

    @property
    def stage_name(self) -> str:
        """The stage in words."""
        return STAGES[self.stage]

    def last(self, step: str) -> SelectionStep | None:
        """The newest step of a kind."""
        return next((one for one in reversed(self.steps) if one.step == step), None)

    @property
    def decision(self) -> str:
        """The number of the decision, '' before there is one."""
        step = self.last("decide")
        return step.reference if step else ""

    @property
    def missing(self) -> set[tuple[str, int]]:
        """Judge and candidate where points are missing, of judges who have begun."""
        numbers = [one.candidate for one in self.candidates]
        return unscored(self.criteria, numbers, list(self.judges), self.points)

    @property
    def ranking(self) -> list[Ranked]:
        """Results, the best first; empty before the points are closed."""
        if self.last("rank") is None:
            return []
        return rank(self.criteria, [one.candidate for one in self.candidates], list(self.judges), self.points)

    def candidate(self, number: int) -> Candidate | None:
        """The candidate of a number."""
        return next((one for one in self.candidates if one.candidate == number), None)


@dataclass(frozen=True, slots=True)
class SelectionRow:
    """A line of the list."""

    selection: int
    kind: str
    title: str
    planned_on: date
    stage: str

    @property
    def kind_name(self) -> str:
        """What it is, in words."""
        return KINDS[self.kind]

    @property
    def stage_name(self) -> str:
        """The stage in words."""
        return STAGES[self.stage]


def read_selection(conn: Connection, trust_id: int, number: int) -> SelectionFile:
    """One procedure. Raises :class:`~ledger.errors.Unanswerable` if there is none."""
    key = {"trust_id": trust_id, "selection": number}
    head = conn.execute(select(selection).filter_by(**key)).first() if 0 < number < 2**31 else None
    if head is None:
        raise Unanswerable("unknown_selection", f"没有第 {number} 号选聘事项")
    candidates = conn.execute(
        select(selection_candidate).filter_by(**key).order_by(selection_candidate.c.candidate)
    )
    criteria = conn.execute(
        select(selection_criterion).filter_by(**key).order_by(selection_criterion.c.place)
    )
    scores = conn.execute(select(selection_score).filter_by(**key).order_by(selection_score.c.version)).all()
    steps = conn.execute(select(selection_step).filter_by(**key).order_by(selection_step.c.no))
    return SelectionFile(
        head.selection,
        head.kind,
        head.title,
        head.reason,
        head.planned_on,
        head.recorded_at,
        head.recorded_by,
        tuple(Candidate(r.candidate, r.name, r.statement, r.document) for r in candidates),
        tuple(Criterion(r.place, r.title, r.weight) for r in criteria),
        {(r.judge, r.candidate, r.place): r.points for r in scores},
        {r.judge: r.signature for r in sorted(scores, key=lambda one: one.judge)},
        tuple(
            SelectionStep(
                r.no,
                r.step,
                r.on_day,
                r.until_day,
                r.reference,
                r.note,
                r.document,
                r.recorded_at,
                r.recorded_by,
            )
            for r in steps
        ),
    )


def list_selections(
    conn: Connection, trust_id: int, *, before: int | None = None, limit: int = 50
) -> list[SelectionRow]:
    """Procedures, newest first; ``before`` is the number of the last one shown."""
    query = (
        select(selection)
        .where(selection.c.trust_id == trust_id)
        .order_by(selection.c.selection.desc())
        .limit(limit)
    )
    rows = conn.execute(query if before is None else query.where(selection.c.selection < before)).all()
    done: dict[int, set[str]] = {}
    s = selection_step.c
    for number, step in conn.execute(
        select(s.selection, s.step).where(
            s.trust_id == trust_id, s.selection.in_([row.selection for row in rows])
        )
    ):
        done.setdefault(number, set()).add(step)
    found = []
    for row in rows:
        steps = done.get(row.selection, set())
        stage = next(
            (
                name
                for step, name in (("withdraw", "withdrawn"), ("decide", "decided"), ("rank", "ranked"))
                if step in steps
            ),
            "open",
        )
        found.append(SelectionRow(row.selection, row.kind, row.title, row.planned_on, stage))
    return found


def selection_of_decision(conn: Connection, trust_id: int, decision: str) -> SelectionFile | None:
    """The procedure a decision came of; None if there is none."""
    s = selection_step.c
    number = conn.execute(
        select(s.selection)
        .where(s.trust_id == trust_id, s.step == "decide", s.reference == decision.strip())
        .order_by(s.selection.desc())
        .limit(1)
    ).scalar()
    return None if number is None else read_selection(conn, trust_id, number)

"""Resolutions and decisions as pages show them. Nothing here says who chose what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, select

from ledger.errors import Unanswerable
from ledger.records import places_of
from ledger.resolutions.closing import decision_number, filing_due, read_result
from ledger.resolutions.course import MotionCount
from ledger.resolutions.decided import SOURCE_NAMES, Figures
from ledger.resolutions.matters import Amount, matter_title
from ledger.resolutions.results import Result
from ledger.resolutions.roll import Roll, read_roll
from ledger.resolutions.state import FILING, MOTION, State, Step, read_state, read_states
from ledger.resolutions.value import Stage
from ledger.store.tables import decision as decision_table
from ledger.store.tables import resolution as resolution_table

PUBLIC_STAGES: tuple[Stage, ...] = ("noticed", "open", "closed", "published")
"""From the notice on, everybody may read a resolution; its count only once it is published."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One row of a list."""

    number: str
    title: str
    matters: tuple[str, ...]
    stage: Stage
    stage_name: str
    opens_on: date | None
    closes_on: date | None
    drafted_at: datetime


@dataclass(frozen=True, slots=True)
class ResolutionFile:
    """All about one resolution. ``result`` is there from the close on: do not show it before ``published``
    outside the office. ``places``: leaves of its records, by kind (``resolution_opened``, ``result``)."""

    state: State
    motion_count: MotionCount | None
    roll: Roll | None
    result: Result | None
    decisions: tuple[str, ...]
    filing: Step | None
    filing_due: date | None
    places: dict[str, int]

    @property
    def number(self) -> str:
        """Its number."""
        return self.state.number

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return self.state.stage


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision as shown. ``chosen``: numbers of the candidates chosen; ``figures``: of a paper vote, if
    known; ``seq``: its own leaf, None for a decision of a vote held here (see the result's)."""

    number: str
    title: str
    matter: str
    text: str
    decided_on: date
    effective_on: date
    passed: bool
    source: str
    resolution: str
    item: int
    documents: tuple[str, ...]
    chosen: tuple[int, ...]
    figures: Figures | None
    recorded_at: datetime
    seq: int | None

    @property
    def matter_title(self) -> str:
        """In words."""
        return matter_title(self.matter)

    @property
    def source_name(self) -> str:
        """In words."""
        return SOURCE_NAMES[self.source]


def list_resolutions(
    conn: Connection,
    trust_id: int,
    *,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
    stages: Collection[Stage] = (),
) -> list[Summary]:
    """Resolutions, the newest first, from before the first draft of another one; three queries.

    ``stages`` picks among those of the page, so that a page may have fewer than ``limit``.
    """
    r = resolution_table.c
    query = select(r.number, r.recorded_at).where(r.trust_id == trust_id, r.version == 1)
    if before is not None:
        moment, number = before
        earlier: ColumnElement[bool] = (r.recorded_at < moment) | (
            (r.recorded_at == moment) & (func.length(r.number) <= len(number)) & (r.number < number)
        )
        query = query.where(earlier)
    query = query.order_by(r.recorded_at.desc(), func.length(r.number).desc(), r.number.desc()).limit(limit)
    rows = conn.execute(query).all()
    states = read_states(conn, trust_id, [row.number for row in rows])
    drafted = {row.number: row.recorded_at for row in rows}
    return [_summary(state, drafted[state.number]) for state in states if not stages or state.stage in stages]


def read_resolution(conn: Connection, trust_id: int, number: str) -> ResolutionFile:
    """Everything on record about one. Raises :class:`~ledger.errors.Unanswerable`."""
    state = read_state(conn, trust_id, number)
    roll = read_roll(conn, trust_id, number)
    result = read_result(conn, trust_id, number) if roll else None
    places = {
        kind: place
        for kind in (("resolution_opened", "result") if roll else ())
        for place in places_of(conn, trust_id, kind, [number]).values()
    }
    published = state.stage == "published" and result is not None
    return ResolutionFile(
        state=state,
        motion_count=_motion_count(state),
        roll=roll,
        result=result,
        decisions=tuple(decision_number(result, item) for item in result.items)
        if published and result
        else (),
        filing=state.step(FILING),
        filing_due=filing_due(state, result),
        places=places,
    )


def list_decisions(
    conn: Connection,
    trust_id: int,
    *,
    before: tuple[date, str] | None = None,
    limit: int = 50,
    matter: str = "",
) -> list[DecisionRow]:
    """Decisions, carried or not, the newest first; two queries."""
    d = decision_table.c
    query = select(decision_table).where(d.trust_id == trust_id)
    if before is not None:
        query = query.where(
            (d.decided_on < before[0]) | ((d.decided_on == before[0]) & (d.number < before[1]))
        )
    if matter:
        query = query.where(d.matter == matter)
    rows = conn.execute(query.order_by(d.decided_on.desc(), d.number.desc()).limit(limit)).all()
    places = places_of(conn, trust_id, "decision", [row.number for row in rows])
    return [_decision(row, places) for row in rows]


def read_decision(conn: Connection, trust_id: int, number: str) -> DecisionRow:
    """One decision. Raises :class:`~ledger.errors.Unanswerable`."""
    row = conn.execute(
        select(decision_table).where(decision_table.c.trust_id == trust_id, decision_table.c.number == number)
    ).first()
    if row is None:
        raise Unanswerable("unknown_decision", f"没有登记过“{number}”这项决定")
    return _decision(row, places_of(conn, trust_id, "decision", [number]))


def chosen_names(conn: Connection, trust_id: int, number: str) -> tuple[str, ...]:
    """Who a decision chose among its candidates, by name; empty where there were none, or it is on paper.

    Raises :class:`~ledger.errors.Unanswerable` for an unknown decision.
    """
    row = read_decision(conn, trust_id, number)
    if not row.chosen:
        return ()
    candidates = read_state(conn, trust_id, row.resolution).draft.items[row.item - 1].candidates
    return tuple(candidates[no - 1] for no in row.chosen)


def _summary(state: State, drafted_at: datetime) -> Summary:
    notice = state.notice
    return Summary(
        number=state.number,
        title=state.draft.title,
        matters=tuple(dict.fromkeys(item.matter for item in state.draft.items)),
        stage=state.stage,
        stage_name=state.stage_name,
        opens_on=notice.opens_on if notice else None,
        closes_on=notice.closes_on if notice else None,
        drafted_at=drafted_at,
    )


def _motion_count(state: State) -> MotionCount | None:
    step = state.step(MOTION)
    if step is None or step.body["motion"]["by"] != "owners":
        return None
    return MotionCount(Amount(**step.body["moved"]), Amount(**step.body["total"]), step.body["percent"], True)


def _decision(row: Row[Any], places: dict[str, int]) -> DecisionRow:
    body = msgspec.json.decode(row.body)
    figures = body.get("figures")
    return DecisionRow(
        number=row.number,
        title=row.title,
        matter=row.matter,
        text=row.text,
        decided_on=row.decided_on,
        effective_on=row.effective_on,
        passed=row.passed,
        source=row.source,
        resolution=row.resolution,
        item=row.item,
        documents=tuple(body.get("documents", ())),
        chosen=tuple(body.get("chosen", ())),
        figures=Figures(
            Amount(**figures["total"]), Amount(**figures["took_part"]), Amount(**figures["agreed"])
        )
        if figures
        else None,
        recorded_at=row.recorded_at,
        seq=places.get(row.number),
    )

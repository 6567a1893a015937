"""All rounds over all communities, for the community's Party committee and the street: from the summaries alone.

One query for the rows of a page of communities, one for the sums; figures of single indicators are in the row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select

from ledger.evaluation.scheme import FULL, HALVES
from ledger.store.tables import evaluation_now, trust

LEAST_SHOWN = 5
"""A distribution over fewer communities would tell which is which."""
ENDED = ("final", "withdrawn")
_figures = msgspec.json.Decoder(dict[str, int | None]).decode


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round of one community. Points are of 0.01, None before the preview; ``figures`` by indicator, None where
    not rated; ``possible`` what was rated of each half."""

    trust_id: int
    round: int
    period: int
    stage: str
    due_on: date | None
    version: int
    points: Mapping[str, int | None]
    possible: Mapping[str, int]
    grades: Mapping[str, str]
    vetoes: int
    appeals: int
    figures: Mapping[str, int | None]

    def late_days(self, today: date) -> int:
        """Days past the last day of its stage."""
        if self.due_on is None or self.stage in ENDED:
            return 0
        return max(0, (today - self.due_on).days)


@dataclass(frozen=True, slots=True)
class CommunityRow:
    """A community with its round of each span, the newest first; spans without one are missing."""

    trust_id: int
    slug: str
    name: str
    rounds: Mapping[int, RoundRow]


@dataclass(frozen=True, slots=True)
class Spread:
    """Points of a half (of a hundred, if not all was rated) or an indicator over ``of`` communities: quartiles by
    rank, in 0.01 points."""

    of: int
    least: int
    lower: int
    middle: int
    upper: int
    most: int


@dataclass(frozen=True, slots=True)
class PeriodSums:
    """One span over all communities: rounds by stage, grades of each half, those late, spreads where enough."""

    period: int
    stages: Mapping[str, int]
    grades: Mapping[str, Mapping[str, int]]
    late: int
    appeals: int
    vetoes: int
    spreads: Mapping[str, Spread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EvaluationOverview:
    """``periods``: the spans shown, newest first; ``missing``: communities without a round of the newest."""

    periods: tuple[int, ...]
    communities: tuple[CommunityRow, ...]
    sums: tuple[PeriodSums, ...]
    missing: int


def evaluation_overview(
    conn: Connection, trust_ids: Collection[int], today: date, *, periods: int = 4
) -> EvaluationOverview:
    """The newest spans over these communities, withdrawn rounds left aside. Three queries for any number."""
    ids = sorted(set(trust_ids))
    n, t = evaluation_now.c, trust.c
    found = conn.execute(
        select(n.period).where(n.trust_id.in_(ids), n.stage != "withdrawn").distinct()
    ).scalars()
    shown = tuple(sorted(found, key=_end_of, reverse=True)[:periods])
    names = conn.execute(select(t.trust_id, t.slug, t.name).where(t.trust_id.in_(ids)).order_by(t.name)).all()
    rows = _rows(conn, ids, shown)
    of: dict[int, dict[int, RoundRow]] = {}
    for row in rows:
        of.setdefault(row.trust_id, {})[row.period] = row
    communities = tuple(CommunityRow(r.trust_id, r.slug, r.name, of.get(r.trust_id, {})) for r in names)
    return EvaluationOverview(
        shown,
        communities,
        tuple(_sums(period, [row for row in rows if row.period == period], today) for period in shown),
        sum(not shown or shown[0] not in one.rounds for one in communities),
    )


def spreads_of(conn: Connection, trust_ids: Collection[int], period: int) -> Mapping[str, Spread]:
    """The anonymous distribution of final results of a span, by half and indicator; nothing where fewer than
    :data:`LEAST_SHOWN` communities are in it. One query."""
    return _spreads(_rows(conn, sorted(set(trust_ids)), [period]))


def rounds_of(
    conn: Connection, trust_id: int, *, before: int | None = None, limit: int = 50
) -> list[RoundRow]:
    """The rounds of one community, newest first; ``before`` is the number of the last one shown. One query."""
    n = evaluation_now.c
    query = select(evaluation_now).where(n.trust_id == trust_id).order_by(n.round.desc()).limit(limit)
    if before is not None:
        query = query.where(n.round < before)
    return [_row(row) for row in conn.execute(query)]


def evaluation_state(conn: Connection, trust_id: int) -> tuple[Any, ...]:
    """Changes whenever a public page of the evaluation would; one query."""
    n = evaluation_now.c
    query = select(func.count(), func.sum(n.version), func.max(n.due_on), func.sum(n.appeals))
    shown = query.where(n.trust_id == trust_id)
    stages = select(n.stage, func.count()).where(n.trust_id == trust_id).group_by(n.stage).order_by(n.stage)
    return (tuple(conn.execute(shown).one()), tuple(tuple(row) for row in conn.execute(stages)))


def _rows(conn: Connection, ids: Sequence[int], periods: Sequence[int]) -> list[RoundRow]:
    n = evaluation_now.c
    query = select(evaluation_now).where(n.trust_id.in_(ids), n.period.in_(periods), n.stage != "withdrawn")
    return [_row(row) for row in conn.execute(query)]


def _row(row: Row[Any]) -> RoundRow:
    return RoundRow(
        row.trust_id,
        row.round,
        row.period,
        row.stage,
        row.due_on,
        row.version,
        {"service": row.service_points, "party": row.party_points},
        {"service": row.service_possible, "party": row.party_possible},
        {"service": row.service_grade, "party": row.party_grade},
        row.vetoes,
        row.appeals,
        _figures(row.figures),
    )


def _sums(period: int, rows: Sequence[RoundRow], today: date) -> PeriodSums:
    stages: dict[str, int] = {}
    grades: dict[str, dict[str, int]] = {half: {} for half in HALVES}
    for row in rows:
        stages[row.stage] = stages.get(row.stage, 0) + 1
        if row.stage == "final":
            for half in HALVES:
                grade = row.grades[half]
                grades[half][grade] = grades[half].get(grade, 0) + 1
    return PeriodSums(
        period,
        stages,
        grades,
        sum(row.late_days(today) > 0 for row in rows),
        sum(row.appeals for row in rows),
        sum(row.vetoes > 0 for row in rows),
        _spreads(rows),
    )


def _spreads(rows: Sequence[RoundRow]) -> Mapping[str, Spread]:
    values: dict[str, list[int]] = {}
    for row in rows:
        if row.stage != "final":
            continue
        halves = {
            half: points * FULL // row.possible[half]
            for half, points in row.points.items()
            if points is not None and row.possible[half]
        }
        for name, points in (*halves.items(), *row.figures.items()):
            if points is not None:
                values.setdefault(name, []).append(points)
    return {name: _spread(sorted(found)) for name, found in values.items() if len(found) >= LEAST_SHOWN}


def _spread(values: Sequence[int]) -> Spread:
    last = len(values) - 1
    return Spread(len(values), *(values[last * quarter // 4] for quarter in range(5)))


def _end_of(period: int) -> tuple[int, int]:
    """Sorts spans by their end: a year after its last quarter."""
    year, part = divmod(period, 100)
    if part == 0:
        return year * 100 + 12, 2
    return (year * 100 + 3 * (part - 32), 1) if part > 12 else (period, 0)

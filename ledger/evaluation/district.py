"""All rounds over all communities, for the community's Party committee and the street: from the summaries alone.

One query for the sums, one for the order, one for the rows of a page; figures of single indicators are in the row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, case, func, select

from ledger.evaluation.district_order import Missings, asked_for, days_late, ordered
from ledger.evaluation.scheme import FULL, HALVES
from ledger.periods.spans import span_of
from ledger.store.tables import district_summary, evaluation_now, trust

LEAST_SHOWN = 5
"""A distribution over fewer communities would tell which is which."""
ENDED = ("final", "withdrawn")
"""Stages in which nothing is due any more."""
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
        return days_late(self.due_on, today)


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
    """One span over all communities: rounds by stage, grades of each half, those late; its distributions are
    :func:`spreads_of`."""

    period: int
    stages: Mapping[str, int]
    grades: Mapping[str, Mapping[str, int]]
    late: int
    appeals: int
    vetoes: int


@dataclass(frozen=True, slots=True)
class EvaluationOverview:
    """A page. ``periods``: the spans shown, newest first, of those that have rounds, whose ``sums`` these are;
    ``total`` communities, ``missing`` of them without a round of the newest span shown, ``found`` of them what was
    asked for; ``more``: there are further pages."""

    periods: tuple[int, ...]
    communities: tuple[CommunityRow, ...]
    sums: tuple[PeriodSums, ...]
    total: int
    missing: int
    found: int
    more: bool

    @property
    def now(self) -> PeriodSums | None:
        """The sums of the newest span shown."""
        return next((one for one in self.sums if one.period in self.periods[:1]), None)


def evaluation_overview(
    conn: Connection,
    trust_ids: Collection[int],
    today: date,
    *,
    periods: int = 4,
    newest: int | None = None,
    over: bool = False,
    sort: str = "name",
    only: str = "",
    missing: Missings = MappingProxyType({}),
    after: str = "",
    limit: int | None = 50,
) -> EvaluationOverview:
    """The newest spans over these communities, withdrawn rounds left aside. Three queries for any number.

    ``newest``: the span to begin with; without one that is known the newest of all, if ``over`` of those that are.
    ``sort``: ``name``; ``late``, the longest first; ``service`` or ``party``, the smallest share of what was rated
    in the newest span shown first, those without any last. ``only``: a part of :data:`~ledger.evaluation.district_order.ONLY`, those
    who have not rated as :func:`~ledger.evaluation.district_missing.missing_bodies` has them (``missing``). ``after``:
    the slug of the last row of the page before; ``limit`` None: all.
    """
    ids = sorted(set(trust_ids))
    sums = _sums(conn, ids, today)
    known = [one.period for one in sums]
    first = (
        newest if newest in known else next((one for one in known if over and span_of(one).last < today), 0)
    )
    shown = tuple(known[known.index(first) if first else 0 :][:periods])
    everyone = ordered(conn, ids, shown[0] if shown else 0, sort, today)
    wanted = [row for row in everyone if asked_for(row, only, today, missing)]
    begin = next((no + 1 for no, row in enumerate(wanted) if row.slug == after), 0) if after else 0
    page = wanted[begin:] if limit is None else wanted[begin : begin + limit]
    of: dict[int, dict[int, RoundRow]] = {}
    for row in _rows(conn, [row.trust_id for row in page], shown):
        of.setdefault(row.trust_id, {})[row.period] = row
    return EvaluationOverview(
        shown,
        tuple(CommunityRow(row.trust_id, row.slug, row.name, of.get(row.trust_id, {})) for row in page),
        tuple(sums),
        len(everyone),
        sum(row.stage is None for row in everyone),
        len(wanted),
        begin + len(page) < len(wanted),
    )


def spreads_of(conn: Connection, trust_ids: Collection[int], period: int) -> Mapping[str, Spread]:
    """The anonymous distribution of final results of a span, by half and indicator; nothing where fewer than
    :data:`LEAST_SHOWN` communities are in it. One query."""
    return _spreads(_rows(conn, sorted(set(trust_ids)), [period]))


def half_spreads_of(conn: Connection, trust_ids: Collection[int], period: int) -> Mapping[str, Spread]:
    """The same of the two halves alone, without reading any indicator. One query."""
    n = evaluation_now.c
    columns = (n.service_points, n.service_possible, n.party_points, n.party_possible)
    query = select(*columns).where(
        n.trust_id.in_(sorted(set(trust_ids))), n.period == period, n.stage == "final"
    )
    values: dict[str, list[int]] = {half: [] for half in HALVES}
    for service, of_service, party, of_party in conn.execute(query):
        for half, points, possible in (("service", service, of_service), ("party", party, of_party)):
            if points is not None and possible:
                values[half].append(points * FULL // possible)
    return {half: spread_over(found) for half, found in values.items() if len(found) >= LEAST_SHOWN}


def neighbours_of(conn: Connection, trust_id: int) -> tuple[str, tuple[int, ...]]:
    """The district a community belongs to, and the communities known to be in it; with ``''`` all of the
    installation. Two queries."""
    d = district_summary.c
    district = str(conn.execute(select(d.district).where(d.trust_id == trust_id)).scalar() or "")
    query = select(d.trust_id).where(d.district == district) if district else select(trust.c.trust_id)
    return district, tuple(sorted(conn.execute(query).scalars()))


def rounds_of(
    conn: Connection, trust_id: int, *, before: int | None = None, limit: int = 50
) -> list[RoundRow]:
    """The rounds of one community, newest first; ``before`` is the number of the last one shown. One query."""
    n = evaluation_now.c
    query = select(evaluation_now).where(n.trust_id == trust_id).order_by(n.round.desc()).limit(limit)
    if before is not None:
        query = query.where(n.round < before)
    return [_row(row) for row in conn.execute(query)]


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


def _sums(conn: Connection, ids: Sequence[int], today: date) -> list[PeriodSums]:
    """By span, the newest first; one query."""
    n = evaluation_now.c
    late = and_(n.due_on < today, n.stage.not_in(ENDED))
    query = (
        select(
            n.period,
            n.stage,
            n.service_grade,
            n.party_grade,
            func.count().label("rounds"),
            func.sum(case((late, 1), else_=0)).label("late"),
            func.sum(n.appeals).label("appeals"),
            func.sum(case((n.vetoes > 0, 1), else_=0)).label("vetoes"),
        )
        .where(n.trust_id.in_(ids), n.stage != "withdrawn")
        .group_by(n.period, n.stage, n.service_grade, n.party_grade)
    )
    found: dict[int, list[Any]] = {}
    for row in conn.execute(query):
        found.setdefault(row.period, []).append(row)
    return [_sum(period, found[period]) for period in sorted(found, key=_end_of, reverse=True)]


def _sum(period: int, rows: Sequence[Any]) -> PeriodSums:
    stages: dict[str, int] = {}
    grades: dict[str, dict[str, int]] = {half: {} for half in HALVES}
    for row in rows:
        stages[row.stage] = stages.get(row.stage, 0) + row.rounds
        if row.stage == "final":
            for half, grade in (("service", row.service_grade), ("party", row.party_grade)):
                grades[half][grade] = grades[half].get(grade, 0) + row.rounds
    late, appeals, vetoes = (
        sum(int(getattr(row, name)) for row in rows) for name in ("late", "appeals", "vetoes")
    )
    return PeriodSums(period, stages, grades, late, appeals, vetoes)


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
    return {name: spread_over(found) for name, found in values.items() if len(found) >= LEAST_SHOWN}


def spread_over(points: Collection[int]) -> Spread:
    """The distribution of at least one."""
    values = sorted(points)
    last = len(values) - 1
    return Spread(len(values), *(values[last * quarter // 4] for quarter in range(5)))


def _end_of(period: int) -> tuple[int, int]:
    """Sorts spans by their end: a year after its last quarter."""
    year, part = divmod(period, 100)
    if part == 0:
        return year * 100 + 12, 2
    return (year * 100 + 3 * (part - 32), 1) if part > 12 else (period, 0)

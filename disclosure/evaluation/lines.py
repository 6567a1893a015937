"""Rounds in a list: how far each has come, and from the preview on both scores side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from disclosure.charts import Chart
from disclosure.evaluation.chart import MOST, Standing, trend_chart
from disclosure.evaluation.waiting import Waiting, doing, until
from ledger.evaluation.district import ENDED, RoundRow
from ledger.evaluation.scheme import FULL, HALVES, points_text
from ledger.evaluation.value import STAGE_NAMES
from ledger.periods.spans import span_name, span_of

RECENT = 8
"""Rounds to look at for the last final one and what is under way."""


@dataclass(frozen=True, slots=True)
class Score:
    """One of the two numbers: ``of`` '' if all of the hundred was rated."""

    title: str
    points: str
    of: str
    grade: str


@dataclass(frozen=True, slots=True)
class Line:
    """A round. ``until``: by when, as a clause; ``scores`` are empty before the preview and never added up."""

    no: int
    title: str
    stage: str
    stage_name: str
    doing: str
    until: str
    late_days: int
    scores: tuple[Score, ...]
    vetoes: int
    version: int


def line_of(row: RoundRow, today: date, waiting: Waiting | None = None) -> Line:
    """A round in words; ``waiting`` is what it waits for while it is being rated."""
    return Line(
        no=row.round,
        title=span_name(row.period),
        stage=row.stage,
        stage_name=STAGE_NAMES[row.stage],
        doing=doing(row.stage, span_of(row.period).last, today, waiting),
        until=until(row.due_on, waiting),
        late_days=row.late_days(today),
        scores=tuple(_scores(row)),
        vetoes=row.vetoes,
        version=row.version,
    )


def _scores(row: RoundRow) -> list[Score]:
    found = []
    for half, title in HALVES.items():
        points, possible = row.points[half], row.possible[half]
        if points is not None:
            of = points_text(possible) if possible < FULL else ""
            found.append(Score(title, points_text(points), of, row.grades[half]))
    return found


def newest(rows: Sequence[RoundRow]) -> tuple[RoundRow | None, tuple[RoundRow, ...]]:
    """Of rounds, newest first: the last final one, and those under way."""
    final = next((row for row in rows if row.stage == "final"), None)
    return final, tuple(row for row in rows if row.stage not in ENDED)


def trends(rows: Sequence[RoundRow]) -> tuple[Chart, ...]:
    """Each half over the last final rounds; nothing without any."""
    final = [row for row in rows if row.stage == "final"][:MOST][::-1]
    if not final:
        return ()
    return tuple(
        trend_chart(
            f"trend-{half}",
            f"{title}：历次得分",
            [
                Standing(row.period, points, row.possible[half], row.grades[half])
                for row in final
                if (points := row.points[half]) is not None
            ],
        )
        for half, title in HALVES.items()
    )

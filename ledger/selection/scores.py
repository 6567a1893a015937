"""Points of judges added up in integers; who is first, and by how much.

A judge gives 0 to 100 points by each criterion; the criteria's weights sum to 100. A candidate's score is the
mean over judges, shown to 0.01; places go by the exact sums, and equals share a place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WHOLE = 100


@dataclass(frozen=True, slots=True)
class Criterion:
    """What candidates are judged by. ``weight``: percent."""

    place: int
    title: str
    weight: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate's result. ``total``: weights times points, of all judges; ``score``: 0.01 points."""

    rank: int
    candidate: int
    total: int
    score: int
    by_criterion: tuple[int, ...]

    @property
    def shown(self) -> str:
        """The score as people read it."""
        return hundredths(self.score)


def hundredths(value: int) -> str:
    """``87.50``."""
    return f"{value // 100}.{value % 100:02d}"


def half_up(numerator: int, denominator: int) -> int:
    """The nearest integer, halves upwards; for values not below zero."""
    return (2 * numerator + denominator) // (2 * denominator)


Points = Mapping[tuple[str, int, int], int]
"""Points by judge, candidate and criterion (its place)."""


def rank(
    criteria: Sequence[Criterion], candidates: Sequence[int], judges: Sequence[str], points: Points
) -> list[Ranked]:
    """Results, the best first. Every judge has judged every candidate by every criterion."""
    found = []
    for candidate in candidates:
        sums = [sum(points[judge, candidate, criterion.place] for judge in judges) for criterion in criteria]
        total = sum(criterion.weight * points_ for criterion, points_ in zip(criteria, sums, strict=True))
        means = tuple(half_up(points_ * 100, len(judges)) for points_ in sums)
        found.append((candidate, total, half_up(total, len(judges)), means))
    totals = sorted((total for _, total, _, _ in found), reverse=True)
    ranked = [
        Ranked(totals.index(total) + 1, candidate, total, score, means)
        for candidate, total, score, means in found
    ]
    return sorted(ranked, key=lambda one: (one.rank, one.candidate))


def unscored(
    criteria: Sequence[Criterion], candidates: Sequence[int], judges: Sequence[str], points: Points
) -> set[tuple[str, int]]:
    """Judge and candidate where points are missing."""
    return {
        (judge, candidate)
        for judge in judges
        for candidate in candidates
        for criterion in criteria
        if (judge, candidate, criterion.place) not in points
    }

"""Single indicators over all communities: how the points are spread, who has the fewest, and what cost them.

For those who oversee the communities, not for the public. An indicator is the same in two communities if its
code, title and weight are; where a community has made its own, it stands by itself. Final rounds only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, select, tuple_

from ledger.evaluation.district import Spread, spread_over
from ledger.evaluation.scheme import Scheme
from ledger.evaluation.schemes_read import scheme_columns, with_schemes
from ledger.store.tables import evaluation_now, evaluation_result, evaluation_round, trust

LOWEST = 3
"""How many communities are named beside a distribution."""
_figures = msgspec.json.Decoder(dict[str, int | None]).decode
_FINE = 10**9
"""Shares of a weight, told apart as whole numbers: points are of 0.01 of at most a hundred."""
_Same = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A community's ``points`` in an indicator, None where it is not rated; ``weight`` in 0.01 points, too."""

    trust_id: int
    slug: str
    name: str
    round: int
    version: int
    title: str
    points: int | None
    weight: int

    @property
    def order(self) -> tuple[bool, int, int]:
        """The smallest share of the weight first, those not rated last."""
        return self.points is None, (self.points or 0) * _FINE // self.weight, self.trust_id


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """An indicator over the communities that have it: ``rated`` of them have points, spread as ``spread`` says;
    ``lowest``: those with the fewest, if they lost any."""

    half: str
    code: str
    title: str
    weight: int
    rated: int
    unrated: int
    spread: Spread | None
    lowest: tuple[Place, ...]


class LostItem(msgspec.Struct, frozen=True):
    """One thing that cost points, as in the published result."""

    on: date
    what: str
    count: int
    page: str


class LostRule(msgspec.Struct, frozen=True):
    """A rule of the published result and what it cost (0.01 points)."""

    title: str
    lost: int
    items: tuple[LostItem, ...] = ()


class _Indicator(msgspec.Struct, frozen=True):
    code: str
    rules: tuple[LostRule, ...]


class _Half(msgspec.Struct, frozen=True):
    indicators: tuple[_Indicator, ...]


class _Body(msgspec.Struct, frozen=True):
    halves: dict[str, _Half]


_body = msgspec.json.Decoder(_Body).decode


def indicator_lines(conn: Connection, trust_ids: Collection[int], period: int) -> tuple[IndicatorLine, ...]:
    """Every indicator of a span's final rounds, in the order of the schemes. Three queries for any number."""
    found: dict[_Same, list[tuple[int | None, Any]]] = {}
    same: dict[int, list[tuple[str, list[tuple[int | None, Any]]]]] = {}
    for row, scheme in _rounds(conn, trust_ids, period):
        figures, held = _figures(row.figures), same.get(id(scheme))
        if held is None:
            keys = [(half, one.code, one.title, one.weight) for half, one in scheme.indicators()]
            held = same[id(scheme)] = [(key[1], found.setdefault(key, [])) for key in keys]
        for code, points in held:
            points.append((figures.get(code), row))
    lines = [_line(*key, points) for key, points in found.items()]
    return tuple(sorted(lines, key=lambda line: line.half != "service"))


def indicator_places(conn: Connection, trust_ids: Collection[int], period: int, code: str) -> list[Place]:
    """The communities that have an indicator, the smallest share of its weight first. Three queries."""
    places = []
    for row, scheme in _rounds(conn, trust_ids, period):
        one = scheme.indicator(code)
        if one is not None:
            places.append(_place(row, one.title, one.weight, _figures(row.figures).get(code)))
    return sorted(places, key=lambda place: place.order)


def lost_by(conn: Connection, places: Sequence[Place], code: str) -> Mapping[int, tuple[LostRule, ...]]:
    """What cost points in an indicator, by community; from the results as published. One query."""
    r = evaluation_result.c
    wanted = [(place.trust_id, place.round, place.version) for place in places]
    query = select(r.trust_id, r.body).where(tuple_(r.trust_id, r.round, r.version).in_(wanted))
    return {
        row.trust_id: tuple(
            rule
            for half in _body(row.body).halves.values()
            for one in half.indicators
            for rule in one.rules
            if one.code == code and rule.lost
        )
        for row in conn.execute(query)
    }


def _place(row: Any, title: str, weight: int, points: int | None) -> Place:
    return Place(row.trust_id, row.slug, row.name, row.round, row.version, title, points, weight)


def _line(
    half: str, code: str, title: str, weight: int, found: Sequence[tuple[int | None, Any]]
) -> IndicatorLine:
    rated = [points for points, _ in found if points is not None]
    losers = [(points, row) for points, row in found if points is not None and points < weight]
    lowest = nsmallest(LOWEST, losers, key=lambda pair: (pair[0], pair[1].trust_id))
    return IndicatorLine(
        half,
        code,
        title,
        weight,
        len(rated),
        len(found) - len(rated),
        spread_over(rated) if rated else None,
        tuple(_place(row, title, weight, points) for points, row in lowest),
    )


def _rounds(conn: Connection, trust_ids: Collection[int], period: int) -> list[tuple[Any, Scheme]]:
    """The final rounds of a span with the schemes they keep, by the names of the communities."""
    n, r, t = evaluation_now.c, evaluation_round.c, trust.c
    query = (
        select(
            *(n[name] for name in ("trust_id", "round", "version", "figures")),
            *(t.slug, t.name, *scheme_columns(conn)),
        )
        .join(evaluation_round, and_(r.trust_id == n.trust_id, r.round == n.round))
        .join(trust, t.trust_id == n.trust_id)
        .where(n.trust_id.in_(sorted(set(trust_ids))), n.period == period, n.stage == "final")
        .order_by(t.name, t.trust_id)
    )
    return with_schemes(conn, conn.execute(query).all())

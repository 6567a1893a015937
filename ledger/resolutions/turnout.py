"""How many took part so far (参与情况), by area, headcount and building: who chose what is not read here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select

from ledger.resolutions.matters import Amount, Met, Threshold
from ledger.store.tables import ballot as ballot_table
from ledger.store.tables import roll_entry, roll_unit

SMALLEST_GROUP = 5
"""Buildings with fewer homes are shown together (隐私：少于 5 户合并)."""
_REST = "其他楼栋"
_QUORUM = Threshold(2, 3)


@dataclass(frozen=True, slots=True)
class BuildingTurnout:
    """Homes and area (0.01 m²) of a building, and those whose owners took part."""

    building: str
    units: int
    voted_units: int
    area: int
    voted_area: int


@dataclass(frozen=True, slots=True)
class Turnout:
    """Who took part, of all; ``ballots`` counts re-votes, too. ``quorum`` as of now."""

    took_part: Amount
    total: Amount
    ballots: int
    quorum: Met
    buildings: tuple[BuildingTurnout, ...]


def participation(conn: Connection, trust_id: int, number: str, *, until: datetime | None = None) -> Turnout:
    """As of now, or of the ballots cast before ``until``; three queries, whatever the size of the roll.

    What everybody sees counts whole days only: beside the log, a count that moves with each ballot would
    tell in which building, and by its area in which home, the ballot just logged was cast.
    """
    b, entry, unit = ballot_table.c, roll_entry.c, roll_unit.c
    cast = and_(b.trust_id == trust_id, b.number == number)
    if until is not None:
        cast = and_(cast, b.cast_at < until)
    # Looked up for each voter: a join with the voters of all ballots is by the square of them on PostgreSQL, as
    # long as it does not know yet how many they are.
    did = select(b.ballot_no).where(cast, b.voter == entry.voter).exists()
    sums = conn.execute(
        select(
            func.count(),
            func.coalesce(func.sum(entry.area), 0),
            func.coalesce(func.sum(case((did, 1), else_=0)), 0),
            func.coalesce(func.sum(case((did, entry.area), else_=0)), 0),
        ).where(entry.trust_id == trust_id, entry.number == number)
    ).one()
    ballots = conn.execute(select(func.count(b.ballot_no)).where(cast)).scalar_one()
    did = select(b.ballot_no).where(cast, b.voter == unit.voter).exists()
    rows = conn.execute(
        select(
            unit.building,
            func.count().label("units"),
            func.coalesce(func.sum(case((did, 1), else_=0)), 0).label("voted_units"),
            func.sum(unit.area).label("area"),
            func.coalesce(func.sum(case((did, unit.area), else_=0)), 0).label("voted_area"),
        )
        .where(and_(unit.trust_id == trust_id, unit.number == number))
        .group_by(unit.building)
        .order_by(unit.building)
    ).all()
    total, took_part = Amount(int(sums[1]), int(sums[0])), Amount(int(sums[3]), int(sums[2]))
    buildings = [
        BuildingTurnout(r.building, int(r.units), int(r.voted_units), int(r.area), int(r.voted_area))
        for r in rows
    ]
    return Turnout(took_part, total, int(ballots), _QUORUM.of(took_part, total), merged(buildings))


def merged(found: Sequence[BuildingTurnout]) -> tuple[BuildingTurnout, ...]:
    """Small buildings together; with the smallest of the others, if they are too few even so."""
    small = [one for one in found if one.units < SMALLEST_GROUP]
    large = [one for one in found if one.units >= SMALLEST_GROUP]
    if not small:
        return tuple(large)
    if sum(one.units for one in small) < SMALLEST_GROUP and large:
        small.append(least := min(large, key=lambda one: one.units))
        large.remove(least)
    return (
        *large,
        BuildingTurnout(
            _REST if large else "全部楼栋",
            sum(one.units for one in small),
            sum(one.voted_units for one in small),
            sum(one.area for one in small),
            sum(one.voted_area for one in small),
        ),
    )

"""Who bears how much of the owners' part: by area, by floor factor, by both, or all alike. To the fen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.errors import Problem, Refused
from ledger.maintenance.scope import homes_in
from ledger.money import split_largest_remainder
from ledger.projects.value import Sharing
from ledger.trust.units import Unit, units_on

FEWEST = 5
"""A group of fewer homes than this is not shown by itself: amounts would be somebody's."""
_ROOM = re.compile(r"(\d{3,4})\D*$")


@dataclass(frozen=True, slots=True)
class Part:
    """What a unit bears, fen. ``area`` in 0.01 m²; ``weight`` is what it was reckoned by."""

    unit: str
    building: str
    area: int
    weight: int
    amount: int


@dataclass(frozen=True, slots=True)
class Group:
    """Some homes together, as the public sees them."""

    name: str
    homes: int
    amount: int
    paid: int = 0


def floor_of(unit: str) -> int | None:
    """The floor in a unit's number: 12 of ``03-2-1201``, 1 of ``1-101``; None if it says none."""
    match = _ROOM.search(unit)
    return int(match[1]) // 100 if match else None


def weights(sharing: Sharing, units: Sequence[Unit]) -> list[int]:
    """The weight of each unit. Raises :class:`~ledger.errors.Refused` for floors without a factor."""
    if sharing.by == "equal":
        return [1] * len(units)
    if sharing.by == "area":
        return [unit.area for unit in units]
    factors = dict(sharing.factors)
    floors = [floor_of(unit.unit) for unit in units]
    missing = sorted({floor for floor in floors if floor is not None and floor not in factors})
    problems = []
    if missing:
        named = "、".join(str(floor) for floor in missing)
        problems.append(Problem("no_factor", f"第 {named} 层没有写系数；不分摊的楼层请写 0", "楼层系数"))
    if unreadable := [unit.unit for unit, floor in zip(units, floors, strict=True) if floor is None]:
        shown = "、".join(unreadable[:8])
        problems.append(Problem("no_floor", f"从房号 {shown} 看不出楼层，请在范围里排除它们", "分摊范围"))
    if problems:
        raise Refused(problems)
    return [
        factors[floor or 0] * (unit.area if sharing.by == "floor_area" else 1)
        for unit, floor in zip(units, floors, strict=True)
    ]


def apportion(sharing: Sharing, units: Sequence[Unit], fen: int) -> list[Part]:
    """Parts of the units, together exactly ``fen``; a unit of weight 0 bears nothing and is left out.

    Raises :class:`~ledger.errors.Refused` if no unit bears anything.
    """
    found = weights(sharing, units)
    if sum(found) <= 0:
        raise Refused([Problem("nobody_bears", "范围里没有房屋分摊，请核对范围和楼层系数", "分摊范围")])
    parts = split_largest_remainder(fen, found)
    return [
        Part(unit.unit, unit.building, unit.area, weight, part)
        for unit, weight, part in zip(units, found, parts, strict=True)
        if weight
    ]


def owners_parts(conn: Connection, trust_id: int, sharing: Sharing, fen: int, day: date) -> list[Part]:
    """The same over the scope's units as of a day. Raises :class:`~ledger.errors.Refused`."""
    chosen = {home.unit for home in homes_in(conn, trust_id, sharing.scope, day)}
    units = [unit for unit in units_on(conn, trust_id, day) if unit.unit in chosen]
    return apportion(sharing, units, fen)


def by_building(parts: Sequence[Part], paid: dict[str, int]) -> list[Group]:
    """Parts by building for the public. Buildings with fewer than five homes are shown as one group, joined by
    the next smallest until the group has five; fewer than five homes in all are not shown at all."""
    if len(parts) < FEWEST:
        return []
    sums: dict[str, list[int]] = {}
    for part in parts:
        row = sums.setdefault(part.building, [0, 0, 0])
        for place, value in enumerate((1, part.amount, paid.get(part.unit, 0))):
            row[place] += value
    merged = [0, 0, 0]
    for name, row in sorted(sums.items(), key=lambda item: (item[1][0], item[0])):
        if row[0] < FEWEST or 0 < merged[0] < FEWEST:
            merged = [a + b for a, b in zip(merged, row, strict=True)]
            del sums[name]
    groups = [Group(f"{name} 栋", *row) for name, row in sorted(sums.items())]
    return [*groups, Group("其他楼栋合并", *merged)] if merged[0] else groups

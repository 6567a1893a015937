"""Whom a use of the fund concerns: the whole community, buildings, entrances, or chosen units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec
from sqlalchemy import Connection, select

from ledger.errors import Problem, Refused
from ledger.store.tables import unit as unit_table
from ledger.trust.units import units_on

ScopeKind = Literal["all", "building", "entrance", "units"]
SCOPE_NAMES: dict[str, str] = {
    "all": "全小区",
    "building": "楼栋",
    "entrance": "单元（门）",
    "units": "指定房屋",
}


class Scope(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """``names``: buildings (``03``), entrances (``03-2``) or units; empty for the whole community.
    ``use_kinds``: only units of these uses; empty for all."""

    kind: ScopeKind
    names: tuple[str, ...] = ()
    use_kinds: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """For people: ``03、04 栋``."""
        if self.kind == "all":
            return SCOPE_NAMES["all"]
        shown = "、".join(self.names[:6]) + (f"等 {len(self.names)} 处" if len(self.names) > 6 else "")
        return f"{SCOPE_NAMES[self.kind]} {shown}"


@dataclass(frozen=True, slots=True)
class Home:
    """A unit that bears a part. ``area`` in 0.01 m²."""

    unit: str
    area: int


def entrance_of(unit: str, building: str) -> str:
    """The entrance (单元) in a unit's number: all but its last part, ``03-2`` of ``03-2-1201``; the
    building where numbers have no entrance."""
    head = unit.rpartition("-")[0]
    return head if head.count("-") else building


def homes_in(conn: Connection, trust_id: int, scope: Scope, day: date) -> list[Home]:
    """The units of a scope in order, with use and area as of a day. Raises :class:`~ledger.errors.Refused` for names nobody knows."""
    rows = [
        (_name(scope.kind, unit.unit, unit.building), Home(unit.unit, unit.area))
        for unit in units_on(conn, trust_id, day)
        if not scope.use_kinds or unit.use_kind in scope.use_kinds
    ]
    wanted = set(scope.names)
    unknown = sorted(wanted - {name for name, _ in rows}) if scope.kind != "all" else []
    problems = [
        Problem("unknown_scope", f"没有登记过{SCOPE_NAMES[scope.kind]}“{name}”，请核对", "分摊范围")
        for name in unknown[:20]
    ]
    homes = [home for name, home in rows if scope.kind == "all" or name in wanted]
    if not homes and not problems:
        problems.append(Problem("empty_scope", "分摊范围里没有房屋，请选择楼栋、单元或房号", "分摊范围"))
    if problems:
        raise Refused(problems)
    return homes


def places(conn: Connection, trust_id: int) -> tuple[list[str], list[str]]:
    """All buildings and all entrances, for people to choose from."""
    query = select(unit_table.c.unit, unit_table.c.building).where(unit_table.c.trust_id == trust_id)
    rows: Sequence[tuple[str, str]] = conn.execute(query).all()
    buildings = sorted({building for _, building in rows})
    return buildings, sorted({entrance_of(unit, building) for unit, building in rows} - set(buildings))


def _name(kind: ScopeKind, unit: str, building: str) -> str:
    if kind == "building":
        return building
    return entrance_of(unit, building) if kind == "entrance" else unit

"""Buildings, units, their areas and uses, and how these changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select

from ledger.chart.store import mark_setup_changed
from ledger.errors import Problem, Refused, refuse
from ledger.store.tables import trust, unit_version
from ledger.store.tables import unit as unit_table
from ledger.trust.act import Act
from ledger.trust.dimensions import add_dimension_values, refuse_taken
from ledger.trust.lock import lock_trust
from ledger.trust.uses import USE_KINDS

MAX_AREA = 10_000_000
"""0.01 m²: an area of 100,000 m² or more in one unit is taken for a typing error."""
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Unit:
    """A home, shop or unsold unit. ``area`` in 0.01 m²; ``use_kind`` home, shop or unsold."""

    unit: str
    building: str
    use_kind: str
    area: int


@dataclass(frozen=True, slots=True)
class UnitVersion:
    """What a unit's use and area are from a day on, and by what."""

    unit: Unit
    effective_on: date
    authority: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Building:
    """A building with what is in it: units and area (0.01 m²) by use."""

    building: str
    units: int
    area: int
    by_use: dict[str, int]


def unit_problems(unit: Unit) -> list[Problem]:
    """What is wrong with a unit by itself."""
    problems = []
    if not unit.unit.strip() or len(unit.unit) > _LONGEST or unit.unit != unit.unit.strip():
        problems.append(Problem("bad_unit", f"房号不能为空、前后不能有空格，最长 {_LONGEST} 字", "房号"))
    if not unit.building.strip():
        problems.append(Problem("no_building", "请填写楼栋", "楼栋"))
    if unit.use_kind not in USE_KINDS:
        uses = "、".join(USE_KINDS.values())
        problems.append(Problem("bad_use", f"用途只能是{uses}", "用途"))
    if type(unit.area) is not int or not 0 < unit.area < MAX_AREA:
        problems.append(Problem("bad_area", "面积须大于零、不足十万平方米，精确到 0.01 平方米", "建筑面积"))
    return problems


def add_units(conn: Connection, trust_id: int, units: Sequence[Unit]) -> None:
    """Record homes, shops and unsold units. Raises :class:`~ledger.errors.Refused` with all problems."""
    if not units:
        return
    problems = [
        Problem(problem.code, problem.message, f"{unit.unit} {problem.where}".strip())
        for unit in units
        for problem in unit_problems(unit)
    ]
    if problems:
        raise Refused(problems)
    refuse_taken(conn, trust_id, "unit", [unit.unit for unit in units])
    conn.execute(
        insert(unit_table),
        [
            {
                "trust_id": trust_id,
                "unit": u.unit,
                "building": u.building,
                "use_kind": u.use_kind,
                "area": u.area,
            }
            for u in units
        ],
    )
    add_dimension_values(conn, trust_id, "unit", [{"code": u.unit, "name": u.unit} for u in units])


def change_unit(
    conn: Connection,
    trust_id: int,
    unit: str,
    *,
    use_kind: str,
    area: int,
    effective_on: date,
    authority: str,
    act: Act,
) -> None:
    """Record another use or area of a unit from a day on, such as an unsold home that was sold.

    ``authority`` is the paper it rests on (survey report, certificate). Raises
    :class:`~ledger.errors.Refused`.
    """
    lock_trust(conn, trust_id)
    history = unit_history(conn, trust_id, unit)
    if not history:
        raise refuse("unknown_unit", f"没有登记过房号“{unit}”", "房号")
    wanted = replace(history[0].unit, use_kind=use_kind, area=area)
    if problems := _change_problems(history, wanted, effective_on, authority):
        raise Refused(problems)
    conn.execute(
        insert(unit_version).values(
            trust_id=trust_id,
            unit=unit,
            no=len(history),
            effective_on=effective_on,
            use_kind=use_kind,
            area=area,
            authority=authority,
            recorded_at=act.now,
        )
    )
    mark_setup_changed(conn, trust_id)


def _change_problems(
    history: Sequence[UnitVersion], wanted: Unit, effective_on: date, authority: str
) -> list[Problem]:
    now = next((v.unit for v in history if v.effective_on <= effective_on), None)
    problems = unit_problems(wanted)
    if not authority.strip():
        problems.append(Problem("no_authority", "请写明依据，如实测报告、产权证或交付文件", "依据"))
    if now is None:
        problems.append(
            Problem("before_opening", f"生效日不能早于建账日 {history[-1].effective_on}", "生效日")
        )
    elif now == wanted:
        problems.append(Problem("nothing_changed", "用途和面积与当日已登记的相同，没有要改的", "房号"))
    return problems


def unit_history(conn: Connection, trust_id: int, unit: str) -> list[UnitVersion]:
    """What a unit has been, latest first; the last is what it was when the books opened. Empty: no such unit."""
    first = conn.execute(
        select(unit_table, trust.c.opened_on, trust.c.created_at)
        .join(trust, trust.c.trust_id == unit_table.c.trust_id)
        .where(unit_table.c.trust_id == trust_id, unit_table.c.unit == unit)
    ).first()
    if first is None:
        return []
    rows = conn.execute(
        select(unit_version)
        .where(unit_version.c.trust_id == trust_id, unit_version.c.unit == unit)
        .order_by(unit_version.c.effective_on.desc(), unit_version.c.no.desc())
    )
    origin = Unit(first.unit, first.building, first.use_kind, first.area)
    later = [
        UnitVersion(
            replace(origin, use_kind=row.use_kind, area=row.area),
            row.effective_on,
            row.authority,
            row.recorded_at,
        )
        for row in rows
    ]
    return [*later, UnitVersion(origin, first.opened_on, "", first.created_at)]


def units_on(conn: Connection, trust_id: int, day: date, units: Collection[str] | None = None) -> list[Unit]:
    """All units, or some, in order of their codes, with use and area as of a day; one query."""
    newest = func.row_number().over(
        partition_by=unit_version.c.unit,
        order_by=(unit_version.c.effective_on.desc(), unit_version.c.no.desc()),
    )
    ranked = (
        select(unit_version.c.unit, unit_version.c.use_kind, unit_version.c.area, newest.label("place"))
        .where(unit_version.c.trust_id == trust_id, unit_version.c.effective_on <= day)
        .subquery()
    )
    later = select(ranked).where(ranked.c.place == 1).subquery()
    query = (
        select(
            unit_table.c.unit,
            unit_table.c.building,
            func.coalesce(later.c.use_kind, unit_table.c.use_kind).label("use_kind"),
            func.coalesce(later.c.area, unit_table.c.area).label("area"),
        )
        .outerjoin(later, later.c.unit == unit_table.c.unit)
        .where(unit_table.c.trust_id == trust_id)
        .order_by(unit_table.c.unit)
    )
    if units is not None:
        query = query.where(unit_table.c.unit.in_(sorted(units)))
    return [Unit(row.unit, row.building, row.use_kind, row.area) for row in conn.execute(query)]


def buildings(units: Sequence[Unit]) -> list[Building]:
    """Units by building, in order of the buildings."""
    found: dict[str, list[Unit]] = {}
    for unit in units:
        found.setdefault(unit.building, []).append(unit)
    return [
        Building(name, len(inside), sum(u.area for u in inside), dict(Counter(u.use_kind for u in inside)))
        for name, inside in sorted(found.items())
    ]

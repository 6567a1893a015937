"""How far the owners' part of a project has come: in all, by building for the public, and for one's own home."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.projects.apportion import Group, Part, by_building
from ledger.projects.file import ProjectFile
from ledger.projects.plans import in_force, kept_parts, plan_versions
from ledger.projects.steps import steps_of
from ledger.projects.sums import paid_in_by_unit
from ledger.store.tables import project_part


@dataclass(frozen=True, slots=True)
class OwnersPart:
    """Homes that bear something, how many have paid all of it, and the sums in fen."""

    homes: int
    settled: int
    due: int
    paid: int
    groups: tuple[Group, ...]


def owners_part(conn: Connection, trust_id: int, file: ProjectFile) -> OwnersPart | None:
    """The owners' part under the plan in force, without any single home; None if none was apportioned."""
    parts, paid = owners_by_unit(conn, trust_id, file)
    if not parts:
        return None
    return OwnersPart(
        homes=len(parts),
        settled=sum(paid.get(part.unit, 0) >= part.amount for part in parts),
        due=sum(part.amount for part in parts),
        paid=sum(paid.values()),
        groups=tuple(by_building(parts, paid)),
    )


def owners_by_unit(conn: Connection, trust_id: int, file: ProjectFile) -> tuple[list[Part], dict[str, int]]:
    """What each home bears under the plan in force, and what it has paid. Private."""
    if file.adopted is None or file.adopted.plan.sharing is None:
        return [], {}
    parts = kept_parts(conn, trust_id, file.code, file.adopted.version)
    return parts, paid_in_by_unit(conn, trust_id, file.code)


@dataclass(frozen=True, slots=True)
class HomeShare:
    """What one home bears of a project, and what it has paid in; fen."""

    project: str
    title: str
    unit: str
    amount: int
    paid: int

    @property
    def left(self) -> int:
        """What is still to be paid."""
        return max(0, self.amount - self.paid)


def shares_of_homes(conn: Connection, trust_id: int, units: Collection[str]) -> list[HomeShare]:
    """What these homes bear of projects under the plans in force; private to their owners."""
    rows = conn.execute(
        select(project_part)
        .where(project_part.c.trust_id == trust_id, project_part.c.unit.in_(sorted(units)))
        .order_by(project_part.c.project, project_part.c.unit)
    ).all()
    codes = {row.project for row in rows}
    if not codes:
        return []
    versions, steps = plan_versions(conn, trust_id, codes), steps_of(conn, trust_id, codes)
    holding = {code: in_force(items, steps.get(code, [])) for code, items in versions.items()}
    paid = {code: paid_in_by_unit(conn, trust_id, code) for code in codes}  # the few projects of one's home
    return [
        HomeShare(row.project, version.plan.title, row.unit, row.amount, paid[row.project].get(row.unit, 0))
        for row in rows
        if (version := holding[row.project]) is not None and version.version == row.version
    ]

"""A project with everything known of it: plan in force, steps, grants, what the books say. A few queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, func, select

from ledger.errors import Unanswerable
from ledger.projects.grants import Grant, grants
from ledger.projects.movements import Movement, movements
from ledger.projects.plans import PlanVersion, in_force, linked_plans, plan_versions
from ledger.projects.shares import agreed_amounts, milestone_amounts
from ledger.projects.steps import Step, accepted, final_step, steps_of
from ledger.projects.sums import Tally, tally
from ledger.projects.value import Plan
from ledger.store.tables import (
    project_grant,
    project_need,
    project_plan,
    project_resource,
    project_step,
)

STATES = {"draft": "待业委会通过", "running": "进行中", "closed": "已决算"}


@dataclass(frozen=True)
class ProjectFile:
    """One project. ``versions`` of its plan and ``steps``, oldest first; ``grants`` by code."""

    code: str
    versions: tuple[PlanVersion, ...]
    steps: tuple[Step, ...]
    grants: Mapping[str, Grant]
    movements: tuple[Movement, ...]

    @cached_property
    def adopted(self) -> PlanVersion | None:
        """The version of the plan in force."""
        return in_force(self.versions, self.steps)

    @cached_property
    def shown(self) -> PlanVersion:
        """The version in force, or the one that waits to be adopted where there is none."""
        return self.adopted or self.versions[-1]

    @property
    def plan(self) -> Plan:
        """The plan that is shown."""
        return self.shown.plan

    @property
    def waiting(self) -> PlanVersion | None:
        """The newest version, while it waits to be adopted."""
        newest = self.versions[-1]
        return newest if self.adopted is None or newest.version > self.adopted.version else None

    @cached_property
    def final(self) -> Step | None:
        """The final account, if there is one."""
        return final_step(self.steps)

    @property
    def state(self) -> str:
        """One of :data:`STATES`."""
        if self.final is not None:
            return "closed"
        return "draft" if self.adopted is None else "running"

    @cached_property
    def accepted(self) -> dict[str, Step]:
        """Milestones that were accepted."""
        return accepted(self.steps)

    @cached_property
    def tally(self) -> Tally:
        """Sums of the books."""
        return tally(self.movements)

    @cached_property
    def agreed(self) -> dict[str, int]:
        """What each source is to bear, fen."""
        return agreed_amounts(self.plan)

    @cached_property
    def milestones(self) -> dict[str, int]:
        """What each milestone may cost, fen."""
        return milestone_amounts(self.plan)

    @property
    def linked_plans(self) -> dict[str, str]:
        """Plans of use of the maintenance fund that belong to this project."""
        return linked_plans({self.code: self.versions}, {self.code: self.steps})

    @property
    def grant_sources(self) -> dict[str, str]:
        """The source of each grant."""
        return {code: grant.source for code, grant in self.grants.items()}


def project_files(
    conn: Connection,
    trust_id: int,
    codes: Collection[str] | None = None,
    *,
    known_at: int | None = None,
    before_step: int | None = None,
) -> dict[str, ProjectFile]:
    """Projects by code, those with a plan. ``known_at`` and ``before_step`` (a step's number) look back."""
    versions = plan_versions(conn, trust_id, codes)
    if not versions:
        return {}
    steps = steps_of(conn, trust_id, codes)
    given = grants(conn, trust_id, projects=versions)
    plans = linked_plans(versions, steps)
    moved = movements(conn, trust_id, versions, plans, known_at=known_at)
    return {
        code: ProjectFile(
            code,
            tuple(items),
            tuple(s for s in steps.get(code, ()) if before_step is None or s.no < before_step),
            {name: grant for name, grant in given.items() if grant.project == code},
            tuple(moved[code]),
        )
        for code, items in versions.items()
    }


def project_file(conn: Connection, trust_id: int, code: str) -> ProjectFile:
    """One project. Raises :class:`~ledger.errors.Unanswerable`."""
    found = project_files(conn, trust_id, [code]).get(code)
    if found is None:
        raise Unanswerable("unknown_project", f"没有登记过项目“{code}”")
    return found


def projects_state(conn: Connection, trust_id: int) -> tuple[int, ...]:
    """Changes whenever anything of this package is recorded: these tables only grow. One query."""
    tables = (project_need, project_resource, project_plan, project_grant, project_step)
    counts = (
        select(func.count()).select_from(table).where(table.c.trust_id == trust_id).scalar_subquery()
        for table in tables
    )
    return tuple(conn.execute(select(*counts)).one())

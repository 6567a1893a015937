"""Plans of projects (项目清单): drafted by the trustee, adopted by the committee, on the owners' decision.

A project's code is a value of the dimension ``project``, so that postings can name it. The version adopted
last is in force; another one is another draft with another adoption.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused, Unanswerable, refuse
from ledger.people import Actor, require
from ledger.projects.apportion import Part, owners_parts
from ledger.projects.plan_checks import plan_problems, unknown_names
from ledger.projects.shares import agreed_amounts
from ledger.projects.steps import (
    ADOPT,
    Step,
    accepted,
    add_step,
    final_step,
    require_committee,
    steps_of,
)
from ledger.projects.value import Plan
from ledger.resolutions.decided import require_decision
from ledger.store.tables import (
    dimension_value,
    project_part,
    project_plan,
)
from ledger.trust.act import Act
from ledger.trust.dimensions import add_dimension_values
from ledger.trust.lock import lock_trust

_decode = msgspec.json.Decoder(Plan).decode


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A version of a plan: who drafted it when."""

    plan: Plan
    version: int
    person: str
    recorded_by: str
    recorded_at: datetime


def draft_plan(conn: Connection, trust_id: int, plan: Plan, actor: Actor, act: Act) -> int:
    """Keep a version of a plan for the committee to decide on; returns its number. Raises :class:`Refused`."""
    require(actor, "project.prepare")
    lock_trust(conn, trust_id)
    problems = [*plan_problems(plan), *unknown_names(conn, trust_id, plan)]
    problems += _history_problems(conn, trust_id, plan)
    if problems:
        raise Refused(problems)
    _name_project(conn, trust_id, plan)
    last = conn.execute(
        select(func.max(project_plan.c.version)).where(
            project_plan.c.trust_id == trust_id, project_plan.c.project == plan.project
        )
    ).scalar()
    version = int(last or 0) + 1
    conn.execute(
        insert(project_plan).values(
            trust_id=trust_id,
            project=plan.project,
            version=version,
            title=plan.title,
            total=plan.total,
            body=msgspec.json.encode(plan).decode(),
            person=actor.person,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    return version


def _history_problems(conn: Connection, trust_id: int, plan: Plan) -> list[Problem]:
    """What stands against a version because of what happened before: to this project, or to another."""
    steps, versions = steps_of(conn, trust_id), plan_versions(conn, trust_id)
    mine = steps.get(plan.project, [])
    problems = []
    if final_step(mine) is not None:
        problems.append(Problem("project_closed", f"项目 {plan.project} 已经决算，不能再改计划", "项目编号"))
    before = in_force(versions.get(plan.project, []), mine)
    kept = {item.code: (item.title, item.shows) for item in plan.milestones}
    problems += [
        Problem(
            "milestone_accepted",
            f"付款节点 {item.code}“{item.title}”已经验收，名称和付款条件不能再改，也不能去掉",
            "付款节点",
        )
        for item in (before.plan.milestones if before else ())
        if item.code in accepted(mine) and kept.get(item.code) != (item.title, item.shows)
    ]
    taken = linked_plans(versions, steps)
    problems += [
        Problem("plan_taken", f"使用方案“{name}”已经关联到项目 {taken[name]}", "维修资金方案")
        for name in plan.maintenance_plans
        if taken.get(name, plan.project) != plan.project
    ]
    return problems


def linked_plans(
    versions: Mapping[str, Sequence[PlanVersion]], steps: Mapping[str, Sequence[Step]]
) -> dict[str, str]:
    """Plans of use of the maintenance fund, and the project whose adopted plan names each."""
    return {
        name: code
        for code, items in versions.items()
        for item in items
        if any(step.step == ADOPT and step.version == item.version for step in steps.get(code, ()))
        for name in item.plan.maintenance_plans
    }


def _name_project(conn: Connection, trust_id: int, plan: Plan) -> None:
    """Let postings name the project."""
    known = conn.execute(
        select(dimension_value.c.code).where(
            dimension_value.c.trust_id == trust_id,
            dimension_value.c.dimension == "project",
            dimension_value.c.code == plan.project,
        )
    ).first()
    if known is None:
        add_dimension_values(conn, trust_id, "project", [{"code": plan.project, "name": plan.title}])


def adopt_plan(
    conn: Connection, trust_id: int, project: str, actor: Actor, act: Act, *, version: int, note: str = ""
) -> int:
    """The committee adopts the newest version: from now on money can be spent by it. Returns the version.

    ``version`` is the one that was read and decided on: a newer one drafted meanwhile is not adopted unseen.
    The owners' decision the plan rests on must be in force. What each unit bears is kept as it is today.
    Raises :class:`~ledger.errors.Refused`.
    """
    require_committee(actor, "project.decide")
    lock_trust(conn, trust_id)
    newest = newest_version(conn, trust_id, project)
    plan, steps = newest.plan, steps_of(conn, trust_id, [project]).get(project, ())
    if final_step(steps) is not None:
        raise refuse("project_closed", f"项目 {project} 已经决算", "项目")
    if version != newest.version:
        raise refuse(
            "plan_changed",
            f"您看的是第 {version} 版，现在最新的是第 {newest.version} 版，请重新查看后再通过",
            "计划",
        )
    if any(step.step == ADOPT and step.version == newest.version for step in steps):
        raise refuse("adopted_already", "这一版计划已经通过；要改，请由会计先登记新的一版", "计划")
    if newest.person == actor.person:
        raise refuse("same_person", "计划是您自己登记的，须由业委会的另一个人通过", "计划")
    if plan.resolution.strip():
        require_decision(conn, trust_id, plan.resolution, matters=(plan.matter,), on=act.today)
    parts = preview_parts(conn, trust_id, plan, act)
    if parts:
        conn.execute(
            insert(project_part),
            [
                {
                    "trust_id": trust_id,
                    "project": project,
                    "version": newest.version,
                    "unit": part.unit,
                    "building": part.building,
                    "area": part.area,
                    "weight": part.weight,
                    "amount": part.amount,
                }
                for part in parts
            ],
        )
    add_step(conn, trust_id, project, ADOPT, actor, act, version=newest.version, body={"note": note.strip()})
    return newest.version


def preview_parts(conn: Connection, trust_id: int, plan: Plan, act: Act) -> list[Part]:
    """What each unit would bear of the owners' part today. Raises :class:`~ledger.errors.Refused`."""
    owners = agreed_amounts(plan).get("owners", 0)
    if plan.sharing is None or not owners:
        return []
    return owners_parts(conn, trust_id, plan.sharing, owners, act.today)


def kept_parts(conn: Connection, trust_id: int, project: str, version: int) -> list[Part]:
    """What each unit bears under an adopted version, by unit."""
    query = (
        select(project_part)
        .where(
            project_part.c.trust_id == trust_id,
            project_part.c.project == project,
            project_part.c.version == version,
        )
        .order_by(project_part.c.unit)
    )
    return [Part(r.unit, r.building, r.area, r.weight, r.amount) for r in conn.execute(query)]


def newest_version(conn: Connection, trust_id: int, project: str) -> PlanVersion:
    """The version drafted last. Raises :class:`~ledger.errors.Unanswerable` for an unknown project."""
    found = plan_versions(conn, trust_id, [project]).get(project)
    if not found:
        raise Unanswerable("unknown_project", f"没有登记过项目“{project}”")
    return found[-1]


def plan_versions(
    conn: Connection, trust_id: int, projects: Collection[str] | None = None
) -> dict[str, list[PlanVersion]]:
    """All versions of each project, oldest first; one query."""
    query = (
        select(project_plan)
        .where(project_plan.c.trust_id == trust_id)
        .order_by(project_plan.c.project, project_plan.c.version)
    )
    if projects is not None:
        query = query.where(project_plan.c.project.in_(sorted(projects)))
    found: dict[str, list[PlanVersion]] = {}
    for row in conn.execute(query):
        found.setdefault(row.project, []).append(_version(row))
    return found


def in_force(versions: Sequence[PlanVersion], steps: Sequence[Step]) -> PlanVersion | None:
    """The version adopted last."""
    adopted = [step.version for step in steps if step.step == ADOPT]
    return next((item for item in versions if adopted and item.version == adopted[-1]), None)


def _version(row: Any) -> PlanVersion:
    return PlanVersion(_decode(row.body), row.version, row.person, row.recorded_by, row.recorded_at)

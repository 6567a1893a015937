"""What was decided or found about a project, one row a step, never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem
from ledger.people import Actor, Forbidden, require
from ledger.people.roles import STAFF
from ledger.store.tables import project_step
from ledger.trust.act import Act

ADOPT, ACCEPT, EVALUATE, FINAL = "adopt", "accept", "evaluate", "final"


def require_committee(actor: Actor, action: str) -> None:
    """Raise :class:`~ledger.people.Forbidden` unless the actor may, and is not of the trustee's staff."""
    require(actor, action)
    if actor.roles & STAFF:
        raise Forbidden([Problem("trustee_apart", "受托人的人员不能替业委会通过计划、验收或决算", "项目")])


@dataclass(frozen=True, slots=True)
class Step:
    """A step. ``subject``: the milestone; ``version``: of the plan; ``document``: SHA-256 of its paper."""

    no: int
    step: str
    subject: str
    version: int
    body: Mapping[str, Any]
    document: str
    happened_on: date
    signature: str
    acted_at: datetime


def add_step(
    conn: Connection,
    trust_id: int,
    project: str,
    step: str,
    actor: Actor,
    act: Act,
    *,
    subject: str = "",
    version: int = 0,
    body: Mapping[str, Any] | None = None,
    document: str = "",
    on: date | None = None,
) -> int:
    """Write a step with the next number; the caller holds the trust's lock."""
    last = conn.execute(
        select(func.max(project_step.c.step_no)).where(
            project_step.c.trust_id == trust_id, project_step.c.project == project
        )
    ).scalar()
    step_no = int(last or 0) + 1
    conn.execute(
        insert(project_step).values(
            trust_id=trust_id,
            project=project,
            step_no=step_no,
            step=step,
            subject=subject,
            version=version,
            body=msgspec.json.encode(dict(body or {})).decode(),
            document=document,
            happened_on=on or act.today,
            person=actor.person,
            signature=actor.signature,
            acted_at=act.now,
        )
    )
    return step_no


def steps_of(
    conn: Connection, trust_id: int, projects: Collection[str] | None = None
) -> dict[str, list[Step]]:
    """The steps of each project, in order; one query."""
    query = (
        select(project_step)
        .where(project_step.c.trust_id == trust_id)
        .order_by(project_step.c.project, project_step.c.step_no)
    )
    if projects is not None:
        query = query.where(project_step.c.project.in_(sorted(projects)))
    found: dict[str, list[Step]] = {}
    for row in conn.execute(query):
        found.setdefault(row.project, []).append(
            Step(
                row.step_no,
                row.step,
                row.subject,
                row.version,
                msgspec.json.decode(row.body),
                row.document,
                row.happened_on,
                row.signature,
                row.acted_at,
            )
        )
    return found


def accepted(steps: Sequence[Step]) -> dict[str, Step]:
    """The acceptance of each milestone that has one."""
    return {step.subject: step for step in steps if step.step == ACCEPT}


def final_step(steps: Sequence[Step]) -> Step | None:
    """The final account (竣工决算), which also closes the project."""
    return next((step for step in steps if step.step == FINAL), None)

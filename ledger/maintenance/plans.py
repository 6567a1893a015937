"""Plans of use (使用方案): what is to be repaired, at what estimate, at whose expense, decided where.

A plan is recorded before money is used. A later version replaces an earlier one; what was paid under it
is counted over all versions. A settlement above the estimate by more than the setting
``maintenance_excess_percent`` allows must be filed anew (local practice; without the setting: not at all).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, case, func, insert, literal_column, select

from ledger.errors import Problem, Refused, Unanswerable
from ledger.maintenance.apportion import SHORTFALL_NAMES, Shortfall
from ledger.maintenance.scope import Scope, homes_in
from ledger.people import Actor, require
from ledger.resolutions.lacking import decision_lacking
from ledger.store.tables import entry_reference, maintenance_plan, posting
from ledger.trust.act import Act

MATTERS = ("use_maintenance_fund", "rebuild")
"""What the decision under a plan has to be about."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan. ``estimate`` in fen; ``decision`` says where owners decided on ``shortfall``."""

    plan: str
    title: str
    estimate: int
    scope: Scope
    resolution: str
    filing: str
    shortfall: Shortfall = "refuse"
    decision: str = ""
    version: int = 0
    recorded_at: datetime | None = None


def record_plan(conn: Connection, trust_id: int, plan: Plan, actor: Actor, act: Act) -> int:
    """Keep a plan, or a new version of it; returns the version. It rests on a decision of the owners about
    the use of the fund (民法典 278(5)), or on rebuilding. Raises :class:`Refused`."""
    require(actor, "maintenance.prepare")
    problems = list(_problems(plan))
    problems += decision_lacking(conn, trust_id, plan.resolution, matters=MATTERS, on=act.today)
    if problems:
        raise Refused(problems)
    homes_in(conn, trust_id, plan.scope, act.today)
    last = conn.execute(
        select(func.max(maintenance_plan.c.version)).where(
            maintenance_plan.c.trust_id == trust_id, maintenance_plan.c.plan == plan.plan
        )
    ).scalar()
    version = (last or 0) + 1
    conn.execute(
        insert(maintenance_plan).values(
            trust_id=trust_id,
            plan=plan.plan,
            version=version,
            title=plan.title,
            estimate=plan.estimate,
            scope=msgspec.json.encode(plan.scope).decode(),
            resolution=plan.resolution,
            filing=plan.filing,
            shortfall=plan.shortfall,
            decision=plan.decision,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    return version


def _problems(plan: Plan) -> list[Problem]:
    needed = (
        ("no_plan", "方案编号", plan.plan),
        ("no_title", "维修项目", plan.title),
        ("no_resolution", "决议号", plan.resolution),
        ("no_filing", "备案号", plan.filing),
    )
    problems = [
        Problem(code, f"请填写{name}；使用维修资金须有方案、业主共同决定和备案", name)
        for code, name, text in needed
        if not text.strip()
    ]
    if plan.estimate <= 0:
        problems.append(Problem("no_estimate", "预算金额应大于零", "预算金额"))
    if plan.shortfall not in SHORTFALL_NAMES:
        problems.append(Problem("unknown_shortfall", "请选择户分账不足时怎么办", "不足的处理"))
    elif plan.shortfall != "refuse" and not plan.decision.strip():
        problems.append(
            Problem("no_decision", "户分账不足仍要动用，须写明业主共同决定的决议号或会议记录号", "不足的决定")
        )
    return problems


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan with what was paid under it, fen."""

    plan: Plan
    used: int


def list_plans(conn: Connection, trust_id: int) -> list[PlanRow]:
    """All plans, the newest first, with what the books say was used."""
    newest = (
        select(maintenance_plan.c.plan, func.max(maintenance_plan.c.version).label("version"))
        .where(maintenance_plan.c.trust_id == trust_id)
        .group_by(maintenance_plan.c.plan)
        .subquery()
    )
    query = (
        select(maintenance_plan)
        .join(
            newest,
            (newest.c.plan == maintenance_plan.c.plan) & (newest.c.version == maintenance_plan.c.version),
        )
        .where(maintenance_plan.c.trust_id == trust_id)
        .order_by(maintenance_plan.c.recorded_at.desc(), maintenance_plan.c.plan)
    )
    used = used_by_plan(conn, trust_id)
    return [PlanRow(_plan(row), used.get(row.plan, 0)) for row in conn.execute(query)]


def read_plan(conn: Connection, trust_id: int, name: str) -> Plan:
    """The version in force. Raises :class:`~ledger.errors.Unanswerable` if there is none."""
    row = conn.execute(
        select(maintenance_plan)
        .where(maintenance_plan.c.trust_id == trust_id, maintenance_plan.c.plan == name)
        .order_by(maintenance_plan.c.version.desc())
        .limit(1)
    ).first()
    if row is None:
        raise Unanswerable("unknown_plan", f"没有登记过使用方案“{name}”，请先登记")
    return _plan(row)


def used_by_plan(conn: Connection, trust_id: int) -> dict[str, int]:
    """What was used under each plan, fen, red letters taken off."""
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    query = (
        select(entry_reference.c.ref, func.sum(signed))
        .join(
            posting,
            (posting.c.trust_id == entry_reference.c.trust_id) & (posting.c.seq == entry_reference.c.seq),
        )
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == "M",
            posting.c.account == "5001",
            entry_reference.c.trust_id == trust_id,
            entry_reference.c.kind == literal_column("'plan'"),  # as its partial index spells it
        )
        .group_by(entry_reference.c.ref)
    )
    return {plan: int(fen) for plan, fen in conn.execute(query)}


def _plan(row: Any) -> Plan:
    return Plan(
        plan=row.plan,
        title=row.title,
        estimate=row.estimate,
        scope=msgspec.json.decode(row.scope, type=Scope),
        resolution=row.resolution,
        filing=row.filing,
        shortfall=row.shortfall,
        decision=row.decision,
        version=row.version,
        recorded_at=row.recorded_at,
    )

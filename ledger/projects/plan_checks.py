"""What a plan must say before it is kept."""

from __future__ import annotations

import re

from sqlalchemy import Connection, select

from ledger.errors import Problem
from ledger.projects.shares import portion_problems
from ledger.projects.value import MATTERS, SHARED_BY, SOURCES, Plan
from ledger.resolutions.texts import text_problems
from ledger.store.tables import maintenance_plan, project_need, project_resource

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_MILESTONE = re.compile(r"[A-Za-z0-9一-鿿-]{1,20}")
_MOST = 40


def plan_problems(plan: Plan) -> list[Problem]:
    """What is wrong with a plan by itself."""
    problems = [
        *text_problems(plan.title, "项目名称", longest=80),
        *text_problems(plan.purpose, "用途", longest=500),
        *text_problems(plan.place, "地点", longest=80, needed=False),
    ]
    if not _CODE.fullmatch(plan.project):
        problems.append(Problem("bad_code", "项目编号用字母、数字和短横线，如 X-2026-01", "项目编号"))
    if plan.total <= 0:
        problems.append(Problem("bad_amount", "计划总额应大于零", "计划总额"))
    if plan.ends_on < plan.starts_on:
        problems.append(Problem("bad_days", "完工日早于开工日，请核对", "工期"))
    if plan.matter not in MATTERS:
        problems.append(Problem("bad_choice", "请选择决定的事项", "决定事项"))
    return [*problems, *_source_problems(plan), *_milestone_problems(plan)]


def _source_problems(plan: Plan) -> list[Problem]:
    names = [item.source for item in plan.sources]
    if not names or set(names) - set(SOURCES) or len(set(names)) < len(names):
        return [
            Problem("bad_sources", "请从政府补助、社会筹集、业主分摊里选来源，每个来源只写一次", "资金来源")
        ]
    problems = portion_problems(plan.total, [item.portion for item in plan.sources], "资金来源")
    owners = "owners" in names
    if owners and not plan.resolution.strip():
        problems.append(Problem("no_decision", "由业主出资的项目须写明业主共同决定的决议号", "决议号"))
    if plan.maintenance_plans and not owners:
        problems.append(
            Problem("no_owners", "动用维修资金属于业主分摊，请在资金来源里写上业主分摊", "资金来源")
        )
    if plan.sharing is not None and plan.sharing.by not in SHARED_BY:
        problems.append(Problem("bad_choice", "请选择分摊办法", "分摊办法"))
    if owners and plan.sharing is None and not plan.maintenance_plans:
        problems.append(
            Problem("no_sharing", "请写明业主部分由哪些房屋、按什么分摊，或关联维修资金使用方案", "分摊办法")
        )
    return problems


def _milestone_problems(plan: Plan) -> list[Problem]:
    if not 0 < len(plan.milestones) <= _MOST:
        return [Problem("no_milestones", f"请至少写一个付款节点，最多 {_MOST} 个", "付款节点")]
    problems = portion_problems(plan.total, [item.portion for item in plan.milestones], "付款节点")
    codes = [item.code for item in plan.milestones]
    if len(set(codes)) < len(codes) or not all(_MILESTONE.fullmatch(code) for code in codes):
        problems.append(Problem("bad_milestone", "节点编号不能重复、不能为空，如 1、2、3", "付款节点"))
    for item in plan.milestones:
        where = f"付款节点 {item.code}"
        problems += text_problems(item.title, where, longest=60)
        problems += text_problems(item.shows, f"{where} 的付款条件", longest=200)
        if not 0 <= item.retention < 100:
            problems.append(Problem("bad_retention", "质保金比例应在 0 到 99 之间", where))
    if any(item.retention for item in plan.milestones) and plan.retention_until is None:
        problems.append(Problem("missing", "扣了质保金，请写明哪天起可以支付", "质保到期日"))
    return problems


def unknown_names(conn: Connection, trust_id: int, plan: Plan) -> list[Problem]:
    """What the plan names that is not on record."""
    problems = []
    for table, key, numbers, where in (
        (project_need, "need", plan.needs, "对应的需求"),
        (project_resource, "resource", plan.resources, "对应的资源"),
    ):
        query = select(table.c[key]).where(table.c.trust_id == trust_id, table.c[key].in_(numbers)).distinct()
        missing = sorted(set(numbers) - set(conn.execute(query).scalars()))
        problems += [Problem("unknown_number", f"清单里没有第 {no} 号", where) for no in missing]
    query = select(maintenance_plan.c.plan).where(
        maintenance_plan.c.trust_id == trust_id, maintenance_plan.c.plan.in_(plan.maintenance_plans)
    )
    missing_plans = sorted(set(plan.maintenance_plans) - set(conn.execute(query).scalars()))
    problems += [
        Problem("unknown_plan", f"没有登记过维修资金使用方案“{name}”，请先到“维修资金”登记", "维修资金方案")
        for name in missing_plans
    ]
    return problems

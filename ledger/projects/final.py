"""The final account (竣工决算): what a project cost and who bore it, from the books, against its plan.

It is published once, as a record of the trust's log, and closes the project: nothing more may be spent, only
debts already booked are still paid. What is left over is shown with a proposal whom it goes back to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from ledger.errors import Problem, Refused
from ledger.journal.head import lock_head
from ledger.money import split_largest_remainder
from ledger.people import Actor
from ledger.projects.course import running
from ledger.projects.file import ProjectFile, project_files
from ledger.projects.steps import EVALUATE, FINAL, add_step, require_committee, steps_of
from ledger.projects.waiting import work_under_way
from ledger.records import publish_record
from ledger.resolutions.texts import text_problems
from ledger.store.tables import dimension_value
from ledger.trust.act import Act

RECORD = "final_account"


def publish_final(conn: Connection, trust_id: int, project: str, *, note: str, actor: Actor, act: Act) -> int:
    """Adopt and publish the final account, and close the project; returns its place in the log.

    Every milestone must have been accepted, and no work for the project be under way. Raises
    :class:`~ledger.errors.Refused`.
    """
    require_committee(actor, "project.decide")
    head = lock_head(conn, trust_id)
    file = running(conn, trust_id, project)
    problems = [
        Problem("milestone_not_accepted", f"付款节点“{item.title}”还没有验收，不能决算", "付款节点")
        for item in file.plan.milestones
        if item.code not in file.accepted
    ]
    if waiting := work_under_way(conn, trust_id, file):
        numbers = "、".join(f"第 {no} 号" for no in waiting)
        problems.append(Problem("work_under_way", f"还有单据在途（{numbers}），请先办结或撤回", "在途单据"))
    if file.waiting is not None:
        problems.append(Problem("plan_waiting", "还有一版计划没有通过，请先通过，或按原计划另登一版", "计划"))
    problems += text_problems(note, "说明", longest=500, needed=False)
    if problems:
        raise Refused(problems)
    value = final_value(conn, trust_id, file, note.strip())
    add_step(conn, trust_id, project, FINAL, actor, act, body={"size": head.tree.size, "note": note.strip()})
    return publish_record(conn, trust_id, RECORD, project, value, act)


def final_value(conn: Connection, trust_id: int, file: ProjectFile, note: str) -> dict[str, Any]:
    """The account as it is published; amounts in fen. Also a preview before it is."""
    sums, plan = file.tally, file.plan
    return {
        "project": file.code,
        "title": plan.title,
        "plan_version": file.shown.version,
        "resolution": plan.resolution,
        "planned": plan.total,
        "cost": sums.total_cost,
        "difference": sums.total_cost - plan.total,
        "paid": sums.total_paid,
        "unpaid": sums.total_cost - sums.total_paid,
        "received": sums.total_received,
        "remainder": sums.total_received - sums.total_cost,
        "sources": _sources(file),
        "milestones": _milestones(file),
        "vendors": _vendors(conn, trust_id, file),
        "accounts": _accounts(file),
        "grants": _grants(file),
        "evaluations": [
            {"on": step.happened_on.isoformat(), **{k: v for k, v in step.body.items() if k != "note"}}
            for step in file.steps
            if step.step == EVALUATE
        ],
        "note": note,
    }


def _sources(file: ProjectFile) -> list[dict[str, Any]]:
    """What each source bears, and what of its money would go back."""
    sums, borne = file.tally, _borne(file)
    return [
        {
            "source": source,
            "agreed": agreed,
            "received": sums.received[source],
            "paid": sums.paid_by[source],
            "borne": borne[source],
            "difference": borne[source] - agreed,
            "to_return": sums.received[source] - borne[source],
        }
        for source, agreed in file.agreed.items()
    ]


def _grants(file: ProjectFile) -> list[dict[str, Any]]:
    sums = file.tally
    return [
        {
            "grant": code,
            "approved": grant.amount,
            "received": sums.received_on[code],
            "paid": sums.paid_from[code],
            "left": sums.left_of(code),
        }
        for code, grant in sorted(file.grants.items())
    ]


def _borne(file: ProjectFile) -> dict[str, int]:
    """What each source is to bear of the cost, by the agreed shares; red letters may have made it negative."""
    parts = split_largest_remainder(file.tally.total_cost, list(file.agreed.values()))
    return dict(zip(file.agreed, parts, strict=True))


def _milestones(file: ProjectFile) -> list[dict[str, Any]]:
    sums = file.tally
    rows = [
        {
            "code": item.code,
            "title": item.title,
            "planned": file.milestones[item.code],
            "cost": sums.cost[item.code],
            "difference": sums.cost[item.code] - file.milestones[item.code],
            "paid": sums.paid[item.code],
            "accepted_on": step.happened_on.isoformat() if (step := file.accepted.get(item.code)) else "",
        }
        for item in file.plan.milestones
    ]
    others = set(sums.cost) | set(sums.paid)
    for code in sorted(others - set(file.milestones)):
        if sums.cost[code] or sums.paid[code]:  # booked before the plan knew milestones
            row = {"code": code, "title": "未写节点", "planned": 0, "cost": sums.cost[code]}
            rows.append(row | {"difference": sums.cost[code], "paid": sums.paid[code], "accepted_on": ""})
    return rows


def _vendors(conn: Connection, trust_id: int, file: ProjectFile) -> list[dict[str, Any]]:
    """What each vendor cost and was paid, under its full name."""
    codes = {item.vendor for item in file.movements if item.vendor}
    names = dict(
        conn.execute(
            select(dimension_value.c.code, dimension_value.c.name).where(
                dimension_value.c.trust_id == trust_id,
                dimension_value.c.dimension == "vendor",
                dimension_value.c.code.in_(sorted(codes)),
            )
        ).all()
    )
    cost: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for item in file.movements:
        name = names.get(item.vendor) or item.counterparty or "其他"
        cost[name] += item.cost
        paid[name] += item.paid
    return [
        {"name": name, "cost": cost[name], "paid": paid[name]}
        for name in sorted(set(cost) | set(paid))
        if cost[name] or paid[name]
    ]


def _accounts(file: ProjectFile) -> list[dict[str, Any]]:
    sums: Counter[tuple[str, str]] = Counter()
    for item in file.movements:
        for account, fen in item.costs.items():
            sums[item.book, account] += fen
    return [{"book": book, "account": code, "cost": fen} for (book, code), fen in sorted(sums.items()) if fen]


def final_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The published accounts made again from plan, steps and entries, as the log stood then."""
    steps = steps_of(conn, trust_id, subjects)
    found = {}
    for code, items in steps.items():  # a project is closed once: few, and each as of its own day
        final = next((step for step in items if step.step == FINAL), None)
        if final is None:
            continue
        files = project_files(conn, trust_id, [code], known_at=final.body["size"], before_step=final.no)
        found[code] = final_value(conn, trust_id, files[code], final.body["note"])
    return found

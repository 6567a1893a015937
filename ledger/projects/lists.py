"""The first two lists: needs (需求清单) and resources (资源清单). Versions; the newest of each counts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from ledger.errors import Problem, Refused, refuse
from ledger.people import Actor, require
from ledger.projects.value import SOURCES
from ledger.resolutions.texts import document_problems, text_problems
from ledger.store.tables import project_need, project_resource
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

URGENCY = {"urgent": "紧急（有安全隐患）", "soon": "较急", "normal": "一般"}
REPORTERS = {"residents": "业主", "committee": "业委会", "trustee": "物业巡查", "community": "社区"}
NEED_STATES = {"open": "待办", "withdrawn": "已撤销"}
RESOURCE_STATES = {"possible": "可争取", "applied": "已申请", "promised": "已承诺", "declined": "未获批"}
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Need:
    """Something that should be done: where, for how many homes, how urgently. ``note`` is not published."""

    title: str
    place: str
    homes: int
    urgency: str
    reporter: str
    note: str = ""
    state: str = "open"
    no: int = 0
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """Somebody who may put money in, fen, and by which paper; ``document`` is the SHA-256 of its scan."""

    source: str
    giver: str
    title: str
    amount: int
    state: str
    paper: str = ""
    document: str = ""
    no: int = 0
    recorded_at: datetime | None = None


def record_need(conn: Connection, trust_id: int, need: Need, actor: Actor, act: Act) -> int:
    """Keep a need, or with its number a new version; returns the number. Raises :class:`Refused`."""
    require(actor, "project.need")
    lock_trust(conn, trust_id)
    problems = [
        *text_problems(need.title, "需求", longest=_LONGEST),
        *text_problems(need.place, "地点", longest=_LONGEST),
    ]
    for value, among, where in (
        (need.urgency, URGENCY, "紧急程度"),
        (need.reporter, REPORTERS, "谁提出"),
        (need.state, NEED_STATES, "状态"),
    ):
        if value not in among:
            problems.append(Problem("bad_choice", f"请选择{where}", where))
    if not 0 < need.homes < 1_000_000:
        problems.append(Problem("bad_number", "请填写涉及多少户", "涉及户数"))
    if problems:
        raise Refused(problems)
    values = {
        "title": need.title.strip(),
        "place": need.place.strip(),
        "homes": need.homes,
        "urgency": need.urgency,
        "reporter": need.reporter,
        "note": need.note.strip(),
        "state": need.state,
    }
    return _keep(conn, trust_id, project_need, "need", need.no, values, actor, act)


def record_resource(conn: Connection, trust_id: int, resource: Resource, actor: Actor, act: Act) -> int:
    """Keep a resource, or a new version; returns its number. A promise needs its paper. Raises :class:`Refused`."""
    require(actor, "project.prepare")
    lock_trust(conn, trust_id)
    problems = [
        *text_problems(resource.giver, "出资方", longest=_LONGEST),
        *text_problems(resource.title, "名目", longest=_LONGEST),
        *text_problems(resource.paper, "文号", longest=_LONGEST, needed=resource.state == "promised"),
        *document_problems(conn, trust_id, [resource.document], "文件"),
    ]
    if resource.source not in SOURCES:
        problems.append(Problem("bad_choice", "请选择来源", "来源"))
    if resource.state not in RESOURCE_STATES:
        problems.append(Problem("bad_choice", "请选择进展", "进展"))
    if resource.amount < 0 or (resource.state == "promised" and not resource.amount):
        problems.append(Problem("bad_amount", "已承诺的要写金额", "金额"))
    if problems:
        raise Refused(problems)
    values = {
        "source": resource.source,
        "giver": resource.giver.strip(),
        "title": resource.title.strip(),
        "amount": resource.amount,
        "state": resource.state,
        "paper": resource.paper.strip(),
        "document": resource.document,
    }
    return _keep(conn, trust_id, project_resource, "resource", resource.no, values, actor, act)


def _keep(
    conn: Connection,
    trust_id: int,
    table: Table,
    key: str,
    no: int,
    values: dict[str, Any],
    actor: Actor,
    act: Act,
) -> int:
    """Insert the next version of number ``no``, or the first version of a new number."""
    last = conn.execute(select(func.max(table.c[key])).where(table.c.trust_id == trust_id)).scalar() or 0
    if not 0 <= no <= last:
        raise refuse("unknown_number", f"清单里没有第 {no} 号，请核对", "编号")
    number, version = no or last + 1, 1
    if no:
        chosen = (table.c.trust_id == trust_id) & (table.c[key] == no)
        version += conn.execute(select(func.max(table.c.version)).where(chosen)).scalar() or 0
    conn.execute(
        insert(table).values(
            trust_id=trust_id,
            **{key: number},
            version=version,
            recorded_at=act.now,
            recorded_by=actor.signature,
            **values,
        )
    )
    return int(number)


def list_needs(
    conn: Connection,
    trust_id: int,
    numbers: Collection[int] | None = None,
    *,
    before: int | None = None,
    limit: int | None = None,
) -> list[Need]:
    """Needs by number, the newest first; only these ``numbers``, or those below ``before``."""
    return [
        Need(
            row.title,
            row.place,
            row.homes,
            row.urgency,
            row.reporter,
            row.note,
            row.state,
            row.need,
            row.recorded_at,
        )
        for row in _newest(conn, trust_id, project_need, "need", numbers, before, limit)
    ]


def list_resources(
    conn: Connection,
    trust_id: int,
    numbers: Collection[int] | None = None,
    *,
    before: int | None = None,
    limit: int | None = None,
) -> list[Resource]:
    """Resources by number, the newest first."""
    return [
        Resource(
            row.source,
            row.giver,
            row.title,
            row.amount,
            row.state,
            row.paper,
            row.document,
            row.resource,
            row.recorded_at,
        )
        for row in _newest(conn, trust_id, project_resource, "resource", numbers, before, limit)
    ]


def _newest(
    conn: Connection,
    trust_id: int,
    table: Table,
    key: str,
    numbers: Collection[int] | None,
    before: int | None,
    limit: int | None,
) -> list[Any]:
    place = func.row_number().over(partition_by=table.c[key], order_by=table.c.version.desc())
    ranked = select(table, place.label("age")).where(table.c.trust_id == trust_id)
    if numbers is not None:
        ranked = ranked.where(table.c[key].in_(sorted(numbers)))
    if before is not None:
        ranked = ranked.where(table.c[key] < before)
    rows = ranked.subquery()
    query = select(rows).where(rows.c.age == 1).order_by(rows.c[key].desc())
    return list(conn.execute(query.limit(limit) if limit else query).all())

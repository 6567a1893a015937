"""The course of choosing or dismissing a trustee: begin, written notice, decision; withdraw.

What follows (tenure, handover) is done where it always is, with the decision's number as its authority.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ledger.conference.public_text import text_problems
from ledger.errors import Problem, Refused, refuse
from ledger.people import Actor, require
from ledger.resolutions.decided import require_decision
from ledger.resolutions.texts import document_problems
from ledger.selection.notice import NoticeRule, notice_rule
from ledger.selection.read import KINDS, SelectionFile, read_selection
from ledger.store.tables import (
    selection,
    selection_step,
)
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import Setup
from ledger.trust.tenure import tenures

MATTER = "trustee_selection"


def open_selection(
    conn: Connection,
    trust_id: int,
    *,
    kind: str,
    title: str,
    reason: str,
    planned_on: date,
    actor: Actor,
    act: Act,
) -> int:
    """Begin a procedure and return its number. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "selection.manage")
    lock_trust(conn, trust_id)
    problems = [
        *text_problems("名称", title, longest=60),
        *text_problems("理由", reason, longest=1000),
    ]
    if kind not in KINDS:
        problems.append(Problem("bad_kind", f"请选择{'、'.join(KINDS.values())}", "事项"))
    if planned_on < act.today:
        problems.append(Problem("past", "计划生效日已经过了", "计划生效日"))
    if problems:
        raise Refused(problems)
    query = select(func.coalesce(func.max(selection.c.selection), 0)).where(selection.c.trust_id == trust_id)
    number = int(conn.execute(query).scalar_one()) + 1
    conn.execute(
        insert(selection).values(
            trust_id=trust_id,
            selection=number,
            kind=kind,
            title=title.strip(),
            reason=reason.strip(),
            planned_on=planned_on,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    return number


def record_notice(
    conn: Connection,
    setup: Setup,
    number: int,
    *,
    noticed_on: date,
    leaves_on: date,
    digest: str,
    actor: Actor,
    act: Act,
) -> None:
    """Record that the present trustee was told in writing, and when it leaves.

    Raises :class:`~ledger.errors.Refused`, naming the earliest day, if the days in between are too few.
    """
    require(actor, "selection.manage")
    lock_trust(conn, setup.trust_id)
    file = _under_way(conn, setup.trust_id, number)
    rule = rule_of(conn, setup, file, leaves_on, noticed_on)
    problems = document_problems(conn, setup.trust_id, [digest], "书面通知")
    if not digest:
        problems.append(Problem("no_document", "请上传书面通知的扫描件", "书面通知"))
    if noticed_on > act.today:
        problems.append(Problem("not_yet", f"{noticed_on} 还没到，送达后再登记", "送达日"))
    if rule is None:
        problems.append(Problem("no_tenure", "还没有登记现任受托人的任期，请先登记", "任期"))
    elif leaves_on < (earliest := rule.earliest(noticed_on)):
        problems.append(
            Problem(
                "notice_too_short",
                f"须提前 {rule.days} 日书面通知（{rule.basis}），{noticed_on} 送达的最早 {earliest} 终止，"
                f"不能在 {leaves_on} 终止",
                "终止日",
            )
        )
    if problems:
        raise Refused(problems)
    add_step(conn, setup.trust_id, file, "notice", noticed_on, actor, act, until_day=leaves_on, digest=digest)


def rest_on_decision(
    conn: Connection, trust_id: int, number: int, decision: str, actor: Actor, act: Act
) -> None:
    """Name the owners' decision. Where there are candidates, after the ranking. Raises :class:`Refused`."""
    require(actor, "selection.manage")
    lock_trust(conn, trust_id)
    file = _under_way(conn, trust_id, number)
    if file.kind == "select" and file.stage == "open":
        raise refuse("not_ranked", "请先评分、公布排名，再登记表决结果", "阶段")
    found = require_decision(conn, trust_id, decision, matters=(MATTER,), on=max(act.today, file.planned_on))
    add_step(conn, trust_id, file, "decide", act.today, actor, act, reference=found.number)


def withdraw(conn: Connection, trust_id: int, number: int, note: str, actor: Actor, act: Act) -> None:
    """Give a procedure up, saying why. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "selection.close")
    lock_trust(conn, trust_id)
    file = _under_way(conn, trust_id, number)
    if problems := list(text_problems("原因", note, longest=500)):
        raise Refused(problems)
    add_step(conn, trust_id, file, "withdraw", act.today, actor, act, note=note)


def rule_of(
    conn: Connection, setup: Setup, file: SelectionFile, leaves_on: date, on: date
) -> NoticeRule | None:
    """How long before the present trustee leaves it has to be told."""
    versions = tenures(conn, setup.trust_id)
    return notice_rule(setup, file.kind, versions[0].tenure if versions else None, leaves_on, on)


def add_step(
    conn: Connection,
    trust_id: int,
    file: SelectionFile,
    step: str,
    on_day: date,
    actor: Actor,
    act: Act,
    *,
    until_day: date | None = None,
    reference: str = "",
    note: str = "",
    digest: str = "",
) -> None:
    """Write a step with the next number; the caller holds the trust's lock."""
    values: dict[str, Any] = {"on_day": on_day, "until_day": until_day, "reference": reference}
    conn.execute(
        insert(selection_step).values(
            trust_id=trust_id,
            selection=file.selection,
            no=len(file.steps) + 1,
            step=step,
            note=note.strip(),
            document=digest,
            recorded_at=act.now,
            recorded_by=actor.signature,
            **values,
        )
    )


def _under_way(conn: Connection, trust_id: int, number: int) -> SelectionFile:
    file = read_selection(conn, trust_id, number)
    if file.stage in ("decided", "withdrawn"):
        raise refuse("wrong_stage", f"这个事项{file.stage_name}，不能再办这一步", "阶段")
    return file

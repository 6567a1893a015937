"""The committee's steps after a plan is adopted: milestones are accepted, the finished project is evaluated."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from ledger.errors import Problem, Refused, refuse
from ledger.people import Actor
from ledger.projects.file import ProjectFile, project_file
from ledger.projects.shares import milestone_of
from ledger.projects.steps import ACCEPT, EVALUATE, add_step, require_committee
from ledger.resolutions.texts import document_problems, text_problems
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust


def accept_milestone(
    conn: Connection,
    trust_id: int,
    project: str,
    milestone: str,
    *,
    document: str,
    on: date,
    note: str = "",
    actor: Actor,
    act: Act,
) -> None:
    """The committee has seen what the milestone asks for; ``document`` is the SHA-256 of the signed paper.

    Only then can it be paid. Raises :class:`~ledger.errors.Refused`.
    """
    require_committee(actor, "project.accept")
    lock_trust(conn, trust_id)
    file = running(conn, trust_id, project)
    item = milestone_of(file.plan, milestone)
    problems = [
        *document_problems(conn, trust_id, [document], "验收单"),
        *text_problems(note, "说明", longest=300, needed=False),
    ]
    if item is None:
        problems.append(Problem("no_milestone", f"计划里没有付款节点“{milestone}”", "付款节点"))
    elif milestone in file.accepted:
        problems.append(Problem("accepted_already", f"付款节点“{item.title}”已经验收过", "付款节点"))
    if not document:
        problems.append(Problem("no_document", "请上传签字的验收单，没有验收单不能付款", "验收单"))
    problems += day_problems(on, act, "验收日期")
    if problems:
        raise Refused(problems)
    body = {"note": note.strip(), "title": item.title if item else ""}
    add_step(
        conn, trust_id, project, ACCEPT, actor, act, subject=milestone, body=body, document=document, on=on
    )


def evaluate(
    conn: Connection,
    trust_id: int,
    project: str,
    *,
    satisfied: int,
    fair: int,
    unsatisfied: int,
    on: date,
    note: str = "",
    document: str = "",
    actor: Actor,
    act: Act,
) -> None:
    """Record how the homes concerned judge the project (评价清单): counts only, nobody's name.

    Raises :class:`~ledger.errors.Refused`.
    """
    require_committee(actor, "project.accept")
    lock_trust(conn, trust_id)
    running(conn, trust_id, project)
    counts = (satisfied, fair, unsatisfied)
    problems = [
        *document_problems(conn, trust_id, [document], "评价表"),
        *text_problems(note, "说明", longest=300, needed=False),
        *day_problems(on, act, "评价日期"),
    ]
    if min(counts) < 0 or not 0 < sum(counts) < 1_000_000:
        problems.append(Problem("bad_number", "请填写满意、一般、不满意各多少户，合计大于零", "户数"))
    if problems:
        raise Refused(problems)
    body = {"satisfied": satisfied, "fair": fair, "unsatisfied": unsatisfied, "note": note.strip()}
    add_step(conn, trust_id, project, EVALUATE, actor, act, body=body, document=document, on=on)


def running(conn: Connection, trust_id: int, project: str) -> ProjectFile:
    """A project under way. Raises :class:`~ledger.errors.Refused` before its plan is adopted and after it ended."""
    file = project_file(conn, trust_id, project)
    if file.adopted is None:
        raise refuse("project_not_adopted", f"项目 {project} 的计划还没有经业委会通过", "项目")
    if file.final is not None:
        raise refuse("project_closed", f"项目 {project} 已经决算", "项目")
    return file


def day_problems(on: date, act: Act, where: str) -> list[Problem]:
    """A day that has not come yet."""
    return [Problem("future_date", f"{on} 还没到，请核对", where)] if on > act.today else []

"""Money goes out by progress (按进度付款): a vendor's invoice for an accepted milestone, its payment, and a use of
the maintenance fund for the project. Built by the forms of payments and of the maintenance fund; what is
added here says which project, which milestone, and from which sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import Connection

from ledger.errors import Problem, Refused, refuse
from ledger.journal import Document, Line
from ledger.maintenance import Use, use_work
from ledger.money import split_largest_remainder
from ledger.payments.payables import Payable, open_payables
from ledger.payments.requests import PaymentRequest, VendorInvoice, invoice_work, payment_work
from ledger.projects.course import running
from ledger.projects.file import ProjectFile, project_file
from ledger.projects.movements import FUND, GRANT, MILESTONE, PROJECT, SOURCE
from ledger.projects.shares import milestone_of, parts_text
from ledger.projects.value import Milestone
from ledger.projects.waiting import debts_of_projects
from ledger.trust.act import Act
from ledger.trust.setup import Setup
from ledger.work import Work
from ledger.work.papers import with_papers

COST = "5018"


@dataclass(frozen=True, slots=True)
class ProgressInvoice:
    """A vendor's invoice for a milestone; ``fen`` is its total, of which the plan's percentage is kept back."""

    project: str
    milestone: str
    contract: str
    number: str
    fen: int
    on: date
    due_on: date | None = None
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgressPayment:
    """Debts of one milestone (:attr:`Payable.key` and fen), and from which sources and grants they are paid.

    Without ``sources`` they are taken as :func:`propose_sources` says.
    """

    project: str
    parts: Mapping[str, int]
    bank_account: str
    on: date
    sources: Mapping[str, int] | None = None
    grants: Mapping[str, int] | None = None
    summary: str = ""
    consent: str = ""
    documents: tuple[Document, ...] = ()


def progress_invoice_work(conn: Connection, trust_id: int, asked: ProgressInvoice, act: Act) -> Work:
    """The invoice as work (E24b): cost of the project, owed now, and kept back. Raises :class:`Refused`."""
    file = running(conn, trust_id, asked.project)
    item = _accepted(file, asked.milestone)
    retention = asked.fen * item.retention // 100
    invoice = VendorInvoice(
        contract=asked.contract,
        number=asked.number,
        fund=FUND,
        on=asked.on,
        costs=((COST, asked.fen),),
        summary=f"{file.plan.title}：{item.title}",
        due_on=asked.due_on,
        retention=retention,
        retention_due=file.plan.retention_until if retention else None,
        documents=asked.documents,
    )
    work = invoice_work(conn, trust_id, invoice, act)
    draft = msgspec.structs.replace(
        work.drafts[0],
        event="E24b",
        lines=_of_project(work.drafts[0].lines, asked.project),
        references={**work.drafts[0].references, **_named(file, asked.milestone)},
    )
    return msgspec.structs.replace(work, drafts=(draft,))


def progress_payment_work(conn: Connection, trust_id: int, asked: ProgressPayment, act: Act) -> Work:
    """The request to pay as work (E11b). Raises :class:`Refused`; limits are checked when it is prepared."""
    file = running_or_closed(conn, trust_id, asked.project)
    debts = {debt.key: where for debt, where in project_debts(conn, trust_id, asked.project)}
    problems = [
        Problem("not_of_project", f"这笔应付款不属于项目 {asked.project}，或已经付清", key)
        for key in asked.parts
        if key not in debts
    ]
    milestones = {debts[key] for key in asked.parts if key in debts}
    if len(milestones) > 1:
        problems.append(Problem("several_milestones", "一次只能付一个付款节点的款，请分开申请", "应付款"))
    if problems:
        raise Refused(problems)
    request = PaymentRequest(
        parts=asked.parts,
        bank_account=asked.bank_account,
        on=asked.on,
        summary=asked.summary,
        consent=asked.consent,
        resolution=file.plan.resolution,
        documents=asked.documents,
    )
    work = payment_work(conn, trust_id, request, act)
    total = sum(asked.parts.values())
    sources, grants = asked.sources, asked.grants
    if sources is None:
        sources, grants = propose_sources(file, total)
    references = {**work.drafts[0].references, **_named(file, next(iter(milestones)))}
    references[SOURCE] = parts_text(sources)
    if grants and any(grants.values()):
        references[GRANT] = parts_text(grants)
    if not references[SOURCE]:
        raise refuse("no_source", "请写明这笔钱从哪些来源出", "资金来源")
    lines = _of_project(work.drafts[0].lines, asked.project)
    draft = msgspec.structs.replace(work.drafts[0], lines=lines, references=references)
    return msgspec.structs.replace(
        work, drafts=(draft,), title=f"{file.plan.title}：{work.drafts[0].summary}"
    )


def fund_use_work(
    conn: Connection,
    setup: Setup,
    project: str,
    milestone: str,
    use: Use,
    papers: Sequence[Document],
    act: Act,
) -> Work:
    """A payment from the maintenance fund for a milestone, under a plan linked to the project (E23c)."""
    file = running(conn, setup.trust_id, project)
    _accepted(file, milestone)
    if use.plan.plan not in file.plan.maintenance_plans:
        raise refuse("plan_not_linked", f"使用方案“{use.plan.plan}”没有关联到项目 {project}", "维修资金方案")
    work = with_papers(use_work(conn, setup, use, act), papers)
    draft = work.drafts[0]
    references = {**draft.references, PROJECT: project, MILESTONE: milestone}
    return msgspec.structs.replace(work, drafts=(msgspec.structs.replace(draft, references=references),))


def running_or_closed(conn: Connection, trust_id: int, project: str) -> ProjectFile:
    """A project whose plan was adopted: debts are still paid after the final account."""
    file = project_file(conn, trust_id, project)
    if file.adopted is None:
        raise refuse("project_not_adopted", f"项目 {project} 的计划还没有经业委会通过", "项目")
    return file


def project_debts(conn: Connection, trust_id: int, project: str) -> list[tuple[Payable, str]]:
    """What a project owes, with the milestone each debt is for."""
    debts = [debt for debt in open_payables(conn, trust_id) if debt.fund == FUND]
    places = debts_of_projects(conn, trust_id, {debt.ref for debt in debts})
    return [(debt, places[debt.ref][1]) for debt in debts if places[debt.ref][0] == project]


def propose_sources(file: ProjectFile, fen: int) -> tuple[dict[str, int], dict[str, int]]:
    """Which sources and grants a payment would be taken from so that the agreed shares are kept.

    By what each source may still bear, and no more than it has; grants first within their source. What
    cannot be covered is left off: the parts then come to less than ``fen``.
    """
    sums, bound = file.tally, file.grant_sources
    left = {code: max(sums.left_of(code), 0) for code in file.grants}
    has = {
        source: max(sums.free(source, bound), 0) + sum(f for c, f in left.items() if bound[c] == source)
        for source in (*file.agreed, "opening")
    }
    may = {source: max(file.agreed.get(source, has[source]) - sums.paid_by[source], 0) for source in has}
    if not file.plan.binding:
        may = {source: may[source] or has[source] for source in has}
    sources = _fill(fen, may, {source: min(may[source], has[source]) for source in has})
    grants: dict[str, int] = {}
    for code, fen_left in left.items():
        taken = sum(f for c, f in grants.items() if bound[c] == bound[code])
        part = min(fen_left, sources.get(bound[code], 0) - taken)
        if part > 0:
            grants[code] = part
    return sources, grants


def _fill(fen: int, weights: Mapping[str, int], most: Mapping[str, int]) -> dict[str, int]:
    """Split by weights, none above its most; what one can't take the others do."""
    found: dict[str, int] = {}
    able = {name: weight for name, weight in weights.items() if weight > 0 and most[name] > 0}
    rest = min(fen, sum(most[name] for name in able))
    while rest and able:
        parts = dict(zip(able, split_largest_remainder(rest, list(able.values())), strict=True))
        full = {name for name in able if found.get(name, 0) + parts[name] >= most[name]}
        for name in able:
            found[name] = min(found.get(name, 0) + parts[name], most[name])
        rest = min(fen, sum(most.values())) - sum(found.values())
        able = {name: weight for name, weight in able.items() if name not in full}
    return {name: part for name, part in found.items() if part}


def _accepted(file: ProjectFile, code: str) -> Milestone:
    item = milestone_of(file.plan, code)
    if item is None:
        raise refuse("no_milestone", f"计划里没有付款节点“{code}”", "付款节点")
    if code not in file.accepted:
        raise refuse(
            "milestone_not_accepted",
            f"付款节点“{item.title}”还没有验收，不能登记付款；请业委会先验收并上传验收单（条件：{item.shows}）",
            "付款节点",
        )
    return item


def _named(file: ProjectFile, milestone: str) -> dict[str, str]:
    named = {PROJECT: file.code, MILESTONE: milestone}
    return named | ({"resolution": file.plan.resolution} if file.plan.resolution else {})


def _of_project(lines: Sequence[Line], project: str) -> tuple[Line, ...]:
    return tuple(msgspec.structs.replace(line, project=project) for line in lines)

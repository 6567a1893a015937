"""Money for a project comes in (E24): a government grant, a donation, what owners pay. Ordinary work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.errors import Problem, Refused
from ledger.journal import Detail, Document, Draft, Line
from ledger.maintenance.cash import CashIn
from ledger.maintenance.contributions import check_pairs
from ledger.maintenance.keys import next_key
from ledger.money import format_yuan
from ledger.projects.course import running
from ledger.projects.file import ProjectFile
from ledger.projects.movements import FUND, GRANT, PROJECT
from ledger.projects.value import INCOME, SOURCES
from ledger.trust.lock import lock_trust
from ledger.work import Work

KIND = "project_receipt"


@dataclass(frozen=True, slots=True)
class ProjectReceipt:
    """Money that came in. ``grant``: which restricted grant it is; ``homes``: fen by unit, of owners' money.

    ``giver`` is published where ``giver_public`` (authorities, companies); a person's name never is.
    """

    project: str
    source: str
    cash: CashIn
    grant: str = ""
    giver: str = ""
    giver_public: bool = False
    homes: Mapping[str, int] | None = None
    documents: tuple[Document, ...] = ()


def receipt_work(conn: Connection, trust_id: int, receipt: ProjectReceipt) -> Work:
    """The receipt as work. Raises :class:`~ledger.errors.Refused` with all that is wrong."""
    lock_trust(conn, trust_id)
    file = running(conn, trust_id, receipt.project)
    problems = [*_source_problems(file, receipt), *_home_problems(conn, trust_id, receipt)]
    if problems:
        raise Refused(problems)
    cash, source = receipt.cash, SOURCES[receipt.source]
    details = tuple(Detail(unit, fen, source) for unit, fen in (receipt.homes or {}).items())
    references = {PROJECT: receipt.project}
    if receipt.grant:
        references[GRANT] = receipt.grant
    if file.plan.resolution:
        references["resolution"] = file.plan.resolution
    title = file.grants[receipt.grant].title if receipt.grant else f"{source}{_homes_text(details)}"
    grant = file.grants.get(receipt.grant)
    public = receipt.source != "owners" and (grant is not None or receipt.giver_public)
    draft = Draft(
        book="A",
        date=cash.on,
        event="E24",
        summary=f"{file.plan.title}：{title}",
        lines=(
            cash.line,
            Line(INCOME[receipt.source], FUND, "C", cash.fen, project=receipt.project, details=details),
        ),
        preparer="",
        reviewer="",
        key=cash.key if cash.links else next_key(conn, trust_id, f"project:{cash.key}"),
        documents=(cash.document, *receipt.documents),
        references=references,
        counterparty=grant.giver if grant else receipt.giver.strip(),
        counterparty_public=public,
    )
    return Work(kind=KIND, title=draft.summary, drafts=(draft,), links=cash.links)


def _homes_text(details: Sequence[Detail]) -> str:
    return f"（{len(details)} 户）" if details else ""


def _source_problems(file: ProjectFile, receipt: ProjectReceipt) -> list[Problem]:
    if receipt.source not in SOURCES:
        return [Problem("bad_choice", "请选择资金来源", "来源")]
    problems = []
    if receipt.source not in file.agreed:
        problems.append(
            Problem("not_a_source", f"计划里没有“{SOURCES[receipt.source]}”这个来源，请先修改计划", "来源")
        )
    if receipt.source == "owners":
        return problems
    grant = file.grants.get(receipt.grant)
    if receipt.source == "government" and not receipt.grant:
        problems.append(
            Problem("no_grant", "政府补助都有批文和用途，请先登记为限定用途资金，再选它", "限定用途资金")
        )
    if receipt.grant and grant is None:
        problems.append(
            Problem("unknown_grant", f"本项目没有登记过限定用途资金“{receipt.grant}”", "限定用途资金")
        )
    if grant is not None and grant.source != receipt.source:
        problems.append(
            Problem("other_source", f"“{grant.title}”登记的来源是{SOURCES[grant.source]}，请核对", "来源")
        )
    if grant is not None:
        total = file.tally.received_on[receipt.grant] + receipt.cash.fen
        if total > grant.amount:
            problems.append(
                Problem(
                    "beyond_approved",
                    f"“{grant.title}”批准 {format_yuan(grant.amount)} 元，累计到账将达 {format_yuan(total)} 元；"
                    "如有追加，请先登记追加的批文",
                    "金额",
                )
            )
    return problems


def _home_problems(conn: Connection, trust_id: int, receipt: ProjectReceipt) -> list[Problem]:
    if receipt.source != "owners":
        return []
    homes = receipt.homes or {}
    if not homes:
        return [Problem("no_homes", "请写明是哪些房屋交的，每户多少", "交款房屋")]
    known = check_pairs(
        conn,
        trust_id,
        [(no, unit, format_yuan(fen)) for no, (unit, fen) in enumerate(homes.items(), start=1)],
    )
    problems = [
        Problem("bad_row", "；".join(row.problems), f"交款房屋 {row.unit}") for row in known if row.problems
    ]
    total = sum(homes.values())
    if total != receipt.cash.fen:
        problems.append(
            Problem(
                "not_the_money",
                f"各户合计 {format_yuan(total)} 元，到账 {format_yuan(receipt.cash.fen)} 元，两者应相等",
                "金额",
            )
        )
    return problems

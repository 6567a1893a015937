"""Budgets, and what the owners decided and vote on."""

from __future__ import annotations

from datetime import date

from litestar import Response
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.api.answers import (
    api_path,
    asked,
    json_of,
    next_address,
    path_of,
    read_limit,
    read_version,
    verbatim,
)
from disclosure.api.models_decided import (
    Budget,
    BudgetLine,
    BudgetRow,
    Budgets,
    DecisionItem,
    Resolution,
    Resolutions,
    VoteRow,
)
from disclosure.api.operation import LIMIT, VERSION, operation, query_parameter
from disclosure.public.answers import Req
from disclosure.public.budgets import chosen_version, noticed_versions
from disclosure.public.resolution_page import published_json
from disclosure.public.resolutions import UNDER_WAY, read_published, vote_of
from disclosure.public.services import reading_site
from ledger.budget.codes import INCOME, parse_budget_name
from ledger.budget.read import lines_of, list_versions
from ledger.budget.report import STANDINGS, BudgetReport, read_report, standings
from ledger.budget.value import Version, totals
from ledger.chart import FUNDS
from ledger.errors import Unanswerable, refuse
from ledger.resolutions.read import DecisionRow, Summary, list_decisions, list_resolutions
from ledger.trust.setup import load_setup

_BEFORE = query_parameter("before", "从这一项往下，取自上一页的 next")


@operation("/communities/{slug:str}/budgets", summary="公示过的预算", tag="预算")
def budgets(request: Req, slug: FromPath[str]) -> Response[Budgets]:
    """All versions that were ever on notice, newest year first."""
    asked(request, [])
    with reading_site(request, slug) as (services, conn, site):
        versions = [v for v in list_versions(conn, site.trust_id) if v.notice is not None]
        at = standings(conn, site.trust_id, versions, services.today())
        lines = lines_of(conn, site.trust_id, {v.key: _revision(v) for v in versions})
        rows = [_budget_row(slug, v, at[v.key], totals(lines[v.key])) for v in versions]
        return json_of(request, Budgets(tuple(rows)))


@operation(
    "/communities/{slug:str}/budgets/{name:str}",
    summary="一份预算和执行情况",
    tag="预算",
    parameters=[VERSION],
)
def budget(request: Req, slug: FromPath[str], name: FromPath[str]) -> Response[Budget]:
    """One version; by default the one in force."""
    wanted = read_version(asked(request, ["version"]))
    parsed = parse_budget_name(name)
    if parsed is None:
        raise Unanswerable("unknown_budget", "没有公示过这份预算，请从预算列表里选择")
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        versions = noticed_versions(conn, site.trust_id, *parsed)
        at = standings(conn, site.trust_id, versions, today)
        version = chosen_version(versions, at, "" if wanted is None else str(wanted))
        setup = load_setup(conn, site.trust_id, site.setup_version)
        report = read_report(conn, setup, version, _revision(version), today)
        return json_of(request, _budget(slug, report, versions))


@operation(
    "/communities/{slug:str}/resolutions",
    summary="业主的决定和正在进行的表决",
    tag="业主的决定",
    parameters=[_BEFORE, LIMIT],
)
def resolutions(request: Req, slug: FromPath[str]) -> Response[Resolutions]:
    """Decisions, the newest first."""
    query = asked(request, ["before", "limit"])
    limit, before = read_limit(query), _place(query.get("before", ""))
    with reading_site(request, slug) as (_, conn, site):
        rows = list_decisions(conn, site.trust_id, before=before, limit=limit + 1)
        shown, address = rows[:limit], None
        if len(rows) > limit:
            place = f"{shown[-1].decided_on.isoformat()} {shown[-1].number}"
            address = next_address(api_path(slug, "resolutions"), {**query, "before": place})
        votes = [] if before else _votes(conn, site.trust_id)
        return json_of(
            request,
            Resolutions(
                tuple(_vote(slug, vote) for vote in votes),
                tuple(_decision(slug, row) for row in shown),
                address,
            ),
        )


@operation(
    "/communities/{slug:str}/resolutions/{number:str}",
    summary="一次表决或一项决定",
    tag="业主的决定",
    description="从通知业主那天起公开；计票结果公布以前没有 result。编号是表决中某一项的，答的是整次表决。",
)
def resolution(request: Req, slug: FromPath[str], number: FromPath[str]) -> Response[Resolution]:
    """One vote or decision."""
    asked(request, [])
    with reading_site(request, slug) as (services, conn, site):
        whole, _ = vote_of(conn, site, number)
        found = read_published(services, conn, site, whole)
        return json_of(request, verbatim(Resolution, published_json(found)))


def _revision(version: Version) -> int:
    """The lines that were on notice: what is being changed since is not public."""
    return version.notice.revision if version.notice else version.fixed


def _budget_row(slug: str, version: Version, standing: str, sums: tuple[int, int]) -> BudgetRow:
    key = version.key
    asked_for = f"?version={key.version}"
    return BudgetRow(
        name=key.name,
        year=key.year,
        fund=key.fund,
        fund_name=FUNDS[key.fund].name,
        version=key.version,
        standing=standing,
        standing_name=STANDINGS[standing],
        effective_on=version.adopted.effective_on if version.adopted else None,
        income_fen=sums[0],
        expense_fen=sums[1],
        page=path_of(slug, "budgets", key.name) + asked_for,
        api=api_path(slug, "budgets", key.name) + asked_for,
    )


def _budget(slug: str, report: BudgetReport, versions: list[Version]) -> Budget:
    version, run = report.version, report.execution
    notice = version.notice
    return Budget(
        name=version.key.name,
        year=version.key.year,
        fund=version.key.fund,
        version=version.key.version,
        versions=tuple(v.key.version for v in versions),
        standing=report.standing,
        reason=version.reason,
        effective_on=version.adopted.effective_on if version.adopted else None,
        notice_from=notice.starts_on if notice else None,
        notice_to=notice.ends_on if notice else None,
        income_fen=report.income,
        expense_fen=report.expense,
        free_fen=report.free,
        as_of=run.as_of if run else None,
        lines=tuple(_lines(report)),
        page=path_of(slug, "budgets", version.key.name) + f"?version={version.key.version}",
    )


def _lines(report: BudgetReport) -> list[BudgetLine]:
    run = report.execution
    spent = {row.line.code: row for row in run.spending} if run else {}
    earned = {row.line.code: row.actual for row in run.income} if run else {}
    rows = []
    for line in report.lines:
        used = spent.get(line.code)
        rows.append(
            BudgetLine(
                code=line.code,
                kind="income" if line.kind == INCOME else "expense",
                title=line.title,
                accounts=line.accounts,
                basis=line.basis,
                planned_fen=line.amount,
                actual_fen=used.actual if used else earned.get(line.code),
                waiting_fen=used.encumbered if used else None,
                left_fen=used.left if used else None,
            )
        )
    return rows


def _votes(conn: Connection, trust_id: int) -> list[Summary]:
    return list_resolutions(conn, trust_id, limit=30, stages=UNDER_WAY)


def _vote(slug: str, vote: Summary) -> VoteRow:
    return VoteRow(
        number=vote.number,
        title=vote.title,
        stage=vote.stage,
        stage_name=vote.stage_name,
        opens_on=vote.opens_on,
        closes_on=vote.closes_on,
        page=path_of(slug, "resolutions", vote.number),
        api=api_path(slug, "resolutions", vote.number),
    )


def _decision(slug: str, row: DecisionRow) -> DecisionItem:
    return DecisionItem(
        number=row.number,
        title=row.title,
        matter=row.matter_title,
        passed=row.passed,
        decided_on=row.decided_on,
        effective_on=row.effective_on,
        source=row.source_name,
        page=path_of(slug, "resolutions", row.number),
        api=api_path(slug, "resolutions", row.number),
    )


def _place(text: str) -> tuple[date, str] | None:
    if not text:
        return None
    day, _, number = text.partition(" ")
    try:
        if number.isprintable() and number:
            return date.fromisoformat(day), number
    except ValueError:
        pass
    raise refuse("bad_cursor", "before 应取自上一页的 next", "查询")


HANDLERS = [*budgets, *budget, *resolutions, *resolution]

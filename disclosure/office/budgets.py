"""Budgets in the office: the list, and one version with what is beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import document_picker
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData
from disclosure.office.home import TASKS, Task
from disclosure.public.answers import Answer, Req
from disclosure.public.budget_view import bar, line_accounts, month_bars, state_mark
from ledger.budget.codes import BUDGET_FUNDS, EXPENSE, INCOME, parse_budget_name
from ledger.budget.course import approving_body, notice_days
from ledger.budget.drafting import open_draft
from ledger.budget.execution import METHOD
from ledger.budget.lines import KINDS, SPREADS
from ledger.budget.read import count_unanswered, list_versions, read_version
from ledger.budget.report import STANDINGS, read_report, standings
from ledger.budget.value import BODIES, NOTICED, Key
from ledger.chart import FUNDS
from ledger.documents import public_documents
from ledger.errors import Problem, Refused, Unanswerable

PATH = "/c/{slug:str}/office/budgets"
VERSION = f"{PATH}/{{name:str}}/{{version:int}}"


@get(PATH, sync_to_thread=True, action="budget.read")
def budgets(request: Req, slug: FromPath[str]) -> Answer:
    """All versions by year and fund, and the form to begin one."""
    with reading_office(request, slug) as office:
        return _list_page(office, {}, ())


def _list_page(
    office: Office, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    today = office.act.today
    versions = list_versions(office.conn, office.trust_id)
    at = standings(office.conn, office.trust_id, versions, today)
    return office.page(
        "office/budgets.html",
        status,
        values=values or {"year": str(today.year + (today.month > 9))},
        problems=problems,
        versions=versions,
        standings={key: (state_mark(name), STANDINGS[name]) for key, name in at.items()},
        funds=FUNDS,
        years=[(str(year), f"{year} 年") for year in (today.year, today.year + 1)],
        fund_choices=[(code, FUNDS[code].name) for code in BUDGET_FUNDS],
        body=BODIES[approving_body(office.setup, today)],
        days=notice_days(office.setup, today),
        local_time=local_time,
    )


@post(PATH, sync_to_thread=True, action="budget.prepare")
def begin(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Begin a version."""
    try:
        with acting(
            request, slug, subject=f"预算 {data.get('year', '')} {data.get('fund', '')}"[:60]
        ) as office:
            form = Form(data)
            year = form.whole("year", "年度", least=2000, most=2999)
            fund = form.choice("fund", "资金", BUDGET_FUNDS)
            reason = form.text("reason", "调整原因", required=False, longest=500)
            form.finish()
            key = open_draft(
                office.conn, office.trust_id, year, fund, reason=reason, actor=office.actor, act=office.act
            )
            return office.done(f"{address(slug, key)}/edit", f"{key.name} 第 {key.version} 版已开始编制")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _list_page(office, dict(data), error.problems, status=422)


def address(slug: str, key: Key) -> str:
    """The page of a version."""
    return f"/c/{slug}/office/budgets/{key.name}/{key.version}"


def key_of(name: str, version: int) -> Key:
    """The version an address names. Raises :class:`~ledger.errors.Unanswerable`."""
    budget = parse_budget_name(name)
    if budget is None or not 0 < version < 10_000:
        raise Unanswerable("unknown_budget", "没有这份预算，请从预算列表里选择")
    return Key(*budget, version)


@get(VERSION, sync_to_thread=True, action="budget.read")
def one(request: Req, slug: FromPath[str], name: FromPath[str], version: FromPath[int]) -> Answer:
    """One version: lines, figures, comments, and what can be done next."""
    with reading_office(request, slug) as office:
        return version_page(office, key_of(name, version), {}, ())


def version_page(
    office: Office, key: Key, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    """A version. Raises :class:`~ledger.errors.Unanswerable` if there is none."""
    try:
        version = read_version(office.conn, office.trust_id, key)
    except Refused as error:
        raise Unanswerable("unknown_budget", "没有这份预算，请从预算列表里选择") from error
    today = office.act.today
    report = read_report(office.conn, office.setup, version, version.fixed, today)
    digests = [paper.public for paper in report.papers if paper.public]
    default_day = max(today, date(key.year, 1, 1))
    return office.page(
        "office/budgets_version.html",
        status,
        report=report,
        version=version,
        values={"effective_on": default_day.isoformat()} | values,
        problems=problems,
        fund=FUNDS[key.fund].name,
        state=(state_mark(report.standing), STANDINGS[report.standing]),
        standing_names=STANDINGS,
        kinds=[(INCOME, KINDS[INCOME]), (EXPENSE, KINDS[EXPENSE])],
        spreads=SPREADS,
        accounts={line.code: line_accounts(office.setup.chart, line) for line in report.lines},
        bars={row.line.code: bar(row) for row in report.execution.spending} if report.execution else {},
        months=month_bars(report.execution) if report.execution else [],
        method=METHOD,
        body=approving_body(office.setup, today),
        bodies=BODIES,
        days=notice_days(office.setup, today),
        notice_over=version.notice is not None
        and version.notice.ends_on is not None
        and today > version.notice.ends_on,
        kept=public_documents(office.conn, office.trust_id, digests),
        local_time=local_time,
        picker=document_picker(office, ("quote",), rows=1)
        if version.state == "draft" and office.actor.may("budget.prepare")
        else None,
    )


def waiting_budgets(office: Office) -> Iterator[Task]:
    """On the desk: comments to answer, and notices that have run out."""
    if not (office.actor.may("budget.answer") or office.actor.may("budget.adopt")):
        return
    today = office.act.today
    for version in list_versions(office.conn, office.trust_id):
        notice_step = version.notice
        if version.state != NOTICED or notice_step is None or notice_step.ends_on is None:
            continue
        path = f"/budgets/{version.key.name}/{version.key.version}"
        unanswered = count_unanswered(office.conn, office.trust_id, version.key)
        if unanswered and office.actor.may("budget.answer"):
            yield Task("预算意见待答复", unanswered, path, "条业主意见")
        elif not unanswered and today > notice_step.ends_on and office.actor.may("budget.adopt"):
            yield Task("预算待批准", 1, path, f"份，{version.key.name} 公示期已满")


TASKS.append(waiting_budgets)
HANDLERS = [budgets, begin, one]

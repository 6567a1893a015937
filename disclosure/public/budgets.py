"""Budgets for everybody: all years and funds, one version with its comments and its progress, the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import route
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.public.answers import CSV, HTML, Answer, Req, answer, download_name
from disclosure.public.budget_view import bar, line_accounts, month_bars, state_mark
from disclosure.public.pages import READ
from disclosure.public.services import reading_site
from disclosure.public.words import moment_text
from disclosure.statements.csv_file import safe_text
from ledger.budget.codes import EXPENSE, INCOME, parse_budget_name
from ledger.budget.execution import METHOD
from ledger.budget.lines import KINDS, SPREADS, Line
from ledger.budget.read import list_versions
from ledger.budget.report import IN_FORCE, STANDINGS, BudgetReport, read_report, standings
from ledger.budget.value import NOTICED, Key, Version
from ledger.chart import FUNDS, Chart
from ledger.documents import public_documents
from ledger.errors import Unanswerable
from ledger.money import plain_yuan
from ledger.records import places_of
from ledger.trust.setup import load_setup


@dataclass(frozen=True, slots=True)
class Listed:
    """A budget in the list: what is in force of it, and what is on notice."""

    name: str
    year: int
    fund: str
    shown: Version
    standing: str
    mark: str
    noticed: Version | None


@route("/c/{slug:str}/budgets", http_method=READ, sync_to_thread=True)
def budgets(request: Req, slug: FromPath[str]) -> Answer:
    """All budgets that were ever on notice, newest year first."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        rows = _listed(conn, site.trust_id, today)
        return answer(
            request,
            lambda: services.pages.html("budgets.html", site=site, rows=rows),
            media_type=HTML,
            version=(services.pages.build, site.state, repr(rows)),
        )


def _listed(conn: Connection, trust_id: int, today: date) -> list[Listed]:
    versions = [v for v in list_versions(conn, trust_id) if v.notice is not None]
    at = standings(conn, trust_id, versions, today)
    rows: dict[str, list[Version]] = {}
    for version in versions:
        rows.setdefault(version.key.name, []).append(version)
    listed = []
    for name, of_budget in rows.items():
        shown = _shown(of_budget, at)
        noticed = next((v for v in of_budget if v.state == NOTICED and v is not shown), None)
        standing = at[shown.key]
        listed.append(
            Listed(
                name=name,
                year=shown.key.year,
                fund=FUNDS[shown.key.fund].name,
                shown=shown,
                standing=STANDINGS[standing],
                mark=state_mark(standing),
                noticed=noticed,
            )
        )
    return listed


def _shown(versions: Sequence[Version], at: dict[Key, str]) -> Version:
    """The version one sees first: in force, else on notice, else the newest."""
    for wanted in (IN_FORCE, NOTICED):
        for version in versions:
            if at[version.key] == wanted:
                return version
    return versions[0]


@route("/c/{slug:str}/budgets/{name:str}", http_method=READ, sync_to_thread=True)
def budget(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """One budget, by default the version in force (``?version=1`` for another); ``.csv`` as a table."""
    budget_name, _, suffix = name.partition(".")
    parsed = parse_budget_name(budget_name)
    if parsed is None or suffix not in ("", "csv"):
        raise _unknown()
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        versions = noticed_versions(conn, site.trust_id, *parsed)
        at = standings(conn, site.trust_id, versions, today)
        version = chosen_version(versions, at, request.query_params.get("version", ""))
        setup = load_setup(conn, site.trust_id, site.setup_version)
        notice = version.notice
        report = read_report(conn, setup, version, notice.revision if notice else version.fixed, today)
        state = (services.pages.build, site.state, today, repr(report))
        if suffix == "csv":
            file = download_name(f"{site.slug}-budget-{budget_name}-v{version.key.version}.csv")
            return answer(request, lambda: budget_csv(report), media_type=CSV, version=state, headers=file)
        kept = public_documents(
            conn, site.trust_id, [paper.public for paper in report.papers if paper.public]
        )
        subject = version.key.subject
        place = places_of(conn, site.trust_id, "budget", [subject]).get(subject)
        values = _words(report, versions, setup.chart, today) | {"kept": kept, "place": place}
        return answer(
            request,
            lambda: services.pages.html("budget.html", site=site, **values),
            media_type=HTML,
            version=(*state, sorted(kept)),
        )


def noticed_versions(conn: Connection, trust_id: int, year: int, fund: str) -> list[Version]:
    """The versions the public may see: those that were ever on notice."""
    return [v for v in list_versions(conn, trust_id, year=year, fund=fund) if v.notice is not None]


def _words(report: BudgetReport, versions: Sequence[Version], chart: Chart, today: date) -> dict[str, Any]:
    """What the page is filled with, besides what has to be asked for."""
    version, run = report.version, report.execution
    ends_on = version.notice.ends_on if version.notice else None
    return {
        "report": report,
        "version": version,
        "fund": FUNDS[version.key.fund].name,
        "state": (state_mark(report.standing), STANDINGS[report.standing]),
        "others": [v for v in versions if v.key != version.key],
        "standing_names": STANDINGS,
        "noticed": next((v for v in versions if v.state == NOTICED and v is not version), None),
        "kinds": [(INCOME, KINDS[INCOME]), (EXPENSE, KINDS[EXPENSE])],
        "spreads": SPREADS,
        "accounts": {line.code: line_accounts(chart, line) for line in report.lines},
        "bars": {row.line.code: bar(row) for row in run.spending} if run else {},
        "months": month_bars(run) if run else [],
        "method": METHOD,
        "open_for_comments": version.state == NOTICED and ends_on is not None and today <= ends_on,
        "local_time": moment_text,
    }


def chosen_version(versions: Sequence[Version], at: dict[Key, str], asked: str) -> Version:
    """The version asked for, else the one people see first. Raises :class:`~ledger.errors.Unanswerable`."""
    if not versions:
        raise _unknown()
    if not asked:
        return _shown(versions, at)
    for version in versions:
        if str(version.key.version) == asked:
            return version
    raise _unknown()


def _unknown() -> Unanswerable:
    return Unanswerable("unknown_budget", "没有公示过这份预算，请从预算列表里选择")


_HEADER = (
    "行号", "收支", "名称", "科目", "单价（元）", "数量", "单位", "次数", "怎样发生", "预算（元）", "上年实际（元）",
    "已入账（元）", "在途（元）", "可用（元）", "年底预测（元）", "说明",
)  # fmt: skip


def budget_csv(report: BudgetReport) -> bytes:
    """The lines with their progress; UTF-8 with BOM, amounts as plain numbers."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_HEADER)
    run = {row.line.code: row for row in report.execution.spending} if report.execution else {}
    earned = {row.line.code: row.actual for row in report.execution.income} if report.execution else {}
    for line in report.lines:
        row = run.get(line.code)
        used = (row.actual, row.encumbered, row.left, row.forecast) if row else (earned.get(line.code),)
        figures = ["" if fen is None else plain_yuan(fen) for fen in used]
        writer.writerow([*_facts(report, line), *figures, *[""] * (4 - len(figures)), safe_text(line.note)])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _facts(report: BudgetReport, line: Line) -> list[str]:
    last = report.last_year.get(line.code) if report.last_year is not None else None
    return [
        line.code,
        KINDS[line.kind],
        safe_text(line.title),
        " ".join(line.accounts),
        f"{line.price // 10_000}.{line.price % 10_000:04d}",
        f"{line.quantity // 1000}.{line.quantity % 1000:03d}",
        safe_text(line.unit),
        str(line.times),
        SPREADS[line.spread],
        plain_yuan(line.amount),
        "" if last is None else plain_yuan(last),
    ]


HANDLERS = [budgets, budget]

"""What only the annual report has: results carried forward, projects, decisions of the year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import case, func, select

from disclosure.statements.scope import Scope, signed
from disclosure.statements.value import BookReport, Decided, FundResult, ProjectYear
from ledger.balances import trial_balance
from ledger.books.span import of_closing, of_opening
from ledger.chart import FUNDS
from ledger.store.tables import decision, dimension_value, entry, posting
from ledger.store.tables import record as record_table

_OWNED = ("N", "I", "E")
"""Classes of accounts that say what a fund owns after its debts: net assets, and what is not carried to them."""


def fund_results(scope: Scope, reports: Sequence[BookReport]) -> tuple[FundResult, ...]:
    """By fund; those that only hold money for others have no result and are left out."""
    found = []
    for report in reports:
        income, expense = _by_fund(report.income), _by_fund(report.expense)
        opening, closing = _owned(scope, report, opening=True), _owned(scope, report, opening=False)
        for fund, info in FUNDS.items():
            if info.book != report.book or not info.result_account:
                continue
            start, end = opening[fund], closing[fund]
            earned, spent = income[fund], expense[fund]
            if any((start, end, earned, spent)):
                other = end - start - earned + spent
                found.append(FundResult(report.book, fund, start, earned, spent, earned - spent, other, end))
    return tuple(found)


def _by_fund(lines: Sequence[object]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.fund] += line.amount  # type: ignore[attr-defined]
    return sums


def _owned(scope: Scope, report: BookReport, *, opening: bool) -> dict[str, int]:
    clock = scope.before if opening else scope.clock
    sums: dict[str, int] = defaultdict(int)
    for row in trial_balance(scope.conn, scope.trust_id, report.book, clock):
        if scope.setup.chart[report.book, row.account].class_ in _OWNED:
            sums[row.fund] -= row.totals.balance
    return sums


def projects_of_year(scope: Scope) -> tuple[ProjectYear, ...]:
    """Special projects (fund F5) by income and expense; those without movement to date are left out."""
    chart = scope.setup.chart
    classes = {a.code: a.class_ for a in chart.of_book("A") if a.leaf and a.class_ in ("I", "E")}
    in_span = case((posting.c.business_date >= scope.span.first, signed()), else_=0)
    rows = scope.conn.execute(
        select(posting.c.project, posting.c.account, func.sum(in_span), func.sum(signed()))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            posting.c.trust_id == scope.trust_id,
            posting.c.book == "A",
            posting.c.project.is_not(None),
            posting.c.account.in_(classes),
            posting.c.business_date <= scope.span.last,
            posting.c.seq < scope.size,
            ~of_closing(),
            ~of_opening(),
        )
        .group_by(posting.c.project, posting.c.account)
    )
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for project, account, year, ever in rows:
        earned = classes[account] == "I"
        sign, place = (-1, 0) if earned else (1, 1)
        sums[project][place] += sign * int(year)
        sums[project][place + 2] += sign * int(ever)
    names = _project_names(scope)
    return tuple(ProjectYear(code, names.get(code, code), *sums[code]) for code in sorted(sums))


def _project_names(scope: Scope) -> dict[str, str]:
    rows = scope.conn.execute(
        select(dimension_value.c.code, dimension_value.c.name).where(
            dimension_value.c.trust_id == scope.trust_id, dimension_value.c.dimension == "project"
        )
    )
    return {code: name for code, name in rows}  # noqa: C416 - rows are not pairs to the type checker


def decisions_of_year(scope: Scope) -> tuple[Decided, ...]:
    """Decisions taken in the year whose outcome was in the log by the cut-off, by day."""
    known = (
        select(record_table.c.seq)
        .where(
            record_table.c.trust_id == decision.c.trust_id,
            record_table.c.seq < scope.size,
            ((record_table.c.kind == "decision") & (record_table.c.subject == decision.c.number))
            | ((record_table.c.kind == "result") & (record_table.c.subject == decision.c.resolution)),
        )
        .exists()
    )
    rows = scope.conn.execute(
        select(decision.c.number, decision.c.title, decision.c.decided_on, decision.c.passed)
        .where(
            decision.c.trust_id == scope.trust_id,
            decision.c.decided_on.between(scope.span.first, scope.span.last),
            known,
        )
        .order_by(decision.c.decided_on, decision.c.number)
    )
    return tuple(Decided(row.number, row.title, row.decided_on, row.passed) for row in rows)

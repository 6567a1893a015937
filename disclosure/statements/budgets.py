"""Budget against actual in a statement, by the versions in force at the end of the span.

Only what is booked counts: money that waits on a desk is shown on the budget's own page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from disclosure.statements.scope import Scope, signed
from disclosure.statements.value import BudgetLine, BudgetReport, Pair
from ledger.books.span import of_closing, of_opening
from ledger.budget.available import versions_in_force
from ledger.budget.codes import EARNING, EXPENSE, INCOME, REFERENCE, SPENDING
from ledger.budget.lines import Line
from ledger.budget.read import lines_of
from ledger.budget.value import Key
from ledger.store.tables import entry, entry_reference, posting

_NOTHING = Pair(0, 0)


def budget_reports(scope: Scope) -> tuple[BudgetReport, ...]:
    """One of each fund that has a budget in force for the year."""
    year = scope.span.first.year
    held = versions_in_force(scope.conn, scope.trust_id, scope.span.last)
    revisions = {
        Key(year, fund, version.version): version.revision
        for (fund, of_year), version in held.items()
        if of_year == year
    }
    lines = lines_of(scope.conn, scope.trust_id, revisions)
    if not lines:
        return ()
    spent = _spent(scope, [line.code for found in lines.values() for line in found])
    booked = _by_account(scope)
    return tuple(_report(key, lines[key], spent, booked[key.fund]) for key in sorted(lines))


def _report(
    key: Key, lines: Sequence[Line], spent: Mapping[str, Pair], booked: Mapping[str, Pair]
) -> BudgetReport:
    rows = [*_earned(lines, booked), *(_spending(line, spent) for line in lines if line.kind == EXPENSE)]
    costs = [row for row in rows if row.kind == "expense"]
    budget = sum(row.budget for row in costs)
    total = Pair(sum(row.amount or 0 for row in costs), sum(row.year or 0 for row in costs))
    all_spent = sum(pair.year for account, pair in booked.items() if account.startswith(SPENDING))
    return BudgetReport(
        fund=key.fund,
        year=key.year,
        version=key.version,
        lines=tuple(rows),
        budget=budget,
        spent=total,
        left=budget - total.year,
        outside=all_spent - total.year,
    )


def _spending(line: Line, spent: Mapping[str, Pair]) -> BudgetLine:
    used = spent.get(line.code, _NOTHING)
    return BudgetLine(
        line.code, "expense", line.title, line.amount, used.amount, used.year, line.amount - used.year
    )


def _earned(lines: Sequence[Line], booked: Mapping[str, Pair]) -> list[BudgetLine]:
    """Lines of expected income; those of the same accounts share one figure, which the first shows."""
    shown: set[tuple[str, ...]] = set()
    rows = []
    for line in lines:
        if line.kind != INCOME:
            continue
        came = [pair for account, pair in booked.items() if account.startswith(line.accounts)]
        amount = year = left = None
        if line.accounts not in shown:
            shown.add(line.accounts)
            amount, year = -sum(pair.amount for pair in came), -sum(pair.year for pair in came)
            left = line.amount - year
        rows.append(BudgetLine(line.code, "income", line.title, line.amount, amount, year, left))
    return rows


def _spent(scope: Scope, codes: Sequence[str]) -> dict[str, Pair]:
    """What entries took from lines by code, in the span and in the year."""
    rows = scope.conn.execute(
        select(
            entry_reference.c.ref,
            posting.c.account,
            func.sum(scope.of_span(signed())),
            func.sum(signed()),
        )
        .join(
            posting,
            (posting.c.trust_id == entry_reference.c.trust_id) & (posting.c.seq == entry_reference.c.seq),
        )
        .where(
            *scope.postings("A", scope.new_year),
            entry_reference.c.trust_id == scope.trust_id,
            entry_reference.c.kind == REFERENCE,
            entry_reference.c.ref.in_(codes),
            posting.c.fund == func.substr(entry_reference.c.ref, 6, 2),
        )
        .group_by(entry_reference.c.ref, posting.c.account)
    )
    found: dict[str, Pair] = defaultdict(lambda: _NOTHING)
    for code, account, of_span, of_year in rows:
        if account.startswith(SPENDING):
            before = found[code]
            found[code] = Pair(before.amount + int(of_span), before.year + int(of_year))
    return found


def _by_account(scope: Scope) -> dict[str, dict[str, Pair]]:
    """What each fund earned (negative) and spent, by account; without opening and closing entries."""
    chart = scope.setup.chart
    codes = [a.code for a in chart.of_book("A") if a.leaf and a.code.startswith((*EARNING, *SPENDING))]
    rows = scope.conn.execute(
        select(posting.c.fund, posting.c.account, func.sum(scope.of_span(signed())), func.sum(signed()))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            *scope.postings("A", scope.new_year),
            posting.c.account.in_(codes),
            ~of_closing(),
            ~of_opening(),
        )
        .group_by(posting.c.fund, posting.c.account)
    )
    found: dict[str, dict[str, Pair]] = defaultdict(dict)
    for fund, account, of_span, of_year in rows:
        found[fund][account] = Pair(int(of_span), int(of_year))
    return found

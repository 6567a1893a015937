"""Figures of months, quarters and years equal the ledger, reckoned another way, and add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

import msgspec
from sqlalchemy import select

from disclosure.statements import Statement
from disclosure.statements.build import build_statement
from disclosure.statements.figures import figures
from disclosure.statements.value import AccountAmount, BookReport
from ledger.balances import Clock, trial_balance
from ledger.journal.public_view import entry_ref
from ledger.periods.spans import span_of
from ledger.store.engine import reading
from ledger.store.tables import entry, posting
from tests.statements.year import COST_LINE, MONTHS, Year

QUARTERS = {
    202433: MONTHS[:3],
    202434: MONTHS[3:6],
    202435: MONTHS[6:9],
    202436: MONTHS[9:12],
    202533: MONTHS[12:],
}


def at(year: Year, code: int, size: int) -> Statement:
    """A statement at a cut-off of our choice."""
    with reading(year.engine) as conn:
        return build_statement(conn, year.books.trust_id, span_of(code), size, ["A", "M"])


def book(value: Statement, code: str) -> BookReport:
    return next(report for report in value.books if report.book == code)


def by_account(lines: Iterable[AccountAmount]) -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for item in lines:
        sums[item.fund, item.account] += item.amount
    return Counter({key: fen for key, fen in sums.items() if fen})


def sum_of(values: Iterable[Statement], code: str) -> dict[str, object]:
    """What must add up over spans that follow each other."""
    reports = [book(value, code) for value in values]
    cash: Counter[tuple[str, str]] = Counter()
    for report in reports:
        for row in report.cash:
            for name in ("opened", "received", "paid", "moved_in", "moved_out"):
                cash[row.fund, name] += getattr(row, name)
    return {
        "cash": {key: fen for key, fen in cash.items() if fen},
        "income": by_account(line for report in reports for line in report.income),
        "expense": by_account(line for report in reports for line in report.expense),
        "payments": sum(report.payment_total for report in reports),
        "count": sum(report.payment_count for report in reports),
        "corrections": sorted(item.ref for report in reports for item in report.corrections),
    }


def test_a_quarter_is_the_sum_of_its_months_and_the_year_of_its_quarters(year: Year) -> None:
    size = year.size()
    months = {code: at(year, code, size) for code in MONTHS}
    quarters = {code: at(year, code, size) for code in QUARTERS}
    whole = at(year, 202400, size)
    for code in ("A", "M"):
        for quarter, parts in QUARTERS.items():
            assert sum_of([quarters[quarter]], code) == sum_of([months[part] for part in parts], code)
        assert sum_of([whole], code) == sum_of([quarters[q] for q in list(QUARTERS)[:4]], code)
    for quarter, parts in QUARTERS.items():
        assert book(quarters[quarter], "A").cash[0].opening == book(months[parts[0]], "A").cash[0].opening
        assert (
            book(quarters[quarter], "A").cash_total.closing == book(months[parts[-1]], "A").cash_total.closing
        )
        assert quarters[quarter].arrears == months[parts[-1]].arrears


def test_each_statement_names_its_corrections_in_the_order_of_the_log(year: Year) -> None:
    with reading(year.engine) as conn:
        rows = conn.execute(
            select(entry.c.book, entry.c.fiscal_year, entry.c.number)
            .where(entry.c.trust_id == year.books.trust_id)
            .order_by(entry.c.seq)
        )
        place = {entry_ref(*row): no for no, row in enumerate(rows)}
    most = 0
    for code in (*MONTHS, *QUARTERS, 202400):
        for report in at(year, code, year.size()).books:
            places = [place[item.ref] for item in report.corrections]
            assert places == sorted(places), (code, report.book)
            most = max(most, len(places))
    assert most > 1, "or there would be no order"


def test_income_and_expense_are_the_change_of_the_accounts_in_the_trial_balance(year: Year) -> None:
    """Before the year is carried, an account's balance is the year to date."""
    value = year.value(202435)
    with reading(year.engine) as conn:
        rows = trial_balance(conn, year.books.trust_id, "A", Clock(date(2024, 9, 30), value.size, False))
    balances = {(row.fund, row.account): row.totals.balance for row in rows}
    report = book(value, "A")
    assert report.income
    assert report.expense
    for item in report.income:
        assert item.year == -balances[item.fund, item.account]
    for item in report.expense:
        assert item.year == balances[item.fund, item.account]
    assert report.income_total.year == sum(item.year for item in report.income)
    assert report.result.amount == report.income_total.amount - report.expense_total.amount


def test_every_row_of_money_adds_up(year: Year) -> None:
    for code in (*MONTHS, *QUARTERS, 202400):
        for report in year.value(code).books:
            for row in (*report.cash, report.cash_total):
                moved = row.opened + row.received - row.paid + row.moved_in - row.moved_out
                assert row.opening + moved == row.closing


def test_shared_revenue_by_site_and_contract_is_the_income_of_its_fund(year: Year) -> None:
    value = year.value(202433)
    revenue, report = value.revenue, book(value, "A")
    assert revenue is not None
    assert [(item.site, item.contract) for item in revenue.sources] == [("S1", "R1")]
    own_income = sum(item.amount for item in report.income if item.fund == "F2")
    own_cost = sum(item.amount for item in report.expense if item.fund == "F2")
    assert revenue.income.amount + revenue.other.amount == own_income
    assert revenue.cost.amount == own_cost > 0
    assert revenue.net.amount == own_income - own_cost
    with reading(year.engine) as conn:
        adverts = conn.execute(
            select(posting.c.amount).where(
                posting.c.account == "400301", posting.c.business_date.between(value.first, value.last)
            )
        ).scalars()
        assert revenue.income.amount == sum(adverts)


def test_uses_of_the_maintenance_fund_are_what_left_its_bank_account_for_repairs(year: Year) -> None:
    value = year.value(202400)
    assert value.uses is not None
    with reading(year.engine) as conn:
        paid = conn.execute(
            select(posting.c.amount)
            .join(entry, (entry.c.seq == posting.c.seq) & (entry.c.trust_id == posting.c.trust_id))
            .where(
                entry.c.event == "E23c",
                posting.c.account == "1001",
                posting.c.business_date.between(value.first, value.last),
            )
        ).scalars()
        assert value.uses.total == sum(paid) > 0
    assert value.uses.count == len(value.uses.entries) == 3


def test_budget_against_actual_follows_the_lines_of_the_budget(year: Year) -> None:
    value = year.value(202533)
    report = value.budgets[0]
    assert (report.fund, report.year, report.budget) == ("F2", 2025, 900_00)
    cost = next(item for item in report.lines if item.code == COST_LINE)
    spent = sum(item.amount for item in book(value, "A").expense if item.account == "5015")
    assert cost.amount == cost.year == spent == report.spent.year
    assert cost.left == 900_00 - spent == report.left
    assert report.outside == 0
    earned = next(item for item in report.lines if item.kind == "income")
    assert value.revenue is not None
    assert earned.year == value.revenue.income.year
    assert year.value(202400).budgets == ()


def test_results_carry_forward_what_the_funds_own(year: Year) -> None:
    value = year.value(202400)
    with reading(year.engine) as conn:
        carried = {
            row.fund: -row.totals.balance
            for row in trial_balance(
                conn, year.books.trust_id, "A", Clock(date(2024, 12, 31), value.size, False)
            )
            if row.account in ("3001", "3002", "3003")
        }
    for row in value.results:
        assert row.opening + row.income - row.expense + row.other == row.closing
        assert row.result == row.income - row.expense
        if row.book == "A":
            assert row.closing == carried.get(row.fund, 0)
    assert {row.fund for row in value.results} == {"F1", "F2", "F5", "M"}


def test_projects_of_the_year_are_what_fund_five_received(year: Year) -> None:
    value = year.value(202400)
    earned = sum(item.amount for item in book(value, "A").income if item.fund == "F5")
    assert [item.project for item in value.projects] == ["P1"]
    assert value.projects[0].received == value.projects[0].received_ever == earned > 0


def test_every_figure_is_at_its_path_and_no_two_have_one_key(year: Year) -> None:
    for code in (202403, 202433, 202400):
        published = year.publish(code)
        stored = msgspec.json.decode(published.body)
        listed = list(figures(published.value))
        assert len({figure.key for figure in listed}) == len(listed)
        for figure in listed:
            found = stored
            for step in figure.path.split("."):
                found = found[int(step)] if isinstance(found, list) else found[step]
            assert found == figure.value, figure.key

"""Charts of a year that was closed, of the year that runs and of its budget, against the postings themselves."""

from __future__ import annotations

from collections import defaultdict

import pytest
from sqlalchemy import case, func, select

from disclosure.charts import Chart
from disclosure.charts.site import Year, site_charts, years_of
from disclosure.public.trusts import find_site
from ledger.books.span import of_closing
from ledger.budget.available import lines_in_force
from ledger.store.engine import reading
from ledger.store.tables import entry, posting
from ledger.trust.setup import load_setup
from tests.demo.conftest import TODAY, Demo

YEARS = (TODAY.year - 1, TODAY.year)


def drawn(demo: Demo, year: int) -> dict[str, Chart]:
    with reading(demo.engine) as conn:
        site = find_site(conn, demo.slug)
        assert years_of(site, TODAY) == [2026, 2025]
        return {chart.name: chart for chart in site_charts(conn, site, Year(year, site.opened_on, TODAY))}


def income_and_expense(demo: Demo, year: int) -> dict[tuple[str, str], int]:
    """By fund and class from all postings of the year; what carried the result to the net assets left out."""
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    query = (
        select(posting.c.book, posting.c.account, posting.c.fund, func.sum(signed))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(posting.c.trust_id == demo.trust_id, entry.c.fiscal_year == year, ~of_closing())
        .group_by(posting.c.book, posting.c.account, posting.c.fund)
    )
    sums: dict[tuple[str, str], int] = defaultdict(int)
    with reading(demo.engine) as conn:
        accounts = load_setup(conn, demo.trust_id).chart
        for book, account, fund, fen in conn.execute(query):
            class_ = accounts[book, account].class_
            if class_ in ("I", "E"):
                sums[fund, class_] += int(fen) if class_ == "E" else -int(fen)
    return dict(sums)


@pytest.mark.parametrize("year", YEARS)
def test_flows_are_the_income_and_expense_of_the_year_even_when_it_is_closed(demo: Demo, year: int) -> None:
    expected = income_and_expense(demo, year)
    charts = {
        n.removeprefix("flow-").upper(): c for n, c in drawn(demo, year).items() if n.startswith("flow-")
    }
    assert set(charts) == {fund for fund, _ in expected}
    assert {"F1", "F2", "M"} <= set(charts)
    for fund, chart in charts.items():
        rows = {row[0]: row[2] for row in chart.table.rows}
        assert rows["收入合计"] == expected.get((fund, "I"), 0)
        assert rows["支出合计"] == expected.get((fund, "E"), 0)


def test_a_year_of_its_own_shows_its_months_only(demo: Demo) -> None:
    rows = drawn(demo, 2025)["months"].table.rows
    assert [row[0] for row in rows] == ["2025年10月", "2025年11月", "2025年12月", "3 个月合计"]
    assert len(drawn(demo, 2026)["months"].table.rows) == 14


def test_burn_is_the_use_of_every_line_in_force(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        lines = lines_in_force(conn, demo.trust_id, TODAY, {TODAY.year})
    rows = drawn(demo, 2026)["burn-f1"].table.rows
    assert [row[:5] for row in rows[:-1]] == [
        (line.title, line.budgeted, line.actual, line.encumbered, line.left) for line in lines
    ]
    assert rows[-1][1] == sum(line.budgeted for line in lines)
    assert "burn-f1" not in drawn(demo, 2025)

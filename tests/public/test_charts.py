"""Charts say what the ledger says: reckoned again from the leaves of the log, one by one."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict

import pytest

from disclosure.charts import Chart
from disclosure.charts.site import Year, site_charts, year_of, years_of
from disclosure.public.leaves import PublicEntry, decode_leaf
from disclosure.public.trusts import find_site
from ledger.chart import FUNDS
from ledger.errors import Unanswerable
from ledger.money import format_yuan, plain_yuan
from ledger.store.engine import reading
from ledger.store.tables import leaf
from ledger.totals import keep_all
from ledger.trust.setup import load_setup
from tests.public.community import SECRETS, SLUG, TODAY, TRUST_ID
from tests.public.conftest import Books, Site

BASE = f"/c/{SLUG}"
OWN = ("F1", "F2", "F5")


def drawn(site: Site | Books, year: int = TODAY.year) -> dict[str, Chart]:
    with reading(site.community.engine) as conn:
        found = find_site(conn, SLUG)
        return {chart.name: chart for chart in site_charts(conn, found, Year(year, found.opened_on, TODAY))}


def all_entries(site: Site | Books) -> list[PublicEntry]:
    with reading(site.community.engine) as conn:
        rows = conn.execute(leaf.select().where(leaf.c.trust_id == TRUST_ID).order_by(leaf.c.seq))
        return [decode_leaf(bytes(row.body)) for row in rows if b'"mingzhang.entry' in bytes(row.body)]


def cash_of(entry: PublicEntry, fund: str) -> tuple[int, int]:
    """What an entry put into the fund's cash and took out of it, without what only went round."""
    codes = ("1001",) if entry.book == "M" else ("1002", "1012")
    lines = [line for line in entry.lines if line.fund == fund and line.account.startswith(codes)]
    came = sum(line.amount for line in lines if line.side == "D")
    went = sum(line.amount for line in lines if line.side == "C")
    same = min(came, went) if came > 0 and went > 0 else max(came, went) if came < 0 and went < 0 else 0
    return came - same, went - same


def in_and_out(entries: list[PublicEntry]) -> dict[int, list[int]]:
    """Received and paid of the owners' own funds by month."""
    months: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for entry in entries:
        if entry.event == "E00":
            continue
        by_fund = {fund: cash_of(entry, fund) for fund in {line.fund for line in entry.lines}}
        came, went = (sum(pair[side] for pair in by_fund.values()) for side in (0, 1))
        if came == went:  # between own funds
            continue
        month = months[entry.date.year * 100 + entry.date.month]
        for fund, pair in by_fund.items():
            if fund in OWN:
                month[0] += pair[0]
                month[1] += pair[1]
    return months


def test_columns_are_the_cash_of_the_leaves(site: Site) -> None:
    expected = in_and_out(all_entries(site))
    table = drawn(site)["months"].table
    assert [row[:3] for row in table.rows[:-1]] == [
        (f"2025年{month}月", *expected[202500 + month]) for month in (8, 9, 10)
    ]
    assert table.rows[-1][1:3] == tuple(sum(pair[side] for pair in expected.values()) for side in (0, 1))
    assert table.rows[-1][3] == table.rows[-1][1] - table.rows[-1][2]  # type: ignore[operator]


def test_flows_are_the_income_and_expense_of_the_leaves(site: Site) -> None:
    with reading(site.community.engine) as conn:
        accounts = load_setup(conn, TRUST_ID).chart
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for entry in all_entries(site):
        for line in entry.lines:
            class_ = accounts[entry.book, line.account].class_
            if class_ in ("I", "E"):
                sign = 1 if (line.side == "D") == (class_ == "E") else -1
                sums[line.fund, class_] += sign * line.amount
    charts = drawn(site)
    shown = {name.removeprefix("flow-").upper() for name in charts if name.startswith("flow-")}
    assert shown == {fund for fund, _ in sums}
    assert len(shown) >= 3
    for fund in shown:
        rows = charts[f"flow-{fund.lower()}"].table.rows
        totals = {row[0]: row[2] for row in rows}
        assert totals["收入合计"] == sums[fund, "I"]
        assert totals["支出合计"] == sums[fund, "E"]
        assert totals["收入减支出"] == sums[fund, "I"] - sums[fund, "E"]


def test_the_sources_of_shared_revenue_are_those_of_its_flow(site: Site) -> None:
    charts = drawn(site)
    income = [(row[0], row[2]) for row in charts["flow-f2"].table.rows if row[1] == "收入"][:-1]
    assert [row[:2] for row in charts["sources"].table.rows[:-1]] == income
    assert income


def test_the_line_is_the_maintenance_fund_at_the_end_of_each_month(site: Site) -> None:
    entries = [entry for entry in all_entries(site) if entry.book == "M"]
    for row, month in zip(drawn(site)["maintenance"].table.rows, (8, 9, 10), strict=True):
        until = [cash_of(entry, "M") for entry in entries if entry.date.month <= month]
        assert row[1] == sum(came - went for came, went in until)


def test_charts_are_the_same_before_and_after_sums_are_kept(own_books: Books) -> None:
    before = drawn(own_books)
    assert keep_all(own_books.community.engine) == 1
    assert drawn(own_books) == before


def test_a_page_shows_every_chart_with_its_words_figures_and_anchor(site: Site) -> None:
    page = site.client.get(f"{BASE}/charts").text
    charts = drawn(site)
    assert len(charts) >= 6
    for chart in charts.values():
        assert f'href="#{chart.name}"' in page and f'id="{chart.name}"' in page
        assert str(chart.svg) in page and chart.title in page
        assert f'aria-labelledby="{chart.name}-title"' in page and f'id="{chart.name}-says"' in page
        for row in chart.table.rows:
            for cell in row:
                assert cell is None or (format_yuan(abs(cell)) if isinstance(cell, int) else cell) in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=", page)


def test_the_csv_is_the_table_of_the_page(site: Site) -> None:
    for name, chart in drawn(site).items():
        answer = site.client.get(f"{BASE}/charts/{name}.csv?year={TODAY.year}")
        assert answer.headers["content-type"].startswith("text/csv")
        header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert header == [column.title for column in chart.table.columns]
        assert rows == [
            ["" if cell is None else plain_yuan(cell) if isinstance(cell, int) else cell for cell in row]
            for row in chart.table.rows
        ]


def test_nothing_private_is_in_a_chart(site: Site) -> None:
    paths = [f"{BASE}/charts", *(f"{BASE}/charts/{name}.csv" for name in drawn(site))]
    for path in paths:
        body = site.client.get(path).text
        assert not [secret for secret in SECRETS if secret in body], path


def test_a_page_that_did_not_change_costs_nothing(site: Site) -> None:
    for path in (f"{BASE}/charts", f"{BASE}/charts/months.csv"):
        etag = site.client.get(path).headers["etag"]
        again = site.client.get(path, headers={"if-none-match": etag})
        assert (again.status_code, again.content) == (304, b"")


def test_years_without_books_and_unknown_charts_are_refused_in_words(site: Site) -> None:
    for year in ("2019", "2026", "x"):
        answer = site.client.get(f"{BASE}/charts?year={year}")
        assert answer.status_code == 404
        assert "可以看的是：2025" in answer.text
    for name in ("nothing.csv", "months", "months.pdf"):
        assert site.client.get(f"{BASE}/charts/{name}").status_code == 404


def test_a_year_begins_with_the_books_and_ends_today(site: Site) -> None:
    with reading(site.community.engine) as conn:
        found = find_site(conn, SLUG)
    assert years_of(found, TODAY) == [2025]
    year = year_of(found, TODAY, "")
    assert year.periods() == [202508, 202509, 202510]
    assert (year.until, year.last) == (TODAY, TODAY)
    assert year.elapsed is not None and year.elapsed.denominator in (365, 73)
    later = Year(2025, found.opened_on, TODAY.replace(year=2026))
    assert later.periods() == [202508, 202509, 202510, 202511, 202512]
    assert (later.until, later.elapsed) == (None, None)
    running = Year(2026, found.opened_on, TODAY.replace(year=2026))
    assert len(running.periods()) == 13 and running.periods()[0] == 202510
    with pytest.raises(Unanswerable, match="没有 1999 年的账"):
        year_of(found, TODAY, "1999")


def test_every_fund_with_income_has_its_flow_under_its_own_name(site: Site) -> None:
    for name, chart in drawn(site).items():
        if name.startswith("flow-"):
            assert chart.title == f"{FUNDS[name.removeprefix('flow-').upper()].name}：每一元去了哪里"

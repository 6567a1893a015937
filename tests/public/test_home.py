"""The home page: what there is, what is late, where it went, what is new; small enough for a slow network."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from disclosure.charts.site import site_charts, year_of
from disclosure.public import home as home_module
from disclosure.public.home import News, read_home, read_news
from disclosure.public.home_view import home_view
from disclosure.public.rendering import load_pages
from disclosure.public.trusts import find_site
from disclosure.public.words import yuan
from ledger.balances import Clock, fund_totals
from ledger.chart import FUNDS
from ledger.disclosures.duties import Duty
from ledger.store.engine import reading, writing
from ledger.totals import CASH
from tests.public.community import NAME, SLUG, TODAY, TRUST_ID, TRUSTEE, _open
from tests.public.conftest import Site

BASE = f"/c/{SLUG}"
BUDGET = 100_000
"""Bytes."""


def page(site: Site) -> str:
    answer = site.client.get(BASE)
    assert answer.status_code == 200
    return str(answer.text)


def balances(site: Site) -> dict[str, int]:
    """From the ledger's balances, which the page does not use."""
    found = {}
    with reading(site.community.engine) as conn:
        clock = Clock(TODAY, find_site(conn, SLUG).size, True)
        for book, prefixes in CASH.items():
            found |= {f: t.balance for f, t in fund_totals(conn, TRUST_ID, book, clock, prefixes).items()}
    return found


def test_balances_are_those_of_the_ledger(site: Site) -> None:
    with reading(site.community.engine) as conn:
        found = find_site(conn, SLUG)
        home = read_home(conn, found, TODAY, read_news(conn, found, TODAY))
    assert {fund.code: fund.balance for fund in home.funds} == balances(site)


def test_the_month_at_the_top_is_the_last_column_of_the_chart(site: Site) -> None:
    with reading(site.community.engine) as conn:
        found = find_site(conn, SLUG)
        home = read_home(conn, found, TODAY, read_news(conn, found, TODAY))
    view = home_view(home, found, TODAY)
    last = home.chart.table.rows[-2]  # the last row adds up
    assert (view.received.text, view.paid.text) == tuple(yuan(fen).text for fen in last[1:3])  # type: ignore[arg-type]


def test_the_total_is_the_sum_of_the_funds_without_the_maintenance_fund(site: Site) -> None:
    shown, expected = page(site), balances(site)
    total = sum(fen for fund, fen in expected.items() if fund != "M")
    held = expected["F3"] + expected.get("F4", 0)
    assert f"{NAME}的账" in shown
    for fen in (total, held, *expected.values()):
        assert yuan(fen).text in shown
    for fund in expected:
        assert FUNDS[fund].name in shown
        assert f"{BASE}/entries?fund={fund}" in shown


def test_it_leads_on_to_charts_entries_statements_questions_and_verification(site: Site) -> None:
    shown = page(site)
    for path in (
        "charts",
        "entries",
        "statements",
        "statements/2025-09",
        "statements/2025-09.pdf",
        "verify",
        "duties",
    ):
        assert f'href="{BASE}/{path}"' in shown, path
    assert 'class="chart-picture"' in shown
    assert "找谁问" in shown and TRUSTEE in shown


def test_what_is_late_is_said_first_and_by_how_much(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    late = Duty("entries", "逐笔账目", "约定", TODAY - timedelta(27), TODAY - timedelta(12), 12, "/entries")
    good = replace(
        late, code="posts", title="负责人员", late_days=0, due_on=TODAY + timedelta(9), page="/posts"
    )
    monkeypatch.setattr(home_module, "duties", lambda *_: (good, late))
    shown = page(site)
    assert "有 1 件事过了公开期限" in shown
    assert re.search(r">逐笔账目</a>：逾期 12 天（最迟应在 2025年10月3日）", shown)
    assert shown.index("过了公开期限") < shown.index("钱在哪里")
    monkeypatch.setattr(home_module, "duties", lambda *_: (good,))
    shown = page(site)
    assert "各项公开都按时" in shown and "下一项：负责人员，最迟2025年10月24日" in shown
    assert "过了公开期限" not in shown


def test_the_longest_overdue_come_first_and_the_rest_is_counted(site: Site) -> None:
    news = News(
        tuple(Duty(f"d{days}", f"第{days}项", "约定", None, TODAY, days, "/duties") for days in range(1, 9)),
        {},
    )
    with reading(site.community.engine) as conn:
        found = find_site(conn, SLUG)
        view = home_view(read_home(conn, found, TODAY, news), found, TODAY)
    assert [row.title for row in view.late] == [f"第{days}项" for days in (8, 7, 6, 5, 4)]
    assert view.late_more == 3


def test_a_community_without_entries_has_a_page_and_no_charts(engine: Engine) -> None:
    with writing(engine) as conn:
        _open(conn)
    with reading(engine) as conn:
        found = find_site(conn, SLUG)
        view = home_view(read_home(conn, found, TODAY, read_news(conn, found, TODAY)), found, TODAY)
        assert site_charts(conn, found, year_of(found, TODAY, "")) == []
    assert (view.total.text, view.funds, view.chart.svg, view.statements) == ("¥0.00", (), "", ())
    assert view.last_posted == "还没有入账"
    shown = load_pages(demo=False).text("home.html", site=found, view=view)
    assert "还没有任何资金入账" in shown and "还没有账目" in shown


def test_being_late_changes_the_etag_though_the_books_do_not(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = site.client.get(BASE).headers["etag"]
    assert site.client.get(BASE, headers={"if-none-match": etag}).status_code == 304
    late = Duty("entries", "逐笔账目", "约定", None, date(2025, 1, 1), 3, "/entries")
    monkeypatch.setattr(home_module, "duties", lambda *_: (late,))
    assert site.client.get(BASE, headers={"if-none-match": etag}).status_code == 200


def test_it_weighs_less_than_100_kilobytes_and_waits_for_no_script(site: Site) -> None:
    """What a phone fetches before it can paint: page and style sheet, compressed."""
    shown = page(site)
    needed = [BASE, *re.findall(r'<link rel="stylesheet" href="([^"]+)"', shown)]
    assert len(needed) >= 2
    weight = 0
    for path in needed:
        answer = site.client.get(path, headers={"accept-encoding": "br"})
        assert answer.headers["content-encoding"] == "br"
        weight += int(answer.headers["content-length"])
    assert weight < BUDGET
    assert not re.findall(r"<script(?![^>]*\sdefer)[^>]*>", shown)

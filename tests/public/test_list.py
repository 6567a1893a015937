"""The list of entries: filters, totals, pages without gaps or doubles."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine, func, select

from disclosure.public.leaves import decode_leaf
from ledger.journal.public_view import LEAF_KIND
from ledger.journal.read import find_seq
from ledger.money import format_yuan
from ledger.store.engine import reading
from ledger.store.tables import entry, leaf
from tests.public.community import SLUG, TRUST_ID
from tests.public.conftest import Site

BASE = f"/c/{SLUG}"


def text(site: Site, path: str) -> str:
    answer = site.client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
    return answer.text


def listed(page: str) -> list[str]:
    return re.findall(rf'href="{BASE}/entries/([AM]-\d{{4}}-\d+)"', page)


def totals(page: str) -> tuple[int, list[tuple[str, str, str]]]:
    """How many entries, and for each book what came in and went out."""
    section = re.search(r'<section class="totals".*?</section>', page, re.S)
    assert section is not None
    count = re.search(r"共 <strong>([\d,]+)</strong> 笔", section[0])
    assert count is not None
    books = []
    for block in re.findall(r"<dl>.*?</dl>", section[0], re.S):
        cells = [re.sub(r"<[^>]+>", "", x).strip() for x in re.findall(r"<dd[^>]*>(.*?)</dd>", block, re.S)]
        books.append((cells[0], cells[1], cells[2]))
    return int(count[1].replace(",", "")), books


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("month=2025-10", ["open_month"]),
        ("fund=M", ["maintenance"]),
        ("fund=F3", ["kept", "deposit"]),
        ("account=A-4003", ["advert"]),
        ("account=M-1001", ["maintenance"]),
        ("q=迅达", ["payment", "invoice"]),
        ("q=电梯广告", ["advert"]),
        ("min=9000&max=9000", ["maintenance"]),
        ("min=5,000&max=6500", ["advert"]),
        ("month=2025-09&fund=F2", ["amendment", "amended", "advert"]),
        ("q=%25", []),
        ("q=_", []),
    ],
)
def test_filters(site: Site, query: str, wanted: list[str]) -> None:
    page = text(site, f"{BASE}/entries?{query}")
    assert listed(page) == [site.community.refs[name] for name in wanted]
    assert totals(page)[0] == len(wanted)


def test_an_entry_is_found_by_its_number(site: Site) -> None:
    ref = site.community.refs["advert"]
    assert listed(text(site, f"{BASE}/entries?q={ref.lower()}")) == [ref]


def test_totals_are_cash_in_and_out(site: Site) -> None:
    name = "物业共有资金账"
    august = totals(text(site, f"{BASE}/entries?month=2025-08&fund=F1"))
    # nine receipts; of the settlement only the fee is out; the opening balance is neither
    assert august[1] == [(name, f"¥{format_yuan(9 * 17_820)}", "¥1.07")]
    september = text(site, f"{BASE}/entries?month=2025-09&fund=F1")
    assert totals(september)[1] == [(name, "¥0.00", f"¥{format_yuan(320_000 + 1_500)}")]
    assert "从其他资金转入 ¥500.00" in september


def test_the_maintenance_fund_is_never_added_to_the_rest(site: Site) -> None:
    count, books = totals(text(site, f"{BASE}/entries"))
    assert count == entry_count(site)
    assert [name for name, _, _ in books] == ["物业共有资金账", "住宅专项维修资金账"]
    assert books[1] == ("住宅专项维修资金账", "¥9,000.00", "¥0.00")
    received = 9 * 17_820 + 200_000 + 636_000
    paid = 107 + 320_000 + 1_500 + 1_200 + 30_000
    assert books[0][1:] == (f"¥{format_yuan(received)}", f"¥{format_yuan(paid)}")


@pytest.mark.parametrize("query", ["month=2025-99", "min=abc", "fund=F9", "account=zzz", "month=abcdefg"])
def test_what_makes_no_sense_is_said(site: Site, query: str) -> None:
    assert 'role="alert"' in text(site, f"{BASE}/entries?{query}")


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q='%3B--",
        "q=" + "长" * 5_000,
        "before=2025-09-01.-99999999999999999999999999",
        "before=2025-09-01." + "9" * 6_000,
        "after=xxx",
        "min=99999999999999999999999999999999",
        "account=A-" + "1" * 48,
        "q=A-99999-99999999999999999999999",
    ],
)
def test_no_query_breaks_the_list(site: Site, query: str) -> None:
    assert 'class="totals"' in text(site, f"{BASE}/entries?{query}")


def test_pages_of_the_list_have_no_gaps_and_no_doubles(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from disclosure.public import entries, pages

    def small(*args: Any, **kwargs: Any) -> entries.Page:
        return entries.entry_page(*args, **kwargs, size=5)

    monkeypatch.setattr(pages, "entry_page", small)
    found: list[str] = []
    path: str | None = f"{BASE}/entries"
    steps = []
    while path:
        page = text(site, path)
        steps.append(listed(page))
        found += listed(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = f"{BASE}/entries{older[1].replace('&amp;', '&')}" if older else None
    assert len(found) == len(set(found)) == entry_count(site)
    places = [order_key(site, ref) for ref in found]
    assert places == sorted(places, reverse=True)
    back = re.search(r'rel="prev" href="([^"]+)"', page)
    while back:
        steps.pop()
        page = text(site, f"{BASE}/entries{back[1].replace('&amp;', '&')}")
        assert listed(page) == steps[-1]
        back = re.search(r'rel="prev" href="([^"]+)"', page)
    assert len(steps) == 1


def test_the_filter_stays_on_the_way_through_the_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from disclosure.public import entries, pages

    monkeypatch.setattr(pages, "entry_page", lambda *a, **k: entries.entry_page(*a, **k, size=2))
    page = text(site, f"{BASE}/entries?month=2025-08&fund=F1")
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    query = parse_qs(urlsplit(older[1].replace("&amp;", "&")).query)
    assert (query["month"], query["fund"]) == (["2025-08"], ["F1"])
    assert "before" in query


def test_a_list_costs_few_queries(
    site: Site, count_queries: Callable[[Engine], AbstractContextManager[Any]]
) -> None:
    engine = site.app.services.engine
    text(site, f"{BASE}/entries")
    for path, limit in (
        (f"{BASE}/entries", 6),
        (f"{BASE}/entries/{site.community.refs['receipt']}", 9),
        (BASE, 22),
    ):
        with count_queries(engine) as queries:
            text(site, path)
        own = [query for query in queries if "trust_head.size >" not in query]
        assert len(own) <= limit, own


def test_figures_of_rows_equal_the_leaves(site: Site) -> None:
    page = text(site, f"{BASE}/entries")
    with reading(site.community.engine) as conn:
        of_entries = (leaf.c.trust_id == TRUST_ID, leaf.c.kind == LEAF_KIND)
        bodies = conn.execute(select(leaf.c.body).where(*of_entries)).scalars().all()
    for item in map(decode_leaf, map(bytes, bodies)):
        row = re.search(rf'entries/{item.ref}">.*?</tr>', page, re.S)
        assert row is not None
        assert item.summary in row[0]


def entry_count(site: Site) -> int:
    with reading(site.community.engine) as conn:
        return int(conn.execute(select(func.count()).select_from(entry)).scalar_one())


def order_key(site: Site, ref: str) -> tuple[Any, int]:
    with reading(site.community.engine) as conn:
        seq = find_seq(conn, TRUST_ID, ref)
        day = conn.execute(select(entry.c.business_date).where(entry.c.seq == seq)).scalar_one()
    return day, seq

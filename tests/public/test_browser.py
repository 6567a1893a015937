"""The pages in a real browser: phone and desk, and the check that runs there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browsing import follow, verdict
from tests.public.community import SLUG
from tests.public.conftest import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.db("sqlite")
BASE = f"/c/{SLUG}"


@pytest.fixture(params=[(390, 844), (1280, 900)], ids=["phone", "desk"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    opened = browser.new_page(viewport={"width": width, "height": height})
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield opened
    opened.close()
    assert problems == []


def test_pages_fit_the_screen(site: Site, address: str, page: Page) -> None:
    refs = site.community.refs
    paths = ["/", BASE, f"{BASE}/entries", f"{BASE}/entries?fund=F1&min=10", f"{BASE}/verify"]
    paths += [f"{BASE}/entries/{refs[name]}" for name in ("opening", "advert", "reversal", "charge")]
    paths += [f"{BASE}/statements", f"{BASE}/statements/2025-09"]
    width = page.viewport_size["width"] if page.viewport_size else 0
    for path in paths:
        page.goto(address + path)
        for summary in page.locator("details > summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("h1").count() == 1
        small = page.evaluate(
            """() => [...document.querySelectorAll('button, select, input, nav a, .button')]
                .filter(e => e.offsetParent && (e.closest("label") || e).getBoundingClientRect().height < 44)
                .map(e => e.outerHTML)"""
        )
        assert small == [], path


def test_every_kind_of_entry_verifies(site: Site, address: str, page: Page) -> None:
    for ref in site.community.refs.values():
        page.goto(f"{address}{BASE}/entries/{ref}")
        assert verdict(page)[0] == "一致", ref


def test_tampered_content_is_found(site: Site, address: str, page: Page) -> None:
    def tamper(route: Route) -> None:
        body = route.fetch().body().replace(b"320000", b"120000")
        route.fulfill(body=body, content_type="application/json")

    page.route("**/*.json", tamper)
    page.goto(f"{address}{BASE}/entries/{site.community.refs['payment']}")
    title, words = verdict(page)
    assert title == "不一致"
    assert "被改过" in words


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("¥3,200.00", "¥1,200.00", "金额"),
        ("支付电梯维保费", "支付电梯检验费", "摘要"),
        ("2025年9月10日", "2025年9月11日", "日期"),
        (">借<", ">贷<", "方向"),
        ("220201", "220202", "科目"),
        ("迅达电梯维保有限公司", "迅捷电梯维保有限公司", "对方"),
    ],
)
def test_a_page_that_shows_something_else_is_found(
    site: Site, address: str, page: Page, old: str, new: str, word: str
) -> None:
    ref = site.community.refs["payment"]

    def tamper(route: Route) -> None:
        body = route.fetch().text()
        assert old in body
        route.fulfill(body=body.replace(old, new), content_type="text/html; charset=utf-8")

    page.route(f"**/entries/{ref}", tamper)
    page.goto(f"{address}{BASE}/entries/{ref}")
    title, words = verdict(page)
    assert title == "不一致"
    assert word in words


def test_a_forged_signature_is_found(site: Site, address: str, page: Page) -> None:
    def tamper(route: Route) -> None:
        head, _, signature = route.fetch().text().rpartition(" ")
        route.fulfill(body=f"{head} {signature[:40]}{'B' if signature[40] != 'B' else 'C'}{signature[41:]}")

    page.route("**/proof", tamper)
    page.goto(f"{address}{BASE}/entries/{site.community.refs['payment']}")
    assert verdict(page)[0] == "不一致"


@pytest.mark.parametrize(
    ("kept", "word"),
    [
        ('{"size": 900, "root": ROOT, "key": KEY}', "账变少了"),
        ('{"size": SIZE, "root": ROOT, "key": KEY}', "旧账被改写过"),
        ('{"size": 7, "root": ROOT, "key": KEY}', "被改写过"),
        ('{"size": 8, "root": ROOT, "key": KEY}', "被改写过"),
        ('{"size": 3, "root": ROOT, "key": "other"}', "公钥"),
    ],
)
def test_a_log_that_does_not_continue_what_was_seen_is_found(
    site: Site, address: str, page: Page, kept: str, word: str
) -> None:
    page.goto(f"{address}{BASE}/entries/{site.community.refs['payment']}")
    root = f'"{"A" * 43}="'
    size = site.client.get(f"{BASE}/log/checkpoint").text.split("\n")[1]
    remembered = kept.replace("SIZE", size).replace("ROOT", root).replace("KEY", f'"{site.community.vkey}"')
    page.evaluate(f"localStorage.setItem('mingzhang:mingzhang.example{BASE}/log', {remembered!r})")
    title, words = verdict(page)
    assert title == "不一致"
    assert word in words


def test_a_log_that_grew_is_still_the_same(site: Site, address: str, page: Page) -> None:
    from base64 import b64encode

    from ledger.log.store import LogNodes
    from ledger.log.tree import root_at
    from ledger.store.engine import reading
    from tests.public.community import TRUST_ID

    for size in (1, 2, 3, 6, 7, 8, 16, 20, 23, 24):
        with reading(site.community.engine) as conn:
            root = b64encode(root_at(size, LogNodes(conn, TRUST_ID))).decode()
        page.goto(f"{address}{BASE}/entries/{site.community.refs['payment']}")
        kept = f'{{"size": {size}, "root": "{root}", "key": "{site.community.vkey}"}}'
        page.evaluate(f"localStorage.setItem('mingzhang:mingzhang.example{BASE}/log', {kept!r})")
        title, words = verdict(page)
        assert title == "一致", (size, words)
        assert "没有被改写" in words


def test_without_the_files_it_says_why(site: Site, address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.route("**/proof", lambda route: route.fulfill(status=503, body=""))
    page.goto(f"{address}{BASE}/entries/{site.community.refs['payment']}")
    title, words = verdict(page)
    page.close()
    assert title == "无法核验"
    assert "503" in words


def test_it_works_without_scripts(site: Site, address: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}{BASE}/entries/{site.community.refs['payment']}")
    assert page.get_by_role("button", name="核验").count() == 0
    assert "没有启用脚本" in page.content()
    expect(page.get_by_text("¥3,200.00").first).to_be_visible()
    context.close()


def test_filtering_by_hand(site: Site, address: str, page: Page) -> None:
    page.goto(f"{address}{BASE}/entries")
    page.get_by_label("月份").select_option("2025-09")
    page.get_by_label("资金").select_option("F2")
    follow(page.get_by_role("button", name="筛选"))
    expect(page.get_by_text("共 3 笔").first).to_be_visible()
    follow(page.get_by_role("link", name="电梯广告收入（一季度）"))
    expect(page.locator("h1")).to_contain_text("电梯广告收入（一季度）")

"""The evaluation in a real browser: in order for everybody, and checked against the log by the reader's own phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.axe import violations
from tests.browsing import follow, verdict
from tests.evaluation.shown import BASE, Shown, on_a_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PATHS = ("/evaluations", "/evaluations/1", "/evaluations/2", "/evaluations/3", "/evaluations/4", "")


@pytest.fixture(scope="module")
def address(shown: Shown) -> Iterator[str]:
    """The community's address on a real port."""
    with on_a_port(shown) as root:
        yield root + BASE


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_every_page_is_in_order(browser: Browser, address: str, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for path in PATHS:
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        assert violations(page) == [], path
    context.close()


def test_a_small_phone_with_the_largest_letters_needs_no_scrolling_sideways(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 600})
    page = context.new_page()
    page.goto(f"{address}/../../display?size=larger")
    for path in PATHS:
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_largest_letters_show_every_bar_whole_with_its_points(
    browser: Browser, address: str, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    context.add_cookies([{"name": "display", "value": "larger", "url": address}])
    page.goto(f"{address}/evaluations/2")
    pictures = page.locator(".chart-whole .chart-picture")
    expect(pictures).to_have_count(2)
    expect(page.locator(".chart", has=pictures).get_by_text("左右滑动看全")).to_have_count(0)
    for part in page.locator(".chart-whole rect, .chart-whole .chart-figure").all():
        box = part.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    heights = page.locator(".chart-whole text").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 20, "and they are larger than others get"
    context.close()


def test_the_phone_compares_every_point_with_the_log(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}/evaluations/2")
    title, said = verdict(page)
    assert title == "一致", said
    assert "个数字，与公开日志里的一致" in said
    page.goto(f"{address}/evaluations/2?version=1")
    assert verdict(page)[0] == "一致"
    page.goto(f"{address}/evaluations/2")
    page.evaluate("document.querySelector('[data-figure=\"halves.service.points\"]').textContent = '98.00'")
    title, said = verdict(page)
    assert title == "不一致"
    assert "物业服务的得分：页面上是“98.00”，公开原文里是“72.17”" in said
    page.close()


def test_what_cost_a_point_is_one_touch_away(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/evaluations")
    follow(page.get_by_role("link", name="看每一项扣了什么"))
    page.locator("summary", has_text="S7 财务与信息公开").click()
    link = page.locator("details.indicator", has=page.locator("#S7")).get_by_role("link").first
    expect(link).to_be_visible()
    follow(link)
    expect(page).not_to_have_url(re.compile("/evaluations"))
    expect(page.locator("h1")).to_be_visible()
    context.close()


def test_a_link_to_an_indicator_opens_it(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}/evaluations/2#S7")
    expect(page.locator("details.indicator[open]", has=page.locator("#S7"))).to_be_visible()
    summary = page.locator("summary", has_text="S7 财务与信息公开")
    expect(summary, "what it is about stands above it on the screen").to_be_in_viewport(ratio=1)
    page.close()

"""Charts in a real browser: letters one can read on a phone, without scripts, in every mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.axe import violations
from tests.public.community import SLUG
from tests.public.conftest import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.db("sqlite")
BASE = f"/c/{SLUG}"
_LETTERS = """() => [...document.querySelectorAll('.chart-picture text')].map(text => {
    const picture = text.ownerSVGElement.getBoundingClientRect()
    const scale = picture.width / text.ownerSVGElement.viewBox.baseVal.width
    const box = text.getBoundingClientRect()
    return {words: text.textContent, height: parseFloat(getComputedStyle(text).fontSize) * scale,
            inside: box.left >= picture.left - 1 && box.right <= picture.right + 1
                    && box.bottom <= picture.bottom + 4}
})"""


def letters(page: Page, url: str) -> list[dict[str, Any]]:
    page.goto(url)
    found: list[dict[str, Any]] = page.evaluate(_LETTERS)
    return found


@pytest.mark.parametrize(("width", "smallest"), [(390, 13), (320, 11), (1280, 15)])
def test_letters_can_be_read_and_stay_inside_the_picture(
    site: Site, address: str, browser: Browser, width: int, smallest: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    for path in (BASE, f"{BASE}/charts"):
        found = letters(page, address + path)
        assert len(found) > 10
        assert [text for text in found if text["height"] < smallest] == []
        assert [text["words"] for text in found if not text["inside"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_a_picture_that_has_to_be_scrolled_says_so_where_it_has_to_be(
    site: Site, address: str, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.add_cookies([{"name": "display", "value": "larger", "url": address}])
    page = context.new_page()
    page.goto(f"{address}{BASE}/charts")
    cut = page.locator(".chart-box").evaluate_all(
        """all => all.map(box => {
            const seen = box.querySelector('.chart-scroll') || box
            return [seen.scrollWidth > seen.clientWidth + 40, Boolean(box.querySelector('.chart-slide'))]
        })"""
    )
    assert [True, True] in cut and [False, False] in cut
    assert all(scrolls == said for scrolls, said in cut)
    expect(page.get_by_text("左右滑动看全").first).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.get_by_text("左右滑动看全").first).to_be_hidden()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("mode", ["", "large", "larger.contrast"])
def test_home_and_charts_are_accessible_without_scripts_of_ours(
    site: Site, address: str, browser: Browser, scheme: Any, mode: str
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    context.add_cookies([{"name": "display", "value": mode, "url": address}] if mode else [])
    context.route("**/*.js*", lambda route: route.abort())
    page = context.new_page()
    for path in (BASE, f"{BASE}/charts"):
        page.goto(address + path)
        for summary in page.locator("details > summary").all():
            summary.click()
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()

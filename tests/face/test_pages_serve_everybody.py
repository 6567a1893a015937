"""Every kind of public page: readable by everybody, on any screen, light to carry, without scripts in the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient

from tests.axe import violations
from tests.browsing import follow
from tests.face.conftest import HOST, Face
from tests.face.crawl import shape

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_SCRIPT = re.compile(r"<script\b[^>]*>")
_FILE = re.compile(r"""(?:src|href)="(/static/[^"]+\.(?:css|js)[^"]*)\"""")
_COMPRESSED = {"accept-encoding": "br"}
_MOST_BYTES = 100 * 1024
_SCREENS = {
    "phone-light": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "desk-dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}


_PARTS = ('id="compare-title"', "corrected-mark", 'class="voucher"', "statement-chart")
"""What only some pages of a kind have: corrections side by side, a corrected statement, a voucher, charts."""


def one_of_each_kind(face: Face) -> list[str]:
    """The first page of every shape of address, and the first with each of ``_PARTS``: of all, or nothing is."""
    kinds: dict[str, str] = {}
    for page in face.walk.of("text/html"):
        if page.status == 200:
            kinds.setdefault(shape(page.path), page.path)
            for part in _PARTS:
                if part in page.text:
                    kinds.setdefault(part, page.path)
    assert len(kinds) > 60
    assert kinds.keys() >= set(_PARTS)
    return list(dict.fromkeys(kinds.values()))


def sideways(page: Page) -> int:
    """By how many pixels a page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def broken_amounts(page: Page) -> list[str]:
    """Amounts that run over the end of a line: half a number is read as another one."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('main .amount')].filter(each => each.getClientRects().length > 1)"
        ".map(each => each.textContent)"
    )
    return found


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")


@pytest.mark.parametrize("screen", list(_SCREENS))
def test_everybody_can_use_every_kind_of_page(
    face: Face, face_address: str, browser: Browser, screen: str
) -> None:
    page = browser.new_page(**_SCREENS[screen])  # type: ignore[arg-type]
    found = []
    for path in one_of_each_kind(face):
        page.goto(face_address + path)
        open_all(page)
        found += [f"{path}: {line}" for line in violations(page)]
        if over := sideways(page):
            found.append(f"{path}: {over} px too wide")
    page.close()
    assert found == []


def test_large_letters_and_high_contrast_fit_a_narrow_phone(
    face: Face, face_address: str, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{face_address}/display")
    page.get_by_label("特大字").check()
    page.get_by_label("高对比").check()
    follow(page.get_by_role("button", name="就这样显示"))
    page.goto(f"{face_address}/c/{face.slug}")
    assert page.evaluate("document.documentElement.className") == "larger contrast"
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") > 26
    found = []
    for path in one_of_each_kind(face):
        page.goto(face_address + path)
        open_all(page)
        found += [f"{path}: {line}" for line in violations(page) if "color-contrast" in line]
        found += [f"{path}: {amount} is broken" for amount in broken_amounts(page)]
        if over := sideways(page):
            found.append(f"{path}: {over} px too wide")
    page.close()
    assert found == []


def test_pages_are_light_and_wait_for_no_script(face: Face) -> None:
    """At most 100 KB over the wire before pictures, the first time somebody comes."""
    heavy = []
    with TestClient(face.app, base_url=HOST) as client:
        for path in one_of_each_kind(face):
            answer = client.get(path, headers=_COMPRESSED)
            waiting = [
                tag for tag in _SCRIPT.findall(answer.text) if not re.search("defer|async|module", tag)
            ]
            heavy += [f"{path}: {tag}" for tag in waiting]
            carried = [
                answer,
                *(client.get(file, headers=_COMPRESSED) for file in _FILE.findall(answer.text)),
            ]
            size = sum(int(item.headers["content-length"]) for item in carried)
            if size > _MOST_BYTES:
                heavy.append(f"{path}: {size} bytes")
    assert heavy == []


def test_every_page_says_what_it_is_in_chinese(face: Face) -> None:
    wrong = []
    for page in face.walk.of("text/html"):
        titles = re.findall(r"<title>([^<]*)</title>", page.text)
        heads = len(re.findall(r"<h1\b", page.text))
        chinese = 'lang="zh-CN"' in page.text
        if page.status == 200 and (len(titles) != 1 or heads != 1 or not chinese):
            wrong.append(f"{page.path}: {titles} {heads}")
    assert wrong == []

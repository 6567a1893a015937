"""Asking with a thumb: the whole way on a phone without a script, and every page in order for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ledger.inquiries import answer, publish, read_inquiry
from tests.axe import violations
from tests.browsing import follow, log_in
from tests.inquiries.desk import COMMITTEE, PREPARER, PUBLIC
from tests.inquiries.test_publishing import photo
from tests.inquiries.town import ANSWER, Town
from tests.office.conftest import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.db("sqlite")
PHONE = {"width": 390, "height": 844}


def in_order(page: Page) -> None:
    """Nothing hinders anybody, and nothing stands out on the right of a phone."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    assert violations(page) == [], page.url


def as_resident(page: Page, town: Town) -> None:
    """Log in on the page that asks for it."""
    log_in(page, town.office.person("resident").account, PASSWORD)


def ask(page: Page, address: str, town: Town, words: str, picture: Path) -> None:
    """From the entry it is about: without an account one is asked to log in first."""
    picture.write_bytes(photo())
    page.goto(f"{address}{town.base}/entries/{town.desk.ref}")
    follow(page.get_by_role("link", name="问这一笔"))
    as_resident(page, town)
    expect(page.get_by_role("radio", name="质询")).to_be_checked()
    page.get_by_label("想问什么").fill(words)
    page.get_by_label("从相册里选").set_input_files(picture)
    follow(page.get_by_role("button", name="提交"))
    expect(page.get_by_role("status")).to_contain_text("编号是第 1 号")
    expect(page.get_by_role("img", name="第 1 张照片")).to_be_visible()


def rate(page: Page) -> None:
    """Content with the answer."""
    page.get_by_label("满意", exact=True).check()
    follow(page.get_by_role("button", name="提交评价"))
    expect(page.get_by_role("status")).to_contain_text("过几天会回访一次")


def read_answer(page: Page, address: str, town: Town) -> Locator:
    """The question with its published answer, beside the entry it is about."""
    page.goto(f"{address}{town.base}/entries/{town.desk.ref}")
    talk = page.get_by_role("region", name="问答")
    expect(talk).to_contain_text("1 人问过", use_inner_text=True)
    expect(talk).to_contain_text(ANSWER, use_inner_text=True)
    return talk


def test_an_owner_asks_with_a_picture_and_reads_the_answer(
    browser: Browser, served: tuple[str, Town], tmp_path: Path
) -> None:
    address, town = served
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    ask(page, address, town, "这一笔的清单在哪里看？", tmp_path / "phone.jpg")
    town.desk.do(answer, 1, "清单在公示栏。", by=PREPARER)
    follow(page.get_by_role("link", name="我的首页"))
    follow(page.get_by_role("link", name="看答复、评价"))
    rate(page)
    town.desk.do(publish, 1, 1, PUBLIC, by=COMMITTEE)
    town.desk.do(publish, 1, 2, ANSWER, by=COMMITTEE)
    read_answer(page, address, town)
    with town.desk.reading() as (conn, trust_id):
        assert read_inquiry(conn, trust_id, 1).state.rating == "satisfied"
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_in_order(browser: Browser, served: tuple[str, Town], width: int) -> None:
    address, town = served
    town.published()
    own = town.desk.ask(actor=town.resident, kind="repair", about_kind="area", about="elevator", place="3 栋")
    town.go_on(3)
    town.desk.do(answer, town.desk.ask(actor=town.resident), "清单在公示栏。", by=PREPARER)
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    for path in ("/inquiries", "/inquiries/1", f"/inquiries/{own}", f"/entries/{town.desk.ref}", ""):
        page.goto(address + town.base + path)
        in_order(page)
    page.goto(f"{address}{town.base}/ask?about=entry:{town.desk.ref}")
    as_resident(page, town)
    for path in ("", "/ask", "/ask/same/1", "/mine/inquiries", f"/mine/inquiries/{own}", "/mine/inquiries/3"):
        if path:
            page.goto(address + town.base + path)
        in_order(page)
    context.close()

"""Asking with a thumb: the whole way on a phone without a script, and every page in order for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.inquiries import answer, publish, read_inquiry
from tests.axe import violations
from tests.inquiries.desk import COMMITTEE, PREPARER, PUBLIC
from tests.inquiries.test_publishing import photo
from tests.inquiries.town import ANSWER, Town
from tests.office.conftest import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.db("sqlite")
PHONE = {"width": 390, "height": 844}


def in_order(page: Page) -> None:
    """Nothing hinders anybody, and nothing stands out on the right of a phone."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    assert violations(page) == [], page.url


def log_in(page: Page, town: Town) -> None:
    page.get_by_label("账号").fill(town.office.person("resident").account)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_an_owner_asks_with_a_picture_and_reads_the_answer(
    browser: Browser, served: tuple[str, Town], tmp_path: Path
) -> None:
    address, town = served
    picture = tmp_path / "phone.jpg"
    picture.write_bytes(photo())
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}{town.base}/entries/{town.desk.ref}")
    page.get_by_role("link", name="问这一笔").click()
    log_in(page, town)
    assert page.get_by_role("radio", name="质询").is_checked()
    page.get_by_label("想问什么").fill("这一笔的清单在哪里看？")
    page.get_by_label("从相册里选").set_input_files(picture)
    page.get_by_role("button", name="提交").click()
    assert "编号是第 1 号" in page.get_by_role("status").inner_text()
    assert page.get_by_role("img", name="第 1 张照片").is_visible()
    town.desk.do(answer, 1, "清单在公示栏。", by=PREPARER)
    page.get_by_role("link", name="我的首页").click()
    page.get_by_role("link", name="看答复、评价").click()
    page.get_by_label("满意", exact=True).check()
    page.get_by_role("button", name="提交评价").click()
    assert "过几天会回访一次" in page.get_by_role("status").inner_text()
    town.desk.do(publish, 1, 1, PUBLIC, by=COMMITTEE)
    town.desk.do(publish, 1, 2, ANSWER, by=COMMITTEE)
    page.goto(f"{address}{town.base}/entries/{town.desk.ref}")
    talk = page.get_by_role("region", name="问答")
    assert "1 人问过" in talk.inner_text()
    assert ANSWER in talk.inner_text()
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
    log_in(page, town)
    for path in ("", "/ask", "/ask/same/1", "/mine/inquiries", f"/mine/inquiries/{own}", "/mine/inquiries/3"):
        if path:
            page.goto(address + town.base + path)
        in_order(page)
    context.close()

"""The hours promised for a repair on the pages: everybody reads the hours, the asker and the desk the moment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ledger.inquiries import visit
from tests.browsing import log_in, set_up_phone
from tests.inquiries.desk import PREPARER
from tests.inquiries.town import Town, settle_town
from tests.office.conftest import PASSWORD, OfficeSite, office

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["office"]
pytestmark = pytest.mark.db("sqlite")
WAITING = "承诺 4 小时内有人响应"
SLOW = f"响应超时：{WAITING}，还没有人响应"


@pytest.fixture
def town(office: OfficeSite) -> Town:
    return settle_town(office)


def repair(town: Town) -> int:
    """Asked at ten in the morning."""
    return town.desk.ask(actor=town.resident, kind="repair", about_kind="area", about="elevator")


def come(town: Town) -> None:
    """Somebody sees to the only repair, at three in the afternoon."""
    town.desk.hour = 15
    town.desk.do(visit, 1, "看过了", by=PREPARER)
    town.desk.hour = 10


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_everybody_reads_what_was_promised_and_whether_it_was_kept(town: Town) -> None:
    no = repair(town)
    for path in ("/inquiries", f"/inquiries/{no}"):
        page = plain(town.see(path))
        assert WAITING in page
        assert "响应超时：" not in page
        assert "14:00" not in page, "the time of day is the asker's"
    town.office.clock.forward(hours=4, minutes=1)
    for path in ("/inquiries", f"/inquiries/{no}", "/inquiries?kind=repair"):
        assert SLOW in plain(town.see(path))
    assert "报修响应超时 1 件" in plain(town.see("/inquiries"))
    come(town)
    town.office.clock.forward(hours=1)
    for path in ("/inquiries", f"/inquiries/{no}"):
        assert f"响应超时：{WAITING}，等了 5 小时" in plain(town.see(path))


def test_a_page_a_browser_holds_is_fetched_again_when_the_hours_have_passed(town: Town) -> None:
    no, client = repair(town), town.office.anyone()
    held = {path: client.get(town.base + path).headers["etag"] for path in ("/inquiries", f"/inquiries/{no}")}
    town.office.clock.forward(hours=4, minutes=1)
    for path, etag in held.items():
        assert client.get(town.base + path, headers={"if-none-match": etag}).status_code == 200, path


def test_who_came_in_time_is_told_nothing_of(town: Town) -> None:
    no = repair(town)
    town.desk.do(visit, no, "看过了", by=PREPARER)
    town.office.clock.forward(hours=9)
    for path in ("/inquiries", f"/inquiries/{no}"):
        assert "小时内有人响应" not in plain(town.see(path))
    assert not re.search("报修响应超时 \\d", plain(town.see("/inquiries")))


def test_other_kinds_are_promised_no_hours(town: Town) -> None:
    no = town.desk.ask(actor=town.resident)
    town.office.clock.forward(hours=9)
    assert "有人响应" not in plain(town.see(f"/inquiries/{no}"))
    assert "有人响应" not in plain(town.see(f"/mine/inquiries/{no}", "resident"))


def test_those_that_had_to_wait_too_long_can_be_picked(town: Town) -> None:
    prompt, slow = repair(town), repair(town)
    town.desk.do(visit, prompt, "看过了", by=PREPARER)
    town.office.clock.forward(hours=4, minutes=1)
    for path, who in (("/inquiries?state=slow", ""), ("/office/inquiries?slow=1", "supervisor")):
        page = plain(town.see(path, who))
        assert f"第 {slow} 号" in page
        assert f"第 {prompt} 号" not in page
    found = town.office.anyone().get(f"/api/v1/communities/{town.office.slug}/inquiries?state=slow").json()
    assert [item["no"] for item in found["items"]] == [slow]


def test_the_api_says_the_same(town: Town) -> None:
    no, client = repair(town), town.office.anyone()
    town.office.clock.forward(hours=4, minutes=1)
    found = client.get(f"/api/v1/communities/{town.office.slug}/inquiries").json()
    (item,) = found["items"]
    assert (item["no"], item["response_hours"], item["response_late"]) == (no, 4, True)
    assert found["numbers"]["slow_repairs"] == 1


def test_the_asker_and_the_desk_see_the_moment_before_it_comes(town: Town) -> None:
    no, day = repair(town), town.desk.today
    for path in ("/office/inquiries", f"/office/inquiries/{no}"):
        assert f"{day:%Y-%m-%d} 14:00 前" in plain(town.see(path, "supervisor"))
    assert f"{day.year}年{day.month}月{day.day}日 14:00 前有人响应" in plain(
        town.see("/mine/inquiries", "resident")
    )
    own = plain(town.see(f"/mine/inquiries/{no}", "resident"))
    assert f"答应有人响应的时间：{day.year}年{day.month}月{day.day}日 14:00 前。" in own
    assert "响应超时" not in own


@pytest.mark.parametrize("width", [390, 1280])
def test_what_nobody_came_to_stands_out_for_the_asker_and_the_desk(
    browser: Browser, served: tuple[str, Town], width: int
) -> None:
    address, town = served
    no = repair(town)
    town.office.clock.forward(hours=4, minutes=1)
    for role, path in (("supervisor", "/office/inquiries"), ("resident", "/mine/inquiries")):
        context = browser.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        page.goto(address + town.base + path)
        log_in(page, town.office.person(role).account, PASSWORD)
        if role == "supervisor":
            set_up_phone(page, town.office.clock())
        for late in (path, f"{path}/{no}"):
            page.goto(address + town.base + late)
            expect(page.locator("main")).to_contain_text("响应超时")
            expect(page.locator("main")).to_contain_text("14:00 前" if role == "supervisor" else SLOW)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), late
        context.close()

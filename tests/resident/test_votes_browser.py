"""Voting with a thumb: the whole way on a phone, the receipt checked in the browser; and paper by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from disclosure.signing import Keys, sign_pending
from ledger.resolutions.course import draft_resolution, give_notice, record_motion
from ledger.resolutions.opening import open_vote
from ledger.resolutions.value import Draft, Item, Motion, Notice
from ledger.store.engine import writing
from tests.browsing import follow, log_in, set_up_phone
from tests.ledger.books import act
from tests.office.conftest import PASSWORD, signing_office
from tests.office.votes import CLOSES, LIFT, NOTICED, OPENS, Vote, register_owners
from tests.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.db("sqlite")


@pytest.fixture
def vote(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[tuple[str, Vote]]:
    """An open vote on a real port, its log signed."""
    site = signing_office(engine, database_url, tmp_path, NOTICED)
    register_owners(site)
    made = Vote(site)
    made.number = open_directly(made)
    site.clock.to(OPENS)
    with serving(site.app) as address:
        yield address, made


def open_directly(vote: Vote) -> str:
    """Draft, motion, notice and opening without a browser."""
    site = vote.office
    chair, trust_id = site.actor("chair"), site.trust_id
    draft = Draft("更换 3 栋电梯", "两部电梯已用二十年。", (Item(LIFT, "use_maintenance_fund"),))
    with writing(site.engine) as conn:
        number = draft_resolution(conn, trust_id, draft, chair, act(NOTICED))
        record_motion(conn, trust_id, number, Motion("committee", NOTICED), chair, act(NOTICED))
        told = Notice(OPENS, CLOSES, "公告栏", "书面告知居委会")
        give_notice(conn, trust_id, number, told, chair, act(NOTICED))
        open_vote(conn, trust_id, number, chair, act(OPENS))
    return number


def listening(page: Page) -> list[str]:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    return problems


def test_a_resident_votes_on_a_phone_and_checks_the_receipt(browser: Browser, vote: tuple[str, Vote]) -> None:
    address, made = vote
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    problems = listening(page)
    code = made.code("1-101")
    page.goto(f"{address}/c/trust-1/mine/votes/{made.number}?code={code}")
    log_in(page, "resident-1", PASSWORD)
    expect(page.locator("[name=code]"), "after the log-in one is back at the ballot").to_have_value(code)
    for choice in page.locator("label.choice").all():
        box = choice.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] > 300
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    submit = page.locator("main button[type=submit]")
    page.tap("label.choice:has-text('反对')")
    follow(submit, tap=True)
    expect(page.locator(".vote-said")).to_have_text("反对")
    follow(page.locator("button:has-text('确认投出')"), tap=True)
    expect(page).to_have_url(re.compile(r"/receipt\?voter="))
    receipt = page.locator("pre.note").inner_text()
    assert made.channels() == ["online"]
    sign_pending(
        made.office.engine, Keys(made.office.config), made.office.clock
    )  # at once, not in half a second
    follow(page.locator("a:has-text('核对回执')"), tap=True)
    for text, verdict in ((receipt, "一致"), (receipt.replace("against", "agree"), "不一致")):
        page.fill("textarea", text)
        submit.tap()
        expect(page.locator("[data-verdict] strong")).to_have_text(verdict)
    assert problems == []
    page.close()
    context = browser.new_context(java_script_enabled=False)
    without = context.new_page()
    without.goto(f"{address}/c/trust-1/resolutions/{made.number}/receipt")
    without.fill("textarea", receipt)
    follow(without.locator("main button[type=submit]"))
    expect(without.locator("[data-verdict] strong")).to_have_text("一致")
    context.close()


def test_paper_ballots_go_in_without_the_mouse(browser: Browser, vote: tuple[str, Vote]) -> None:
    address, made = vote
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    problems = listening(page)
    page.goto(f"{address}/login?next={made.office.path()}")
    log_in(page, "committee-1", PASSWORD)
    set_up_phone(page, made.office.clock.now)
    page.goto(f"{address}{made.path('/ballots')}")
    expect(page.locator("[name=unit_1]")).to_be_focused()
    page.keyboard.type("1-101")
    page.keyboard.press("Enter")
    page.keyboard.type("1")
    page.keyboard.type("1-102")
    page.keyboard.press("Enter")
    page.keyboard.type("2")
    expect(page.locator("[name=unit_3]"), "a figure goes on to the next row").to_be_focused()
    expect(page.locator("[name=c_2_1]")).to_have_value("2")
    page.focus("[name=c_20_1]")
    page.keyboard.type("3")
    expect(page.locator("[name=unit_21]"), "the table grows").to_be_focused()
    page.fill("[name=c_20_1]", "")
    follow(page.locator("button:has-text('提交这些选票')"))
    expect(page.locator(".notice.good")).to_contain_text("这次录入 2 张")
    assert problems == []
    page.close()

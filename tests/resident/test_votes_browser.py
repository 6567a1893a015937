"""Voting with a thumb: the whole way on a phone, the receipt checked in the browser; and paper by keyboard."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pyotp
import pytest
import uvicorn
from litestar.testing import TestClient
from sqlalchemy import Engine

from disclosure.app import create_app
from disclosure.config import Config
from ledger.log.keys import create_key
from ledger.resolutions.course import draft_resolution, give_notice, record_motion
from ledger.resolutions.opening import open_vote
from ledger.resolutions.value import Draft, Item, Motion, Notice
from ledger.store.engine import writing
from tests.ledger.books import act, open_books
from tests.office.conftest import CHEAP, PASSWORD, Clock, OfficeSite, settle
from tests.office.votes import CLOSES, LIFT, NOTICED, OPENS, Vote, register_owners

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.db("sqlite")


@pytest.fixture
def vote(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[tuple[str, Vote]]:
    """An open vote on a real port, its log signed."""
    books = open_books(engine)
    config = Config(tmp_path, database_url, "http://127.0.0.1", password_cost=CHEAP)
    create_key(config.key_path("trust-1"), Random(1).randbytes)
    clock = Clock(NOTICED)
    app = create_app(config, now=clock)
    site = OfficeSite(app, config, engine, books, clock, settle(books), TestClient(app))
    register_owners(site)
    made = Vote(site)
    made.number = open_directly(made)
    clock.to(OPENS)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", made
    server.should_exit = True
    thread.join()


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
    page.fill("[name=account]", "resident-1")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    assert page.input_value("[name=code]") == code, "after the log-in one is back at the ballot"
    for choice in page.locator("label.choice").all():
        box = choice.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] > 300
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.tap("label.choice:has-text('反对')")
    page.tap("main button[type=submit]")
    assert page.locator(".vote-said").inner_text() == "反对"
    page.tap("button:has-text('确认投出')")
    page.wait_for_url("**/receipt?voter=*")
    receipt = page.locator("pre.note").inner_text()
    assert made.channels() == ["online"]
    page.wait_for_function("async () => (await fetch('/c/trust-1/log/checkpoint')).ok", timeout=10_000)
    page.tap("a:has-text('核对回执')")
    page.fill("textarea", receipt)
    page.tap("main button[type=submit]")
    verdict = page.locator("[data-verdict] strong")
    for _ in range(50):
        if verdict.count() and verdict.inner_text() == "一致":
            break
        page.wait_for_timeout(200)
        page.tap("main button[type=submit]")
    assert verdict.inner_text() == "一致"
    page.fill("textarea", receipt.replace("against", "agree"))
    page.tap("main button[type=submit]")
    page.locator(".verdict.bad").wait_for()
    problems = [text for text in problems if "404" not in text]  # the proof, before the log was signed
    assert problems == []
    without = browser.new_context(java_script_enabled=False).new_page()
    without.goto(f"{address}/c/trust-1/resolutions/{made.number}/receipt")
    without.fill("textarea", receipt)
    without.click("main button[type=submit]")
    assert without.locator("[data-verdict] strong").inner_text() == "一致"


def test_paper_ballots_go_in_without_the_mouse(browser: Browser, vote: tuple[str, Vote]) -> None:
    address, made = vote
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    problems = listening(page)
    log_in(page, address, made)
    page.goto(f"{address}{made.path('/ballots')}")
    page.wait_for_function("document.activeElement.name === 'unit_1'")
    page.keyboard.type("1-101")
    page.keyboard.press("Enter")
    page.keyboard.type("1")
    page.keyboard.type("1-102")
    page.keyboard.press("Enter")
    page.keyboard.type("2")
    assert page.evaluate("document.activeElement.name") == "unit_3", "a figure goes on to the next row"
    assert page.input_value("[name=c_2_1]") == "2"
    page.focus("[name=c_20_1]")
    page.keyboard.type("3")
    assert page.evaluate("document.activeElement.name") == "unit_21", "the table grows"
    page.fill("[name=c_20_1]", "")
    page.click("button:has-text('提交这些选票')")
    assert "这次录入 2 张" in page.locator(".notice.good").inner_text()
    assert problems == []


def log_in(page: Page, address: str, made: Vote) -> None:
    page.goto(f"{address}/login?next={made.office.path()}")
    page.fill("[name=account]", "committee-1")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    secret = re.sub(r"\s", "", page.locator("code.secret").inner_text())
    page.fill("[name=code]", pyotp.TOTP(secret).at(made.office.clock.now))
    page.click("main button[type=submit]")
    page.wait_for_load_state()

"""An inspection on a phone in a cellar: filled in without a network, kept, sent once when the network is back."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
import uvicorn
from litestar.testing import TestClient

from disclosure.app import create_app
from disclosure.config import Config
from ledger.log.keys import create_key
from ledger.registers import Inspection, keep_row, list_inspections
from ledger.store.engine import open_engine, reading, writing
from ledger.store.migrate import migrate
from tests.axe import violations
from tests.inquiries.desk import PARTY, PREPARER
from tests.ledger.books import TODAY, act, open_books
from tests.office.conftest import CHEAP, PASSWORD, Clock, OfficeSite, settle
from tests.registers.town import ROUND, picture, some_of_everything

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.db("sqlite")
LOSE_ANSWERS = """() => {
  const real = window.fetch;
  window.fetch = async (address, what) => {
    const answer = await real(address, what);
    if (what.method === "POST") throw new TypeError("the network broke off");
    return answer;
  };
}"""


@dataclass
class Served:
    """A site on a real port."""

    address: str
    office: OfficeSite

    def inspections(self) -> list[Inspection]:
        with reading(self.office.engine) as conn:
            return list_inspections(conn, self.office.trust_id)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("inspected")
    url = f"sqlite:///{folder / 'books.db'}"
    migrate(url)
    books = open_books(open_engine(url))
    config = Config(folder, url, "http://127.0.0.1", password_cost=CHEAP)
    create_key(config.key_path("trust-1"), Random(1).randbytes)
    clock = Clock(TODAY)
    app = create_app(config, now=clock)
    office = OfficeSite(app, config, books.engine, books, clock, settle(books), TestClient(app))
    with writing(books.engine) as conn:
        keep_row(conn, 1, ROUND, TODAY, PREPARER, act())
        some_of_everything(conn, 1, TODAY, PARTY, PREPARER, act())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    yield Served(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", office)
    server.should_exit = True
    thread.join()
    books.engine.dispose()


def log_in(page: Page, served: Served) -> None:
    """The Party committee's people need no second factor to go round."""
    page.get_by_label("账号").fill(served.office.person("party").account)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def open_form(context: BrowserContext, served: Served) -> Page:
    page = context.new_page()
    page.goto(served.address + served.office.path("/inspections"))
    log_in(page, served)
    page.get_by_role("link", name="开始检查：每日巡查").click()
    return page


def fill(page: Page, folder: Path, words: str) -> None:
    photo = folder / "phone.jpg"
    photo.write_bytes(picture())
    for point, answer in (("1．", "合格"), ("2．", "不合格"), ("3．", "合格")):
        page.get_by_role("group", name=re.compile(point)).get_by_label(answer, exact=True).check()
    page.get_by_label("第 2 点：哪里不对").fill(words)
    page.get_by_label("第 2 点：拍一张").set_input_files(photo)
    page.get_by_role("button", name="提交检查").click()


def test_what_was_seen_without_a_network_is_in_the_books_once(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    before = len(served.inspections())
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = open_form(context, served)
    context.set_offline(True)
    fill(page, tmp_path, "地下二层有积水")
    status = page.locator("[data-inspections]")
    status.get_by_text("这部手机里还有 1 次检查没有发出").wait_for()
    status.get_by_role("button", name="现在发送").click()
    status.get_by_text("现在没有网络").wait_for()
    assert len(served.inspections()) == before
    assert page.get_by_label("第 2 点：哪里不对").input_value() == "", "another can be begun"
    context.set_offline(False)
    status.get_by_text("已发送 1 次检查").wait_for()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.goto(served.address + served.office.path("/inspections"))
    page.wait_for_load_state("networkidle")
    assert page.locator("[data-inspections]").is_hidden()
    found = served.inspections()
    assert len(found) == before + 1
    point = found[0].points[1]
    assert (point.ok, point.words, bool(point.redacted)) == (False, "地下二层有积水", True)
    context.close()


def test_an_answer_that_was_lost_on_the_way_does_no_harm(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    before = len(served.inspections())
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = open_form(context, served)

    page.evaluate(LOSE_ANSWERS)
    fill(page, tmp_path, "回音丢了")
    page.locator("[data-inspections]").get_by_text("没有发出").wait_for()
    assert len(served.inspections()) == before + 1, "it did arrive"
    page.reload()
    page.locator("[data-inspections]").get_by_text("已发送 1 次检查").wait_for()
    assert len(served.inspections()) == before + 1
    context.close()


def test_somebody_elses_inspection_is_not_sent_in_ones_own_name(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    before = len(served.inspections())
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = open_form(context, served)
    context.set_offline(True)
    fill(page, tmp_path, "别人填的")
    page.locator("[data-inspections]").get_by_text("没有发出").wait_for()
    context.set_offline(False)
    context.clear_cookies()
    page.goto(served.address + served.office.path("/inspections"))
    page.get_by_label("账号").fill(served.office.person("committee").account)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_load_state("networkidle")
    assert len(served.inspections()) == before
    context.close()


def test_with_a_network_it_is_sent_at_once_with_or_without_a_script(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    for scripts in (True, False):
        before = len(served.inspections())
        context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
        page = open_form(context, served)
        fill(page, tmp_path, "有网络")
        page.get_by_text("已登记，1 处不合格").wait_for()
        assert page.get_by_role("img", name="第 2 点的照片").is_visible()
        assert len(served.inspections()) == before + 1
        context.close()


PAGES = (
    "{0}/registers",
    "{0}/registers/posts",
    "{0}/registers/activities/1",
    "{0}/registers/checklists/1",
    "{0}/inspections",
    "{0}/inspections/new?checklist=1",
    "{0}/inspections/1",
    "{1}/registers",
    "{1}/registers/inspections/1",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_in_order(browser: Browser, served: Served, scheme: str) -> None:
    for width in (390, 1280) if scheme == "light" else (390,):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(served.address + served.office.path("/registers"))
        log_in(page, served)
        for path in PAGES:
            page.goto(served.address + path.format(served.office.path(), f"/c/{served.office.slug}"))
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
            assert violations(page) == [], page.url
        context.close()

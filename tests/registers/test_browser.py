"""An inspection on a phone in a cellar: filled in without a network, kept, sent once when the network is back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import expect

from ledger.people.members import grant, revoke
from ledger.people.roles import Role
from ledger.registers import Inspection, Point, keep_row, list_inspections
from ledger.registers.inspecting import OLDEST
from ledger.store.engine import open_engine, reading, writing
from ledger.store.migrate import migrate
from tests.axe import violations
from tests.browsing import follow, log_in, set_up_phone
from tests.inquiries.desk import PARTY, PREPARER
from tests.ledger.books import TODAY, act
from tests.office.conftest import PASSWORD, OfficeSite, signing_office
from tests.registers.town import ROUND, picture, some_of_everything
from tests.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

pytestmark = pytest.mark.db("sqlite")
ROUND_AGAIN = replace(ROUND, points=(Point("clean", "楼梯间"), *ROUND.points))
LOSE_ANSWERS = """() => {
  const real = window.fetch;
  window.fetch = async (address, what) => {
    const answer = await real(address, what);
    if (what.method === "POST") throw new TypeError("the network broke off");
    return answer;
  };
}"""
WAITING = """async () => {
  const done = (asked) => new Promise((yes, no) => {
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
  const kept = await done(indexedDB.open("mingzhang-inspections", 1));
  try { return await done(kept.transaction("waiting").objectStore("waiting").count()); } finally { kept.close(); }
}"""
"""How many inspections wait in this browser. The script of the page has opened its store once this answers."""


@dataclass
class Served:
    """A site on a real port."""

    address: str
    office: OfficeSite

    @property
    def page(self) -> str:
        """Where inspections begin."""
        return self.address + self.office.path("/inspections")

    def inspections(self) -> list[Inspection]:
        with reading(self.office.engine) as conn:
            return list_inspections(conn, self.office.trust_id)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("inspected")
    url = f"sqlite:///{folder / 'books.db'}"
    migrate(url)
    office = signing_office(open_engine(url), url, folder)
    with writing(office.engine) as conn:
        keep_row(conn, 1, ROUND, TODAY, PREPARER, act())
        some_of_everything(conn, 1, TODAY, PARTY, PREPARER, act())
    with serving(office.app) as address:
        yield Served(address, office)
    office.engine.dispose()


def log_in_as(page: Page, served: Served, role: str = "party") -> None:
    """The Party committee's people need no second factor to go round."""
    log_in(page, served.office.person(role).account, PASSWORD)


def begin(page: Page) -> None:
    """Open the form of the daily round."""
    follow(page.get_by_role("link", name="开始检查：每日巡查"))


@contextmanager
def on_a_phone(browser: Browser, served: Served, **more: Any) -> Iterator[tuple[BrowserContext, Page]]:
    """The form of the daily round, opened on a phone by somebody of the Party committee."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, **more)
    page = context.new_page()
    page.goto(served.page)
    log_in_as(page, served)
    begin(page)
    yield context, page
    context.close()


def fill(page: Page, folder: Path, words: str) -> None:
    photo = folder / "phone.jpg"
    photo.write_bytes(picture())
    for point, answer in (("1．", "合格"), ("2．", "不合格"), ("3．", "合格")):
        page.get_by_role("group", name=re.compile(point)).get_by_label(answer, exact=True).check()
    page.get_by_label("第 2 点：哪里不对").fill(words)
    page.get_by_label("第 2 点：拍一张").set_input_files(photo)
    page.get_by_role("button", name="提交检查").click()


def without_a_network(phone: BrowserContext, page: Page, folder: Path, words: str) -> None:
    """Filled in where there is none, once the script of the page is ready for it."""
    page.evaluate(WAITING)
    phone.set_offline(True)
    fill(page, folder, words)
    told = "已存在这部手机里。 这部手机里还有 1 次检查没有发出"
    expect(page.locator("[data-inspections]")).to_contain_text(told)


def test_what_was_seen_without_a_network_is_in_the_books_once(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    before = len(served.inspections())
    with on_a_phone(browser, served) as (phone, page):
        without_a_network(phone, page, tmp_path, "地下二层有积水")
        status = page.locator("[data-inspections]")
        status.get_by_role("button", name="现在发送").click()
        expect(status).to_contain_text("现在没有网络。 这部手机里还有 1 次检查没有发出")
        assert len(served.inspections()) == before
        expect(page.get_by_label("第 2 点：哪里不对"), "another can be begun").to_have_value("")
        phone.set_offline(False)
        expect(status).to_contain_text("已发送 1 次检查")
        assert page.evaluate(WAITING) == 0, "nothing is left to send again"
        page.goto(served.page)
        assert page.evaluate(WAITING) == 0
        expect(page.locator("[data-inspections]")).to_be_hidden()
    found = served.inspections()
    assert len(found) == before + 1
    point = found[0].points[1]
    assert (point.ok, point.words, bool(point.redacted)) == (False, "地下二层有积水", True)


def test_an_answer_that_was_lost_on_the_way_does_no_harm(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    before = len(served.inspections())
    with on_a_phone(browser, served) as (_, page):
        assert page.evaluate(WAITING) == 0
        page.evaluate(LOSE_ANSWERS)
        fill(page, tmp_path, "回音丢了")
        status = page.locator("[data-inspections]")
        expect(status).to_contain_text("没有发出")
        assert len(served.inspections()) == before + 1, "it did arrive"
        page.reload()
        expect(status).to_contain_text("已发送 1 次检查")
    assert len(served.inspections()) == before + 1


def test_somebody_elses_inspection_is_not_sent_in_ones_own_name(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    before = len(served.inspections())
    with on_a_phone(browser, served) as (phone, page):
        without_a_network(phone, page, tmp_path, "别人填的")
        page.goto("about:blank")
        phone.set_offline(False)
        phone.clear_cookies()
        page.goto(served.page)
        log_in_as(page, served, "committee")
        set_up_phone(page, served.office.clock.now)
        page.goto(served.page)
        begin(page)
        without_a_network(phone, page, tmp_path, "自己填的")
        assert page.evaluate(WAITING) == 2
        phone.set_offline(False)
        told = "all that can be sent is"
        expect(page.locator("[data-inspections]"), told).to_have_text("已发送 1 次检查。")
        assert page.evaluate(WAITING) == 1, "the other is kept for who filled it in"
    found = served.inspections()
    assert (len(found), found[0].points[1].words) == (before + 1, "自己填的")


def test_with_a_network_it_is_sent_at_once_with_or_without_a_script(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    for scripts in (True, False):
        before = len(served.inspections())
        with on_a_phone(browser, served, java_script_enabled=scripts) as (_, page):
            fill(page, tmp_path, "有网络")
            page.get_by_text("已登记，1 处不合格").wait_for()
            expect(page.get_by_role("img", name="第 2 点的照片")).to_be_visible()
        assert len(served.inspections()) == before + 1


def test_what_the_site_refuses_is_put_right_on_the_phone_and_sent(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    """It was seen too long ago; the checklist has another version since, and the form is that of its own."""
    before, long_ago = len(served.inspections()), (TODAY - timedelta(days=OLDEST + 10)).isoformat()
    with on_a_phone(browser, served) as (phone, page):
        page.get_by_label("检查日期").fill(long_ago)
        without_a_network(phone, page, tmp_path, "日期写错了")
        phone.set_offline(False)
        status = page.locator("[data-inspections]")
        expect(status).to_contain_text(f"{long_ago}）没有收下：检查日期应在今天以前的 30 天之内")
        expect(status.get_by_role("button", name="现在发送")).to_have_count(0)
        with writing(served.office.engine) as conn:
            keep_row(conn, 1, ROUND_AGAIN, TODAY, PREPARER, act(), no=1)
        page.goto(served.page)
        expect(status).to_have_text(re.compile("^有 1 次检查网站没有收下，还存在这部手机里"))
        assert violations(page) == []
        follow(status.get_by_role("button", name="打开改正"))
        expect(status).to_contain_text("下面是没有收下的那一次")
        expect(page.get_by_label("第 2 点：哪里不对")).to_have_value("日期写错了")
        expect(
            page.get_by_role("group", name=re.compile("2．")).get_by_label("不合格", exact=True)
        ).to_be_checked()
        expect(page.get_by_role("button", name="去掉这张照片")).to_have_count(1)
        with writing(served.office.engine) as conn:
            keep_row(conn, 1, ROUND, TODAY, PREPARER, act(), no=1)
        page.get_by_label("检查日期").fill(TODAY.isoformat())
        follow(page.get_by_role("button", name="提交检查"))
        expect(page.get_by_text("已登记，1 处不合格")).to_be_visible()
        assert page.evaluate(WAITING) == 0
    found = served.inspections()
    assert len(found) == before + 1
    assert (found[0].held_on, found[0].version, found[0].points[1].words) == (TODAY, 1, "日期写错了")
    assert found[0].points[1].redacted, "with its picture"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (400, "内容不完整或读不懂"),
        (403, "这个账号没有权限。请联系管理账号的人，有了权限再发一次"),
        (413, "照片太多或太大。请去掉几张照片再提交"),
    ],
)
def test_a_refusal_that_no_waiting_mends_is_shown_and_sent_again_or_thrown_away_when_asked(
    browser: Browser, served: Served, tmp_path: Path, code: int, said: str
) -> None:
    """As a proxy answers, whose pages have no words of ours."""
    before, tries = len(served.inspections()), []

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            tries.append(route.request.url)
            route.fulfill(status=code, content_type="text/html", body="<h1>no</h1>")
        else:
            route.continue_()

    with on_a_phone(browser, served) as (phone, page):
        phone.route("**/inspections/new", refuse)
        without_a_network(phone, page, tmp_path, "没有收下")
        phone.set_offline(False)
        status = page.locator("[data-inspections]")
        expect(status).to_contain_text(f"没有收下：{said}")
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.reload()
        expect(status).to_contain_text(f"没有收下：{said}")
        assert len(tries) == 1, "it is not sent again and again"
        phone.clock.set_fixed_time(datetime(TODAY.year, TODAY.month, TODAY.day, 14, 57))  # noqa: DTZ001
        status.get_by_role("button", name="再发一次").click()
        expect(status, "a second refusal does not look like nothing").to_contain_text(
            f"又没有收下（14:57）：{said}"
        )
        assert len(tries) == 2
        phone.unroute("**/inspections/new", refuse)
        status.get_by_role("button", name="再发一次").click()
        expect(status).to_contain_text("已发送 1 次检查")
        assert len(served.inspections()) == before + 1
        phone.route("**/inspections/new", refuse)
        fill(page, tmp_path, "这次不要了")
        expect(status).to_contain_text(f"没有收下：{said}。填的都在，请改好后再提交；也已存在这部手机里")
        expect(page.get_by_label("第 2 点：哪里不对")).to_have_value("这次不要了")
        page.reload()
        page.on("dialog", lambda dialog: dialog.accept())
        status.get_by_role("button", name="从手机里删掉").click()
        expect(status).to_be_hidden()
        assert page.evaluate(WAITING) == 0
    assert len(served.inspections()) == before + 1


def test_who_may_go_round_no_more_is_told_so_and_keeps_what_was_seen(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    before, person = len(served.inspections()), served.office.person("party").person
    with on_a_phone(browser, served) as (phone, page):
        without_a_network(phone, page, tmp_path, "身份到期")
        with writing(served.office.engine) as conn:
            revoke(conn, 1, person, Role.PARTY, by="测试", act=act())
        phone.set_offline(False)
        status = page.locator("[data-inspections]")
        expect(status).to_contain_text("有了权限再发一次")
        assert len(served.inspections()) == before
        with writing(served.office.engine) as conn:
            grant(conn, 1, person, Role.PARTY, by="测试", act=act())
        status.get_by_role("button", name="再发一次").click()
        expect(status).to_contain_text("已发送 1 次检查")
    assert len(served.inspections()) == before + 1


def test_a_form_left_open_overnight_takes_the_new_day(browser: Browser, served: Served) -> None:
    evening = datetime(TODAY.year, TODAY.month, TODAY.day, 15, 59, tzinfo=UTC)
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    with on_a_phone(browser, served) as (phone, page):
        phone.clock.set_fixed_time(evening)
        day, words = page.get_by_label("检查日期"), page.get_by_label("第 1 点：哪里不对")
        words.focus()
        expect(day).to_have_attribute("max", TODAY.isoformat())
        phone.clock.set_fixed_time(evening + timedelta(minutes=2))
        day.focus()
        expect(day).to_have_attribute("max", tomorrow)
        day.fill(tomorrow)
        assert day.evaluate("input => input.validity.valid")
        phone.clock.set_fixed_time(evening - timedelta(days=900))
        words.focus()
        expect(day, "a phone that is behind").to_have_attribute("max", TODAY.isoformat())


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
        log_in_as(page, served)
        for path in PAGES:
            page.goto(served.address + path.format(served.office.path(), f"/c/{served.office.slug}"))
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
            assert violations(page) == [], page.url
        context.close()

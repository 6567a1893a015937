"""A question nobody answers: asked on a phone with a picture, up two levels by itself, answered, rated, and counted."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from disclosure.escalating import Escalator
from ledger.evaluation.course import measured
from ledger.evaluation.measures import Window
from ledger.evaluation.scheme import default_scheme
from ledger.evaluation.score import RuleScore, score
from ledger.inquiries import accept, answer, publish, read_inquiry
from ledger.inquiries.model import COMMUNITY, STREET, TRUSTEE
from ledger.inquiries.pictures import Chosen, draw_chosen
from ledger.journal.head import peek_head
from ledger.periods.spans import span_of, year_of
from tests.inquiries.desk import COMMITTEE, PARTY, PUBLIC
from tests.inquiries.test_pages_browser import PHONE, log_in
from tests.inquiries.test_publishing import photo
from tests.inquiries.town import ANSWER, Town

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.db("sqlite")


def ask_on_the_phone(page: Page, address: str, town: Town, picture: Path) -> None:
    page.goto(f"{address}{town.base}/entries/{town.desk.ref}")
    page.get_by_role("link", name="问这一笔").click()
    log_in(page, town)
    page.get_by_label("想问什么").fill("这一笔的清单在哪里看？照片是公示栏。")
    page.get_by_label("从相册里选").set_input_files(picture)
    page.get_by_role("button", name="提交").click()
    assert "编号是第 1 号" in page.get_by_role("status").inner_text()
    assert page.get_by_role("img", name="第 1 张照片").is_visible()


def nobody_answers(town: Town) -> list[int]:
    """Day after day the clock goes on, and the system looks every hour; the level at the end of each day."""
    escalator = Escalator(town.office.engine, town.office.clock)
    levels = []
    for _ in range(30):
        town.office.clock.forward(days=1)
        escalator()
        levels.append(town.desk.state(1).level)
    return levels


def the_street_answers(town: Town) -> None:
    """The Party committee takes it on and answers; then the committee makes it public, with the picture."""
    desk = town.desk
    desk.today = town.office.clock().date()
    desk.do(accept, 1, by=PARTY)
    desk.do(answer, 1, ANSWER, by=PARTY)
    place = town.office.config.documents_dir
    with desk.writing() as (conn, trust_id, act):
        file = read_inquiry(conn, trust_id, 1)
        (picture,) = file.pictures[1]
        answered = next(step.no for step in file.steps if step.kind == "answered")
        drawn = draw_chosen(conn, trust_id, place, 1, [Chosen(1, picture.picture)])
        publish(conn, trust_id, 1, 1, PUBLIC, COMMITTEE, act, redacted=drawn, location=place)
        publish(conn, trust_id, 1, answered, ANSWER, COMMITTEE, act)


def rules_of(town: Town, day: date) -> dict[tuple[str, str], RuleScore]:
    """What the default scheme makes of the year of a day."""
    span = span_of(year_of(day.year * 100 + day.month))
    with town.desk.reading() as (conn, trust_id):
        window = Window(span.first, span.last, town.office.clock(), peek_head(conn, trust_id).tree.size)
        found = measured(conn, trust_id, default_scheme(), window)
    scores = score(default_scheme(), {(one.indicator, one.rule): one.found for one in found})
    return {
        (one.indicator.code, rule.rule.code): rule
        for half in (scores.service, scores.party)
        for one in half.indicators
        for rule in one.rules
    }


def test_a_question_goes_up_twice_is_answered_and_rated_and_costs_points(
    browser: Browser, served: tuple[str, Town], tmp_path: Path
) -> None:
    address, town = served
    asked_on = town.office.clock().date()
    picture = tmp_path / "phone.jpg"
    picture.write_bytes(photo())
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    ask_on_the_phone(page, address, town, picture)

    levels = nobody_answers(town)
    assert sorted(set(levels)) == [TRUSTEE, COMMUNITY, STREET]
    assert levels == sorted(levels), "it never comes down again"
    assert [(kind, level) for kind, level, _ in town.desk.by_system(1)] == [
        ("escalated", COMMUNITY),
        ("escalated", STREET),
    ]

    page.goto(f"{address}{town.base}/mine/inquiries/1")
    if page.get_by_label("密码").count():
        log_in(page, town)
        page.goto(f"{address}{town.base}/mine/inquiries/1")
    assert "街道" in page.locator("main").inner_text()

    the_street_answers(town)
    page.reload()
    page.get_by_label("满意", exact=True).check()
    page.get_by_role("button", name="提交评价").click()
    assert "过几天会回访一次" in page.get_by_role("status").inner_text()

    page.goto(f"{address}{town.base}/entries/{town.desk.ref}")
    talk = page.get_by_role("region", name="问答")
    assert "1 人问过" in talk.inner_text()
    assert ANSWER in talk.inner_text()
    talk.get_by_role("link", name="第 1 号").first.click()
    assert page.get_by_role("main").get_by_role("img").count() == 1
    context.close()

    town.office.clock.to(date(asked_on.year + 1, 1, 5))
    rules = rules_of(town, asked_on)
    for key, days in ((("S7", "answers"), 4), (("P4", "raised"), 2)):
        assert (rules[key].rated, rules[key].lost) == (True, 1_00), key
        (item,) = rules[key].found.items
        first_late = asked_on + timedelta(days=days)
        assert (item.on, item.page) == (first_late, "/inquiries/1")
    assert rules["P4", "again"].lost == 0

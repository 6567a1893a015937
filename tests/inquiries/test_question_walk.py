"""A question nobody answers: asked on a phone with a picture, up two levels by itself, answered, rated, and counted."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

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
from tests.browsing import follow
from tests.inquiries.desk import COMMITTEE, PUBLIC, STREETS
from tests.inquiries.test_pages_browser import PHONE, as_resident, ask, rate, read_answer
from tests.inquiries.town import ANSWER, Town

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.db("sqlite")


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
    """The street takes it on and answers; then the committee makes it public, with the picture."""
    desk = town.desk
    desk.today = town.office.clock().date()
    desk.do(accept, 1, by=STREETS)
    desk.do(answer, 1, ANSWER, by=STREETS)
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
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    ask(page, address, town, "这一笔的清单在哪里看？照片是公示栏。", tmp_path / "phone.jpg")

    levels = nobody_answers(town)
    assert sorted(set(levels)) == [TRUSTEE, COMMUNITY, STREET]
    assert levels == sorted(levels), "it never comes down again"
    assert [(kind, level) for kind, level, _ in town.desk.by_system(1)] == [
        ("escalated", COMMUNITY),
        ("escalated", STREET),
    ]

    page.goto(f"{address}{town.base}/mine/inquiries/1")
    if page.get_by_label("密码").count():
        as_resident(page, town)
        page.goto(f"{address}{town.base}/mine/inquiries/1")
    expect(page.locator("main")).to_contain_text("街道", use_inner_text=True)

    the_street_answers(town)
    page.reload()
    rate(page)
    talk = read_answer(page, address, town)
    follow(talk.get_by_role("link", name="第 1 号").first)
    expect(page.get_by_role("main").get_by_role("img")).to_have_count(1)
    context.close()

    town.office.clock.to(date(asked_on.year + 1, 1, 5))
    rules = rules_of(town, asked_on)
    for key, days in ((("S7", "answers"), 4), (("P4", "raised"), 2)):
        assert (rules[key].rated, rules[key].lost) == (True, 1_00), key
        (item,) = rules[key].found.items
        first_late = asked_on + timedelta(days=days)
        assert (item.on, item.page) == (first_late, "/inquiries/1")
    assert rules["P4", "again"].lost == 0

"""What everybody reads of inquiries: published words beside what they are about, of others nothing but dates."""

from __future__ import annotations

import re

import pytest

from ledger.inquiries import answer, echo, keep_private, note, rate
from tests.inquiries.desk import ASKER, COMMITTEE, NEIGHBOUR, PARTY, PREPARER, PUBLIC, TENANT, WORDS
from tests.inquiries.town import ANSWER, PRIVATE, Town, settle_town
from tests.ledger.books import fee_charge
from tests.office.conftest import OfficeSite, office

__all__ = ["office"]
SECRETS = (PRIVATE, "漏水", "三层", "1-101", "隐情", "私下", "气话", "只关一户", "赵明", "p-zhao", WORDS)
pytestmark = pytest.mark.db("sqlite")


@pytest.fixture
def town(office: OfficeSite) -> Town:
    return settle_town(office)


def plain(page: str) -> str:
    """The words of a page, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_question_and_answer_stand_on_the_page_of_the_entry(town: Town) -> None:
    before = town.see(f"/entries/{town.desk.ref}")
    assert "还没有人问过这一笔" in before
    assert f'href="{town.base}/ask?about=entry:{town.desk.ref}"' in before
    no = town.published()
    town.desk.do(echo, no, by=NEIGHBOUR)
    page = town.see(f"/entries/{town.desk.ref}")
    assert PUBLIC in page
    assert ANSWER in page
    assert "2 人问过" in page
    assert f'href="{town.base}/inquiries/{no}"' in page
    for private in (WORDS, "原话", "赵明"):
        assert private not in page


def test_a_page_a_browser_holds_is_fetched_again_after_somebody_asked_the_same(town: Town) -> None:
    no = town.published()
    client = town.office.anyone()
    others = iter((NEIGHBOUR, TENANT, PARTY))
    for path in (f"/entries/{town.desk.ref}", f"/inquiries/{no}", "/inquiries"):
        held = client.get(town.base + path)
        again = {"if-none-match": held.headers["etag"]}
        assert client.get(town.base + path, headers=again).status_code == 304
        town.desk.do(echo, no, by=next(others))
        assert client.get(town.base + path, headers=again).status_code == 200, path


def test_one_inquiry_shows_its_course_with_posts_and_deadlines_and_its_place_in_the_log(town: Town) -> None:
    no = town.desk.ask()
    assert town.go_on(2) == [no]  # nobody accepted it
    town.desk.do(answer, no, "原话", by=PARTY)
    page = plain(town.see(f"/inquiries/{no}"))
    assert "升级到社区" in page
    assert "社区一级由社区党组织负责人负责" in page
    assert "2025年7月2日" in page
    assert "过期没有响应或没有办好" in page
    published = town.published()
    page = town.see(f"/inquiries/{published}")
    leaves = re.findall(rf'href="({town.base}/log/leaf/\d+)"', page)
    assert len(leaves) == 2
    assert PUBLIC in town.office.anyone().get(leaves[0]).text
    assert ANSWER in town.office.anyone().get(leaves[1]).text


def test_nothing_of_what_is_not_published_is_in_any_public_page(town: Town) -> None:
    no = town.desk.ask(text=PRIVATE, place="8栋三层", unit="1-101")
    kept = town.desk.ask(text=PRIVATE, about_kind="area", about="elevator", place="8栋三层")
    town.desk.do(note, no, "补充的隐情", by=ASKER)
    town.desk.do(answer, no, "私下答复", by=PREPARER)
    town.desk.do(rate, no, False, by=ASKER, text="气话")
    town.desk.do(keep_private, kept, "只关一户", by=COMMITTEE)
    paths = [
        "",
        "/inquiries",
        f"/inquiries/{no}",
        f"/inquiries/{kept}",
        f"/inquiries?about=entry:{town.desk.ref}",
        "/inquiries?about=area:elevator",
        "/inquiries?state=open",
        "/inquiries?words=1",
        f"/entries/{town.desk.ref}",
        "/entries?question=1",
        "/news",
        "/feed",
    ]
    for path in paths:
        page = town.see(path)
        for secret in SECRETS:
            assert secret not in page, (path, secret)
    shown = town.see(f"/inquiries/{kept}")
    assert "文字没有公开" in shown
    assert "电梯" not in plain(shown), "what it is about is not public either"
    assert "不满意" not in plain(town.see(f"/inquiries/{no}"))
    for path in (f"/inquiries?about=entry:{town.desk.ref}", "/inquiries?about=area:elevator"):
        assert "没有符合条件的" in town.see(path), "the filter does not tell either"


def test_the_list_is_filtered_by_kind_level_state_and_subject(town: Town) -> None:
    question = town.published()
    repair = town.desk.ask(kind="repair", about_kind="area", about="elevator")
    found = {
        "": {question, repair},
        "?kind=repair": {repair},
        "?state=open": {repair},
        "?state=answered": {question},
        "?state=late": set(),
        "?words=1": {question},
        "?level=2": set(),
        f"?about=entry:{town.desk.ref}": {question},
        "?kind=nonsense&state=1&level=9&about=x:y&before=z": {question, repair},
        f"?before={repair}": {question},
    }
    for query, numbers in found.items():
        page = town.see("/inquiries" + query)
        assert {int(no) for no in re.findall(r'/inquiries/(\d+)"', page)} == numbers, query
    town.office.clock.forward(days=3)  # and the system has not run
    late = town.see("/inquiries?state=late")
    assert re.findall(r"过期 (\d+) 天", late) == ["3"]
    assert f'/inquiries/{repair}"' in late


def test_numbers_and_chart_say_what_the_books_hold(town: Town) -> None:
    assert "这段时间没有人提出" in town.see("/inquiries")
    first = town.published()
    town.desk.do(rate, first, True, by=ASKER)
    second = town.desk.ask(actor=NEIGHBOUR)
    town.desk.do(answer, second, "私下答复", by=PREPARER)
    town.desk.do(rate, second, False, by=NEIGHBOUR)
    page = plain(town.see("/inquiries"))
    assert "收到 2 件" in page
    assert "满意 1 / 2 件" in page
    assert "按时答复 2 / 2 件" in page
    assert "升到社区、街道 1 件" in page
    assert "2024年7月到2025年6月一共 2 件，没有一件过期" in page
    home = plain(town.see(""))
    assert "正在办 1 件" in home
    assert "过期 0 件" in home
    assert "满意 1 / 2 件" in home


def test_the_list_of_entries_finds_those_with_published_questions(town: Town) -> None:
    town.desk.ask()
    other = town.office.books.post(fee_charge()).ref
    assert "没有符合条件的账目" in town.see("/entries?question=1"), "what is not published is not found"
    town.published(about_kind="area", about="gate")
    assert "没有符合条件的账目" in town.see("/entries?question=1")
    town.published(about_kind="entry", about=town.desk.ref)
    page = town.see("/entries?question=1")
    assert town.desk.ref in page
    assert other not in page
    assert "有公开问答的" in page
    found = town.office.anyone().get(f"/api/v1/communities/{town.office.slug}/entries?question=1").json()
    assert [row["ref"] for row in found["items"]] == [town.desk.ref]


def test_unknown_numbers_are_told_so(town: Town) -> None:
    for no in ("1", "99999999999"):
        assert town.office.anyone().get(f"{town.base}/inquiries/{no}").status_code == 404


def test_the_deadlines_in_force_are_told(town: Town) -> None:
    town.desk.set("inquiry_answer_days", 7)
    town.desk.set("inquiry_duty_trustee", "客服主管")
    page = plain(town.see("/inquiries"))
    assert "答复质询 7 个工作日内" in page
    assert "小区一级 客服主管" in page


def test_programs_read_the_same_and_no_more(town: Town) -> None:
    public = town.published()
    hidden = town.desk.ask(text=PRIVATE, about_kind="area", about="elevator", place="8栋三层", unit="1-101")
    client, root = town.office.anyone(), f"/api/v1/communities/{town.office.slug}/inquiries"
    told = client.get(root).json()
    assert [(item["no"], item["published"]) for item in told["items"]] == [(hidden, False), (public, True)]
    assert (told["numbers"]["asked"], told["numbers"]["answered"]) == (2, 1)
    shown = told["items"][0]
    assert [shown[name] for name in ("about_kind", "about", "question", "rating")] == [None] * 4
    one = client.get(f"{root}/{public}").json()
    assert [said["text"] for said in one["said"]] == [PUBLIC, ANSWER]
    assert client.get(one["said"][0]["leaf"]).status_code == 200
    for path in (root, f"{root}/{hidden}", f"{root}/{public}"):
        text = client.get(path).text
        assert not [secret for secret in (*SECRETS, "elevator") if secret in text], path
    first = client.get(f"{root}?limit=1").json()
    assert [item["no"] for item in client.get(first["next"]).json()["items"]] == [public]
    assert client.get(f"{root}?about=area:elevator").json()["items"] == []
    for query in ("kind=x", "level=4", "about=elevator", "before=x", "nonsense=1"):
        assert client.get(f"{root}?{query}").status_code == 400, query
    assert client.get(f"{root}/99").status_code == 404

"""双百分评价 of many communities on the web: every round, who is late, both scores, down to the evidence."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import update

from disclosure.district import evaluation_indicators, evaluations
from disclosure.district.refresh import Refresher
from disclosure.escalating import Escalator
from ledger.district import keep_summary
from ledger.people import Role
from ledger.people.members import grant, revoke
from ledger.store.engine import writing
from ledger.store.tables import evaluation_now
from tests.district.summaries import made_up
from tests.evaluation.many import many, under_way
from tests.office.conftest import OfficeSite

pytestmark = pytest.mark.db("sqlite")
PATH = "/district/evaluations"
INDICATORS = f"{PATH}/indicators"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is summarised or moved on behind a test's back."""
    monkeypatch.setattr(Refresher, "__call__", lambda _self: None)
    monkeypatch.setattr(Escalator, "__call__", lambda _self: None)


@pytest.fixture
def site(office: OfficeSite) -> OfficeSite:
    """Six more communities with four quarters each; the Party committee's person oversees all but the last."""
    with writing(office.engine) as conn:
        many(conn, 6)
        for n in range(5):
            party = office.person("party").person
            grant(conn, 100 + n, party, Role.PARTY, by="测试", act=office.act())
            where = {"slug": f"t{n}", "name": f"小区{n:04d}"}
            keep_summary(conn, made_up(100 + n, district="东街道" if n < 2 else "西街道", **where))
    return office


def change(office: OfficeSite, n: int, period: int, **values: Any) -> None:
    now = evaluation_now
    with writing(office.engine) as conn:
        one = (now.c.trust_id == 100 + n) & (now.c.period == period)
        conn.execute(update(now).where(one).values(**values))


def slugs(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/c/([^/"]+)', page)


def row(page: str, slug: str) -> str:
    found = re.search(rf'<th scope="row"><a href="/c/{slug}[/"].*?</tr>', page, re.S)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


def test_only_whoever_oversees_communities_comes_in(site: OfficeSite) -> None:
    addresses = (PATH, f"{PATH}.xlsx", f"{PATH}.csv", INDICATORS, f"{INDICATORS}/S1")
    for role in Role:
        for address in addresses:
            answer = site.client(role).get(address)
            assert "t5" not in slugs(answer.text), "nobody was given that one"
            if role in (Role.STREET, Role.SUPERVISOR):
                expected = 404 if address.endswith("/S1") else 200
            else:
                expected = 200 if role is Role.PARTY else 403
            assert answer.status_code == expected, (role, address)
    for address in addresses:
        answer = site.anyone().get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={address}")


def test_who_is_late_stands_first_with_days_and_what_is_waited_for(site: OfficeSite) -> None:
    change(site, 0, 202436, due_on=site.act().today.replace(day=18))
    page = site.client("party").get(PATH).text
    assert slugs(page) == ["t0", "t1", "t2", "t3", "t4", site.slug]
    late = row(page, "t0")
    assert "评分" in late
    assert "超过期限 12 天" in late
    assert "还没评：业主委员会、社区党组织、监督人" in late
    assert "公示前不显示" in late
    assert "1 个超过了期限" in page
    assert "还没有组织" in row(page, site.slug)


def test_both_scores_stand_side_by_side_and_are_never_one(site: OfficeSite) -> None:
    page = site.client("party").get(PATH).text
    shown = row(page, "t1")
    assert re.search(r"物业服务 80\.01 B", shown)
    assert re.search(r"党建引领 70 C 未评 10 分", shown), "what was not rated is said beside the points"
    assert "150.01" not in page
    assert shown.count("物业服务") == 4, "and the three spans before"


def test_a_span_is_picked_and_a_part_of_the_communities(site: OfficeSite) -> None:
    change(site, 1, 202435, appeals=2, stage="preview")
    change(site, 2, 202435, vetoes=1, service_grade="D")
    party = site.client("party")
    page = party.get(f"{PATH}?period=2024-Q3&sort=name").text
    assert re.search(r'<option value="2024-Q3" selected>', page)
    assert slugs(page)[:-1] == ["t0", "t1", "t2", "t3", "t4"]
    assert slugs(party.get(f"{PATH}?period=2024-Q3&only=appeals").text) == ["t1"]
    vetoed = party.get(f"{PATH}?period=2024-Q3&only=vetoes").text
    assert (slugs(vetoed), "物业服务 80.02 D" in row(vetoed, "t2")) == (["t2"], True)
    assert slugs(party.get(f"{PATH}?only=missing").text) == [site.slug]
    assert slugs(party.get(f"{PATH}?district=东街道&sort=name").text) == ["t0", "t1"]
    assert slugs(party.get(f"{PATH}?q=小区0003").text) == ["t3"]
    assert slugs(party.get(f"{PATH}?period=nonsense&sort=nonsense&only=nonsense").text)


def test_who_has_not_rated_is_named_as_a_body_and_can_be_asked_for(site: OfficeSite) -> None:
    """The figures were taken on 5 June and sheets were due on the 20th, ten days ago."""
    with writing(site.engine) as conn:
        under_way(conn, 2, taken=date(2025, 6, 5))
    change(site, 1, 202436, stage="survey", due_on=site.act().today)
    party = site.client("party")
    page = party.get(PATH).text
    assert "这一期还没评的：社区党组织 2 个、监督人 2 个" in page
    assert "还没评：社区党组织、监督人 " in row(page, "t0"), (
        "the day and the lateness of the stage stand above"
    )
    assert "超过期限" not in row(page, "t1"), "the questionnaire has its own days"
    assert "评到2025年6月20日为止，晚了 10 天" in row(page, "t1")
    assert "主任甲" not in page
    for only, expected in (
        ("unrated", ["t0", "t1"]),
        ("unrated-party", ["t0", "t1"]),
        ("unrated-committee", []),
    ):
        shown = party.get(f"{PATH}?only={only}&sort=name").text
        assert slugs(shown) == expected, only
        assert f'<option value="{only}" selected>谁没评：' in shown
    rows = csv.reader(io.StringIO(party.get(f"{PATH}.csv?only=unrated").content.decode("utf-8-sig")))
    held = [one for one in rows if one]
    first = dict(zip(held[1], next(one for one in held if one[0] == "小区0000"), strict=True))
    assert [first[name] for name in ("还没评的", "评到哪天为止", "评晚了（天）")] == [
        "社区党组织、监督人",
        "2025-06-20",
        "10",
    ]
    book = CalamineWorkbook.from_filelike(io.BytesIO(party.get(f"{PATH}.xlsx?only=unrated").content))
    table = book.get_sheet_by_index(0).to_python()
    assert {one[0] for one in table if "社区党组织、监督人" in one} == {"小区0000", "小区0001"}


def test_who_has_not_rated_in_another_span_is_counted_there_and_linked_to(site: OfficeSite) -> None:
    with writing(site.engine) as conn:
        under_way(conn, 2)
    party = site.client("party")
    page = party.get(f"{PATH}?period=2024-Q3").text
    assert "这一期还没评的" not in page
    found = re.search(r'别的期间有：<a href="([^"]+)">2024年第四季度</a> 2 个。', page)
    assert found is not None
    assert slugs(party.get(found[1].replace("&amp;", "&") + "&sort=name").text) == ["t0", "t1"]


def test_what_is_late_in_other_spans_is_told_too(site: OfficeSite) -> None:
    change(site, 3, 202434, stage="scoring", due_on=site.act().today.replace(day=20))
    page = site.client("party").get(PATH).text
    assert "别的期间：有 1 轮超过期限" in page
    assert "超过期限 10 天" in row(page, "t3")
    found = re.search(r'href="(/district/evaluations\?period=2024-Q2[^"]*)">2024年第二季度</a>', page)
    assert found is not None
    late = site.client("party").get(found[1].replace("&amp;", "&") + "&only=late").text
    assert slugs(late) == ["t3"]


@pytest.mark.parametrize("sort", ["late", "service"])
def test_many_communities_come_page_by_page_each_once(
    site: OfficeSite, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluations, "PAGE", 2)
    address, seen = f"{PATH}?sort={sort}", []
    while address:
        page = site.client("party").get(address).text
        seen += slugs(page)
        more = re.search(rf'href="({PATH}\?[^"]*after=[^"]+)"', page)
        address = more[1].replace("&amp;", "&") if more else ""
    assert sorted(seen) == sorted([site.slug, *(f"t{n}" for n in range(5))])


def test_the_files_hold_every_round_and_the_indicators(site: OfficeSite) -> None:
    party, query = site.client("party"), "?sort=name&period=2024-Q3"
    text = party.get(f"{PATH}.csv{query}").content.decode("utf-8-sig")
    rows = [one for one in csv.reader(io.StringIO(text)) if one]
    head = rows[1]
    assert head[:3] == ["小区", "评价期", "阶段"]
    assert head[5:8] == ["物业服务得分", "物业服务等级", "物业服务未评的分值"]
    mine = [one for one in rows if one[0] == "小区0001"]
    assert [one[1] for one in mine] == ["2024年第三季度", "2024年第二季度", "2024年第一季度"]
    newest = dict(zip(head, mine[0], strict=True))
    assert newest["物业服务得分"] == "80.01"
    assert newest["党建引领未评的分值"] == "10.00"
    assert newest["分项P5 民主协商（三个在先）"] == "未评"
    assert newest["分项S1 合同履约与基础管理"] == "5.01"
    book = CalamineWorkbook.from_filelike(io.BytesIO(party.get(f"{PATH}.xlsx{query}").content))
    assert book.sheet_names == ["各小区各期", "各项指标"]
    first = [one for one in book.get_sheet_by_index(0).to_python() if one[0] == "小区0001"]
    assert [first[0][5], first[0][8]] == [80.01, 70.0]
    second = [one for one in book.get_sheet_by_index(1).to_python() if one[1] == "S1"]
    assert second[0][3:11] == [10.0, 5.0, 0.0, 5.0, 5.01, 5.02, 5.03, 5.04]
    assert "单位：分" in book.get_sheet_by_index(0).to_python()[2][0]


def test_indicators_show_the_spread_and_lead_down_to_the_round(site: OfficeSite) -> None:
    party = site.client("party")
    page = party.get(f"{INDICATORS}?period=2024-Q3").text
    assert "已定稿 5 个" in page
    found = re.search(r'<th scope="row"><a href="([^"]+)">S1 .*?</tr>', page, re.S)
    assert found is not None
    assert "小区0000 5" in found[0]
    assert '/c/t0/evaluations/3#S1"' in found[0]
    assert "都没有数据，未评" in page, "P5"
    one = party.get(found[1].replace("&amp;", "&")).text
    assert re.findall(r'<h2><a href="/c/(t\d)/evaluations/3#S1"', one) == [f"t{n}" for n in range(5)]
    assert party.get(f"{INDICATORS}/X9").status_code == 404


def test_fewer_than_five_communities_are_not_cut_into_quarters(site: OfficeSite) -> None:
    party, query = site.client("party"), "?period=2024-Q3"
    full = party.get(f"{INDICATORS}{query}").text
    assert 'class="wide spread"' in full
    assert re.search(r"S1 .*?最低\" class=\"number\">5<.*?中间\" class=\"number\">5\.02<", full, re.S)
    change(site, 4, 202435, stage="preview")
    page = party.get(f"{INDICATORS}{query}").text
    assert "已定稿 4 个" in page
    assert "<svg" not in page.split("<main")[1]
    assert 'data-label="中间"' not in page
    assert re.search(r"S1 .*?最低\" class=\"number\">5<.*?最高\" class=\"number\">5\.03<", page, re.S)
    book = CalamineWorkbook.from_filelike(io.BytesIO(party.get(f"{PATH}.xlsx{query}").content))
    (first,) = [one for one in book.get_sheet_by_index(1).to_python() if one[1] == "S1"]
    assert first[4:11] == [4.0, 0.0, 5.0, "", "", "", 5.03]


def test_communities_of_an_indicator_come_page_by_page(
    site: OfficeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_indicators, "PAGE", 2)
    address, seen = f"{INDICATORS}/S1?period=2024-Q2", []
    while address:
        page = site.client("party").get(address).text
        seen += re.findall(r'<h2><a href="/c/(t\d)/', page)
        more = re.search(rf'href="({INDICATORS}/S1\?[^"]*after=[^"]+)"', page)
        address = more[1].replace("&amp;", "&") if more else ""
    assert seen == [f"t{n}" for n in range(5)]


@pytest.mark.parametrize("address", [PATH, INDICATORS, f"{INDICATORS}/S1"])
def test_more_communities_do_not_take_more_queries(
    site: OfficeSite, address: str, count_queries: Callable[..., Any]
) -> None:
    party, engine = site.client("party"), site.app.services.engine
    asked = []
    for taken_away in ((1, 2, 3), ()):  # not the one with a round under way, of which more is asked
        party.get(address)
        with count_queries(engine) as queries:
            assert party.get(f"{address}?period=2024-Q3").status_code == 200
        asked.append(len(queries))
        with writing(site.engine) as conn:
            for n in taken_away:
                revoke(conn, 100 + n, site.person("party").person, Role.PARTY, by="测试", act=site.act())
    assert asked[0] == asked[1], asked


def test_before_the_first_round_the_pages_say_so(office: OfficeSite) -> None:
    for address in (PATH, INDICATORS):
        assert "还没有组织过评价" in office.client("party").get(address).text
    assert office.client("party").get(f"{PATH}.csv").status_code == 200
    assert office.client("party").get(f"{PATH}.xlsx").status_code == 200

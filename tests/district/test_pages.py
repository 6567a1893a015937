"""片区总览 on the web: who gets in, whose communities they see, where a log-in leads, and files equal to the page."""

from __future__ import annotations

import csv
import io
import re

import pytest

from disclosure.district.columns import ON_SCREEN
from disclosure.district.refresh import Refresher, refresh
from ledger.people import Role
from ledger.people.members import grant, revoke
from ledger.store.engine import writing
from tests.district.summaries import keep_many
from tests.ledger.books import fee_receipt, open_books
from tests.office.conftest import PASSWORD, OfficeSite
from tests.office.votes import said

pytestmark = pytest.mark.db("sqlite")
ADDRESSES = ("/district", "/district.xlsx", "/district.csv")


def oversee(office: OfficeSite, *trust_ids: int, role: Role = Role.PARTY) -> None:
    """The Party committee's person gets the role in more communities."""
    with writing(office.engine) as conn:
        for trust_id in trust_ids:
            grant(conn, trust_id, office.person("party").person, role, by="测试", act=office.act())


def names_on(page: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a href="/c/([^"]+)">', page)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is summarised behind a test's back."""
    monkeypatch.setattr(Refresher, "__call__", lambda _self: None)


def test_only_whoever_oversees_a_community_comes_in(office: OfficeSite) -> None:
    refresh(office.engine, [office.trust_id], office.act())
    for role in Role:
        for address in ADDRESSES:
            answer = office.client(role).get(address)
            if role in (Role.PARTY, Role.STREET, Role.SUPERVISOR):
                assert answer.status_code == 200, (role, answer.text)
            else:
                assert answer.status_code == 403, role
                assert office.slug not in answer.text


def test_strangers_log_in_first_and_come_back(office: OfficeSite) -> None:
    for address in ADDRESSES:
        answer = office.anyone().get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={address}")


def test_a_supervisor_shows_the_second_factor_first(office: OfficeSite) -> None:
    client = office.anyone()
    account = office.person("supervisor").account
    office.post(client, "/login", page="/login", account=account, password=PASSWORD, next="/me")
    answer = client.get("/district")
    assert answer.headers["location"].startswith(("/account/code", "/login/code"))


def test_one_sees_the_communities_one_oversees_and_no_other(office: OfficeSite) -> None:
    for trust_id in (2, 3, 4):
        open_books(office.engine, trust_id)
    refresh(office.engine, [1, 2, 3, 4], office.act())
    oversee(office, 2, 3)
    with writing(office.engine) as conn:
        resident = office.person("party").person
        grant(conn, 4, resident, Role.RESIDENT, by="测试", act=office.act(), unit="1-101")
    page = office.client("party").get("/district").text
    assert sorted(names_on(page)) == ["trust-1", "trust-2", "trust-3"], (
        "an owner's role elsewhere shows nothing"
    )
    with writing(office.engine) as conn:
        revoke(conn, 3, office.person("party").person, Role.PARTY, by="测试", act=office.act())
    for address in ADDRESSES:
        assert b"trust-3" not in office.client("party").get(address).content
    assert sorted(names_on(office.client("party").get("/district").text)) == ["trust-1", "trust-2"]


def test_a_community_that_was_not_summarised_yet_is_told(office: OfficeSite) -> None:
    page = office.client("party").get("/district").text
    assert "另有 1 个小区还没有汇总" in page


def test_the_page_says_what_is_out_of_order_and_as_of_when(office: OfficeSite) -> None:
    office.books.post(fee_receipt())
    office.clock.forward(days=10)
    refresh(office.engine, [office.trust_id], office.act())
    office._clients.clear()
    page = said(office.client("party").get("/district").text)
    assert "截至 2025年7月10日 10:00" in page
    assert "10 天没有入账" in page
    assert "1-101" not in page


def test_the_order_is_in_the_address_and_a_click_turns_it_round(office: OfficeSite) -> None:
    keep_many(office.engine, 9, first=2)
    for trust_id in range(2, 11):
        open_books(office.engine, trust_id)
    oversee(office, *range(2, 11))
    client = office.client("party")
    for column in ON_SCREEN:
        down, up = (
            names_on(client.get(f"/district?sort={column.name}&dir={way}").text) for way in ("desc", "asc")
        )
        assert sorted(down) == sorted(up)
        assert len(down) == 9
    page = client.get("/district?sort=late&dir=desc").text
    assert 'aria-sort="descending"><a href="/district?sort=late&amp;dir=asc"' in page
    assert page.count("aria-sort") == 1
    for nonsense in ("sort=drop", "dir=x", "after=nobody", "district=%25", "q=%00", "sort=trust_id"):
        assert client.get(f"/district?{nonsense}").status_code == 200


def test_the_files_hold_what_the_page_shows_for_the_same_address(office: OfficeSite) -> None:
    keep_many(office.engine, 9, first=2)
    for trust_id in range(2, 11):
        open_books(office.engine, trust_id)
    oversee(office, *range(2, 11))
    client = office.client("party")
    query = "?sort=common&dir=asc&district=%E4%B8%9C%E8%A1%97%E9%81%93"
    page = client.get(f"/district{query}").text
    shown = re.findall(r'<th scope="row"[^>]*><a [^>]*>([^<]+)</a>', page)
    answer = client.get(f"/district.csv{query}")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[2:]] == shown
    assert len(shown) == 3
    assert client.get(f"/district.xlsx{query}").content.startswith(b"PK")


def test_no_cache_keeps_it(office: OfficeSite) -> None:
    for address in ADDRESSES:
        answer = office.client("party").get(address)
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"


def log_in(office: OfficeSite, role: str) -> str:
    client = office.anyone()
    account = office.person(role).account
    answer = office.post(client, "/login", page="/login", account=account, password=PASSWORD, next="")
    return str(answer.headers["location"])


def test_whoever_only_oversees_several_communities_lands_on_the_overview(office: OfficeSite) -> None:
    assert log_in(office, "party") == "/me", "with one community there is nothing to compare"
    open_books(office.engine, 2)
    oversee(office, 2)
    assert log_in(office, "party") == "/district"
    assert 'href="/district"' in office.client("party").get("/me").text
    with writing(office.engine) as conn:
        person = office.person("party").person
        grant(conn, 2, person, Role.RESIDENT, by="测试", act=office.act(), unit="1-101")
    assert log_in(office, "party") == "/me"
    assert 'href="/district"' not in office.client("resident").get("/me").text

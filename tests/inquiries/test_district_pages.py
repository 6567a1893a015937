"""Inquiries of many communities on one page: numbers as the books say, in any order, the same in the files."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from disclosure.district import inquiries
from disclosure.district.refresh import Refresher
from disclosure.escalating import Escalator
from ledger.inquiries import Question, answer, ask, rate
from ledger.people import Role
from ledger.people.members import grant
from ledger.store.engine import writing
from tests.district.summaries import keep_many
from tests.ledger.books import open_books
from tests.office.conftest import OfficeSite

pytestmark = pytest.mark.db("sqlite")
PATH = "/district/inquiries"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is summarised or moved on behind a test's back."""
    monkeypatch.setattr(Refresher, "__call__", lambda _self: None)
    monkeypatch.setattr(Escalator, "__call__", lambda _self: None)


def oversee(office: OfficeSite, *trust_ids: int) -> None:
    """The Party committee's person gets the role in more communities, which are made for it."""
    for trust_id in trust_ids:
        open_books(office.engine, trust_id)
    with writing(office.engine) as conn:
        for trust_id in trust_ids:
            party = office.person("party").person
            grant(conn, trust_id, party, Role.PARTY, by="测试", act=office.act())


def live(office: OfficeSite) -> None:
    """Three questions in the office's community: one late, one gone up, one answered to satisfaction."""
    asker, staff = office.actor("resident"), office.actor("preparer")
    with writing(office.engine) as conn:
        nos = [
            ask(conn, office.trust_id, Question("question", "为什么？", f"d{key}"), asker, office.act())
            for key in range(3)
        ]
        for no, satisfied in ((nos[1], False), (nos[2], True)):
            answer(conn, office.trust_id, no, "见合同。", staff, office.act())
            rate(conn, office.trust_id, no, satisfied, asker, office.act())
    office.clock.to(office.act().today + timedelta(days=4))


def cells(page: str, slug: str) -> list[str]:
    row = re.search(rf'<th scope="row"><a href="/c/{slug}/office.*?</tr>', page, re.S)
    assert row is not None
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row[0], re.S)]


def test_the_numbers_of_a_community_stand_in_its_row_and_lead_to_its_desk(office: OfficeSite) -> None:
    keep_many(office.engine, 3)
    oversee(office, 3)
    live(office)
    party = office.client("party")
    page = party.get(PATH).text
    assert cells(page, office.slug)[1:] == ["2", "1", "1", "0", "1 / 2"]
    assert cells(page, "trust-3")[1:] == ["0", "0", "0", "0", "还没有评价"]
    links = re.findall(rf'href="(/c/{office.slug}/office/inquiries\?[^"]+)"', page)
    assert len(links) == 4
    for link in links:
        assert party.get(link.replace("&amp;", "&")).status_code == 200, link
    late = party.get(office.path("/inquiries?late=1")).text
    assert (late.count("第 1 号</a>"), late.count("第 2 号</a>")) == (1, 0)


def test_nobody_sees_a_community_they_do_not_oversee(office: OfficeSite) -> None:
    keep_many(office.engine, 4)
    oversee(office, 3)
    page = office.client("party").get(PATH).text
    assert "trust-3" in page
    assert "trust-4" not in page
    for role in Role:
        expected = 200 if role in (Role.PARTY, Role.STREET, Role.SUPERVISOR) else 403
        for ending in ("", ".xlsx", ".csv"):
            assert office.client(role).get(PATH + ending).status_code == expected, (role, ending)


def test_the_files_hold_what_the_page_shows(office: OfficeSite) -> None:
    keep_many(office.engine, 4)
    oversee(office, 3, 4)
    live(office)
    party, query = office.client("party"), "?sort=name&dir=asc"
    page = party.get(PATH + query).text
    names = [re.sub(r"<[^>]+>", "", name) for name in re.findall(r'<th scope="row">(<a.*?</a>)', page)]
    slugs = re.findall(r'<th scope="row"><a href="/c/([^/]+)/', page)
    shown = [[name, *cells(page, slug)] for name, slug in zip(names, slugs, strict=True)]
    text = party.get(f"{PATH}.csv{query}").content.decode("utf-8-sig")
    assert [row for row in csv.reader(io.StringIO(text)) if row][2 : 2 + len(shown)] == shown
    book = CalamineWorkbook.from_filelike(io.BytesIO(party.get(f"{PATH}.xlsx{query}").content))
    rows = [[_plain(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]
    assert [row for row in rows if row in shown] == shown


def _plain(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) else str(cell)


@pytest.mark.parametrize("sort", ["name", "overdue", "satisfied", "nonsense"])
def test_many_communities_come_page_by_page_each_once(
    office: OfficeSite, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiries, "PAGE", 3)
    ids = [one.trust_id for one in keep_many(office.engine, 7)]
    oversee(office, *ids[1:])
    address, seen = f"{PATH}?sort={sort}", []
    while address:
        page = office.client("party").get(address).text
        seen += re.findall(r'<th scope="row"><a href="/c/([^/]+)/', page)
        more = re.search(rf'href="({PATH}\?[^"]*after=[^"]+)"', page)
        address = more[1].replace("&amp;", "&") if more else ""
    assert (len(seen), len(set(seen))) == (len(ids), len(ids))


def test_only_those_with_something_late(office: OfficeSite) -> None:
    keep_many(office.engine, 3)
    oversee(office, 3)
    live(office)
    page = office.client("party").get(f"{PATH}?late=1").text
    assert re.findall(r'<th scope="row"><a href="/c/([^/]+)/', page) == [office.slug]

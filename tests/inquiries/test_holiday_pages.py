"""Days that were promised in a year whose holidays nobody has announced: every page that shows them says so."""

from __future__ import annotations

import re
from datetime import date

import pytest

from ledger.inquiries import answer, call_back, rate
from tests.inquiries.desk import COMMITTEE, PREPARER
from tests.inquiries.town import Town, settle_town
from tests.office.conftest import OfficeSite, office

__all__ = ["office"]
pytestmark = pytest.mark.db("sqlite")
SAID = re.compile("2090年(、2091年)?的放假安排还没有公布")
YEAR_END, FAR = date(2025, 12, 30), date(2090, 3, 6)


@pytest.fixture
def town(office: OfficeSite) -> Town:
    return settle_town(office)


def on(town: Town, day: date) -> None:
    town.desk.today = day
    town.office.clock.to(day)


def test_each_page_with_a_day_of_such_a_year_says_so(town: Town) -> None:
    on(town, FAR)
    no = town.desk.ask(actor=town.resident)
    for path, who in (
        ("/inquiries", ""),
        (f"/inquiries/{no}", ""),
        ("/ask", "resident"),
        (f"/mine/inquiries/{no}", "resident"),
        ("/office/inquiries", "supervisor"),
        (f"/office/inquiries/{no}", "supervisor"),
    ):
        assert SAID.search(town.see(path, who)), path


def test_days_of_announced_years_need_no_such_words(town: Town) -> None:
    on(town, YEAR_END)
    first = town.desk.ask(actor=town.resident)
    for path, who in ((f"/inquiries/{first}", ""), ("/ask", "resident"), ("/office/inquiries", "supervisor")):
        assert "放假安排还没有公布" not in town.see(path, who), path


def test_what_is_over_has_no_day_to_come(town: Town) -> None:
    on(town, FAR)
    no = town.desk.ask(actor=town.resident)
    town.desk.do(answer, no, "答复", by=PREPARER)
    town.desk.do(rate, no, True, by=town.resident)
    town.desk.do(call_back, no, True, "问过了", by=COMMITTEE)
    for path, who in ((f"/inquiries/{no}", ""), (f"/mine/inquiries/{no}", "resident")):
        assert not SAID.search(town.see(path, who)), path

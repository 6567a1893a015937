"""The office's page of statements: what is due, publishing, hanging up, reporting, and the committee's word."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.log.keys import create_key, load_signer
from ledger.log.store import origin_of, sign_log
from ledger.statements import list_acts
from ledger.store.engine import reading
from tests.books.lives import close_month
from tests.ledger.books import interest
from tests.office.conftest import OfficeSite

pytestmark = pytest.mark.db("sqlite")


@pytest.fixture
def closed(office: OfficeSite) -> OfficeSite:
    """Three months closed and nothing published."""
    for month in (1, 2, 3):
        office.books.post(interest(10_00 * month, date=date(2024, month, 5)))
    for period in (202401, 202402, 202403):
        close_month(office.books, period)
    key = office.config.key_path(office.slug)
    create_key(key, office.act().entropy)
    with reading(office.engine) as conn:
        origin = origin_of(conn, office.trust_id)
    sign_log(office.engine, office.trust_id, load_signer(key, origin), office.act().now)
    return office


def publish(office: OfficeSite, slug: str) -> str:
    reviewer = office.client("reviewer")
    return office.follow(reviewer, office.post(reviewer, office.path(f"/statements/{slug}/publish"))).text


def test_what_is_closed_is_offered_and_what_is_late_is_said(closed: OfficeSite) -> None:
    page = closed.client("reviewer").get(closed.path("/statements")).text
    assert "2024年第一季度公示" in page
    assert "已结账，可以发布" in page
    assert "逾期" in page
    assert "还没有结账" in page
    assert closed.path("/statements/2024-Q1/publish") in page
    assert closed.path("/statements/2024-Q2/publish") not in page
    assert (
        closed.path("/statements/2024-Q1/publish")
        not in closed.client("preparer").get(closed.path("/statements")).text
    )


def test_a_quarter_goes_from_publishing_to_the_committees_word(closed: OfficeSite) -> None:
    assert "2024年第一季度公示第 1 版已发布" in publish(closed, "2024-Q1")
    preparer, member = closed.client("preparer"), closed.client("committee")
    here = closed.path("/statements/2024-Q1")
    hung = closed.post(
        preparer, f"{here}/posted", version="1", place="东门公示栏", first="2025-06-30", last="2025-07-29",
        files={"photo": ("", b"")},
    )  # fmt: skip
    assert "张贴在东门公示栏" in closed.follow(preparer, hung).text
    told = closed.post(
        preparer, f"{here}/reported", version="1", to="committee", on="2025-06-30", way="会议当面报告",
        files={"paper": ("", b"")},
    )  # fmt: skip
    assert "等待业委会确认" in closed.follow(preparer, told).text
    assert "确认已经收到报告" not in preparer.get(closed.path("/statements")).text
    waiting = member.get(closed.path("/statements")).text
    assert "确认已经收到报告" in waiting
    said = closed.post(member, closed.path("/statements/acts/2/confirm"), received="yes", note="")
    assert "已确认收到报告" in closed.follow(member, said).text
    public = closed.anyone().get(f"/c/{closed.slug}/statements/2024-Q1").text
    assert "业委会成员已确认" in public
    assert closed.person("preparer").signature not in public


def test_a_form_with_mistakes_comes_back_with_what_was_typed(closed: OfficeSite) -> None:
    publish(closed, "2024-01")
    preparer = closed.client("preparer")
    answer = closed.post(
        preparer, closed.path("/statements/2024-01/posted"), version="1", place="南门公示栏", first="2025-06-30",
        last="2025-07-01", files={"photo": ("", b"")},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "至少要张贴 30 天" in answer.text
    assert "南门公示栏" in answer.text
    with reading(closed.engine) as conn:
        assert list_acts(conn, closed.trust_id) == []


def test_an_act_is_taken_back_by_who_recorded_it(closed: OfficeSite) -> None:
    publish(closed, "2024-01")
    preparer = closed.client("preparer")
    closed.post(
        preparer, closed.path("/statements/2024-01/posted"), version="1", place="南门公示栏", first="2025-06-30",
        last="2025-08-01", files={"photo": ("", b"")},
    )  # fmt: skip
    other = closed.post(closed.client("reviewer"), closed.path("/statements/acts/1/withdraw"), note="写错")
    assert other.status_code == 422
    mine = closed.post(preparer, closed.path("/statements/acts/1/withdraw"), note="地点写错")
    assert "这条登记已撤回" in closed.follow(preparer, mine).text
    assert "已撤回" in preparer.get(closed.path("/statements/2024-01")).text


def test_only_the_committee_confirms_and_only_the_reviewer_publishes(closed: OfficeSite) -> None:
    assert (
        closed.post(closed.client("preparer"), closed.path("/statements/2024-01/publish")).status_code == 403
    )
    answer = closed.post(closed.client("reviewer"), closed.path("/statements/acts/1/confirm"), received="yes")
    assert answer.status_code == 403


def test_an_open_quarter_is_refused_with_the_reason(closed: OfficeSite) -> None:
    reviewer = closed.client("reviewer")
    answer = closed.post(reviewer, closed.path("/statements/2024-Q2/publish"))
    assert answer.status_code == 422
    assert "还没有结账" in answer.text


def test_the_desk_counts_what_waits(closed: OfficeSite) -> None:
    assert "报表可以发布" in closed.client("reviewer").get(closed.path()).text
    assert "报表可以发布" not in closed.client("preparer").get(closed.path()).text
    publish(closed, "2024-01")
    preparer = closed.client("preparer")
    closed.post(
        preparer, closed.path("/statements/2024-01/reported"), version="1", to="assembly", on="2025-06-30",
        way="书面", files={"paper": ("", b"")},
    )  # fmt: skip
    assert "报告待确认" in closed.client("committee").get(closed.path()).text

"""Closing a month in the office: what blocks it, who asks, who confirms, the year's end, the report."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from ledger.errors import Refused
from ledger.people.roles import Forbidden
from ledger.periods import (
    closed_periods,
    closing_items,
    confirm_close,
    open_request,
    refuse_close,
    request_close,
    withdraw_close,
)
from ledger.store.engine import reading, writing
from ledger.work import Work, prepare
from tests.books.lives import banks_agree, close_month
from tests.ledger.books import TODAY, fee_receipt, interest, petty
from tests.office.conftest import OfficeSite


def ask(office: OfficeSite, period: int = 202401, book: str = "A") -> int:
    with writing(office.engine) as conn:
        return request_close(conn, office.trust_id, book, period, office.actor("preparer"), office.act())


def test_a_month_is_closed_by_two_people_on_the_page(office: OfficeSite) -> None:
    preparer, reviewer = office.client("preparer"), office.client("reviewer")
    page = preparer.get(office.path("/closing"))
    assert "结账：2024年1月" in page.text
    assert "申请2024年1月结账" in page.text
    asked = office.post(preparer, office.path("/closing"), book="A", month="2024-01")
    shown = office.follow(preparer, asked)
    assert "等待审核人确认" in shown.text
    assert "确认2024年1月结账" not in shown.text, "who asks is not offered to confirm"
    assert "确认2024年1月结账" in reviewer.get(office.path("/closing")).text
    done = office.follow(reviewer, office.post(reviewer, office.path("/closing/1/confirm")))
    assert "2024年1月已结账" in done.text
    assert "结账：2024年2月" in done.text
    with reading(office.engine) as conn:
        assert [item.period for item in closed_periods(conn, office.trust_id)] == [202401]


def test_what_blocks_is_named_with_a_way_to_mend_it(office: OfficeSite) -> None:
    office.books.post(fee_receipt(100_00, date=date(2024, 1, 5)))
    page = office.client("preparer").get(office.path("/closing")).text
    assert "没做好" in page
    assert office.path("/bank/reconciliation?account=F1-CCB") in page
    assert "申请2024年1月结账" not in page
    answer = office.post(office.client("preparer"), office.path("/closing"), book="A", month="2024-01")
    assert answer.status_code == 422
    assert "F1专户" in answer.text


def test_work_still_on_a_desk_blocks_its_month_and_no_earlier_one(office: OfficeSite) -> None:
    draft = petty(date=date(2024, 2, 10), preparer="", reviewer="")
    with writing(office.engine) as conn:
        prepare(conn, office.trust_id, Work(kind="voucher", title="x", drafts=(draft,)), office.actor("preparer"), office.act())  # fmt: skip
    with reading(office.engine) as conn:
        items = {p: {i.name: i.ok for i in closing_items(conn, office.trust_id, "A", p, office.act())} for p in (202401, 202402)}  # fmt: skip
    assert items[202401]["单据都已办结"]
    assert not items[202402]["单据都已办结"]


def test_nobody_confirms_what_he_asked_for(office: OfficeSite) -> None:
    both = office.actor("preparer")
    two_hats = type(both)(both.person, both.signature, both.roles | office.actor("reviewer").roles)
    no = ask(office)
    with writing(office.engine) as conn, pytest.raises(Refused) as refused:
        confirm_close(conn, office.trust_id, no, two_hats, office.act())
    assert refused.value.codes == {"same_person"}


@pytest.mark.parametrize("role", ["preparer", "cashier", "committee", "supervisor", "operator"])
def test_only_a_reviewer_confirms(office: OfficeSite, role: str) -> None:
    no = ask(office)
    with writing(office.engine) as conn, pytest.raises(Forbidden):
        confirm_close(conn, office.trust_id, no, office.actor(role), office.act())
    with writing(office.engine) as conn, pytest.raises(Forbidden):
        refuse_close(conn, office.trust_id, no, office.actor(role), office.act(), "不行")


def test_months_go_in_order_one_request_at_a_time(office: OfficeSite) -> None:
    with pytest.raises(Refused) as out_of_turn:
        ask(office, 202403)
    assert out_of_turn.value.codes == {"period_order"}
    ask(office)
    with pytest.raises(Refused) as twice:
        ask(office)
    assert twice.value.codes == {"request_open"}
    assert ask(office, 202401, "M") == 2, "the other book has its own turn"


def test_a_month_that_is_not_over_can_not_be_asked_for(office: OfficeSite) -> None:
    office.clock.to(date(2024, 1, 31))
    assert ask(office) == 1, "on its last day it can"
    with writing(office.engine) as conn:
        withdraw_close(conn, office.trust_id, 1, office.actor("preparer"), office.act())
    office.clock.to(date(2024, 1, 30))
    with pytest.raises(Refused) as early:
        ask(office)
    assert early.value.codes == {"close_blocked"}


def test_a_request_is_refused_with_a_reason_or_withdrawn_and_asked_again(office: OfficeSite) -> None:
    reviewer, preparer = office.client("reviewer"), office.client("preparer")
    ask(office)
    assert office.post(reviewer, office.path("/closing/1/refuse"), book="A", note=" ").status_code == 422
    office.post(reviewer, office.path("/closing/1/refuse"), book="A", note="少一张发票")
    assert "少一张发票" in preparer.get(office.path("/closing")).text
    ask(office)
    office.post(preparer, office.path("/closing/2/withdraw"), book="A")
    with reading(office.engine) as conn:
        assert open_request(conn, office.trust_id, "A") is None
    assert office.post(reviewer, office.path("/closing/2/confirm")).status_code == 422
    assert ask(office) == 3


def test_what_changed_since_the_request_is_checked_again(office: OfficeSite) -> None:
    no = ask(office)
    office.books.post(fee_receipt(100_00, date=date(2024, 1, 5)))
    with writing(office.engine) as conn, pytest.raises(Refused) as blocked:
        confirm_close(conn, office.trust_id, no, office.actor("reviewer"), office.act())
    assert blocked.value.codes == {"close_blocked"}
    with reading(office.engine) as conn:
        assert closed_periods(conn, office.trust_id) == []
        assert open_request(conn, office.trust_id, "A") is not None


def test_work_begun_since_the_request_holds_up_the_confirmation(office: OfficeSite) -> None:
    no = ask(office)
    draft = petty(date=date(2024, 1, 10), preparer="", reviewer="")
    with writing(office.engine) as conn:
        prepare(conn, office.trust_id, Work(kind="voucher", title="x", drafts=(draft,)), office.actor("preparer"), office.act())  # fmt: skip
    with writing(office.engine) as conn, pytest.raises(Refused, match="第 1 号") as blocked:
        confirm_close(conn, office.trust_id, no, office.actor("reviewer"), office.act())
    assert blocked.value.codes == {"close_blocked"}


def test_december_posts_the_closing_entries_with_both_signatures(office: OfficeSite) -> None:
    office.books.post(interest(70_00, "F1", date=date(2024, 5, 5)))
    for period in range(202401, 202412):
        close_month(office.books, period)
    with writing(office.engine) as conn:
        banks_agree(conn, office.books, date(2024, 12, 31))
    preparer, reviewer = office.client("preparer"), office.client("reviewer")
    page = preparer.get(office.path("/closing")).text
    assert "年末结转收入（物业服务资金）" in page
    assert "结账时办" in page
    office.post(preparer, office.path("/closing"), book="A", month="2024-12")
    done = office.follow(reviewer, office.post(reviewer, office.path("/closing/1/confirm")))
    assert "年结凭证 2 张" in done.text
    stored = office.books.stored("A-2024-000002")
    assert stored.draft.event == "E28a"
    assert stored.draft.preparer == office.actor("preparer").signature
    assert stored.draft.reviewer == office.actor("reviewer").signature
    assert office.books.balance("3001") == -70_00
    office.books.check_log()


def test_two_reviewers_at_once_close_a_month_once(office: OfficeSite) -> None:
    no = ask(office)
    reviewer, outcomes = office.actor("reviewer"), []

    def confirm() -> None:
        try:
            with writing(office.engine) as conn:
                confirm_close(conn, office.trust_id, no, reviewer, office.act(TODAY))
            outcomes.append("closed")
        except Refused as error:
            outcomes.extend(error.codes)

    threads = [threading.Thread(target=confirm) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["closed", "ended"]


def test_a_closed_month_offers_its_books_and_its_report(office: OfficeSite) -> None:
    close_month(office.books, 202401)
    page = office.client("reviewer").get(office.path("/closing")).text
    assert "公布月报" in page
    assert office.path("/books/trial?book=A&amp;from=2024-01&amp;to=2024-01") in page
    assert "公布月报" not in office.client("preparer").get(office.path("/closing")).text

"""The desks on the web: a voucher typed, reviewed, sent back, co-signed, paid."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.store.engine import reading, writing
from ledger.trust import record_setting
from ledger.work import POSTED, list_work, read_work
from tests.ledger.books import OPENED, act
from tests.office.conftest import OfficeSite


def petty_cash(**changes: str) -> dict[str, str]:
    """Petty cash spent on paper, as a bookkeeper types it."""
    fields = {
        "event": "E13b",
        "book": "A",
        "rows": "6",
        "date": "2025-03-10",
        "summary": "购办公用纸",
        "side_1": "D",
        "account_1": "5007 办公费",
        "fund_1": "F1",
        "amount_1": "120.50",
        "side_2": "C",
        "account_2": "122101 备用金",
        "fund_2": "F1",
        "amount_2": "120.50",
        "party_2": "STAFF",
        "doc_kind_1": "expense_sheet",
        "doc_title_1": "三月报销单",
    }
    return fields | changes


def vendor_payment(amount: str = "800.00") -> dict[str, str]:
    """A vendor's bill to be paid from the bank."""
    return petty_cash(
        event="E11b",
        summary="付电梯维保费",
        account_1="220201",
        amount_1=amount,
        vendor_1="V1",
        contract_1="C1",
        account_2="100201",
        amount_2=amount,
        bank_account_2="F1-CCB",
        party_2="",
        doc_kind_1="",
        doc_title_1="",
    )


def hand_in(office: OfficeSite, fields: dict[str, str]) -> Any:
    files = {"doc_file_2": ("", b"", "application/octet-stream")}  # as browsers send a field left empty
    return office.post(office.client("preparer"), office.path("/vouchers/new"), files=files, **fields)


def test_a_voucher_goes_from_the_form_to_the_public_page(office: OfficeSite) -> None:
    preparer, reviewer = office.client("preparer"), office.client("reviewer")
    shown = office.follow(preparer, hand_in(office, petty_cash()))
    assert "已制成第 1 号单据" in shown.text
    assert "待审核" in shown.text
    assert "审核同意" not in shown.text, "the preparer is not offered the review"
    assert "购办公用纸" in reviewer.get(office.path()).text
    done = office.post(reviewer, office.path("/work-items/1/review"))
    assert "A-2025-000001" in office.follow(reviewer, done).text
    public = office.anyone().get(f"/c/{office.slug}/entries/A-2025-000001")
    assert "购办公用纸" in public.text
    for role in ("preparer", "reviewer"):
        assert office.person(role).name not in public.text


def test_mistakes_come_back_with_what_was_typed_and_where(office: OfficeSite) -> None:
    answer = hand_in(office, petty_cash(amount_2="120,5", date="三月十日"))
    assert answer.status_code == 422
    assert "读不懂日期“三月十日”" in answer.text
    assert "第 2 行" in answer.text
    assert 'value="120,5"' in answer.text
    with reading(office.engine) as conn:
        assert list_work(conn, office.trust_id) == []


def test_what_the_books_refuse_comes_back_too(office: OfficeSite) -> None:
    answer = hand_in(office, petty_cash(amount_2="100.00"))
    assert answer.status_code == 422
    assert "借" in answer.text
    assert "120.50" in answer.text


def test_a_large_payment_passes_four_desks(office: OfficeSite) -> None:
    with writing(office.engine) as conn:
        record_setting(
            conn,
            office.trust_id,
            "co_sign_above",
            500_00,
            effective_on=OPENED,
            authority="信托文件",
            act=act(),
        )
    hand_in(office, vendor_payment())
    office.post(office.client("reviewer"), office.path("/work-items/1/review"))
    assert "待会签" in office.client("chair").get(office.path("/work-items/1")).text
    office.post(office.client("committee"), office.path("/work-items/1/co-sign"))
    cashier = office.client("cashier")
    assert "我已付款" in cashier.get(office.path("/work-items/1")).text
    done = office.post(
        cashier, office.path("/work-items/1/pay"), paid_on="2025-03-12", bank_number="HD20250312"
    )
    page = office.follow(cashier, done).text
    assert "已付款，已入账：A-2025-000001" in page
    assert "HD20250312" in page
    with reading(office.engine) as conn:
        assert read_work(conn, office.trust_id, 1).item.waiting_for == POSTED


def test_work_is_sent_back_with_a_reason_and_shown_to_its_preparer(office: OfficeSite) -> None:
    hand_in(office, petty_cash())
    reviewer = office.client("reviewer")
    assert office.post(reviewer, office.path("/work-items/1/send-back"), note="").status_code == 422
    office.post(reviewer, office.path("/work-items/1/send-back"), note="请附报销单原件")
    preparer = office.client("preparer")
    assert "退回给我的" in preparer.get(office.path()).text
    assert "请附报销单原件" in preparer.get(office.path("/work-items/1")).text


def test_a_preparer_withdraws_her_work(office: OfficeSite) -> None:
    hand_in(office, petty_cash())
    preparer = office.client("preparer")
    office.follow(preparer, office.post(preparer, office.path("/work-items/1/withdraw")))
    assert "已撤回" in preparer.get(office.path("/work-items/1")).text


def test_the_list_is_filtered_and_turns_pages_by_number(office: OfficeSite) -> None:
    for no in range(3):
        hand_in(office, petty_cash(summary=f"第{no}件"))
    office.post(office.client("reviewer"), office.path("/work-items/2/review"))
    client = office.client("supervisor")
    waiting = client.get(office.path("/work-items?state=review")).text
    assert "第0件" in waiting
    assert "第1件" not in waiting
    assert "第0件" not in client.get(office.path("/work-items?before=1")).text


@pytest.mark.parametrize("event", ["E13b", "E23c", "E08c", "E17"])
def test_every_event_has_its_form(office: OfficeSite, event: str) -> None:
    page = office.client("preparer").get(office.path(f"/vouchers/new?event={event}"))
    assert page.status_code == 200
    assert 'name="account_1"' in page.text


def test_unknown_work_is_not_found(office: OfficeSite) -> None:
    assert office.client("supervisor").get(office.path("/work-items/99")).status_code == 404

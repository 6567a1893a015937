"""Money at the counter: booked by fund, receipted without gaps, given back with papers, banked in whole."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.billing.readings import Reading, record_readings
from ledger.errors import Refused, Unanswerable
from ledger.log.store import read_leaf
from ledger.receipts import (
    CashDeposit,
    Payment,
    Refund,
    Slip,
    capital_yuan,
    cash_deposit_work,
    cash_in_hand,
    payments_taken,
    print_receipt,
    read_slip,
    receipt_work,
    refund_work,
)
from ledger.store.engine import reading, writing
from ledger.work import Work
from tests.billing.desk import CLERK, Desk, open_desk, token
from tests.ledger.books import DAY, TODAY, act, deposit, fee_receipt, interest, petty

FEE = 17_820


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return open_desk(engine)


def payment(desk: Desk, amount: int, **changes: object) -> Work:
    values = {"unit": "1-101", "on": DAY, "way": "cash", "token": token()} | changes
    with reading(desk.engine) as conn:
        return receipt_work(conn, desk.trust_id, Payment(amount=amount, **values))  # type: ignore[arg-type]


def printed(desk: Desk, ref: str, today: date = TODAY) -> Slip:
    with writing(desk.engine) as conn:
        return print_receipt(conn, desk.trust_id, ref, CLERK, act(today))


def in_hand(desk: Desk) -> dict[str, int]:
    with reading(desk.engine) as conn:
        return cash_in_hand(conn, desk.trust_id, TODAY)


# --- Booking ------------------------------------------------------------------------------------------------


def test_arrears_late_fee_and_the_rest_are_one_entry_of_the_service_fund(desk: Desk) -> None:
    desk.charge(202501)
    work = payment(desk, 20_000, late_fee=180, payer="王女士", way="pos", slip="POS0001")
    (draft,) = work.drafts
    assert draft.event == "E02b"
    assert [(x.side, x.account, x.amount) for x in draft.lines] == [
        ("D", "101203", 20_000),
        ("C", "112201", FEE),
        ("C", "4201", 180),
        ("C", "220301", 2_000),
    ]
    posted = desk.post(work)[0]
    with reading(desk.engine) as conn:
        leaf = read_leaf(conn, desk.trust_id, posted.seq).decode()
    assert not any(private in leaf for private in ("1-101", "王女士", "POS0001"))


def test_money_for_two_funds_becomes_an_entry_and_a_receipt_for_each(desk: Desk) -> None:
    desk.standard(41_000, item="water", method="meter")
    with writing(desk.engine) as conn:
        read = [("", Reading("1-101", 0, 10_00, date(2025, 1, 31)))]
        record_readings(conn, desk.trust_id, "water", 202501, read, CLERK, act())
    desk.charge(202501)
    desk.charge(202501, "water")
    work = payment(desk, FEE + 41_00)
    assert [{x.fund for x in d.lines} for d in work.drafts] == [{"F1"}, {"F4"}]
    posted = desk.post(work)
    assert desk.items("1-101") == {}
    slips = [printed(desk, place.ref) for place in posted]
    assert [(x.fund, x.amount, x.number) for x in slips] == [("F1", FEE, 1), ("F4", 41_00, 2)]
    assert slips[1].lines[0].title == "代收水电费"
    assert in_hand(desk) == {"F1": FEE, "F4": 41_00}


@pytest.mark.parametrize(
    ("changes", "event", "accounts"),
    [
        ({}, "E04a", ["220301"]),
        ({"ahead": "parking"}, "E04a", ["220302"]),
        ({"late_fee": 100_00}, "E07", ["4201"]),
        ({"late_fee": 40_00}, "E02b", ["4201", "220301"]),
    ],
)
def test_money_for_nothing_owed_is_kept_ahead_or_is_a_late_fee(
    desk: Desk, changes: dict[str, object], event: str, accounts: list[str]
) -> None:
    (draft,) = payment(desk, 100_00, **changes).drafts
    assert (draft.event, [x.account for x in draft.lines if x.side == "C"]) == (event, accounts)
    assert desk.post(payment(desk, 100_00, **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": 0}, "必须大于零"),
        ({"unit": "9-999"}, "没有登记过房号"),
        ({"way": "cheque"}, "收款方式只能是现金、POS 刷卡"),
        ({"way": "pos"}, "请填写签购单号"),
        ({"late_fee": 200_00}, "不能超过收款金额"),
        ({"ahead": "water"}, "代收水费没有预收"),
        ({"token": ""}, "缺少防重复编号"),
    ],
)
def test_a_payment_that_makes_no_sense_is_refused(desk: Desk, changes: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        payment(desk, **({"amount": 100_00} | changes))  # type: ignore[arg-type]


def test_the_same_form_sent_twice_is_one_payment(desk: Desk) -> None:
    work = payment(desk, 100_00)
    desk.prepare(work)
    with pytest.raises(Refused, match="等待办理"):
        desk.prepare(work)


# --- Receipts -----------------------------------------------------------------------------------------------


def test_receipts_are_numbered_without_gaps_by_year_and_printed_again_under_their_number(desk: Desk) -> None:
    refs = [desk.post(payment(desk, 100_00))[0].ref for _ in range(3)]
    assert [printed(desk, ref).number_text for ref in refs[:2]] == ["2025-000001", "2025-000002"]
    again = printed(desk, refs[0])
    assert (again.number_text, again.print_no) == ("2025-000001", 2)
    with pytest.raises(Refused), writing(desk.engine) as conn:
        print_receipt(conn, desk.trust_id, refs[2], CLERK, act())
        raise Refused([])  # what is undone takes no number
    assert printed(desk, refs[2]).number_text == "2025-000003"
    newer = desk.books.post(fee_receipt(date=date(2026, 1, 5)), today=date(2026, 1, 5)).ref
    assert printed(desk, newer, date(2026, 1, 5)).number_text == "2026-000001"


def test_a_receipt_says_what_was_paid_for_and_no_more_than_it_must(desk: Desk) -> None:
    desk.charge(202501)
    ref = desk.post(payment(desk, 20_000, payer="王女士"))[0].ref
    slip = printed(desk, ref)
    assert (slip.unit, slip.way, slip.fund, slip.amount, slip.ref) == ("1-101", "现金", "F1", 20_000, ref)
    assert [(x.title, x.basis, x.amount) for x in slip.lines] == [
        ("物业费", "2025年1月", FEE),
        ("预交物业费", "", 2_180),
    ]
    with reading(desk.engine) as conn:
        assert read_slip(conn, desk.trust_id, ref, 1) == slip
        with pytest.raises(Unanswerable, match="没有第 2 次打印"):
            read_slip(conn, desk.trust_id, ref, 2)


def test_only_a_households_payment_that_stands_gets_a_receipt(desk: Desk) -> None:
    with pytest.raises(Refused, match="不是业主缴款"):
        printed(desk, desk.books.post(petty()).ref)
    ref = desk.books.post(fee_receipt(), today=TODAY).ref
    desk.books.reverse(ref)
    with pytest.raises(Refused, match="收据作废"):
        printed(desk, ref)
    assert printed(desk, desk.books.post(deposit()).ref).fund == "F3"


def test_the_list_of_payments_shows_which_were_receipted_and_which_taken_back(desk: Desk) -> None:
    first, second = (desk.books.post(fee_receipt(amount)).ref for amount in (100, 200))
    desk.books.post(interest())
    printed(desk, first)
    printed(desk, first)
    desk.books.reverse(second)
    with reading(desk.engine) as conn:
        found = payments_taken(conn, desk.trust_id)
        assert [(t.ref, t.number, t.prints, t.reversed) for t in found] == [
            (second, "", 0, True),
            (first, "2025-000001", 2, False),
        ]
        assert [t.ref for t in payments_taken(conn, desk.trust_id, before=found[0].seq)] == [first]


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (10, "壹角整"),
        (100, "壹元整"),
        (1_409_50, "壹仟肆佰零玖元伍角整"),
        (6_007_14, "陆仟零柒元壹角肆分"),
        (1_680_32, "壹仟陆佰捌拾元零叁角贰分"),
        (107_000_53, "壹拾万柒仟元零伍角叁分"),
        (16_409_02, "壹万陆仟肆佰零玖元零贰分"),
        (325_04, "叁佰贰拾伍元零肆分"),
        (100_000_000_00, "壹亿元整"),
        (100_010_000_00, "壹亿零壹万元整"),
        (1_000_000_050_00, "壹拾亿零伍拾元整"),
        (1_000_000_000_000_00, "壹万亿元整"),
        (10_200_00, "壹万零贰佰元整"),
    ],
)
def test_amounts_in_capital_characters_follow_the_banks_rules(fen: int, said: str) -> None:
    assert capital_yuan(fen) == f"人民币{said}"


_DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}


def read_aloud(text: str) -> int:
    """Fen of an amount in capital characters, read from left to right."""
    yuan = section = digit = cents = 0
    for sign in text.removeprefix("人民币").removesuffix("整"):
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in "拾佰仟":
            section += digit * 10 ** ("拾佰仟".index(sign) + 1)
            digit = 0
        elif sign == "万":
            section, digit = (section + digit) * 10_000, 0
            yuan, section = yuan + section, 0
        elif sign == "亿":
            yuan, section, digit = (yuan + section + digit) * 100_000_000, 0, 0
        elif sign == "元":
            yuan, section, digit = yuan + section + digit, 0, 0
        else:
            cents += digit * (10 if sign == "角" else 1)
            digit = 0
    return yuan * 100 + cents


@given(st.one_of(st.integers(0, 10**7), st.integers(0, 10**14)))
def test_an_amount_in_capital_characters_reads_back_as_itself(fen: int) -> None:
    said = capital_yuan(fen)
    assert read_aloud(said) == fen
    assert "零零" not in said
    assert said.endswith(("整", "分"))


# --- Refunds and cash ---------------------------------------------------------------------------------------


def refund(desk: Desk, amount: int, **changes: object) -> Work:
    values = {
        "unit": "1-101",
        "item": "property",
        "on": DAY,
        "bank_account": "F1-CCB",
        "receipt_number": "SK1",
    }
    with reading(desk.engine) as conn:
        return refund_work(conn, desk.trust_id, Refund(amount=amount, **(values | changes)))  # type: ignore[arg-type]


def test_a_prepayment_is_given_back_by_the_cashier_and_never_twice(desk: Desk) -> None:
    desk.post(payment(desk, 300_00))
    desk.post(refund(desk, 100_00))
    assert desk.owed("220301") == {"1-101": -200_00}
    desk.prepare(refund(desk, 200_00))
    with pytest.raises(Refused, match="等待办理"):
        desk.prepare(refund(desk, 200_00))


def test_no_more_is_given_back_than_is_left_over_what_is_owed(desk: Desk) -> None:
    desk.post(payment(desk, 300_00))
    with pytest.raises(Refused, match=r"只有 300.00 元，不能退 300.01 元"):
        refund(desk, 300_01)
    desk.charge(202501)
    with pytest.raises(Refused, match=r"还欠物业费 178.20 元"):
        refund(desk, 200_00)
    with pytest.raises(Refused, match="收款收据"):
        refund(desk, 1_00, receipt_number="")
    with pytest.raises(Refused, match="不是这项资金的银行账户"):
        refund(desk, 1_00, bank_account="F2-CMB")


def test_cash_waits_by_fund_until_it_is_banked_and_no_more_is_banked_than_there_is(desk: Desk) -> None:
    desk.post(payment(desk, 300_00))
    assert in_hand(desk) == {"F1": 300_00}

    def banks(fen: int, **changes: str) -> Work:
        asked = CashDeposit("F1", fen, DAY, "F1-CCB", **({"slip": "缴款单1"} | changes))
        with reading(desk.engine) as conn:
            return cash_deposit_work(conn, desk.trust_id, asked, TODAY)

    with pytest.raises(Refused, match=r"只有 300.00 元"):
        banks(300_01)
    with pytest.raises(Refused, match="缴款单号"):
        banks(300_00, slip="")
    desk.post(banks(300_00))
    assert in_hand(desk) == {}
    assert desk.books.balance("100201") == 300_00

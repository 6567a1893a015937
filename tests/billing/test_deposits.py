"""Deposits and pass-through money belong to households: nothing of it goes astray, nothing is added."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from ledger.billing.readings import Reading, record_readings
from ledger.deposits import (
    Collection,
    Deposit,
    Dock,
    Return,
    Taking,
    UtilityBill,
    bill_work,
    collect_work,
    deposits,
    dock_work,
    return_work,
    take_work,
)
from ledger.errors import Refused
from ledger.store.engine import reading, writing
from ledger.work import Work, pay, review
from tests.billing.desk import CASHIER, CLERK, REVIEWER, Desk, open_desk, token
from tests.ledger.books import DAY, TODAY, act, cash, draft, line


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return open_desk(engine)


def take(desk: Desk, amount: int = 2_000_00, **changes: object) -> Work:
    values = {"unit": "1-101", "account": "224101", "on": DAY, "way": "bank", "bank_account": "F3-ICBC"}
    with reading(desk.engine) as conn:
        asked = Taking(amount=amount, **({"token": token(), "slip": "回单"} | values | changes))  # type: ignore[arg-type]
        return take_work(conn, desk.trust_id, asked)


def give_back(desk: Desk, key: str, amount: int, **changes: object) -> Work:
    values = {
        "on": DAY,
        "bank_account": "F3-ICBC",
        "acceptance": "验2025-3",
        "receipt_number": "SJ1",
    } | changes
    with reading(desk.engine) as conn:
        return return_work(conn, desk.trust_id, Return(key, amount, **values))  # type: ignore[arg-type]


def dock(desk: Desk, key: str, amount: int, **changes: object) -> Work:
    values = {
        "on": DAY,
        "bank_account": "F3-ICBC",
        "service_account": "F1-CCB",
        "agreement": "XY1",
        "proof": "ZM1",
    }
    with reading(desk.engine) as conn:
        return dock_work(conn, desk.trust_id, Dock(key, amount, **(values | changes)))  # type: ignore[arg-type]


def held(desk: Desk, **asked: object) -> list[Deposit]:
    with reading(desk.engine) as conn:
        return deposits(conn, desk.trust_id, **asked)  # type: ignore[arg-type]


def test_a_deposit_is_held_until_it_is_docked_and_given_back(desk: Desk) -> None:
    ref = desk.post(take(desk))[0].ref
    (deposit,) = held(desk)
    assert (deposit.ref, deposit.unit, deposit.title, deposit.left) == (ref, "1-101", "装修保证金", 2_000_00)
    desk.post(dock(desk, deposit.key, 300_00))
    assert [d.left for d in held(desk)] == [1_700_00]
    returned = desk.post(give_back(desk, deposit.key, 1_700_00))[0]
    assert held(desk) == []
    assert [d.left for d in held(desk, settled=True)] == [0]
    assert desk.stored(returned).draft.references == {"deposit": ref}
    assert desk.books.balance("4901") == -300_00
    assert desk.books.balance("100203", "F3") == 0


def test_a_deposit_is_not_given_back_while_it_is_being_docked(desk: Desk) -> None:
    desk.post(take(desk))
    (deposit,) = held(desk)
    returned, docked = give_back(desk, deposit.key, 2_000_00), dock(desk, deposit.key, 300_00)
    desk.prepare(returned)
    with pytest.raises(Refused) as caught:
        desk.prepare(docked)
    assert caught.value.codes == {"overdrawn"}


def test_a_deposit_whose_receipt_was_cancelled_meanwhile_is_not_given_back(desk: Desk) -> None:
    taken = desk.post(take(desk))[0]
    (deposit,) = held(desk)
    no = desk.prepare(give_back(desk, deposit.key, 2_000_00))
    desk.post(Work(kind="reversal", title="冲销", reverses=taken.ref, on=DAY, reason="记错"))
    with writing(desk.engine) as conn:
        review(conn, desk.trust_id, no, REVIEWER, act())
    with writing(desk.engine) as conn, pytest.raises(Refused) as caught:
        pay(conn, desk.trust_id, no, CASHIER, act(), on=DAY)
    assert caught.value.codes == {"overdrawn"}
    assert desk.books.balance("224101") == 0


def test_a_return_taken_back_by_red_letters_is_held_again(desk: Desk) -> None:
    desk.post(take(desk))
    (deposit,) = held(desk)
    returned = desk.post(give_back(desk, deposit.key, 2_000_00))[0]
    desk.post(Work(kind="reversal", title="冲销", reverses=returned.ref, on=DAY, reason="退票"))
    assert [d.left for d in held(desk)] == [2_000_00]
    desk.post(give_back(desk, deposit.key, 2_000_00))
    assert held(desk) == []


def test_a_deposit_taken_by_mistake_and_reversed_is_not_held(desk: Desk) -> None:
    ref = desk.post(take(desk))[0].ref
    desk.post(Work(kind="reversal", title="冲销", reverses=ref, on=DAY, reason="记错"))
    assert held(desk) == []


def test_no_more_is_given_back_than_is_held_and_not_without_papers(desk: Desk) -> None:
    desk.post(take(desk))
    (deposit,) = held(desk)
    with pytest.raises(Refused, match=r"只剩 2,000.00 元"):
        give_back(desk, deposit.key, 2_000_01)
    with pytest.raises(Refused) as refused:
        give_back(desk, deposit.key, 1, acceptance="", receipt_number="")
    assert refused.value.codes == {"no_acceptance", "no_receipt"}
    with pytest.raises(Refused) as refused:
        dock(desk, deposit.key, 1, agreement="", proof="")
    assert refused.value.codes == {"no_agreement", "no_proof"}
    with pytest.raises(Refused, match="没有这笔押金"):
        give_back(desk, "A-2025-999999:224101:1-101", 1)


def test_a_return_that_waits_is_not_asked_for_again(desk: Desk) -> None:
    desk.post(take(desk))
    (deposit,) = held(desk)
    desk.prepare(give_back(desk, deposit.key, 2_000_00))
    with pytest.raises(Refused, match="等待办理"):
        desk.prepare(give_back(desk, deposit.key, 2_000_00))


def test_deposits_of_the_opening_are_held_too(desk: Desk) -> None:
    lines = [cash("D", 500_00, "F3"), line("C", "224102", 300_00, "F3", unit="1-101"), line("C", "224102", 200_00, "F3", unit="1-102")]  # fmt: skip
    desk.books.post(draft("E00", lines, "handover", date=date(2024, 1, 1)))
    assert [(d.unit, d.left) for d in held(desk)] == [("1-101", 300_00), ("1-102", 200_00)]
    desk.post(give_back(desk, held(desk, unit="1-102")[0].key, 200_00))
    assert [d.unit for d in held(desk)] == ["1-101"]


def test_deposits_are_listed_page_by_page(desk: Desk) -> None:
    for _ in range(3):
        desk.post(take(desk))
    first = held(desk, limit=2)
    assert first + held(desk, after=first[-1].seq) == held(desk)
    assert len(first) == 2


# --- Pass-through -------------------------------------------------------------------------------------------


def collect(desk: Desk, unit: str, amount: int) -> None:
    asked = Collection(unit, "224103", amount, DAY, "cash", token())
    with reading(desk.engine) as conn:
        work = collect_work(conn, desk.trust_id, asked)
    desk.post(work)


def pay_bill(desk: Desk, total: int, number: str = "S202503") -> Work:
    asked = UtilityBill("224103", 202503, total, number, DAY, "F4-CCB", date(2025, 3, 31))
    with reading(desk.engine) as conn:
        return bill_work(conn, desk.trust_id, asked, TODAY)


def test_a_bill_is_paid_with_exactly_what_was_collected_for_it(desk: Desk) -> None:
    collect(desk, "1-101", 30_00)
    collect(desk, "1-102", 50_00)
    posted = desk.post(pay_bill(desk, 80_00))[0]
    assert desk.owed("224103") == {}
    with pytest.raises(Refused, match=f"已经付过（{posted.ref}）"):
        pay_bill(desk, 80_00)


def test_more_collected_than_the_bill_says_is_refused_by_law(desk: Desk) -> None:
    collect(desk, "1-101", 80_01)
    with pytest.raises(Refused, match=r"超过账单 80.00 元；代收水电不得加价，多收的 0.01 元.*第四十四条"):
        pay_bill(desk, 80_00)


def test_a_bill_is_not_paid_with_other_peoples_money(desk: Desk) -> None:
    collect(desk, "1-101", 79_99)
    with pytest.raises(Refused, match=r"不够付账单 80.00 元"):
        pay_bill(desk, 80_00)


def test_water_read_charged_paid_and_passed_on_leaves_nothing_behind(desk: Desk) -> None:
    desk.standard(41_000, item="water", method="meter")
    with writing(desk.engine) as conn:
        read = [
            ("", Reading(unit, 0, used, date(2025, 3, 31)))
            for unit, used in (("1-101", 10_00), ("1-102", 7_77))
        ]
        record_readings(conn, desk.trust_id, "water", 202503, read, CLERK, act())
    desk.charge(202503, "water")
    owed = desk.owed("112203")
    desk.post(pay_bill(desk, sum(owed.values())))
    assert desk.owed("224103") == {}
    assert desk.owed("112203") == owed, "households still owe the fund what it paid on for them"

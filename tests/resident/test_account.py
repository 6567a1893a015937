"""An owner's account: every charge with how it was reckoned, every payment, nobody else's, and not a query more
for more homes or months."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.homes import Home, account_of
from ledger.homes.account import charged_in
from ledger.people import Role
from ledger.receipts import Payment as CounterPayment
from ledger.receipts import print_receipt, receipt_work
from ledger.receipts.household import unit_account
from ledger.store.engine import reading, writing
from tests.billing.desk import CASHIER, token
from tests.ledger.books import OPENED, TODAY, act, contribution, deposit, fee_receipt, pass_through
from tests.resident.homes import FEE, Homes, settle_homes


@pytest.fixture
def homes(engine: Engine) -> Homes:
    return settle_homes(engine)


def pay(homes: Homes, unit: str, fen: int, on: date) -> str:
    with reading(homes.engine) as conn:
        work = receipt_work(conn, homes.trust_id, CounterPayment(unit, on, "cash", fen, token()))
    return homes.desk.post(work)[0].ref


def test_each_charge_says_its_month_its_entry_and_how_it_was_reckoned(homes: Homes) -> None:
    posted = [homes.desk.charge(period) for period in (202502, 202503)]
    account = homes.account("lisi")
    assert [(line.month, line.fen, line.basis) for line in account.charges] == [
        (202503, FEE, "90.00㎡×1.9800元"),
        (202502, FEE, "90.00㎡×1.9800元"),
    ]
    assert [line.ref for line in account.charges] == [posted[1].ref, posted[0].ref]
    assert {line.unit for line in account.lines} == {"1-102"}
    assert account.owed == 2 * FEE


def test_an_owner_of_two_homes_sees_both_and_the_neighbour_neither(homes: Homes) -> None:
    homes.desk.charge(202503)
    assert {line.unit for line in homes.account("zhang").lines} == {"1-101", "2-201"}
    assert homes.account("zhang").owed == 2 * FEE
    assert {line.unit for line in homes.account("lisi").lines} == {"1-102"}


def test_two_owners_of_one_home_see_the_same(homes: Homes) -> None:
    homes.give("wife", "1-102")
    homes.desk.charge(202503)
    assert homes.account("wife") == homes.account("lisi")


def test_a_payment_is_one_of_the_public_entries_with_the_number_of_its_receipt(homes: Homes) -> None:
    homes.desk.charge(202503)
    ref = pay(homes, "1-102", FEE + 50_00, date(2025, 3, 20))
    with writing(homes.engine) as conn:
        slip = print_receipt(conn, homes.trust_id, ref, CASHIER, act())
    (payment,) = homes.account("lisi").payments
    assert (payment.ref, payment.fen, payment.slip) == (ref, FEE + 50_00, slip.number_text)
    assert [(line.title, line.fen) for line in payment.lines] == [("物业费", FEE), ("预收物业费", 50_00)]
    account = homes.account("lisi")
    assert account.owed == 0
    assert [balance.ahead for balance in account.balances] == [{"预收物业费": 50_00}]


def test_deposits_and_collected_water_are_told_apart_from_fees(homes: Homes) -> None:
    homes.desk.books.post_many([deposit(2_000_00, "1-102"), pass_through(80_00, "1-102")])
    account = homes.account("lisi")
    assert account.balances[0].deposits == {"装修保证金": 2_000_00}
    assert {line.title for payment in account.payments for line in payment.lines} == {
        "装修保证金",
        "代收水费",
    }
    assert account.owed == 0


def test_a_payment_taken_back_stays_on_the_account_with_its_red_letters(homes: Homes) -> None:
    homes.desk.charge(202503)
    posted = homes.desk.books.post(fee_receipt(FEE, "1-102"))
    homes.desk.books.reverse(posted.ref)
    account = homes.account("lisi")
    assert sorted(payment.fen for payment in account.payments) == [-FEE, FEE]
    assert account.owed == FEE


def test_a_charge_taken_back_belongs_to_the_month_it_was_for(homes: Homes) -> None:
    posted = homes.desk.charge(202503)
    homes.desk.books.reverse(posted.ref)
    assert [(line.month, line.fen) for line in homes.account("lisi").charges] == [
        (202503, FEE),
        (202503, -FEE),
    ]
    assert homes.account("lisi").owed == 0


def test_years_are_chosen_and_the_newest_comes_first(homes: Homes) -> None:
    for period in (202412, 202501):
        homes.desk.charge(period)
    assert homes.account("lisi").year == 2025
    assert homes.account("lisi").years == (2025, 2024)
    assert [line.month for line in homes.account("lisi", 2024).charges] == [202412]
    assert len(homes.account("lisi", -1).charges) == 2
    assert homes.account("lisi", 2024).owed == 2 * FEE, "what is open is open now, whatever year is shown"


def test_the_lines_add_up_to_the_account_the_office_keeps(homes: Homes) -> None:
    for period in (202411, 202412, 202501, 202502):
        homes.desk.charge(period)
    pay(homes, "1-102", 3 * FEE - 1, date(2025, 3, 20))
    lines = homes.account("lisi", -1).lines
    fees = ("112201", "112202", "112203", "220301", "220302")
    signed = sum(line.fen if line.kind == "charge" else -line.fen for line in lines if line.account in fees)
    with reading(homes.engine) as conn:
        office = unit_account(conn, homes.trust_id, "1-102", limit=100)
    assert signed == office[0].balance == FEE + 1


def test_what_the_maintenance_fund_does_is_not_in_the_account_of_fees(homes: Homes) -> None:
    homes.desk.books.post(contribution())
    assert homes.account("lisi").lines == ()


def test_more_homes_and_months_cost_no_more_queries(
    homes: Homes, count_queries: Callable[[Engine], AbstractContextManager[Any]]
) -> None:
    counts = []
    for account, periods in (("lisi", (202501,)), ("zhang", (202502, 202503, 202504, 202505))):
        for period in periods:
            homes.desk.charge(period)
        owned = homes.homes(account)
        with count_queries(homes.engine) as queries, reading(homes.engine) as conn:
            account_of(conn, homes.trust_id, owned, 0, TODAY)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


# --- A home that changes hands ------------------------------------------------------------------------------


def test_the_seller_sees_the_account_to_the_day_before_the_buyer_from_the_day(homes: Homes) -> None:
    homes.sell("1-102", "李四", OPENED, reason="first")
    homes.sell("1-102", "王五", date(2025, 3, 1))
    homes.give("wangwu", "1-102", on=date(2025, 3, 5))
    for period in (202501, 202502, 202503, 202504):
        homes.desk.charge(period)
    assert homes.homes("lisi")[0].until == date(2025, 2, 28)
    assert homes.homes("wangwu")[0].since == date(2025, 3, 1)
    assert [line.month for line in homes.account("lisi").charges] == [202502, 202501]
    assert [line.month for line in homes.account("wangwu").charges] == [202504, 202503]
    assert homes.account("lisi").open == (), "what the home owes now is not the seller's to know"
    assert homes.account("lisi").balances[0].owed == 2 * FEE, "what it owed on the last day is"
    assert homes.account("wangwu").owed == 4 * FEE, "a home's debts stay with it"


def test_a_month_with_a_transfer_in_it_is_parted(homes: Homes) -> None:
    homes.sell("1-102", "李四", OPENED, reason="first")
    homes.sell("1-102", "王五", date(2025, 3, 16))
    homes.give("wangwu", "1-102", on=date(2025, 3, 20))
    homes.desk.charge(202503)
    (before,), (after,) = homes.account("lisi").charges, homes.account("wangwu").charges
    assert before.basis.startswith("过户前")
    assert after.basis.startswith("过户后")
    assert before.fen + after.fen == FEE


def test_a_payment_belongs_to_whom_owned_the_home_that_day(homes: Homes) -> None:
    homes.sell("1-102", "李四", OPENED, reason="first")
    homes.desk.charge(202502)
    pay(homes, "1-102", 100_00, date(2025, 2, 10))
    homes.sell("1-102", "王五", date(2025, 3, 1))
    homes.give("wangwu", "1-102", on=date(2025, 3, 5))
    pay(homes, "1-102", FEE - 100_00, date(2025, 3, 10))
    assert [payment.fen for payment in homes.account("lisi").payments] == [100_00]
    assert [payment.fen for payment in homes.account("wangwu").payments] == [FEE - 100_00]


def test_given_the_home_anew_one_sees_it_anew(homes: Homes) -> None:
    homes.sell("1-102", "李四", OPENED, reason="first")
    homes.sell("1-102", "王五", date(2025, 3, 1))
    homes.sell("1-102", "李四本人", date(2025, 5, 1))
    homes.give("lisi", "1-102", on=date(2025, 5, 2))
    (home,) = homes.homes("lisi")
    assert (home.since, home.until) == (date(2025, 5, 1), None)


def test_a_corrected_name_or_a_new_co_owner_is_no_transfer(homes: Homes) -> None:
    homes.sell("1-102", "李思", OPENED, reason="first")
    homes.sell("1-102", "李四", date(2025, 3, 1), reason="correction")
    assert homes.homes("lisi")[0].until is None


def test_whoever_rents_has_no_account_and_whose_role_ended_neither(homes: Homes) -> None:
    homes.give("tenant", "1-102", role=Role.TENANT)
    homes.desk.charge(202503)
    assert homes.homes("tenant") == ()
    assert homes.account("tenant").lines == ()


@given(st.dates(date(2024, 1, 1), date(2026, 1, 1)), st.dates(date(2024, 1, 1), date(2026, 1, 1)))
def test_every_day_belongs_to_exactly_one_of_seller_and_buyer(transfer: date, day: date) -> None:
    seller = Home("1", "1", "住宅", 1, None, transfer - timedelta(days=1))
    buyer = Home("1", "1", "住宅", 1, transfer, None)
    for basis in ("", "90㎡"):
        assert seller.owns(day, basis) != buyer.owns(day, basis)


def test_what_was_charged_is_summed_by_month_and_fund(homes: Homes) -> None:
    for period in (202502, 202503):
        homes.desk.charge(period)
    with reading(homes.engine) as conn:
        found = charged_in(conn, homes.trust_id, homes.homes("zhang"), "F1")
        nothing = charged_in(conn, homes.trust_id, homes.homes("zhang"), "F4")
    assert found == {202503: 2 * FEE, 202502: 2 * FEE}
    assert nothing == {}

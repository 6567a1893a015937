"""“My ¥178.20 of March went to …”: a computed share, exact to the fen, of what the fund did that month."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.homes import Share, where_it_went
from ledger.journal import Draft
from ledger.money import split_largest_remainder
from ledger.store.engine import reading
from ledger.trust import load_setup
from tests.ledger.books import fee_charge, invoice, petty, some
from tests.resident.homes import FEE, Homes, settle_homes


@pytest.fixture
def homes(engine: Engine) -> Homes:
    return settle_homes(engine)


def split(homes: Homes, period: int = 202503, mine: int = FEE) -> Share | None:
    with reading(homes.engine) as conn:
        chart = load_setup(conn, homes.trust_id).chart
        return where_it_went(conn, homes.trust_id, chart, "F1", period, mine)


def test_the_share_is_split_as_the_fund_spent_and_kept(homes: Homes) -> None:
    homes.desk.charge(202503)  # 3 × 178.20 = 534.60
    homes.desk.books.post_many([invoice(200_00, "500501"), invoice(100_00, "500502"), petty(34_60, "5007")])
    share = split(homes)
    assert share is not None
    assert [(part.account, part.spent) for part in share.parts] == [("5005", 300_00), ("5007", 34_60)]
    assert share.parts[0].name == "共用部位设施设备日常运行维护"
    assert share.kept is not None
    assert share.kept.spent == 200_00
    assert [part.mine for part in (*share.parts, share.kept)] == split_largest_remainder(
        FEE, [300_00, 34_60, 200_00]
    )
    assert sum(part.mine for part in (*share.parts, share.kept)) == FEE


def test_a_month_that_cost_more_than_it_brought_in_leaves_nothing_and_says_what_was_short(
    homes: Homes,
) -> None:
    homes.desk.charge(202503)
    homes.desk.books.post(invoice(1_000_00))
    share = split(homes)
    assert share is not None
    assert share.kept is None
    assert [part.mine for part in share.parts] == [FEE]
    assert share.short == 1_000_00 - 3 * FEE


def test_other_months_and_red_letters_are_not_counted_twice(homes: Homes) -> None:
    homes.desk.charge(202503)
    wrong = homes.desk.books.post(invoice(500_00, "500501"))
    homes.desk.books.reverse(wrong.ref, on=date(2025, 3, 31))
    homes.desk.books.post(invoice(80_00, "5003", date=date(2025, 4, 2)))
    homes.desk.books.post(petty(10_00))
    share = split(homes)
    assert share is not None
    assert [part.account for part in share.parts] == ["5007"]


def test_without_spending_or_without_a_charge_there_is_nothing_to_split(homes: Homes) -> None:
    homes.desk.charge(202503)
    assert split(homes) is None
    homes.desk.books.post(petty(10_00))
    assert split(homes, mine=0) is None


def test_the_close_of_the_year_is_neither_earned_nor_spent(engine: Engine) -> None:
    homes = settle_homes(engine)
    december: list[Draft] = [
        fee_charge([("1-101", 100_00)], date=date(2024, 12, 1)),
        petty(40_00, date=date(2024, 12, 5)),
    ]
    homes.desk.books.post_many(december)
    before = split(homes, 202412, 100_00)
    homes.desk.books.close_year(2024)
    assert before is not None
    assert before.kept is not None
    assert split(homes, 202412, 100_00) == before


@pytest.mark.db("sqlite")
@some(0.3)
@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=6),
    st.integers(1, 10**7),
    st.integers(0, 10**9),
)
def test_the_parts_always_add_up_and_none_is_a_fen_off(spent: list[int], mine: int, kept: int) -> None:
    parts = split_largest_remainder(mine, [*spent, kept])
    whole = sum(spent) + kept
    assert sum(parts) == mine
    assert all(
        abs(part * whole - mine * weight) < whole for part, weight in zip(parts, [*spent, kept], strict=True)
    )

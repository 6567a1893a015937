"""Schedules: no day twice, no day missing, the sum is the contract's total."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Refused
from ledger.revenue.schedule import DueRow, Plan, add_months, make_schedule, month_parts
from ledger.revenue.vat import split_vat

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    starts_on = draw(days)
    priced = draw(st.booleans())
    return Plan(
        mode=draw(st.sampled_from(["accrue", "prepaid", "share"])),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=draw(st.integers(0, 2500))),
        period_months=draw(st.sampled_from([1, 2, 3, 6, 12, 24])),
        due_days=draw(st.integers(0, 60)),
        amount=draw(st.integers(0, 10**9)) if priced else None,
        total=None if priced else draw(st.integers(0, 10**10)),
        escalation_bp=draw(st.sampled_from([0, 300, 500, -200])) if priced else 0,
        escalation_months=draw(st.sampled_from([12, 24])),
    )


@given(plans())
def test_periods_follow_each_other_from_the_first_day_to_the_last(plan: Plan) -> None:
    rows = make_schedule(plan)
    assert rows[0].starts_on == plan.starts_on
    assert rows[-1].ends_on == plan.ends_on
    for row, following in pairwise(rows):
        assert following.starts_on == row.ends_on + timedelta(days=1)


@given(plans())
def test_the_sum_of_a_schedule_is_the_contracts_total(plan: Plan) -> None:
    rows = make_schedule(plan)
    if plan.total is not None:
        assert sum(row.amount for row in rows) == plan.total
    elif not plan.escalation_bp:
        assert all(row.amount == plan.amount for row in rows[:-1])
        assert rows[-1].amount <= (plan.amount or 0)


@given(plans())
def test_the_months_of_a_period_bear_exactly_its_amount(plan: Plan) -> None:
    for row in make_schedule(plan):
        parts = month_parts(row)
        assert sum(parts.values()) == row.amount
        assert min(parts) == row.starts_on.year * 100 + row.starts_on.month
        assert max(parts) == row.ends_on.year * 100 + row.ends_on.month


@given(st.integers(-(10**9), 10**9), st.integers(0, 2000))
def test_net_and_tax_are_the_price_and_the_tax_is_the_rate_on_the_net(gross: int, rate: int) -> None:
    net, tax = split_vat(gross, rate)
    assert net + tax == gross
    assert abs(tax * 10_000 - net * rate) <= 10_000 + rate


def test_prepaid_is_due_after_a_period_begins_others_after_it_ends() -> None:
    common = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 3, 31), "period_months": 3, "due_days": 10}
    ahead = make_schedule(Plan("prepaid", **common, total=1))  # type: ignore[arg-type]
    behind = make_schedule(Plan("accrue", **common, total=1))  # type: ignore[arg-type]
    assert (ahead[0].due_on, behind[0].due_on) == (date(2025, 1, 11), date(2025, 4, 10))


def test_a_rise_of_five_percent_a_year_is_upon_what_it_was_before() -> None:
    plan = Plan("accrue", date(2025, 1, 1), date(2027, 12, 31), 12, 0, amount=1_000_01, escalation_bp=500)
    assert [row.amount for row in make_schedule(plan)] == [1_000_01, 1_050_01, 1_102_51]


def test_whole_months_bear_alike_broken_ones_by_days() -> None:
    quarter = DueRow(1, date(2025, 1, 1), date(2025, 3, 31), date(2025, 4, 1), 100_00)
    assert month_parts(quarter) == {202501: 33_34, 202502: 33_33, 202503: 33_33}
    broken = DueRow(1, date(2025, 1, 16), date(2025, 2, 14), date(2025, 3, 1), 30_00)
    assert month_parts(broken) == {202501: 16_00, 202502: 14_00}


def test_the_last_of_a_month_stays_the_last() -> None:
    assert add_months(date(2024, 12, 31), 2) == date(2025, 2, 28)
    assert add_months(date(2025, 11, 30), 3) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_on": date(2024, 12, 31)}, "bad_span"),
        ({"period_months": 0}, "bad_period_length"),
        ({"amount": None}, "amount_or_total"),
        ({"total": 5}, "amount_or_total"),
        ({"amount": -1}, "bad_amount"),
        ({"due_days": 400}, "bad_due_days"),
        ({"escalation_bp": 20_000}, "bad_escalation"),
        ({"amount": None, "total": 5, "escalation_bp": 100}, "escalated_total"),
        ({"ends_on": date(2200, 1, 1)}, "too_many_periods"),
        ({"mode": "gift"}, "unknown_mode"),
    ],
)
def test_terms_that_make_no_sense_are_refused(changes: dict[str, object], code: str) -> None:
    sound = {"mode": "accrue", "starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}
    values = {**sound, "period_months": 1, "due_days": 5, "amount": 100, **changes}
    with pytest.raises(Refused) as refused:
        make_schedule(Plan(**values))  # type: ignore[arg-type]
    assert code in refused.value.codes

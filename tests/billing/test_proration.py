"""A month in parts adds up to the month, to the fen, however it is cut."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ledger.billing.proration import charge, charge_in_parts, stretches

FIRST, LAST = date(2025, 4, 1), date(2025, 4, 30)
parts = st.lists(st.tuples(st.integers(0, 10**10), st.integers(1, 31)), min_size=1, max_size=8)


@given(parts)
def test_the_parts_add_up_to_the_exact_sum_rounded_once(cut: list[tuple[int, int]]) -> None:
    products, days = [product for product, _ in cut], [length for _, length in cut]
    exact = Fraction(sum(p * d for p, d in cut), 10_000 * sum(days))
    assert abs(sum(charge_in_parts(products, days)) - exact) <= Fraction(1, 2)


@given(parts)
def test_no_part_is_a_fen_or_more_away_from_its_exact_share(cut: list[tuple[int, int]]) -> None:
    products, days = [product for product, _ in cut], [length for _, length in cut]
    found = charge_in_parts(products, days)
    total, weight = sum(found), sum(p * d for p, d in cut)
    for fen, (product, length) in zip(found, cut, strict=True):
        assert abs(fen - (Fraction(total * product * length, weight) if weight else 0)) < 1


@given(st.integers(0, 10**8), st.integers(0, 10**6), st.sets(st.integers(2, 30), max_size=5))
def test_cutting_a_month_in_which_the_price_stays_changes_nothing(
    area: int, rate: int, cuts: set[int]
) -> None:
    days = [x.days for x in stretches(FIRST, LAST, [date(2025, 4, day) for day in cuts])]
    assert sum(charge_in_parts([area * rate] * len(days), days)) == charge(area, rate)


@given(st.lists(st.dates(date(2025, 3, 20), date(2025, 5, 10)), max_size=6))
def test_stretches_cover_every_day_of_the_month_once(cuts: list[date]) -> None:
    days = [
        stretch.first.toordinal() + n for stretch in stretches(FIRST, LAST, cuts) for n in range(stretch.days)
    ]
    assert days == list(range(FIRST.toordinal(), LAST.toordinal() + 1))


def test_a_stretch_reads_as_a_bill_says_it() -> None:
    one, two = stretches(FIRST, LAST, [date(2025, 4, 30)])
    assert (one.text, two.text) == ("4月1日—29日", "4月30日")

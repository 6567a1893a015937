"""Working days of China: weekends, holidays, the weekends worked instead, and years not announced yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from chinese_calendar import Holiday, get_holiday_detail
from hypothesis import given
from hypothesis import strategies as st

from ledger.inquiries.calendar import (
    _tomb_sweeping,
    add_days,
    add_working_days,
    announced,
    is_working_day,
    working_days_between,
)

DAYS = st.dates(date(2005, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 6, 2), False),  # the Monday of the Dragon Boat Festival
        (date(2025, 6, 3), True),
        (date(2025, 6, 7), False),  # a Saturday
        (date(2025, 1, 26), True),  # a Sunday worked for the Spring Festival
        (date(2025, 10, 8), False),
    ],
)
def test_holidays_and_the_weekends_worked_for_them(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_a_deadline_skips_the_holiday() -> None:
    assert add_working_days(date(2025, 5, 30), 1) == date(2025, 6, 3)
    assert add_working_days(date(2025, 9, 30), 3) == date(2025, 10, 11)


def test_a_year_not_announced_yet_counts_monday_to_friday() -> None:
    assert announced(2025)
    assert not announced(2090)
    ordinary = [date(2090, 3, 6) + timedelta(days=n) for n in range(7)]
    assert [is_working_day(day) for day in ordinary] == [day.weekday() < 5 for day in ordinary]


@pytest.mark.parametrize(
    "day",
    [
        date(2088, 1, 1),
        date(2091, 5, 1),
        date(2090, 5, 2),
        date(2091, 10, 1),
        date(2091, 10, 2),
        date(2091, 10, 3),
        date(2090, 4, 4),
    ],
)
def test_statutory_holidays_need_no_announcement(day: date) -> None:
    assert not announced(day.year)
    assert day.weekday() < 5, "a weekend would say nothing"
    assert not is_working_day(day)
    assert is_working_day(day - timedelta(days=7))


def test_the_day_after_a_statutory_holiday_works_until_something_else_is_announced() -> None:
    assert is_working_day(date(2091, 10, 4))
    assert add_working_days(date(2091, 9, 30), 1) == date(2091, 10, 4)


@pytest.mark.parametrize("year", range(2008, 2027))
def test_tomb_sweeping_day_is_the_one_that_was_announced(year: int) -> None:
    """What the years not announced yet go by, held against those that were."""
    day = _tomb_sweeping(year)
    assert day is not None
    assert get_holiday_detail(day) == (True, Holiday.tomb_sweeping_day.value)


def test_calendar_days_that_end_on_a_holiday_end_on_the_next_working_day() -> None:
    assert add_days(date(2025, 5, 30), 3) == date(2025, 6, 3)
    assert add_days(date(2025, 6, 3), 1) == date(2025, 6, 4)


@given(DAYS, st.integers(1, 30))
def test_the_nth_working_day_is_n_working_days_later(day: date, n: int) -> None:
    due = add_working_days(day, n)
    assert is_working_day(due)
    assert working_days_between(day, due) == n
    assert working_days_between(day, due - timedelta(days=1)) == n - 1
    assert add_days(day, n) >= day + timedelta(days=n)

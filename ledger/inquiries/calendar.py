"""Working days of China (工作日): weekends, holidays and the weekends that are worked instead.

The State Council announces a year's holidays late in the year before; until the library knows a year, Monday
to Friday count as working days there, and :func:`announced` says that it is only so far.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

_ONE = timedelta(days=1)


@lru_cache(maxsize=8192)
def _known(day: date) -> bool | None:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def announced(year: int) -> bool:
    """Whether the holidays of a year are known."""
    return _known(date(year, 1, 1)) is not None


def is_working_day(day: date) -> bool:
    """Whether offices are open on a day."""
    known = _known(day)
    return day.weekday() < 5 if known is None else known


def add_working_days(day: date, n: int) -> date:
    """The n-th working day after a day, which itself does not count (民法典 201)."""
    while n > 0:
        day += _ONE
        n -= is_working_day(day)
    return day


def add_days(day: date, n: int) -> date:
    """The n-th day after a day; if that is not a working day, the next one is the last (民法典 203)."""
    day += timedelta(days=n)
    return day if is_working_day(day) else add_working_days(day, 1)


def working_days_between(first: date, last: date) -> int:
    """Working days after ``first`` up to and with ``last``; 0 if that is not later."""
    days = (last - first).days
    return sum(is_working_day(first + timedelta(days=n)) for n in range(1, days + 1))

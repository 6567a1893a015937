"""Working days of China (工作日): weekends, holidays and the weekends that are worked instead.

The State Council announces a year's holidays late in the year before. Until the library knows a year, Monday to
Friday count as working days there but for the statutory holidays whose date needs no announcement (全国年节及纪念日
放假办法, as in force since 2025), and :func:`announced` says that it is only so far. Spring Festival, Dragon Boat
Festival and Mid-autumn Festival go by the lunar calendar, which no library here knows ahead, and days off that take
the place of a weekend are the announcement's to name: both are left to it.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

_ONE = timedelta(days=1)
_FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of the statutory holidays (元旦, 劳动节, 国庆节) that are the same every year."""
_APRIL = 4


@lru_cache(maxsize=8192)
def _known(day: date) -> bool | None:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def announced(year: int) -> bool:
    """Whether the holidays of a year are known."""
    return _known(date(year, 1, 1)) is not None


def _statutory(day: date) -> bool:
    """Whether a day is a statutory holiday by its date alone, or by the sun (清明)."""
    return (day.month, day.day) in _FIXED or (day.month == _APRIL and day == _tomb_sweeping(day.year))


@lru_cache(maxsize=64)
def _tomb_sweeping(year: int) -> date | None:
    """The day of 清明; None for years the library can't reckon."""
    try:
        terms = chinese_calendar.get_solar_terms(date(year, _APRIL, 1), date(year, _APRIL, 10))
    except NotImplementedError:
        return None
    return next((day for day, name in terms if name == "清明"), None)


def is_working_day(day: date) -> bool:
    """Whether offices are open on a day."""
    known = _known(day)
    return day.weekday() < 5 and not _statutory(day) if known is None else known


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

"""Months as integers yyyymm."""

from __future__ import annotations

from datetime import date, timedelta

from ledger.errors import refuse


def first_day(period: int) -> date:
    """The first day of yyyymm. Raises :class:`~ledger.errors.Refused` for a month that does not exist."""
    year, month = divmod(period, 100)
    if not (1900 <= year <= 2999 and 1 <= month <= 12):
        raise refuse("bad_period", f"没有 {period} 这个月份，请写成 202503 的样子", "月份")
    return date(year, month, 1)


def last_day(period: int) -> date:
    """The last day of yyyymm."""
    return first_day(following(period)) - timedelta(days=1)


def following(period: int) -> int:
    """The month after."""
    first = first_day(period)
    return (first.year + 1) * 100 + 1 if first.month == 12 else period + 1


def preceding(period: int) -> int:
    """The month before."""
    first = first_day(period)
    return (first.year - 1) * 100 + 12 if first.month == 1 else period - 1


def period_of(day: date) -> int:
    """The month a day is in."""
    return day.year * 100 + day.month


def period_name(period: int) -> str:
    """``2025年3月``."""
    return f"{period // 100}年{period % 100}月"

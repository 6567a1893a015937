"""A month in parts (按日分段): days, quantity and rate of each, and fen that add up exactly.

When a home changes hands, a standard changes, or a use or area does, within a month, each stretch of days
counts by itself. The month's charge is rounded once, half up; its parts are split by largest remainder, so
that they add up to it to the fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.money import split_largest_remainder

_PER_FEN = 10_000
"""0.01 m² × 0.0001 yuan = 0.000001 yuan = 1/10,000 fen."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of a month in which nothing changes, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def text(self) -> str:
        """``3月1日—14日``."""
        if self.first == self.last:
            return f"{self.first.month}月{self.first.day}日"
        return f"{self.first.month}月{self.first.day}日—{self.last.day}日"


def stretches(first: date, last: date, cuts: Iterable[date]) -> tuple[Stretch, ...]:
    """The days from first to last, cut before each of ``cuts`` that lies within."""
    starts = sorted({first, *(day for day in cuts if first < day <= last)})
    ends = [*(day - timedelta(days=1) for day in starts[1:]), last]
    return tuple(Stretch(start, end) for start, end in zip(starts, ends, strict=True))


def charge(quantity: int, rate_e4: int) -> int:
    """Fen of a whole month: quantity in 0.01, rate in 0.0001 yuan, half up."""
    return _half_up(quantity * rate_e4, _PER_FEN)


def charge_in_parts(products: Sequence[int], days: Sequence[int]) -> list[int]:
    """Fen of each stretch: ``products`` are quantity × rate of each, ``days`` its length.

    The parts add up to the month's charge: the exact sum of product × days over all days, half up.
    """
    weights = [product * length for product, length in zip(products, days, strict=True)]
    total = _half_up(sum(weights), _PER_FEN * sum(days))
    return split_largest_remainder(total, weights) if any(weights) else [0] * len(weights)


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)

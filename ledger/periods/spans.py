"""Spans a statement covers: a month, a quarter or a year, each with an integer code and a slug.

Codes continue the months yyyymm: 202503 is a month, 202533 to 202536 are the four quarters (the quarter
codes of ISO 8601-2), 202500 is the year. Slugs are how addresses name them: ``2025-03``, ``2025-Q1``, ``2025``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.errors import refuse
from ledger.periods.calendar import first_day, last_day

SpanKind = Literal["month", "quarter", "year"]
KINDS: tuple[SpanKind, ...] = ("month", "quarter", "year")
FIRST_QUARTER = 33
"""The quarter code of ISO 8601-2 for the first quarter; the others follow."""
_SLUG = re.compile(r"(\d{4})(?:-(\d{2})|-Q([1-4]))?", re.ASCII)
_ORDINALS = "一二三四"


@dataclass(frozen=True, slots=True)
class Span:
    """A month, quarter or year: its code, its days (both included) and its months (yyyymm)."""

    kind: SpanKind
    code: int
    first: date
    last: date
    months: tuple[int, ...]

    @property
    def slug(self) -> str:
        """As in addresses."""
        return span_slug(self.code)

    @property
    def name(self) -> str:
        """As people say it."""
        return span_name(self.code)


def span_of(code: int) -> Span:
    """The span of a code. Raises :class:`~ledger.errors.Refused` for a code that names none."""
    year, part = divmod(code, 100)
    if 1 <= part <= 12:
        return _span("month", code, (code,))
    if FIRST_QUARTER <= part < FIRST_QUARTER + 4:
        start = year * 100 + 3 * (part - FIRST_QUARTER) + 1
        return _span("quarter", code, (start, start + 1, start + 2))
    if part == 0:
        return _span("year", code, tuple(range(year * 100 + 1, year * 100 + 13)))
    raise _unknown(str(code))


def read_span(slug: str) -> Span:
    """The span ``2025-03``, ``2025-Q1`` or ``2025``. Raises :class:`~ledger.errors.Refused` for anything else."""
    found = _SLUG.fullmatch(slug)
    if not found:
        raise _unknown(slug)
    year, month, quarter = found.groups()
    part = int(month) if month else FIRST_QUARTER - 1 + int(quarter) if quarter else 0
    if month and part not in range(1, 13):
        raise _unknown(slug)
    return span_of(int(year) * 100 + part)


def span_name(code: int) -> str:
    """``2025年3月``, ``2025年第一季度`` or ``2025年度``."""
    span = span_of(code)
    year, part = divmod(code, 100)
    if span.kind == "month":
        return f"{year}年{part}月"
    return f"{year}年第{_ORDINALS[part - FIRST_QUARTER]}季度" if span.kind == "quarter" else f"{year}年度"


def span_slug(code: int) -> str:
    """``2025-03``, ``2025-Q1`` or ``2025``."""
    kind = span_of(code).kind
    year, part = divmod(code, 100)
    if kind == "month":
        return f"{year:04d}-{part:02d}"
    return f"{year:04d}-Q{part - FIRST_QUARTER + 1}" if kind == "quarter" else f"{year:04d}"


def quarter_of(month: int) -> int:
    """The code of the quarter a month (yyyymm) is in."""
    year, part = divmod(month, 100)
    return year * 100 + FIRST_QUARTER + (part - 1) // 3


def year_of(month: int) -> int:
    """The code of the year a month (yyyymm) is in."""
    return month // 100 * 100


def spans_ending(month: int) -> tuple[Span, ...]:
    """What is complete once this month (yyyymm) is: the month, its quarter, its year."""
    found = [span_of(month)]
    found += [
        span for span in (span_of(quarter_of(month)), span_of(year_of(month))) if span.months[-1] == month
    ]
    return tuple(found)


def _span(kind: SpanKind, code: int, months: tuple[int, ...]) -> Span:
    return Span(kind, code, first_day(months[0]), last_day(months[-1]), months)


def _unknown(said: str) -> Exception:
    return refuse(
        "bad_span", f"没有“{said}”这一期，请写成 2025-03（月）、2025-Q1（季度）或 2025（年）", "期间"
    )

"""The table of duties (``duties.toml``) and the arithmetic of lateness, on plain values."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from ledger.periods.calendar import following, last_day, period_of
from ledger.periods.spans import Span, SpanKind, quarter_of, span_of, year_of

RULES = ("age", "span", "covered", "month")
FIRST_SETTING = "due_first_days"
FIRST_DAYS = 30
"""Days from the opening of the books within which a block has to be published for the first time."""
SPAN_KINDS: Mapping[str, SpanKind] = {
    "statement_month": "month",
    "statement_quarter": "quarter",
    "statement_year": "year",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of ``duties.toml``; see there."""

    code: str
    title: str
    basis: str
    rule: str
    setting: str
    default: int
    page: str
    block: bool


@cache
def rules() -> Mapping[str, Rule]:
    """All duties in the order of the file. Raises ValueError for a row whose rule is not known."""
    text = files("ledger.disclosures").joinpath("duties.toml").read_text(encoding="utf-8")
    found = {}
    for code, row in tomllib.loads(text).items():
        if row["rule"] not in RULES:
            raise ValueError(f"duty {code} has unknown rule {row['rule']}")
        found[code] = Rule(
            code=code,
            title=row["title"],
            basis=row["basis"],
            rule=row["rule"],
            setting=row["setting"],
            default=row["default"],
            page=row["page"],
            block=row.get("block", False),
        )
    return MappingProxyType(found)


def days_late(due_on: date | None, today: date) -> int:
    """Whole days past the last day; on that day itself nothing is late."""
    return 0 if due_on is None else max(0, (today - due_on).days)


def first_missing(kind: SpanKind, begun: date, published: Collection[int]) -> Span:
    """The first month, quarter or year since ``begun`` (the one that day is in) without a statement."""
    month = period_of(begun)
    known = set(published)
    while (code := _code(kind, month)) in known:
        month = following(span_of(code).months[-1])
    return span_of(code)


def due_of_span(kind: SpanKind, begun: date, published: Collection[int], days: int) -> date:
    """The last day to publish the first statement that is missing."""
    return first_missing(kind, begun, published).last + timedelta(days=days)


def due_of_month(done: int | None, begun: date, days: int) -> date:
    """The last day for the month after the last one that is done (yyyymm), or for the first one."""
    month = period_of(begun) if done is None else max(following(done), period_of(begun))
    return last_day(month) + timedelta(days=days)


def _code(kind: SpanKind, month: int) -> int:
    if kind == "month":
        return month
    return quarter_of(month) if kind == "quarter" else year_of(month)

"""What a statement is made from: a community, a span of days, and the log up to a fixed size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import Case, ColumnElement, Connection, case

from ledger.balances import Clock
from ledger.periods.spans import Span
from ledger.store.tables import posting
from ledger.trust.setup import Setup

Book = Literal["A", "M"]


@dataclass(frozen=True)
class Scope:
    """``size`` is the cut-off: nothing from place ``size`` of the log on is known."""

    conn: Connection
    setup: Setup
    span: Span
    size: int

    @property
    def trust_id(self) -> int:
        """The community."""
        return self.setup.trust_id

    @cached_property
    def clock(self) -> Clock:
        """The end of the span, as known at the cut-off."""
        return Clock(self.span.last, self.size, False)

    @cached_property
    def before(self) -> Clock:
        """The day before the span, as known at the cut-off."""
        return replace(self.clock, as_of=self.span.first - timedelta(days=1))

    @property
    def new_year(self) -> date:
        """1 January of the span's year."""
        return date(self.span.first.year, 1, 1)

    def postings(self, book: str, since: date | None = None) -> list[ColumnElement[bool]]:
        """The span's postings of a book (or those since an earlier day) that are known."""
        return [
            posting.c.trust_id == self.trust_id,
            posting.c.book == book,
            posting.c.business_date.between(since or self.span.first, self.span.last),
            posting.c.seq < self.size,
        ]

    def of_span(self, amount: Any) -> Case[Any]:
        """The amount where the day is in the span, else nothing."""
        return case((posting.c.business_date >= self.span.first, amount), else_=0)


def signed() -> Case[Any]:
    """A posting's amount, debit positive."""
    return case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)

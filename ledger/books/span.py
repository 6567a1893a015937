"""Which months a book covers, and the clock under which it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, select

from ledger.balances import Clock, resolve_clock
from ledger.chart import FUNDS
from ledger.errors import Unanswerable
from ledger.events import load_events
from ledger.periods.calendar import first_day, following, last_day, period_name, period_of
from ledger.store.tables import entry, trust

MAX_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Span:
    """Whole months yyyymm, both included."""

    first: int
    last: int

    @property
    def first_day(self) -> date:
        """The first day of the first month."""
        return first_day(self.first)

    @property
    def last_day(self) -> date:
        """The last day of the last month."""
        return last_day(self.last)

    @property
    def day_before(self) -> date:
        """The day before the first."""
        return self.first_day - timedelta(days=1)

    @property
    def year_start(self) -> date:
        """1 January of the year the span ends in."""
        return date(self.last_day.year, 1, 1)

    def months(self) -> Iterator[int]:
        """The months in order."""
        month = self.first
        while month <= self.last:
            yield month
            month = following(month)

    @property
    def title(self) -> str:
        """``2025年3月`` or ``2025年1月至2025年3月``."""
        if self.first == self.last:
            return period_name(self.first)
        return f"{period_name(self.first)}至{period_name(self.last)}"


@dataclass(frozen=True, slots=True)
class View:
    """One book over some months, as known now: what every question about books begins with.

    ``opened_on`` is the day the books opened; what was taken over on that day (E00) counts as opening
    balance (期初), not as something that happened in the month.
    """

    trust_id: int
    book: str
    span: Span
    clock: Clock
    opened_on: date

    def at(self, day: date) -> Clock:
        """The same knowledge at the end of another day."""
        return Clock(day, self.clock.known_at, self.clock.everything, self.clock.setup_version)

    @property
    def last(self) -> date:
        """The last day that is covered: the end of the span, or today."""
        return self.clock.as_of


def view_of(conn: Connection, trust_id: int, book: str, span: Span, *, today: date) -> View:
    """Raises :class:`~ledger.errors.Unanswerable` for a book or for months these books do not have."""
    if book not in {fund.book for fund in FUNDS.values()}:
        raise Unanswerable("unknown_book", f"没有账套“{book}”")
    opened_on = conn.execute(
        select(trust.c.opened_on).where(trust.c.trust_id == trust_id)
    ).scalar_one_or_none()
    if opened_on is None:
        raise Unanswerable("unknown_trust", f"没有编号为 {trust_id} 的小区账套")
    if span.first > span.last:
        raise Unanswerable("bad_span", "起始月份晚于截止月份，请调换")
    if span.first < period_of(opened_on):
        raise Unanswerable("before_opening", f"账套 {opened_on} 才启用，没有{period_name(span.first)}的账")
    if span.first_day > today:
        raise Unanswerable("future_day", f"{period_name(span.first)}还没到，没有账可看")
    if (span.last // 100 - span.first // 100) * 12 + span.last % 100 - span.first % 100 >= MAX_MONTHS:
        raise Unanswerable("long_span", f"一次最多看 {MAX_MONTHS} 个月，请缩小范围")
    clock = resolve_clock(conn, trust_id, today=today, as_of=min(span.last_day, today))
    return View(trust_id, book, span, clock, opened_on)


def of_opening() -> ColumnElement[bool]:
    """The condition that an entry takes over the balances with which the books open."""
    return entry.c.event.in_([event.id for event in load_events().values() if event.opening])


def of_closing() -> ColumnElement[bool]:
    """The condition that an entry carries income and expense to the year's result."""
    return entry.c.event.in_([event.id for event in load_events().values() if event.closing])

"""The subsidiary ledger (明细账): every posting of an account with the balance after it.

A page begins with what was carried forward (上年结转, or 期初余额 within the year), each month that moved
ends with its total (本月合计) and the year's so far (本年累计), December with what is carried to the next
year (结转下年). A unit, vendor or bank account narrows it to that one's sub-ledger (户分账, 日记账).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection

from ledger.balances import Totals
from ledger.books.postings import (
    Place,
    Posted,
    Scope,
    codes_of,
    opening_totals,
    stream_postings,
    totals_to_place,
    totals_until,
)
from ledger.books.span import View
from ledger.chart import load_chart
from ledger.periods.calendar import first_day, following, last_day, period_of


class Kind(StrEnum):
    """What a row of an account book says."""

    TAKEN_OVER = "taken_over"
    LAST_YEAR = "last_year"
    OPENING = "opening"
    CARRIED = "carried"
    LINE = "line"
    MONTH = "month"
    YEAR = "year"
    NEXT_YEAR = "next_year"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row in fen; ``balance`` is debit minus credit. ``period`` is the month it belongs to."""

    kind: Kind
    period: int
    debit: int
    credit: int
    balance: int
    day: date | None = None
    ref: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """How far a reader has come: balance, the month's totals and the year's."""

    period: int
    balance: int
    month: Totals
    year: Totals


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page; ``next`` is where the following page begins, None on the last one."""

    scope: Scope
    name: str
    rows: tuple[LedgerRow, ...]
    next: Place | None


NOTHING = Totals(0, 0)


def ledger_page(
    conn: Connection, view: View, scope: Scope, *, after: Place | None = None, limit: int = 100
) -> LedgerPage:
    """The rows of a span that follow ``after``. Raises :class:`~ledger.errors.Unanswerable`."""
    chart = load_chart(conn, view.trust_id)
    codes = codes_of(conn, view, scope, chart)
    found = list(stream_postings(conn, view, scope, codes, after=after, limit=limit + 1))
    more, found = len(found) > limit, found[:limit]
    if after is None:
        state, head = _start(conn, view, scope, codes)
    else:
        state = _state_at(conn, view, scope, codes, after)
        head = LedgerRow(Kind.CARRIED, state.period, state.month.debit, state.month.credit, state.balance)
    rows = (head, *_unfold(found, state, None if more else period_of(view.last)))
    return LedgerPage(scope, chart.path(view.book, scope.account), rows, found[-1].place if more else None)


def ledger_rows(conn: Connection, view: View, scope: Scope) -> Iterator[LedgerRow]:
    """All rows of a span one by one, in flat memory, for printing and export."""
    codes = codes_of(conn, view, scope, load_chart(conn, view.trust_id))
    state, head = _start(conn, view, scope, codes)
    yield head
    yield from _unfold(stream_postings(conn, view, scope, codes), state, period_of(view.last))


def _start(conn: Connection, view: View, scope: Scope, codes: list[str]) -> tuple[State, LedgerRow]:
    first = view.span.first_day
    if first <= view.opened_on:
        taken = opening_totals(conn, view, scope, codes)
        head = LedgerRow(Kind.TAKEN_OVER, view.span.first, 0, 0, taken.balance, view.opened_on)
        return State(view.span.first, taken.balance, NOTHING, NOTHING), head
    opening = totals_until(conn, view, scope, codes, view.span.day_before)
    kind = Kind.LAST_YEAR if first.month == 1 else Kind.OPENING
    year = _year_until(conn, view, scope, codes, view.span.day_before) if first.month > 1 else NOTHING
    head = LedgerRow(kind, view.span.first, 0, 0, opening.balance)
    return State(view.span.first, opening.balance, NOTHING, year), head


def _state_at(conn: Connection, view: View, scope: Scope, codes: list[str], place: Place) -> State:
    """The state just after a posting in the middle of a book."""
    period = period_of(place.day)
    day_before = date.fromordinal(first_day(period).toordinal() - 1)
    month = totals_to_place(conn, view, scope, codes, place)
    before = totals_until(conn, view, scope, codes, day_before)
    if first_day(period) <= view.opened_on:
        before = opening_totals(conn, view, scope, codes)
        return State(period, before.balance + month.balance, month, month)
    year = NOTHING if period % 100 == 1 else _year_until(conn, view, scope, codes, day_before)
    return State(period, before.balance + month.balance, month, year + month)


def _year_until(conn: Connection, view: View, scope: Scope, codes: list[str], day: date) -> Totals:
    """What moved in the year of ``day`` up to it, what was taken over left out."""
    year_before = date(day.year - 1, 12, 31)
    now = totals_until(conn, view, scope, codes, day)
    begun = totals_until(conn, view, scope, codes, year_before)
    if year_before < view.opened_on <= day:
        begun = opening_totals(conn, view, scope, codes)
    return Totals(now.debit - begun.debit, now.credit - begun.credit)


def _unfold(found: Iterable[Posted], state: State, until: int | None) -> Iterator[LedgerRow]:
    """Postings with the rows that belong between them; ``until`` None if more postings follow."""
    for item in found:
        period = period_of(item.place.day)
        if period != state.period:
            state = yield from _pass_months(state, period)
        both = Totals(item.debit, item.credit)
        state = State(period, state.balance + both.balance, state.month + both, state.year + both)
        yield LedgerRow(
            Kind.LINE, period, item.debit, item.credit, state.balance, item.place.day, item.ref, item.summary
        )
    if until is not None:
        if until != state.period:
            state = yield from _pass_months(state, until)
        yield from _month_end(state)


def _pass_months(state: State, period: int) -> Generator[LedgerRow, None, State]:
    """Close the months up to ``period`` and begin it, with a new year where one begins."""
    while state.period < period:
        yield from _month_end(state)
        after = following(state.period)
        new_year = after % 100 == 1
        state = State(after, state.balance, NOTHING, NOTHING if new_year else state.year)
        if new_year:
            yield LedgerRow(Kind.LAST_YEAR, after, 0, 0, state.balance)
    return state


def _month_end(state: State) -> Iterator[LedgerRow]:
    """Totals of a month that moved; in December what is carried to the next year."""
    day = last_day(state.period)
    if state.month != NOTHING:
        month, year = state.month, state.year
        yield LedgerRow(Kind.MONTH, state.period, month.debit, month.credit, state.balance, day)
        yield LedgerRow(Kind.YEAR, state.period, year.debit, year.credit, state.balance, day)
    if state.period % 100 == 12:
        yield LedgerRow(Kind.NEXT_YEAR, state.period, 0, 0, state.balance, day)

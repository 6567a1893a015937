"""Days on which something that has to be public was late, and statements that were not there when due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from sqlalchemy import Connection

from ledger.disclosures.rules import SPAN_KINDS, Rule, rules
from ledger.evaluation.measures import Window
from ledger.evaluation.measures.lateness import Stretch, days_in, late_between, late_once, merged
from ledger.evaluation.measures.published import History, history_of
from ledger.evaluation.score import Found, Item
from ledger.periods.calendar import following, last_day, period_of
from ledger.periods.spans import Span, SpanKind, quarter_of, span_of, year_of


def days_late(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Late days of every duty within the window, an item a stretch; None before the duties began."""
    history = history_of(conn, trust_id, window)
    if history.begun > window.last:
        return None
    items = []
    for rule in rules().values():
        stretches = list(_late(rule, history, window.last))
        for stretch in merged(stretches, window.first, window.last):
            count = days_in(stretch)
            what = f"{rule.title}在 {stretch[0]} 至 {stretch[1]} 逾期 {count} 天"
            items.append(Item(stretch[0], what, count, rule.page))
    return Found(tuple(items))


def statements_missed(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found | None:
    """Spans whose statement was due in the window and not published by then; None if none was due."""
    history = history_of(conn, trust_id, window)
    due, items = 0, []
    for code in SPAN_KINDS:
        rule = rules()[code]
        for span, due_on in _spans(rule, history, window.last):
            if not window.first <= due_on <= window.last:
                continue
            due += 1
            published = history.statements.get(span.code)
            if published is None or published > due_on:
                items.append(Item(due_on, f"{span.name}的{rule.title}到期没有发布", 1, rule.page))
    return Found(tuple(items)) if due else None


def _late(rule: Rule, history: History, end: date) -> Iterator[Stretch]:
    days = timedelta(days=history.limit(rule))
    if rule.rule == "span":
        for span, due_on in _spans(rule, history, end):
            yield from late_once(due_on, history.statements.get(span.code), end)
    elif rule.rule == "month":
        month = period_of(history.begun)
        while (due_on := last_day(month) + days) < end:
            yield from late_once(due_on, history.reconciled_on(month, last_day(month)), end)
            month = following(month)
    elif rule.rule == "covered":
        yield from late_between(history.first_due, _covered(history, days), end)
    else:
        done = ((day, day + days) for day in sorted(history.days[rule.code]))
        yield from late_between(history.first_due, done, end)


def _covered(history: History, days: timedelta) -> Iterator[tuple[date, date]]:
    """Days of notes on fulfilment, each with when the next is due: after the last day any of them covers."""
    until = date.min
    for day, ends_on in history.covered:
        until = max(until, ends_on)
        yield day, until + days


def _spans(rule: Rule, history: History, end: date) -> Iterator[tuple[Span, date]]:
    """Months, quarters or years since the duties began, with their last days, up to ``end``."""
    days = timedelta(days=history.limit(rule))
    month = period_of(history.begun)
    while True:
        span = span_of(_code(SPAN_KINDS[rule.code], month))
        due_on = span.last + days
        if due_on > end:
            return
        yield span, due_on
        month = following(span.months[-1])


def _code(kind: SpanKind, month: int) -> int:
    if kind == "month":
        return month
    return quarter_of(month) if kind == "quarter" else year_of(month)

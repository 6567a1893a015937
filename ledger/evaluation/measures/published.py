"""When things were published, as far as was on record by the end of a window: the history behind the duties.

:mod:`ledger.disclosures.facts` knows only the newest of each; a past quarter needs them all. A steady number of
queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Date, String, cast, func, literal, select, union_all

from ledger.disclosures.rules import FIRST_DAYS, FIRST_SETTING, Rule
from ledger.evaluation.measures import Window
from ledger.store.tables import (
    bank_account,
    bank_file,
    bank_line,
    bank_reconciliation,
    block_review,
    charge_standard,
    entry,
    fee_standard,
    fulfilment,
    maintenance_plan,
    period_close,
    revenue_terms,
    service_version,
    setting,
    staff_post_version,
    statement,
    trust,
)
from ledger.trust.act import BEIJING

_REGISTERS = (
    (service_version.c.published_at, ("services", "quality")),
    (staff_post_version.c.published_at, ("posts",)),
    (charge_standard.c.recorded_at, ("charge_items", "charge_rates")),
    (maintenance_plan.c.recorded_at, ("maintenance",)),
    (revenue_terms.c.recorded_at, ("operation",)),
    (statement.c.published_at, ("maintenance", "revenue")),
)
"""A new row of a register is also the publication of these blocks."""


@dataclass(slots=True)
class History:
    """``days``: on which days each duty was done; ``covered``: days of notes on fulfilment with the last day
    each covers; ``statements``: the first day of each span; ``reached``: by bank account, days on which it was
    reconciled and up to which month (yyyymm); ``since``: the first line of each account; ``limits``: the
    community's own deadlines."""

    begun: date
    days: dict[str, set[date]] = field(default_factory=lambda: defaultdict(set))
    covered: list[tuple[date, date]] = field(default_factory=list)
    statements: dict[int, date] = field(default_factory=dict)
    reached: dict[str, list[tuple[date, int]]] = field(default_factory=lambda: defaultdict(list))
    since: dict[str, date] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)

    def limit(self, rule: Rule) -> int:
        """The deadline of a duty in days."""
        return self.limits.get(rule.setting, rule.default)

    @property
    def first_due(self) -> date:
        """The last day to do for the first time what has no rhythm of its own."""
        return self.begun + timedelta(days=self.limits.get(FIRST_SETTING, FIRST_DAYS))

    def reconciled_on(self, month: int, end: date) -> date | None:
        """The day by which every account was reconciled for a month (yyyymm); None if that did not come."""
        asked = [name for name, day in self.since.items() if day <= end] or list(self.since)
        done = [
            min((day for day, period in self.reached[name] if period >= month), default=None)
            for name in asked
        ]
        if not done or None in done:
            return None
        return max(day for day in done if day is not None)


def history_of(conn: Connection, trust_id: int, window: Window) -> History:
    """What was published in one community by the end of the window."""
    opened_on, created_at = conn.execute(
        select(trust.c.opened_on, trust.c.created_at).where(trust.c.trust_id == trust_id)
    ).one()
    found = History(max(opened_on, _day(created_at)))
    _settings(conn, trust_id, window, found)
    _registers(conn, trust_id, window, found)
    _fees_and_reviews(conn, trust_id, window, found)
    found.days["entries"] |= set(_posted(conn, trust_id, window))
    _statements(conn, trust_id, window, found)
    _reconciled(conn, trust_id, window, found)
    return found


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def _settings(conn: Connection, trust_id: int, window: Window, found: History) -> None:
    s = setting.c
    query = (
        select(s.name, s.value)
        .where(
            s.trust_id == trust_id,
            s.name.startswith("due_", autoescape=True),
            s.effective_on <= window.last,
            s.recorded_at < window.until,
        )
        .order_by(s.effective_on)
    )
    found.limits = {name: msgspec.json.decode(value, type=int) for name, value in conn.execute(query)}


def _registers(conn: Connection, trust_id: int, window: Window, found: History) -> None:
    parts = [
        select(literal(str(place)).label("place"), column.label("moment")).where(
            column.table.c.trust_id == trust_id, column < window.until
        )
        for place, (column, _) in enumerate(_REGISTERS)
    ]
    for place, moment in conn.execute(union_all(*parts)):
        for code in _REGISTERS[int(place)][1]:
            found.days[code].add(_day(moment))
    f = fulfilment.c
    notes = conn.execute(
        select(f.published_at, f.ends_on).where(f.trust_id == trust_id, f.published_at < window.until)
    )
    found.covered = sorted((_day(moment), ends_on) for moment, ends_on in notes)


def _fees_and_reviews(conn: Connection, trust_id: int, window: Window, found: History) -> None:
    fee, review = fee_standard.c, block_review.c
    days: Iterable[date] = conn.execute(
        select(fee.effective_on).where(fee.trust_id == trust_id, fee.effective_on <= window.last).distinct()
    ).scalars()
    for day in days:
        for code in ("charge_items", "charge_rates"):
            found.days[code].add(max(day, found.begun))
    rows = conn.execute(
        select(review.block, review.recorded_at).where(
            review.trust_id == trust_id, review.recorded_at < window.until
        )
    )
    for block, moment in rows:
        found.days[block].add(_day(moment))


def _posted(conn: Connection, trust_id: int, window: Window) -> list[date]:
    """The days in China on which anything was posted; few rows however many entries there are."""
    moment = entry.c.posted_at
    if conn.dialect.name == "postgresql":
        day: Any = cast(cast(func.timezone("Asia/Shanghai", moment), Date), String)
    else:
        day = func.date(moment, "+8 hours")
    query = (
        select(day)
        .where(entry.c.trust_id == trust_id, entry.c.seq < window.size, moment < window.until)
        .distinct()
    )
    return [date.fromisoformat(text) for text in conn.execute(query).scalars()]


def _statements(conn: Connection, trust_id: int, window: Window, found: History) -> None:
    s = statement.c
    query = (
        select(s.period, func.min(s.published_at))
        .where(s.trust_id == trust_id, s.published_at < window.until)
        .group_by(s.period)
    )
    found.statements = {period: _day(moment) for period, moment in conn.execute(query)}


def _reconciled(conn: Connection, trust_id: int, window: Window, found: History) -> None:
    """An account is reconciled up to a month when that was signed for it, or its book closed."""
    a, line, r, c = bank_account.c, bank_line.c, bank_reconciliation.c, period_close.c
    first_line = (
        select(func.min(line.occurred_on))
        .where(line.trust_id == a.trust_id, line.bank_account == a.bank_account)
        .scalar_subquery()
    )
    first_file = (
        select(func.min(bank_file.c.imported_at))
        .where(bank_file.c.trust_id == a.trust_id, bank_file.c.bank_account == a.bank_account)
        .scalar_subquery()
    )
    books: dict[str, str] = {}
    for row in conn.execute(
        select(a.bank_account, a.book, first_line.label("since")).where(
            a.trust_id == trust_id, a.kind == "bank", first_file < window.until
        )
    ):
        if row.since is not None:
            books[row.bank_account], found.since[row.bank_account] = row.book, row.since
    closed: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for row in conn.execute(
        select(c.book, c.period, c.closed_at).where(c.trust_id == trust_id, c.closed_at < window.until)
    ):
        closed[row.book].append((_day(row.closed_at), row.period))
    for row in conn.execute(
        select(r.bank_account, r.period, r.reconciled_at).where(
            r.trust_id == trust_id, r.reconciled_at < window.until
        )
    ):
        found.reached[row.bank_account].append((_day(row.reconciled_at), row.period))
    for name, book in books.items():
        found.reached[name] += closed[book]

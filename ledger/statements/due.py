"""Which statements are due, which are late: reckoned from the calendar and what is published, not declared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from ledger.disclosures.rules import SPAN_KINDS, days_late, rules
from ledger.periods.calendar import following, period_of
from ledger.periods.spans import Span, SpanKind, quarter_of, span_of, year_of
from ledger.statements.stored import span_order
from ledger.store.tables import statement, trust
from ledger.trust.act import BEIJING
from ledger.trust.setup import load_setup


@dataclass(frozen=True, slots=True)
class SpanDue:
    """A month, quarter or year since the books began here. ``published_on`` is the day of its first version.

    ``late_days``: how late it is, or was when it was published; 0 if in time.
    """

    span: Span
    due_on: date
    published_on: date | None
    late_days: int

    @property
    def over(self) -> bool:
        """Whether nothing is published yet although it is late."""
        return self.published_on is None and self.late_days > 0


def statements_due(conn: Connection, trust_id: int, today: date) -> list[SpanDue]:
    """Every span up to the one under way, latest end first; three queries.

    Duties begin with the books, and not before the community came here.
    """
    row = conn.execute(
        select(trust.c.opened_on, trust.c.created_at).where(trust.c.trust_id == trust_id)
    ).one()
    begun = max(row.opened_on, _day(row.created_at))
    setup = load_setup(conn, trust_id)
    days: dict[SpanKind, int] = {}
    for code, kind in SPAN_KINDS.items():
        rule = rules()[code]
        value = setup.setting(rule.setting, today)
        days[kind] = rule.default if value is None else int(value)
    first = {
        period: _day(moment)
        for period, moment in conn.execute(
            select(statement.c.period, func.min(statement.c.published_at))
            .where(statement.c.trust_id == trust_id)
            .group_by(statement.c.period)
        )
    }
    found = []
    for span in _spans(begun, today):
        due_on = span.last + timedelta(days=days[span.kind])
        published = first.get(span.code)
        found.append(SpanDue(span, due_on, published, days_late(due_on, published or today)))
    return sorted(found, key=lambda due: span_order(due.span.code), reverse=True)


def _spans(begun: date, today: date) -> list[Span]:
    codes: dict[int, None] = {}
    month = period_of(begun)
    while month <= period_of(today):
        codes |= dict.fromkeys((month, quarter_of(month), year_of(month)))
        month = following(month)
    return [span_of(code) for code in codes]


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()

"""What waits to be published: spans that are closed, and statements whose entries were corrected since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from disclosure.statements.restated import all_corrections
from ledger.periods import closed_periods
from ledger.statements import SpanDue, list_versions, statements_due
from ledger.store.tables import posting, trust_head


@dataclass(frozen=True, slots=True)
class Open:
    """A span with something to do. ``version`` is the newest published, 0 if there is none.

    ``closed``: its books are closed, so that it can be published; ``corrections``: entries posted since the
    newest version that correct the span's.
    """

    due: SpanDue
    version: int
    closed: bool
    corrections: int

    @property
    def ready(self) -> bool:
        """Whether publishing now makes a new version."""
        return self.closed and (not self.version or self.corrections > 0)


def open_statements(conn: Connection, trust_id: int, today: date) -> list[Open]:
    """Spans that are over and not published, or published and corrected since; latest end first."""
    newest = {item.period: item for item in reversed(list_versions(conn, trust_id))}
    size = conn.execute(select(trust_head.c.size).where(trust_head.c.trust_id == trust_id)).scalar_one()
    corrections = all_corrections(conn, trust_id, size)
    closed = _closed(conn, trust_id)
    found = []
    for due in statements_due(conn, trust_id, today):
        known = newest.get(due.span.code)
        since = [item for item in corrections if known and item.seq >= known.size and item.concerns(due.span)]
        if since or (known is None and due.span.last < today):
            found.append(Open(due, known.version if known else 0, due.span.months[-1] in closed, len(since)))
    return found


def _closed(conn: Connection, trust_id: int) -> set[int]:
    """The months closed in all books that are kept."""
    months = {item.period for item in closed_periods(conn, trust_id, "A")}
    first = conn.execute(
        select(func.min(posting.c.business_date)).where(posting.c.trust_id == trust_id, posting.c.book == "M")
    ).scalar_one()
    if first is None:
        return months
    of_fund = {item.period for item in closed_periods(conn, trust_id, "M")}
    return {month for month in months if month in of_fund or month < first.year * 100 + first.month}

"""Decisions of the owners that tests let things rest on.

``note_decision`` puts the bare row down, for tests below the owners' room that count what is in the log.
Everywhere else record one as people do (:func:`ledger.resolutions.decided.record_decision`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection, insert

from ledger.store.tables import decision


def note_decision(
    conn: Connection,
    trust_id: int,
    number: str,
    matter: str = "other",
    *,
    decided_on: date = date(2020, 1, 1),
    passed: bool = True,
) -> str:
    """A published decision of the owners, carried unless said otherwise; its number."""
    conn.execute(
        insert(decision).values(
            trust_id=trust_id,
            number=number,
            title="业主大会决定",
            matter=matter,
            text="同意。",
            decided_on=decided_on,
            effective_on=decided_on,
            passed=passed,
            source="recorded",
            resolution="",
            item=0,
            body='{"documents":[]}',
            recorded_at=datetime(2020, 1, 2, tzinfo=UTC),
            recorded_by="周全（zhouquan）",
        )
    )
    return number

"""The parking spaces of one's own homes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, select

from ledger.billing.parking import Space
from ledger.store.tables import parking_space


def spaces_of(conn: Connection, trust_id: int, units: Sequence[str], day: date) -> list[Space]:
    """Spaces held by these homes on a day, by their numbers; one query."""
    p = parking_space.c
    ever = select(p.space).where(p.trust_id == trust_id, p.unit.in_(units), p.effective_on <= day)
    rows = conn.execute(
        select(p.space, p.unit, p.kind, p.effective_on)
        .where(p.trust_id == trust_id, p.space.in_(ever), p.effective_on <= day)
        .order_by(p.space, p.effective_on, p.version)
    )
    newest = {row.space: Space(row.space, row.unit, row.kind, row.effective_on) for row in rows}
    return [space for _, space in sorted(newest.items()) if space.unit in set(units)]

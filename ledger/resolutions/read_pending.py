"""Paper entries that do not count yet, with the homes they are about: for the desk of those who type."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.resolutions.slips import TypedSlip, pending_slips
from ledger.store.tables import roll_unit


@dataclass(frozen=True, slots=True)
class PendingRow:
    """One voter's entries; ``unit`` is the first of ``units`` homes. Private."""

    voter: int
    kind: str
    unit: str
    units: int
    slips: tuple[TypedSlip, ...]


def pending_rows(conn: Connection, trust_id: int, number: str) -> list[PendingRow]:
    """All of them, by home; two queries more than the entries themselves take."""
    pending = pending_slips(conn, trust_id, number)
    wanted = {item.voter for item in pending}
    units: dict[int, list[str]] = {}
    query = select(roll_unit.c.voter, roll_unit.c.unit).where(
        roll_unit.c.trust_id == trust_id, roll_unit.c.number == number, roll_unit.c.voter.in_(wanted)
    )
    for row in conn.execute(query.order_by(roll_unit.c.unit)) if wanted else ():
        units.setdefault(row.voter, []).append(row.unit)
    rows = [
        PendingRow(item.voter, item.kind, units[item.voter][0], len(units[item.voter]), item.slips)
        for item in pending
    ]
    return sorted(rows, key=lambda row: row.unit)

"""Where records stand in the log."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from ledger.store.tables import record as record_table


def places_of(conn: Connection, trust_id: int, kind: str, subjects: Collection[str]) -> dict[str, int]:
    """The places of records by subject; those not published are left out."""
    query = select(record_table.c.subject, record_table.c.seq).where(
        record_table.c.trust_id == trust_id,
        record_table.c.kind == kind,
        record_table.c.subject.in_(subjects),
    )
    return {row.subject: row.seq for row in conn.execute(query)}

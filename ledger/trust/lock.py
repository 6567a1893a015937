"""One writer at a time for what a trust has on record."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ledger.errors import refuse
from ledger.store.tables import trust_head


def lock_trust(conn: Connection, trust_id: int) -> None:
    """Let other writers of this trust wait until the transaction ends, so that numbers given out are not
    given twice. On SQLite the transaction already holds the only write lock. Raises Refused if there is no
    such trust."""
    query = select(trust_head.c.trust_id).where(trust_head.c.trust_id == trust_id)
    if conn.dialect.name == "postgresql":
        query = query.with_for_update()
    if conn.execute(query).first() is None:
        raise refuse("unknown_trust", f"没有编号为 {trust_id} 的小区账套")

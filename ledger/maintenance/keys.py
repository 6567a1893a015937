"""Keys that name a piece of business once: another one only after its entry was reversed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from ledger.store.tables import entry

_TRIES = 20


def next_key(conn: Connection, trust_id: int, base: str) -> str:
    """``base``, or ``base~2`` … where all before were posted and reversed."""
    return next_keys(conn, trust_id, [base])[base]


def next_keys(conn: Connection, trust_id: int, bases: Sequence[str]) -> dict[str, str]:
    """The same for many at once, by base."""
    tries = {base: [base, *(f"{base}~{n}" for n in range(2, _TRIES + 1))] for base in bases}
    reversal = entry.alias()
    query = (
        select(entry.c.idempotency_key, reversal.c.seq)
        .outerjoin(reversal, (reversal.c.trust_id == entry.c.trust_id) & (reversal.c.reverses == entry.c.seq))
        .where(
            entry.c.trust_id == trust_id,
            entry.c.idempotency_key.in_([key for keys in tries.values() for key in keys]),
        )
    )
    undone = {key: by is not None for key, by in conn.execute(query)}
    return {
        base: next((k for k in keys if not undone.get(k, False)), keys[-1]) for base, keys in tries.items()
    }

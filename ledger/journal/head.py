"""The head of a trust: the lock of its writers, the next place in the log, the last entry numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, select, update

from ledger.errors import refuse
from ledger.log.tree import Frontier
from ledger.store.tables import trust_head

_numbers = msgspec.json.Decoder(dict[str, int])
_closed = msgspec.json.Decoder(dict[str, date])
_LOCK = select(trust_head).where(trust_head.c.trust_id == bindparam("t"))
_LOCK_AND_FIND = "SELECT * FROM mz_lock_trust(%s::bigint, %s)"
_LOCK_ROW = _LOCK.with_for_update()
_SAVE = (
    update(trust_head)
    .where(trust_head.c.trust_id == bindparam("t"))
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"), numbers=bindparam("new_numbers"))
)


@dataclass(slots=True)
class Head:
    """The locked head; mutable while a command assigns places, then saved."""

    trust_id: int
    setup_version: int
    tree: Frontier
    numbers: dict[str, int]
    closed: dict[str, date]

    def next_number(self, book: str, year: int) -> int:
        """Take the next entry number of a book and fiscal year."""
        key = f"{book}-{year}"
        number = self.numbers.get(key, 0) + 1
        self.numbers[key] = number
        return number

    def saved_values(self) -> dict[str, object]:
        """Column values for storing."""
        return {
            "t": self.trust_id,
            "new_size": self.tree.size,
            "new_frontier": self.tree.to_bytes(),
            "new_numbers": msgspec.json.encode(self.numbers).decode(),
        }


def lock_head(conn: Connection, trust_id: int) -> Head:
    """Lock a trust for writing until the transaction ends; other writers of this trust wait.

    On SQLite the transaction already holds the only write lock (BEGIN IMMEDIATE).
    """
    statement = _LOCK_ROW if conn.dialect.name == "postgresql" else _LOCK
    return _head(trust_id, conn.execute(statement, {"t": trust_id}).first())


def lock_head_and_find(conn: Connection, trust_id: int, key: str) -> tuple[Head, Row[Any] | None]:
    """Lock a trust and find the entry of an idempotency key, in one round trip (PostgreSQL only).

    The function looks the key up in a statement of its own, which sees what the writer before us
    committed while we waited for the lock.
    """
    row = conn.exec_driver_sql(_LOCK_AND_FIND, (trust_id, key)).first()
    return _head(trust_id, row), row if row is not None and row.seq is not None else None


def peek_head(conn: Connection, trust_id: int) -> Head:
    """The head without locking, for reading."""
    return _head(trust_id, conn.execute(_LOCK, {"t": trust_id}).first())


def save_head(conn: Connection, head: Head) -> None:
    """Store the head after its entries were written."""
    conn.execute(_SAVE, head.saved_values())


def _head(trust_id: int, row: Row[Any] | None) -> Head:
    if row is None:
        raise refuse("unknown_trust", f"没有编号为 {trust_id} 的小区账套")
    return Head(
        trust_id=trust_id,
        setup_version=row.setup_version,
        tree=Frontier.from_bytes(row.size, row.frontier),
        numbers=_numbers.decode(row.numbers),
        closed=_closed.decode(row.closed),
    )

"""The head of a trust: the lock of its writers, the next place in the log, the last entry numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import Connection, Engine, bindparam, select, update

from ledger.chart.store import setup_changed_here
from ledger.errors import refuse
from ledger.journal.driver import driver_cursor
from ledger.log.tree import Frontier
from ledger.store.tables import trust_head

_numbers = msgspec.json.Decoder(dict[str, int])
_closed = msgspec.json.Decoder(dict[str, date])
_COLUMNS = ("size", "frontier", "numbers", "closed", "setup_version")
_LOCK = select(*(trust_head.c[name] for name in _COLUMNS)).where(trust_head.c.trust_id == bindparam("t"))
_LOCK_ROW = _LOCK.with_for_update()
_FOUND = ", ".join((*_COLUMNS, "seq", "book", "fiscal_year", "number", "content_hash"))
_LOCK_AND_FIND = f"SELECT {_FOUND} FROM mz_lock_trust($1::bigint, $2)"  # noqa: S608
_FIND = (
    f"SELECT {_FOUND} FROM trust_head h "  # noqa: S608
    "LEFT JOIN entry e ON e.trust_id = h.trust_id AND e.idempotency_key = ? WHERE h.trust_id = ?"
)
_SAVE = (
    update(trust_head)
    .where(trust_head.c.trust_id == bindparam("t"))
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"), numbers=bindparam("new_numbers"))
)


class Stored(NamedTuple):
    """A head to the byte, as its row holds it. The frontier hashes every leaf, so two equal values mean
    the same log, the same closed months and the same set-up."""

    size: int
    frontier: bytes
    numbers: str
    closed: str
    setup_version: int


class Found(NamedTuple):
    """The entry that has an idempotency key already."""

    seq: int
    book: str
    fiscal_year: int
    number: int
    content_hash: bytes


class Move(NamedTuple):
    """A step of a trust's head: from what its row holds to what it is to hold."""

    trust_id: int
    before: Stored
    after: Stored


@dataclass(slots=True)
class Head:
    """The head as a command goes on from ``before``: mutable while it assigns places, then saved."""

    trust_id: int
    before: Stored
    tree: Frontier
    numbers: dict[str, int]
    closed: dict[str, date]

    @classmethod
    def read(cls, trust_id: int, stored: Stored) -> Head:
        """A head to go on from."""
        return cls(
            trust_id=trust_id,
            before=stored,
            tree=Frontier.from_bytes(stored.size, stored.frontier),
            numbers=_numbers.decode(stored.numbers),
            closed=_closed.decode(stored.closed),
        )

    @property
    def setup_version(self) -> int:
        """Which set-up of the trust is in force."""
        return self.before.setup_version

    def next_number(self, book: str, year: int) -> int:
        """Take the next entry number of a book and fiscal year."""
        key = f"{book}-{year}"
        number = self.numbers.get(key, 0) + 1
        self.numbers[key] = number
        return number

    def move(self) -> Move:
        """What to store now that places were assigned. The head goes on from there."""
        before, numbers = self.before, msgspec.json.encode(self.numbers).decode()
        self.before = before._replace(size=self.tree.size, frontier=self.tree.to_bytes(), numbers=numbers)
        return Move(self.trust_id, before, self.before)


def lock_head(conn: Connection, trust_id: int) -> Head:
    """Lock a trust for writing until the transaction ends; other writers of this trust wait.

    On SQLite the transaction already holds the only write lock (BEGIN IMMEDIATE).
    """
    statement = _LOCK_ROW if conn.dialect.name == "postgresql" else _LOCK
    return _head(trust_id, conn.execute(statement, {"t": trust_id}).first())


def lock_head_and_find(conn: Connection, trust_id: int, key: str) -> tuple[Head, Found | None]:
    """Lock a trust and find the entry of an idempotency key, in one round trip.

    PostgreSQL's function looks the key up in a statement of its own, which sees what the writer
    before us committed while we waited for the lock.
    """
    with driver_cursor(conn) as cursor:
        if conn.dialect.name == "postgresql":
            cursor.execute(_LOCK_AND_FIND, (trust_id, key))
        else:
            cursor.execute(_FIND, (key, trust_id))
        row = cursor.fetchone()
    head = _head(trust_id, row and row[: len(_COLUMNS)])
    found = Found(*row[len(_COLUMNS) :])
    return head, None if found.seq is None else found


def peek_head(conn: Connection, trust_id: int) -> Head:
    """The head without locking, for reading."""
    return _head(trust_id, conn.execute(_LOCK, {"t": trust_id}).first())


def save_head(conn: Connection, move: Move) -> None:
    """Store the head of a trust that is locked, after its entries were written."""
    after = move.after
    conn.execute(
        _SAVE,
        {
            "t": move.trust_id,
            "new_size": after.size,
            "new_frontier": after.frontier,
            "new_numbers": after.numbers,
        },
    )


_left: WeakKeyDictionary[Engine, dict[int, tuple[Stored, bool]]] = WeakKeyDictionary()
"""How this process last left a head, and whether it had found it as it left it before: alone at work."""


def leave(conn: Connection, trust_id: int, found: Stored, left: Stored) -> None:
    """Remember what we made of a head. It may be rolled back, or others may write after us: this is only
    ever a guess, which the database confirms while it locks the head. Of a set-up this transaction
    changed nothing is remembered: when undone, its version number is used again."""
    if not setup_changed_here(conn):
        held = _left.setdefault(conn.engine, {})
        earlier = held.get(trust_id)
        held[trust_id] = (left, earlier is None or earlier[0] == found)


def believed_head(conn: Connection, trust_id: int) -> Head | None:
    """The head as this process left it; None if there is nothing to go by, or if others write, too:
    guessing in vain costs more than asking."""
    left, alone = _left.get(conn.engine, {}).get(trust_id, (None, False))
    return Head.read(trust_id, left) if left is not None and alone and not setup_changed_here(conn) else None


def _head(trust_id: int, row: Any) -> Head:
    if row is None:
        raise refuse("unknown_trust", f"没有编号为 {trust_id} 的小区账套")
    return Head.read(trust_id, Stored(*row))

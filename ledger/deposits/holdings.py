"""Deposits held for households (装修保证金、押金): taken, and given back or docked one by one.

An entry that gives back or docks names the entry the deposit was taken with, in its reference ``deposit``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from ledger.billing.unit_rows import unit_rows
from ledger.errors import refuse
from ledger.journal.public_view import entry_ref
from ledger.store.tables import entry, entry_reference

KINDS = {"224101": "装修保证金", "224102": "其他押金"}
REFERENCE = "deposit"


@dataclass(frozen=True, slots=True)
class Deposit:
    """A deposit by the entry it was taken with; ``left`` is what is still held, in fen."""

    seq: int
    ref: str
    unit: str
    account: str
    date: date
    taken: int
    left: int

    @property
    def title(self) -> str:
        """What kind it is."""
        return KINDS[self.account]

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.ref}:{self.account}:{self.unit}"


def deposits(
    conn: Connection, trust_id: int, *, unit: str = "", settled: bool = False, after: int = -1, limit: int = 0
) -> list[Deposit]:
    """Deposits that are still held, oldest first; with ``settled`` also those given back.

    ``after``: place in the log of the last one seen; ``limit`` 0: all.
    """
    gone = _used(conn, trust_id, unit)
    rows = unit_rows(trust_id, tuple(KINDS), [unit] if unit else None).subquery()
    red = entry.alias()
    query = (
        select(
            rows.c.seq,
            entry.c.book,
            entry.c.fiscal_year,
            entry.c.number,
            rows.c.unit,
            rows.c.account,
            entry.c.business_date,
            func.sum(rows.c.amount),
        )
        .join(entry, (entry.c.trust_id == trust_id) & (entry.c.seq == rows.c.seq))
        .outerjoin(red, (red.c.trust_id == trust_id) & (red.c.reverses == rows.c.seq))
        .where(rows.c.side == "C", rows.c.amount > 0, red.c.seq.is_(None), rows.c.seq > after)
        .group_by(
            rows.c.seq,
            entry.c.book,
            entry.c.fiscal_year,
            entry.c.number,
            rows.c.unit,
            rows.c.account,
            entry.c.business_date,
        )
        .order_by(rows.c.seq, rows.c.unit)
    )
    found: list[Deposit] = []
    for seq, book, year, number, code, account, on, taken in conn.execute(query):
        ref = entry_ref(book, year, number)
        left = int(taken) - gone.get((ref, code, account), 0)
        if left > 0 or settled:
            found.append(Deposit(seq, ref, code, account, on, int(taken), left))
        if limit and len(found) >= limit and found[-1].seq != seq:
            break
    return found[:limit] if limit else found


def find_deposit(conn: Connection, trust_id: int, key: str) -> Deposit:
    """The deposit a form names. Raises :class:`~ledger.errors.Refused` if it is not held any more."""
    _, _, unit = key.partition(":")[2].partition(":")
    for deposit in deposits(conn, trust_id, unit=unit) if unit else ():
        if deposit.key == key:
            return deposit
    raise refuse("no_deposit", "没有这笔押金，或已经退清、扣清，请刷新押金列表", "押金")


def _used(conn: Connection, trust_id: int, unit: str) -> dict[tuple[str, str, str], int]:
    """Fen given back or docked, by the entry the deposit was taken with, unit and account."""
    rows = unit_rows(trust_id, tuple(KINDS), [unit] if unit else None).subquery()
    red = entry.alias()
    query = (
        select(entry_reference.c.ref, rows.c.unit, rows.c.account, func.sum(rows.c.amount))
        .join(
            entry_reference,
            (entry_reference.c.trust_id == trust_id)
            & (entry_reference.c.seq == rows.c.seq)
            & (entry_reference.c.kind == REFERENCE),
        )
        .outerjoin(red, (red.c.trust_id == trust_id) & (red.c.reverses == rows.c.seq))
        .where(rows.c.side == "D", rows.c.amount > 0, red.c.seq.is_(None))
        .group_by(entry_reference.c.ref, rows.c.unit, rows.c.account)
    )
    return {(ref, code, account): int(used) for ref, code, account, used in conn.execute(query)}

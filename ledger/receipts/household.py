"""A unit's account (户账), and the list of units with what they owe. For the office only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from ledger.billing.open_items import RECEIVABLES, open_items, prepaid_balances
from ledger.billing.unit_rows import unit_rows
from ledger.journal.public_view import entry_ref
from ledger.store.tables import entry, unit

PREPAID = {"220301": "预收物业费", "220302": "预收停车费"}
DEPOSITS = {"224101": "装修保证金", "224102": "其他押金"}
OWN_ACCOUNTS = {**RECEIVABLES, **PREPAID, **DEPOSITS}


@dataclass(frozen=True, slots=True)
class UnitBalance:
    """One unit in the list: fen owed and paid ahead, and the oldest month owed (0: none)."""

    unit: str
    building: str
    owed: int
    prepaid: int
    oldest: int


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A line of a unit's account. ``owed``, ``prepaid``, ``deposit``: what it changes, in fen; ``balance``:
    what the unit owes after it, less what it paid ahead."""

    seq: int
    ref: str
    date: date
    summary: str
    title: str
    basis: str
    owed: int
    prepaid: int
    deposit: int
    balance: int


def list_units(
    conn: Connection, trust_id: int, *, search: str = "", owing: bool = True, after: str = "", limit: int = 50
) -> list[UnitBalance]:
    """Units whose code begins with or contains ``search``, in order; only those that owe, or all.

    ``after`` is the last unit seen.
    """
    rows = unit_rows(trust_id, tuple(RECEIVABLES)).subquery()
    signed = case((rows.c.side == "D", rows.c.amount), else_=-rows.c.amount)
    sums = select(rows.c.unit, func.sum(signed).label("owed")).group_by(rows.c.unit)
    query = select(unit.c.unit, unit.c.building).where(unit.c.trust_id == trust_id, unit.c.unit > after)
    if owing:
        debts = sums.having(func.sum(signed) > 0).subquery()
        query = query.join(debts, debts.c.unit == unit.c.unit)
    if search.strip():
        query = query.where(unit.c.unit.contains(search.strip(), autoescape=True))
    found = conn.execute(query.order_by(unit.c.unit).limit(limit)).all()
    codes = [row.unit for row in found]
    items, ahead = open_items(conn, trust_id, codes), prepaid_balances(conn, trust_id, codes)
    return [
        UnitBalance(
            row.unit,
            row.building,
            sum(item.amount for item in items.get(row.unit, ())),
            sum(ahead.get(row.unit, {}).values()),
            min((item.month for item in items.get(row.unit, ()) if item.amount > 0), default=0),
        )
        for row in found
    ]


@dataclass(frozen=True, slots=True)
class Arrears:
    """All units together: how many owe, and how much; what all paid ahead. Fen."""

    units: int
    owed: int
    prepaid: int


def arrears(conn: Connection, trust_id: int) -> Arrears:
    """The head of the list."""
    rows = unit_rows(trust_id, tuple(RECEIVABLES)).subquery()
    signed = case((rows.c.side == "D", rows.c.amount), else_=-rows.c.amount)
    sums = select(func.sum(signed).label("owed")).group_by(rows.c.unit).subquery()
    count, owed = conn.execute(
        select(func.count(), func.coalesce(func.sum(sums.c.owed), 0)).where(sums.c.owed > 0)
    ).one()
    ahead = unit_rows(trust_id, tuple(PREPAID)).subquery()
    credit = case((ahead.c.side == "C", ahead.c.amount), else_=-ahead.c.amount)
    prepaid = conn.execute(select(func.coalesce(func.sum(credit), 0))).scalar_one()
    return Arrears(int(count), int(owed), int(prepaid))


def unit_account(
    conn: Connection, trust_id: int, code: str, *, before: int | None = None, limit: int = 30
) -> list[AccountLine]:
    """A unit's account, newest entry first; ``before`` is the place in the log of the last entry seen,
    ``limit`` a number of entries (which may have several lines each)."""
    rows = unit_rows(trust_id, tuple(OWN_ACCOUNTS), [code]).subquery()
    seqs = select(rows.c.seq).distinct().order_by(rows.c.seq.desc()).limit(limit)
    if before is not None:
        seqs = seqs.where(rows.c.seq < before)
    wanted = list(conn.execute(seqs).scalars())
    if not wanted:
        return []
    own = rows.c.account.in_([*RECEIVABLES, *PREPAID])
    signed = case((rows.c.side == "D", rows.c.amount), else_=-rows.c.amount)
    balance = int(
        conn.execute(
            select(func.coalesce(func.sum(signed), 0)).where(own, rows.c.seq < wanted[-1])
        ).scalar_one()
    )
    query = (
        select(
            rows,
            entry.c.book,
            entry.c.fiscal_year,
            entry.c.number,
            entry.c.business_date,
            entry.c.summary,
        )
        .join(entry, (entry.c.trust_id == trust_id) & (entry.c.seq == rows.c.seq))
        .where(rows.c.seq >= wanted[-1], rows.c.seq <= wanted[0])
        .order_by(rows.c.seq, rows.c.line_no, rows.c.detail_no)
    )
    lines: list[AccountLine] = []
    for row in conn.execute(query):
        lines.append(_account_line(row, balance))
        balance = lines[-1].balance
    return lines[::-1]


def _account_line(row: Row[Any], before: int) -> AccountLine:
    change = row.amount if row.side == "D" else -row.amount
    owed = change if row.account in RECEIVABLES else 0
    prepaid = -change if row.account in PREPAID else 0
    return AccountLine(
        seq=row.seq,
        ref=entry_ref(row.book, row.fiscal_year, row.number),
        date=row.business_date,
        summary=row.summary,
        title=OWN_ACCOUNTS[row.account],
        basis=row.basis,
        owed=owed,
        prepaid=prepaid,
        deposit=-change if row.account in DEPOSITS else 0,
        balance=before + owed - prepaid,
    )


def find_unit(conn: Connection, trust_id: int, code: str) -> tuple[str, str, int] | None:
    """Building, use and area (0.01 m²) of a unit as first recorded; None if there is none of this code."""
    row = conn.execute(
        select(unit.c.building, unit.c.use_kind, unit.c.area).where(
            unit.c.trust_id == trust_id, unit.c.unit == code
        )
    ).first()
    return None if row is None else (row.building, row.use_kind, row.area)

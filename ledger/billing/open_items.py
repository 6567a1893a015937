"""What units owe, month by month (未收明细), worked out from the entries; nothing of it is kept.

A charge belongs to the month it is dated in, or to its original date if it was booked late; a correction
belongs to the month of what it corrects. A payment whose detail names a month settles that month; all other
payments settle the oldest months first. The items of a unit add up to its balance on 1122.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger.billing.items import load_items
from ledger.billing.unit_rows import unit_rows
from ledger.periods.calendar import period_name
from ledger.store.tables import entry

RECEIVABLES = {"112201": "物业费", "112202": "停车服务费", "112203": "公摊及代收水电"}
_MONTH = re.compile(r"(\d{4})年(\d{1,2})月")
_UNITS_A_QUERY = 5_000


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What is left of one month's charge, in fen; ``month`` 0 with a negative amount: paid too much."""

    unit: str
    account: str
    fund: str
    month: int
    amount: int

    @property
    def title(self) -> str:
        """``2025年3月物业费``."""
        what = RECEIVABLES[self.account]
        if self.account == "112203":
            what = "代收水电费" if self.fund == "F4" else "公摊水电费"
        return f"{period_name(self.month)}{what}" if self.month else f"多收的{what}"

    @property
    def key(self) -> str:
        """How a form names it: ``112201-F1-202503``."""
        return f"{self.account}-{self.fund}-{self.month}"


@dataclass(slots=True)
class _Account:
    """One unit's receivable of one kind while it is being worked out."""

    charged: dict[int, int]
    settled: dict[int, int]
    pool: int = 0


def month_mark(period: int) -> str:
    """The basis that ties a payment to a month."""
    return period_name(period)


def month_of_basis(basis: str) -> int | None:
    """The month a payment's basis names at its beginning, if it does."""
    match = _MONTH.match(basis)
    return int(match[1]) * 100 + int(match[2]) if match else None


def open_items(conn: Connection, trust_id: int, units: Collection[str]) -> dict[str, list[OpenItem]]:
    """What each of these units owes, oldest first; units that owe nothing are left out."""
    found: dict[str, list[OpenItem]] = {}
    wanted = sorted(set(units))
    for start in range(0, len(wanted), _UNITS_A_QUERY):
        for item in _items(conn, trust_id, wanted[start : start + _UNITS_A_QUERY]):
            found.setdefault(item.unit, []).append(item)
    for items in found.values():
        items.sort(key=lambda item: (item.month, item.account, item.fund))
    return found


def _items(conn: Connection, trust_id: int, units: Collection[str]) -> Iterable[OpenItem]:
    rows = unit_rows(trust_id, tuple(RECEIVABLES), units).subquery()
    own, origin = entry.alias(), entry.alias()
    day = func.coalesce(
        origin.c.original_date, origin.c.business_date, own.c.original_date, own.c.business_date
    )
    query = (
        select(rows.c.unit, rows.c.account, rows.c.fund, rows.c.side, rows.c.amount, rows.c.basis, day)
        .join(own, (own.c.trust_id == trust_id) & (own.c.seq == rows.c.seq))
        .outerjoin(
            origin,
            (origin.c.trust_id == trust_id) & (origin.c.seq == func.coalesce(own.c.reverses, own.c.amends)),
        )
    )
    accounts: dict[tuple[str, str, str], _Account] = {}
    for unit, account, fund, side, amount, basis, on in conn.execute(query):
        held = accounts.setdefault((unit, account, fund), _Account({}, {}))
        month = on.year * 100 + on.month
        if side == "D":
            held.charged[month] = held.charged.get(month, 0) + amount
        elif (named := month_of_basis(basis)) is not None:
            held.settled[named] = held.settled.get(named, 0) + amount
        else:
            held.pool += amount
    for (unit, account, fund), held in accounts.items():
        for month, amount in _left(held):
            yield OpenItem(unit, account, fund, month, amount)


def _left(held: _Account) -> Iterable[tuple[int, int]]:
    """What is left of each month once payments are set against charges, and what is paid too much."""
    pool = held.pool
    left: dict[int, int] = {}
    for month in sorted({*held.charged, *held.settled}):
        rest = held.charged.get(month, 0) - held.settled.get(month, 0)
        if rest < 0:
            pool -= rest
        elif rest:
            left[month] = rest
    if pool < 0:  # more was taken back than paid: it is owed again, for the latest month
        latest = max(held.charged, default=0) or max(held.settled, default=0)
        left[latest] = left.get(latest, 0) - pool
        pool = 0
    for month, rest in sorted(left.items()):
        used = min(rest, pool)
        pool -= used
        if rest > used:
            yield month, rest - used
    if pool:
        yield 0, -pool


def prepaid_balances(conn: Connection, trust_id: int, units: Collection[str]) -> dict[str, dict[str, int]]:
    """Fen paid ahead, by unit and account."""
    accounts = [item.prepaid for item in load_items().values() if item.prepaid]
    rows = unit_rows(trust_id, accounts, sorted(set(units))).subquery()
    query = select(rows.c.unit, rows.c.account, rows.c.side, func.sum(rows.c.amount)).group_by(
        rows.c.unit, rows.c.account, rows.c.side
    )
    found: dict[str, dict[str, int]] = {}
    for unit, account, side, amount in conn.execute(query):
        held = found.setdefault(unit, {})
        held[account] = held.get(account, 0) + (int(amount) if side == "C" else -int(amount))
    return found

"""Sub-accounts of the maintenance fund (维修资金户分账): what each unit has in book M.

A unit's sub-account is 3001 and 3002 in its name, with what it paid in (4001) and what was used or
given back (5001, 5101) since the last year close; after a close the latter are nil and the
sub-accounts together are 3001. Credit is positive here: it is the owners' money. All amounts fen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, Subquery, case, func, select, union_all
from sqlalchemy import literal as value

from ledger.balances import Clock, trial_balance
from ledger.journal.public_view import entry_ref
from ledger.store.tables import entry, posting, posting_detail
from ledger.trust.units import units_on

ACCOUNTS = ("3001", "3002", "4001", "5001", "5101")
"""The accounts of book M that are kept per unit."""
UNDISTRIBUTED = "3101"
_CLOSING = ("E23d", "E23e")
_UNITS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class SubAccount:
    """One unit over a time: ``opening`` + contributions + yields − uses + other = ``closing``.

    ``other`` is what was carried over when the books opened and what corrections of earlier years moved.
    """

    unit: str
    building: str
    area: int
    opening: int = 0
    contributions: int = 0
    yields: int = 0
    uses: int = 0
    other: int = 0

    @property
    def closing(self) -> int:
        """What the unit has at the end."""
        return self.opening + self.contributions + self.yields - self.uses + self.other


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of a unit's statement; ``amount`` is signed, ``balance`` is after it."""

    on: date
    ref: str
    summary: str
    kind: str
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class Position:
    """The whole fund: what units have, what is not theirs yet, and where the money lies."""

    subaccounts: int
    in_books: int
    undistributed: int
    income_of_year: Mapping[str, int]
    """By account, what 3101 will get at the year close: interest, shared revenue, other, less 5901."""
    bank: int
    bonds: int
    other_assets: int = 0
    liabilities: int = 0
    by_account: Mapping[str, int] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether the sub-accounts add up to the accounts they are kept in."""
        return self.subaccounts == self.in_books


def _movements(trust_id: int, clock: Clock, units: Collection[str] | None) -> Subquery:
    """Every posting to a sub-account: unit, account, seq, line, day and fen, credit positive."""
    scope = [
        posting.c.trust_id == trust_id,
        posting.c.book == "M",
        posting.c.account.in_(ACCOUNTS),
        posting.c.business_date <= clock.as_of,
    ]
    if not clock.everything:
        scope.append(posting.c.seq < clock.known_at)

    def signed(amount: Any) -> Any:
        return case((posting.c.side == "C", amount), else_=-amount).label("fen")

    facts = (posting.c.account, posting.c.seq, posting.c.line_no, posting.c.business_date.label("day"))
    whole = select(posting.c.unit.label("unit"), *facts, signed(posting.c.amount)).where(
        *scope, posting.c.unit.is_not(None) if units is None else posting.c.unit.in_(units)
    )
    parts = (
        select(posting_detail.c.unit.label("unit"), *facts, signed(posting_detail.c.amount))
        .join(
            posting,
            (posting.c.trust_id == posting_detail.c.trust_id)
            & (posting.c.seq == posting_detail.c.seq)
            & (posting.c.line_no == posting_detail.c.line_no),
        )
        .where(*scope, posting_detail.c.trust_id == trust_id)
    )
    if units is not None:
        parts = parts.where(posting_detail.c.unit.in_(units))
    return union_all(whole, parts).subquery("movement")


def subaccount_balances(
    conn: Connection, trust_id: int, clock: Clock, units: Collection[str] | None = None
) -> dict[str, int]:
    """What each unit has, fen; units that never moved are left out."""
    rows = _movements(trust_id, clock, units)
    query = select(rows.c.unit, func.sum(rows.c.fen)).group_by(rows.c.unit)
    return {unit: int(fen) for unit, fen in conn.execute(query)}


def daily_movements(conn: Connection, trust_id: int, clock: Clock) -> dict[str, list[tuple[date, int]]]:
    """Per unit, day by day, what came and went, fen; what nets to nothing on a day is left out."""
    rows = _movements(trust_id, clock, None)
    query = select(rows.c.unit, rows.c.day, func.sum(rows.c.fen)).group_by(rows.c.unit, rows.c.day)
    moved: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for unit, day, fen in conn.execute(query.order_by(rows.c.unit, rows.c.day)):
        if fen:
            moved[unit].append((day, int(fen)))
    return dict(moved)


def list_subaccounts(
    conn: Connection,
    trust_id: int,
    clock: Clock,
    since: date,
    *,
    building: str = "",
    only: str = "",
    after: str = "",
    limit: int | None = 50,
) -> list[SubAccount]:
    """Units in order with their sub-accounts from ``since`` to the clock's day.

    ``after``: the last unit seen; ``limit`` None gives all of them. Two queries a page.
    """
    units = [
        row
        for row in units_on(conn, trust_id, clock.as_of)
        if row.unit > after and building in ("", row.building) and only in ("", row.unit)
    ][:limit]
    names = {row.unit for row in units}
    moved = _sums(conn, trust_id, clock, since, names if len(names) <= _UNITS_A_QUERY else None)
    return [SubAccount(row.unit, row.building, row.area, **moved.get(row.unit, {})) for row in units]


def _sums(
    conn: Connection, trust_id: int, clock: Clock, since: date, units: Collection[str] | None
) -> dict[str, dict[str, int]]:
    rows = _movements(trust_id, clock, units)
    before = case((rows.c.day < since, 1), else_=0)
    query = (
        select(rows.c.unit, rows.c.account, entry.c.event, before, func.sum(rows.c.fen))
        .join(entry, (entry.c.trust_id == value(trust_id)) & (entry.c.seq == rows.c.seq))
        .group_by(rows.c.unit, rows.c.account, entry.c.event, before)
    )
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for unit, account, event, earlier, fen in conn.execute(query):
        if earlier:
            sums[unit]["opening"] += int(fen)
        elif event not in _CLOSING:  # a close only moves money between the accounts of a unit
            column = column_of(account, event)
            sums[unit][column] += -int(fen) if column == "uses" else int(fen)
    return {unit: dict(columns) for unit, columns in sums.items()}


def column_of(account: str, event: str) -> str:
    """Which column of a sub-account a posting belongs to."""
    if account == "4001":
        return "contributions"
    if account in ("5001", "5101"):
        return "uses"
    return "yields" if event == "E23g" else "other"


KIND_NAMES = {"contributions": "交存", "yields": "收益分配", "uses": "使用", "other": "结转及更正"}


def unit_statement(
    conn: Connection, trust_id: int, unit: str, since: date, clock: Clock
) -> tuple[int, list[Movement]]:
    """A unit's opening balance and every movement up to the clock's day, oldest first."""
    rows = _movements(trust_id, clock, [unit])
    query: Select[Any] = (
        select(rows.c.day, rows.c.account, rows.c.fen, entry)
        .join(entry, (entry.c.trust_id == value(trust_id)) & (entry.c.seq == rows.c.seq))
        .where(entry.c.event.not_in(_CLOSING))
        .order_by(rows.c.day, rows.c.seq, rows.c.line_no)
    )
    opening, lines = 0, list[Movement]()
    balance = 0
    for row in conn.execute(query):
        balance += row.fen
        if row.day < since:
            opening = balance
            continue
        ref = entry_ref(row.book, row.fiscal_year, row.number)
        kind = KIND_NAMES[column_of(row.account, row.event)]
        lines.append(Movement(row.day, ref, row.summary, kind, row.fen, balance))
    return opening, lines


def fund_position(conn: Connection, trust_id: int, clock: Clock) -> Position:
    """The fund as a whole. ``agrees`` must hold: 3001 is the sum of the sub-accounts."""
    books = {row.account: -row.totals.balance for row in trial_balance(conn, trust_id, "M", clock)}
    rows = _movements(trust_id, clock, None)
    units = conn.execute(select(func.coalesce(func.sum(rows.c.fen), 0))).scalar_one()
    income = {code: fen for code, fen in books.items() if code[0] in "45" and code not in ACCOUNTS and fen}
    return Position(
        subaccounts=int(units),
        in_books=sum(books.get(code, 0) for code in ACCOUNTS),
        undistributed=books.get(UNDISTRIBUTED, 0),
        income_of_year=income,
        bank=-books.get("1001", 0),
        bonds=-books.get("1101", 0),
        other_assets=-books.get("1201", 0),
        liabilities=books.get("2001", 0),
        by_account=books,
    )

"""Money that came in and went out, as residents mean it: movements of bank and in-transit cash.

Within one entry and fund, what leaves one own account and reaches another (a payment channel settling to
the bank) is neither in nor out; only a fee kept back is out. An entry that moves the same amount between
funds (a deposit kept as compensation, shared revenue topping up the service fund) is *moved*. The opening
entry (E00) is *opened*. So for every fund and any span of days::

    opening balance + opened + received - paid + moved_in - moved_out = closing balance

Red-letter amounts stay on their own side: a receipt taken back lowers what was received.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select
from sqlalchemy.sql.selectable import Subquery

from ledger.store.tables import entry, posting

CASH = {"A": ("1002", "1012"), "M": ("1001",)}
"""Beginnings of the codes of cash accounts by book."""
_OPENING_EVENT = "E00"


@dataclass(frozen=True, slots=True)
class Flow:
    """Cash movements in fen; see the module for what each means."""

    opened: int = 0
    received: int = 0
    paid: int = 0
    moved_in: int = 0
    moved_out: int = 0

    @property
    def net(self) -> int:
        """By how much the money on hand changed."""
        return self.opened + self.received - self.paid + self.moved_in - self.moved_out

    def __add__(self, other: Flow) -> Flow:
        return Flow(
            self.opened + other.opened,
            self.received + other.received,
            self.paid + other.paid,
            self.moved_in + other.moved_in,
            self.moved_out + other.moved_out,
        )


class CashLine(Protocol):
    """What of a posting matters here."""

    @property
    def account(self) -> str: ...
    @property
    def fund(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def amount(self) -> int: ...


def is_cash(book: str, account: str) -> bool:
    """Whether an account holds money at a bank or on its way there."""
    return account.startswith(CASH[book])


def overlap(debit: int, credit: int) -> int:
    """The part of an entry's cash debits and credits that only went round within."""
    if debit > 0 and credit > 0:
        return min(debit, credit)
    return max(debit, credit) if debit < 0 and credit < 0 else 0


def entry_flows(book: str, event: str, lines: Iterable[CashLine]) -> tuple[dict[str, Flow], int]:
    """The flows of one entry by fund, and how much only went round within funds."""
    sides: dict[str, list[int]] = {}
    for line in lines:
        if is_cash(book, line.account):
            sides.setdefault(line.fund, [0, 0])["DC".index(line.side)] += line.amount
    if event == _OPENING_EVENT:
        return {fund: Flow(opened=debit - credit) for fund, (debit, credit) in sides.items()}, 0
    common = {fund: overlap(debit, credit) for fund, (debit, credit) in sides.items()}
    nets = {fund: (debit - common[fund], credit - common[fund]) for fund, (debit, credit) in sides.items()}
    came, went = sum(n[0] for n in nets.values()), sum(n[1] for n in nets.values())
    moved = came == went != 0
    flows = {
        fund: Flow(moved_in=i, moved_out=o) if moved else Flow(received=i, paid=o)
        for fund, (i, o) in nets.items()
    }
    return flows, sum(common.values())


def flow_rows(trust_id: int, conditions: Sequence[ColumnElement[bool]]) -> Subquery:
    """The same in SQL: one row an entry and fund, for the cash postings that meet ``conditions``."""
    debit = func.sum(case((posting.c.side == "D", posting.c.amount), else_=0))
    credit = func.sum(case((posting.c.side == "C", posting.c.amount), else_=0))
    sides = (
        select(posting.c.seq, posting.c.fund, debit.label("d"), credit.label("c"))
        .where(posting.c.trust_id == trust_id, _cash_condition(), *conditions)
        .group_by(posting.c.seq, posting.c.fund)
        .subquery()
    )
    d, c = sides.c.d, sides.c.c
    common = case(
        (and_(d > 0, c > 0), case((d < c, d), else_=c)),
        (and_(d < 0, c < 0), case((d > c, d), else_=c)),
        else_=0,
    )
    nets = select(sides.c.seq, sides.c.fund, (d - common).label("i"), (c - common).label("o")).subquery()
    i, o = nets.c.i, nets.c.o
    came, went = (func.sum(column).over(partition_by=nets.c.seq) for column in (i, o))
    sorted_out = (
        select(
            nets.c.seq,
            nets.c.fund,
            i.label("i"),
            o.label("o"),
            (entry.c.event == _OPENING_EVENT).label("opening"),
            and_(came == went, came != 0).label("moved"),
        )
        .join(entry, (entry.c.trust_id == trust_id) & (entry.c.seq == nets.c.seq))
        .subquery()
    )
    f = sorted_out.c
    usual = and_(~f.opening, ~f.moved)
    return select(
        f.seq,
        f.fund,
        case((f.opening, f.i - f.o), else_=0).label("opened"),
        case((usual, f.i), else_=0).label("received"),
        case((usual, f.o), else_=0).label("paid"),
        case((and_(f.moved, ~f.opening), f.i), else_=0).label("moved_in"),
        case((and_(f.moved, ~f.opening), f.o), else_=0).label("moved_out"),
    ).subquery()


_NAMES = ("opened", "received", "paid", "moved_in", "moved_out")


def sums(rows: Subquery, condition: ColumnElement[bool] | None = None) -> list[ColumnElement[Any]]:
    """The five totals of :class:`Flow` over the ``flow_rows`` that meet a condition, in its order."""
    columns: list[ColumnElement[Any]] = [rows.c[name] for name in _NAMES]
    if condition is not None:
        columns = [case((condition, column), else_=0) for column in columns]
    return [func.coalesce(func.sum(column), 0) for column in columns]


def flows_by_fund(
    conn: Connection, trust_id: int, book: str, first: date, last: date, *, known_at: int | None = None
) -> dict[str, Flow]:
    """What moved in each fund of a book from day to day, as known at a size of the log."""
    conditions = [posting.c.book == book, posting.c.business_date.between(first, last)]
    if known_at is not None:
        conditions.append(posting.c.seq < known_at)
    rows = flow_rows(trust_id, conditions)
    query: Select[Any] = select(rows.c.fund, *sums(rows)).group_by(rows.c.fund).order_by(rows.c.fund)
    return {fund: Flow(*(int(value) for value in values)) for fund, *values in conn.execute(query)}


def _cash_condition() -> ColumnElement[bool]:
    """Ranges instead of LIKE, so that the index serves on every engine and collation."""
    return or_(
        *(
            and_(posting.c.book == book, posting.c.account >= code, posting.c.account < str(int(code) + 1))
            for book, codes in CASH.items()
            for code in codes
        )
    )

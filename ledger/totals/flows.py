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
from dataclasses import dataclass, fields
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal_column, or_, select
from sqlalchemy.sql.selectable import Subquery

from ledger.store.tables import entry, posting

CASH = {"A": ("1002", "1012"), "M": ("1001",)}
"""Beginnings of the codes of cash accounts by book."""
OPENING_EVENT = "E00"
_ZERO: Any = literal_column("0", Integer)
"""What never changes stands in the statement: as parameters it would be sent, and planned for, each time."""
DIRECTIONS = {"in": "收入", "out": "支出", "moved": "划转", "opened": "期初", "none": "记账"}
"""What an entry did with money, in one word."""


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
    if event == OPENING_EVENT:
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


def direction_of(book: str, event: str, lines: Iterable[CashLine]) -> tuple[str, int]:
    """Which of ``DIRECTIONS`` an entry is, and how much it moved so (0 if ``none``), in fen.

    The same as adding up what :func:`entry_flows` gives, only quicker: a page asks it of every row.
    """
    sides: dict[str, list[int]] = {}
    codes = CASH[book]
    for line in lines:
        if line.account.startswith(codes):
            sides.setdefault(line.fund, [0, 0])[line.side == "C"] += line.amount
    came = went = round_trip = 0
    for debit, credit in sides.values():
        common = overlap(debit, credit)
        round_trip += common
        came += debit - common
        went += credit - common
    if event == OPENING_EVENT:
        return ("opened", came - went) if came != went else ("none", 0)
    if came == went != 0:
        return "moved", came
    if round_trip:
        return "moved", round_trip
    if came:
        return "in", came
    return ("out", went) if went else ("none", 0)


def flow_rows(trust_id: int, conditions: Sequence[ColumnElement[bool]]) -> Subquery:
    """The same in SQL: one row an entry and fund, for the cash postings that meet ``conditions``.

    ``conditions`` must take all postings of an entry or none. An entry without cash has no row; its
    direction is ``none``.
    """
    f = _whole_entries(trust_id, _nets(trust_id, conditions)).c
    usual = and_(~f.opening, ~f.moved)
    direction = case(
        (and_(f.opening, f.came != f.went), _text("opened")),
        (f.opening, _text("none")),
        (or_(f.moved, f.round_trip != _ZERO), _text("moved")),
        (f.came != _ZERO, _text("in")),
        (f.went != _ZERO, _text("out")),
        else_=_text("none"),
    )
    return select(
        f.seq,
        f.fund,
        direction.label("direction"),
        case((f.opening, f.i - f.o), else_=_ZERO).label("opened"),
        case((usual, f.i), else_=_ZERO).label("received"),
        case((usual, f.o), else_=_ZERO).label("paid"),
        case((and_(f.moved, ~f.opening), f.i), else_=_ZERO).label("moved_in"),
        case((and_(f.moved, ~f.opening), f.o), else_=_ZERO).label("moved_out"),
    ).subquery()


def _nets(trust_id: int, conditions: Sequence[ColumnElement[bool]]) -> Subquery:
    """What came (``i``) and went (``o``) by entry and fund, without the ``common`` part that only went round."""
    debit = func.sum(case((posting.c.side == _text("D"), posting.c.amount), else_=_ZERO))
    credit = func.sum(case((posting.c.side == _text("C"), posting.c.amount), else_=_ZERO))
    sides = (
        select(posting.c.seq, posting.c.fund, debit.label("d"), credit.label("c"))
        .where(posting.c.trust_id == trust_id, _any_cash(), *conditions)
        .group_by(posting.c.seq, posting.c.fund)
        .cte()  # beside the statement, not in it: SQLite parses only so deep
    )
    d, c = sides.c.d, sides.c.c
    common = case(
        (and_(d > _ZERO, c > _ZERO), case((d < c, d), else_=c)),
        (and_(d < _ZERO, c < _ZERO), case((d > c, d), else_=c)),
        else_=_ZERO,
    )
    both = select(sides.c.seq, sides.c.fund, d, c, common.label("common")).subquery()
    came, went = both.c.d - both.c.common, both.c.c - both.c.common
    return select(both.c.seq, both.c.fund, came.label("i"), went.label("o"), both.c.common).subquery()


def _whole_entries(trust_id: int, nets: Subquery) -> Subquery:
    """The same with the sums of the whole entry beside each fund."""
    i, o = nets.c.i, nets.c.o
    came, went, round_trip = (
        func.sum(column).over(partition_by=nets.c.seq) for column in (i, o, nets.c.common)
    )
    return (
        select(
            nets.c.seq,
            nets.c.fund,
            i.label("i"),
            o.label("o"),
            (entry.c.event == _text(OPENING_EVENT)).label("opening"),
            and_(came == went, came != _ZERO).label("moved"),
            came.label("came"),
            went.label("went"),
            round_trip.label("round_trip"),
        )
        .join(entry, (entry.c.trust_id == trust_id) & (entry.c.seq == nets.c.seq))
        .subquery()
    )


FLOW_NAMES = tuple(field.name for field in fields(Flow))


def sums(rows: Subquery, condition: ColumnElement[bool] | None = None) -> list[ColumnElement[Any]]:
    """The five totals of :class:`Flow` over the ``flow_rows`` that meet a condition, in its order."""
    totals: list[Any] = [func.sum(rows.c[name]) for name in FLOW_NAMES]
    if condition is not None:
        totals = [total.filter(condition) for total in totals]
    return [func.coalesce(total, _ZERO) for total in totals]


def cash_condition(book: str) -> ColumnElement[bool]:
    """Postings on cash accounts of a book. Ranges instead of LIKE, so that an index serves on every engine."""
    return or_(
        *(
            and_(posting.c.account >= _text(code), posting.c.account < _text(str(int(code) + 1)))
            for code in CASH[book]
        )
    )


def _any_cash() -> ColumnElement[bool]:
    return or_(*(and_(posting.c.book == _text(book), cash_condition(book)) for book in CASH))


def _text(fixed: str) -> Any:
    """One of this module's own codes, as a constant of the statement."""
    return literal_column(f"'{fixed}'")

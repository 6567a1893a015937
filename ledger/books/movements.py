"""Opening balance, movement and closing balance of every account and fund: what most books are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, case, func, select

from ledger.balances import Totals, trial_balance
from ledger.books.span import View, of_opening
from ledger.store.tables import entry, posting

Key = tuple[str, str]
"""Account code and fund."""
NOTHING = Totals(0, 0)


@dataclass(frozen=True, slots=True)
class Movement:
    """Fen. ``opening`` and ``closing`` are debit minus credit; ``debit`` and ``credit`` lie between them."""

    opening: int = 0
    debit: int = 0
    credit: int = 0

    @property
    def closing(self) -> int:
        """Opening balance plus debits minus credits."""
        return self.opening + self.debit - self.credit

    @property
    def blank(self) -> bool:
        """Nothing there and nothing happened."""
        return not (self.opening or self.debit or self.credit)

    def __add__(self, other: Movement) -> Movement:
        return Movement(self.opening + other.opening, self.debit + other.debit, self.credit + other.credit)


def movements(conn: Connection, view: View) -> dict[Key, Movement]:
    """By account and fund, over the span of the view."""
    return movements_since(conn, view, view.span.first_day)


def movements_since(conn: Connection, view: View, first: date) -> dict[Key, Movement]:
    """The same from ``first`` to the end of the view."""
    end = _totals(conn, view, view.last)
    before = balances_before(conn, view, first)
    taken_over = openings(conn, view) if first <= view.opened_on <= view.last else {}
    found = {}
    for key in sorted({*end, *before}):
        start, opened = before.get(key, NOTHING), taken_over.get(key, NOTHING)
        total = end.get(key, NOTHING)
        found[key] = Movement(
            opening=start.balance + opened.balance,
            debit=total.debit - start.debit - opened.debit,
            credit=total.credit - start.credit - opened.credit,
        )
    return found


def accounts_with_a_page(conn: Connection, view: View) -> list[Key]:
    """Accounts and funds that hold something or moved in the span, even if it came to nothing."""
    held = {key for key, movement in movements(conn, view).items() if not movement.blank}
    moved = select(posting.c.account, posting.c.fund).where(
        posting.c.trust_id == view.trust_id,
        posting.c.book == view.book,
        posting.c.business_date.between(view.span.first_day, view.last),
        posting.c.seq < view.clock.known_at,
    )
    return sorted(held | {(row.account, row.fund) for row in conn.execute(moved.distinct())})


def balances_before(conn: Connection, view: View, first: date) -> Mapping[Key, Totals]:
    """Totals since the beginning up to the evening before ``first``."""
    if first <= view.opened_on:
        return {}
    return _totals(conn, view, date.fromordinal(first.toordinal() - 1))


def openings(conn: Connection, view: View) -> dict[Key, Totals]:
    """What was taken over when the books opened."""
    debit = func.sum(case((posting.c.side == "D", posting.c.amount), else_=0))
    credit = func.sum(case((posting.c.side == "C", posting.c.amount), else_=0))
    rows = conn.execute(
        select(posting.c.account, posting.c.fund, debit, credit)
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            posting.c.trust_id == view.trust_id,
            posting.c.book == view.book,
            posting.c.business_date == view.opened_on,
            posting.c.seq < view.clock.known_at,
            of_opening(),
        )
        .group_by(posting.c.account, posting.c.fund)
    )
    return {(account, fund): Totals(int(d), int(c)) for account, fund, d, c in rows}


def _totals(conn: Connection, view: View, day: date) -> dict[Key, Totals]:
    rows = trial_balance(conn, view.trust_id, view.book, view.at(day))
    return {(row.account, row.fund): row.totals for row in rows}

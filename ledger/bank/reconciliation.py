"""Reconciling an account with the bank at a month's end: 银行存款余额调节表.

What only one side has booked by the last day of the month makes four lists. The books' balance with what only
the bank has, and the bank's balance with what only the books have, must come to the same figure; if the lists
are complete they always do, so a difference means lines that were never imported or an opening balance that is
not the bank's. Everything is asked of the books as they are now: a line of the month whose entry is dated later
is still the bank's alone at the month's end.

Source: 会计基础工作规范; the four lists are the customary ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select

from ledger.balances import account_totals, resolve_clock
from ledger.bank.bank_balance import BankSays, bank_says
from ledger.bank.importing import own_account
from ledger.bank.outstanding import books_only, lines_only, partly
from ledger.errors import Problem, Refused, refuse
from ledger.journal.head import lock_head
from ledger.money import format_yuan
from ledger.periods.calendar import last_day, period_name
from ledger.store.tables import bank_reconciliation
from ledger.trust.act import Act


class Outstanding(msgspec.Struct, frozen=True):
    """One thing only one side has booked. ``amount``: fen, in positive, out negative; ``ref`` its voucher."""

    on: date
    amount: int
    text: str
    ref: str = ""
    counterparty: str = ""
    line_key: str = ""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The 余额调节表 of one account and month. Amounts in fen; ``bank_balance`` None if the bank said none.

    ``books_received`` 企业已收银行未收, ``books_paid`` 企业已付银行未付, ``bank_received`` 银行已收企业未收,
    ``bank_paid`` 银行已付企业未付; each item signed as the account moves.
    """

    bank_account: str
    bank: str
    number: str
    book: str
    fund: str
    account: str
    period: int
    as_of: date
    book_balance: int
    bank_balance: int | None
    bank_as_of: date | None
    covered: bool
    """Whether what the bank said reaches the month's end, as far as anything moved."""
    books_received: tuple[Outstanding, ...]
    books_paid: tuple[Outstanding, ...]
    bank_received: tuple[Outstanding, ...]
    bank_paid: tuple[Outstanding, ...]

    @property
    def adjusted_book(self) -> int:
        """The books' balance with what only the bank has booked."""
        return self.book_balance + _sum(self.bank_received) + _sum(self.bank_paid)

    @property
    def adjusted_bank(self) -> int | None:
        """The bank's balance with what only the books have."""
        if self.bank_balance is None:
            return None
        return self.bank_balance + _sum(self.books_received) + _sum(self.books_paid)

    @property
    def difference(self) -> int | None:
        """Adjusted books minus adjusted bank: nil, or something is missing."""
        return None if self.adjusted_bank is None else self.adjusted_book - self.adjusted_bank

    @property
    def agrees(self) -> bool:
        """Whether both sides come to the same."""
        return self.difference == 0 and self.covered

    @property
    def own_payments_only(self) -> bool:
        """Whether nothing is under way but payments the bank has still to carry out."""
        return not (self.books_received or self.bank_received or self.bank_paid)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A reconciliation somebody signed."""

    version: int
    book_balance: int
    bank_balance: int
    adjusted: int
    note: str
    at: datetime
    by: str


def _sum(items: Sequence[Outstanding]) -> int:
    return sum(item.amount for item in items)


def reconciliation(
    conn: Connection, trust_id: int, bank_account: str, period: int, today: date
) -> Reconciliation:
    """The reconciliation of an account at the end of a month (YYYYMM), or today if it is not over yet.

    Raises :class:`~ledger.errors.Refused` for an account that is not registered or is a payment channel.
    """
    row = own_account(conn, trust_id, bank_account)
    if row.kind != "bank":
        raise refuse("not_a_bank", "收款渠道没有银行余额，不编余额调节表", row.bank)
    as_of = min(last_day(period), today)
    clock = resolve_clock(conn, trust_id, today=today, as_of=as_of)
    ours = account_totals(
        conn, trust_id, row.book, row.account, clock, fund=row.fund, bank_account=bank_account
    ).balance
    says = bank_says(conn, trust_id, bank_account, as_of)
    books, bank = _lists(conn, trust_id, row, as_of)
    return Reconciliation(
        bank_account=bank_account,
        bank=row.bank,
        number=row.number,
        book=row.book,
        fund=row.fund,
        account=row.account,
        period=period,
        as_of=as_of,
        book_balance=ours,
        bank_balance=_stated(says, ours, books, bank),
        bank_as_of=says.as_of if says else None,
        covered=(says is not None and says.covers(period)) or (says is None and not ours and not bank),
        books_received=tuple(item for item in books if item.amount > 0),
        books_paid=tuple(item for item in books if item.amount < 0),
        bank_received=tuple(item for item in bank if item.amount > 0),
        bank_paid=tuple(item for item in bank if item.amount < 0),
    )


def _stated(
    says: BankSays | None, ours: int, books: Sequence[Outstanding], bank: Sequence[Outstanding]
) -> int | None:
    """An account that never moved has nothing, whether or not the bank says so."""
    if says is not None:
        return says.balance
    return None if ours or books or bank else 0


def _lists(
    conn: Connection, trust_id: int, account: Row[Any], as_of: date
) -> tuple[list[Outstanding], list[Outstanding]]:
    """What only the books have, and what only the bank has, oldest first."""
    books = [
        Outstanding(row.on, int(row.amount), row.summary, row.ref, row.counterparty)
        for row in books_only(conn, trust_id, account, as_of)
    ]
    books += [
        Outstanding(row.on, int(row.amount), f"{row.summary}（与流水的差额）", row.ref, row.counterparty)
        for row in partly(conn, trust_id, account, as_of)
    ]
    bank = [
        Outstanding(row.occurred_on, row.amount, row.memo, "", row.counterparty, row.line_key)
        for row in lines_only(conn, trust_id, account, as_of)
    ]
    return sorted(books, key=lambda item: item.on), bank


def record_reconciliation(
    conn: Connection, trust_id: int, bank_account: str, period: int, *, by: str, note: str = "", act: Act
) -> int:
    """Sign the reconciliation as it stands and return its version.

    Raises :class:`~ledger.errors.Refused` if the two sides do not come to the same.
    """
    lock_head(conn, trust_id)
    table = reconciliation(conn, trust_id, bank_account, period, act.today)
    problems = list(_obstacles(table, act.today))
    if problems:
        raise Refused(problems)
    last = select(func.coalesce(func.max(bank_reconciliation.c.version), 0)).where(
        bank_reconciliation.c.trust_id == trust_id,
        bank_reconciliation.c.bank_account == bank_account,
        bank_reconciliation.c.period == period,
    )
    version = int(conn.execute(last).scalar_one()) + 1
    items = {
        name: getattr(table, name) for name in ("books_received", "books_paid", "bank_received", "bank_paid")
    }
    conn.execute(
        insert(bank_reconciliation).values(
            trust_id=trust_id,
            bank_account=bank_account,
            period=period,
            version=version,
            book_balance=table.book_balance,
            bank_balance=table.bank_balance,
            adjusted=table.adjusted_book,
            items=msgspec.json.encode(items).decode(),
            note=note.strip(),
            reconciled_at=act.now,
            reconciled_by=by,
        )
    )
    return version


def _obstacles(table: Reconciliation, today: date) -> list[Problem]:
    if last_day(table.period) > today:
        return [Problem("month_not_over", f"{period_name(table.period)}还没过完，不能确认对账", table.bank)]
    if table.difference is None or not table.covered:
        return [
            Problem(
                "bank_says_nothing", f"还没有到 {table.as_of} 的银行余额，请先导入到月末的对账单", table.bank
            )
        ]
    if table.difference:
        text = f"调节后仍相差 {format_yuan(table.difference)} 元：请核对是否有流水没有导入、期初余额是否与银行一致"
        return [Problem("not_reconciled", text, table.bank)]
    return []


def recorded(conn: Connection, trust_id: int, bank_account: str, period: int) -> list[Recorded]:
    """The signed reconciliations of a month, newest first."""
    rows = conn.execute(
        select(bank_reconciliation)
        .where(
            bank_reconciliation.c.trust_id == trust_id,
            bank_reconciliation.c.bank_account == bank_account,
            bank_reconciliation.c.period == period,
        )
        .order_by(bank_reconciliation.c.version.desc())
    )
    return [
        Recorded(
            row.version, row.book_balance, row.bank_balance, row.adjusted, row.note, row.reconciled_at,
            row.reconciled_by,
        )
        for row in rows
    ]  # fmt: skip

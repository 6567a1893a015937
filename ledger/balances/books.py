"""Books of account: general ledger (总账) and subsidiary ledger (明细账) with their customary totals.

A month shows what it began with (月初余额, in January 上年结转), each line with the balance after it,
the month's total (本月合计) and the year's so far (本年累计).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Connection, select

from ledger.balances.clock import Clock
from ledger.balances.query import Totals, account_totals, known_fund, leaves_below, trial_balance
from ledger.chart import load_chart
from ledger.errors import Unanswerable
from ledger.journal.public_view import entry_ref
from ledger.store.tables import entry, posting, trust


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A posting in the subsidiary ledger; ``balance`` is debit minus credit after it, in fen."""

    date: date
    ref: str
    summary: str
    side: str
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class AccountLedger:
    """One account over one month. ``opening`` is carried from last year (上年结转) in January."""

    account: str
    name: str
    fund: str
    month: date
    opening: int
    lines: tuple[LedgerLine, ...]
    month_total: Totals
    year_total: Totals

    @property
    def closing(self) -> int:
        """Balance at the end of the month or of the clock."""
        return self.opening + self.month_total.balance


def month_end(month: date) -> date:
    """The last day of a month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def account_ledger(
    conn: Connection, trust_id: int, book: str, account: str, fund: str, month: date, clock: Clock
) -> AccountLedger:
    """The subsidiary ledger (明细账) of an account and fund for the month of ``month``."""
    _refuse_outside(conn, trust_id, month, clock)
    chart = load_chart(conn, trust_id)
    codes = leaves_below(chart, book, account)
    first, last = month.replace(day=1), min(month_end(month), clock.as_of)
    opening = _until(conn, trust_id, book, account, fund, first - timedelta(days=1), clock)
    year_start = _until(conn, trust_id, book, account, fund, date(month.year - 1, 12, 31), clock)
    balance, lines = opening.balance, []
    debit = credit = 0
    rows = conn.execute(
        select(
            entry.c.business_date, entry.c.book, entry.c.fiscal_year, entry.c.number, entry.c.summary,
            posting.c.side, posting.c.amount,
        )
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == book,
            posting.c.account.in_(codes),
            posting.c.fund == known_fund(book, fund),
            posting.c.business_date.between(first, last),
            posting.c.seq < clock.known_at,
        )
        .order_by(posting.c.business_date, posting.c.seq, posting.c.line_no)
    )  # fmt: skip
    for day, book_code, year, number, summary, side, amount in rows:
        debit, credit = (debit + amount, credit) if side == "D" else (debit, credit + amount)
        balance = opening.balance + debit - credit
        lines.append(LedgerLine(day, entry_ref(book_code, year, number), summary, side, amount, balance))
    month_total = Totals(debit, credit)
    to_date = opening + month_total
    return AccountLedger(
        account=account,
        name=chart[book, account].name,
        fund=fund,
        month=first,
        opening=opening.balance,
        lines=tuple(lines),
        month_total=month_total,
        year_total=Totals(to_date.debit - year_start.debit, to_date.credit - year_start.credit),
    )


def general_ledger(
    conn: Connection, trust_id: int, book: str, month: date, clock: Clock
) -> Iterator[AccountLedger]:
    """The general ledger (总账): every account and fund that moved, by month, without single lines."""
    _refuse_outside(conn, trust_id, month, clock)
    chart = load_chart(conn, trust_id)
    first, last = month.replace(day=1), min(month_end(month), clock.as_of)

    def at(day: date) -> dict[tuple[str, str], Totals]:
        moment = replace(clock, as_of=day)
        return {(row.account, row.fund): row.totals for row in trial_balance(conn, trust_id, book, moment)}

    nothing = Totals(0, 0)
    now, before, year_start = at(last), at(first - timedelta(days=1)), at(date(month.year - 1, 12, 31))
    for (account, fund), totals in sorted(now.items()):
        opening, year = before.get((account, fund), nothing), year_start.get((account, fund), nothing)
        yield AccountLedger(
            account=account,
            name=chart[book, account].name,
            fund=fund,
            month=first,
            opening=opening.balance,
            lines=(),
            month_total=Totals(totals.debit - opening.debit, totals.credit - opening.credit),
            year_total=Totals(totals.debit - year.debit, totals.credit - year.credit),
        )


def _refuse_outside(conn: Connection, trust_id: int, month: date, clock: Clock) -> None:
    """A month before the books opened, or after the day asked about, has no ledger."""
    opened_on = conn.execute(select(trust.c.opened_on).where(trust.c.trust_id == trust_id)).scalar_one()
    if month_end(month) < opened_on:
        raise Unanswerable("before_opening", f"账套 {opened_on} 才启用，没有 {month:%Y-%m} 的账页")
    if month.replace(day=1) > clock.as_of:
        raise Unanswerable("future_day", f"截至 {clock.as_of}，还没有 {month:%Y-%m} 的账页")


def _until(
    conn: Connection, trust_id: int, book: str, account: str, fund: str, day: date, clock: Clock
) -> Totals:
    return account_totals(conn, trust_id, book, account, replace(clock, as_of=day), fund=fund)

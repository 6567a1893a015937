"""Figures beside a budget, from the books: the year's income and spending by account, what a fund has to spend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, case, extract, func, literal_column, select

from ledger.balances import resolve_clock, trial_balance
from ledger.books.span import of_closing, of_opening
from ledger.budget.codes import EARNING, REFERENCE, SPENDING
from ledger.budget.lines import Line
from ledger.chart import Chart
from ledger.store.tables import entry, entry_reference, posting, trust

_MONEY = ("1002", "1012")
_DEBTS = ("2",)


def year_by_account(conn: Connection, trust_id: int, chart: Chart, fund: str, year: int) -> dict[str, int]:
    """What a fund earned and spent in a year, by account, fen (earned and spent both positive).

    Entries that carry the result, or take over opening balances, are left out.
    """
    codes = [a.code for a in chart.of_book("A") if a.leaf and a.code.startswith((*EARNING, *SPENDING))]
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    query = (
        select(posting.c.account, func.sum(signed))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == "A",
            posting.c.account.in_(codes),
            posting.c.fund == fund,
            posting.c.business_date.between(date(year, 1, 1), date(year, 12, 31)),
            ~of_closing(),
            ~of_opening(),
        )
        .group_by(posting.c.account)
    )
    return {
        account: -int(amount) if account.startswith(EARNING) else int(amount)
        for account, amount in conn.execute(query)
    }


def covers_year(conn: Connection, trust_id: int, year: int) -> bool:
    """Whether the books were open in a year at all: without them there is no last year's actual."""
    opened_on = conn.execute(select(trust.c.opened_on).where(trust.c.trust_id == trust_id)).scalar_one()
    return int(opened_on.year) <= year


def beside_lines(lines: Sequence[Line], by_account: Mapping[str, int]) -> dict[str, int]:
    """A year's figures beside lines, by code; lines of the same accounts share one, which the first shows."""
    shown: set[tuple[str, ...]] = set()
    found = {}
    for line in lines:
        if line.accounts not in shown:
            shown.add(line.accounts)
            found[line.code] = sum(
                fen for account, fen in by_account.items() if account.startswith(line.accounts)
            )
    return found


def free_balance(conn: Connection, trust_id: int, fund: str, year: int, today: date) -> int:
    """What a fund has at the beginning of a year that is not owed to anybody: money less debts, fen.

    Before the year has begun, as of today. Money that households still owe is not counted; what they paid
    ahead is owed to them.
    """
    opened_on = conn.execute(select(trust.c.opened_on).where(trust.c.trust_id == trust_id)).scalar_one()
    day = max(min(date(year - 1, 12, 31), today), opened_on)
    clock = resolve_clock(conn, trust_id, today=today, as_of=day)
    return sum(
        row.totals.balance
        for row in trial_balance(conn, trust_id, "A", clock)
        if row.fund == fund and row.account.startswith((*_MONEY, *_DEBTS))
    )


def spent_by_month(
    conn: Connection, trust_id: int, fund: str, year: int, codes: Sequence[str]
) -> dict[str, dict[int, int]]:
    """What entries took from lines by code and month of the business date, fen."""
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    month = extract("month", posting.c.business_date)
    query = (
        select(entry_reference.c.ref, month, posting.c.account, func.sum(signed))
        .join(
            posting,
            (posting.c.trust_id == entry_reference.c.trust_id) & (posting.c.seq == entry_reference.c.seq),
        )
        .where(
            entry_reference.c.trust_id == trust_id,
            entry_reference.c.kind == literal_column(f"'{REFERENCE}'"),
            entry_reference.c.ref.in_(codes),
            posting.c.book == "A",
            posting.c.fund == fund,
            posting.c.business_date.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .group_by(entry_reference.c.ref, month, posting.c.account)
    )
    found: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for code, at, account, amount in conn.execute(query):
        if account.startswith(SPENDING):
            found[code][int(at)] += int(amount)
    return found

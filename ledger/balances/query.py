"""Totals by account, fund and dimension: snapshot of the last closed month plus what came after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)

from ledger.balances.clock import Base, Clock, base_period, nearest_base
from ledger.chart import FUNDS, Chart, load_chart
from ledger.errors import Unanswerable
from ledger.store.tables import DIMENSIONS, dimension_value, period_balance, posting, posting_detail
from ledger.trust.setup import load_setup


@dataclass(frozen=True, slots=True)
class Totals:
    """Debits and credits since the books opened, in fen (red-letter amounts count negative)."""

    debit: int
    credit: int

    @property
    def balance(self) -> int:
        """Debit minus credit."""
        return self.debit - self.credit

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.debit + other.debit, self.credit + other.credit)


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account within one fund."""

    account: str
    fund: str
    totals: Totals


_debit = func.coalesce(func.sum(case((posting.c.side == "D", posting.c.amount), else_=0)), 0)
_credit = func.coalesce(func.sum(case((posting.c.side == "C", posting.c.amount), else_=0)), 0)
_debit_then = func.coalesce(func.sum(period_balance.c.debit), 0)
_credit_then = func.coalesce(func.sum(period_balance.c.credit), 0)


def leaves_below(chart: Chart, book: str, code: str) -> list[str]:
    """The leaf accounts of a code, itself if it is a leaf. Raises :class:`Unanswerable`."""
    account = chart.get(book, code)
    if account is None:
        raise Unanswerable("unknown_account", f"账套 {book} 没有科目 {code}")
    if account.leaf:
        return [code]
    below = [a for a in chart.of_book(book) if a.parent == code]
    return [leaf for a in below for leaf in leaves_below(chart, book, a.code)]


def known_fund(book: str, fund: str) -> str:
    """The fund, if the book has it. Raises :class:`Unanswerable`."""
    if fund not in FUNDS or FUNDS[fund].book != book:
        raise Unanswerable("unknown_fund", f"账套 {book} 没有基金“{fund}”")
    return fund


def _refuse_unknown_value(conn: Connection, trust_id: int, dimension: str, value: str) -> None:
    known = conn.execute(
        select(dimension_value.c.code).where(
            dimension_value.c.trust_id == trust_id,
            dimension_value.c.dimension == dimension,
            dimension_value.c.code == value,
        )
    ).first()
    if known is None:
        raise Unanswerable("unknown_value", f"没有登记过“{value}”，无法给出余额")


def chart_at(conn: Connection, trust_id: int, clock: Clock) -> Chart:
    """The chart of a trust, from memory if the clock was resolved and nothing has changed since."""
    if clock.setup_version is None:
        return load_chart(conn, trust_id)
    return load_setup(conn, trust_id, clock.setup_version).chart


def account_totals(
    conn: Connection,
    trust_id: int,
    book: str,
    account: str,
    clock: Clock,
    *,
    fund: str = "",
    bank_account: str = "",
) -> Totals:
    """Totals of an account (with all below it), of one fund or bank account if named."""
    chart = chart_at(conn, trust_id, clock)
    codes = leaves_below(chart, book, account)
    funds = [fund] if fund else sorted({name for code in codes for name in chart[book, code].funds})
    if fund:
        known_fund(book, fund)
    if bank_account:
        _refuse_unknown_value(conn, trust_id, "bank_account", bank_account)
    base = nearest_base(conn, trust_id, book, clock)
    statement = _account_statement(
        based=base.period > 0, limited=not clock.everything, one_bank_account=bool(bank_account)
    )
    asked = {
        "t": trust_id,
        "book": book,
        "accounts": codes,
        "funds": funds,
        "bank_account": bank_account,
        "period": base.period,
        "after": min(clock.as_of, base.ends_on),
        "until": max(clock.as_of, base.ends_on),
        "known_at": clock.known_at,
    }
    debit = credit = 0
    for since, more_debit, more_credit in conn.execute(statement, asked):
        sign = -1 if since and base.ends_on > clock.as_of else 1
        debit, credit = debit + sign * int(more_debit), credit + sign * int(more_credit)
    return Totals(debit, credit)


@cache
def _account_statement(*, based: bool, limited: bool, one_bank_account: bool) -> Any:
    """Snapshot and what lies between it and the day, in one statement that is built once.

    Naming the funds lets the index (account, fund, day) be used down to the day.
    """
    since = select(literal(1), _debit, _credit).where(
        posting.c.trust_id == bindparam("t"),
        posting.c.book == bindparam("book"),
        posting.c.account.in_(bindparam("accounts", expanding=True)),
        posting.c.fund.in_(bindparam("funds", expanding=True)),
        posting.c.business_date <= bindparam("until"),
    )
    then = select(literal(0), _debit_then, _credit_then).where(
        period_balance.c.trust_id == bindparam("t"),
        period_balance.c.book == bindparam("book"),
        period_balance.c.period == bindparam("period"),
        period_balance.c.account.in_(bindparam("accounts", expanding=True)),
        period_balance.c.fund.in_(bindparam("funds", expanding=True)),
    )
    if limited:
        since = since.where(posting.c.seq < bindparam("known_at"))
    if one_bank_account:
        since = since.where(posting.c.bank_account == bindparam("bank_account"))
        then = then.where(period_balance.c.bank_account == bindparam("bank_account"))
    if not based:
        return since
    return union_all(then, since.where(posting.c.business_date > bindparam("after")))


def trial_balance(conn: Connection, trust_id: int, book: str, clock: Clock) -> list[TrialRow]:
    """Totals of every account and fund that ever moved, in account order."""
    if book not in {fund.book for fund in FUNDS.values()}:
        raise Unanswerable("unknown_book", f"没有账套“{book}”")
    base = base_period(conn, trust_id, book, clock)
    keys_then = (period_balance.c.account, period_balance.c.fund)
    keys_since = (posting.c.account, posting.c.fund)
    found: dict[tuple[str, str], Totals] = {}
    for query in (
        _snapshot(trust_id, book, base).add_columns(*keys_then).group_by(*keys_then),
        _delta(trust_id, book, base, clock).add_columns(*keys_since).group_by(*keys_since),
    ):
        for debit, credit, account, fund in conn.execute(query):
            found[account, fund] = found.get((account, fund), Totals(0, 0)) + Totals(int(debit), int(credit))
    return [TrialRow(account, fund, totals) for (account, fund), totals in sorted(found.items())]


def fund_totals(
    conn: Connection, trust_id: int, book: str, clock: Clock, prefixes: Sequence[str]
) -> dict[str, Totals]:
    """Totals per fund of all accounts that begin with one of ``prefixes``."""
    totals: dict[str, Totals] = {}
    for row in trial_balance(conn, trust_id, book, clock):
        if row.account.startswith(tuple(prefixes)):
            totals[row.fund] = totals.get(row.fund, Totals(0, 0)) + row.totals
    return totals


def dimension_totals(
    conn: Connection, trust_id: int, book: str, account: str, dimension: str, value: str, clock: Clock
) -> Totals:
    """Totals of one account for one unit, vendor, contract, … (households' parts of charges included)."""
    rows = _by_dimension(conn, trust_id, book, account, dimension, clock, value)
    if value not in rows:
        _refuse_unknown_value(conn, trust_id, dimension, value)
    return rows.get(value, Totals(0, 0))


def balances_by(
    conn: Connection, trust_id: int, book: str, account: str, dimension: str, clock: Clock
) -> dict[str, Totals]:
    """Totals of one account for every value of a dimension, such as arrears by unit."""
    return _by_dimension(conn, trust_id, book, account, dimension, clock, "")


def _by_dimension(
    conn: Connection, trust_id: int, book: str, account: str, dimension: str, clock: Clock, value: str
) -> dict[str, Totals]:
    if dimension not in DIMENSIONS:
        raise Unanswerable("unknown_dimension", f"没有辅助核算“{dimension}”")
    codes = leaves_below(chart_at(conn, trust_id, clock), book, account)
    scope = [
        posting.c.trust_id == trust_id,
        posting.c.book == book,
        posting.c.account.in_(codes),
        posting.c.business_date <= clock.as_of,
        *_known(clock),
    ]
    column = posting.c[dimension]
    named = column == value if value else column.is_not(None)
    parts: Select[Any] | Any = select(column.label("value"), posting.c.side, posting.c.amount).where(
        *scope, named
    )
    if dimension == "unit":
        in_detail = posting_detail.c.unit == value if value else posting_detail.c.unit.is_not(None)
        parts = union_all(
            parts,
            select(posting_detail.c.unit, posting.c.side, posting_detail.c.amount)
            .join(
                posting,
                (posting.c.trust_id == posting_detail.c.trust_id)
                & (posting.c.seq == posting_detail.c.seq)
                & (posting.c.line_no == posting_detail.c.line_no),
            )
            .where(*scope, posting.c.detail_count > 0, posting_detail.c.trust_id == trust_id, in_detail),
        )
    rows = parts.subquery()
    debit = func.sum(case((rows.c.side == "D", rows.c.amount), else_=0))
    credit = func.sum(case((rows.c.side == "C", rows.c.amount), else_=0))
    query = select(rows.c.value, debit, credit).group_by(rows.c.value)
    return {name: Totals(int(d), int(c)) for name, d, c in conn.execute(query)}


def _known(clock: Clock) -> list[ColumnElement[bool]]:
    return [] if clock.everything else [posting.c.seq < clock.known_at]


def _snapshot(trust_id: int, book: str, base: Base) -> Select[Any]:
    return select(_debit_then, _credit_then).where(
        period_balance.c.trust_id == trust_id,
        period_balance.c.book == book,
        period_balance.c.period == base.period,
    )


def _delta(trust_id: int, book: str, base: Base, clock: Clock) -> Select[Any]:
    """What lies between the base and ``as_of``, whichever is earlier."""
    query = select(_debit, _credit).where(
        posting.c.trust_id == trust_id,
        posting.c.book == book,
        posting.c.business_date <= max(clock.as_of, base.ends_on),
        *_known(clock),
    )
    earlier = min(clock.as_of, base.ends_on)
    return query.where(posting.c.business_date > earlier) if base.period else query

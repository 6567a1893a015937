"""Build a month's statement from the ledger: the one place where its figures are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, case, func, select

from disclosure.public.flows import CASH, flow_rows, flows_by_fund
from disclosure.public.leaves import PublicEntry, decode_leaf
from disclosure.public.words import CORRECTIONS
from disclosure.statements.value import (
    AccountAmount,
    Arrears,
    BookReport,
    FundCash,
    MonthlyStatement,
    StatementEntry,
)
from ledger.balances import Clock, account_totals, balances_by, fund_totals
from ledger.chart import FUNDS, Chart
from ledger.errors import Unanswerable
from ledger.events import load_events
from ledger.log.store import checkpoint_covering
from ledger.periods.calendar import first_day, last_day
from ledger.store.tables import entry, leaf, posting, trust
from ledger.trust.setup import load_setup

Book = Literal["A", "M"]
PAYMENT_SETTING = "statement_payment_above"
"""Setting with the fen from which a payment is named in the statement."""
PAYMENT_ABOVE = 100_000
PAYMENTS_SHOWN = 30
_ARREARS = "112201"


def build_statement(
    conn: Connection, trust_id: int, period: int, size: int, books: Sequence[Book]
) -> MonthlyStatement:
    """The statement of a month as the first ``size`` entries tell it.

    Raises :class:`~ledger.errors.Unanswerable` while no signed checkpoint covers ``size``.
    """
    row = conn.execute(select(trust).where(trust.c.trust_id == trust_id)).one()
    setup = load_setup(conn, trust_id)
    first, last = first_day(period), last_day(period)
    above = setup.setting(PAYMENT_SETTING, last)
    above = PAYMENT_ABOVE if above is None else int(above)
    clock = Clock(last, size, False)
    owing = balances_by(conn, trust_id, "A", _ARREARS, "unit", clock)
    return MonthlyStatement(
        trust=row.slug,
        name=row.name,
        trustee=row.trustee,
        period=period,
        first=first,
        last=last,
        size=size,
        checkpoint=checkpoint_covering(conn, trust_id, size).note,
        payment_above=above,
        books=tuple(_book(conn, trust_id, setup.chart, book, clock, first, above) for book in books),
        arrears=Arrears(
            total=account_totals(conn, trust_id, "A", _ARREARS, clock).balance,
            households=sum(totals.balance > 0 for totals in owing.values()),
        ),
    )


def _book(
    conn: Connection, trust_id: int, chart: Chart, book: Book, clock: Clock, first: date, above: int
) -> BookReport:
    amounts = _income_and_expense(conn, trust_id, chart, book, clock, first)
    count, total, seqs = _payments(conn, trust_id, book, clock, first, above)
    leaves = {item.seq: item for item in _leaves(conn, trust_id, [seq for seq, _, _ in seqs])}
    return BookReport(
        book=book,
        cash=tuple(_cash(conn, trust_id, book, clock, first)),
        income=tuple(line for class_, line in amounts if class_ == "I"),
        expense=tuple(line for class_, line in amounts if class_ == "E"),
        payments=tuple(_named(leaves[seq], fund, amount) for seq, fund, amount in seqs),
        payment_count=count,
        payment_total=total,
        corrections=tuple(_corrections(conn, trust_id, book, clock, first)),
    )


def _cash(conn: Connection, trust_id: int, book: Book, clock: Clock, first: date) -> Iterable[FundCash]:
    before = Clock(first - timedelta(days=1), clock.known_at, clock.everything)
    opening = fund_totals(conn, trust_id, book, before, CASH[book])
    closing = fund_totals(conn, trust_id, book, clock, CASH[book])
    flows = flows_by_fund(conn, trust_id, book, first, clock.as_of, known_at=clock.known_at)
    for fund in (code for code in FUNDS if code in closing):
        start = opening[fund].balance if fund in opening else 0
        end, flow = closing[fund].balance, flows.get(fund)
        if start + (flow.net if flow else 0) != end:
            raise Unanswerable("cash_does_not_add_up", f"基金 {fund} 的期初、收支与期末对不上，请先核对账簿")
        yield FundCash(
            fund=fund,
            opening=start,
            opened=flow.opened if flow else 0,
            received=flow.received if flow else 0,
            paid=flow.paid if flow else 0,
            moved_in=flow.moved_in if flow else 0,
            moved_out=flow.moved_out if flow else 0,
            closing=end,
        )


def _income_and_expense(
    conn: Connection, trust_id: int, chart: Chart, book: Book, clock: Clock, first: date
) -> list[tuple[str, AccountAmount]]:
    """By account and fund, without the entries that carry income and expense to the year's result."""
    classes = {a.code: a.class_ for a in chart.of_book(book) if a.leaf and a.class_ in ("I", "E")}
    closings = [event.id for event in load_events().values() if event.closing]
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    month = case((posting.c.business_date >= first, signed), else_=0)
    rows = conn.execute(
        select(posting.c.account, posting.c.fund, func.sum(month), func.sum(signed))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            *_month(trust_id, book, clock, date(first.year, 1, 1)),
            posting.c.account.in_(classes),
            entry.c.event.not_in(closings),
        )
        .group_by(posting.c.account, posting.c.fund)
        .order_by(posting.c.fund, posting.c.account)
    )
    found = []
    for account, fund, of_month, of_year in rows:
        sign = -1 if classes[account] == "I" else 1
        amount = AccountAmount(
            fund=fund,
            account=account,
            name=chart[book, account].name,
            month=sign * int(of_month),
            year=sign * int(of_year),
        )
        if amount.month or amount.year:
            found.append((classes[account], amount))
    return found


def _payments(
    conn: Connection, trust_id: int, book: Book, clock: Clock, first: date, above: int
) -> tuple[int, int, list[tuple[int, str, int]]]:
    """How many payments reach the threshold, their sum, and the largest as (seq, fund, fen)."""
    flows = flow_rows(trust_id, _month(trust_id, book, clock, first))
    count, total = conn.execute(
        select(func.count(), func.coalesce(func.sum(flows.c.paid), 0)).where(flows.c.paid >= above)
    ).one()
    rows = conn.execute(
        select(flows.c.seq, flows.c.fund, flows.c.paid)
        .where(flows.c.paid >= above)
        .order_by(flows.c.paid.desc(), flows.c.seq)
        .limit(PAYMENTS_SHOWN)
    )
    return int(count), int(total), [(seq, fund, int(paid)) for seq, fund, paid in rows]


def _corrections(
    conn: Connection, trust_id: int, book: Book, clock: Clock, first: date
) -> Iterable[StatementEntry]:
    seqs = conn.execute(
        select(entry.c.seq).where(
            entry.c.trust_id == trust_id,
            entry.c.book == book,
            entry.c.business_date.between(first, clock.as_of),
            entry.c.seq < clock.known_at,
            entry.c.event.in_(CORRECTIONS),
        )
    ).scalars()
    for item in _leaves(conn, trust_id, list(seqs)):
        funds = sorted({line.fund for line in item.lines})
        yield _named(item, "、".join(funds), item.total, target=item.reverses or item.amends)


def _named(item: PublicEntry, fund: str, amount: int, target: str = "") -> StatementEntry:
    return StatementEntry(item.ref, item.date, item.summary, fund, amount, item.counterparty, target)


def _leaves(conn: Connection, trust_id: int, seqs: Sequence[int]) -> list[PublicEntry]:
    query = select(leaf.c.body).where(leaf.c.trust_id == trust_id, leaf.c.seq.in_(seqs)).order_by(leaf.c.seq)
    return [decode_leaf(bytes(body)) for body in conn.execute(query).scalars()]


def _month(trust_id: int, book: Book, clock: Clock, first: date) -> list[ColumnElement[bool]]:
    return [
        posting.c.trust_id == trust_id,
        posting.c.book == book,
        posting.c.business_date.between(first, clock.as_of),
        posting.c.seq < clock.known_at,
    ]

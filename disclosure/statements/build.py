"""Build a statement from the ledger: the parts that every month, quarter and year has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection, func, select

from disclosure.public.flows import CASH, flow_rows, flows_by_fund
from disclosure.public.words import CORRECTIONS
from disclosure.statements.budgets import budget_reports
from disclosure.statements.maintenance import maintenance_by_building, maintenance_uses
from disclosure.statements.named import leaves_of, named, named_corrections
from disclosure.statements.restated import corrected_figures
from disclosure.statements.revenue import shared_revenue
from disclosure.statements.scope import Book, Scope, signed
from disclosure.statements.sums import book_report
from disclosure.statements.value import (
    AccountAmount,
    Arrears,
    BookReport,
    FundCash,
    Statement,
    StatementEntry,
)
from disclosure.statements.year import decisions_of_year, fund_results, projects_of_year
from ledger.balances import account_totals, balances_by, fund_totals
from ledger.books.span import of_closing, of_opening
from ledger.chart import FUNDS
from ledger.errors import Unanswerable
from ledger.log.store import checkpoint_covering
from ledger.periods.spans import Span
from ledger.store.tables import entry, posting, trust
from ledger.trust.setup import load_setup

PAYMENT_SETTING = "statement_payment_above"
"""Setting with the fen from which a payment is named in the statement."""
PAYMENT_ABOVE = 100_000
PAYMENTS_SHOWN = 30
_ARREARS = "112201"


def build_statement(
    conn: Connection, trust_id: int, span: Span, size: int, books: Sequence[Book]
) -> Statement:
    """The statement of a closed span as the first ``size`` leaves of the log tell it.

    Raises :class:`~ledger.errors.Unanswerable` while no signed checkpoint covers ``size``.
    """
    row = conn.execute(select(trust).where(trust.c.trust_id == trust_id)).one()
    scope = Scope(conn, load_setup(conn, trust_id), span, size)
    above = scope.setup.setting(PAYMENT_SETTING, span.last)
    above = PAYMENT_ABOVE if above is None else int(above)
    reports = tuple(_book(scope, book, above) for book in books)
    short, year = span.kind == "month", span.kind == "year"
    value = Statement(
        trust=row.slug,
        name=row.name,
        trustee=row.trustee,
        period=span.code,
        span=span.kind,
        first=span.first,
        last=span.last,
        opened_on=row.opened_on,
        size=size,
        checkpoint=checkpoint_covering(conn, trust_id, size).note,
        payment_above=above,
        books=reports,
        arrears=_arrears(scope),
        revenue=None if short else shared_revenue(scope, reports[0]),
        uses=maintenance_uses(scope) if not short and "M" in books else None,
        budgets=() if short else budget_reports(scope),
        maintenance=maintenance_by_building(scope) if year and "M" in books else None,
        results=fund_results(scope, reports) if year else (),
        projects=projects_of_year(scope) if year else (),
        decisions=decisions_of_year(scope) if year else (),
    )
    return msgspec.structs.replace(value, restated=corrected_figures(scope, value))


def _book(scope: Scope, book: Book, above: int) -> BookReport:
    amounts = _income_and_expense(scope, book)
    count, total, seqs = _payments(scope, book, above)
    leaves = leaves_of(scope.conn, scope.trust_id, [seq for seq, _, _ in seqs])
    return book_report(
        book,
        cash=tuple(_cash(scope, book)),
        income=[line for class_, line in amounts if class_ == "I"],
        expense=[line for class_, line in amounts if class_ == "E"],
        payments=[named(leaves[seq], fund, amount) for seq, fund, amount in seqs],
        payment_count=count,
        payment_total=total,
        corrections=_corrections(scope, book),
    )


def _cash(scope: Scope, book: Book) -> Iterable[FundCash]:
    conn, trust_id, span = scope.conn, scope.trust_id, scope.span
    opening = fund_totals(conn, trust_id, book, scope.before, CASH[book])
    closing = fund_totals(conn, trust_id, book, scope.clock, CASH[book])
    flows = flows_by_fund(conn, trust_id, book, span.first, span.last, known_at=scope.size)
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


def _income_and_expense(scope: Scope, book: Book) -> list[tuple[str, AccountAmount]]:
    """By account and fund, without what was taken over at the opening or carried to the year's result."""
    chart = scope.setup.chart
    classes = {a.code: a.class_ for a in chart.of_book(book) if a.leaf and a.class_ in ("I", "E")}
    rows = scope.conn.execute(
        select(posting.c.account, posting.c.fund, func.sum(scope.of_span(signed())), func.sum(signed()))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            *scope.postings(book, scope.new_year),
            posting.c.account.in_(classes),
            ~of_closing(),
            ~of_opening(),
        )
        .group_by(posting.c.account, posting.c.fund)
        .order_by(posting.c.fund, posting.c.account)
    )
    found = []
    for account, fund, of_span, of_year in rows:
        sign = -1 if classes[account] == "I" else 1
        amount = AccountAmount(
            fund, account, chart[book, account].name, sign * int(of_span), sign * int(of_year)
        )
        if amount.amount or amount.year:
            found.append((classes[account], amount))
    return found


def _payments(scope: Scope, book: Book, above: int) -> tuple[int, int, list[tuple[int, str, int]]]:
    """How many payments reach the threshold, their sum, and the largest as (seq, fund, fen)."""
    flows = flow_rows(scope.trust_id, scope.postings(book))
    count, total = scope.conn.execute(
        select(func.count(), func.coalesce(func.sum(flows.c.paid), 0)).where(flows.c.paid >= above)
    ).one()
    rows = scope.conn.execute(
        select(flows.c.seq, flows.c.fund, flows.c.paid)
        .where(flows.c.paid >= above)
        .order_by(flows.c.paid.desc(), flows.c.seq)
        .limit(PAYMENTS_SHOWN)
    )
    return int(count), int(total), [(seq, fund, int(paid)) for seq, fund, paid in rows]


def _corrections(scope: Scope, book: Book) -> list[StatementEntry]:
    """Corrections dated in the span: each is in one month, one quarter and one year."""
    seqs = scope.conn.execute(
        select(entry.c.seq).where(
            entry.c.trust_id == scope.trust_id,
            entry.c.book == book,
            entry.c.business_date.between(scope.span.first, scope.span.last),
            entry.c.seq < scope.size,
            entry.c.event.in_(CORRECTIONS),
        )
    ).scalars()
    return named_corrections(scope.conn, scope.trust_id, list(seqs))


def _arrears(scope: Scope) -> Arrears:
    conn, trust_id = scope.conn, scope.trust_id
    owing = balances_by(conn, trust_id, "A", _ARREARS, "unit", scope.clock)
    return Arrears(
        total=account_totals(conn, trust_id, "A", _ARREARS, scope.clock).balance,
        households=sum(totals.balance > 0 for totals in owing.values()),
    )

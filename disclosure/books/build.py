"""Build a report from the books: the one place where a kind of book meets its read model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from disclosure.books.accounts import general_tables, subsidiary_table, trial_report_table, whole_fund
from disclosure.books.asked import Asked
from disclosure.books.kinds import KINDS
from disclosure.books.reconciling import reconciliation_tables
from disclosure.books.report import Report, Table
from disclosure.books.statements import household_table, income_report_table, sheet_table
from disclosure.books.vouchers import each_voucher, voucher_table
from disclosure.public.words import BOOKS, day_text
from ledger.books import (
    Scope,
    View,
    VoucherRange,
    accounts_with_a_page,
    balance_sheet,
    general_accounts,
    household_lines,
    household_totals,
    income_tables,
    ledger_rows,
    trial_table,
    trial_tables,
)
from ledger.chart import FUNDS
from ledger.errors import Unanswerable
from ledger.journal.rules import DIMENSION_NAMES
from ledger.trust.setup import Setup, load_setup


@dataclass(frozen=True, slots=True)
class Request:
    """A book asked for, and who asks: ``printed_by`` and ``printed_at`` stand on the paper."""

    conn: Connection
    view: View
    asked: Asked
    community: str
    trustee: str
    printed_by: str
    printed_at: str

    def report(
        self,
        kind: str,
        tables: Iterator[Table] | tuple[Table, ...],
        *,
        span: str = "",
        landscape: bool = False,
        carried: bool = False,
        notes: tuple[str, ...] = (),
    ) -> Report:
        """A report of this request."""
        title = KINDS[kind].title
        return Report(
            kind=kind,
            title=title,
            community=f"{self.community}　{BOOKS[self.view.book]}",
            trustee=self.trustee,
            span=span or self.view.span.title,
            tables=tables,
            printed_by=self.printed_by,
            printed_at=self.printed_at,
            landscape=landscape,
            carried=carried,
            signatures=(("制表", self.printed_by), ("审核", ""), ("负责人", "")),
            notes=notes,
        )


def build_report(kind: str, request: Request) -> Report:
    """The report of a kind of book. Its tables may be streams over the request's connection.

    Raises :class:`~ledger.errors.Unanswerable`.
    """
    return _BUILDERS[kind](request)


def _vouchers(request: Request) -> Report:
    wanted = VoucherRange(request.asked.first_no, request.asked.last_no)
    return request.report("vouchers", (voucher_table(each_voucher(request.conn, request.view, wanted)),))


def _ledger(request: Request) -> Report:
    if not request.asked.account:
        return request.report("ledger", _every_ledger(request), carried=True)
    return _account_book(request, "ledger", request.asked.scope)


def _every_ledger(request: Request) -> Iterator[Table]:
    """The ledgers of all accounts and funds that hold or moved something, one after another."""
    setup, wanted = load_setup(request.conn, request.view.trust_id), request.asked.fund
    for account, fund in accounts_with_a_page(request.conn, request.view):
        if wanted in ("", fund):
            scope = Scope(account, fund)
            title, facts = scope_words(setup, request.view.book, scope)
            yield subsidiary_table(title, facts, ledger_rows(request.conn, request.view, scope))


def _cash(request: Request) -> Report:
    return _account_book(request, "cash", bank_scope(request.conn, request.view, request.asked.bank_account))


def _account_book(request: Request, kind: str, scope: Scope) -> Report:
    setup = load_setup(request.conn, request.view.trust_id)
    title, facts = scope_words(setup, request.view.book, scope)
    rows = ledger_rows(request.conn, request.view, scope)
    return request.report(kind, (subsidiary_table(title, facts, rows),), carried=True)


def scope_words(setup: Setup, book: str, scope: Scope) -> tuple[str, tuple[str, ...]]:
    """An account book's title, and what it is narrowed to."""
    title = f"{scope.account} {setup.chart.path(book, scope.account)}"
    facts = [whole_fund(scope.fund)] if scope.fund or len(_funds(book)) > 1 else []
    if scope.dimension:
        known = setup.values.get((scope.dimension, scope.value))
        name = known.name if known else scope.value
        shown = name if name == scope.value else f"{scope.value} {name}"
        facts.append(f"{DIMENSION_NAMES[scope.dimension]}：{shown}")
    return title, tuple(facts)


def _funds(book: str) -> list[str]:
    return [code for code, fund in FUNDS.items() if fund.book == book]


def bank_scope(conn: Connection, view: View, code: str) -> Scope:
    """The postings of one of the trust's bank accounts. Raises :class:`~ledger.errors.Unanswerable`."""
    accounts = load_setup(conn, view.trust_id).bank_accounts
    if code not in accounts or accounts[code][0] != view.book:
        raise Unanswerable("unknown_bank_account", "请先选择本账套的银行账户")
    _, account, fund = accounts[code]
    return Scope(account, fund, "bank_account", code)


def _general(request: Request) -> Report:
    accounts = general_accounts(
        request.conn, request.view, fund=request.asked.fund, account=request.asked.account
    )
    return request.report("general", general_tables(accounts))


def _trial(request: Request) -> Report:
    asked = request.asked
    if asked.fund:
        tables = [trial_table(request.conn, request.view, fund=asked.fund, levels=asked.levels)]
    else:
        tables = trial_tables(request.conn, request.view, levels=asked.levels)
    return request.report("trial", tuple(trial_report_table(table) for table in tables), landscape=True)


def _income(request: Request) -> Report:
    tables = income_tables(request.conn, request.view, fund=request.asked.fund)
    one = request.view.span.first == request.view.span.last
    notes = (
        ("按收付实现制记账。",)
        if request.view.book == "M"
        else ("按权责发生制记账：应收应付的也算在内，与实际收付的时间可能不同。",)
    )
    return request.report(
        "income", tuple(income_report_table(table, one_month=one) for table in tables), notes=notes
    )


def _position(request: Request) -> Report:
    sheet = balance_sheet(request.conn, request.view)
    notes = [
        f"{whole_fund(fund)}不平衡，相差 {rest} 分，请立即核对账簿。"
        for fund, rest in sheet.differences.items()
    ]
    return request.report(
        "position",
        (sheet_table(sheet, fund=request.asked.fund),),
        span=day_text(request.view.last),
        landscape=not request.asked.fund and len(sheet.funds) > 1,
        notes=tuple(notes),
    )


def _households(request: Request) -> Report:
    view, building = request.view, request.asked.building
    lines = household_lines(request.conn, view, building=building)
    unnamed, total = household_totals(request.conn, view)
    table = household_table(lines, None if building else unnamed, None if building else total)
    return request.report("households", (table,), landscape=True)


def _reconciliation(request: Request) -> Report:
    tables = reconciliation_tables(request.conn, request.view, request.asked.bank_account)
    return request.report("reconciliation", tables, span=day_text(request.view.last))


_BUILDERS: dict[str, Callable[[Request], Report]] = {
    "vouchers": _vouchers,
    "ledger": _ledger,
    "cash": _cash,
    "general": _general,
    "trial": _trial,
    "income": _income,
    "position": _position,
    "reconciliation": _reconciliation,
    "households": _households,
}

"""The checklist before a month closes, one function an item. An item that fails blocks the closing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, exists, func, select

from ledger.balances import Clock, account_totals, fund_totals, resolve_clock
from ledger.bank.importing import own_account
from ledger.bank.lines import is_open
from ledger.money import format_yuan
from ledger.periods.calendar import last_day
from ledger.store.tables import bank_account, bank_line, posting


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One condition of closing: what it is, whether it holds, and what was found."""

    name: str
    ok: bool
    finding: str


Check = Callable[[Connection, int, str, int, Clock], Iterator[CheckItem]]


def checklist(conn: Connection, trust_id: int, book: str, period: int, today: date) -> list[CheckItem]:
    """All items for closing a book's month."""
    ends_on = last_day(period)
    if ends_on > today:
        return [CheckItem("月份已过完", False, f"{ends_on} 还没到，不能提前结账")]
    clock = resolve_clock(conn, trust_id, today=today, as_of=ends_on)
    return [item for check in CHECKS for item in check(conn, trust_id, book, period, clock)]


def bank_lines_are_posted(
    conn: Connection, trust_id: int, book: str, period: int, clock: Clock
) -> Iterator[CheckItem]:
    """Every bank and channel line up to the month's end has a posted entry that was not reversed."""
    rows = conn.execute(
        select(bank_account.c.bank, func.count(), func.min(bank_line.c.occurred_on))
        .join(
            bank_line,
            (bank_line.c.trust_id == bank_account.c.trust_id)
            & (bank_line.c.bank_account == bank_account.c.bank_account),
        )
        .where(
            bank_account.c.trust_id == trust_id,
            bank_account.c.book == book,
            bank_line.c.occurred_on <= clock.as_of,
            is_open(),
        )
        .group_by(bank_account.c.bank)
    ).all()
    for bank, count, first in rows:
        yield CheckItem("流水都已入账", False, f"“{bank}”还有 {count} 条流水没有入账，最早的是 {first}")
    if not rows:
        yield CheckItem("流水都已入账", True, "没有未入账的流水")


def bank_balances_agree(
    conn: Connection, trust_id: int, book: str, period: int, clock: Clock
) -> Iterator[CheckItem]:
    """The bank's balance at the month's end is the books', or they differ by own payments under way only."""
    accounts = conn.execute(
        select(bank_account.c.bank_account)
        .where(
            bank_account.c.trust_id == trust_id, bank_account.c.book == book, bank_account.c.kind == "bank"
        )
        .order_by(bank_account.c.bank_account)
    ).scalars()
    for code in accounts.all():
        yield _bank_balance(conn, trust_id, code, period, clock)


def _bank_balance(conn: Connection, trust_id: int, code: str, period: int, clock: Clock) -> CheckItem:
    # these reckon in this package's months
    from ledger.bank.bank_balance import bank_says
    from ledger.bank.reconciliation import reconciliation

    row = own_account(conn, trust_id, code)
    ours = account_totals(
        conn, trust_id, row.book, row.account, clock, fund=row.fund, bank_account=code
    ).balance
    says = bank_says(conn, trust_id, code, clock.as_of)
    name = f"“{row.bank}”余额与银行一致"
    if says is None:
        moved = ours != 0 or _moved(conn, trust_id, code, clock)
        return CheckItem(name, not moved, "还没有导入过这个账户的对账单" if moved else "本账户没有发生额")
    if not says.covers(period):
        return CheckItem(name, False, f"对账单只到 {says.as_of}，请导入到 {clock.as_of} 的对账单")
    finding = f"账上 {format_yuan(ours)} 元，银行 {format_yuan(says.balance)} 元"
    if says.balance == ours:
        return CheckItem(name, True, finding)
    table = reconciliation(conn, trust_id, code, period, clock.as_of)
    if not table.agrees:
        return CheckItem(name, False, f"{finding}，相差 {format_yuan(ours - says.balance)} 元")
    under_way = f"{len(table.books_paid)} 笔付款共 {format_yuan(-sum(x.amount for x in table.books_paid))} 元银行尚未入账"
    if table.own_payments_only:
        return CheckItem(name, True, f"{finding}；{under_way}，调节后相符")
    return CheckItem(
        name,
        False,
        f"{finding}，相差 {format_yuan(ours - says.balance)} 元；未达账项不只是在途付款，请看余额调节表",
    )


def _moved(conn: Connection, trust_id: int, code: str, clock: Clock) -> bool:
    return bool(
        conn.execute(
            select(
                exists().where(
                    posting.c.trust_id == trust_id,
                    posting.c.bank_account == code,
                    posting.c.business_date <= clock.as_of,
                )
            )
        ).scalar_one()
    )


def held_money_is_there(
    conn: Connection, trust_id: int, book: str, period: int, clock: Clock
) -> Iterator[CheckItem]:
    """Deposits and pass-through money lie untouched in their own bank accounts."""
    if book != "A":
        return
    cash = fund_totals(conn, trust_id, book, clock, ("1002", "1012"))
    owed = fund_totals(conn, trust_id, book, clock, ("2241",))
    for fund, name, exact in (
        ("F3", "押金户余额等于应退押金", True),
        ("F4", "代收代付户足以付清代收款", False),
    ):
        have = cash[fund].balance if fund in cash else 0
        owe = -owed[fund].balance if fund in owed else 0
        ok = have == owe if exact else have >= owe
        yield CheckItem(name, ok, f"户内 {format_yuan(have)} 元，应付 {format_yuan(owe)} 元")


def inter_fund_is_zero(
    conn: Connection, trust_id: int, book: str, period: int, clock: Clock
) -> Iterator[CheckItem]:
    """1901 over all funds is nil."""
    if book != "A":
        return
    net = account_totals(conn, trust_id, book, "1901", clock).balance
    yield CheckItem("基金间往来合计为零", net == 0, f"1901 合计 {format_yuan(net)} 元")


def result_is_carried(
    conn: Connection, trust_id: int, book: str, period: int, clock: Clock
) -> Iterator[CheckItem]:
    """December closes only after the year's income and expense were carried to the result."""
    if period % 100 != 12:
        return
    left = fund_totals(conn, trust_id, book, clock, ("4", "5", *(("3101",) if book == "A" else ())))
    open_funds = sorted(fund for fund, totals in left.items() if totals.balance)
    finding = (
        "收入、支出已全部结转"
        if not open_funds
        else f"基金 {'、'.join(open_funds)} 还有收支没有结转，请先做年结"
    )
    yield CheckItem("年末收支已结转", not open_funds, finding)


CHECKS: tuple[Check, ...] = (
    bank_lines_are_posted,
    bank_balances_agree,
    held_money_is_there,
    inter_fund_is_zero,
    result_is_carried,
)

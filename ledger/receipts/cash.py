"""Cash taken at the counter and not yet in the bank (现金待缴存): paid in whole, never spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.balances import resolve_clock, trial_balance
from ledger.billing.run import next_key
from ledger.chart import FUNDS
from ledger.errors import refuse
from ledger.journal import Document, Draft, Line
from ledger.money import format_yuan
from ledger.receipts.refund import account_of
from ledger.work import Link, Work

CASH = "101204"


@dataclass(frozen=True, slots=True)
class CashDeposit:
    """Cash of one fund paid into its bank account; ``line_key``: the bank's line of it, if it is there."""

    fund: str
    amount: int
    on: date
    bank_account: str
    slip: str
    line_key: str = ""


def cash_in_hand(conn: Connection, trust_id: int, today: date) -> dict[str, int]:
    """Fen of cash to be paid in, by fund; funds without any are left out."""
    clock = resolve_clock(conn, trust_id, today=today)
    return {
        row.fund: row.totals.balance
        for row in trial_balance(conn, trust_id, "A", clock)
        if row.account == CASH and row.totals.balance
    }


def cash_deposit_work(conn: Connection, trust_id: int, asked: CashDeposit, today: date) -> Work:
    """The work that books cash paid into the bank. Raises :class:`~ledger.errors.Refused`."""
    held = cash_in_hand(conn, trust_id, today).get(asked.fund, 0)
    if asked.amount <= 0:
        raise refuse("bad_amount", "缴存金额必须大于零", "金额")
    if asked.amount > held:
        raise refuse(
            "more_than_cash",
            f"待缴存的{FUNDS[asked.fund].name}现金只有 {format_yuan(held)} 元，不能缴存 {format_yuan(asked.amount)} 元",
            "金额",
        )
    if not asked.slip.strip() and not asked.line_key:
        raise refuse("no_slip", "请填写银行缴款单号，或选择对应的银行流水", "缴款单号")
    account = account_of(conn, trust_id, asked.bank_account, asked.fund)
    document = (
        Document("bank_line", "银行流水", asked.line_key)
        if asked.line_key
        else Document("receipt", "银行现金缴款单", asked.slip.strip())
    )
    draft = Draft(
        book="A",
        date=asked.on,
        event="E03c",
        summary=f"{FUNDS[asked.fund].name}现金缴存银行",
        lines=(
            Line(account, asked.fund, "D", asked.amount, bank_account=asked.bank_account),
            Line(CASH, asked.fund, "C", asked.amount),
        ),
        preparer="",
        reviewer="",
        key=next_key(conn, trust_id, f"cash:{asked.fund}:{asked.on:%Y%m%d}"),
        documents=(document,),
    )
    links = (Link(0, asked.bank_account, asked.line_key),) if asked.line_key else ()
    return Work(
        kind="cash_deposit",
        title=f"{FUNDS[asked.fund].name}现金缴存 {format_yuan(asked.amount)} 元",
        drafts=(draft,),
        links=links,
    )

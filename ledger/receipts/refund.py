"""Refunds of what a household paid ahead (退预收): never more than is left, paid by the cashier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from ledger.billing.items import find_item
from ledger.billing.open_items import open_items, prepaid_balances
from ledger.billing.run import next_key
from ledger.errors import Problem, Refused
from ledger.journal import Document, Draft, Line
from ledger.money import format_yuan
from ledger.store.tables import bank_account
from ledger.work import Work


@dataclass(frozen=True, slots=True)
class Refund:
    """``receipt_number``: of the household's signed receipt (会计基础工作规范 48); ``payee`` is sealed."""

    unit: str
    item: str
    amount: int
    on: date
    bank_account: str
    receipt_number: str
    payee: str = ""


def refund_work(conn: Connection, trust_id: int, asked: Refund) -> Work:
    """The work that pays back a prepayment. Raises :class:`~ledger.errors.Refused`."""
    item = find_item(asked.item)
    if problems := list(_problems(conn, trust_id, asked)):
        raise Refused(problems)
    account = account_of(conn, trust_id, asked.bank_account, item.fund)
    draft = Draft(
        book="A",
        date=asked.on,
        event="E06",
        summary=f"退业主预收{item.title}",
        lines=(
            Line(item.prepaid, item.fund, "D", asked.amount, unit=asked.unit),
            Line(account, item.fund, "C", asked.amount, bank_account=asked.bank_account),
        ),
        preparer="",
        reviewer="",
        key=next_key(conn, trust_id, f"prepaid-refund:{asked.unit}:{item.name}"),
        documents=(Document("receipt", "业主收款收据", asked.receipt_number.strip()),),
        counterparty=asked.payee.strip(),
    )
    title = f"退预收{item.title} {asked.unit}（{format_yuan(asked.amount)} 元）"
    return Work(kind="prepayment_refund", title=title, drafts=(draft,))


def account_of(conn: Connection, trust_id: int, code: str, fund: str) -> str:
    """The ledger account of a bank account, which must be of this fund. Raises Refused."""
    row = conn.execute(
        select(bank_account.c.account).where(
            bank_account.c.trust_id == trust_id,
            bank_account.c.bank_account == code,
            bank_account.c.kind == "bank",
            bank_account.c.fund == fund,
        )
    ).first()
    if row is None:
        raise Refused([Problem("bad_account", f"“{code}”不是这项资金的银行账户", "银行账户")])
    found: str = row.account
    return found


def _problems(conn: Connection, trust_id: int, asked: Refund) -> Iterator[Problem]:
    item = find_item(asked.item)
    if not item.prepaid:
        yield Problem("no_prepaid", f"{item.title}没有预收可退", "收费项目")
        return
    held = prepaid_balances(conn, trust_id, [asked.unit]).get(asked.unit, {}).get(item.prepaid, 0)
    if asked.amount <= 0:
        yield Problem("bad_amount", "退款金额必须大于零", "金额")
    elif asked.amount > held:
        yield Problem(
            "more_than_prepaid",
            f"这户的预收{item.title}只有 {format_yuan(held)} 元，不能退 {format_yuan(asked.amount)} 元",
            "金额",
        )
    owed = sum(
        open_item.amount
        for open_item in open_items(conn, trust_id, [asked.unit]).get(asked.unit, [])
        if open_item.account == item.receivable
    )
    if owed > 0 and asked.amount > held - owed:
        yield Problem(
            "owes", f"这户还欠{item.title} {format_yuan(owed)} 元，请先用预收抵扣欠费，再退余款", "金额"
        )
    if not asked.receipt_number.strip():
        yield Problem("no_receipt", "退款须有业主签收的收款收据，请填写收据编号", "收据编号")

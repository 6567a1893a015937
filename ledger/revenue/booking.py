"""Entries of shared revenue as work: what came in, what a month earned.

A contract paid in arrears is a receivable when its month is over (E19a) and settles it when paid (E17);
rent paid ahead (E19b) becomes income month by month (E19c); a share is income when it comes in (E17).
Tax is taken out of the price by the rate in force on the day.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.balances import balances_by, resolve_clock
from ledger.errors import refuse
from ledger.journal import Document, Draft, Line
from ledger.maintenance.cash import CashIn
from ledger.maintenance.keys import next_key
from ledger.money import format_yuan
from ledger.revenue.contracts import Terms
from ledger.revenue.due import AHEAD, RECEIVABLE
from ledger.revenue.vat import needed_rate, split_vat
from ledger.trust.act import Act
from ledger.trust.setup import Setup
from ledger.work import Work

RECEIPT = "revenue_receipt"
VAT = "222101"


def income_lines(terms: Terms, gross: int, rate_bp: int) -> tuple[Line, ...]:
    """Income and the tax in it, on the credit side."""
    net, tax = split_vat(gross, rate_bp)
    income = Line(terms.account, "F2", "C", net, contract=terms.contract, site=terms.site)
    return (income, Line(VAT, "F2", "C", tax, contract=terms.contract)) if tax else (income,)


def contract_paper(terms: Terms) -> Document:
    """The contract as source document."""
    return Document("contract", terms.title, number=terms.contract)


def receipt_work(
    conn: Connection, setup: Setup, terms: Terms, cash: CashIn, act: Act, *, schedule: str = ""
) -> Work:
    """Money of a contract came in. ``schedule`` names the period a share is for.

    Raises :class:`~ledger.errors.Refused` if more comes than was accrued: income that was not recognised
    would hide behind an old debt.
    """
    references = {"contract": terms.contract, "resolution": terms.resolution}
    event, papers = "E17", (cash.document, contract_paper(terms))
    if terms.mode == "share":
        if not schedule:
            raise refuse("no_period", "请选择这笔分成属于哪一期", "所属期")
        references["schedule"] = schedule
        others = income_lines(terms, cash.fen, needed_rate(setup, terms.account, cash.on))
        summary = f"收到{terms.title}分成收入"
    elif terms.mode == "prepaid":
        event, summary = "E19b", f"预收{terms.title}租金"
        others = (Line(AHEAD, "F2", "C", cash.fen, contract=terms.contract),)
    else:
        owed = _balance(conn, setup.trust_id, RECEIVABLE, terms.contract, act)
        if cash.fen > owed:
            raise refuse(
                "more_than_receivable",
                f"合同“{terms.contract}”账上应收 {format_yuan(owed)} 元，收到 {format_yuan(cash.fen)} 元；请先做“按月确认”，再登记收款",
                "金额",
            )
        others = (Line(RECEIVABLE, "F2", "C", cash.fen, contract=terms.contract),)
        summary = f"收到{terms.title}款项"
    draft = Draft(
        book="A",
        date=cash.on,
        event=event,
        summary=summary,
        lines=(cash.line, *others),
        preparer="",
        reviewer="",
        key=cash.key if cash.links else next_key(conn, setup.trust_id, f"revenue:{cash.key}"),
        documents=papers,
        references=references,
        counterparty=terms.party_name,
        counterparty_public=True,
    )
    return Work(kind=RECEIPT, title=f"{summary}（{terms.contract}）", drafts=(draft,), links=cash.links)


def _balance(conn: Connection, trust_id: int, account: str, contract: str, act: Act) -> int:
    clock = resolve_clock(conn, trust_id, today=act.today)
    totals = balances_by(conn, trust_id, "A", account, "contract", clock).get(contract)
    balance = totals.balance if totals else 0
    return balance if account == RECEIVABLE else -balance

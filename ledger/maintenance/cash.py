"""Money that came in: a line of a bank statement, or what a person types from a slip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.bank.lines import OpenLine, open_lines, open_lines_by_key
from ledger.bank.matching import bank_document, cash_line
from ledger.errors import refuse
from ledger.journal import Document, Line
from ledger.trust.setup import Setup
from ledger.work import Link, lines_in_work

PAPERS = {"bank_line": "银行进账单", "receipt": "收据"}


@dataclass(frozen=True, slots=True)
class CashIn:
    """``fen`` received ``on`` a day; ``number``: of the bank's slip or of the receipt given.

    ``key`` names the money itself, so that the same money is never booked twice.
    """

    on: date
    fen: int
    line: Line
    document: Document
    key: str
    links: tuple[Link, ...] = ()


def from_bank_line(conn: Connection, trust_id: int, bank_account: str, line_key: str, fund: str) -> CashIn:
    """A line that waits for its entry. Raises :class:`~ledger.errors.Refused` if it is none of this fund."""
    place = (bank_account, line_key)
    line = open_lines_by_key(conn, trust_id, [place]).get(place)
    if line is None:
        raise refuse("line_taken", "这条流水不存在，或已经入账；请刷新后重新选择", "银行流水")
    if line.fund != fund or line.amount <= 0:
        raise refuse("wrong_line", "这条流水不是该资金户的收款，请重新选择", "银行流水")
    link = Link(draft=0, bank_account=bank_account, line_key=line_key)
    return CashIn(line.on, line.amount, cash_line(line), bank_document(line), line.entry_key, (link,))


def by_hand(
    setup: Setup, *, bank_account: str, fen: int, on: date, number: str, paper: str, fund: str
) -> CashIn:
    """Money a person saw arrive, known by the number of its slip or receipt."""
    home = setup.bank_accounts.get(bank_account)
    if home is None or home[2] != fund:
        raise refuse("wrong_bank_account", "请选择这项资金自己的银行账户", "银行账户")
    if not number.strip():
        raise refuse("no_number", "请填写银行回单号或收据号，系统据此防止重复入账", "回单号或收据号")
    if fen <= 0:
        raise refuse("no_amount", "收款金额应大于零", "金额")
    if paper not in PAPERS:
        raise refuse("unknown_document", "请选择凭据是银行进账单还是收据", "凭据")
    _, account, _ = home
    line = Line(account, fund, "D", fen, bank_account=bank_account)
    document = Document(paper, PAPERS[paper], number=number.strip())
    return CashIn(on, fen, line, document, f"in:{bank_account}:{paper}:{number.strip()}")


def lines_to_choose(conn: Connection, trust_id: int, fund: str) -> list[OpenLine]:
    """Money in, of one fund, that no entry and no open work explains yet."""
    taken = lines_in_work(conn, trust_id)
    return [
        line
        for line in open_lines(conn, trust_id)
        if line.fund == fund and line.amount > 0 and (line.bank_account, line.line_key) not in taken
    ]

"""The part of a form that says which money came in: a bank line that waits, or what stands on a slip."""

from __future__ import annotations

from dataclasses import dataclass

from disclosure.office.acting import Office
from disclosure.office.forms import Form
from ledger.maintenance.cash import PAPERS, CashIn, by_hand, from_bank_line, lines_to_choose
from ledger.money import format_yuan
from ledger.trust.setup import Setup

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class CashChoices:
    """Bank lines that wait, accounts of the fund and kinds of slips, as (value, label)."""

    lines: list[tuple[str, str]]
    accounts: list[tuple[str, str]]
    papers: list[tuple[str, str]]


def cash_choices(office: Office, fund: str) -> CashChoices:
    """What the form offers for money of a fund."""
    lines = [
        (
            f"{line.bank_account}|{line.line_key}",
            f"{line.on} {format_yuan(line.amount)} 元 {line.counterparty} {line.memo}".strip()[:70],
        )
        for line in lines_to_choose(office.conn, office.trust_id, fund)[:_SHOWN]
    ]
    return CashChoices(lines, fund_accounts(office.setup, fund), list(PAPERS.items()))


def fund_accounts(setup: Setup, fund: str) -> list[tuple[str, str]]:
    """The bank accounts of a fund; channels are left out."""
    return [
        (code, setup.values["bank_account", code].name)
        for code, (_, account, of) in sorted(setup.bank_accounts.items())
        if of == fund and account.startswith(("1001", "1002"))
    ]


def read_cash(form: Form, office: Office, fund: str) -> CashIn:
    """The money a form names. Raises :class:`~ledger.errors.Refused` with all that is wrong so far."""
    chosen = form.text("line", "银行流水", required=False, longest=400)
    if chosen:
        form.finish()
        account, _, key = chosen.partition("|")
        return from_bank_line(office.conn, office.trust_id, account, key, fund)
    account = form.text("bank_account", "银行账户")
    fen = form.money("amount", "到账金额")
    day = form.day("on", "到账日期")
    number = form.text("number", "回单号或收据号", longest=60)
    paper = form.text("paper", "凭据") or "bank_line"
    form.finish()
    return by_hand(
        office.setup,
        bank_account=account,
        fen=fen,
        on=day or office.act.today,
        number=number,
        paper=paper,
        fund=fund,
    )

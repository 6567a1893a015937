"""Bank lines that wait for an entry, as choices of a form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from ledger.bank.lines import open_lines
from ledger.chart import FUNDS
from ledger.money import format_yuan
from ledger.store.tables import bank_account
from ledger.work import lines_in_work

_SHOWN = 100


def fund_choices(funds: Iterable[str]) -> list[tuple[str, str]]:
    """Funds as (code, name)."""
    return [(fund, FUNDS[fund].name) for fund in funds]


def line_choices(conn: Connection, trust_id: int, funds: Sequence[str]) -> list[tuple[str, str]]:
    """Money that came into these funds' banks and has no entry yet, as (value, label), oldest first."""
    accounts = conn.execute(
        select(bank_account.c.bank_account).where(
            bank_account.c.trust_id == trust_id,
            bank_account.c.kind == "bank",
            bank_account.c.book == "A",
            bank_account.c.fund.in_(funds),
        )
    ).scalars()
    taken = lines_in_work(conn, trust_id)
    return [
        (
            f"{line.bank_account}|{line.line_key}",
            f"{line.on} {format_yuan(line.amount)} 元 {line.counterparty} {line.memo}".strip()[:70],
        )
        for account in accounts
        for line in open_lines(conn, trust_id, account=account, limit=_SHOWN)
        if line.amount > 0 and (line.bank_account, line.line_key) not in taken
    ]


def split_line(value: str) -> tuple[str, str]:
    """Bank account and line of a chosen value; both '' if none was chosen."""
    account, _, key = value.partition("|")
    return account, key

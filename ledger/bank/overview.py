"""Every account and channel of a trust at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from ledger.bank.lines import is_open
from ledger.store.tables import bank_account, bank_file, bank_line, bank_reconciliation, bank_waiver
from ledger.work.read import lines_in_work


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account: the last day the bank has told of, how many lines wait, the last month reconciled."""

    code: str
    kind: str
    book: str
    fund: str
    bank: str
    tail: str
    last_line: date | None
    open: int
    in_work: int
    reconciled: int | None


@dataclass(frozen=True, slots=True)
class FileState:
    """An imported file. ``waived``: its balances could not be checked and it was imported all the same."""

    bank_account: str
    sha256: str
    filename: str
    format: str
    lines: int
    new: int
    balance_verified: bool
    waived: bool
    reason: str
    at: datetime
    by: str


def bank_overview(conn: Connection, trust_id: int, today: date) -> list[AccountState]:
    """All accounts, banks first; four queries however many."""
    last = _by_account(conn, trust_id, select(bank_line.c.bank_account, func.max(bank_line.c.occurred_on)))
    waiting = _by_account(conn, trust_id, select(bank_line.c.bank_account, func.count()).where(is_open()))
    months = (
        select(bank_reconciliation.c.bank_account, func.max(bank_reconciliation.c.period))
        .where(bank_reconciliation.c.trust_id == trust_id)
        .group_by(bank_reconciliation.c.bank_account)
    )
    signed = {row[0]: row[1] for row in conn.execute(months)}
    claimed: dict[str, int] = {}
    for account, _ in lines_in_work(conn, trust_id):
        claimed[account] = claimed.get(account, 0) + 1
    rows = conn.execute(
        select(bank_account)
        .where(bank_account.c.trust_id == trust_id)
        .order_by(bank_account.c.kind, bank_account.c.book, bank_account.c.fund, bank_account.c.bank_account)
    )
    return [
        AccountState(
            code=row.bank_account,
            kind=row.kind,
            book=row.book,
            fund=row.fund,
            bank=row.bank,
            tail=row.number[-4:],
            last_line=last.get(row.bank_account),
            open=waiting.get(row.bank_account, 0),
            in_work=claimed.get(row.bank_account, 0),
            reconciled=signed.get(row.bank_account),
        )
        for row in rows
    ]


def imported_files(
    conn: Connection, trust_id: int, *, before: datetime | None = None, limit: int = 20
) -> list[FileState]:
    """Imported files, newest first, with why balances were not checked."""
    query = (
        select(bank_file, bank_waiver.c.reason)
        .outerjoin(
            bank_waiver,
            and_(
                bank_waiver.c.trust_id == bank_file.c.trust_id,
                bank_waiver.c.bank_account == bank_file.c.bank_account,
                bank_waiver.c.sha256 == bank_file.c.sha256,
            ),
        )
        .where(bank_file.c.trust_id == trust_id)
        .order_by(bank_file.c.imported_at.desc(), bank_file.c.bank_account, bank_file.c.sha256)
        .limit(limit)
    )
    if before is not None:
        query = query.where(bank_file.c.imported_at < before)
    return [
        FileState(
            row.bank_account,
            row.sha256,
            row.filename,
            row.format,
            row.line_count,
            row.new_count,
            row.balance_verified,
            row.waived not in ("", "[]"),
            row.reason or "",
            row.imported_at,
            row.imported_by,
        )
        for row in conn.execute(query)
    ]


def _by_account(conn: Connection, trust_id: int, query: Select[Any]) -> dict[str, Any]:
    query = query.where(bank_line.c.trust_id == trust_id).group_by(bank_line.c.bank_account)
    return {row[0]: row[1] for row in conn.execute(query)}

"""All that is handed over, counted at one moment (余额快照): a canonical value that can be made again from the books."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import rfc8785
from sqlalchemy import Connection, and_, func, select

from ledger.balances import Clock, balances_by, resolve_clock, trial_balance
from ledger.chart import Account
from ledger.journal.head import peek_head
from ledger.log.store import latest_checkpoint
from ledger.store.tables import bank_account, bank_balance, contract
from ledger.trust.act import Act
from ledger.trust.setup import Setup

_NOT_LISTED = ("bank_account", "counter_fund")
"""Dimensions that have a list of their own, or none that anyone would count."""


def take_snapshot(conn: Connection, setup: Setup, act: Act) -> dict[str, Any]:
    """Balances of both books as of today and as known now, by account, bank account, household, vendor and
    contract, in fen. Nothing is posted and nothing is carried to profit."""
    clock = resolve_clock(conn, setup.trust_id, today=act.today)
    head, checkpoint = peek_head(conn, setup.trust_id), latest_checkpoint(conn, setup.trust_id)
    trial = {book: _trial(conn, setup, book, clock) for book in ("A", "M")}
    return {
        "community": setup.name,
        "as_of": clock.as_of.isoformat(),
        "size": clock.known_at,
        "log_root": head.tree.root().hex() if head.tree.size else "",
        "checkpoint_size": checkpoint.size if checkpoint else 0,
        "checkpoint_root": checkpoint.root.hex() if checkpoint else "",
        "trial": trial,
        "bank": _bank(conn, setup.trust_id, clock),
        "lists": [
            entry
            for book in ("A", "M")
            for entry in _lists(conn, setup, book, clock, {row["account"] for row in trial[book]})
        ],
        "contracts": _contracts(conn, setup, clock),
    }


def snapshot_bytes(value: Mapping[str, Any]) -> bytes:
    """The one spelling of a snapshot (RFC 8785)."""
    return rfc8785.dumps(dict(value))


def snapshot_digest(body: bytes) -> str:
    """SHA-256 in hex of a snapshot: what the three parties sign."""
    return sha256(body).hexdigest()


def _trial(conn: Connection, setup: Setup, book: str, clock: Clock) -> list[dict[str, Any]]:
    return [
        {
            "account": row.account,
            "name": setup.chart.path(book, row.account),
            "fund": row.fund,
            "balance": row.totals.balance,
        }
        for row in trial_balance(conn, setup.trust_id, book, clock)
        if row.totals.balance
    ]


def _bank(conn: Connection, trust_id: int, clock: Clock) -> list[dict[str, Any]]:
    """Each account: what the books say, and what the bank said last."""
    ours: dict[str, int] = {}
    rows = conn.execute(
        select(bank_account).where(bank_account.c.trust_id == trust_id).order_by(bank_account.c.bank_account)
    ).all()
    for book, account in sorted({(row.book, row.account) for row in rows}):
        for code, totals in balances_by(conn, trust_id, book, account, "bank_account", clock).items():
            ours[code] = totals.balance
    theirs = _stated(conn, trust_id, clock)
    return [
        {
            "code": row.bank_account,
            "bank": row.bank,
            "fund": row.fund,
            "number_ends": row.number[-4:] if row.number[-4:].isdigit() else row.number,
            "balance": ours.get(row.bank_account, 0),
            "stated": theirs.get(row.bank_account, (None, ""))[0],
            "stated_on": theirs.get(row.bank_account, (None, ""))[1],
        }
        for row in rows
    ]


def _stated(conn: Connection, trust_id: int, clock: Clock) -> dict[str, tuple[int | None, str]]:
    newest = func.row_number().over(
        partition_by=bank_balance.c.bank_account,
        order_by=(bank_balance.c.as_of.desc(), bank_balance.c.recorded_at.desc()),
    )
    rows = (
        select(
            bank_balance.c.bank_account, bank_balance.c.balance, bank_balance.c.as_of, newest.label("place")
        )
        .where(and_(bank_balance.c.trust_id == trust_id, bank_balance.c.as_of <= clock.as_of))
        .subquery()
    )
    found = conn.execute(select(rows).where(rows.c.place == 1))
    return {row.bank_account: (int(row.balance), row.as_of.isoformat()) for row in found}


def _lists(conn: Connection, setup: Setup, book: str, clock: Clock, moved: set[str]) -> list[dict[str, Any]]:
    """Accounts kept by household, vendor, contract, party or project, with the balance of each."""
    found = []
    for account in setup.chart.of_book(book):
        if account.code not in moved or not (dimension := _listed_by(account)):
            continue
        values = balances_by(conn, setup.trust_id, book, account.code, dimension, clock)
        rows = [
            {"code": code, "name": _name(setup, dimension, code), "balance": totals.balance}
            for code, totals in sorted(values.items())
            if totals.balance
        ]
        if rows:
            found.append(
                {
                    "book": book,
                    "account": account.code,
                    "name": setup.chart.path(book, account.code),
                    "dimension": dimension,
                    "rows": rows,
                }
            )
    return found


def _listed_by(account: Account) -> str:
    """The dimension an account is counted by; income and expense of book A are not handed over one by one."""
    if account.book == "A" and account.class_ in ("I", "E"):
        return ""
    return next((name for name in account.dimensions if name not in _NOT_LISTED), "")


def _name(setup: Setup, dimension: str, code: str) -> str:
    value = setup.values.get((dimension, code))
    return value.name if value else code


def _contracts(conn: Connection, setup: Setup, clock: Clock) -> list[dict[str, Any]]:
    rows = conn.execute(
        select(contract).where(contract.c.trust_id == setup.trust_id).order_by(contract.c.contract)
    )
    return [
        {
            "contract": row.contract,
            "title": row.title,
            "party": _name(setup, "vendor", row.party)
            if ("vendor", row.party) in setup.values
            else _name(setup, "party", row.party),
            "starts_on": row.starts_on.isoformat(),
            "ends_on": row.ends_on.isoformat() if row.ends_on else "",
        }
        for row in rows
        if row.ends_on is None or row.ends_on >= clock.as_of
    ]

"""What only the books, or only the bank, had of an account by a day: the lists behind its reconciliation.

A line and an entry belong together while the link between them stands (its entry not cancelled by red letters
by that day) and both lie on or before the day. A line linked anew after a correction counts with its newest
entry only. An entry and the red letters that cancel it by that day are nothing. The opening balance is no
movement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    case,
    exists,
    func,
    select,
)

from ledger.journal.public_view import entry_ref
from ledger.store.tables import bank_line, bank_match, entry, posting

_OPENING = "E00"


@dataclass(frozen=True, slots=True)
class BooksItem:
    """What an entry moved on the account and the bank has not. Fen, in positive."""

    on: date
    amount: int
    ref: str
    summary: str
    counterparty: str


def books_only(conn: Connection, trust_id: int, account: Row[Any], as_of: date) -> list[BooksItem]:
    """Entries of the account by the day that no line of the account by the day shows."""
    shown = exists().where(
        bank_match.c.trust_id == trust_id,
        bank_match.c.seq == entry.c.seq,
        bank_match.c.bank_account == account.bank_account,
        *_line_by(account.bank_account, as_of),
    )
    query = _moved(trust_id, account, as_of).where(~shown)
    return [_item(row, int(row.amount)) for row in conn.execute(query)]


def partly(conn: Connection, trust_id: int, account: Row[Any], as_of: date) -> list[BooksItem]:
    """Entries whose lines by the day do not make up what they moved, each with the rest."""
    newer = bank_match.alias()
    taken_over = exists().where(
        newer.c.trust_id == bank_match.c.trust_id,
        newer.c.bank_account == bank_match.c.bank_account,
        newer.c.line_key == bank_match.c.line_key,
        newer.c.seq > bank_match.c.seq,
        _stands(newer, trust_id, as_of),
    )
    brought = (
        select(bank_match.c.seq, func.sum(case((taken_over, 0), else_=bank_line.c.amount)).label("brought"))
        .where(
            bank_match.c.trust_id == trust_id,
            bank_match.c.bank_account == account.bank_account,
            *_line_by(account.bank_account, as_of),
        )
        .group_by(bank_match.c.seq)
        .subquery()
    )
    moved = _moved(trust_id, account, as_of).subquery()
    query = (
        select(moved, brought.c.brought)
        .join(brought, brought.c.seq == moved.c.seq)
        .where(moved.c.amount != brought.c.brought)
    )
    return [_item(row, int(row.amount) - int(row.brought)) for row in conn.execute(query)]


def lines_only(conn: Connection, trust_id: int, account: Row[Any], as_of: date) -> list[Row[Any]]:
    """Lines of the account by the day that no entry by the day explains, oldest first."""
    explained = exists().where(
        bank_match.c.trust_id == trust_id,
        bank_match.c.bank_account == account.bank_account,
        bank_match.c.line_key == bank_line.c.line_key,
        _stands(bank_match, trust_id, as_of),
    )
    query = (
        select(bank_line)
        .where(
            bank_line.c.trust_id == trust_id,
            bank_line.c.bank_account == account.bank_account,
            bank_line.c.occurred_on <= as_of,
            ~explained,
        )
        .order_by(bank_line.c.occurred_at, bank_line.c.row)
    )
    return list(conn.execute(query).all())


def _item(row: Row[Any], amount: int) -> BooksItem:
    ref = entry_ref(row.book, row.fiscal_year, row.number)
    return BooksItem(row.business_date, amount, ref, row.summary, row.counterparty)


def _line_by(code: str, as_of: date) -> tuple[ColumnElement[bool], ...]:
    """That the line of a link lies on or before the day."""
    return (
        bank_line.c.trust_id == bank_match.c.trust_id,
        bank_line.c.bank_account == code,
        bank_line.c.line_key == bank_match.c.line_key,
        bank_line.c.occurred_on <= as_of,
    )


def _stands(matched: FromClause, trust_id: int, as_of: date) -> ColumnElement[bool]:
    """That the entry of a link is dated by the day and was not cancelled by then."""
    known = entry.alias()
    return exists().where(
        known.c.trust_id == trust_id,
        known.c.seq == matched.c.seq,
        known.c.business_date <= as_of,
        ~_cancelled(known, trust_id, as_of),
    )


def _cancelled(table: FromClause, trust_id: int, as_of: date) -> ColumnElement[bool]:
    undo = entry.alias()
    return exists().where(
        undo.c.trust_id == trust_id, undo.c.reverses == table.c.seq, undo.c.business_date <= as_of
    )


def _moved(trust_id: int, account: Row[Any], as_of: date) -> Select[Any]:
    """What every entry that counts by the day moved on the account."""
    signed = func.sum(case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount))
    cancelled = _cancelled(entry, trust_id, as_of)
    return (
        select(
            entry.c.seq,
            entry.c.book,
            entry.c.fiscal_year,
            entry.c.number,
            entry.c.business_date,
            entry.c.summary,
            entry.c.counterparty,
            signed.label("amount"),
        )
        .join(entry, and_(entry.c.trust_id == posting.c.trust_id, entry.c.seq == posting.c.seq))
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == account.book,
            posting.c.account == account.account,
            posting.c.fund == account.fund,
            posting.c.bank_account == account.bank_account,
            posting.c.business_date <= as_of,
            entry.c.event != _OPENING,
            entry.c.reverses.is_(None),
            ~cancelled,
        )
        .group_by(
            entry.c.seq,
            entry.c.book,
            entry.c.fiscal_year,
            entry.c.number,
            entry.c.business_date,
            entry.c.summary,
            entry.c.counterparty,
        )
        .having(signed != 0)
    )

"""What importing a statement file would do, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection

from ledger.bank.importing import earlier_file, new_lines, own_account, refuse_other_account
from ledger.bank.read import read_statement
from ledger.bank.saved_formats import format_name, formats_of
from ledger.bank.statement import BankLine, Problem


@dataclass(frozen=True, slots=True)
class Preview:
    """What importing a file would do; nothing was written. Amounts in fen, ``money_out`` positive.

    ``waived``: why the balances could not be checked, empty if they were or the format states none.
    """

    bank_account: str
    bank: str
    format: str
    lines: Sequence[BankLine]
    known: int
    money_in: int
    money_out: int
    opening: int | None
    closing: int | None
    balance_verified: bool
    waived: tuple[Problem, ...]
    skipped: tuple[Problem, ...]
    already: bool

    @property
    def new(self) -> int:
        """Lines that would be added."""
        return len(self.lines) - self.known


def preview_statement(
    conn: Connection, trust_id: int, bank_account_code: str, data: bytes, filename: str
) -> Preview:
    """Read a statement file as :func:`import_statement` would, and tell what would come of it.

    Raises the same errors, except that failed sums are told in ``waived``.
    """
    account = own_account(conn, trust_id, bank_account_code)
    formats = formats_of(conn, trust_id)
    statement = read_statement(data, filename, formats, accept_unverified_balance=True)
    refuse_other_account(account, statement, filename, formats)
    new = sum(1 for _ in new_lines(conn, trust_id, bank_account_code, statement.lines))
    return Preview(
        bank_account=bank_account_code,
        bank=account.bank,
        format=format_name(statement.format_id, formats),
        lines=statement.lines,
        known=len(statement.lines) - new,
        money_in=sum(line.amount for line in statement.lines if line.amount > 0),
        money_out=-sum(line.amount for line in statement.lines if line.amount < 0),
        opening=statement.opening,
        closing=statement.closing,
        balance_verified=statement.balance_verified,
        waived=statement.waived,
        skipped=statement.skipped,
        already=earlier_file(conn, trust_id, bank_account_code, sha256(data).hexdigest()) is not None,
    )

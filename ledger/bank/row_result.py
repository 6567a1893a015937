"""What one row of a statement file gives: lines, or the reasons why not."""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.bank.statement import BankLine, Problem


@dataclass(slots=True)
class RowResult:
    """What a row gave: lines, or why it was skipped, or why it cannot be read.

    ``gross_in``, ``gross_out`` and ``fee`` (fen) are the row's part of the file's totals.
    ``balance_problems`` stand apart because the operator may import past them. ``account`` is the row's own
    account, if it tells one.
    """

    lines: list[BankLine] = field(default_factory=list)
    skipped: Problem | None = None
    problems: list[Problem] = field(default_factory=list)
    balance_problems: list[Problem] = field(default_factory=list)
    gross_in: int = 0
    gross_out: int = 0
    fee: int = 0
    account: str = ""


class FieldError(Exception):
    """One cell cannot be read: the column and the reason in Chinese."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message

"""A book as a report: tables of plain cells, which page, spreadsheet, paper and CSV all render.

Made once from a read model of :mod:`ledger.books`; a rendering adds only its own clothes. Amounts are
integer fen in here, days are days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Cell = str | int | date | None
"""Text, fen, a day, or nothing. An integer in a column that is not ``money`` is a plain number."""
Shape = Literal["text", "money", "day", "side", "number", "ref"]
Style = Literal["", "opening", "subtotal", "total", "group", "carry"]


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` in Chinese characters, for paper and spreadsheet; ``group`` is a heading over several."""

    title: str
    shape: Shape = "text"
    width: int = 8
    group: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns; ``level`` indents the first text."""

    cells: tuple[Cell, ...]
    style: Style = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """One table with what stands over it. ``rows`` may be a stream that can be read once."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole book. ``carried``: pages end with 过次页 and begin with 承前页, as account books do; ``unit``
    of the figures."""

    kind: str
    title: str
    community: str
    trustee: str
    span: str
    tables: Iterable[Table]
    printed_by: str
    printed_at: str
    landscape: bool = False
    carried: bool = False
    signatures: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = field(default=())
    unit: str = "元"


def side_and_balance(balance: int) -> tuple[str, int]:
    """Direction (借, 贷 or 平) and amount of a balance, as account books write it."""
    if balance == 0:
        return "平", 0
    return ("借", balance) if balance > 0 else ("贷", -balance)


def or_blank(fen: int | None) -> int | None:
    """Nought is left blank."""
    return fen or None


def split_balance(balance: int) -> tuple[int | None, int | None]:
    """A balance in a debit and a credit column."""
    return (balance, None) if balance > 0 else (None, -balance or None)

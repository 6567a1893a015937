"""Tables of a statement, ready to show: every cell a text, with the place of its figure in the stored value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disclosure.public.words import day_text
from disclosure.statements.value import StatementEntry
from disclosure.statements.words import funds_text
from ledger.money import format_yuan


@dataclass(frozen=True, slots=True)
class Cell:
    """``path`` is the figure's place in the stored value, '' if the cell is none; ``unit`` fen or count.

    ``refs`` are entries named in the cell; ``under`` stands below in small letters.
    """

    text: str = ""
    path: str = ""
    unit: str = ""
    red: bool = False
    refs: tuple[str, ...] = ()
    under: str = ""

    @property
    def number(self) -> bool:
        """Whether it is a figure, set to the right."""
        return bool(self.unit)

    @property
    def zero(self) -> bool:
        """Whether it is nothing, shown more quietly."""
        return self.text in ("¥0.00", "0")

    @property
    def blank(self) -> bool:
        """Whether there is nothing in it."""
        return not (self.text or self.refs)


@dataclass(frozen=True, slots=True)
class Row:
    """The first cell names the row if ``named``."""

    cells: tuple[Cell, ...]
    total: bool = False
    named: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a title of their own, '' for none."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``columns`` are titles; those of figures are set to the right. ``look`` is a word for the style sheet."""

    caption: str
    columns: tuple[str, ...]
    groups: tuple[Group, ...]
    look: str = ""

    @property
    def length(self) -> int:
        """How many rows there are."""
        return sum(len(group.rows) for group in self.groups)

    @property
    def numbers(self) -> tuple[bool, ...]:
        """By column, whether it holds figures."""
        rows = [row for group in self.groups for row in group.rows]
        return tuple(any(row.cells[place].number for row in rows) for place in range(len(self.columns)))


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with what is said and shown under it; ``note`` is a sentence with figures in it."""

    title: str
    table: Table | None = None
    hint: str = ""
    note: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of the statement; ``code`` is a word for anchors and the style sheet."""

    code: str
    title: str
    parts: tuple[Part, ...]
    hint: str = ""


def money(fen: int | None, path: str, *, red_letter: bool = False) -> Cell:
    """``¥1,234.50``; nothing where there is no figure. ``red_letter``: a negative amount is one (红字)."""
    if fen is None:
        return Cell("", unit="fen")
    text = f"-¥{format_yuan(-fen)}" if fen < 0 else f"¥{format_yuan(fen)}"
    return Cell(text, path, "fen", red=red_letter and fen < 0)


def count(number: int, path: str) -> Cell:
    """A whole number."""
    return Cell(str(number), path, "count")


def said(*pieces: str | Cell) -> tuple[Cell, ...]:
    """A sentence of words and figures."""
    return tuple(Cell(piece) if isinstance(piece, str) else piece for piece in pieces)


def plain(caption: str, columns: Sequence[str], rows: Sequence[Row], look: str = "") -> Table:
    """A table without groups."""
    return Table(caption, tuple(columns), (Group("", tuple(rows)),), look)


def entry_table(
    caption: str, entries: Sequence[StatementEntry], path: str, *, corrections: bool = False
) -> Table:
    """Entries by day and number, with what they were for and how much."""
    columns = (
        "日期、凭证号",
        "更正内容" if corrections else "摘要",
        "更正哪一笔" if corrections else "资金",
        "金额",
    )
    rows = []
    for place, item in enumerate(entries):
        paid_to = f"付给 {item.counterparty}" if item.counterparty and not corrections else ""
        which = Cell(refs=(item.target,)) if corrections and item.target else Cell(funds_text(item.fund))
        rows.append(
            Row(
                (
                    Cell(day_text(item.date), refs=(item.ref,)),
                    Cell(item.summary, under=paid_to),
                    which,
                    money(item.amount, f"{path}.{place}.amount", red_letter=corrections),
                ),
                named=False,
            )
        )
    return plain(caption, columns, rows, "entries-of")

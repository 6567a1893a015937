"""What is drawn, and what a drawing comes to: plain values, amounts in fen."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

_NO_PICTURE = Markup("")

Cell = str | int | None
"""Text, an amount in fen, or nothing."""


@dataclass(frozen=True, slots=True)
class Month:
    """What came in and went out in a month; ``period`` is 202509 for September 2025."""

    period: int
    received: int
    paid: int


@dataclass(frozen=True, slots=True)
class Part:
    """A source of income or a kind of expense."""

    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class Burn:
    """A budget, or a line of one: planned, booked and on its way."""

    name: str
    budgeted: int
    used: int
    waiting: int

    @property
    def left(self) -> int:
        """What may still be spent; negative if too much was."""
        return self.budgeted - self.used - self.waiting


@dataclass(frozen=True, slots=True)
class Level:
    """A balance at the end of a month, or today in the month that runs."""

    period: int
    balance: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table beside a chart; ``number`` columns stand right."""

    title: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a chart, exact. The first cell of a row names it; ``total`` says that the last row adds up."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its title, what it says in a sentence or two, and its figures.

    ``name`` is its anchor on a page and its name in addresses (ASCII). ``svg`` has classes and no styles; for
    paper ask :func:`disclosure.charts.printed`. ``narrow`` is the same drawn for very large letters, where a phone
    could not show ``svg`` whole; empty for a picture that has to be scrolled there.
    """

    name: str
    title: str
    summary: str
    svg: Markup
    table: Table
    narrow: Markup = _NO_PICTURE

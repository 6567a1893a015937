"""The table of account balances (科目余额表): opening, movement and closing, debit and credit apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.balances.query import known_fund
from ledger.books.movements import Key, Movement, movements
from ledger.books.span import View
from ledger.chart import Chart, load_chart

ALL_LEVELS = 9


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One account; ``level`` 1 is the top. ``leaf`` lines add up to the total, the others repeat them."""

    account: str
    name: str
    class_: str
    level: int
    leaf: bool
    movement: Movement


@dataclass(frozen=True, slots=True)
class TrialTable:
    """The table of one fund, or of all when ``fund`` is ''. Fen."""

    fund: str
    lines: tuple[TrialLine, ...]
    opening_debit: int
    opening_credit: int
    debit: int
    credit: int
    closing_debit: int
    closing_credit: int


def trial_table(conn: Connection, view: View, *, fund: str = "", levels: int = ALL_LEVELS) -> TrialTable:
    """One fund, or all together. ``levels``: how deep accounts are shown."""
    if fund:
        known_fund(view.book, fund)
    chart = load_chart(conn, view.trust_id)
    found = movements(conn, view)
    return _table(chart, view.book, fund, found, levels)


def trial_tables(conn: Connection, view: View, *, levels: int = ALL_LEVELS) -> list[TrialTable]:
    """A table for every fund that has ever moved, then all together if there are several."""
    chart = load_chart(conn, view.trust_id)
    found = movements(conn, view)
    funds = sorted({fund for _, fund in found})
    tables = [_table(chart, view.book, fund, found, levels) for fund in funds]
    return [*tables, _table(chart, view.book, "", found, levels)] if len(funds) != 1 else tables


def by_account(found: Mapping[Key, Movement], fund: str = "") -> dict[str, Movement]:
    """Movements of accounts within a fund, or over all."""
    sums: dict[str, Movement] = defaultdict(Movement)
    for (account, of_fund), movement in found.items():
        if fund in ("", of_fund):
            sums[account] += movement
    return sums


def with_parents(chart: Chart, book: str, leaves: Mapping[str, Movement]) -> dict[str, Movement]:
    """Leaf accounts and every account above them with the sum of what is below."""
    sums: dict[str, Movement] = defaultdict(Movement)
    for code, movement in leaves.items():
        at = code
        while at:
            sums[at] += movement
            at = chart[book, at].parent
    return sums


def level_of(chart: Chart, book: str, code: str) -> int:
    """1 for an account at the top."""
    level, parent = 1, chart[book, code].parent
    while parent:
        level, parent = level + 1, chart[book, parent].parent
    return level


def _table(chart: Chart, book: str, fund: str, found: Mapping[Key, Movement], levels: int) -> TrialTable:
    leaves = by_account(found, fund)
    lines = []
    for code, movement in sorted(with_parents(chart, book, leaves).items()):
        account, level = chart[book, code], level_of(chart, book, code)
        if level <= levels and not movement.blank:
            lines.append(
                TrialLine(
                    code, account.name, account.class_, level, account.leaf or level == levels, movement
                )
            )
    counted = [line.movement for line in lines if line.leaf]
    return TrialTable(
        fund=fund,
        lines=tuple(lines),
        opening_debit=_positive(movement.opening for movement in counted),
        opening_credit=_positive(-movement.opening for movement in counted),
        debit=sum(movement.debit for movement in counted),
        credit=sum(movement.credit for movement in counted),
        closing_debit=_positive(movement.closing for movement in counted),
        closing_credit=_positive(-movement.closing for movement in counted),
    )


def _positive(amounts: Iterable[int]) -> int:
    return sum(amount for amount in amounts if amount > 0)

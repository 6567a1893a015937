"""The balance sheet (资产负债表): assets, liabilities and net assets of every fund, and of all together.

Income and expense that are not yet carried to the result count as net assets, so that it balances on
every day of the year. Money between funds (1901) is nil over all funds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sqlalchemy import Connection

from ledger.books.movements import Key, movements_since
from ledger.books.span import View
from ledger.books.trial import level_of
from ledger.chart import Chart, load_chart

ASSETS, LIABILITIES, NET_ASSETS = "A", "L", "N"
_OPEN_RESULT = "尚未结转的收支结余"
Amounts = Mapping[str, int]
"""Fen by fund."""


@dataclass(frozen=True, slots=True)
class PositionLine:
    """One account by fund, positive on the side it belongs to. ``account`` '' for the open result."""

    account: str
    name: str
    level: int
    leaf: bool
    now: Amounts
    year_start: Amounts


@dataclass(frozen=True, slots=True)
class Part:
    """Assets, liabilities or net assets with their sum."""

    class_: str
    lines: tuple[PositionLine, ...]
    now: Amounts
    year_start: Amounts


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """At the end of the view, and at the beginning of its year."""

    funds: tuple[str, ...]
    assets: Part
    liabilities: Part
    net_assets: Part
    differences: Amounts = field(default_factory=lambda: MappingProxyType({}))
    """Funds that do not balance, with assets minus the rest: always empty, or the books are damaged."""


def balance_sheet(conn: Connection, view: View) -> BalanceSheet:
    """Every fund of the book that ever moved."""
    chart = load_chart(conn, view.trust_id)
    found = movements_since(conn, view, max(view.span.year_start, view.opened_on))
    now = {key: movement.closing for key, movement in found.items()}
    start = {key: movement.opening for key, movement in found.items()}
    funds = tuple(sorted({fund for _, fund in found}))
    parts = {
        class_: _part(chart, view.book, class_, now, start) for class_ in (ASSETS, LIABILITIES, NET_ASSETS)
    }
    assets, liabilities, net = parts[ASSETS], parts[LIABILITIES], parts[NET_ASSETS]
    differences = {
        fund: rest
        for fund in funds
        if (rest := assets.now.get(fund, 0) - liabilities.now.get(fund, 0) - net.now.get(fund, 0))
    }
    return BalanceSheet(funds, assets, liabilities, net, MappingProxyType(differences))


def _part(chart: Chart, book: str, class_: str, now: Mapping[Key, int], start: Mapping[Key, int]) -> Part:
    sign = 1 if class_ == ASSETS else -1
    sums = [_by_account(chart, book, class_, sign, balances) for balances in (now, start)]
    lines = [
        PositionLine(
            code,
            chart[book, code].name,
            level_of(chart, book, code),
            chart[book, code].leaf,
            *(MappingProxyType(dict(of_code[code])) for of_code in sums),
        )
        for code in sorted({*sums[0], *sums[1]})
    ]
    lines = [line for line in lines if any(line.now.values()) or any(line.year_start.values())]
    if class_ == NET_ASSETS:
        results = [_open_result(chart, book, balances) for balances in (now, start)]
        if any(results[0].values()) or any(results[1].values()):
            lines.append(PositionLine("", _OPEN_RESULT, 1, True, *results))
    leaves = [line for line in lines if line.leaf]
    return Part(
        class_,
        tuple(lines),
        _sum(line.now for line in leaves),
        _sum(line.year_start for line in leaves),
    )


def _by_account(
    chart: Chart, book: str, class_: str, sign: int, balances: Mapping[Key, int]
) -> dict[str, dict[str, int]]:
    """Balances of a class by account and fund; parents are the sum of what is below them."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (code, fund), balance in balances.items():
        at = code if chart[book, code].class_ == class_ else ""
        while at:
            sums[at][fund] += sign * balance
            at = chart[book, at].parent
    return sums


def _open_result(chart: Chart, book: str, balances: Mapping[Key, int]) -> Amounts:
    """Income minus expense that no closing entry has carried yet."""
    sums: dict[str, int] = defaultdict(int)
    for (code, fund), balance in balances.items():
        if chart[book, code].class_ in ("I", "E"):
            sums[fund] -= balance
    return MappingProxyType({fund: amount for fund, amount in sums.items() if amount})


def _sum(parts: Iterable[Amounts]) -> Amounts:
    sums: dict[str, int] = defaultdict(int)
    for part in parts:
        for fund, amount in part.items():
            sums[fund] += amount
    return MappingProxyType(dict(sums))

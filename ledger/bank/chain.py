"""Putting lines in order and checking that every balance follows from the one before.

A file may run from oldest to newest or the other way round, and several lines may share one timestamp,
inside which banks do not always keep order. A line is an edge from the balance before it to the balance
after it; an order that satisfies the chain is a trail through all edges, so lines that share a time are put
in order by finding that trail (Hierholzer's algorithm), never by guessing.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby, pairwise

from ledger.bank.amounts import yuan
from ledger.bank.packed import PackedLines
from ledger.bank.statement import BankLine, Problem


def in_order(lines: PackedLines, *, newest_first: bool, balances: bool) -> PackedLines | None:
    """The lines of a file from oldest to newest, if its own order or the reverse of it is right as it stands.

    ``balances``: by the balance after each line, else by the times. One pass that holds two lines; None asks
    for :func:`verified_order` or :func:`chronological`, which need all of them.
    """
    rising = falling = 0
    forwards = backwards = True
    for a, b in pairwise(lines):
        rising += a.occurred_at < b.occurred_at
        falling += a.occurred_at > b.occurred_at
        if balances:
            forwards &= _after(a) == _before(b)
            backwards &= _after(b) == _before(a)
    if not balances:
        forwards, backwards = not falling, not rising
    first, second = (forwards, backwards), (lines, lines.turned())
    if falling > rising or (falling == rising and newest_first):
        first, second = first[::-1], second[::-1]
    return next((order for right, order in zip(first, second, strict=True) if right), None)


def chronological(lines: Sequence[BankLine], *, newest_first: bool) -> list[BankLine]:
    """Return lines from oldest to newest by their times; ``newest_first`` decides where times do not tell."""
    return sorted(_oriented(lines, newest_first), key=lambda line: line.occurred_at)


def verified_order(
    lines: Sequence[BankLine], field: str, *, newest_first: bool
) -> tuple[list[BankLine], list[Problem]]:
    """Return the order in which the balances chain, and no problems; or a best order and where it breaks.

    Every line must have a balance (fen). ``field`` names the balance column in problems. The file's own
    order is tried first, since banks post by it even where the times shown are not in step.
    """
    by_file = _oriented(lines, newest_first)
    for order in (by_file, by_file[::-1]):
        if not _breaks(order, field):
            return order, []
    by_time = chronological(lines, newest_first=newest_first)
    if (untangled := _untangled(by_time)) is not None:
        return untangled, []
    return min(
        ((order, _breaks(order, field)) for order in (by_file, by_time)), key=lambda found: len(found[1])
    )


def _oriented(lines: Sequence[BankLine], newest_first: bool) -> list[BankLine]:
    rising = sum(a.occurred_at < b.occurred_at for a, b in pairwise(lines))
    falling = sum(a.occurred_at > b.occurred_at for a, b in pairwise(lines))
    backwards = falling > rising or (falling == rising and newest_first)
    # By row, since a row and its fee are two lines that keep their order; sorting is stable in reverse too.
    return sorted(lines, key=lambda line: line.row, reverse=backwards)


def _after(line: BankLine) -> int:
    # Callers hand in lines that all have a balance.
    return line.balance if line.balance is not None else 0


def _before(line: BankLine) -> int:
    return _after(line) - line.amount


def _breaks(order: Sequence[BankLine], field: str) -> list[Problem]:
    problems = []
    for last, line in pairwise(order):
        if _after(last) != _before(line):
            due = yuan(_after(last) + line.amount)
            text = (
                f"余额接不上：上一笔（第 {last.row} 行）余额 {yuan(_after(last))}，"
                f"本笔{'收' if line.amount > 0 else '付'} {yuan(abs(line.amount))}，"
                f"应余 {due}，文件写的是 {yuan(_after(line))}；文件缺行、多行或被改动过"
            )
            problems.append(Problem(line.row, field, text))
    return problems


def _untangled(by_time: Sequence[BankLine]) -> list[BankLine] | None:
    order: list[BankLine] = []
    for _, same in groupby(by_time, key=lambda line: line.occurred_at):
        group = list(same)
        trail = _trail(group, _after(order[-1]) if order else _start(group))
        if trail is None:
            return None
        order += trail
    return order


def _start(group: Sequence[BankLine]) -> int:
    """Return the balance the first group starts from.

    The one that is left once more often than it is reached.
    """
    surplus: dict[int, int] = defaultdict(int)
    for line in group:
        surplus[_before(line)] += 1
        surplus[_after(line)] -= 1
    return next((balance for balance, count in surplus.items() if count > 0), _before(group[0]))


def _trail(group: Sequence[BankLine], start: int) -> list[BankLine] | None:
    leaving: dict[int, list[BankLine]] = defaultdict(list)
    for line in reversed(group):
        leaving[_before(line)].append(line)
    stack: list[tuple[int, BankLine | None]] = [(start, None)]
    trail: list[BankLine] = []
    while stack:
        balance, via = stack[-1]
        if leaving[balance]:
            line = leaving[balance].pop()
            stack.append((_after(line), line))
        else:
            stack.pop()
            if via is not None:
                trail.append(via)
    trail.reverse()
    joined = all(_after(a) == _before(b) for a, b in pairwise(trail))
    return trail if len(trail) == len(group) and joined and _before(trail[0]) == start else None

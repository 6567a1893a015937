"""What a correction changes: the original and what should have stood there, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.journal.draft import Draft, Line

_Key = tuple[str, str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Change:
    """One account, fund, side and set of dimensions; fen before and after, None where it did not stand."""

    line: Line
    before: int | None
    after: int | None

    @property
    def change(self) -> int:
        """After less before."""
        return (self.after or 0) - (self.before or 0)


def changes(original: Draft, corrected: Draft) -> tuple[Change, ...]:
    """Every line of both, those of the original first; lines that are alike are added up."""
    before, after = _sums(original.lines), _sums(corrected.lines)
    keys = [*before, *(key for key in after if key not in before)]
    return tuple(
        Change((after.get(key) or before[key])[0], _amount(before, key), _amount(after, key)) for key in keys
    )


def manner(original: Draft, corrected: Draft) -> str:
    """How the accounting rules put it right: ``prior_year``, ``difference`` or ``red_and_blue``."""
    if original.date.year != corrected.date.year:
        return "prior_year"
    same = set(_sums(original.lines)) == set(_sums(corrected.lines))
    return "difference" if same else "red_and_blue"


def _sums(lines: Iterable[Line]) -> dict[_Key, tuple[Line, int]]:
    found: dict[_Key, tuple[Line, int]] = {}
    for line in lines:
        key = (line.account, line.fund, line.side, tuple(sorted(line.dimensions().items())))
        first, amount = found.get(key, (line, 0))
        found[key] = (first, amount + line.amount)
    return found


def _amount(sums: dict[_Key, tuple[Line, int]], key: _Key) -> int | None:
    return sums[key][1] if key in sums else None

"""What a version changes of the one before it, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.budget.lines import Line


@dataclass(frozen=True, slots=True)
class Change:
    """A line that is new, gone, or has another amount or name. Fen; None where the line is not there."""

    code: str
    kind: str
    title: str
    before: int | None
    after: int | None

    @property
    def more(self) -> int:
        """What it changes, fen."""
        return (self.after or 0) - (self.before or 0)


def changes(before: Sequence[Line], after: Sequence[Line]) -> list[Change]:
    """Lines that differ, those of the new version first, then those that are gone."""
    old, new = {line.code: line for line in before}, {line.code: line for line in after}
    found = [
        Change(
            line.code,
            line.kind,
            line.title,
            old[line.code].amount if line.code in old else None,
            line.amount,
        )
        for line in after
        if line.code not in old or line != old[line.code]
    ]
    return found + [
        Change(line.code, line.kind, line.title, line.amount, None) for line in before if line.code not in new
    ]

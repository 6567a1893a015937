"""Measures (指标取数): named figures that rules of a scheme are expressed over, one row of ``measures.toml`` each.

A measure is a function ``(conn, trust_id, window, args) -> Found | None``. It asks in sets, sees only what was on
record by the window's cut-off, so that it gives the same figure whenever it is computed again, and returns
None where there is nothing to judge by: then the rule is not rated. Every item names its day and its page.
What a measure counts is fixed by its name: to count otherwise, add another.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import import_module
from importlib.resources import files
from types import MappingProxyType

from sqlalchemy import Connection

from ledger.evaluation.score import Found
from ledger.trust.act import BEIJING


@dataclass(frozen=True, slots=True)
class Window:
    """What is measured: days ``first`` through ``last``, as on record at the cut-off.

    ``moment``: rows recorded then or later do not count; ``size``: neither do entries from that place in the log
    on; ``recused``: neither does what these people found on spot checks, as they have ties to the trustee.
    Hazards that were not put right in time count whoever found them.
    """

    first: date
    last: date
    moment: datetime
    size: int
    recused: frozenset[str] = frozenset()

    @property
    def until(self) -> datetime:
        """The end of the last day in China, or the cut-off if that came before: for what has to be done in time."""
        midnight = datetime.combine(self.last + timedelta(days=1), time(), BEIJING).astimezone(UTC)
        return min(midnight, self.moment)


Compute = Callable[[Connection, int, Window, Mapping[str, int]], Found | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of ``measures.toml``; see there."""

    name: str
    title: str
    unit: str
    help: str
    share: bool
    good: bool
    args: Mapping[str, int]
    computed_by: str

    @property
    def compute(self) -> Compute:
        """The function behind it."""
        module, _, function = self.computed_by.partition(":")
        found: Compute = getattr(import_module(module), function)
        return found


@cache
def measures() -> Mapping[str, Measure]:
    """All measures by name, in the order of the file."""
    text = files("ledger.evaluation").joinpath("measures", "measures.toml").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            name: Measure(
                name,
                row["title"],
                row["unit"],
                row["help"],
                row.get("share", False),
                row.get("good", False),
                MappingProxyType(row.get("args", {})),
                row["compute"],
            )
            for name, row in tomllib.loads(text).items()
        }
    )


def measure(
    conn: Connection, trust_id: int, name: str, window: Window, args: Mapping[str, int] | None = None
) -> Found | None:
    """One measure of one community; ``args`` left out have the values of the file."""
    row = measures()[name]
    return row.compute(conn, trust_id, window, {**row.args, **(args or {})})

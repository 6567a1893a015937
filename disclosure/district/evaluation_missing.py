"""Who has not rated yet, in words: bodies, never people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from disclosure.books.report import Cell, Column
from ledger.evaluation.district_missing import WHO, Missing

COLUMNS = (
    Column("还没评的", "text", 16),
    Column("评到哪天为止", "day", 7),
    Column("评晚了（天）", "number", 5),
)


def names_of(missing: Sequence[Missing]) -> str:
    """All of them; of a body that has begun, what is left."""
    return "、".join(_name(one) for one in missing)


def _name(one: Missing) -> str:
    left = f"（还差 {'、'.join(one.indicators)}）" if one.begun else ""
    return f"{WHO[one.body]}{left}"


def cells_of(missing: Sequence[Missing], today: date) -> tuple[Cell, ...]:
    """The same in a file, with the last day and the days since."""
    if not missing:
        return (None,) * len(COLUMNS)
    first = missing[0]
    return names_of(missing), first.until, first.late_days(today)


def sums_of(found: Iterable[Sequence[Missing]]) -> str:
    """How many rounds each is missing in; '' if nobody is."""
    counts = Counter(one.body for missing in found for one in missing)
    return "、".join(f"{title} {counts[body]} 个" for body, title in WHO.items() if counts[body])

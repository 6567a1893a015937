"""Entries with what was later done to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select, Subquery, literal_column, select, union_all

from disclosure.public.entry_filter import Cursor
from disclosure.public.entry_ranges import TRUST
from disclosure.public.leaves import PublicEntry, decode_leaf
from ledger.journal.public_view import entry_ref
from ledger.store.among import among
from ledger.store.tables import entry

_REVERSING, _AMENDING = entry.alias("reverses"), entry.alias("amends")
_LATER = ((_REVERSING, _REVERSING.c.reverses), (_AMENDING, _AMENDING.c.amends))
"""Entries that correct others, and what they correct; named once, as that costs more than the rest of a statement."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry with what was later done to it."""

    entry: PublicEntry
    reversed_by: str = ""
    amended_by: tuple[str, ...] = ()

    @property
    def cursor(self) -> Cursor:
        """Its place in the list."""
        return Cursor(self.entry.date, self.entry.seq)


def with_corrections(conn: Connection, trust_id: int, entries: Sequence[PublicEntry]) -> Iterable[Listed]:
    """Entries with the names of those that later reversed or amended them; one query for all."""
    seqs = [item.seq for item in entries]
    reversed_by: dict[int, str] = {}
    amended_by: dict[int, list[str]] = {}
    if seqs:
        later = sorted(conn.execute(_corrections(), {"trust": trust_id, "places": seqs}).all())
        for _, target, how, book, year, number in later:
            ref = entry_ref(book, year, number)
            if how == 1:
                reversed_by[target] = ref
            else:
                amended_by.setdefault(target, []).append(ref)
    return [
        Listed(item, reversed_by.get(item.seq, ""), tuple(amended_by.get(item.seq, ()))) for item in entries
    ]


@cache
def _corrections() -> CompoundSelect[Any]:
    """What reversed (1) or amended (2) entries at certain places."""
    name = (entry.c.book, entry.c.fiscal_year, entry.c.number)
    # one condition a part, which also says what the partial index holds: an OR would read every entry
    return union_all(
        *(
            select(entry.c.seq, target, literal_column(how).label("how"), *name).where(
                entry.c.trust_id == TRUST, target.is_not(None), among(target, "places")
            )
            for target, how in ((entry.c.reverses, "1"), (entry.c.amends, "2"))
        )
    )


def corrected_page(page: Subquery) -> Select[Any]:
    """The same along with a page itself, which has ``seq`` and ``body`` of some entries; for :func:`read_listed`."""
    joined: Any = page
    names = []
    for later, target in _LATER:
        joined = joined.outerjoin(
            later, (later.c.trust_id == TRUST) & target.is_not(None) & (target == page.c.seq)
        )
        names += [later.c.book, later.c.fiscal_year, later.c.number]
    return select(page.c.seq, page.c.body, *names, _AMENDING.c.seq).select_from(joined)


def read_listed(rows: Iterable[Sequence[Any]]) -> list[Listed]:
    """The entries of a :func:`corrected_page`, in its order: several rows if one was amended several times."""
    found = []
    for _, of_one in groupby(rows, key=itemgetter(0)):
        same = list(of_one)
        _, body, *first = same[0]
        reversed_by = "" if first[0] is None else entry_ref(*first[:3])
        amending = sorted((row[8], row[5:8]) for row in same if row[8] is not None)
        amended_by = tuple(entry_ref(*name) for _, name in amending)
        found.append(Listed(decode_leaf(bytes(body)), reversed_by, amended_by))
    return found

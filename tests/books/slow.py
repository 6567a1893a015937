"""The books reckoned anew from the drafts that were posted, in plain lists: no SQL, no snapshots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from ledger.books import Scope, Span
from ledger.chart import Chart, load_chart
from ledger.events import load_events
from ledger.journal.read import Stored, read_entries
from ledger.store.engine import reading
from ledger.store.tables import entry
from tests.ledger.books import Books

Key = tuple[str, str]


@dataclass(frozen=True)
class Flat:
    """A posting, or a household's part of one. Debit positive."""

    day: date
    ref: str
    summary: str
    event: str
    account: str
    fund: str
    side: str
    amount: int
    dims: dict[str, str]

    @property
    def signed(self) -> int:
        return self.amount if self.side == "D" else -self.amount

    @property
    def opening(self) -> bool:
        return load_events()[self.event].opening

    @property
    def closing(self) -> bool:
        return load_events()[self.event].closing


@dataclass(frozen=True)
class Slow:
    """Everything one trust has posted in one book."""

    chart: Chart
    book: str
    entries: tuple[Stored, ...]

    def flat(self) -> Iterator[Flat]:
        """Every posting in the order of account books."""
        for item in sorted(self.entries, key=lambda stored: (stored.draft.date, stored.seq)):
            draft = item.draft
            for line in draft.lines:
                yield Flat(
                    draft.date, item.ref, draft.summary, draft.event,
                    line.account, line.fund, line.side, line.amount, line.dimensions(),
                )  # fmt: skip

    def parts(self) -> Iterator[Flat]:
        """The same, with households' parts in place of lines posted in total for them."""
        for item in sorted(self.entries, key=lambda stored: (stored.draft.date, stored.seq)):
            draft = item.draft
            for line in draft.lines:
                common = (
                    draft.date,
                    item.ref,
                    draft.summary,
                    draft.event,
                    line.account,
                    line.fund,
                    line.side,
                )
                if line.details:
                    yield from (Flat(*common, d.amount, {"unit": d.unit}) for d in line.details)
                else:
                    yield Flat(*common, line.amount, line.dimensions())

    def movements(self, span: Span) -> dict[Key, tuple[int, int, int]]:
        """Opening, debits and credits of accounts by fund."""
        found: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
        for item in self.flat():
            place = found[item.account, item.fund]
            if item.day < span.first_day or (item.opening and item.day <= span.last_day):
                place[0] += item.signed
            elif item.day <= span.last_day:
                place[1 if item.side == "D" else 2] += item.amount
        return {key: (o, d, c) for key, (o, d, c) in found.items() if o or d or c}

    def under(self, code: str) -> set[str]:
        """Leaf accounts below a code, itself if it is one."""
        return {a.code for a in self.chart.of_book(self.book) if a.leaf and a.code.startswith(code)}

    def in_scope(self, scope: Scope) -> list[Flat]:
        """Postings of a subsidiary ledger, what was taken over included."""
        source = self.parts() if scope.dimension == "unit" else self.flat()
        codes = self.under(scope.account)
        return [
            item
            for item in source
            if item.account in codes
            and scope.fund in ("", item.fund)
            and (not scope.dimension or item.dims.get(scope.dimension) == scope.value)
        ]


def slow_books(books: Books, book: str = "A") -> Slow:
    with reading(books.engine) as conn:
        query = select(entry.c.seq).where(entry.c.trust_id == books.trust_id, entry.c.book == book)
        seqs = list(conn.execute(query.order_by(entry.c.seq)).scalars())
        stored = read_entries(conn, books.trust_id, seqs) if seqs else []
        return Slow(load_chart(conn, books.trust_id), book, tuple(stored))


def signed(items: Iterable[Flat]) -> int:
    return sum(item.signed for item in items)

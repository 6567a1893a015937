"""Sums over what the books say of a project: by source, by grant, by milestone, by household."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from ledger.projects.movements import Movement
from ledger.projects.value import INCOME
from ledger.store.tables import posting, posting_detail


@dataclass(slots=True)
class Tally:
    """Sums over the movements of a project, fen. ``cost_booked``: in book A only, where money can be kept back."""

    received: Counter[str] = field(default_factory=Counter)
    paid_by: Counter[str] = field(default_factory=Counter)
    received_on: Counter[str] = field(default_factory=Counter)
    paid_from: Counter[str] = field(default_factory=Counter)
    cost: Counter[str] = field(default_factory=Counter)
    cost_booked: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    retained: Counter[str] = field(default_factory=Counter)
    released: int = 0

    @property
    def total_received(self) -> int:
        """All that came in."""
        return self.received.total()

    @property
    def total_cost(self) -> int:
        """All that it cost so far."""
        return self.cost.total()

    @property
    def total_paid(self) -> int:
        """All that was paid out."""
        return self.paid.total()

    @property
    def unnamed(self) -> int:
        """Paid out by entries that do not say from what."""
        return self.total_paid - self.paid_by.total()

    def free(self, source: str, grants: Mapping[str, str]) -> int:
        """What is left of a source's money that is bound to no grant; ``grants``: the source of each."""
        bound_in = sum(fen for code, fen in self.received_on.items() if grants.get(code) == source)
        bound_out = sum(fen for code, fen in self.paid_from.items() if grants.get(code) == source)
        return (self.received[source] - bound_in) - (self.paid_by[source] - bound_out)

    def left_of(self, grant: str) -> int:
        """What is left of a grant."""
        return self.received_on[grant] - self.paid_from[grant]


def tally(items: Iterable[Movement]) -> Tally:
    """Sum movements up."""
    sums = Tally()
    for item in items:
        for counter, parts in (
            (sums.received, item.received),
            (sums.paid_by, item.sources),
            (sums.received_on, item.received_on),
            (sums.paid_from, item.grants),
        ):
            for name, fen in parts.items():
                counter[name] += fen
        sums.cost[item.milestone] += item.cost
        sums.paid[item.milestone] += item.paid
        sums.retained[item.milestone] += item.retained
        if item.book == "A":
            sums.cost_booked[item.milestone] += item.cost
        sums.released += item.released
    return sums


def paid_in_by_unit(conn: Connection, trust_id: int, project: str) -> dict[str, int]:
    """What each unit has paid in towards the owners' part, fen; never public."""
    scope = (
        posting.c.trust_id == trust_id,
        posting.c.account == INCOME["owners"],
        posting.c.project == project,
    )
    sums: Counter[str] = Counter()
    parts = (
        select(posting_detail.c.unit, posting.c.side, func.sum(posting_detail.c.amount))
        .join(
            posting,
            (posting.c.trust_id == posting_detail.c.trust_id)
            & (posting.c.seq == posting_detail.c.seq)
            & (posting.c.line_no == posting_detail.c.line_no),
        )
        .where(*scope)
        .group_by(posting_detail.c.unit, posting.c.side)
    )
    whole = (
        select(posting.c.unit, posting.c.side, func.sum(posting.c.amount))
        .where(*scope, posting.c.unit.is_not(None))
        .group_by(posting.c.unit, posting.c.side)
    )
    for query in (parts, whole):
        for unit, side, fen in conn.execute(query):
            sums[unit] += int(fen) if side == "C" else -int(fen)
    return dict(sums)

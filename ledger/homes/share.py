"""Where the money of a home went: what it was charged for a month, split over what the fund spent that month.

A computed share, like a receipt for taxes: money is not marked, and nobody's yuan paid for one thing alone. The
parts add up to the charge to the fen (largest remainder).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from ledger.chart import Chart
from ledger.events import load_events
from ledger.money import split_largest_remainder
from ledger.periods.calendar import first_day, last_day
from ledger.store.tables import entry, posting


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of expense: what the fund spent on it in the month, and this home's share of that, in fen."""

    account: str
    name: str
    spent: int
    mine: int


@dataclass(frozen=True, slots=True)
class Share:
    """A month of a fund and a home's part in it, fen. ``kept``: what stayed in the fund, None if it spent as
    much as it earned or more; then ``short`` came from what was saved before."""

    fund: str
    period: int
    mine: int
    earned: int
    parts: tuple[Part, ...]
    kept: Part | None

    @property
    def spent(self) -> int:
        """All kinds together."""
        return sum(part.spent for part in self.parts)

    @property
    def short(self) -> int:
        """What the month cost beyond what it brought in."""
        return max(0, self.spent - self.earned)


def where_it_went(
    conn: Connection, trust_id: int, chart: Chart, fund: str, period: int, mine: int
) -> Share | None:
    """Split ``mine`` fen over the month's expenses by kind and what was kept; None if nothing was spent.

    Kinds in which more was taken back than spent are left out. Entries that carry income and expense to the
    year's result are not counted.
    """
    earned, spent = _month(conn, trust_id, chart, fund, period)
    kinds = sorted(((code, fen) for code, fen in spent.items() if fen > 0), key=lambda kind: -kind[1])
    if not kinds or mine <= 0:
        return None
    kept = max(0, earned - sum(fen for _, fen in kinds))
    shares = split_largest_remainder(mine, [*(fen for _, fen in kinds), kept])
    parts = tuple(
        Part(code, chart["A", code].name, fen, share)
        for (code, fen), share in zip(kinds, shares[:-1], strict=True)
    )
    return Share(
        fund=fund,
        period=period,
        mine=mine,
        earned=earned,
        parts=parts,
        kept=Part("", "留在资金里，以后使用", kept, shares[-1]) if kept else None,
    )


def _month(
    conn: Connection, trust_id: int, chart: Chart, fund: str, period: int
) -> tuple[int, dict[str, int]]:
    """What a fund earned, and what it spent by kind (the account's head), in a month."""
    classes = {a.code: a for a in chart.of_book("A") if a.leaf and a.class_ in ("I", "E")}
    closings = [event.id for event in load_events().values() if event.closing]
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    rows = conn.execute(
        select(posting.c.account, func.sum(signed))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == "A",
            posting.c.fund == fund,
            posting.c.account.in_(classes),
            posting.c.business_date.between(first_day(period), last_day(period)),
            entry.c.event.not_in(closings),
        )
        .group_by(posting.c.account)
    )
    earned, spent = 0, dict[str, int]()
    for code, fen in rows:
        account = classes[code]
        if account.class_ == "I":
            earned -= int(fen)
        else:
            head = account.parent or code
            spent[head] = spent.get(head, 0) + int(fen)
    return earned, spent

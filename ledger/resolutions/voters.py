"""Who is on a roll, for the office; and what lies before one resident to be voted on. Private."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ledger.resolutions.grouping import OWNERS, VOTER_KINDS
from ledger.resolutions.names import names_of
from ledger.resolutions.proxies import proxies_of
from ledger.resolutions.roll import units_of
from ledger.store.tables import ballot as ballot_table
from ledger.store.tables import roll_entry, roll_unit


@dataclass(frozen=True, slots=True)
class Voter:
    """One row of the roll as the office sees it: whether they voted and how often, never what."""

    voter: int
    kind: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    area: int
    ballots: int
    channel: str
    voted_at: datetime | None
    holder: str = ""
    """Who holds a written authorisation."""

    @property
    def kind_name(self) -> str:
        """In words."""
        return VOTER_KINDS[self.kind]

    @property
    def co_owned(self) -> bool:
        """Whether several people own it together."""
        return self.kind == OWNERS and len(self.names) > 1


def roll_page(
    conn: Connection,
    trust_id: int,
    number: str,
    *,
    after: int = 0,
    limit: int = 100,
    unit: str = "",
    missing: bool = False,
) -> list[Voter]:
    """The roll in order, from after a voter; of one home; or only those who have not voted. Four queries."""
    e, b = roll_entry.c, ballot_table.c
    query = select(roll_entry).where(e.trust_id == trust_id, e.number == number, e.voter > after)
    if unit:
        owned = select(roll_unit.c.voter).where(
            roll_unit.c.trust_id == trust_id, roll_unit.c.number == number, roll_unit.c.unit == unit
        )
        query = query.where(e.voter.in_(owned))
    if missing:
        voted = select(b.voter).where(b.trust_id == trust_id, b.number == number)
        query = query.where(e.voter.not_in(voted))
    rows = conn.execute(query.order_by(e.voter).limit(limit)).all()
    voters = [row.voter for row in rows]
    units = units_of(conn, trust_id, number, voters)
    names = names_of(conn, trust_id, {key for row in rows for key in row.owners.split()})
    held = proxies_of(conn, trust_id, number, voters)
    cast = _cast(conn, trust_id, number, voters)
    return [
        Voter(
            row.voter,
            row.kind,
            tuple(names[key] for key in row.owners.split()),
            tuple(units.get(row.voter, ())),
            row.area,
            cast[row.voter].times if row.voter in cast else 0,
            cast[row.voter].channel if row.voter in cast else "",
            cast[row.voter].cast_at if row.voter in cast else None,
            held[row.voter][1].holder if row.voter in held else "",
        )
        for row in rows
    ]


def _cast(conn: Connection, trust_id: int, number: str, voters: Sequence[int]) -> dict[int, Row[Any]]:
    """How many ballots each cast, and the channel and time of the newest."""
    b = ballot_table.c
    query = (
        select(b.voter, b.channel, b.cast_at, func.count().over(partition_by=b.voter).label("times"))
        .where(b.trust_id == trust_id, b.number == number, b.voter.in_(voters))
        .order_by(b.ballot_no)
    )
    return {row.voter: row for row in conn.execute(query)}

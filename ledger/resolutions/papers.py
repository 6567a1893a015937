"""What lies before one resident: votes their homes take part in, and the receipts of their own ballots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_

from ledger.errors import refuse
from ledger.people import Actor, require
from ledger.resolutions.ballots import ONLINE, Receipt, newest_ballots, receipt_of, resident_units
from ledger.resolutions.eligible import refuse_wrong_code
from ledger.resolutions.grouping import OWNERS, UNKNOWN
from ledger.resolutions.roll import Roll, read_rolls
from ledger.resolutions.state import State, read_states
from ledger.store.tables import ballot as ballot_table
from ledger.store.tables import roll as roll_table
from ledger.store.tables import roll_entry, roll_unit
from ledger.trust.act import Act

_RECENT = 20


@dataclass(frozen=True, slots=True)
class MyPaper:
    """A vote that concerns one of the person's homes, as one voter.

    ``hindrance``: why they can't vote online now, '' if they can. ``voted``: how (online, paper, proxy) the
    ballot that counts was cast, '' if none; ``receipt`` only if this person cast it online.
    """

    state: State
    roll: Roll
    voter: int
    units: tuple[str, ...]
    area: int
    hindrance: str
    voted: str
    receipt: Receipt | None


def my_papers(conn: Connection, trust_id: int, actor: Actor, act: Act) -> list[MyPaper]:
    """The newest votes the person's own homes are on the roll of, open ones first; a handful of queries.

    Homes they rent don't count. Raises :class:`~ledger.people.Forbidden` for who is no resident owner.
    """
    require(actor, "resolution.vote")
    homes = resident_units(conn, trust_id, actor.person, act)
    numbers = list(
        conn.execute(
            select(roll_table.c.number)
            .where(roll_table.c.trust_id == trust_id)
            .order_by(roll_table.c.opened_at.desc(), roll_table.c.number.desc())
            .limit(_RECENT)
        ).scalars()
    )
    if not homes or not numbers:
        return []
    states = {state.number: state for state in read_states(conn, trust_id, numbers)}
    rolls = read_rolls(conn, trust_id, numbers)
    entries = _entries(conn, trust_id, numbers, homes)
    units, newest = _units(conn, trust_id, entries), _newest(conn, trust_id, entries)
    found = []
    for row in entries:
        state, roll = states[row.number], rolls[row.number]
        cast = newest.get((row.number, row.voter))
        mine = cast if cast and cast.channel == ONLINE and cast.person == actor.person else None
        found.append(
            MyPaper(
                state=state,
                roll=roll,
                voter=row.voter,
                units=tuple(units[row.number, row.voter]),
                area=row.area,
                hindrance=_hindrance(state, roll, row.kind, len(row.owners.split()), act),
                voted=cast.channel if cast else "",
                receipt=mine,
            )
        )
    found.sort(key=lambda paper: (paper.state.stage != "open", numbers.index(paper.state.number)))
    return found


def my_paper(conn: Connection, trust_id: int, number: str, actor: Actor, act: Act) -> list[MyPaper]:
    """Those of one resolution: usually one, several if the person has homes of different owners."""
    return [paper for paper in my_papers(conn, trust_id, actor, act) if paper.state.number == number]


def paper_receipt(
    conn: Connection, trust_id: int, number: str, voter: int, code: str, actor: Actor, act: Act
) -> Receipt:
    """The receipt of the paper ballot that counts, for who has the voting code: what was typed off it.

    Raises :class:`~ledger.errors.Refused`, :class:`~ledger.resolutions.codes.WrongCode`.
    """
    require(actor, "resolution.vote")
    refuse_wrong_code(conn, trust_id, number, voter, code, actor, act)
    cast = newest_ballots(conn, trust_id, number, [voter]).get(voter)
    if cast is None or cast.channel == ONLINE:
        raise refuse("no_paper_ballot", "没有录入过您的纸质选票", "选票")
    return cast


def my_receipts(conn: Connection, trust_id: int, number: str, actor: Actor) -> list[Receipt]:
    """All ballots this person cast online in a vote, the newest first."""
    b = ballot_table.c
    query = (
        select(ballot_table)
        .where(b.trust_id == trust_id, b.number == number, b.person == actor.person, b.channel == ONLINE)
        .order_by(b.ballot_no.desc())
    )
    return [receipt_of(row) for row in conn.execute(query)]


def _entries(conn: Connection, trust_id: int, numbers: Sequence[str], homes: set[str]) -> Sequence[Row[Any]]:
    if not homes:
        return []
    owned = (
        select(roll_unit.c.number, roll_unit.c.voter)
        .where(
            roll_unit.c.trust_id == trust_id,
            roll_unit.c.number.in_(numbers),
            roll_unit.c.unit.in_(homes),
        )
        .distinct()
        .subquery()
    )
    query = (
        select(roll_entry)
        .join(owned, (owned.c.number == roll_entry.c.number) & (owned.c.voter == roll_entry.c.voter))
        .where(roll_entry.c.trust_id == trust_id)
        .order_by(roll_entry.c.number, roll_entry.c.voter)
    )
    return conn.execute(query).all()


def _units(conn: Connection, trust_id: int, entries: Sequence[Row[Any]]) -> dict[tuple[str, int], list[str]]:
    u = roll_unit.c
    query = (
        select(u.number, u.voter, u.unit)
        .where(u.trust_id == trust_id, tuple_(u.number, u.voter).in_(_keys(entries)))
        .order_by(u.unit)
    )
    found: dict[tuple[str, int], list[str]] = {}
    for row in conn.execute(query):
        found.setdefault((row.number, row.voter), []).append(row.unit)
    return found


def _newest(conn: Connection, trust_id: int, entries: Sequence[Row[Any]]) -> dict[tuple[str, int], Receipt]:
    b = ballot_table.c
    query = (
        select(ballot_table)
        .where(b.trust_id == trust_id, tuple_(b.number, b.voter).in_(_keys(entries)))
        .order_by(b.ballot_no)
    )
    return {(row.number, row.voter): receipt_of(row) for row in conn.execute(query)}


def _keys(entries: Sequence[Row[Any]]) -> list[tuple[str, int]]:
    return [(row.number, row.voter) for row in entries]


def _hindrance(state: State, roll: Roll, kind: str, owners: int, act: Act) -> str:
    if state.stage != "open" or act.now >= roll.closes_at:
        return "表决已经截止"
    if not roll.rules.online:
        return "本小区的规则只收纸质选票"
    if kind == UNKNOWN:
        return "名册上还没有登记这套房屋的业主，请凭产权证明用纸质选票投票"
    if kind == OWNERS and roll.rules.co_owned == "all" and owners > 1:
        return "共有的房屋须全体共有人在纸质选票上签字"
    return ""

"""Paper ballots, typed twice (双人复录): what one person typed counts once another typed the same.

Entries that differ are shown to both; whoever misread the paper types it again. A paper ballot received
before its owner voted online, or on the same day, does not push the online ballot out: which of the two came
last on that day nobody can tell.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused
from ledger.people import Actor
from ledger.resolutions.allowed import require_owners
from ledger.resolutions.ballots import (
    ONLINE,
    PAPER,
    PROXY,
    NewBallot,
    append_ballots,
    newest_ballots,
    open_state,
)
from ledger.resolutions.choices import choice_problems
from ledger.resolutions.proxies import Proxy, proxies_of
from ledger.resolutions.roll import Roll, voters_of_units
from ledger.resolutions.state import State
from ledger.resolutions.texts import document_problems
from ledger.resolutions.value import Choice
from ledger.store.tables import ballot as ballot_table
from ledger.store.tables import vote_slip
from ledger.trust.act import BEIJING, Act
from ledger.trust.lock import lock_trust


@dataclass(frozen=True, slots=True)
class Slip:
    """A paper ballot as typed. ``unit``: any of the voter's homes; ``by_proxy``: signed by whoever holds a
    written authorisation; ``document``: SHA-256 of the scan, '' if none; ``where`` is said in refusals."""

    unit: str
    choices: tuple[Choice, ...]
    received_on: date
    by_proxy: bool = False
    document: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class TypedSlip:
    """One person's entry for one voter."""

    slip_no: int
    voter: int
    choices: tuple[Choice, ...]
    received_on: date
    proxy_no: int
    document: str
    person: str
    signature: str

    @property
    def said(self) -> tuple[object, ...]:
        """What two entries must agree in."""
        return (self.choices, self.proxy_no)


@dataclass(frozen=True, slots=True)
class Pending:
    """Entries of one voter that do not count yet. ``kind``: ``once`` (typed by one person only), ``differ``
    or ``late`` (agreed, but the owner voted online after the paper was received, or on that day)."""

    voter: int
    kind: str
    slips: tuple[TypedSlip, ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a batch: how many were typed, how many of them now count; voters still to be looked at."""

    typed: int
    counted: int
    pending: tuple[Pending, ...]


def enter_slips(
    conn: Connection, trust_id: int, number: str, slips: Sequence[Slip], actor: Actor, act: Act
) -> Entered:
    """Keep what one person typed off paper ballots; count those another person typed alike.

    All or nothing, in a handful of queries however many there are. Raises
    :class:`~ledger.errors.Refused` with every problem.
    """
    require_owners(actor, "resolution.enter")
    lock_trust(conn, trust_id)
    state, roll = open_state(conn, trust_id, number, "录入选票")
    voters = voters_of_units(conn, trust_id, number, [slip.unit for slip in slips])
    proxies = proxies_of(conn, trust_id, number)
    problems = _problems(slips, state, roll, voters, proxies, act)
    problems += document_problems(conn, trust_id, [slip.document for slip in slips], "选票扫描件")
    if problems:
        raise Refused(problems)
    _write(conn, trust_id, number, slips, voters, proxies, actor, act)
    touched = [voters[slip.unit] for slip in slips]
    pending, ready = _sort_out(conn, trust_id, number, touched)
    append_ballots(conn, trust_id, number, ready, act)
    return Entered(len(slips), len(ready), tuple(pending))


def pending_slips(conn: Connection, trust_id: int, number: str) -> list[Pending]:
    """All entries that do not count yet, by voter; ``late`` ones never will, unless typed again."""
    return _sort_out(conn, trust_id, number, None)[0]


def _problems(
    slips: Sequence[Slip],
    state: State,
    roll: Roll,
    voters: dict[str, int],
    proxies: dict[int, tuple[int, Proxy]],
    act: Act,
) -> list[Problem]:
    problems, seen = [], dict[int, str]()
    first, last = roll.opened_at.astimezone(BEIJING).date(), min(state.told.closes_on, act.today)
    for slip in slips:
        where = slip.where or slip.unit
        problems += choice_problems(state.draft.items, slip.choices, paper=True, where=where)
        if not first <= slip.received_on <= last:
            problems.append(
                Problem("bad_day", f"收到选票的日期应在 {first} 到 {last} 之间", f"{where} 收到日期")
            )
        voter = voters.get(slip.unit)
        if voter is None:
            problems.append(Problem("unknown_unit", f"名册上没有房号“{slip.unit}”", where))
            continue
        if voter in seen:
            problems.append(
                Problem(
                    "voter_twice",
                    f"“{slip.unit}”与{seen[voter]}是同一位表决人（同一业主的几套房只投一票），请只留一行",
                    where,
                )
            )
        seen[voter] = where
        held = proxies.get(voter)
        if slip.by_proxy and (held is None or held[1].until < slip.received_on):
            problems.append(
                Problem("no_proxy", f"“{slip.unit}”没有登记有效的书面委托，请先登记委托书", where)
            )
    return problems


def _write(
    conn: Connection,
    trust_id: int,
    number: str,
    slips: Sequence[Slip],
    voters: dict[str, int],
    proxies: dict[int, tuple[int, Proxy]],
    actor: Actor,
    act: Act,
) -> None:
    last = conn.execute(
        select(func.coalesce(func.max(vote_slip.c.slip_no), 0)).where(
            vote_slip.c.trust_id == trust_id, vote_slip.c.number == number
        )
    ).scalar_one()
    rows = [
        {
            "trust_id": trust_id,
            "number": number,
            "slip_no": no,
            "voter": voters[slip.unit],
            "choices": msgspec.json.encode(slip.choices).decode(),
            "received_on": slip.received_on,
            "proxy_no": proxies[voters[slip.unit]][0] if slip.by_proxy else 0,
            "document": slip.document,
            "person": actor.person,
            "signature": actor.signature,
            "entered_at": act.now,
        }
        for no, slip in enumerate(slips, start=int(last) + 1)
    ]
    if rows:
        conn.execute(insert(vote_slip), rows)


def _sort_out(
    conn: Connection, trust_id: int, number: str, voters: Collection[int] | None
) -> tuple[list[Pending], list[NewBallot]]:
    """What is still to be looked at, and what two people agree on."""
    by_voter = _open_slips(conn, trust_id, number, voters)
    cast = newest_ballots(conn, trust_id, number, list(by_voter))
    pending, ready = [], []
    for voter, slips in sorted(by_voter.items()):
        newest = {slip.person: slip for slip in slips}
        last = slips[-1]
        same = [slip for slip in newest.values() if slip.said == last.said and slip is not last]
        if not same:
            kind = "once" if len(newest) == 1 else "differ"
            pending.append(Pending(voter, kind, tuple(newest.values())))
            continue
        received = min(last.received_on, same[0].received_on)
        old = cast.get(voter)
        if old is not None and old.channel == ONLINE and old.cast_at.astimezone(BEIJING).date() >= received:
            pending.append(Pending(voter, "late", tuple(newest.values())))
            continue
        ready.append(
            NewBallot(
                voter,
                PROXY if last.proxy_no else PAPER,
                last.choices,
                last.person,
                f"{same[0].signature}、{last.signature}",
                last.slip_no,
                last.document or same[0].document,
            )
        )
    return pending, ready


def _open_slips(
    conn: Connection, trust_id: int, number: str, voters: Collection[int] | None
) -> dict[int, list[TypedSlip]]:
    """Entries by voter, in the order typed, that no ballot has used yet; one query."""
    s, b = vote_slip.c, ballot_table.c
    used = (
        select(func.max(b.last_slip))
        .where(b.trust_id == trust_id, b.number == number, b.voter == s.voter)
        .scalar_subquery()
    )
    query = (
        select(vote_slip)
        .where(s.trust_id == trust_id, s.number == number, s.slip_no > func.coalesce(used, 0))
        .order_by(s.slip_no)
    )
    if voters is not None:
        query = query.where(s.voter.in_(set(voters)))
    found: dict[int, list[TypedSlip]] = {}
    for row in conn.execute(query):
        found.setdefault(row.voter, []).append(_typed(row))
    return found


def _typed(row: Any) -> TypedSlip:
    return TypedSlip(
        row.slip_no,
        row.voter,
        msgspec.json.decode(row.choices, type=tuple[str, ...]),
        row.received_on,
        row.proxy_no,
        row.document,
        row.person,
        row.signature,
    )

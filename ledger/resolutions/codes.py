"""Voting codes (表决码): one for each voter, printed on the notice letter, needed besides the log-in.

A code has 80 random bits and is shown once, for printing; the database keeps its SHA-256. It works until
voting ends, for re-votes too; a new letter's code replaces it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, and_, delete, func, insert, select

from ledger.errors import Refused, refuse
from ledger.people import Actor
from ledger.people.invitations import hash_code, new_code
from ledger.resolutions.allowed import require_owners
from ledger.resolutions.grouping import UNKNOWN
from ledger.resolutions.names import names_of
from ledger.resolutions.roll import RollRow, roll_rows
from ledger.resolutions.state import state_in
from ledger.store.tables import vote_code, vote_code_try
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

TRIES, WITHIN = 10, timedelta(hours=1)


class WrongCode(Refused):
    """The code is not this voter's; to be counted by :func:`count_wrong_code`."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One notice letter. ``names`` and ``units`` are private; ``code`` is told here and never again."""

    voter: int
    names: tuple[str, ...]
    units: tuple[str, ...]
    area: int
    code: str


def issue_codes(
    conn: Connection,
    trust_id: int,
    number: str,
    actor: Actor,
    act: Act,
    *,
    voters: Collection[int] | None = None,
) -> list[Letter]:
    """Codes for all voters, or for some; earlier ones of these voters stop working. A handful of queries.

    Voters nobody is on record for get none: they vote on paper. Raises :class:`~ledger.errors.Refused`.
    """
    require_owners(actor, "resolution.letters")
    lock_trust(conn, trust_id)
    state_in(conn, trust_id, number, ("open",), "生成表决码")
    rows = [
        row
        for row in roll_rows(conn, trust_id, number)
        if row.kind != UNKNOWN and (voters is None or row.voter in voters)
    ]
    if not rows:
        raise refuse("unknown_voter", "名册上没有这些表决人", "表决人")
    letters = _letters(conn, trust_id, rows, act)
    last = _last_issues(conn, trust_id, number)
    conn.execute(
        insert(vote_code),
        [
            {
                "trust_id": trust_id,
                "number": number,
                "voter": letter.voter,
                "issue": last.get(letter.voter, 0) + 1,
                "code_hash": hash_code(letter.code),
                "issued_by": actor.signature,
                "issued_at": act.now,
            }
            for letter in letters
        ],
    )
    return letters


def _letters(conn: Connection, trust_id: int, rows: Sequence[RollRow], act: Act) -> list[Letter]:
    names = names_of(conn, trust_id, {owner for row in rows for owner in row.owners})
    return [
        Letter(
            row.voter,
            tuple(names.get(owner, "") for owner in row.owners),
            tuple(unit.unit for unit in row.units),
            row.area,
            new_code(act.entropy),
        )
        for row in rows
    ]


def count_wrong_code(conn: Connection, trust_id: int, number: str, actor: Actor, act: Act) -> None:
    """Note a wrong code, in a transaction of its own; old notes are thrown away."""
    t = vote_code_try.c
    conn.execute(delete(vote_code_try).where(t.trust_id == trust_id, t.at < act.now - WITHIN))
    conn.execute(
        insert(vote_code_try).values(
            trust_id=trust_id,
            attempt=act.entropy(16).hex(),
            number=number,
            person=actor.person,
            at=act.now,
        )
    )


def letters_issued(conn: Connection, trust_id: int, number: str) -> int:
    """How many voters have a code."""
    query = select(func.count(vote_code.c.voter.distinct())).where(
        vote_code.c.trust_id == trust_id, vote_code.c.number == number
    )
    return int(conn.execute(query).scalar_one())


def _last_issues(conn: Connection, trust_id: int, number: str) -> dict[int, int]:
    query = (
        select(vote_code.c.voter, func.max(vote_code.c.issue))
        .where(and_(vote_code.c.trust_id == trust_id, vote_code.c.number == number))
        .group_by(vote_code.c.voter)
    )
    return {voter: int(issue) for voter, issue in conn.execute(query)}

"""Cast a ballot: append it, seal it, publish the seal. The newest ballot of a voter counts, all remain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Connection, Row, bindparam, exists, insert, select

from ledger.errors import Refused, refuse
from ledger.journal.head import lock_head
from ledger.journal.sealing import SALT_BYTES, field_salt
from ledger.people import Actor, Role, require
from ledger.people.members import list_grants
from ledger.records import publish_records
from ledger.resolutions.choices import choice_problems
from ledger.resolutions.eligible import eligible_items
from ledger.resolutions.records import (
    BALLOT_FIELD,
    ballot_commitment,
    ballot_subject,
    ballot_text,
    ballot_value,
)
from ledger.resolutions.roll import Roll, roll_of
from ledger.resolutions.state import CLOSE, State, state_in
from ledger.resolutions.value import Choice
from ledger.store.tables import ballot as ballot_table
from ledger.store.tables import resolution_step
from ledger.trust.act import Act

ONLINE, PAPER, PROXY = "online", "paper", "proxy"
_T: BindParameter[int] = bindparam("t")
_N: BindParameter[str] = bindparam("n")
_LAST = select(
    exists()
    .where(resolution_step.c.trust_id == _T, resolution_step.c.number == _N, resolution_step.c.step == CLOSE)
    .label("closed"),
    select(ballot_table.c.ballot_no)
    .where(ballot_table.c.trust_id == _T, ballot_table.c.number == _N)
    .order_by(ballot_table.c.ballot_no.desc())  # by the key's end, whatever the planner believes of max()
    .limit(1)
    .scalar_subquery()
    .label("last"),
)


@dataclass(frozen=True, slots=True)
class NewBallot:
    """A ballot to be appended. ``last_slip``: paper entries used up to this number."""

    voter: int
    channel: str
    choices: tuple[Choice, ...]
    person: str
    signature: str
    last_slip: int = 0
    document: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a voter keeps. SHA-256 of the JSON list ``[salt, "ballot", text]`` is the commitment, and leaf
    ``seq`` of the log holds it. Private: ``text`` says what was chosen."""

    number: str
    ballot_no: int
    voter: int
    channel: str
    choices: tuple[Choice, ...]
    text: str
    salt: str
    commitment: str
    seq: int
    cast_at: datetime
    person: str


def cast_online(
    conn: Connection,
    trust_id: int,
    number: str,
    voter: int,
    choices: Sequence[Choice],
    code: str,
    actor: Actor,
    act: Act,
) -> Receipt:
    """Take an online ballot of a voter on the roll: the person owns one of the voter's homes, is logged in
    and has the voting code of the notice letter. Tenants never vote.

    Raises :class:`~ledger.errors.Refused`; :class:`~ledger.resolutions.codes.WrongCode` for a wrong code,
    which the caller counts in a transaction of its own.
    """
    require(actor, "resolution.vote")
    items = eligible_items(conn, trust_id, number, voter, code, actor, act)
    if problems := choice_problems(items, choices, paper=False):
        raise Refused(problems)
    new = NewBallot(voter, ONLINE, tuple(choices), actor.person, actor.signature)
    return append_ballots(conn, trust_id, number, [new], act)[0]


def append_ballots(
    conn: Connection, trust_id: int, number: str, ballots: Sequence[NewBallot], act: Act
) -> list[Receipt]:
    """Write ballots and publish their seals, under the trust's lock. Whether they may vote was checked.

    Raises :class:`~ledger.errors.Refused` if voting was closed meanwhile.
    """
    if not ballots:
        return []
    lock_head(conn, trust_id)
    first = _next_number(conn, trust_id, number)
    made = [_sealed(number, no, new, act) for no, new in enumerate(ballots, start=first)]
    published = [
        (ballot_subject(number, one.no), ballot_value(number, one.no, one.commitment)) for one in made
    ]
    places = publish_records(conn, trust_id, "ballot", published, act)
    conn.execute(
        insert(ballot_table),
        [_row(trust_id, number, one, seq, act) for one, seq in zip(made, places, strict=True)],
    )
    return [_receipt(number, one, seq, act) for one, seq in zip(made, places, strict=True)]


@dataclass(frozen=True, slots=True)
class _Sealed:
    new: NewBallot
    no: int
    text: str
    salt: bytes
    commitment: str


def _sealed(number: str, no: int, new: NewBallot, act: Act) -> _Sealed:
    text, salt = ballot_text(number, no, new.voter, new.choices), act.entropy(SALT_BYTES)
    return _Sealed(new, no, text, salt, ballot_commitment(salt, text))


def _row(trust_id: int, number: str, one: _Sealed, seq: int, act: Act) -> dict[str, object]:
    return {
        "trust_id": trust_id,
        "number": number,
        "ballot_no": one.no,
        "voter": one.new.voter,
        "channel": one.new.channel,
        "choices": msgspec.json.encode(one.new.choices).decode(),
        "salt": one.salt,
        "commitment": one.commitment,
        "seq": seq,
        "last_slip": one.new.last_slip,
        "document": one.new.document,
        "person": one.new.person,
        "signature": one.new.signature,
        "cast_at": act.now,
    }


def _receipt(number: str, one: _Sealed, seq: int, act: Act) -> Receipt:
    return Receipt(
        number=number,
        ballot_no=one.no,
        voter=one.new.voter,
        channel=one.new.channel,
        choices=one.new.choices,
        text=one.text,
        salt=field_salt(one.salt, BALLOT_FIELD).hex(),
        commitment=one.commitment,
        seq=seq,
        cast_at=act.now,
        person=one.new.person,
    )


def newest_ballots(
    conn: Connection, trust_id: int, number: str, voters: Sequence[int] | None = None
) -> dict[int, Receipt]:
    """The ballot that counts of each voter who voted, or of some of them; one query."""
    b = ballot_table.c
    query = select(ballot_table).where(b.trust_id == trust_id, b.number == number)
    if voters is not None:
        query = query.where(b.voter.in_(voters))
    newest = {row.voter: row for row in conn.execute(query.order_by(b.ballot_no))}
    return {voter: receipt_of(row) for voter, row in newest.items()}


def receipt_of(row: Row[Any]) -> Receipt:
    """The receipt of a stored ballot."""
    choices = msgspec.json.decode(row.choices, type=tuple[str, ...])
    return Receipt(
        row.number,
        row.ballot_no,
        row.voter,
        row.channel,
        choices,
        ballot_text(row.number, row.ballot_no, row.voter, choices),
        field_salt(bytes(row.salt), BALLOT_FIELD).hex(),
        row.commitment,
        row.seq,
        row.cast_at,
        row.person,
    )


def resident_units(conn: Connection, trust_id: int, person: str, act: Act) -> set[str]:
    """The homes a person has joined as an owner; those they rent are left out."""
    grants = list_grants(conn, trust_id, (Role.RESIDENT,), person=person)
    return {grant.unit for grant in grants if grant.in_force(act.today)}


def _next_number(conn: Connection, trust_id: int, number: str) -> int:
    """The next ballot's number; the lock is held. Raises Refused if voting was closed meanwhile."""
    is_closed, ballot_no = conn.execute(_LAST, {"t": trust_id, "n": number}).one()
    if is_closed:
        raise refuse("vote_over", "表决已经截止，不能再投票", "截止时间")
    return int(ballot_no or 0) + 1


def open_state(conn: Connection, trust_id: int, number: str, doing: str) -> tuple[State, Roll]:
    """A resolution being voted on, with its roll. Raises :class:`~ledger.errors.Refused`."""
    state = state_in(conn, trust_id, number, ("open",), doing)
    return state, roll_of(conn, trust_id, number)

"""What the public log says of votes and decisions: made here and nowhere else, and again from the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select, tuple_

from ledger.journal.public_view import utc_text
from ledger.journal.sealing import commitment
from ledger.records import Value
from ledger.resolutions.drafting import PEOPLE_MATTER
from ledger.resolutions.roll import Roll, read_rolls
from ledger.resolutions.state import MOTION, NOTICE, OPEN, State, read_states
from ledger.resolutions.value import Item
from ledger.store.tables import ballot as ballot_table
from ledger.store.tables import decision as decision_table
from ledger.store.tables import vote_result

BALLOT_FIELD = "ballot"
"""The path under which a ballot is sealed (:mod:`ledger.journal.sealing`)."""


def decision_value(row: Mapping[str, Any]) -> Value:
    """A decision recorded from paper."""
    return {
        "number": row["number"],
        "title": row["title"],
        "matter": row["matter"],
        "text": row["text"],
        "decided_on": row["decided_on"].isoformat(),
        "effective_on": row["effective_on"].isoformat(),
        "source": row["source"],
        **msgspec.json.decode(row["body"]),
    }


def decision_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, Value]:
    """The same for many, from their rows."""
    query = select(decision_table).where(
        decision_table.c.trust_id == trust_id, decision_table.c.number.in_(subjects)
    )
    return {row.number: decision_value(row._asdict()) for row in conn.execute(query)}


def opening_value(state: State, roll: Roll) -> Value:
    """The question, who asked for it, the rules, and the roll's hash and totals."""
    draft, motion, notice = state.draft, state.done(MOTION), state.told
    return {
        "resolution": roll.number,
        "title": draft.title,
        "text": draft.text,
        "items": [
            {"no": no, **_item_value(item, no, state.salt)} for no, item in enumerate(draft.items, start=1)
        ],
        "documents": [{"title": paper.title, "sha256": paper.digest} for paper in draft.documents],
        "unlocks": [{"kind": unlock.kind, "ref": unlock.ref} for unlock in draft.unlocks],
        "motion": {
            "by": motion.body["motion"]["by"],
            "on": motion.on_day.isoformat(),
            "moved": motion.body["moved"],
            "of": motion.body["total"],
        },
        "noticed_at": utc_text(state.done(NOTICE).acted_at),
        "opens_on": notice.opens_on.isoformat(),
        "closes_on": notice.closes_on.isoformat(),
        "opened_at": utc_text(roll.opened_at),
        "rules": msgspec.to_builtins(roll.rules),
        "roll": {
            "root": roll.root,
            "voters": roll.total.people,
            "units": roll.units,
            "area": roll.total.area,
        },
    }


def opening_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, Value]:
    """The same for many, from their rows."""
    rolls = read_rolls(conn, trust_id, subjects)
    return {
        state.number: opening_value(state, rolls[state.number])
        for state in read_states(conn, trust_id, subjects)
        if state.number in rolls and state.step(OPEN) is not None
    }


def ballot_text(number: str, ballot_no: int, voter: int, choices: Sequence[str]) -> str:
    """What a ballot's commitment is over: canonical JSON."""
    said = {"ballot": ballot_no, "choices": list(choices), "resolution": number, "voter": voter}
    return msgspec.json.encode(said).decode()


def ballot_commitment(salt: bytes, text: str) -> str:
    """The sealed ballot, in hex."""
    return commitment(salt, BALLOT_FIELD, text)


def ballot_value(number: str, ballot_no: int, sealed: str) -> Value:
    """All the log says of a ballot: neither who, nor which home, nor what, nor through which channel."""
    return {"resolution": number, "ballot": ballot_no, "commitment": sealed}


def ballot_subject(number: str, ballot_no: int) -> str:
    """``2026-1/37``."""
    return f"{number}/{ballot_no}"


def ballot_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, Value]:
    """The same for many, sealed anew from what the rows say was chosen."""
    keys = [(number, int(no)) for number, _, no in (subject.rpartition("/") for subject in subjects)]
    b = ballot_table.c
    query = select(b.number, b.ballot_no, b.voter, b.choices, b.salt).where(
        b.trust_id == trust_id, tuple_(b.number, b.ballot_no).in_(keys)
    )
    found = {}
    for row in conn.execute(query):
        text = ballot_text(row.number, row.ballot_no, row.voter, msgspec.json.decode(row.choices))
        sealed = ballot_commitment(bytes(row.salt), text)
        found[ballot_subject(row.number, row.ballot_no)] = ballot_value(row.number, row.ballot_no, sealed)
    return found


def result_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, Value]:
    """Results as they were counted at the close."""
    query = select(vote_result.c.number, vote_result.c.body).where(
        vote_result.c.trust_id == trust_id, vote_result.c.number.in_(subjects)
    )
    return {row.number: msgspec.json.decode(row.body) for row in conn.execute(query)}


def _item_value(item: Item, no: int, salt: bytes) -> Value:
    value: dict[str, Any] = {
        "title": item.title,
        "matter": item.matter,
        "text": item.text,
        "kind": item.kind,
        "seats": item.seats,
    }
    if item.matter == PEOPLE_MATTER:
        value["sealed_candidates"] = [
            commitment(salt, f"items.{no}.candidates.{place}", name)
            for place, name in enumerate(item.candidates, start=1)
        ]
    else:
        value["candidates"] = list(item.candidates)
    return value

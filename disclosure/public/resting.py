"""Entries and decisions, both ways: what rests on a decision, and which references of an entry name one."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, func, select

from disclosure.public.leaves import decode_leaf
from disclosure.public.listed import with_corrections
from disclosure.public.present import Row, row_of
from ledger.resolutions.decided import Decision, decisions
from ledger.store.tables import entry_reference, leaf

REFERENCES = ("resolution", "related_party_consent", "shortfall_decision")
"""References of an entry that name a decision of the owners."""
MOST = 50


def resting_on(conn: Connection, trust_id: int, numbers: Collection[str]) -> tuple[list[Row], int]:
    """The newest entries that name one of these decisions, and how many there are in all."""
    if not numbers:
        return [], 0
    r = entry_reference.c
    named = (r.trust_id == trust_id, r.kind == "resolution", r.ref.in_(sorted(numbers)))
    count = conn.execute(select(func.count()).where(*named)).scalar_one()
    bodies = conn.execute(
        select(leaf.c.body)
        .join(entry_reference, (r.trust_id == leaf.c.trust_id) & (r.seq == leaf.c.seq))
        .where(*named)
        .order_by(r.seq.desc())
        .limit(MOST)
    ).scalars()
    entries = [decode_leaf(bytes(body)) for body in bodies]
    return [row_of(listed) for listed in with_corrections(conn, trust_id, entries)], int(count)


def decisions_named(
    conn: Connection, trust_id: int, references: Iterable[tuple[str, str]]
) -> dict[str, Decision]:
    """The decisions an entry's references (kind and number) name, of those that were carried."""
    numbers = {ref for kind, ref in references if kind in REFERENCES}
    return decisions(conn, trust_id, numbers) if numbers else {}

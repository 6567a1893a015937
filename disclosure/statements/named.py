"""Entries as a statement names them, from their leaves."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from disclosure.public.leaves import PublicEntry, decode_leaf
from disclosure.statements.value import StatementEntry
from ledger.store.tables import leaf


def named(item: PublicEntry, fund: str, amount: int, target: str = "") -> StatementEntry:
    """An entry with the amount that matters here."""
    return StatementEntry(item.ref, item.date, item.summary, fund, amount, item.counterparty, target)


def named_corrections(conn: Connection, trust_id: int, seqs: Sequence[int]) -> list[StatementEntry]:
    """Corrections, each with the entry it corrects, in the order of the log."""
    return [
        named(
            item,
            "、".join(sorted({line.fund for line in item.lines})),
            item.total,
            target=item.reverses or item.amends,
        )
        for item in leaves_of(conn, trust_id, seqs).values()
    ]


def leaves_of(conn: Connection, trust_id: int, seqs: Sequence[int]) -> dict[int, PublicEntry]:
    """The public values of entries by their places, in the order of the log; one query."""
    query = select(leaf.c.body).where(leaf.c.trust_id == trust_id, leaf.c.seq.in_(seqs)).order_by(leaf.c.seq)
    found = [decode_leaf(bytes(body)) for body in conn.execute(query).scalars()]
    return {item.seq: item for item in found}

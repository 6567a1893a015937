"""What the books say: spending to which no paper belongs."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, exists, select

from ledger.evaluation.measures import Window
from ledger.evaluation.score import Found, Item
from ledger.journal.public_view import entry_ref
from ledger.store.tables import entry, entry_document, posting

_SPENDING = ("5", "6")
"""Codes of accounts from the one up to the other are spending, in both books."""


def spending_without_voucher(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found:
    """Entries of spending with a day in the window and no original paper; corrections left aside. One query."""
    p, e = posting.c, entry.c
    spends = select(p.seq).where(
        p.trust_id == trust_id,
        p.business_date.between(window.first, window.last),
        p.account >= _SPENDING[0],
        p.account < _SPENDING[1],
        p.side == "D",
        p.amount > 0,
    )
    paper = exists().where(
        entry_document.c.trust_id == e.trust_id,
        entry_document.c.seq == e.seq,
        entry_document.c.original != "",
    )
    query = (
        select(e.book, e.fiscal_year, e.number, e.business_date)
        .where(
            e.trust_id == trust_id,
            e.business_date.between(window.first, window.last),
            e.seq < window.size,
            e.reverses.is_(None),
            e.amends.is_(None),
            e.seq.in_(spends),
            ~paper,
        )
        .order_by(e.seq)
    )
    refs = [
        (row.business_date, entry_ref(row.book, row.fiscal_year, row.number)) for row in conn.execute(query)
    ]
    return Found(tuple(Item(day, f"{ref} 号支出没有原始凭证", 1, f"/entries/{ref}") for day, ref in refs))

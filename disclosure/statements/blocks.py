"""The matters to publish regularly (民法典 943) in the annual report: when each was last published."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from disclosure.statements.value import Block
from ledger.disclosures.duties import duties


def block_dates(conn: Connection, trust_id: int, today: date) -> tuple[Block, ...]:
    """The nine blocks as of a day."""
    return tuple(
        Block(duty.code, duty.title, duty.basis, duty.last_on, duty.due_on)
        for duty in duties(conn, trust_id, today)
        if duty.block
    )

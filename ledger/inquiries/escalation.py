"""What the system does by itself: what is late goes one level up, an answer nobody rated waits to be called back.

A repair goes up once the hours promised for a response have passed, everything else after its day. Run every
hour. Doing it twice changes nothing more: what went up has a new day to come.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from ledger.inquiries.course import system_step
from ledger.inquiries.deadlines import deadlines_on
from ledger.inquiries.model import ANSWERED, STREET, TRUSTEE, UNSETTLED, WAITING, WORKING
from ledger.inquiries.response import trusts_waiting, waiting_too_long
from ledger.inquiries.state import after, state_of
from ledger.inquiries.store import keep_states, steps_of, write_steps
from ledger.journal.head import lock_head
from ledger.store.tables import inquiry_now
from ledger.trust.act import Act
from ledger.trust.setup import load_setup


def escalate_due(conn: Connection, trust_id: int, act: Act) -> list[int]:
    """Move on what is due and return the numbers; a few queries however many."""
    if not _due(conn, trust_id, act):
        return []
    head = lock_head(conn, trust_id)
    nos = _due(conn, trust_id, act)
    deadlines = deadlines_on(load_setup(conn, trust_id, head.setup_version), act.today)
    made, states = [], {}
    for no, steps in steps_of(conn, trust_id, nos).items():
        state = state_of(steps)
        step = system_step(state, len(steps) + 1, deadlines, act)
        made.append((no, step))
        states[no] = after(state, step)
    write_steps(conn, trust_id, made)
    keep_states(conn, trust_id, states)
    return nos


def due_trusts(conn: Connection, act: Act) -> list[int]:
    """Communities where something may be due; two queries over all."""
    query = select(inquiry_now.c.trust_id).where(_is_due(act.today)).distinct()
    return sorted({*conn.execute(query).scalars(), *trusts_waiting(conn, act.now)})


def _due(conn: Connection, trust_id: int, act: Act) -> list[int]:
    """By the day, and repairs nobody responded to by the hour."""
    query = select(inquiry_now.c.no).where(inquiry_now.c.trust_id == trust_id, _is_due(act.today))
    return sorted(
        {*conn.execute(query).scalars(), *waiting_too_long(conn, trust_id, act.now, levels=[TRUSTEE])}
    )


def _is_due(today: date) -> ColumnElement[bool]:
    n = inquiry_now.c
    late = and_(n.status.in_((WAITING, WORKING)), n.level < STREET, n.due_on < today)
    silent = and_(n.status == ANSWERED, n.due_on < today)
    return or_(late, silent, n.status == UNSETTLED)

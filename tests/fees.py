"""Fee standards that went through consultation, decision and notice, for tests that need the price to change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from ledger.billing import Standard
from ledger.consultation.course import carry_out, give_notice, open_consultation, rest_on_decision
from ledger.consultation.proposals import propose_fee
from ledger.people import Actor, Role
from ledger.trust import load_setup
from tests.decisions import note_decision
from tests.ledger.books import act

COMMITTEE = Actor("wei", "魏源（weiyuan）", frozenset({Role.COMMITTEE}))
CLERK = Actor("lin", "林会（kuaiji）", frozenset({Role.PREPARER}))


def agreed_standard(conn: Connection, trust_id: int, asked: Standard) -> int:
    """Ask, decide, announce and record a standard, in the two months before it takes effect; its number."""
    day = asked.effective_on
    setup = load_setup(conn, trust_id)
    plain = replace(asked, authority="待定")
    number = propose_fee(conn, setup, plain, "成本上涨", CLERK, act(day - timedelta(days=70)))
    began = day - timedelta(days=65)
    open_consultation(conn, trust_id, number, began + timedelta(days=10), COMMITTEE, act(began))
    decided_on = began + timedelta(days=12)
    decision = note_decision(conn, trust_id, f"调价第 {number} 号方案的决定", decided_on=decided_on)
    rest_on_decision(conn, trust_id, number, decision, COMMITTEE, act(decided_on))
    noticed = day - timedelta(days=40)
    give_notice(conn, setup, number, put_up_on=noticed, effective_on=day, actor=COMMITTEE, act=act(noticed))
    return carry_out(conn, trust_id, number, CLERK, act(noticed))

"""Payments the owners decide on themselves: above their limit, in one piece or in several."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from ledger.errors import Problem, Refused
from ledger.events import load_events, load_gates
from ledger.journal import Draft
from ledger.resolutions.decided import decision_problems, published_decisions
from ledger.trust.setup import Setup
from ledger.work.needs import unpaid_drafts
from ledger.work.value import Work

GATE = "large_payment"
"""The gate that asks for a decision above the setting; the journal asks it of each entry by itself."""


def refuse_undecided(conn: Connection, setup: Setup, work: Work, drafts: Sequence[Draft]) -> None:
    """Refuse work whose payments, together or with those made and asked for before on the same debts, exceed
    the owners' limit without a decision of theirs.

    ``drafts`` are the work's as they will be posted. Raises :class:`~ledger.errors.Refused`.
    """
    gate, events = load_gates()[GATE], load_events()
    paying = [
        drafts[place] for place in sorted(unpaid_drafts(work)) if gate in events[drafts[place].event].gates
    ]
    limit = setup.setting(gate.above, max(draft.date for draft in paying)) if paying else None
    if limit is None or work.earlier + sum(draft.total for draft in paying) <= int(limit):
        return
    named = {draft.references.get(gate.subject, "").strip() for draft in paying} - {""}
    known = published_decisions(conn, setup.trust_id, named)
    problems: list[Problem] = []
    for draft in paying:
        number = draft.references.get(gate.subject, "").strip()
        if number:
            problems += decision_problems(number, known.get(number), gate.matters, draft.date)
        else:
            problems.append(Problem(f"gate_{GATE}", f"{gate.message}（依据：{gate.basis}）", "决议号"))
    if problems:
        raise Refused(problems)

"""What a piece of work would take from budget lines, kept when it is prepared (预算占用)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert

from ledger.budget.available import taken_by
from ledger.journal.correct import standing
from ledger.store.tables import budget_claim

if TYPE_CHECKING:
    from ledger.work.value import Work


def claims_of(conn: Connection, trust_id: int, work: Work) -> dict[str, int]:
    """Fen by line; for an amendment only what comes on top of the entry it amends."""
    claims = taken_by(work.drafts)
    if work.amends:
        given_back = taken_by(stored.draft for stored in standing(conn, trust_id, work.amends))
        for code, amount in given_back.items():
            claims[code] = claims.get(code, 0) - amount
    return {code: amount for code, amount in claims.items() if amount > 0}


def keep_budget_claims(conn: Connection, trust_id: int, no: int, work: Work) -> None:
    """Write the claims of work that was just given its number; the caller holds the trust's lock.

    They count as long as the work is on its way: posted, it is in the books; sent back or withdrawn, it
    takes nothing.
    """
    claims = claims_of(conn, trust_id, work)
    if claims:
        conn.execute(
            insert(budget_claim),
            [
                {"trust_id": trust_id, "no": no, "line": code, "amount": amount}
                for code, amount in sorted(claims.items())
            ],
        )

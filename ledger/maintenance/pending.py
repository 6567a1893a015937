"""What open work would take from the sub-accounts: counted before another use is prepared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, select

from ledger.maintenance.subaccounts import ACCOUNTS, UNDISTRIBUTED
from ledger.store.tables import work as work_table
from ledger.store.tables import work_status
from ledger.work import CO_SIGN, PAY, REVIEW, Work

_decode = msgspec.json.Decoder(Work).decode


@dataclass(slots=True)
class Pending:
    """Fen, credit positive: by unit, by plan of use (as an amount used), and from 3101."""

    by_unit: Counter[str] = field(default_factory=Counter)
    by_plan: Counter[str] = field(default_factory=Counter)
    undistributed: int = 0


def pending_work(conn: Connection, trust_id: int, kinds: tuple[str, ...]) -> Pending:
    """What work of these kinds, still on its way, will change once it is posted."""
    query = (
        select(work_table.c.payload)
        .join(
            work_status,
            (work_status.c.trust_id == work_table.c.trust_id) & (work_status.c.no == work_table.c.no),
        )
        .where(
            work_status.c.trust_id == trust_id,
            work_status.c.waiting_for.in_((REVIEW, CO_SIGN, PAY)),
            work_table.c.kind.in_(kinds),
        )
    )
    found = Pending()
    for payload in conn.execute(query).scalars():
        for draft in _decode(payload).drafts:
            if plan := draft.references.get("plan"):
                found.by_plan[plan] += draft.total
            for line in draft.lines:
                sign = 1 if line.side == "C" else -1
                if line.account == UNDISTRIBUTED:
                    found.undistributed += sign * line.amount
                elif line.account in ACCOUNTS:
                    for detail in line.details:
                        found.by_unit[detail.unit] += sign * detail.amount
    return found

"""What work under way will settle, so that the same debt is not proposed twice."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, and_, select

from ledger.bank.desk import Desk
from ledger.store.tables import work, work_status
from ledger.work.value import OPEN, Work

_decode = msgspec.json.Decoder(Work).decode


def take_off_what_waits(conn: Connection, trust_id: int, desk: Desk) -> None:
    """Take the debts and payables that waiting work pays off the desk."""
    query = (
        select(work.c.payload)
        .join(work_status, and_(work_status.c.trust_id == work.c.trust_id, work_status.c.no == work.c.no))
        .where(work.c.trust_id == trust_id, work_status.c.waiting_for.in_(OPEN))
    )
    for payload in conn.execute(query).scalars():
        for draft in _decode(payload).drafts:
            for line in draft.lines:
                if line.account in ("112201", "112202") and line.side == "C":
                    key, kept = line.unit, desk.owed
                elif line.account == "220201" and line.side == "D":
                    key, kept = f"{line.fund}:{line.vendor}", desk.payable
                else:
                    continue
                what = line.account if kept is desk.owed else line.contract
                kept[key] = [
                    (name, amount - line.amount if name == what else amount)
                    for name, amount in kept.get(key, ())
                ]

"""What the bank itself says an account held on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, exists, or_, select

from ledger.periods.calendar import period_of
from ledger.store.tables import bank_balance, bank_line, posting


@dataclass(frozen=True, slots=True)
class BankSays:
    """A balance (fen) at the end of a day. ``moved_since``: lines or entries came after it."""

    as_of: date
    balance: int
    moved_since: bool

    def covers(self, period: int) -> bool:
        """Whether it may stand for the end of a month (YYYYMM): of that month, or nothing moved since."""
        return period_of(self.as_of) >= period or not self.moved_since


def bank_says(conn: Connection, trust_id: int, bank_account: str, as_of: date) -> BankSays | None:
    """The bank's last word up to a day; the file imported last is believed. None if it said nothing."""
    said = conn.execute(
        select(bank_balance.c.as_of, bank_balance.c.balance)
        .where(
            bank_balance.c.trust_id == trust_id,
            bank_balance.c.bank_account == bank_account,
            bank_balance.c.as_of <= as_of,
        )
        .order_by(bank_balance.c.as_of.desc(), bank_balance.c.recorded_at.desc())
        .limit(1)
    ).first()
    if said is None:
        return None
    later_line = exists().where(
        bank_line.c.trust_id == trust_id,
        bank_line.c.bank_account == bank_account,
        bank_line.c.occurred_on > said.as_of,
        bank_line.c.occurred_on <= as_of,
    )
    later_entry = exists().where(
        posting.c.trust_id == trust_id,
        posting.c.bank_account == bank_account,
        posting.c.business_date > said.as_of,
        posting.c.business_date <= as_of,
    )
    moved = conn.execute(select(or_(later_line, later_entry))).scalar_one()
    return BankSays(said.as_of, said.balance, bool(moved))

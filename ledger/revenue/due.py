"""What contracts should have brought by a day, what they did bring, and what is overdue. Fen with VAT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, case, func, or_, select
from sqlalchemy import literal as value

from ledger.revenue.contracts import Terms, list_terms, schedules
from ledger.revenue.schedule import DueRow
from ledger.store.tables import entry, entry_reference, posting, revenue_terms

RECEIVABLE, AHEAD, UNKNOWN = "112205", "220303", "224105"
_NAMES_CONTRACT = ("4003%", RECEIVABLE, AHEAD)
_MONEY = ("1002%", "1012%", UNKNOWN)


@dataclass(frozen=True, slots=True)
class DueLine:
    """A period of a contract: ``amount`` due, ``received`` of it. Of a share without a least amount,
    ``settled`` says whether anything was booked for the period."""

    terms: Terms
    version: int
    row: DueRow
    received: int
    settled: bool

    @property
    def open(self) -> int:
        """What is still to come, fen; a share without a least amount is open at nothing."""
        return self.row.amount - self.received

    @property
    def schedule(self) -> str:
        """The period's name in entries."""
        return schedule_ref(self.terms.contract, self.version, self.row.period_no)

    def overdue_days(self, today: date) -> int:
        """Days since it should have been paid, 0 if it was or is not due yet."""
        return 0 if self.settled else max(0, (today - self.row.due_on).days)


def schedule_ref(contract: str, version: int, period_no: int) -> str:
    """How an entry names the period it books."""
    return f"{contract}#{version}.{period_no}"


def due_list(conn: Connection, trust_id: int, today: date, *, contract: str = "") -> list[DueLine]:
    """Every period of every contract with what came in for it, by the day it is due; four queries.

    Fixed amounts are settled oldest first by whatever the contract brought; of a share each period has
    only what was booked for it.
    """
    rows = schedules(conn, trust_id, contract)
    received, by_period = money_in(conn, trust_id, today)
    lines: list[DueLine] = []
    before = _received_before(conn, trust_id)
    for terms in list_terms(conn, trust_id, contract):
        own = rows.get(terms.contract, [])
        total = received.get(terms.contract, 0) + before.get(terms.contract, 0)
        if terms.mode == "share":
            lines += _share(terms, own, by_period)
        else:
            lines += _oldest_first(terms, own, total)
    return sorted(lines, key=lambda line: (line.row.due_on, line.terms.contract))


def _oldest_first(terms: Terms, rows: Sequence[tuple[int, DueRow]], total: int) -> list[DueLine]:
    lines, left = [], max(0, total)
    for version, row in sorted(rows, key=lambda item: item[1].due_on):
        paid = min(left, row.amount)
        left -= paid
        lines.append(DueLine(terms, version, row, paid, paid == row.amount))
    return lines


def _share(terms: Terms, rows: Sequence[tuple[int, DueRow]], by_period: Mapping[str, int]) -> list[DueLine]:
    lines = []
    for version, row in rows:
        paid = by_period.get(schedule_ref(terms.contract, version, row.period_no), 0)
        lines.append(DueLine(terms, version, row, paid, paid > 0 and paid >= row.amount))
    return lines


def _received_before(conn: Connection, trust_id: int) -> dict[str, int]:
    query = (
        select(revenue_terms.c.contract, func.sum(revenue_terms.c.received_before))
        .where(revenue_terms.c.trust_id == trust_id)
        .group_by(revenue_terms.c.contract)
    )
    return {contract: int(fen) for contract, fen in conn.execute(query)}


def money_in(conn: Connection, trust_id: int, until: date) -> tuple[dict[str, int], dict[str, int]]:
    """What came in until a day, by contract and by period named in the entry; red letters taken off.

    Money is what reached a bank account or a channel, or was found among what could not be told at first.
    """
    named: Any = (
        select(posting.c.seq, posting.c.contract)
        .where(
            posting.c.trust_id == trust_id,
            posting.c.contract.in_(
                select(revenue_terms.c.contract).where(revenue_terms.c.trust_id == trust_id)
            ),
            or_(*(posting.c.account.like(prefix) for prefix in _NAMES_CONTRACT)),
            posting.c.book == "A",
        )
        .distinct()
        .subquery()
    )
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    source = func.coalesce(entry.c.reverses, entry.c.amends, entry.c.seq)
    query = (
        select(named.c.contract, entry_reference.c.ref, func.sum(signed))
        .join(posting, (posting.c.trust_id == value(trust_id)) & (posting.c.seq == named.c.seq))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .outerjoin(
            entry_reference,
            (entry_reference.c.trust_id == value(trust_id))
            & (entry_reference.c.seq == source)
            & (entry_reference.c.kind == "schedule"),
        )
        .where(
            or_(*(posting.c.account.like(prefix) for prefix in _MONEY)),
            posting.c.business_date <= until,
            entry.c.event != "E00",
        )
        .group_by(named.c.contract, entry_reference.c.ref)
    )
    by_contract: dict[str, int] = defaultdict(int)
    by_period: dict[str, int] = defaultdict(int)
    for contract, ref, fen in conn.execute(query):
        by_contract[contract] += int(fen)
        if ref:
            by_period[ref] += int(fen)
    return dict(by_contract), dict(by_period)

"""What is owed to vendors (应付), invoice by invoice, and how much of it is still open.

An entry that credits 220201 or 220202 is a debt. A payment names the entries it pays (reference
``payable``, one for each of its debit lines); payments that name none pay the oldest debts of the same
vendor, contract and fund. What waits in work counts as spoken for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Subquery, case, func, select

from ledger.journal import Draft, Line
from ledger.journal.public_view import entry_ref
from ledger.store.tables import entry, entry_reference, payable_due, posting, work, work_status
from ledger.trust.setup import Setup
from ledger.work import Work
from ledger.work.value import OPEN

OWED, RETENTION = "220201", "220202"
PAYABLE = "payable"
"""The reference by which a payment names the entries it pays, divided by spaces."""
_decode = msgspec.json.Decoder(Work).decode
Group = tuple[str, str, str, str]
"""Fund, account, vendor, contract."""


@dataclass(slots=True)
class Payable:
    """A debt. Amounts in fen: as invoiced, paid already, and waiting in work."""

    ref: str
    seq: int
    account: str
    fund: str
    vendor: str
    contract: str
    summary: str
    booked_on: date
    due_on: date | None
    amount: int
    paid: int = 0
    in_work: int = 0

    @property
    def open(self) -> int:
        """What may still be asked for."""
        return self.amount - self.paid - self.in_work

    @property
    def retention(self) -> bool:
        """Whether it is money kept back until the guarantee ends (质保金)."""
        return self.account == RETENTION

    @property
    def key(self) -> str:
        """How forms name it."""
        return f"{self.ref}:{self.account}"

    @property
    def group(self) -> Group:
        """What a payment that names no debt looks at."""
        return self.fund, self.account, self.vendor, self.contract


def open_payables(conn: Connection, trust_id: int, *, vendor: str = "") -> list[Payable]:
    """Debts not yet paid in full, the earliest due first; a handful of queries whatever their number."""
    debts, pools = _debts(_rows(conn, trust_id, vendor))
    groups: dict[Group, list[Payable]] = defaultdict(list)
    for debt in debts.values():
        groups[debt.group].append(debt)
    for group, pool in pools.items():
        _take(pool, groups[group], "paid")
        _give_back(-pool, groups[group])
    _claim(debts, waiting_drafts(conn, trust_id))
    left = [debt for debt in debts.values() if debt.amount - debt.paid > 0]
    return sorted(left, key=lambda debt: (debt.due_on or debt.booked_on, debt.seq, debt.account))


def waiting_drafts(conn: Connection, trust_id: int) -> list[Draft]:
    """The entries that work not yet finished would post."""
    payloads = conn.execute(
        select(work.c.payload)
        .join(work_status, (work_status.c.trust_id == work.c.trust_id) & (work_status.c.no == work.c.no))
        .where(work.c.trust_id == trust_id, work_status.c.waiting_for.in_(OPEN), work.c.kind.in_(MONEY_OUT))
    ).scalars()
    return [draft for payload in payloads for draft in _decode(payload).drafts]


MONEY_OUT = (
    "invoice",
    "payment",
    "advance",
    "petty_cash",
    "wages",
    "remuneration",
    "tax",
    "voucher",
    "bank",
)
"""Kinds of work that may speak for debts and balances."""


_COLUMNS = (
    *(posting.c[name] for name in ("seq", "line_no", "book", "account", "fund", "side", "amount")),
    *(posting.c[name] for name in ("business_date", "vendor", "contract")),
    *(entry.c[name] for name in ("fiscal_year", "number", "summary", "reverses", "amends")),
)


def _rows(conn: Connection, trust_id: int, vendor: str) -> Iterable[Any]:
    """Lines of the payables of every fund, vendor and contract that has something open."""
    signed = case((posting.c.side == "C", posting.c.amount), else_=-posting.c.amount)
    columns = (posting.c.fund, posting.c.account, posting.c.vendor, posting.c.contract)
    scope = [posting.c.trust_id == trust_id, posting.c.account.in_((OWED, RETENTION)), posting.c.book == "A"]
    if vendor:
        scope.append(posting.c.vendor == vendor)
    moving = select(*columns).where(*scope).group_by(*columns).having(func.sum(signed) != 0).subquery()
    payable = (
        select(entry_reference.c.seq, entry_reference.c.ref)
        .where(entry_reference.c.trust_id == trust_id, entry_reference.c.kind == PAYABLE)
        .subquery()
    )
    reversal = entry.alias()
    due = _due(trust_id)
    rows = conn.execute(
        select(*_COLUMNS, payable.c.ref, due.c.due_on, reversal.c.seq.label("reversed_by"))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .join(
            moving,
            (moving.c.fund == posting.c.fund)
            & (moving.c.account == posting.c.account)
            & (moving.c.vendor == posting.c.vendor)
            & (moving.c.contract == posting.c.contract),
        )
        .outerjoin(payable, payable.c.seq == posting.c.seq)
        .outerjoin(
            due,
            (due.c.idempotency_key == entry.c.idempotency_key) & (due.c.account == posting.c.account),
        )
        .outerjoin(
            reversal,
            (reversal.c.trust_id == posting.c.trust_id) & (reversal.c.reverses == posting.c.seq),
        )
        .where(*scope)
    ).all()
    # sorted here: asked for in order, SQLite would read every posting of the trust in that order
    return sorted(rows, key=lambda row: (row.seq, row.line_no))


def _due(trust_id: int) -> Subquery:
    """The newest day on which each debt falls due."""
    newest = (
        select(
            payable_due.c.idempotency_key,
            payable_due.c.account,
            func.max(payable_due.c.version).label("version"),
        )
        .where(payable_due.c.trust_id == trust_id)
        .group_by(payable_due.c.idempotency_key, payable_due.c.account)
        .subquery()
    )
    return (
        select(payable_due.c.idempotency_key, payable_due.c.account, payable_due.c.due_on)
        .join(
            newest,
            (newest.c.idempotency_key == payable_due.c.idempotency_key)
            & (newest.c.account == payable_due.c.account)
            & (newest.c.version == payable_due.c.version),
        )
        .where(payable_due.c.trust_id == trust_id)
        .subquery()
    )


def _debts(rows: Iterable[Any]) -> tuple[dict[tuple[str, str], Payable], dict[Group, int]]:
    """Debts by entry and account with what was paid on each by name; and what was paid without."""
    debts: dict[tuple[str, str], Payable] = {}
    by_seq: dict[tuple[int, str], Payable] = {}
    pools: dict[Group, int] = defaultdict(int)
    for row in rows:
        if row.reversed_by is not None or row.reverses is not None:
            continue  # both sides of a red letter are nothing
        group = (row.fund, row.account, row.vendor, row.contract)
        if row.side == "C":
            original = by_seq.get((row.amends, row.account)) if row.amends is not None else None
            if row.amount > 0 and original is None:
                made = _payable(row)
                debts[made.ref, made.account] = by_seq[made.seq, made.account] = _merged(debts, made)
            elif original is not None:
                original.amount += row.amount
            else:
                pools[group] -= row.amount
            continue
        debt = debts.get((_named(row.ref, row.line_no - 1), row.account))
        if debt is not None:
            debt.paid += row.amount
        else:
            pools[group] += row.amount
    return debts, pools


def _merged(debts: dict[tuple[str, str], Payable], made: Payable) -> Payable:
    """Several lines of one entry on one account are one debt."""
    held = debts.get((made.ref, made.account))
    if held is None:
        return made
    held.amount += made.amount
    return held


def _payable(row: Any) -> Payable:
    return Payable(
        ref=entry_ref(row.book, row.fiscal_year, row.number),
        seq=row.seq,
        account=row.account,
        fund=row.fund,
        vendor=row.vendor or "",
        contract=row.contract or "",
        summary=row.summary,
        booked_on=row.business_date,
        due_on=row.due_on,
        amount=row.amount,
    )


def _take(amount: int, debts: Iterable[Payable], what: str) -> None:
    """Spread an amount over debts, oldest first."""
    for debt in debts:
        part = min(amount, debt.amount - debt.paid - debt.in_work)
        if part > 0:
            setattr(debt, what, getattr(debt, what) + part)
            amount -= part


def _give_back(amount: int, debts: Iterable[Payable]) -> None:
    """A payment was corrected downwards: less was paid, the latest first."""
    for debt in reversed(list(debts)):
        part = min(amount, debt.paid)
        if part > 0:
            debt.paid -= part
            amount -= part


def _claim(debts: dict[tuple[str, str], Payable], drafts: Iterable[Draft]) -> None:
    """Mark what waits in work as spoken for."""
    for draft in drafts:
        for ref, line in paid_lines(draft):
            debt = debts.get((ref, line.account))
            if debt is not None:
                debt.in_work += line.amount
            else:
                group = (line.fund, line.account, line.vendor, line.contract)
                _take(line.amount, [item for item in debts.values() if item.group == group], "in_work")


def paid_lines(draft: Draft) -> Iterator[tuple[str, Line]]:
    """The debit lines on payables of a draft, each with the entry it names (or '')."""
    for place, line in enumerate(draft.lines):
        if line.side == "D" and line.account in (OWED, RETENTION):
            yield _named(draft.references.get(PAYABLE), place), line


def _named(refs: str | None, place: int) -> str:
    """The entry that the line at this place pays: payments begin with their debit lines."""
    named = (refs or "").split()
    return named[place] if place < len(named) else ""


def vendor_name(setup: Setup, code: str) -> str:
    """A vendor's name, or its code if it has none."""
    value = setup.values.get(("vendor", code))
    return value.name if value else code

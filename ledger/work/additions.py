"""What the books know of a payment beside its own entries, as far as it decides who must agree.

An amendment may add to what left the bank accounts: that is paid like any other payment. And a debt may have been
paid in part before: its parts count together, so that nobody stays below the limit by asking twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection

from ledger.errors import refuse
from ledger.journal import Draft
from ledger.journal.correct import standing
from ledger.work.value import Work

CASH = {"A": ("1002",), "M": ("1001",)}
"""Accounts, by book, that a bank holds for us."""


def with_circumstances(conn: Connection, trust_id: int, work: Work) -> Work:
    """The work with ``adds`` and ``earlier`` as the books have them, whatever it said before."""
    adds, earlier = _added(conn, trust_id, work), _earlier(conn, trust_id, work)
    return msgspec.structs.replace(work, adds=adds, earlier=earlier)


def refuse_changed_addition(conn: Connection, trust_id: int, work: Work) -> None:
    """Raise :class:`~ledger.errors.Refused` if the entry to be amended has changed since work was prepared.

    The steps it passed were asked for on what it added then.
    """
    if work.adds != _added(conn, trust_id, work):
        raise refuse(
            "addition_changed",
            f"制单后 {work.amends} 的付款金额有了变动，各人同意的已不是现在的数；请退回，由制单人重新制单",
            "订正",
        )


def _added(conn: Connection, trust_id: int, work: Work) -> dict[str, int]:
    """Fen more that the corrected entry takes, by bank account; what it takes less from one is no other's."""
    if not work.amends or len(work.drafts) != 1:
        return {}
    before = _leaving(stored.draft for stored in standing(conn, trust_id, work.amends))
    return dict(_leaving(work.drafts) - before)


def _leaving(drafts: Iterable[Draft]) -> Counter[str]:
    found: Counter[str] = Counter()
    for draft in drafts:
        for line in draft.lines:
            if line.side == "C" and line.account.startswith(CASH[draft.book]):
                found[line.bank_account] += line.amount
    return found


def _earlier(conn: Connection, trust_id: int, work: Work) -> int:
    """Fen paid before, or waiting in other work, on the debts this work pays."""
    from ledger.payments.payables import open_payables, paid_lines  # payments use this package

    if work.amends:
        return 0  # the corrected payment counts as a whole
    wanted = [item for draft in work.drafts if draft.book == "A" for item in paid_lines(draft)]
    named = {(ref, line.account) for ref, line in wanted if ref}
    groups = {(line.fund, line.account, line.vendor, line.contract) for ref, line in wanted if not ref}
    if not wanted:
        return 0
    return sum(
        debt.paid + debt.in_work
        for debt in open_payables(conn, trust_id)
        if (debt.ref, debt.account) in named or debt.group in groups
    )

"""Shared revenue (公共收益) is spent once: on costs, on the maintenance fund, on the service fund.

What is free is what the fund has earned and not spent, less what work on its way will spend. Asked when work is
prepared and again when its last step posts: another work may have been faster.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from ledger.balances import fund_totals, resolve_clock
from ledger.errors import refuse
from ledger.journal import Draft
from ledger.money import format_yuan
from ledger.work.overdrawn import VOUCHER, open_drafts
from ledger.work.value import Work

FUND = "F2"
_SPENDS = ("E20", "E21a", "E22")
"""Reasonable costs, decided moves to the maintenance fund, help for the service fund."""
_RESULT = ("3", "4", "5")
"""Net assets and this year's income and expense."""


def free_of_waiting(conn: Connection, trust_id: int, today: date) -> int:
    """What may still be spent, fen: net assets and this year's result, less what open work spends."""
    return _left(conn, trust_id, today) - _spent(open_drafts(conn, trust_id))


def refuse_overspent(
    conn: Connection, trust_id: int, work: Work, today: date, *, others: bool = False
) -> None:
    """Refuse work, posted a moment ago in this transaction, that spent more than there was.

    ``others``: what other work on its way spends is gone already. Raises :class:`~ledger.errors.Refused`.
    """
    spends = _spent(work.drafts)
    if spends <= 0 or work.kind == VOUCHER or work.amends:
        return
    left = free_of_waiting(conn, trust_id, today) if others else _left(conn, trust_id, today)
    if left < 0:
        raise refuse(
            "not_enough_revenue",
            f"公共收益结余只有 {format_yuan(max(left + spends, 0))} 元（已扣除在办单据），"
            f"不够支出 {format_yuan(spends)} 元；请核对金额，或先办结、撤回别的单据",
            "金额",
        )


def _left(conn: Connection, trust_id: int, today: date) -> int:
    totals = fund_totals(conn, trust_id, "A", resolve_clock(conn, trust_id, today=today), _RESULT)
    return -totals[FUND].balance if FUND in totals else 0


def _spent(drafts: Iterable[Draft]) -> int:
    return sum(
        line.signed
        for draft in drafts
        if draft.event in _SPENDS
        for line in draft.lines
        if line.fund == FUND and line.account.startswith(_RESULT)
    )

"""The maintenance fund (维修资金) in a statement: what it was used for, and the sub-accounts by building."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import func, select

from disclosure.statements.named import leaves_of, named
from disclosure.statements.scope import Scope, signed
from disclosure.statements.value import BuildingFund, MaintenanceFund, Uses
from ledger.balances import account_totals
from ledger.books.span import of_closing, of_opening
from ledger.maintenance import SubAccount, list_subaccounts
from ledger.maintenance.subaccounts import UNDISTRIBUTED
from ledger.store.tables import entry, posting

LEAST = 5
"""No group of fewer households is shown by itself (个人信息保护法)."""
USES_SHOWN = 30
_SPENT = "5001"
COLUMNS = ("opening", "contributions", "yields", "uses", "other", "closing")


def maintenance_uses(scope: Scope) -> Uses:
    """What was used in the span, by entry; red letters count negative."""
    amounts = (
        select(posting.c.seq, func.sum(signed()).label("fen"))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(*scope.postings("M"), posting.c.account == _SPENT, ~of_closing(), ~of_opening())
        .group_by(posting.c.seq)
        .subquery()
    )
    count, total = scope.conn.execute(
        select(func.count(), func.coalesce(func.sum(amounts.c.fen), 0)).select_from(amounts)
    ).one()
    largest = scope.conn.execute(
        select(amounts.c.seq, amounts.c.fen).order_by(amounts.c.fen.desc(), amounts.c.seq).limit(USES_SHOWN)
    ).all()
    leaves = leaves_of(scope.conn, scope.trust_id, [seq for seq, _ in largest])
    entries = tuple(named(leaves[seq], "M", int(fen)) for seq, fen in largest)
    return Uses(entries, int(count), int(total))


def maintenance_by_building(scope: Scope) -> MaintenanceFund:
    """Sub-accounts by building over the span, small buildings merged."""
    accounts = list_subaccounts(scope.conn, scope.trust_id, scope.clock, scope.span.first, limit=None)
    accounts = [account for account in accounts if any(getattr(account, name) for name in COLUMNS)]
    accounts.sort(key=lambda account: _order(account.building))
    rows = [
        building_row([building], list(group))
        for building, group in groupby(accounts, key=lambda account: account.building)
    ]
    income = account_totals(scope.conn, scope.trust_id, "M", UNDISTRIBUTED, scope.clock)
    return MaintenanceFund(tuple(merged(rows)), building_row([], accounts), -income.balance)


def building_row(buildings: Sequence[str], accounts: Sequence[SubAccount]) -> BuildingFund:
    """Sub-accounts added up."""
    sums = (sum(getattr(account, name) for account in accounts) for name in COLUMNS)
    return BuildingFund(tuple(buildings), len(accounts), *sums)


def merged(rows: Sequence[BuildingFund], least: int = LEAST) -> list[BuildingFund]:
    """No row of fewer than ``least`` households: small buildings become one row, the last.

    Should they not be enough together, the smallest other building joins them, so that nothing can be found
    by subtracting. A community that has too few in all shows no rows, only its total.
    """
    large = [row for row in rows if row.households >= least]
    small = [row for row in rows if row.households < least]
    while small and large and sum(row.households for row in small) < least:
        joins = min(large, key=lambda row: row.households)
        large.remove(joins)
        small.append(joins)
    if not small:
        return large
    together = _together(small)
    return [*large, together] if together.households >= least else []


def _together(rows: Sequence[BuildingFund]) -> BuildingFund:
    names = sorted((name for row in rows for name in row.buildings), key=_order)
    sums = (sum(getattr(row, name) for row in rows) for name in ("households", *COLUMNS))
    return BuildingFund(tuple(names), *sums)


def _order(building: str) -> tuple[int, str]:
    return (int(building), "") if building.isascii() and building.isdecimal() else (10**9, building)

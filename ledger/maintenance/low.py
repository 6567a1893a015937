"""First contributions (首期交存额) and who has too little left and must pay in again (续交)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from ledger.balances import Clock
from ledger.errors import Problem, Refused, refuse
from ledger.maintenance.contributions import ListRow
from ledger.maintenance.subaccounts import subaccount_balances
from ledger.people import Actor, require
from ledger.store.tables import maintenance_initial
from ledger.store.tables import unit as unit_table
from ledger.trust.act import Act
from ledger.trust.setup import Setup
from ledger.trust.units import units_on

LOW_PERCENT = "maintenance_low_percent"
_DEFAULT_PERCENT = 30
"""A sub-account below three tenths of the first contribution is to be filled up; a setting may say otherwise."""


def low_percent(setup: Setup, act: Act) -> int:
    """Below which part of the first contribution a sub-account is low, percent."""
    return int(setup.setting(LOW_PERCENT, act.today) or _DEFAULT_PERCENT)


@dataclass(frozen=True, slots=True)
class LowRow:
    """A unit that must pay in again; ``renewal`` brings it back to its first contribution. Fen."""

    unit: str
    building: str
    initial: int
    balance: int

    @property
    def renewal(self) -> int:
        """What to pay in."""
        return self.initial - self.balance


@dataclass(frozen=True, slots=True)
class LowList:
    """``rows`` of the page asked for; ``count`` and ``total`` (renewal, fen) are of all; ``unknown``:
    units whose first contribution is not on record, which nobody can judge."""

    rows: tuple[LowRow, ...]
    count: int
    total: int
    unknown: int
    percent: int


def is_low(balance: int, initial: int, percent: int) -> bool:
    """Whether a sub-account is below ``percent`` of the first contribution."""
    return balance * 100 < initial * percent


def low_list(
    conn: Connection, setup: Setup, clock: Clock, act: Act, *, after: str = "", limit: int | None = 100
) -> LowList:
    """Who must pay in again, in order of units. Three queries."""
    trust_id, percent = setup.trust_id, low_percent(setup, act)
    initial = initial_amounts(conn, trust_id)
    balances = subaccount_balances(conn, trust_id, clock)
    query = select(unit_table.c.unit, unit_table.c.building).where(unit_table.c.trust_id == trust_id)
    units = conn.execute(query.order_by(unit_table.c.unit)).all()
    low = [
        LowRow(unit, building, initial[unit], balances.get(unit, 0))
        for unit, building in units
        if unit in initial and is_low(balances.get(unit, 0), initial[unit], percent)
    ]
    page = [row for row in low if row.unit > after]
    return LowList(
        rows=tuple(page if limit is None else page[:limit]),
        count=len(low),
        total=sum(row.renewal for row in low),
        unknown=sum(unit not in initial for unit, _ in units),
        percent=percent,
    )


def initial_amounts(conn: Connection, trust_id: int) -> dict[str, int]:
    """First contributions in force by unit, fen."""
    query = (
        select(maintenance_initial.c.unit, maintenance_initial.c.amount)
        .where(maintenance_initial.c.trust_id == trust_id)
        .order_by(maintenance_initial.c.unit, maintenance_initial.c.version)
    )
    return dict(conn.execute(query).all())


def record_initial(
    conn: Connection, trust_id: int, rows: Sequence[ListRow], authority: str, actor: Actor, act: Act
) -> int:
    """Keep first contributions as a list gives them; returns how many were new or different.

    Raises :class:`~ledger.errors.Refused` with every faulty row.
    """
    require(actor, "maintenance.prepare")
    problems = [
        Problem("bad_row", "；".join(row.problems), f"第 {row.row} 行 {row.unit}".strip())
        for row in rows
        if row.problems
    ]
    if not authority.strip():
        problems.append(Problem("no_authority", "请写明首期交存标准的文件名称和文号", "依据"))
    if problems:
        raise Refused(problems)
    return _keep(conn, trust_id, {row.unit: row.fen or 0 for row in rows}, authority, actor, act)


def record_initial_by_rate(
    conn: Connection,
    trust_id: int,
    rate: int,
    use_kinds: Sequence[str],
    authority: str,
    actor: Actor,
    act: Act,
) -> int:
    """The same for all units of some uses: area times ``rate`` (fen per m²), half a fen up."""
    require(actor, "maintenance.prepare")
    if rate <= 0:
        raise refuse("no_rate", "每平方米交存标准应大于零", "标准")
    if not authority.strip():
        raise refuse("no_authority", "请写明首期交存标准的文件名称和文号", "依据")
    amounts = {
        unit.unit: (unit.area * rate + 50) // 100
        for unit in units_on(conn, trust_id, act.today)
        if unit.use_kind in use_kinds
    }
    if not amounts:
        raise refuse("no_units", "没有这类用途的房屋", "用途")
    return _keep(conn, trust_id, amounts, authority, actor, act)


def _keep(
    conn: Connection, trust_id: int, amounts: Mapping[str, int], authority: str, actor: Actor, act: Act
) -> int:
    known = initial_amounts(conn, trust_id)
    last = conn.execute(
        select(func.max(maintenance_initial.c.version)).where(maintenance_initial.c.trust_id == trust_id)
    ).scalar()
    changed = [
        {
            "trust_id": trust_id,
            "unit": unit,
            "version": (last or 0) + 1,
            "amount": fen,
            "authority": authority.strip(),
            "recorded_at": act.now,
            "recorded_by": actor.signature,
        }
        for unit, fen in sorted(amounts.items())
        if known.get(unit) != fen
    ]
    if changed:
        conn.execute(insert(maintenance_initial), changed)
    return len(changed)

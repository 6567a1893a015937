"""Interest and other yields: received without households (E23b), distributed to them later (E23g).

What came in over a year lies in 3101 (待分配累计收益) after the close. It is distributed by the days
money lay in each sub-account, by what lay there on one day, or by area, as the community decided
(setting ``maintenance_distribution``); integers throughout, largest remainder, the sum exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import Connection

from ledger.balances import resolve_clock
from ledger.errors import refuse
from ledger.journal import Detail, Document, Draft, Line
from ledger.maintenance.cash import CashIn
from ledger.maintenance.keys import next_key
from ledger.maintenance.pending import pending_work
from ledger.maintenance.subaccounts import daily_movements, fund_position
from ledger.money import format_yuan, split_largest_remainder
from ledger.trust.act import Act
from ledger.trust.setup import Setup
from ledger.trust.units import units_on
from ledger.work import Work

INTEREST, DISTRIBUTION = "maintenance_interest", "maintenance_distribution"
Basis = Literal["average_daily", "balance_on_day", "area"]
BASIS_NAMES: dict[str, str] = {
    "average_daily": "按日均余额",
    "balance_on_day": "按某日余额",
    "area": "按专有部分面积",
}
SETTING = "maintenance_distribution"
SOURCES = {"4101": "存款利息", "4102": "国债利息"}


def interest_work(conn: Connection, trust_id: int, cash: CashIn, account: str) -> Work:
    """Interest has come in; whose it is will be decided when it is distributed."""
    if account not in SOURCES:
        raise refuse("unknown_source", "请选择是存款利息还是国债利息", "利息种类")
    draft = Draft(
        book="M",
        date=cash.on,
        event="E23b",
        summary=f"维修资金{SOURCES[account]}",
        lines=(cash.line, Line(account, "M", "C", cash.fen)),
        preparer="",
        reviewer="",
        key=cash.key if cash.links else next_key(conn, trust_id, f"maintenance:interest:{cash.key}"),
        documents=(cash.document,),
    )
    return Work(kind=INTEREST, title=draft.summary, drafts=(draft,), links=cash.links)


@dataclass(frozen=True, slots=True)
class Distribution:
    """Who gets what of ``fen``. ``weights`` are fen·days, fen, or 0.01 m², by ``basis``."""

    fen: int
    basis: Basis
    since: date
    until: date
    shares: dict[str, int]
    weights: dict[str, int]


def basis_in_force(setup: Setup, on: date) -> Basis:
    """What the community decided. Raises :class:`~ledger.errors.Refused` if it has not."""
    basis: Basis | None = setup.setting(SETTING, on)
    if basis not in BASIS_NAMES:
        raise refuse(
            "no_distribution_rule",
            "还没有登记收益分配办法（按日均余额、按某日余额或按面积），请先登记",
            "分配办法",
        )
    return basis


def plan_distribution(
    conn: Connection, setup: Setup, fen: int, since: date, until: date, act: Act
) -> Distribution:
    """Split ``fen`` of 3101 by the rule in force; ``since`` and ``until`` are both counted.

    By a day's balance it is the end of ``until``. Nobody whose sub-account is nil or negative gets any.
    Raises :class:`~ledger.errors.Refused` for more than there is to distribute.
    """
    trust_id = setup.trust_id
    if not since <= until <= act.today:
        raise refuse("bad_span", "分配期间的起止日期不对，止日不能晚于今天", "分配期间")
    basis = basis_in_force(setup, until)
    position = fund_position(conn, trust_id, resolve_clock(conn, trust_id, today=act.today))
    free = position.undistributed + pending_work(conn, trust_id, (DISTRIBUTION,)).undistributed
    if not 0 < fen <= free:
        raise refuse(
            "nothing_to_distribute",
            f"可分配收益为 {format_yuan(free)} 元，分配金额应大于零且不超过它",
            "金额",
        )
    if basis == "area":
        weights = {unit.unit: unit.area for unit in units_on(conn, trust_id, until)}
    else:
        clock = resolve_clock(conn, trust_id, today=act.today, as_of=until)
        moved = daily_movements(conn, trust_id, clock)
        first = since if basis == "average_daily" else until
        weights = {unit: money_days(days, first, until) for unit, days in moved.items()}
    weights = {unit: weight for unit, weight in weights.items() if weight > 0}
    if not weights:
        raise refuse("nobody_to_distribute_to", "这段时间没有户分账有余额，无法分配", "分配期间")
    parts = split_largest_remainder(fen, list(weights.values()))
    return Distribution(fen, basis, since, until, dict(zip(weights, parts, strict=True)), weights)


def money_days(movements: Sequence[tuple[date, int]], since: date, until: date) -> int:
    """The sum of a sub-account's balances at the end of each day from ``since`` to ``until``, fen·days.

    Divided by the number of days it would be the average daily balance; as all are divided by the same
    number, the shares are the same. Days overdrawn count against the others; never below nothing.
    """
    whole = (until - since).days + 1
    total = sum(fen * min(whole, (until - day).days + 1) for day, fen in movements if day <= until)
    return max(0, total)


def distribution_work(conn: Connection, trust_id: int, plan: Distribution, on: date) -> Work:
    """Give the yields to the sub-accounts (E23g)."""
    name = BASIS_NAMES[plan.basis]
    details = tuple(Detail(unit, fen, f"收益分配，{name}") for unit, fen in plan.shares.items() if fen)
    span = f"{plan.since:%Y%m%d}-{plan.until:%Y%m%d}"
    draft = Draft(
        book="M",
        date=on,
        event="E23g",
        summary=f"维修资金收益{name}分配到户（{len(details)} 户）",
        lines=(
            Line("3101", "M", "D", plan.fen),
            Line("3001", "M", "C", plan.fen, details=details),
        ),
        preparer="",
        reviewer="",
        key=next_key(conn, trust_id, f"maintenance:distribution:{span}:{plan.fen}"),
        documents=(Document("apportionment", f"收益分配清册（{name}，{len(details)} 户）"),),
    )
    return Work(kind=DISTRIBUTION, title=draft.summary, drafts=(draft,))


def year_before(today: date) -> tuple[date, date]:
    """The calendar year that is over: what yields are usually distributed for."""
    first = date(today.year - 1, 1, 1)
    return first, date(today.year, 1, 1) - timedelta(days=1)

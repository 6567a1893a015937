"""How the equipment in common use stands today: what its checks are worth, and when its upkeep is due."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from ledger.registers.read import Row, rows_of
from ledger.registers.value import EQUIPMENT_KINDS, Equipment, Paper

SOON = 30
"""So many days before a check runs out, people are reminded."""
CONDITIONS = {"late": "已过期", "none": "没有检验记录", "soon": "快到期", "good": "有效"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of equipment. ``check``: the one that is good longest; ``state``: one of :data:`CONDITIONS`;
    ``upkeep_due``: the last day for the next upkeep, None if that is not kept track of."""

    row: Row[Equipment]
    check: Row[Paper] | None
    state: str
    days: int
    upkept_on: date | None
    upkeep_due: date | None

    @property
    def title(self) -> str:
        """What it is called."""
        return self.row.body.title

    @property
    def kind_name(self) -> str:
        """What kind it is of."""
        return EQUIPMENT_KINDS[self.row.body.kind]

    @property
    def good_until(self) -> date | None:
        """The last day of its check."""
        return self.check.body.good_until if self.check else None

    @property
    def state_name(self) -> str:
        """In words, with the days."""
        if self.state == "late":
            return f"已过期 {self.days} 天"
        return f"还有 {self.days} 天到期" if self.state == "soon" else CONDITIONS[self.state]

    def upkeep_late(self, today: date) -> int:
        """How many days upkeep is late."""
        return max(0, (today - self.upkeep_due).days) if self.upkeep_due else 0


def conditions(conn: Connection, trust_id: int, today: date) -> list[Condition]:
    """All equipment, what needs something done first; two queries."""
    papers: dict[tuple[int, str], list[Row[Paper]]] = defaultdict(list)
    for paper in rows_of(conn, trust_id, Paper):
        papers[paper.body.equipment, paper.body.kind].append(paper)
    found = [
        _condition(row, papers[row.no, "check"], papers[row.no, "upkeep"], today)
        for row in rows_of(conn, trust_id, Equipment)
    ]
    order = list(CONDITIONS)
    return sorted(found, key=lambda one: (order.index(one.state), one.good_until or date.min, one.row.no))


def _condition(
    row: Row[Equipment], checks: list[Row[Paper]], upkeep: list[Row[Paper]], today: date
) -> Condition:
    check = max(checks, key=lambda paper: paper.body.good_until or date.min, default=None)
    until = check.body.good_until if check else None
    left = (until - today).days if until else 0
    state = "none" if until is None else "late" if left < 0 else "soon" if left <= SOON else "good"
    upkept_on = max((paper.on for paper in upkeep), default=None)
    every = timedelta(days=row.body.upkeep_days)
    due = (upkept_on or row.since) + every if every else None
    return Condition(row, check, state, abs(left), upkept_on, due)

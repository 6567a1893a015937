"""What was found on the spot. Points that the trustee itself found cost nothing as long as they are put right in
time: only what those who score found by spot checks (抽检) counts as it was found, and who has ties to the trustee does
not score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection, select

from ledger.evaluation.measures import Window
from ledger.evaluation.score import Found, Item
from ledger.registers.inspections import BODY_NAMES, unsound
from ledger.registers.read import Row, rows_during
from ledger.registers.value import AREAS, Checklist
from ledger.store.tables import inspection, inspection_point
from ledger.trust.act import BEIJING

_TRUSTEE = "trustee"
_PATROLLED = ("order", "fire")
_HAZARDS = ("order", "fire", "facility")
_TOLD_WITHIN = timedelta(days=3)
"""A phone may be without a network so long; a round that the trustee registers later is no proof of one."""


def patrols_missed(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Stretches of so many days, by the trustee's checklists for order and fire lanes, with nobody going round."""
    lists = [
        (row, replace(window, last=until))
        for row, until in rows_during(conn, trust_id, Checklist, window.first, window.last, window.moment)
        if row.body.every_days and any(point.area in _PATROLLED for point in row.body.points)
    ]
    if not lists:
        return None
    held = _rounds(conn, trust_id, window)
    items = []
    for row, used in lists:
        missed = _missed(row, held.get(row.no, set()), used)
        if missed:
            what = f"“{row.body.title}”漏巡 {len(missed)} 次"
            items.append(Item(missed[0], what, len(missed), "/registers#inspections"))
    return Found(tuple(items))


def hazards_overdue(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Points of order, fire lanes and equipment, whoever found them, that were overdue on any day of the window."""
    i = inspection.c
    held = select(i.no).where(i.trust_id == trust_id, i.recorded_at < window.moment, i.held_on <= window.last)
    if conn.execute(held.limit(1)).first() is None:
        return None
    items = []
    for one in unsound(conn, trust_id, recorded_before=window.moment, last=window.last):
        point = one.point
        if point.area not in _HAZARDS or point.fix_by is None:
            continue
        begun = max(point.fix_by + timedelta(days=1), window.first)
        if begun <= window.last and (point.fixed_on is None or point.fixed_on >= begun):
            what = f"第 {one.inspection.no} 号检查：{point.what}，{point.fix_by} 前应整改，逾期"
            items.append(Item(begun, what, 1, f"/registers/inspections/{one.inspection.no}"))
    return Found(tuple(sorted(items)))


def lanes_blocked(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Points of fire lanes that were not in order."""
    return _spots(conn, trust_id, window, "fire")


def dirty_points(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Points of cleanliness that were not in order."""
    return _spots(conn, trust_id, window, "clean")


def rubbish_left(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Points of rubbish that were not in order."""
    return _spots(conn, trust_id, window, "rubbish")


def bare_points(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Points of the green that were not in order."""
    return _spots(conn, trust_id, window, "green")


def _spots(conn: Connection, trust_id: int, window: Window, area: str) -> Found | None:
    """Points of an area that spot checks found out of order; None if none looked at any."""
    i, p = inspection.c, inspection_point.c
    query = (
        select(i.no, i.body, i.held_on, i.person, p.what, p.ok)
        .join(inspection_point, (p.trust_id == i.trust_id) & (p.no == i.no))
        .where(
            i.trust_id == trust_id,
            i.body != _TRUSTEE,
            i.held_on.between(window.first, window.last),
            i.recorded_at < window.moment,
            p.area == area,
        )
    )
    looked = [row for row in conn.execute(query) if row.person not in window.recused]
    items = (
        Item(
            row.held_on,
            f"第 {row.no} 号检查（{BODY_NAMES[row.body]}）：{row.what}不合格，{AREAS[area]}",
            1,
            f"/registers/inspections/{row.no}",
        )
        for row in looked
        if not row.ok
    )
    return Found(tuple(sorted(items))) if looked else None


def _rounds(conn: Connection, trust_id: int, window: Window) -> dict[int, set[date]]:
    """The days on which the trustee went through each checklist, as far as it said so soon."""
    i = inspection.c
    rows = conn.execute(
        select(i.checklist, i.held_on, i.recorded_at).where(
            i.trust_id == trust_id,
            i.body == _TRUSTEE,
            i.held_on.between(window.first, window.last),
            i.recorded_at < window.moment,
        )
    )
    found: dict[int, set[date]] = {}
    for checklist, day, recorded_at in rows:
        if recorded_at.astimezone(BEIJING).date() - day > _TOLD_WITHIN:
            continue
        found.setdefault(checklist, set()).add(day)
    return found


def _missed(row: Row[Checklist], days: set[date], window: Window) -> list[date]:
    """The first days of whole stretches without a round."""
    begin, every = max(row.since, window.first), row.body.every_days
    missed = []
    while begin + timedelta(days=every - 1) <= window.last:
        stretch = [begin + timedelta(days=no) for no in range(every)]
        if not days.intersection(stretch):
            missed.append(begin)
        begin += timedelta(days=every)
    return missed

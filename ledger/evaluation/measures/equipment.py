"""What the papers of the equipment in common use say: checks that ran out, upkeep that has no record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection

from ledger.evaluation.measures import Window
from ledger.evaluation.score import Found, Item
from ledger.registers.read import Row, rows_during, rows_of
from ledger.registers.value import Equipment, Paper

_PAGE = "/registers#equipment"
_DAY = timedelta(days=1)


def lifts_overdue(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Lifts without a valid check on any day of the window."""
    return _unchecked(conn, trust_id, window, "lift", "没有有效的检验")


def water_untested(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Tanks of the secondary water supply without a valid test on any day of the window."""
    return _unchecked(conn, trust_id, window, "water", "没有有效的水质检测")


def fire_unchecked(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Fire fighting equipment without a valid check on any day of the window."""
    return _unchecked(conn, trust_id, window, "fire", "没有有效的检测")


def upkeep_missing(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Upkeep that should have been done within the window, and has no record."""
    equipment = [one for one in _equipment(conn, trust_id, window) if one[0].body.upkeep_days]
    if not equipment:
        return None
    papers = _papers(conn, trust_id, window, "upkeep")
    items = []
    for row, used in equipment:
        days = [paper.on for paper in papers[row.no]]
        missed = list(_missed(row.since, days, timedelta(days=row.body.upkeep_days), used))
        if missed:
            what = f"{row.body.title}：缺 {len(missed)} 次维保记录"
            items.append(Item(missed[0], what, len(missed), _PAGE))
    return Found(tuple(items))


def uncovered(begun: date, checks: Sequence[tuple[date, date]], last: date) -> date | None:
    """The first day from ``begun`` through ``last`` that no check (made on, good until) covers."""
    need = begun
    for made_on, good_until in sorted(checks):
        if made_on > need:
            break
        need = max(need, good_until + _DAY)
    return need if need <= last else None


def _unchecked(conn: Connection, trust_id: int, window: Window, kind: str, what: str) -> Found | None:
    equipment = [one for one in _equipment(conn, trust_id, window) if one[0].body.kind == kind]
    if not equipment:
        return None
    papers = _papers(conn, trust_id, window, "check")
    items = []
    for row, used in equipment:
        checks = [(paper.on, paper.body.good_until or paper.on) for paper in papers[row.no]]
        day = uncovered(max(row.since, window.first), checks, used.last)
        if day is not None:
            items.append(Item(day, f"{row.body.title}从 {day} 起{what}", 1, _PAGE))
    return Found(tuple(items))


def _equipment(conn: Connection, trust_id: int, window: Window) -> list[tuple[Row[Equipment], Window]]:
    """What was in use on any day of the window, each with the days of it."""
    rows = rows_during(conn, trust_id, Equipment, window.first, window.last, window.moment)
    return [(row, replace(window, last=until)) for row, until in rows]


def _papers(conn: Connection, trust_id: int, window: Window, kind: str) -> dict[int, list[Row[Paper]]]:
    found: dict[int, list[Row[Paper]]] = defaultdict(list)
    for row in rows_of(conn, trust_id, Paper, before=window.moment, last=window.last):
        if row.body.kind == kind:
            found[row.body.equipment].append(row)
    return found


def _missed(begun: date, days: Sequence[date], every: timedelta, window: Window) -> Iterator[date]:
    """The last days, within the window, by which upkeep should have been done and was not."""
    due = begun + every
    for day in (*sorted(day for day in days if day >= begun), window.last + _DAY):
        while due < day:
            if window.first <= due <= window.last:
                yield due
            due += every
        due = day + every

"""What everybody may know of the registers: counts, dates and whether something exists. Nothing about a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, Integer, cast, func, select

from ledger.registers.condition import Condition, conditions
from ledger.registers.inspections import open_points
from ledger.registers.read import Row, rows_of
from ledger.registers.value import (
    ACTIVITY_KINDS,
    Activity,
    Institution,
    Plan,
    Posts,
    Safeguard,
    Sync,
    hours_text,
)
from ledger.store.tables import inspection, inspection_fix, inspection_point, register_row

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class ActivityCount:
    """Activities of a kind in a year; ``planned`` 0 without a plan."""

    kind: str
    planned: int
    held: int
    people: int
    minutes: int

    @property
    def title(self) -> str:
        """What kind."""
        return ACTIVITY_KINDS[self.kind]

    @property
    def hours(self) -> str:
        """Hours with a half where so."""
        return hours_text(self.minutes)


@dataclass(frozen=True, slots=True)
class InspectionCount:
    """Inspections of the last twelve months: by whom, how often, points looked at and not in order."""

    body: str
    held: int
    points: int
    bad: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The public page. ``open_points``: to be put right, ``overdue`` of them too late."""

    year: int
    sync: list[Row[Sync]]
    posts: list[Row[Posts]]
    activities: list[ActivityCount]
    safeguards: list[Row[Safeguard]]
    institutions: list[Row[Institution]]
    equipment: list[Condition]
    inspections: list[InspectionCount]
    open_points: int
    overdue: int

    @property
    def empty(self) -> bool:
        """Whether nothing was ever registered."""
        return not any(
            (
                self.sync,
                self.posts,
                self.activities,
                self.safeguards,
                self.institutions,
                self.equipment,
                self.inspections,
            )
        )


def counts(conn: Connection, trust_id: int, today: date) -> Counts:
    """All of it; a steady number of queries."""
    waiting = open_points(conn, trust_id)
    return Counts(
        today.year,
        rows_of(conn, trust_id, Sync),
        rows_of(conn, trust_id, Posts),
        _activities(conn, trust_id, today.year),
        _safeguards(rows_of(conn, trust_id, Safeguard)),
        rows_of(conn, trust_id, Institution),
        conditions(conn, trust_id, today),
        _inspections(conn, trust_id, today - YEAR),
        len(waiting),
        sum(one.point.overdue_days(today) > 0 for one in waiting),
    )


def registers_state(conn: Connection, trust_id: int) -> tuple[int, int, int]:
    """Changes whenever anything is registered."""
    one, two, three = (
        conn.execute(select(func.count()).select_from(table).where(table.c.trust_id == trust_id)).scalar_one()
        for table in (register_row, inspection, inspection_fix)
    )
    return int(one), int(two), int(three)


def _activities(conn: Connection, trust_id: int, year: int) -> list[ActivityCount]:
    plans = {row.body.kind: row.body.times for row in rows_of(conn, trust_id, Plan) if row.body.year == year}
    rows = rows_of(conn, trust_id, Activity, first=date(year, 1, 1), last=date(year, 12, 31))
    found = []
    for kind in ACTIVITY_KINDS:
        mine = [row.body for row in rows if row.body.kind == kind]
        if mine or kind in plans:
            people, minutes = sum(one.people for one in mine), sum(one.minutes for one in mine)
            found.append(ActivityCount(kind, plans.get(kind, 0), len(mine), people, minutes))
    return found


def _safeguards(rows: Iterable[Row[Safeguard]]) -> list[Row[Safeguard]]:
    """Lists and plans, and of the drills the newest."""
    drills = [row for row in rows if row.body.kind == "drill"]
    return [row for row in rows if row.body.kind != "drill"] + sorted(drills, key=lambda row: row.on)[-1:]


def _inspections(conn: Connection, trust_id: int, since: date) -> list[InspectionCount]:
    i, p = inspection.c, inspection_point.c
    query = (
        select(
            i.body,
            func.count(i.no.distinct()).label("held"),
            func.count().label("points"),
            func.sum(cast(~p.ok, Integer)).label("bad"),
        )
        .join(inspection_point, (p.trust_id == i.trust_id) & (p.no == i.no))
        .where(i.trust_id == trust_id, i.held_on > since)
        .group_by(i.body)
        .order_by(i.body)
    )
    return [InspectionCount(row.body, row.held, row.points, row.bad or 0) for row in conn.execute(query)]

"""Inspections as they were registered, and what of them is still to be put right."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select

from ledger.documents import INTERNAL, PUBLIC, Location, read_document
from ledger.errors import Unanswerable
from ledger.store.tables import inspection, inspection_fix, inspection_point

BODY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "trustee": "受托人巡查",
        "committee": "业主委员会抽检",
        "party": "社区党组织抽检",
        "supervisor": "监督人抽检",
    }
)
_MOST_NUMBER = 2**31


@dataclass(frozen=True, slots=True)
class FixStep:
    """A step towards putting a point right."""

    step: int
    state: str
    words: str
    redacted: str
    on: date
    signature: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class PointFound:
    """A point as it was found. ``redacted``: SHA-256 of the picture's copy, '' for none."""

    place: int
    area: str
    what: str
    ok: bool
    words: str
    redacted: str
    fix_by: date | None
    fixes: tuple[FixStep, ...]

    @property
    def fixed_on(self) -> date | None:
        """The day it was put right; None while it is not."""
        return self.fixes[-1].on if self.fixes and self.fixes[-1].state == "done" else None

    def overdue_days(self, today: date) -> int:
        """How many days it should have been put right ago."""
        if self.ok or self.fix_by is None or self.fixed_on is not None:
            return 0
        return max(0, (today - self.fix_by).days)


@dataclass(frozen=True, slots=True)
class Inspection:
    """One time that somebody went through a checklist."""

    no: int
    checklist: int
    version: int
    title: str
    body: str
    held_on: date
    person: str
    signature: str
    recorded_at: datetime
    points: tuple[PointFound, ...]

    @property
    def body_name(self) -> str:
        """Who went round, as people say."""
        return BODY_NAMES[self.body]

    @property
    def bad(self) -> int:
        """Points that were not in order."""
        return sum(not point.ok for point in self.points)

    @property
    def open(self) -> int:
        """Of them those that still are not."""
        return sum(not point.ok and point.fixed_on is None for point in self.points)


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """A point that still has to be put right."""

    inspection: Inspection
    point: PointFound


def list_inspections(
    conn: Connection, trust_id: int, *, before: int | None = None, limit: int = 50
) -> list[Inspection]:
    """Inspections, the newest first; ``before``: the number of the last one seen. Three queries."""
    i = inspection.c
    query = select(inspection).where(i.trust_id == trust_id).order_by(i.no.desc()).limit(limit)
    if before is not None:
        query = query.where(i.no < before)
    return _with_points(conn, trust_id, conn.execute(query).all(), None, None)


def read_inspection(conn: Connection, trust_id: int, no: int) -> Inspection:
    """One of them. Raises :class:`~ledger.errors.Unanswerable`."""
    query = select(inspection).where(inspection.c.trust_id == trust_id, inspection.c.no == no)
    rows = conn.execute(query).all() if 0 < no < _MOST_NUMBER else []
    if not rows:
        raise Unanswerable("unknown_inspection", f"没有第 {no} 号检查，请核对编号")
    return _with_points(conn, trust_id, rows, None, None)[0]


def open_points(
    conn: Connection, trust_id: int, *, recorded_before: datetime | None = None, last: date | None = None
) -> list[OpenPoint]:
    """Points to be put right (as far as was done by ``last``), those due first."""
    now = recorded_before is None and last is None
    found = unsound(conn, trust_id, recorded_before=recorded_before, last=last, still=now)
    waiting = [one for one in found if one.point.fixed_on is None]
    return sorted(waiting, key=lambda one: (one.point.fix_by or date.max, one.inspection.no, one.point.place))


def unsound(
    conn: Connection,
    trust_id: int,
    *,
    recorded_before: datetime | None = None,
    last: date | None = None,
    still: bool = False,
) -> list[OpenPoint]:
    """Every point that was not in order, the newest first. ``still``: of inspections with one that is not put
    right by now."""
    p = inspection_point.c
    bad = select(p.no).where(p.trust_id == trust_id, ~p.ok)
    if still:
        bad = bad.where(~_put_right())
    query = (
        select(inspection)
        .where(inspection.c.trust_id == trust_id, inspection.c.no.in_(bad))
        .order_by(inspection.c.no.desc())
    )
    if recorded_before is not None:
        query = query.where(inspection.c.recorded_at < recorded_before)
    if last is not None:
        query = query.where(inspection.c.held_on <= last)
    rows = conn.execute(query).all()
    found = _with_points(conn, trust_id, rows, recorded_before, last)
    return [OpenPoint(one, point) for one in found for point in one.points if not point.ok]


def _put_right() -> ColumnElement[bool]:
    """Whether the newest step about a point says that it was."""
    f, p, later = inspection_fix.c, inspection_point.c, inspection_fix.alias()
    newer = exists().where(
        later.c.trust_id == f.trust_id,
        later.c.no == f.no,
        later.c.place == f.place,
        later.c.step > f.step,
    )
    return exists().where(
        f.trust_id == p.trust_id, f.no == p.no, f.place == p.place, f.state == "done", ~newer
    )


def read_point_picture(
    conn: Connection, trust_id: int, location: Location, no: int, place: int, step: int
) -> tuple[bytes, str]:
    """Bytes and media type of the picture of a point (step 0) or of one of its fixes, without metadata.

    Raises :class:`~ledger.errors.Unanswerable`.
    """
    table = inspection_fix if step else inspection_point
    query = select(table.c.redacted).where(
        table.c.trust_id == trust_id, table.c.no == no, table.c.place == place, table.c.redacted != ""
    )
    if step:
        query = query.where(inspection_fix.c.step == step)
    inside = all(0 <= number < _MOST_NUMBER for number in (no, place, step))
    digest = conn.execute(query).scalar() if inside else None
    if digest is None:
        raise Unanswerable("unknown_picture", "没有这张图片")
    return read_document(conn, trust_id, location, digest, (INTERNAL, PUBLIC))


def _with_points(
    conn: Connection, trust_id: int, rows: Collection[Any], before: datetime | None, last: date | None
) -> list[Inspection]:
    nos = [row.no for row in rows]
    fixes: dict[tuple[int, int], list[FixStep]] = {}
    f, p = inspection_fix.c, inspection_point.c
    done = select(inspection_fix).where(f.trust_id == trust_id, f.no.in_(nos)).order_by(f.no, f.place, f.step)
    if before is not None:
        done = done.where(f.recorded_at < before)
    if last is not None:
        done = done.where(f.acted_on <= last)
    for row in conn.execute(done) if nos else ():
        step = FixStep(
            row.step, row.state, row.words, row.redacted, row.acted_on, row.signature, row.recorded_at
        )
        fixes.setdefault((row.no, row.place), []).append(step)
    points: dict[int, list[PointFound]] = {no: [] for no in nos}
    asked = select(inspection_point).where(p.trust_id == trust_id, p.no.in_(nos)).order_by(p.no, p.place)
    for row in conn.execute(asked) if nos else ():
        taken = tuple(fixes.get((row.no, row.place), ()))
        points[row.no].append(
            PointFound(row.place, row.area, row.what, row.ok, row.words, row.redacted, row.fix_by, taken)
        )
    return [
        Inspection(
            row.no,
            row.checklist,
            row.version,
            row.title,
            row.body,
            row.held_on,
            row.person,
            row.signature,
            row.recorded_at,
            tuple(points[row.no]),
        )
        for row in rows
    ]

"""Parking spaces: which unit has which space, from a day on. Number plates are not kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ledger.billing.standard import known_units
from ledger.errors import refuse
from ledger.journal.head import lock_head
from ledger.people import Actor
from ledger.store.tables import parking_space
from ledger.trust.act import Act


@dataclass(frozen=True, slots=True)
class Space:
    """A parking space held by a unit from a day on; no unit: given back that day."""

    space: str
    unit: str
    kind: str
    effective_on: date


def assign_space(conn: Connection, trust_id: int, asked: Space, actor: Actor, act: Act) -> None:
    """Record who has a space from a day on. Raises :class:`~ledger.errors.Refused`."""
    lock_head(conn, trust_id)
    if not asked.space.strip() or not asked.kind.strip():
        raise refuse("no_space", "请填写车位编号和车位类别", "车位")
    if asked.unit and asked.unit not in known_units(conn, trust_id, [asked.unit]):
        raise refuse("unknown_unit", f"没有登记过房号“{asked.unit}”", "房号")
    here = (
        parking_space.c.trust_id == trust_id,
        parking_space.c.space == asked.space,
        parking_space.c.effective_on == asked.effective_on,
    )
    version = conn.execute(select(func.coalesce(func.max(parking_space.c.version), 0)).where(*here)).scalar()
    conn.execute(
        insert(parking_space).values(
            trust_id=trust_id,
            space=asked.space,
            effective_on=asked.effective_on,
            version=int(version or 0) + 1,
            unit=asked.unit,
            kind=asked.kind,
            recorded_by=actor.signature,
            recorded_at=act.now,
        )
    )


def space_history(conn: Connection, trust_id: int, until: date) -> dict[str, list[Space]]:
    """Every space with its holders up to a day, oldest first; of one day the newest record."""
    rows: Any = conn.execute(
        select(parking_space)
        .where(parking_space.c.trust_id == trust_id, parking_space.c.effective_on <= until)
        .order_by(parking_space.c.space, parking_space.c.effective_on, parking_space.c.version)
    )
    found: dict[str, list[Space]] = {}
    for row in rows:
        held = found.setdefault(row.space, [])
        if held and held[-1].effective_on == row.effective_on:
            held.pop()
        held.append(Space(row.space, row.unit, row.kind, row.effective_on))
    return found


def spaces_on(conn: Connection, trust_id: int, day: date) -> list[Space]:
    """The spaces that are held on a day."""
    newest = (history[-1] for history in space_history(conn, trust_id, day).values())
    return [space for space in newest if space.unit]

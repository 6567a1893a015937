"""Meter readings of households (抄表): previous and current, in 0.01 of what the meter counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ledger.billing.items import find_item
from ledger.billing.standard import known_units
from ledger.errors import Problem, Refused, refuse
from ledger.journal.head import lock_head
from ledger.money import plain_yuan
from ledger.people import Actor
from ledger.periods.calendar import first_day, period_name
from ledger.store.tables import meter_reading
from ledger.trust.act import Act

_ABSURD = 100_000_00
"""More than 100,000 units in a month: a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One meter in one month. ``note`` is needed when the meter was exchanged (换表)."""

    unit: str
    previous: int
    current: int
    read_on: date
    note: str = ""

    @property
    def used(self) -> int:
        """What was used, in 0.01."""
        return self.current - self.previous


def readings_of(conn: Connection, trust_id: int, item: str, period: int) -> dict[str, Reading]:
    """The readings of a month by unit, the newest version of each."""
    rows: Any = conn.execute(
        select(meter_reading)
        .where(
            meter_reading.c.trust_id == trust_id,
            meter_reading.c.item == item,
            meter_reading.c.period == period,
        )
        .order_by(meter_reading.c.unit, meter_reading.c.version)
    )
    return {row.unit: Reading(row.unit, row.previous, row.current, row.read_on, row.note) for row in rows}


def last_readings(conn: Connection, trust_id: int, item: str, before: int) -> dict[str, int]:
    """Where each meter stood after the last month read before ``before``."""
    last = (
        select(meter_reading.c.unit, func.max(meter_reading.c.period).label("period"))
        .where(
            meter_reading.c.trust_id == trust_id,
            meter_reading.c.item == item,
            meter_reading.c.period < before,
        )
        .group_by(meter_reading.c.unit)
        .subquery()
    )
    rows = conn.execute(
        select(meter_reading.c.unit, meter_reading.c.current)
        .join(last, (last.c.unit == meter_reading.c.unit) & (last.c.period == meter_reading.c.period))
        .where(meter_reading.c.trust_id == trust_id, meter_reading.c.item == item)
        .order_by(meter_reading.c.unit, meter_reading.c.version)
    )
    return dict(rows.all())


def check_readings(
    readings: Sequence[tuple[str, Reading]], last: Mapping[str, int], known: set[str]
) -> Iterator[Problem]:
    """What is wrong with readings; each comes with the name of its place, such as a row of a sheet."""
    seen: dict[str, str] = {}
    for where, reading in readings:
        if reading.unit not in known:
            yield Problem("unknown_unit", f"没有登记过房号“{reading.unit}”", where)
        if reading.unit in seen:
            yield Problem("twice", f"房号“{reading.unit}”已在{seen[reading.unit]}出现过", where)
        seen.setdefault(reading.unit, where)
        if reading.previous < 0:
            yield Problem("negative", "读数不能是负数", where)
        if reading.current < reading.previous:
            yield Problem(
                "runs_backward",
                f"本次读数 {plain_yuan(reading.current)} 小于上次读数 {plain_yuan(reading.previous)}；换表的请拆成新表读数并写明",
                where,
            )
        elif reading.used > _ABSURD:
            yield Problem("absurd", f"用量 {plain_yuan(reading.used)} 大得不合常理，请核对", where)
        stood = last.get(reading.unit)
        if stood is not None and stood != reading.previous and not reading.note.strip():
            yield Problem(
                "does_not_continue",
                f"上次读数应为 {plain_yuan(stood)}（上期抄表），填的是 {plain_yuan(reading.previous)}；换过表请在备注写明",
                where,
            )


def record_readings(
    conn: Connection,
    trust_id: int,
    item: str,
    period: int,
    readings: Sequence[tuple[str, Reading]],
    actor: Actor,
    act: Act,
) -> int:
    """Record the readings of a month, all or none; a unit read before gets a new version.

    Each reading comes with the name of its place for the messages. Returns how many differ from what was
    recorded. Raises :class:`~ledger.errors.Refused` with every problem.
    """
    lock_head(conn, trust_id)
    _refuse_other(item, period, act)
    known = known_units(conn, trust_id, [reading.unit for _, reading in readings])
    last = last_readings(conn, trust_id, item, period)
    if problems := list(check_readings(readings, last, known)):
        raise Refused(problems)
    versions = _versions(conn, trust_id, item, period)
    before = readings_of(conn, trust_id, item, period)
    rows = [
        {
            "trust_id": trust_id,
            "item": item,
            "period": period,
            "unit": reading.unit,
            "version": versions.get(reading.unit, 0) + 1,
            "previous": reading.previous,
            "current": reading.current,
            "read_on": reading.read_on,
            "note": reading.note,
            "recorded_by": actor.signature,
            "recorded_at": act.now,
        }
        for _, reading in readings
        if before.get(reading.unit) != reading
    ]
    if rows:
        conn.execute(insert(meter_reading), rows)
    return len(rows)


def _refuse_other(item: str, period: int, act: Act) -> None:
    kind = find_item(item)
    if "meter" not in kind.methods:
        raise refuse("not_metered", f"{kind.title}不按表计量", "收费项目")
    if first_day(period) > act.today:
        raise refuse("future_month", f"{period_name(period)}还没到，不能录入读数", "月份")


def _versions(conn: Connection, trust_id: int, item: str, period: int) -> dict[str, int]:
    rows = conn.execute(
        select(meter_reading.c.unit, func.max(meter_reading.c.version))
        .where(
            meter_reading.c.trust_id == trust_id,
            meter_reading.c.item == item,
            meter_reading.c.period == period,
        )
        .group_by(meter_reading.c.unit)
    )
    return dict(rows.all())

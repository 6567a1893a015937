"""Who or what is charged in a month: units by their area, parking spaces, meters that were read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from ledger.billing.items import Item
from ledger.billing.parking import space_history
from ledger.billing.readings import readings_of
from ledger.money import plain_yuan
from ledger.periods.calendar import first_day, last_day
from ledger.store.tables import title, unit, unit_version

_ONE = 100
"""A quantity of 1.00."""


@dataclass(frozen=True, slots=True)
class State:
    """What holds from a day on. ``quantity`` in 0.01 (m², units of a meter, 1.00 for a unit or space);
    ``basis`` is how it reads on a bill, before the price."""

    since: date
    unit: str
    building: str
    use_kind: str
    quantity: int
    basis: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing charged, with its states from early to late and the days the home changed hands.

    A state without a unit means that nobody is charged from then on.
    """

    states: tuple[State, ...]
    transfers: tuple[date, ...] = ()

    def state_on(self, day: date) -> State | None:
        """What holds on a day, if anything."""
        held = None
        for state in self.states:
            if state.since <= day:
                held = state
        return held if held is not None and held.unit else None


def subjects_of(conn: Connection, trust_id: int, item: Item, period: int) -> Iterator[Subject]:
    """Everything an item is charged for in a month, by unit or space."""
    transfers = transfers_in(conn, trust_id, period)
    units = _unit_states(conn, trust_id)
    if "meter" in item.methods:
        for reading in readings_of(conn, trust_id, item.name, period).values():
            held = units[reading.unit]
            basis = (
                f"表{plain_yuan(reading.previous)}至{plain_yuan(reading.current)}，"
                f"用量{plain_yuan(reading.used)}{item.counted}"
            )
            states = tuple(_with(state, reading.used, basis) for state in held)
            yield Subject(states, transfers.get(reading.unit, ()))
    elif item.name == "parking":
        for history in space_history(conn, trust_id, last_day(period)).values():
            spaces = (
                State(
                    space.effective_on,
                    space.unit,
                    units[space.unit][0].building if space.unit else "",
                    space.kind,
                    _ONE,
                    f"车位{space.space}",
                )
                for space in history
            )
            yield Subject(tuple(spaces))
    else:
        for code, states in units.items():
            yield Subject(states, transfers.get(code, ()))


def _with(state: State, quantity: int, basis: str) -> State:
    return State(state.since, state.unit, state.building, state.use_kind, quantity, basis)


def _unit_states(conn: Connection, trust_id: int) -> dict[str, tuple[State, ...]]:
    """Every unit with its uses and areas, in order of unit codes."""
    later: dict[str, list[Any]] = {}
    for row in conn.execute(
        select(unit_version)
        .where(unit_version.c.trust_id == trust_id)
        .order_by(unit_version.c.unit, unit_version.c.effective_on, unit_version.c.no)
    ):
        later.setdefault(row.unit, []).append(row)
    rows = conn.execute(select(unit).where(unit.c.trust_id == trust_id).order_by(unit.c.unit))
    found: dict[str, tuple[State, ...]] = {}
    for row in rows:
        first = _area_state(date.min, row.unit, row.building, row)
        more = (
            _area_state(version.effective_on, row.unit, row.building, version)
            for version in later.get(row.unit, ())
        )
        found[row.unit] = (first, *more)
    return found


def _area_state(since: date, code: str, building: str, row: Any) -> State:
    return State(since, code, building, row.use_kind, row.area, f"{plain_yuan(row.area)}㎡")


def transfers_in(conn: Connection, trust_id: int, period: int) -> dict[str, tuple[date, ...]]:
    """The days within a month, not its first, on which a unit with an owner got another one."""
    first, last = first_day(period), last_day(period)
    rows = conn.execute(
        select(title.c.unit, title.c.starts_on)
        .where(title.c.trust_id == trust_id, title.c.starts_on <= last)
        .order_by(title.c.unit, title.c.starts_on)
    )
    by_unit: dict[str, list[date]] = {}
    for code, day in rows:
        by_unit.setdefault(code, []).append(day)
    return {code: within for code, days in by_unit.items() if (within := _after(days, first))}


def _after(days: Iterable[date], first: date) -> tuple[date, ...]:
    """Days after the first one and after the month began: the earliest title of all transfers nothing."""
    _, *later = sorted(set(days))
    return tuple(day for day in later if day > first)

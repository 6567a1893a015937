"""The frozen roll (名册): who may vote, with how much area, and the hash that fixes it.

Each row is sealed with a salt of its own; the published root (RFC 6962) fixes all rows without saying who
owns what. Whoever is shown one row can check that it is in the roll; an auditor is shown all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from ledger.log.tree import Frontier, leaf_hash
from ledger.resolutions.matters import Amount
from ledger.resolutions.rules import Rules
from ledger.store.tables import roll as roll_table
from ledger.store.tables import roll_entry, roll_unit


class RollUnit(msgspec.Struct, frozen=True):
    """A unit on the roll; ``area`` in 0.01 m²."""

    unit: str
    building: str
    use: str
    area: int


class RollRow(msgspec.Struct, frozen=True):
    """One voter as frozen; ``salt`` in hex, ``owners`` are keys of the register."""

    voter: int
    kind: str
    owners: tuple[str, ...]
    units: tuple[RollUnit, ...]
    salt: str

    @property
    def area(self) -> int:
        """0.01 m²."""
        return sum(unit.area for unit in self.units)

    def sealed(self, number: str) -> bytes:
        """The bytes that are hashed into the root: canonical JSON."""
        units = [[unit.unit, unit.building, unit.use, unit.area] for unit in self.units]
        return msgspec.json.encode([self.salt, number, self.voter, self.kind, list(self.owners), units])


@dataclass(frozen=True, slots=True)
class Roll:
    """A roll's totals, the rules frozen with it, and the time within which ballots are taken."""

    number: str
    opened_at: datetime
    closes_at: datetime
    rules: Rules
    total: Amount
    units: int
    root: str


def roll_root(number: str, rows: Iterable[RollRow]) -> str:
    """Hex root over all rows in order of the voters."""
    tree = Frontier()
    for row in rows:
        tree.append(leaf_hash(row.sealed(number)))
    return tree.root().hex()


def read_roll(conn: Connection, trust_id: int, number: str) -> Roll | None:
    """The roll, or None while voting has not begun."""
    return read_rolls(conn, trust_id, [number]).get(number)


def roll_of(conn: Connection, trust_id: int, number: str) -> Roll:
    """The roll of a resolution whose vote began. Raises ValueError if it did not."""
    found = read_roll(conn, trust_id, number)
    if found is None:
        raise ValueError(f"resolution {number} has no roll")
    return found


def read_rolls(conn: Connection, trust_id: int, numbers: Sequence[str]) -> dict[str, Roll]:
    """Several at once."""
    query = select(roll_table).where(roll_table.c.trust_id == trust_id, roll_table.c.number.in_(numbers))
    return {row.number: _roll(row) for row in conn.execute(query)}


def roll_rows(conn: Connection, trust_id: int, number: str) -> list[RollRow]:
    """All rows with their units; two queries. Private: for the office and the auditor."""
    units: dict[int, list[RollUnit]] = {}
    query = (
        select(roll_unit)
        .where(roll_unit.c.trust_id == trust_id, roll_unit.c.number == number)
        .order_by(roll_unit.c.unit)
    )
    for row in conn.execute(query):
        units.setdefault(row.voter, []).append(RollUnit(row.unit, row.building, row.use_kind, row.area))
    entries = conn.execute(
        select(roll_entry)
        .where(roll_entry.c.trust_id == trust_id, roll_entry.c.number == number)
        .order_by(roll_entry.c.voter)
    )
    return [
        RollRow(
            row.voter,
            row.kind,
            tuple(row.owners.split()),
            tuple(sorted(units.get(row.voter, ()), key=lambda unit: unit.unit)),
            bytes(row.salt).hex(),
        )
        for row in entries
    ]


def voter_areas(conn: Connection, trust_id: int, number: str) -> dict[int, int]:
    """Area (0.01 m²) by voter; one query."""
    query = select(roll_entry.c.voter, roll_entry.c.area).where(
        roll_entry.c.trust_id == trust_id, roll_entry.c.number == number
    )
    return {row.voter: row.area for row in conn.execute(query)}


def voters_of_units(conn: Connection, trust_id: int, number: str, units: Sequence[str]) -> dict[str, int]:
    """The voter of each of these units; those not on the roll are left out."""
    if not units:
        return {}
    query = select(roll_unit.c.unit, roll_unit.c.voter).where(
        roll_unit.c.trust_id == trust_id, roll_unit.c.number == number, roll_unit.c.unit.in_(set(units))
    )
    return {row.unit: row.voter for row in conn.execute(query)}


def units_of(conn: Connection, trust_id: int, number: str, voters: Sequence[int]) -> dict[int, list[str]]:
    """The homes of these voters, in order."""
    query = (
        select(roll_unit.c.voter, roll_unit.c.unit)
        .where(
            roll_unit.c.trust_id == trust_id,
            roll_unit.c.number == number,
            roll_unit.c.voter.in_(voters),
        )
        .order_by(roll_unit.c.unit)
    )
    found: dict[int, list[str]] = {}
    for row in conn.execute(query):
        found.setdefault(row.voter, []).append(row.unit)
    return found


def _roll(row: Row[Any]) -> Roll:
    return Roll(
        number=row.number,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        rules=msgspec.json.decode(row.rules, type=Rules),
        total=Amount(row.area, row.voters),
        units=row.units,
        root=row.root,
    )

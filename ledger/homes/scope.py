"""Which homes a person owns, and for which days their accounts are this person's to see.

An account is given to a home, not to a name in the register of owners, so what tells owners apart is the day a
home changed hands (过户): a title none of whose owners held the home before, unless it only corrects the
register. Whoever was given the home before that day sees its account up to the day before; whoever was given it
later, from that day on. Being given the home anew starts again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, and_, select

from ledger.billing.run import use_title
from ledger.people import Actor, Role
from ledger.people.members import Grant, list_grants
from ledger.store.tables import title as title_table
from ledger.store.tables import title_share
from ledger.trust.units import Unit, units_on

_CORRECTION = "correction"
_AFTER, _BEFORE = "过户后 ", "过户前 "
"""How :func:`ledger.billing.reckon.reckon` begins the basis of the parts of a month with a transfer in it."""


@dataclass(frozen=True, slots=True)
class Home:
    """A home and the days of its account that are this person's: from ``since`` to ``until``, both counted;
    None: from the beginning, to this day and on. ``area`` in 0.01 m²."""

    unit: str
    building: str
    use: str
    area: int
    since: date | None = None
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether a day is this person's."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def owns(self, day: date, basis: str = "") -> bool:
        """Whether a line of the account of that day is; parts of a month go to whom they say."""
        if basis.startswith(_AFTER):
            day = (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        elif basis.startswith(_BEFORE):
            day = day.replace(day=1)
        return self.covers(day)

    def given_up(self, today: date) -> bool:
        """Whether somebody else owns it by now."""
        return self.until is not None and self.until < today


def homes_of(conn: Connection, trust_id: int, actor: Actor, today: date) -> tuple[Home, ...]:
    """The homes the person holds as owner (业主), by code; three queries. Homes they rent are none."""
    if not actor.units:
        return ()
    grants = [
        grant
        for grant in list_grants(conn, trust_id, (Role.RESIDENT,), person=actor.person)
        if grant.unit in actor.units and grant.in_force(today)
    ]
    codes = sorted({grant.unit for grant in grants})
    changes = changes_of_hands(conn, trust_id, codes)
    known = {row.unit: row for row in units_on(conn, trust_id, today, codes)}
    return tuple(
        _home(grant, known[grant.unit], changes.get(grant.unit, ()))
        for grant in sorted(grants, key=lambda grant: grant.unit)
        if grant.unit in known
    )


def _home(grant: Grant, unit: Unit, changes: Iterable[date]) -> Home:
    days = list(changes)
    before = [day for day in days if day <= grant.from_day]
    after = [day for day in days if day > grant.from_day]
    return Home(
        unit=unit.unit,
        building=unit.building,
        use=use_title(unit.use_kind),
        area=unit.area,
        since=max(before, default=None),
        until=min(after) - timedelta(days=1) if after else None,
    )


def changes_of_hands(conn: Connection, trust_id: int, units: Sequence[str]) -> dict[str, tuple[date, ...]]:
    """By home, the days from which nobody owned it who owned it before; one query."""
    if not units:
        return {}
    t, s = title_table.c, title_share.c
    rows = conn.execute(
        select(t.unit, t.starts_on, t.no, t.reason, s.owner)
        .join(title_share, and_(s.trust_id == t.trust_id, s.unit == t.unit, s.no == t.no))
        .where(t.trust_id == trust_id, t.unit.in_(units))
        .order_by(t.unit, t.starts_on, t.no)
    )
    owners: dict[str, dict[date, dict[tuple[int, str], set[str]]]] = {}
    for unit, starts_on, no, reason, owner in rows:
        owners.setdefault(unit, {}).setdefault(starts_on, {}).setdefault((no, reason), set()).add(owner)
    return {unit: tuple(_changes(by_day)) for unit, by_day in owners.items()}


def _changes(by_day: dict[date, dict[tuple[int, str], set[str]]]) -> Iterable[date]:
    before: set[str] = set()
    for day, titles in by_day.items():
        newest = max(titles)  # of several recorded for one day the newest holds
        if before and not before & titles[newest] and newest[1] != _CORRECTION:
            yield day
        before = titles[newest]

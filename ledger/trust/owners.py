"""Who owns which unit on which day (产权): questions. :mod:`ledger.trust.titles` writes the answers.

A unit's title holds from its first day until the next one begins; of several recorded for one day the
newest holds, which is how a mistake is put right. What a household owes or has paid into the maintenance
fund is kept by unit, not by owner: book M's sub-account (户分账) goes with the home when it is sold, and
nothing has to be moved (住宅专项维修资金随房屋所有权同时过户).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Row, Select, Subquery, and_, func, select

from ledger.store.tables import owner, owner_contact, tenancy
from ledger.store.tables import title as title_table
from ledger.store.tables import title_share as share_table

OWNER_KINDS = {"person": "个人", "firm": "单位", "developer": "建设单位"}
ERASED = "（联系资料已删除）"
"""Stands where a name was erased at its bearer's wish."""


@dataclass(frozen=True, slots=True)
class Share:
    """One owner's part of a unit. ``name`` is private: for the office and the owner's own page only."""

    owner: str
    name: str
    kind: str
    share: Fraction


@dataclass(frozen=True, slots=True)
class Title:
    """Who owns a unit from ``starts_on``; ``until`` is the day before the next title, None if in force."""

    unit: str
    no: int
    starts_on: date
    until: date | None
    reason: str
    authority: str
    signature: str
    shares: tuple[Share, ...]
    replaced: bool = False
    """Another one recorded later holds from the same day."""


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Who rents a unit; ``ends_on`` is the last day, None while open-ended."""

    unit: str
    tenant: str
    name: str
    starts_on: date
    ends_on: date | None


def owners_on(conn: Connection, trust_id: int, unit: str, day: date) -> tuple[Share, ...]:
    """The owners of a unit on a day with their shares, which add up to 1; empty if none is recorded."""
    return owners_of(conn, trust_id, day, [unit]).get(unit, ())


def owners_of(
    conn: Connection, trust_id: int, day: date, units: Collection[str] | None = None
) -> dict[str, tuple[Share, ...]]:
    """The owners of all units, or of some, on a day; one query. Units without a title are left out."""
    held = _titles_on(trust_id, day, units)
    found: dict[str, list[Share]] = {}
    for row in conn.execute(_shares_of(trust_id, held)):
        found.setdefault(row.unit, []).append(_share(row))
    return {unit: tuple(shares) for unit, shares in found.items()}


def holdings(conn: Connection, trust_id: int, owner_key: str, day: date) -> dict[str, Fraction]:
    """The units a person owns on a day, with their share of each."""
    return {
        unit: share.share
        for unit, shares in _held_with(conn, trust_id, owner_key, day).items()
        for share in shares
        if share.owner == owner_key
    }


def _held_with(conn: Connection, trust_id: int, owner_key: str, day: date) -> dict[str, tuple[Share, ...]]:
    ever = conn.execute(
        select(share_table.c.unit)
        .where(share_table.c.trust_id == trust_id, share_table.c.owner == owner_key)
        .distinct()
    ).scalars()
    return owners_of(conn, trust_id, day, list(ever))


def title_history(conn: Connection, trust_id: int, unit: str) -> list[Title]:
    """All titles of a unit, latest first; those replaced by a later record of the same day are marked."""
    rows = conn.execute(
        select(title_table)
        .where(title_table.c.trust_id == trust_id, title_table.c.unit == unit)
        .order_by(title_table.c.starts_on, title_table.c.no)
    ).all()
    shares: dict[int, list[Share]] = {}
    everyone = select(title_table.c.unit, title_table.c.no).where(
        title_table.c.trust_id == trust_id, title_table.c.unit == unit
    )
    for row in conn.execute(_shares_of(trust_id, everyone.subquery())):
        shares.setdefault(row.no, []).append(_share(row))
    found: list[Title] = []
    for at, row in enumerate(rows):
        later = rows[at + 1].starts_on if at + 1 < len(rows) else None
        replaced = later == row.starts_on
        until = None if later is None or replaced else date.fromordinal(later.toordinal() - 1)
        people = tuple(shares.get(row.no, ()))
        found.append(
            Title(
                unit, row.no, row.starts_on, until, row.reason, row.authority, row.signature, people, replaced
            )
        )
    return found[::-1]


def tenants_on(
    conn: Connection, trust_id: int, day: date, units: Collection[str] | None = None
) -> list[Tenancy]:
    """Who rents which unit on a day."""
    return [
        item
        for item in tenancies_of(conn, trust_id, units)
        if item.starts_on <= day and (item.ends_on is None or item.ends_on >= day)
    ]


def tenancies_of(conn: Connection, trust_id: int, units: Collection[str] | None = None) -> list[Tenancy]:
    """All tenancies, past ones too, by unit and first day; one query."""
    newest = func.row_number().over(
        partition_by=(tenancy.c.unit, tenancy.c.tenant, tenancy.c.starts_on), order_by=tenancy.c.no.desc()
    )
    query = select(tenancy, newest.label("place")).where(tenancy.c.trust_id == trust_id)
    if units is not None:
        query = query.where(tenancy.c.unit.in_(units))
    rows = query.subquery()
    named = and_(owner_contact.c.trust_id == trust_id, owner_contact.c.owner == rows.c.tenant)
    found = conn.execute(
        select(rows, owner_contact.c.name)
        .select_from(rows)
        .outerjoin(owner_contact, named)
        .where(rows.c.place == 1)
        .order_by(rows.c.unit, rows.c.starts_on)
    )
    return [Tenancy(r.unit, r.tenant, r.name or ERASED, r.starts_on, r.ends_on) for r in found]


def _titles_on(trust_id: int, day: date, units: Collection[str] | None) -> Subquery:
    """Unit and number of the title in force on a day."""
    newest = func.row_number().over(
        partition_by=title_table.c.unit,
        order_by=(title_table.c.starts_on.desc(), title_table.c.no.desc()),
    )
    query = select(title_table.c.unit, title_table.c.no, newest.label("place")).where(
        title_table.c.trust_id == trust_id, title_table.c.starts_on <= day
    )
    if units is not None:
        query = query.where(title_table.c.unit.in_(units))
    ranked = query.subquery()
    return select(ranked.c.unit, ranked.c.no).where(ranked.c.place == 1).subquery()


def _shares_of(trust_id: int, titles: Subquery) -> Select[Any]:
    return (
        select(share_table, owner.c.kind, owner_contact.c.name)
        .select_from(titles)
        .join(share_table, and_(share_table.c.unit == titles.c.unit, share_table.c.no == titles.c.no))
        .join(owner, and_(owner.c.trust_id == trust_id, owner.c.owner == share_table.c.owner))
        .outerjoin(
            owner_contact,
            and_(owner_contact.c.trust_id == trust_id, owner_contact.c.owner == share_table.c.owner),
        )
        .where(share_table.c.trust_id == trust_id)
        .order_by(share_table.c.unit, share_table.c.no, share_table.c.owner)
    )


def _share(row: Row[Any]) -> Share:
    return Share(row.owner, row.name or ERASED, row.kind, Fraction(row.numerator, row.denominator))

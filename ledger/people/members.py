"""What a person is to a trust: roles given for a time, taken back by a new row, never erased."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, insert, select

from ledger.errors import Problem, Refused, refuse
from ledger.journal.head import lock_head
from ledger.people.accounts import Person
from ledger.people.roles import ROLE_NAMES, STAFF, Actor, Role
from ledger.store.tables import INSTALLATION, person_trust, role_grant
from ledger.store.tables import person as people
from ledger.store.tables import unit as units
from ledger.trust.act import Act

AT_HOME = frozenset({Role.RESIDENT, Role.TENANT})
"""Roles that belong to one home."""
COUNCIL = frozenset({Role.COMMITTEE, Role.CHAIR})
MONEY = STAFF | COUNCIL
"""Roles that can move or approve money."""
OVER_THE_TRUSTEE = frozenset({Role.PARTY, Role.STREET})
"""Roles that settle what the trustee did not, and evaluate the trustee."""
SECOND_FACTOR = MONEY | {Role.SUPERVISOR, Role.OPERATOR}
"""Roles that show a one-time code at log-in: they move money, see everything, or give others the power to."""

_APART = (
    (
        frozenset({Role.OPERATOR}),
        MONEY,
        "管账号的人不能经手账目，否则可以给自己配齐一套制单、审核和会签的账号",
    ),
    (STAFF, COUNCIL | {Role.SUPERVISOR}, "受托人的人员不能同时代表业主会签或监督，否则等于自己批自己的账"),
    (STAFF, OVER_THE_TRUSTEE, "受托人的人员不能同时代表社区或街道，否则等于自己办对自己的质询、自己评自己"),
)


@dataclass(frozen=True, slots=True)
class Membership:
    """The roles one person holds in one trust on a day. ``units`` are the homes they hold as owner (业主);
    ``rented`` those they only live in (租户), for which they decide nothing."""

    roles: frozenset[Role]
    units: tuple[str, ...]
    rented: tuple[str, ...] = ()

    @property
    def homes(self) -> tuple[str, ...]:
        """All of them, owned or rented."""
        return tuple(sorted({*self.units, *self.rented}))


@dataclass(frozen=True, slots=True)
class Grant:
    """A role someone holds, or will hold from ``from_day`` on, through ``until_day``."""

    person: Person
    role: Role
    unit: str
    from_day: date
    until_day: date | None

    def in_force(self, on: date) -> bool:
        """Whether the role can be used on a day."""
        return self.from_day <= on and (self.until_day is None or on <= self.until_day)


def membership(conn: Connection, person: str, trust_id: int, on: date) -> Membership:
    """What a person is to a trust on a day; nothing at all for a stranger."""
    return memberships(conn, person, [trust_id], on)[trust_id]


def memberships(
    conn: Connection, person: str, trust_ids: Iterable[int], on: date
) -> Mapping[int, Membership]:
    """The same for several trusts, in one query."""
    wanted = list(trust_ids)
    rows = conn.execute(
        _standing().where(role_grant.c.trust_id.in_(wanted), role_grant.c.person == person)
    ).all()
    held: dict[int, list[Row[Any]]] = {trust_id: [] for trust_id in wanted}
    for row in rows:
        if row.from_day <= on and (row.until_day is None or on <= row.until_day):
            held[row.trust_id].append(row)
    return {
        trust_id: Membership(
            frozenset(Role(row.role) for row in now), _units(now, Role.RESIDENT), _units(now, Role.TENANT)
        )
        for trust_id, now in held.items()
    }


def _units(rows: Iterable[Any], role: Role) -> tuple[str, ...]:
    return tuple(sorted(row.unit for row in rows if row.role == role.value))


def roles_of(conn: Connection, person: str, trust_id: int, on: date) -> frozenset[Role]:
    """The roles one person holds in a trust on a day."""
    return membership(conn, person, trust_id, on).roles


def trusts_of(conn: Connection, person: str) -> list[int]:
    """Trusts in which the person has, or once had, a role."""
    query = select(person_trust.c.member_of).where(
        person_trust.c.trust_id == INSTALLATION, person_trust.c.person == person
    )
    return list(conn.execute(query.order_by(person_trust.c.member_of)).scalars())


def actor_of(conn: Connection, person: Person, trust_id: int, *, origin: str, on: date) -> Actor:
    """The person as an actor of a trust; a home they only rent is none of the actor's units."""
    held = membership(conn, person.person, trust_id, on)
    return Actor(person.person, person.signature, held.roles, origin, held.units)


def list_grants(
    conn: Connection,
    trust_id: int,
    roles: Iterable[Role] = tuple(Role),
    *,
    unit: str = "",
    person: str = "",
    after: tuple[str, str, str] = ("", "", ""),
    limit: int = 500,
) -> list[Grant]:
    """Standing grants of these roles by home, person and role; ``after`` is the last such key shown."""
    g = role_grant.c
    query = (
        _standing(people.c.account, people.c.name)
        .join(people, and_(people.c.trust_id == INSTALLATION, people.c.person == g.person))
        .where(g.trust_id == trust_id, g.role.in_(list(roles)))
        .where(
            (g.unit > after[0])
            | ((g.unit == after[0]) & (g.person > after[1]))
            | ((g.unit == after[0]) & (g.person == after[1]) & (g.role > after[2]))
        )
        .order_by(g.unit, g.person, g.role)
        .limit(limit)
    )
    if unit:
        query = query.where(g.unit == unit)
    if person:
        query = query.where(g.person == person)
    return [
        Grant(
            Person(row.person, row.account, row.name), Role(row.role), row.unit, row.from_day, row.until_day
        )
        for row in conn.execute(query)
    ]


def grant(
    conn: Connection,
    trust_id: int,
    person: str,
    role: Role,
    *,
    by: str,
    act: Act,
    unit: str = "",
    from_day: date | None = None,
    until_day: date | None = None,
    reason: str = "",
) -> None:
    """Give a role from a day on (today if not said). Giving it again only changes its days.

    At the :data:`~ledger.store.tables.INSTALLATION` there is one role only: an operator who may open new
    trusts. Raises :class:`Refused` for roles that must not meet in one person (会计法 35 and the trust's
    own separation of duties), for a resident without a home, or a home that does not exist.
    """
    _lock(conn, trust_id)
    start = from_day or act.today
    problems = [*_unit_problems(conn, trust_id, role, unit), *_apart(conn, trust_id, person, role, act.today)]
    if trust_id == INSTALLATION and role is not Role.OPERATOR:
        problems.append(Problem("installation_role", "整个网站一级只有系统管理员这一个身份", "身份"))
    if until_day is not None and until_day < start:
        problems.append(Problem("bad_days", "任期的最后一天不能早于第一天", "任期"))
    if problems:
        raise Refused(problems)
    _write(conn, trust_id, person, role, unit, True, start, until_day, by=by, act=act, reason=reason)
    known = select(person_trust.c.person).where(
        person_trust.c.trust_id == INSTALLATION,
        person_trust.c.person == person,
        person_trust.c.member_of == trust_id,
    )
    if conn.execute(known).first() is None:
        values = {"trust_id": INSTALLATION, "person": person, "member_of": trust_id, "since": act.now}
        conn.execute(insert(person_trust).values(values))


def revoke(
    conn: Connection,
    trust_id: int,
    person: str,
    role: Role,
    *,
    by: str,
    act: Act,
    unit: str = "",
    reason: str = "",
) -> None:
    """Take a role back at once. Refused if the person does not hold it."""
    _lock(conn, trust_id)
    g = role_grant.c
    held = _standing().where(g.trust_id == trust_id, g.person == person, g.role == role, g.unit == unit)
    if conn.execute(held).first() is None:
        raise refuse("not_held", f"此人没有“{ROLE_NAMES[role]}”这个身份，可能已被收回")
    _write(conn, trust_id, person, role, unit, False, act.today, None, by=by, act=act, reason=reason)


def _lock(conn: Connection, trust_id: int) -> None:
    """Two grants at once must not slip past the check together."""
    if trust_id != INSTALLATION:  # which has no books, and no two roles that could meet
        lock_head(conn, trust_id)


def _write(
    conn: Connection,
    trust_id: int,
    person: str,
    role: Role,
    unit: str,
    granted: bool,
    from_day: date,
    until_day: date | None,
    *,
    by: str,
    act: Act,
    reason: str,
) -> None:
    g = role_grant.c
    last = conn.execute(
        select(g.version)
        .where(g.trust_id == trust_id, g.person == person, g.role == role, g.unit == unit)
        .order_by(g.version.desc())
        .limit(1)
    ).scalar_one_or_none()
    conn.execute(
        insert(role_grant).values(
            trust_id=trust_id,
            person=person,
            role=role.value,
            unit=unit,
            version=(last or 0) + 1,
            granted=granted,
            from_day=from_day,
            until_day=until_day,
            recorded_at=act.now,
            recorded_by=by,
            reason=reason,
        )
    )


def _standing(*more: Any) -> Select[Any]:
    """Newest rows that give a role."""
    later = role_grant.alias("later")
    newest = ~exists().where(
        *(later.c[key] == role_grant.c[key] for key in ("trust_id", "person", "role", "unit")),
        later.c.version > role_grant.c.version,
    )
    return select(role_grant, *more).where(role_grant.c.granted, newest)


def _unit_problems(conn: Connection, trust_id: int, role: Role, unit: str) -> list[Problem]:
    if role not in AT_HOME:
        return [Problem("unit_not_wanted", "只有业主和租户的身份才对应房屋", "房屋")] if unit else []
    known: Row[Any] | None = conn.execute(
        select(units.c.unit).where(units.c.trust_id == trust_id, units.c.unit == unit)
    ).first()
    return [] if known else [Problem("unknown_unit", f"本小区没有登记“{unit}”这套房屋", "房屋")]


def _apart(conn: Connection, trust_id: int, person: str, role: Role, on: date) -> list[Problem]:
    """Why the role must not meet the ones the person holds, or will hold, here."""
    query = _standing().where(role_grant.c.trust_id == trust_id, role_grant.c.person == person)
    held = {Role(row.role) for row in conn.execute(query) if row.until_day is None or row.until_day >= on}
    problems = []
    for left, right, why in _APART:
        for one, other in ((left, right), (right, left)):
            clash = other & held
            if role in one and clash:
                names = "、".join(ROLE_NAMES[item] for item in Role if item in clash)
                problems.append(
                    Problem(
                        "roles_apart", f"此人已是本小区的{names}，不能再任{ROLE_NAMES[role]}：{why}", "身份"
                    )
                )
    return problems

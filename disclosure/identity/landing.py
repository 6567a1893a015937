"""Where a log-in leads when no page was asked for."""

from __future__ import annotations

from sqlalchemy import Connection

from disclosure.public.trusts import list_sites
from ledger.people.accounts import Person
from ledger.people.members import memberships, trusts_of
from ledger.people.roles import Role
from ledger.trust.act import Act

OVERSEEING = frozenset({Role.PARTY, Role.STREET, Role.SUPERVISOR})


def landing_of(conn: Connection, person: Person, act: Act) -> str:
    """The resident's own page for an owner of one community with no other role; the overview for somebody who
    only oversees several communities; else the list of communities."""
    held = memberships(conn, person.person, trusts_of(conn, person.person), act.today)
    roles = {trust_id: item.roles for trust_id, item in held.items() if item.roles}
    if len(roles) == 1:
        ((trust_id, only),) = roles.items()
        if only == {Role.RESIDENT}:
            return next(f"/c/{site.slug}/mine" for site in list_sites(conn) if site.trust_id == trust_id)
    if len(roles) > 1 and all(held_here <= OVERSEEING for held_here in roles.values()):
        return "/district"
    return "/me"

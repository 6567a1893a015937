"""The register of owners (业主名册): who owns or rents, and how to reach them, kept apart from what they own.

Keys say nothing of people. Names and contact data are never public and can be erased; that the bearer of a
key owned a unit stays on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, or_, select, update

from ledger.errors import refuse
from ledger.store.tables import owner as owner_table
from ledger.store.tables import owner_contact as contact_table
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.owners import OWNER_KINDS


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the register: ``kind`` person, firm or developer. Contact data is never public."""

    owner: str
    kind: str
    name: str
    phone: str = ""
    address: str = ""


def next_owner_number(conn: Connection, trust_id: int) -> int:
    """The number of the next new owner key; hold the trust's lock until it is used."""
    query = select(func.count()).select_from(owner_table).where(owner_table.c.trust_id == trust_id)
    return int(conn.execute(query).scalar_one()) + 1


def owner_key(number: int, taken: set[str]) -> tuple[str, int]:
    """The first key from ``number`` on that is not taken, and the number after it."""
    while (key := f"Y{number:05d}") in taken:
        number += 1
    return key, number + 1


def owner_keys(conn: Connection, trust_id: int) -> set[str]:
    """All keys of the register."""
    query = select(owner_table.c.owner).where(owner_table.c.trust_id == trust_id)
    return set(conn.execute(query).scalars())


def add_person(conn: Connection, trust_id: int, person: Person, act: Act) -> str:
    """Put one person into the register and return the key, a new one if ``person.owner`` is empty."""
    lock_trust(conn, trust_id)
    if not person.name.strip():
        raise refuse("no_name", "请填写姓名或名称", "姓名")
    if person.kind not in OWNER_KINDS:
        raise refuse("bad_kind", f"业主类型只能是{'、'.join(OWNER_KINDS.values())}", "类型")
    taken = owner_keys(conn, trust_id)
    key = person.owner or owner_key(next_owner_number(conn, trust_id), taken)[0]
    if key in taken:
        raise refuse("owner_taken", f"业主编号“{key}”已经有人用", "业主编号")
    add_people(conn, trust_id, [Person(key, person.kind, person.name, person.phone, person.address)], act)
    return key


def add_people(conn: Connection, trust_id: int, people: Sequence[Person], act: Act) -> None:
    """Put people with new keys into the register."""
    if not people:
        return
    conn.execute(
        insert(owner_table),
        [{"trust_id": trust_id, "owner": p.owner, "kind": p.kind, "recorded_at": act.now} for p in people],
    )
    conn.execute(insert(contact_table), [_contact(trust_id, p, act) for p in people])


def read_person(conn: Connection, trust_id: int, key: str) -> Person | None:
    """Someone of the register; name and contact data are empty if they were erased."""
    row = conn.execute(_people(trust_id).where(owner_table.c.owner == key)).first()
    return _person(row) if row is not None else None


def find_people(
    conn: Connection, trust_id: int, text: str = "", *, after: str = "", limit: int = 100
) -> list[Person]:
    """People whose name, phone or key contains ``text``, by key, from after one on."""
    query = _people(trust_id).where(owner_table.c.owner > after)
    if text:
        query = query.where(
            or_(
                contact_table.c.name.contains(text, autoescape=True),
                contact_table.c.phone.contains(text, autoescape=True),
                owner_table.c.owner == text,
            )
        )
    return [_person(row) for row in conn.execute(query.order_by(owner_table.c.owner).limit(limit))]


def _people(trust_id: int) -> Select[Any]:
    contact = (contact_table.c.trust_id == trust_id) & (contact_table.c.owner == owner_table.c.owner)
    return (
        select(
            owner_table.c.owner,
            owner_table.c.kind,
            contact_table.c.name,
            contact_table.c.phone,
            contact_table.c.address,
        )
        .outerjoin(contact_table, contact)
        .where(owner_table.c.trust_id == trust_id)
    )


def _person(row: Row[Any]) -> Person:
    return Person(row.owner, row.kind, row.name or "", row.phone or "", row.address or "")


def change_contact(conn: Connection, trust_id: int, person: Person, act: Act) -> None:
    """Write a person's name and contact data anew. Raises Refused for an unknown key or no name."""
    lock_trust(conn, trust_id)
    if not person.name.strip():
        raise refuse("no_name", "请填写姓名或名称", "姓名")
    if person.owner not in owner_keys(conn, trust_id):
        raise refuse("unknown_owner", f"没有编号为“{person.owner}”的业主", "业主编号")
    row = _contact(trust_id, person, act)
    known = (contact_table.c.trust_id == trust_id) & (contact_table.c.owner == person.owner)
    changed = {name: row[name] for name in ("name", "phone", "address", "changed_at")}
    if conn.execute(update(contact_table).where(known).values(changed)).rowcount == 0:
        conn.execute(insert(contact_table).values(row))


def erase_contact(conn: Connection, trust_id: int, key: str) -> None:
    """Delete a person's name and contact data; that someone owned the unit stays on record."""
    conn.execute(
        delete(contact_table).where(contact_table.c.trust_id == trust_id, contact_table.c.owner == key)
    )


def _contact(trust_id: int, person: Person, act: Act) -> dict[str, object]:
    return {
        "trust_id": trust_id,
        "owner": person.owner,
        "name": person.name.strip(),
        "phone": person.phone.strip(),
        "address": person.address.strip(),
        "changed_at": act.now,
    }

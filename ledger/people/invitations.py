"""One-time codes: an invitation into a role or a home, or a new start for a forgotten password.

A code has 80 random bits and is shown once; the database keeps its SHA-256. It works once, until it expires.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from ledger.errors import Problem, Refused, refuse
from ledger.people.accounts import Person
from ledger.people.members import AT_HOME, grant
from ledger.people.roles import Role
from ledger.store.tables import INSTALLATION
from ledger.store.tables import invitation as invitations
from ledger.store.tables import unit as units
from ledger.trust.act import Act

JOIN, RECOVER = "join", "recover"
LETTER_DAYS, STAFF_DAYS, RECOVER_DAYS = 60, 7, 1
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Thirty-two signs no one confuses on paper: without I, O, 0 and 1."""
_SIGNS = 16
_NOT_SIGNS = re.compile(r"[\s\-_－—]+")
_LABEL_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code's meaning. ``person`` is set for recovery; ``label`` is a note of whom it is meant for."""

    code_hash: str
    kind: str
    trust_id: int
    role: Role | None
    unit: str
    person: str
    label: str
    created_at: datetime
    created_by: str
    expires_at: datetime


def new_code(entropy: Callable[[int], bytes]) -> str:
    """Sixteen signs in groups of four."""
    number = int.from_bytes(entropy(10), "big")
    signs = "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(_SIGNS))
    return "-".join(signs[at : at + 4] for at in range(0, _SIGNS, 4))


def hash_code(code: str) -> str:
    """What the database knows of a code, however it was typed."""
    return sha256(_NOT_SIGNS.sub("", unicodedata.normalize("NFKC", code)).upper().encode()).hexdigest()


def invite(
    conn: Connection, trust_id: int, role: Role, *, by: str, act: Act, unit: str = "", label: str = ""
) -> str:
    """A code for one person to take on a role; the code is told once."""
    problems = []
    if (role in AT_HOME) != bool(unit):
        problems.append(Problem("unit_and_role", "业主、租户必须写明房屋，其他身份不写房屋", "房屋"))
    if not label and role not in AT_HOME:
        problems.append(Problem("no_label", "请写明邀请谁，方便日后核对", "姓名"))
    if len(label) > _LABEL_LENGTH:
        problems.append(Problem("too_long", f"姓名最多 {_LABEL_LENGTH} 个字", "姓名"))
    if problems:
        raise Refused(problems)
    if unit:
        _known_units(conn, trust_id, [unit])
    days = LETTER_DAYS if role in AT_HOME else STAFF_DAYS
    return _write(conn, [_row(trust_id, act, by, days, role=role, unit=unit, label=label)], act)[0]


def invite_homes(
    conn: Connection, trust_id: int, homes: Sequence[str], role: Role, *, by: str, act: Act, copies: int = 1
) -> list[tuple[str, str]]:
    """Codes for residents of many homes, for printed letters: pairs of home and code.

    Codes of earlier letters to these homes that were not used yet stop working.
    """
    if role not in AT_HOME:
        raise ValueError("letters go to homes")
    _known_units(conn, trust_id, homes)
    i = invitations.c
    conn.execute(
        update(invitations)
        .where(i.trust_id == INSTALLATION, i.for_trust == trust_id, i.kind == JOIN, i.role == role.value)
        .where(i.unit.in_(list(homes)), i.used_at.is_(None), i.cancelled_at.is_(None))
        .values(cancelled_at=act.now)
    )
    rows = [
        _row(trust_id, act, by, LETTER_DAYS, role=role, unit=unit) for unit in homes for _ in range(copies)
    ]
    return list(zip((row["unit"] for row in rows), _write(conn, rows, act), strict=True))


def offer_recovery(conn: Connection, trust_id: int, person: Person, *, by: str, act: Act) -> str:
    """A code with which the person chooses a new password. Older ones stop working."""
    i = invitations.c
    conn.execute(
        update(invitations)
        .where(i.trust_id == INSTALLATION, i.kind == RECOVER, i.person == person.person)
        .where(i.used_at.is_(None), i.cancelled_at.is_(None))
        .values(cancelled_at=act.now)
    )
    row = _row(trust_id, act, by, RECOVER_DAYS, kind=RECOVER, person=person.person, label=person.name)
    return _write(conn, [row], act)[0]


def find_invitation(conn: Connection, code: str, now: datetime) -> Invitation:
    """What a code is for. Raises :class:`Refused` if it was never given, is used, withdrawn or too old."""
    query = _all().where(invitations.c.code_hash == hash_code(code))
    row = conn.execute(query).first()
    where = "邀请码"
    if row is None or row.cancelled_at is not None:
        raise refuse("bad_code", "没有这个邀请码，或者它已经作废。请核对，或请系统管理员再发一个", where)
    if row.used_at is not None:
        raise refuse("code_used", "这个邀请码已经用过。如果不是您用的，请马上告诉系统管理员", where)
    if now >= row.expires_at:
        raise refuse("code_expired", "这个邀请码已经过期，请系统管理员再发一个", where)
    return _invitation(row)


def use_invitation(conn: Connection, found: Invitation, person: Person, act: Act) -> None:
    """Spend a code for a person; a join gives the role. Of two who try at once, one gets it."""
    i = invitations.c
    spent = conn.execute(
        update(invitations)
        .where(i.trust_id == INSTALLATION, i.code_hash == found.code_hash)
        .where(i.used_at.is_(None), i.cancelled_at.is_(None))
        .values(used_at=act.now, used_by=person.person)
    )
    if spent.rowcount != 1:
        raise refuse("code_used", "这个邀请码已经用过或作废", "邀请码")
    if found.role is not None:
        grant(
            conn,
            found.trust_id,
            person.person,
            found.role,
            by=found.created_by,
            act=act,
            unit=found.unit,
            reason="邀请码",
        )


def cancel_invitation(conn: Connection, trust_id: int, code_hash: str, act: Act) -> None:
    """Make a code worthless. Refused if this trust has no such open code."""
    i = invitations.c
    cancelled = conn.execute(
        update(invitations)
        .where(i.trust_id == INSTALLATION, i.code_hash == code_hash, i.for_trust == trust_id)
        .where(i.used_at.is_(None), i.cancelled_at.is_(None))
        .values(cancelled_at=act.now)
    )
    if cancelled.rowcount != 1:
        raise refuse("bad_code", "这个邀请码已经用过或作废，请刷新网页")


def open_invitations(conn: Connection, trust_id: int, now: datetime, *, limit: int = 100) -> list[Invitation]:
    """Codes of a trust that still work, newest first; those of letters to homes are left out."""
    i = invitations.c
    query = (
        _all()
        .where(i.for_trust == trust_id, i.used_at.is_(None), i.cancelled_at.is_(None), i.expires_at > now)
        .where(i.role.not_in([role.value for role in AT_HOME]))
        .order_by(i.created_at.desc(), i.code_hash)
        .limit(limit)
    )
    return [_invitation(row) for row in conn.execute(query)]


def _known_units(conn: Connection, trust_id: int, wanted: Iterable[str]) -> None:
    asked = list(dict.fromkeys(wanted))
    query = select(units.c.unit).where(units.c.trust_id == trust_id, units.c.unit.in_(asked))
    missing = set(asked) - set(conn.execute(query).scalars())
    if missing:
        raise Refused(
            Problem("unknown_unit", f"本小区没有登记“{unit}”这套房屋", "房屋")
            for unit in asked
            if unit in missing
        )


def _row(
    trust_id: int,
    act: Act,
    by: str,
    days: int,
    *,
    kind: str = JOIN,
    role: Role | None = None,
    unit: str = "",
    person: str = "",
    label: str = "",
) -> dict[str, Any]:
    return {
        "trust_id": INSTALLATION,
        "kind": kind,
        "for_trust": trust_id,
        "role": role.value if role else "",
        "unit": unit,
        "person": person,
        "label": label,
        "created_at": act.now,
        "created_by": by,
        "expires_at": act.now + timedelta(days=days),
        "used_by": "",
    }


def _write(conn: Connection, rows: list[dict[str, Any]], act: Act) -> list[str]:
    codes = [new_code(act.entropy) for _ in rows]
    if rows:
        values = [{**row, "code_hash": hash_code(code)} for row, code in zip(rows, codes, strict=True)]
        conn.execute(insert(invitations), values)
    return codes


def _all() -> Select[Any]:
    return select(invitations).where(invitations.c.trust_id == INSTALLATION)


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        code_hash=row.code_hash,
        kind=row.kind,
        trust_id=row.for_trust,
        role=Role(row.role) if row.role else None,
        unit=row.unit,
        person=row.person,
        label=row.label,
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
    )

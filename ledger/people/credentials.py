"""What a person proves an identity with. Hashing and one-time codes are the web layer's; this keeps them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from ledger.errors import refuse
from ledger.store.tables import INSTALLATION, totp_use
from ledger.store.tables import credential as credentials
from ledger.trust.act import Act


@dataclass(frozen=True, slots=True)
class Credential:
    """One version; ``totp_secret`` (base 32) is empty while no second factor is set up."""

    version: int
    password_hash: str
    totp_secret: str


def read_credential(conn: Connection, person: str) -> Credential | None:
    """The version that counts, or None for a person who never chose a password."""
    row = conn.execute(
        select(credentials)
        .where(credentials.c.trust_id == INSTALLATION, credentials.c.person == person)
        .order_by(credentials.c.version.desc())
        .limit(1)
    ).first()
    return None if row is None else Credential(row.version, row.password_hash, row.totp_secret)


def record_credential(
    conn: Connection,
    person: str,
    *,
    by: str,
    act: Act,
    password_hash: str | None = None,
    totp_secret: str | None = None,
) -> None:
    """Add a version; what is not given stays as it was. ValueError if there is no password at all."""
    old = read_credential(conn, person) or Credential(0, "", "")
    password = old.password_hash if password_hash is None else password_hash
    if not password:
        raise ValueError("a credential needs a password")
    conn.execute(
        insert(credentials).values(
            trust_id=INSTALLATION,
            person=person,
            version=old.version + 1,
            password_hash=password,
            totp_secret=old.totp_secret if totp_secret is None else totp_secret,
            recorded_at=act.now,
            recorded_by=by,
        )
    )


def use_totp_step(conn: Connection, person: str, step: int, act: Act) -> None:
    """Spend the code of a half minute; refused unless it is later than every code spent before."""
    last = conn.execute(
        select(func.max(totp_use.c.step)).where(
            totp_use.c.trust_id == INSTALLATION, totp_use.c.person == person
        )
    ).scalar_one()
    used = refuse("code_used", "这个动态码已经用过，请等下一个（约 30 秒）再填", "动态码")
    if last is not None and step <= last:
        raise used
    try:
        with conn.begin_nested():
            conn.execute(
                insert(totp_use).values(trust_id=INSTALLATION, person=person, step=step, used_at=act.now)
            )
    except IntegrityError as error:  # the same code, sent twice in one instant
        raise used from error

"""Where people agreed to be told: one address a channel, gone when they take the consent back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from ledger.errors import refuse
from ledger.store.tables import INSTALLATION, notice_address
from ledger.trust.act import Act

EMAIL = "email"
LONGEST = 254
_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")


def addresses_of(conn: Connection, person: str) -> Mapping[str, str]:
    """The addresses of a person by channel; empty without consent."""
    a = notice_address.c
    query = select(a.channel, a.address).where(a.trust_id == INSTALLATION, a.person == person)
    return {row.channel: row.address for row in conn.execute(query)}


def agree(conn: Connection, person: str, channel: str, address: str, act: Act) -> None:
    """A person agrees to be told there; replaces the address before.

    Raises :class:`~ledger.errors.Refused` for what is no mailbox.
    """
    address = address.strip()
    dots = ".." in address or ".@" in address or address.startswith(".")
    mailbox = _MAILBOX.fullmatch(address) and not dots
    if channel == EMAIL and not (mailbox and len(address) <= LONGEST):
        raise refuse("bad_address", "这不像一个邮箱地址，请写成 name@example.com 的样子", "邮箱")
    forget(conn, person, channel)
    conn.execute(
        insert(notice_address).values(
            trust_id=INSTALLATION, person=person, channel=channel, address=address, agreed_at=act.now
        )
    )


def forget(conn: Connection, person: str, channel: str) -> None:
    """Take the consent back: the address is deleted, and what still waits is not sent."""
    a = notice_address.c
    conn.execute(
        delete(notice_address).where(a.trust_id == INSTALLATION, a.person == person, a.channel == channel)
    )

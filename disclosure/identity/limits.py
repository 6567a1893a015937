"""How often one may try: per account and origin, per account, and per origin, counted in the database.

A try is counted before the password is looked at, so trying many at once gains nothing; a right password
takes its own try back. Nobody else's failures from elsewhere lock a person out quickly.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from sqlalchemy import Connection, case, delete, func, insert, select

from ledger.errors import refuse
from ledger.store.tables import INSTALLATION, login_attempt
from ledger.trust.act import Act

WINDOW = timedelta(minutes=15)
TOGETHER, BY_ACCOUNT, BY_ORIGIN = 5, 30, 60
_KEEP = timedelta(days=1)


def count_try(conn: Connection, account: str, origin: str, act: Act) -> str:
    """Note a try and return its key. Raises :class:`~ledger.errors.Refused` when there were too many.

    ``account`` is what was typed (or another name of what is guessed at); only its hash is kept.
    """
    hashed = sha256(account.encode()).hexdigest()
    t = login_attempt.c
    conn.execute(delete(login_attempt).where(t.trust_id == INSTALLATION, t.at < act.now - _KEEP))
    together, by_account, by_origin = conn.execute(
        select(
            func.count(case(((t.account_hash == hashed) & (t.origin == origin), 1))),
            func.count(case((t.account_hash == hashed, 1))),
            func.count(case((t.origin == origin, 1))),
        ).where(
            t.trust_id == INSTALLATION,
            t.at > act.now - WINDOW,
            (t.account_hash == hashed) | (t.origin == origin),
        )
    ).one()
    if together >= TOGETHER or by_account >= BY_ACCOUNT or by_origin >= BY_ORIGIN:
        minutes = int(WINDOW.total_seconds()) // 60
        raise refuse("too_many_tries", f"尝试次数太多，请过 {minutes} 分钟再试。密码忘了可请系统管理员重设")
    key = act.entropy(16).hex()
    conn.execute(
        insert(login_attempt).values(
            trust_id=INSTALLATION, attempt=key, account_hash=hashed, origin=origin, at=act.now
        )
    )
    return key


def forget_try(conn: Connection, key: str) -> None:
    """Take a try back: it was the person."""
    conn.execute(
        delete(login_attempt).where(login_attempt.c.trust_id == INSTALLATION, login_attempt.c.attempt == key)
    )

"""Commands done in somebody's name: ``--as ACCOUNT``, that person's password, and the one-time code.

Whoever sits at the shell is not believed to be the person they name: the same proof as on the log-in
page is asked for, from the terminal or from ``MINGZHANG_PASSWORD`` and ``MINGZHANG_CODE``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from sqlalchemy import Connection

from disclosure.cli.common import Desk
from disclosure.identity.limits import count_try, forget_try
from disclosure.identity.passwords import WRONG, password_fits
from disclosure.identity.sealed import unseal
from disclosure.identity.totp import step_of
from ledger.errors import Refused, refuse
from ledger.people import Actor, Forbidden, require
from ledger.people.accounts import find_account, normal_account
from ledger.people.audit import Outcome, audit
from ledger.people.credentials import Credential, read_credential, use_totp_step
from ledger.people.members import SECOND_FACTOR, actor_of
from ledger.store.engine import reading, writing
from ledger.trust import Act

ORIGIN = "命令行"
_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Acting:
    """One writing transaction in somebody's name."""

    conn: Connection
    trust_id: int
    actor: Actor
    act: Act


def sign_in(desk: Desk, account: str) -> Actor:
    """The person of an account, proved by password and code. Raises :class:`~ledger.errors.Refused`."""
    password = os.environ.get("MINGZHANG_PASSWORD") or click.prompt(
        f"{account} 的密码", hide_input=True, err=True
    )
    act = desk.act()
    with writing(desk.engine) as conn:
        tried = count_try(conn, normal_account(account), ORIGIN, act)
    with reading(desk.engine) as conn:
        person = find_account(conn, account)
        credential = (read_credential(conn, person.person) if person else None) or Credential(0, "", "")
    if not password_fits(credential.password_hash, password, desk.config.password_cost) or person is None:
        raise refuse("wrong_login", WRONG)
    with reading(desk.engine) as conn:
        actor = actor_of(conn, person, desk.trust_id, origin=ORIGIN, on=act.today)
    if credential.totp_secret:
        secret = unseal(desk.config.code_key_path, credential.totp_secret)
        code = os.environ.get("MINGZHANG_CODE") or click.prompt("手机上的动态码", err=True)
        with writing(desk.engine) as conn:
            now = desk.act()
            use_totp_step(conn, person.person, step_of(secret, code, now.now), now)
    elif actor.roles & SECOND_FACTOR:
        raise refuse("no_code", "您还没有设置动态码，请先在网页上登录并设置，再用命令行办理")
    with writing(desk.engine) as conn:
        forget_try(conn, tried)
    return actor


@contextmanager
def acting_as(desk: Desk, actor: Actor, action: str, subject: str = "") -> Iterator[Acting]:
    """Run a command in the person's name; it and its line on the audit trail commit together.

    A refused try is noted by itself.
    """
    act = desk.act()
    try:
        with writing(desk.engine) as conn:
            require(actor, action)
            yield Acting(conn, desk.trust_id, actor, act)
            audit(conn, desk.trust_id, actor, action, subject, act)
    except Refused as error:
        outcome: Outcome = "forbidden" if isinstance(error, Forbidden) else "refused"
        codes = [problem.code for problem in error.problems]
        with writing(desk.engine) as conn:
            audit(conn, desk.trust_id, actor, action, subject, act, outcome=outcome, detail=codes)
        raise


def with_account(command: _Command) -> _Command:
    """Add ``--as``."""
    return click.option(
        "--as", "account", required=True, metavar="账号", help="以谁的名义办理（会问密码和动态码）"
    )(command)

"""A form that is sent twice is carried out once (double click, a reload, "back" and again).

Every form carries a random value of its own. With what the form did, and in the same transaction, it is noted
where that led; sent again by the same person, the form leads there again and does nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from litestar.connection import ASGIConnection
from markupsafe import Markup
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from disclosure.identity.guard import ONCE_FIELD
from ledger.store.tables import form_sent
from ledger.trust.act import Act

KEPT = timedelta(days=30)
"""How long a form can lie open and still be known for sent."""
_TOKEN = re.compile(r"[0-9a-f]{24}")
_AGAIN = "（同一张表单只办理一次；要再办一笔，请重新打开页面填写）"


@dataclass(slots=True)
class SentBefore(Exception):
    """This form was carried out before: ``path`` is where it led, ``notice`` what was said then."""

    path: str
    notice: str


def once_field(act: Act) -> Markup:
    """The hidden field; another value in every form."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(ONCE_FIELD, act.entropy(12).hex())


def token_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The value the guard found in the form, empty if it had none of ours."""
    found = connection.scope.get(ONCE_FIELD)
    return found if isinstance(found, str) and _TOKEN.fullmatch(found) else ""


def refuse_again(conn: Connection, trust_id: int, person: str, token: str) -> None:
    """Raise :class:`SentBefore` if this person sent the form before."""
    query = select(form_sent.c.path, form_sent.c.notice).where(
        form_sent.c.trust_id == trust_id, form_sent.c.token == token, form_sent.c.person == person
    )
    row = conn.execute(query).first() if token else None
    if row is not None:
        raise SentBefore(row.path, row.notice + _AGAIN)


def keep_sent(
    conn: Connection, trust_id: int, person: str, token: str, path: str, notice: str, act: Act
) -> None:
    """Note that the form was carried out. Raises :class:`SentBefore` if that happened this very moment."""
    if not token:
        return
    _forget(conn, trust_id, act)
    row = {"trust_id": trust_id, "token": token, "person": person, "path": path, "notice": notice}
    try:
        with conn.begin_nested():
            conn.execute(insert(form_sent).values(**row, sent_at=act.now))
    except IntegrityError:
        refuse_again(conn, trust_id, person, token)
        raise


def _forget(conn: Connection, trust_id: int, act: Act) -> None:
    """Delete what is too old to be sent again."""
    conn.execute(
        delete(form_sent).where(form_sent.c.trust_id == trust_id, form_sent.c.sent_at < act.now - KEPT)
    )

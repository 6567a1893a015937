"""Server-side sessions (登录状态). The browser holds a random token; the database its SHA-256 only.

A session ends by log-out, after :data:`ABSOLUTE` in any case, and for people who can move money or
manage accounts after half an hour without a page.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from litestar.datastructures import Cookie
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import OperationalError

from disclosure.config import Config
from disclosure.public.services import Services
from ledger.people.accounts import Person
from ledger.store.engine import writing
from ledger.store.tables import INSTALLATION
from ledger.store.tables import session as sessions
from ledger.trust.act import Act

ABSOLUTE = timedelta(hours=12)
IDLE_STAFF = timedelta(minutes=30)
KEPT_AFTER_END = timedelta(days=30)
_SEEN_EVERY = timedelta(minutes=1)
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """An open session. ``second_factor``: a one-time code was checked when it was opened."""

    token_hash: str
    person: str
    csrf: str
    opened_at: datetime
    last_seen: datetime
    expires_at: datetime
    second_factor: bool
    origin: str
    device: str
    notice: str
    pending_secret: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent a request: a session, its person, and whether that person has set up a second factor."""

    session: Session
    person: Person
    has_totp: bool

    @property
    def complete(self) -> bool:
        """Whether log-in is finished: someone with a second factor has given it."""
        return self.session.second_factor or not self.has_totp


def open_session(
    conn: Connection,
    person: str,
    act: Act,
    *,
    origin: str,
    device: str,
    staff: bool,
    second_factor: bool = False,
    notice: str = "",
) -> str:
    """Open a session and return its token. Every stage of log-in gets a token of its own.

    What was over long ago is deleted on the way: where someone logged in from is not kept for ever.
    """
    conn.execute(
        delete(sessions).where(
            sessions.c.trust_id == INSTALLATION, sessions.c.expires_at < act.now - KEPT_AFTER_END
        )
    )
    token = urlsafe_b64encode(act.entropy(_TOKEN_BYTES)).decode().rstrip("=")
    conn.execute(
        insert(sessions).values(
            trust_id=INSTALLATION,
            token_hash=hash_of(token),
            person=person,
            csrf=act.entropy(24).hex(),
            opened_at=act.now,
            last_seen=act.now,
            expires_at=act.now + ABSOLUTE,
            idle_minutes=int((IDLE_STAFF if staff else ABSOLUTE).total_seconds()) // 60,
            second_factor=second_factor,
            origin=origin,
            device=device,
            notice=notice,
            pending_secret="",
        )
    )
    return token


def hash_of(token: str) -> str:
    """What the database knows of a token."""
    return sha256(token.encode()).hexdigest()


def find_session(conn: Connection, token: str, now: datetime) -> Session | None:
    """The session of a token, if it is still open at this moment."""
    if not token:
        return None
    query = select(sessions).where(
        sessions.c.trust_id == INSTALLATION, sessions.c.token_hash == hash_of(token)
    )
    row = conn.execute(query).first()
    return _session(row) if row is not None and _is_open(row, now) else None


def list_sessions(conn: Connection, person: str, now: datetime) -> list[Session]:
    """Where a person is logged in, newest first."""
    query = select(sessions).where(
        sessions.c.trust_id == INSTALLATION,
        sessions.c.person == person,
        sessions.c.opened_at > now - ABSOLUTE,
    )
    rows = conn.execute(query.order_by(sessions.c.opened_at.desc())).all()
    return [_session(row) for row in rows if _is_open(row, now)]


def close_session(conn: Connection, token_hash: str, act: Act) -> None:
    """Log out."""
    conn.execute(
        update(sessions)
        .where(sessions.c.trust_id == INSTALLATION, sessions.c.token_hash == token_hash)
        .where(sessions.c.ended_at.is_(None))
        .values(ended_at=act.now, pending_secret="", notice="")
    )


def close_all(conn: Connection, person: str, act: Act, *, but: str = "") -> int:
    """Log a person out everywhere, except in the session with token hash ``but``; how many were open."""
    ended = conn.execute(
        update(sessions)
        .where(sessions.c.trust_id == INSTALLATION, sessions.c.person == person)
        .where(sessions.c.ended_at.is_(None), sessions.c.expires_at > act.now)
        .where(sessions.c.token_hash != but)
        .values(ended_at=act.now, pending_secret="", notice="")
    )
    return ended.rowcount


def keep_notice(conn: Connection, token_hash: str, notice: str) -> None:
    """What the next page shall say, or with an empty text that it was said."""
    _change(conn, token_hash, notice=notice)


def keep_secret(conn: Connection, token_hash: str, secret: str) -> None:
    """A TOTP secret that is not confirmed yet."""
    _change(conn, token_hash, pending_secret=secret)


def note_seen(services: Services, session: Session, now: datetime) -> None:
    """Note, once a minute, that the session is in use."""
    if now - session.last_seen >= _SEEN_EVERY:
        _change_if_free(services, session.token_hash, last_seen=now)


def note_told(services: Services, session: Session) -> None:
    """The notice has been shown."""
    if session.notice:
        _change_if_free(services, session.token_hash, notice="")


def cookie_name(config: Config) -> str:
    """With ``__Host-`` no neighbouring subdomain can plant it; that needs https."""
    return "__Host-mingzhang" if _https(config) else "mingzhang"


def session_cookie(config: Config, token: str) -> Cookie:
    """The cookie of a session; with an empty token it is taken away. It goes when the browser closes."""
    return _cookie(config, cookie_name(config), token)


def form_cookie_name(config: Config) -> str:
    """The cookie that protects forms of people not logged in."""
    return cookie_name(config) + "-form"


def form_cookie(config: Config, token: str) -> Cookie:
    """A random value that must come back in the form's own field."""
    return _cookie(config, form_cookie_name(config), token)


def _cookie(config: Config, name: str, value: str) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        path="/",
        httponly=True,
        samesite="lax",
        secure=_https(config),
        max_age=None if value else 0,
    )


def _https(config: Config) -> bool:
    return config.public_url.startswith("https://")


def _change(conn: Connection, token_hash: str, **values: Any) -> None:
    conn.execute(
        update(sessions)
        .where(sessions.c.trust_id == INSTALLATION, sessions.c.token_hash == token_hash)
        .values(**values)
    )


def _change_if_free(services: Services, token_hash: str, **values: Any) -> None:
    """Note what the next page can as well note: on SQLite a writer at work is not waited for."""
    if services.engine.dialect.name != "sqlite":
        with writing(services.engine) as conn:
            _change(conn, token_hash, **values)
        return
    with services.engine.connect() as conn:
        raw = conn.connection.cursor()
        patience = raw.execute("PRAGMA busy_timeout").fetchone()[0]
        raw.execute("PRAGMA busy_timeout=50")
        try:
            with conn.begin():
                _change(conn, token_hash, **values)
        except OperationalError as error:
            if "locked" not in str(error.orig):
                raise
        finally:
            raw.execute(f"PRAGMA busy_timeout={patience}")
            raw.close()


def _is_open(row: Row[Any], now: datetime) -> bool:
    idle_until = row.last_seen + timedelta(minutes=row.idle_minutes)
    return row.ended_at is None and now < row.expires_at and now < idle_until


def _session(row: Row[Any]) -> Session:
    return Session(
        token_hash=row.token_hash,
        person=row.person,
        csrf=row.csrf,
        opened_at=row.opened_at,
        last_seen=row.last_seen,
        expires_at=row.expires_at,
        second_factor=row.second_factor,
        origin=row.origin,
        device=row.device,
        notice=row.notice,
        pending_secret=row.pending_secret,
    )

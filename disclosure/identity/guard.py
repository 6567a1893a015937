"""The one guard before every route: who may come in, and whether a form was really sent from our page.

A handler says in its options what it needs: ``action`` (an action of permissions.toml; the address names
the community), ``signed_in`` (any finished log-in), ``halfway`` (log-in begun, second factor missing),
``stranger`` (a form for people who are not logged in) or ``key_signed`` (what is sent is signed with a
registered key; no cookie is looked at, so there is nothing to forge). A route that writes and says nothing is
refused, and so is an office route without an action.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers.base import BaseRouteHandler
from sqlalchemy import Connection

from disclosure.identity.sessions import (
    Visitor,
    cookie_name,
    find_session,
    form_cookie_name,
    note_seen,
)
from disclosure.public.services import Services, services_of
from disclosure.public.trusts import find_site
from ledger.errors import Problem
from ledger.people.accounts import read_person
from ledger.people.audit import audit
from ledger.people.credentials import read_credential
from ledger.people.members import SECOND_FACTOR, actor_of, memberships, trusts_of
from ledger.people.roles import Actor, Forbidden, actions, require
from ledger.store.engine import reading, writing

OFFICE = "/c/{slug}/office"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD, CSRF_HEADER, ONCE_FIELD = "csrf", "x-csrf-token", "once"
_ADDRESS_LENGTH = 45


class LogInFirst(HTTPException):
    """Nobody is logged in. ``back`` is where the person wanted to go, empty for a form."""

    status_code = 401

    def __init__(self, back: str = "", *, where: str = "/login") -> None:
        super().__init__(detail="请先登录")
        self.address = f"{where}?next={quote(back)}" if back else where


class ForgedForm(HTTPException):
    """The form does not come from a page of ours, or from one that is too old."""

    status_code = 403


class NotDeclared(HTTPException):
    """The route does not say who may use it: nobody may."""

    status_code = 403


@dataclass(frozen=True, slots=True)
class Entry:
    """What the guard found out, kept for the handler. ``actor`` is None outside a community; ``trusts`` are
    those in which the person may do what a route ``across`` communities asks for."""

    visitor: Visitor
    actor: Actor | None
    trust_id: int
    action: str
    trusts: tuple[int, ...] = ()


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request through to its handler, or raise."""
    options, unsafe = handler.opt, connection.scope.get("method") not in SAFE
    in_office = str(connection.scope.get("path_template", "")).startswith(OFFICE)
    action = str(options.get("action", ""))
    if options.get("key_signed") and not in_office and not action:
        return
    if unsafe and not _same_origin(connection):
        raise ForgedForm(detail="这次提交不是从本站网页发出的，没有办理。请回到原来的网页重新提交")
    if (in_office or action) and (action not in actions() or "slug" not in connection.path_params):
        raise NotDeclared(detail="这个网址没有规定谁可以使用，已经拒绝")
    if action:
        entry = await sync_to_thread(_office_entry, connection, action)
    elif across := str(options.get("across", "")):
        entry = await sync_to_thread(_across_entry, connection, across)
    elif options.get("signed_in") or options.get("halfway"):
        entry = await sync_to_thread(_entry, connection, bool(options.get("halfway")))
    else:
        if unsafe and not options.get("stranger"):
            raise NotDeclared(detail="这个网址没有规定谁可以使用，已经拒绝")
        if unsafe:
            cookie = connection.cookies.get(form_cookie_name(services_of(connection).config), "")
            await _check_token(connection, cookie)
        return
    connection.scope["auth"] = entry
    if unsafe:
        await _check_token(connection, entry.visitor.session.csrf)


def visitor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor | None:
    """The open session of a request, finished or not."""
    services = services_of(connection)
    with reading(services.engine) as conn:
        return _visitor(conn, connection)


def origin_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The address a request comes from; behind our own web server, the one that server saw."""
    trusted = services_of(connection).config.trusted_proxies
    here = connection.client.host if connection.client else ""
    passed_on = connection.headers.get("x-forwarded-for", "") if here in trusted else ""
    for address in reversed([part.strip() for part in passed_on.split(",") if part.strip()]):
        here = address[:_ADDRESS_LENGTH]
        if here not in trusted:
            break
    return here


def _entry(connection: ASGIConnection[Any, Any, Any, Any], halfway: bool) -> Entry:
    visitor = visitor_of(connection)
    if visitor is None:
        raise LogInFirst(_wanted(connection))
    if not visitor.complete and not halfway:
        raise LogInFirst(_wanted(connection), where="/login/code")
    note_seen(services_of(connection), visitor.session, services_of(connection).now())
    return Entry(visitor, None, 0, "")


def _office_entry(connection: ASGIConnection[Any, Any, Any, Any], action: str) -> Entry:
    services = services_of(connection)
    with reading(services.engine) as conn:
        visitor = _visitor(conn, connection)
        if visitor is None:
            raise LogInFirst(_wanted(connection))
        if not visitor.complete:
            raise LogInFirst(_wanted(connection), where="/login/code")
        site = find_site(conn, str(connection.path_params["slug"]))
        actor = actor_of(
            conn, visitor.person, site.trust_id, origin=origin_of(connection), on=services.today()
        )
    entry = Entry(visitor, actor, site.trust_id, action)
    connection.scope["auth"] = entry
    try:
        require(actor, action)
        if _needs_code(actor) and not visitor.session.second_factor:
            raise LogInFirst(_wanted(connection), where="/account/code")
    except Forbidden as error:
        _note_forbidden(services, entry, error.problems)
        raise
    note_seen(services, visitor.session, services.now())
    return entry


def _across_entry(connection: ASGIConnection[Any, Any, Any, Any], action: str) -> Entry:
    """Whoever may do it somewhere comes in, and sees those communities only. Raises :class:`Forbidden`."""
    entry = _entry(connection, halfway=False)
    services, person = services_of(connection), entry.visitor.person
    with reading(services.engine) as conn:
        held = memberships(conn, person.person, trusts_of(conn, person.person), services.today())
    origin = origin_of(connection)
    kinds = {item.roles: Actor(person.person, person.signature, item.roles, origin) for item in held.values()}
    may = {roles for roles, actor in kinds.items() if actor.may(action)}
    if not may:
        require(Actor(person.person, person.signature, frozenset(), origin), action)
    if any(_needs_code(kinds[roles]) for roles in may) and not entry.visitor.session.second_factor:
        raise LogInFirst(_wanted(connection), where="/account/code")
    trusts = sorted(trust_id for trust_id, item in held.items() if item.roles in may)
    return Entry(entry.visitor, None, 0, action, tuple(trusts))


def _needs_code(actor: Actor) -> bool:
    """Whoever can move or approve money, see all of it, or give others the power to, shows a second factor."""
    return bool(actor.roles & SECOND_FACTOR)


def _note_forbidden(services: Services, entry: Entry, problems: tuple[Problem, ...]) -> None:
    if entry.actor is None or not entry.actor.roles:
        return  # strangers to this community do not fill its trail
    with writing(services.engine) as conn:
        codes = [problem.code for problem in problems]
        audit(
            conn,
            entry.trust_id,
            entry.actor,
            entry.action,
            "",
            services.act(),
            outcome="forbidden",
            detail=codes,
        )


def _visitor(conn: Connection, connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor | None:
    services = services_of(connection)
    token = connection.cookies.get(cookie_name(services.config), "")
    session = find_session(conn, token, services.now())
    if session is None:
        return None
    credential = read_credential(conn, session.person)
    return Visitor(session, read_person(conn, session.person), bool(credential and credential.totp_secret))


def _same_origin(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Browsers say where a form was sent from; what doesn't say is no browser's form."""
    fetch_site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if fetch_site is not None and fetch_site != "same-origin":
        return False
    if origin is None:
        return fetch_site is not None
    asked = urlsplit(origin)
    ours = urlsplit(services_of(connection).config.public_url)
    here = connection.headers.get("host", "").casefold()
    return asked.netloc.casefold() == here or (asked.scheme, asked.netloc) == (ours.scheme, ours.netloc)


async def _check_token(connection: ASGIConnection[Any, Any, Any, Any], expected: str) -> None:
    sent: object = connection.headers.get(CSRF_HEADER)
    if isinstance(connection, Request):
        form = await connection.form()
        sent = form.get(CSRF_FIELD) if sent is None else sent
        connection.scope[ONCE_FIELD] = form.get(ONCE_FIELD)  # type: ignore[literal-required]
    given = sent if isinstance(sent, str) else ""
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise ForgedForm(detail="这张表单已经过期，没有办理。请回到原来的网页，刷新后重新提交")


def _wanted(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The page to come back to after log-in; a form that was sent is not repeated."""
    if connection.scope.get("method") not in SAFE:
        return ""
    query = connection.url.query
    return connection.url.path + (f"?{query}" if query else "")

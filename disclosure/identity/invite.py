"""Opening an account, adding a role to one's account, or choosing a new password, with a one-time code."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from sqlalchemy import Connection

from disclosure.identity.account import chosen_password
from disclosure.identity.answers import entry_of, note, see, stranger_page
from disclosure.identity.guard import origin_of, visitor_of
from disclosure.identity.limits import count_try, forget_try
from disclosure.identity.login import new_session
from disclosure.identity.passwords import hash_password
from disclosure.identity.sessions import close_all, session_cookie
from disclosure.office.acting import csrf_field
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from disclosure.public.services import services_of
from disclosure.public.trusts import list_sites
from ledger.errors import Problem, Refused, refuse
from ledger.people.accounts import Person, create_person, read_person
from ledger.people.audit import audit
from ledger.people.credentials import record_credential
from ledger.people.invitations import JOIN, RECOVER, Invitation, find_invitation, use_invitation
from ledger.people.roles import ROLE_NAMES, Actor
from ledger.store.engine import reading, writing
from ledger.trust.act import Act

_CODE_LENGTH = 40


@get("/invite", sync_to_thread=True)
def invite_page(request: Req) -> Answer:
    """Where a code is typed; the QR code of a letter fills it in."""
    code = request.query_params.get("code", "")[:_CODE_LENGTH]
    return stranger_page(request, "identity/invite.html", code=code, problems=())


@post("/invite", sync_to_thread=True, stranger=True)
def check_code(request: Req, data: FormData) -> Answer:
    """Say what the code is for, and ask for what is still needed. Nothing is spent yet."""
    code = _code(data)
    try:
        found = _find(request, code)
    except Refused as error:
        return _ask_again(request, code, error)
    return _offer(request, code, found)


@post("/invite/join", sync_to_thread=True, stranger=True)
def join(request: Req, data: FormData) -> Answer:
    """Open an account with the role of the code, and log in."""
    services, code, form = services_of(request), _code(data), Form(data)
    found: Invitation | None = None
    try:
        found = _find(request, code)
        _expect(found, JOIN)
        account, name = form.text("account", "账号"), form.text("name", "姓名")
        hashed = hash_password(chosen_password(form, account), services.config.password_cost)
        with writing(services.engine) as conn:
            act = services.act()
            person = create_person(conn, account, name, by=found.created_by, act=act)
            record_credential(conn, person.person, by=person.person, act=act, password_hash=hashed)
            _use(conn, request, found, person, act)
            token = new_session(conn, request, person, act, notice="账号已开通，请记住您的账号和密码")
    except Refused as error:
        if found is None:
            return _ask_again(request, code, error)
        return _offer(request, code, found, error.problems, form.values)
    return see("/me", session_cookie(services.config, token))


@post("/invite/accept", sync_to_thread=True, signed_in=True)
def accept(request: Req, data: FormData) -> Answer:
    """Add the role of the code to the account that is logged in."""
    services, code, person = services_of(request), _code(data), entry_of(request).visitor.person
    try:
        found = _find(request, code)
        _expect(found, JOIN)
        with writing(services.engine) as conn:
            _use(conn, request, found, person, services.act())
    except Refused as error:
        return _ask_again(request, code, error)
    return see("/me")


@post("/invite/recover", sync_to_thread=True, stranger=True)
def recover(request: Req, data: FormData) -> Answer:
    """A new password; every session ends. A second factor stays: the code alone opens no books."""
    services, code, form = services_of(request), _code(data), Form(data)
    found: Invitation | None = None
    try:
        found = _find(request, code)
        _expect(found, RECOVER)
        with reading(services.engine) as conn:
            person = read_person(conn, found.person)
        hashed = hash_password(chosen_password(form, person.account), services.config.password_cost)
        with writing(services.engine) as conn:
            act = services.act()
            use_invitation(conn, found, person, act)
            record_credential(conn, person.person, by=person.person, act=act, password_hash=hashed)
            close_all(conn, person.person, act)
            note(conn, request, person, "account.recover", act)
    except Refused as error:
        if found is None:
            return _ask_again(request, code, error)
        return _offer(request, code, found, error.problems, form.values)
    return see("/login")


def _find(request: Req, code: str) -> Invitation:
    services, origin = services_of(request), origin_of(request)
    with writing(services.engine) as conn:
        tried = count_try(conn, f"invitation from {origin}", origin, services.act())
    with reading(services.engine) as conn:
        found = find_invitation(conn, code, services.now())
    with writing(services.engine) as conn:
        forget_try(conn, tried)
    return found


def _expect(found: Invitation, kind: str) -> None:
    if found.kind != kind:
        raise refuse("bad_code", "这个码不是用在这里的，请从头再填一次", "邀请码")


def _use(conn: Connection, request: Req, found: Invitation, person: Person, act: Act) -> None:
    use_invitation(conn, found, person, act)
    actor = Actor(person.person, person.signature, frozenset(), origin_of(request))
    subject = (ROLE_NAMES[found.role] if found.role else "") + (f"（{found.unit}）" if found.unit else "")
    audit(conn, found.trust_id, actor, "account.join", subject, act)


def _offer(
    request: Req,
    code: str,
    found: Invitation,
    problems: tuple[Problem, ...] = (),
    values: dict[str, Any] | None = None,
) -> Answer:
    services, visitor = services_of(request), visitor_of(request)
    with reading(services.engine) as conn:
        site = next((site for site in list_sites(conn) if site.trust_id == found.trust_id), None)
        person = read_person(conn, found.person) if found.person else None
    known = visitor if visitor is not None and visitor.complete and found.kind == JOIN else None
    typed = {key: value for key, value in (values or {}).items() if key in {"account", "name"}}
    return stranger_page(
        request,
        "identity/invited.html",
        422 if problems else 200,
        code=code,
        found=found,
        community=site.name if site else "",
        role=ROLE_NAMES[found.role] if found.role else "",
        person=person,
        visitor=known,
        visitor_csrf=csrf_field(known.session.csrf) if known else "",
        values={"name": found.label, **typed},
        problems=problems,
    )


def _ask_again(request: Req, code: str, error: Refused) -> Answer:
    status = 429 if "too_many_tries" in error.codes else 422
    return stranger_page(request, "identity/invite.html", status, code=code, problems=error.problems)


def _code(data: FormData) -> str:
    value = data.get("code", "")
    return value[:_CODE_LENGTH] if isinstance(value, str) else ""


HANDLERS = [invite_page, check_code, join, accept, recover]

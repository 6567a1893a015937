"""Log in with password and, where set up, a one-time code; log out."""

from __future__ import annotations

from urllib.parse import quote

from litestar import get, post
from sqlalchemy import Connection

from disclosure.identity.answers import device_of, entry_of, local_path, note, person_page, see, stranger_page
from disclosure.identity.guard import origin_of, visitor_of
from disclosure.identity.landing import landing_of
from disclosure.identity.limits import count_try, forget_try
from disclosure.identity.passwords import WRONG, hash_password, is_outdated, password_fits
from disclosure.identity.sealed import unseal
from disclosure.identity.sessions import close_session, open_session, session_cookie
from disclosure.identity.totp import code_at, step_of
from disclosure.office.forms import FormData
from disclosure.public.answers import Answer, Req
from disclosure.public.services import services_of
from ledger.errors import Problem, Refused, refuse
from ledger.people.accounts import Person, find_account, normal_account
from ledger.people.credentials import Credential, read_credential, record_credential, use_totp_step
from ledger.people.members import SECOND_FACTOR, memberships, trusts_of
from ledger.store.engine import reading, writing
from ledger.trust.act import Act

_NOBODY = Person("", "", "未知账号")


@get("/login", sync_to_thread=True)
def login_page(request: Req) -> Answer:
    """The log-in form, or on to where one wanted to go."""
    back = _asked_for(request.query_params.get("next", ""))
    visitor = visitor_of(request)
    if visitor is not None and visitor.complete:
        return see(back or _landing(request, visitor.person))
    return stranger_page(request, "identity/login.html", back=back, account="", problems=())


@post("/login", sync_to_thread=True, stranger=True)
def log_in(request: Req, data: FormData) -> Answer:
    """Check the password. What is wrong is not said: account and password fail alike, in the same time."""
    account, password = _text(data, "account"), _text(data, "password")
    back = _asked_for(_text(data, "next"))
    try:
        token, has_totp, home = _check_password(request, account, password)
    except Refused as error:
        status = 429 if "too_many_tries" in error.codes else 422
        return stranger_page(
            request, "identity/login.html", status, back=back, account=account[:64], problems=error.problems
        )
    cookie = session_cookie(services_of(request).config, token)
    return see(f"/login/code?next={quote(back)}" if has_totp else back or home, cookie)


def _check_password(request: Req, account: str, password: str) -> tuple[str, bool, str]:
    """The token of a new session, whether a code is still to be given, and where this person starts."""
    services, origin = services_of(request), origin_of(request)
    with writing(services.engine) as conn:
        tried = count_try(conn, normal_account(account), origin, services.act())
    with reading(services.engine) as conn:
        person = find_account(conn, account)
        credential = read_credential(conn, person.person) if person else None
    cost, known = services.config.password_cost, credential.password_hash if credential else ""
    fits = password_fits(known, password, cost)
    renewed = hash_password(password, cost) if fits and is_outdated(known, cost) else ""
    with writing(services.engine) as conn:
        act = services.act()
        if person is not None and credential is not None and fits:
            forget_try(conn, tried)
            if renewed:
                record_credential(conn, person.person, by="system", act=act, password_hash=renewed)
            token = new_session(conn, request, person, act)
            if not credential.totp_secret:
                note(conn, request, person, "account.log_in", act)
            return token, bool(credential.totp_secret), landing_of(conn, person, act)
        # noted for unknown accounts too, nameless: what was typed may be a password, and leaving the
        # line out would take less time
        who = person or _NOBODY
        note(conn, request, who, "account.log_in", act, outcome="refused", detail=["wrong_login"])
    raise refuse("wrong_login", WRONG)


def new_session(
    conn: Connection, request: Req, person: Person, act: Act, *, second_factor: bool = False, notice: str = ""
) -> str:
    """A new session in place of the one the browser had, if any: its token."""
    old = visitor_of(request)
    if old is not None:
        close_session(conn, old.session.token_hash, act)
    return open_session(
        conn,
        person.person,
        act,
        origin=origin_of(request),
        device=device_of(request),
        staff=_is_staff(conn, person, act),
        second_factor=second_factor,
        notice=notice,
    )


def _is_staff(conn: Connection, person: Person, act: Act) -> bool:
    held = memberships(conn, person.person, trusts_of(conn, person.person), act.today)
    return any(item.roles & SECOND_FACTOR for item in held.values())


@get("/login/code", sync_to_thread=True, halfway=True)
def code_page(request: Req) -> Answer:
    """The form for the one-time code."""
    back, visitor = _asked_for(request.query_params.get("next", "")), entry_of(request).visitor
    if visitor.complete:
        return see(back or _landing(request, visitor.person))
    return _code_page(request, 200, back)


@post("/login/code", sync_to_thread=True, halfway=True)
def give_code(request: Req, data: FormData) -> Answer:
    """Check the one-time code and finish log-in with a new token."""
    back, visitor = _asked_for(_text(data, "next")), entry_of(request).visitor
    services = services_of(request)
    if visitor.complete:
        return see(back or _landing(request, visitor.person))
    try:
        tried = try_code(request, visitor.person)
        with writing(services.engine) as conn:
            act = services.act()
            credential = read_credential(conn, visitor.person.person) or Credential(0, "", "")
            secret = unseal(services.config.code_key_path, credential.totp_secret)
            step = step_of(secret, _text(data, "code"), services.now())
            use_totp_step(conn, visitor.person.person, step, act)
            forget_try(conn, tried)
            token = new_session(conn, request, visitor.person, act, second_factor=True)
            note(conn, request, visitor.person, "account.log_in", act)
    except Refused as error:
        status = 429 if "too_many_tries" in error.codes else 422
        return _code_page(request, status, back, error.problems)
    return see(back or _landing(request, visitor.person), session_cookie(services.config, token))


def _code_page(request: Req, status: int, back: str, problems: tuple[Problem, ...] = ()) -> Answer:
    shown = _demo_code(request)
    return person_page(request, "identity/code.html", status, back=back, problems=problems, shown=shown)


def _demo_code(request: Req) -> str:
    """In the demo, whose people have no phones, the page itself says what a phone would show."""
    services = services_of(request)
    if not services.config.demo:
        return ""
    with reading(services.engine) as conn:
        credential = read_credential(conn, entry_of(request).visitor.person.person)
    if credential is None:
        return ""
    return code_at(unseal(services.config.code_key_path, credential.totp_secret), services.now())


def try_code(request: Req, person: Person) -> str:
    """Count a try at a person's one-time code."""
    services = services_of(request)
    with writing(services.engine) as conn:
        return count_try(conn, f"code of {person.person}", "", services.act())


@post("/logout", sync_to_thread=True, halfway=True)
def log_out(request: Req) -> Answer:
    """End this session."""
    services, visitor = services_of(request), entry_of(request).visitor
    with writing(services.engine) as conn:
        act = services.act()
        close_session(conn, visitor.session.token_hash, act)
        note(conn, request, visitor.person, "account.log_out", act)
    return see("/login", session_cookie(services.config, ""))


def _asked_for(path: str) -> str:
    """The page somebody wanted before they had to log in; empty if none."""
    return local_path(path) if path else ""


def _landing(request: Req, person: Person) -> str:
    services = services_of(request)
    with reading(services.engine) as conn:
        return landing_of(conn, person, services.act())


def _text(data: FormData, name: str) -> str:
    value = data.get(name, "")
    return value if isinstance(value, str) else ""


HANDLERS = [login_page, log_in, code_page, give_code, log_out]

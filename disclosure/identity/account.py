"""One's own account: communities and roles, password, second factor, sessions."""

from __future__ import annotations

from litestar import get, post

from disclosure.identity.answers import entry_of, local_path, note, person_page, see
from disclosure.identity.guard import origin_of
from disclosure.identity.limits import count_try, forget_try
from disclosure.identity.login import new_session, try_code
from disclosure.identity.passwords import hash_password, password_fits, problems_of
from disclosure.identity.sealed import seal, unseal
from disclosure.identity.sessions import (
    Visitor,
    close_all,
    keep_notice,
    keep_secret,
    list_sessions,
    session_cookie,
)
from disclosure.identity.totp import new_secret, setup_picture, step_of
from disclosure.identity.words import device_text, moment_text
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from disclosure.public.services import services_of
from disclosure.public.trusts import list_sites
from ledger.errors import Problem, Refused, refuse
from ledger.notices.addresses import EMAIL, LONGEST, addresses_of, agree, forget
from ledger.people.credentials import Credential, read_credential, record_credential, use_totp_step
from ledger.people.members import memberships, trusts_of
from ledger.people.roles import ROLE_NAMES, Actor, Role
from ledger.store.engine import reading, writing
from ledger.store.tables import INSTALLATION


@get("/me", sync_to_thread=True, signed_in=True)
def my_communities(request: Req) -> Answer:
    """What one is to which community."""
    services, person = services_of(request), entry_of(request).visitor.person
    with reading(services.engine) as conn:
        trust_ids = trusts_of(conn, person.person)
        held = memberships(conn, person.person, trust_ids, services.today())
        sites = [site for site in list_sites(conn) if held.get(site.trust_id) and held[site.trust_id].roles]
    cards = [
        {
            "site": site,
            "roles": [ROLE_NAMES[role] for role in Role if role in held[site.trust_id].roles],
            "units": held[site.trust_id].homes,
            "office": Actor(person.person, "", held[site.trust_id].roles).may("office.home"),
            "people": Actor(person.person, "", held[site.trust_id].roles).may("people.read"),
            "owner": Role.RESIDENT in held[site.trust_id].roles,
            "asks": bool(held[site.trust_id].roles & {Role.TENANT, Role.COMMITTEE, Role.CHAIR}),
        }
        for site in sites
    ]
    may_open = INSTALLATION in held and Role.OPERATOR in held[INSTALLATION].roles
    oversees = [item for item in held.values() if Actor(person.person, "", item.roles).may("district.read")]
    return person_page(request, "identity/me.html", cards=cards, may_open=may_open, district=len(oversees))


@get("/account", sync_to_thread=True, signed_in=True)
def account_page(request: Req) -> Answer:
    """Password, second factor and sessions."""
    return _account(request)


@post("/account/password", sync_to_thread=True, signed_in=True)
def change_password(request: Req, data: FormData) -> Answer:
    """A new password; every other session ends."""
    services, visitor = services_of(request), entry_of(request).visitor
    try:
        form = Form(data)
        _check_own_password(request, visitor, _raw(data, "old"))
        password = chosen_password(form, visitor.person.account)
        hashed = hash_password(password, services.config.password_cost)
        with writing(services.engine) as conn:
            act = services.act()
            record_credential(
                conn, visitor.person.person, by=visitor.person.person, act=act, password_hash=hashed
            )
            close_all(conn, visitor.person.person, act)
            token = new_session(
                conn,
                request,
                visitor.person,
                act,
                second_factor=visitor.session.second_factor,
                notice="密码已改，其他地方的登录都已退出",
            )
            note(conn, request, visitor.person, "account.password", act)
    except Refused as error:
        return _account(request, 422, error.problems)
    return see("/account", session_cookie(services.config, token))


@post("/account/log-out", sync_to_thread=True, signed_in=True)
def log_out_everywhere(request: Req) -> Answer:
    """End every session of this person, this one too."""
    services, visitor = services_of(request), entry_of(request).visitor
    with writing(services.engine) as conn:
        act = services.act()
        close_all(conn, visitor.person.person, act)
        note(conn, request, visitor.person, "account.log_out_everywhere", act)
    return see("/login", session_cookie(services.config, ""))


@get("/account/code", sync_to_thread=True, signed_in=True)
def second_factor_page(request: Req) -> Answer:
    """A secret to put into one's phone, as QR code and text, until a code confirms it."""
    return _second_factor(request, local_path(request.query_params.get("next", "")))


@post("/account/code", sync_to_thread=True, signed_in=True)
def set_up_second_factor(request: Req, data: FormData) -> Answer:
    """Confirm the new secret with a code; log-in goes on with a new token."""
    services, visitor = services_of(request), entry_of(request).visitor
    back, person = local_path(_raw(data, "next")), visitor.person
    try:
        if visitor.has_totp:
            _check_own_password(request, visitor, _raw(data, "old"))
        tried = try_code(request, person)
        with writing(services.engine) as conn:
            act, secret = services.act(), visitor.session.pending_secret
            if not secret:
                raise refuse("no_secret", "这个二维码已经过期，请刷新网页后用新的二维码", "动态码")
            plain = unseal(services.config.code_key_path, secret)
            use_totp_step(conn, person.person, step_of(plain, _raw(data, "code"), services.now()), act)
            forget_try(conn, tried)
            record_credential(conn, person.person, by=person.person, act=act, totp_secret=secret)
            close_all(conn, person.person, act)
            token = new_session(
                conn, request, person, act, second_factor=True, notice="动态码已设好，以后登录时要填"
            )
            note(conn, request, person, "account.second_factor", act)
    except Refused as error:
        return _second_factor(request, back, 422, error.problems)
    return see(back, session_cookie(services.config, token))


@post("/account/notices", sync_to_thread=True, signed_in=True)
def change_notices(request: Req, data: FormData) -> Answer:
    """Agree to be told by e-mail, or take that back: then the address is deleted."""
    services, visitor = services_of(request), entry_of(request).visitor
    person, stops = visitor.person, "stop" in data
    try:
        form = Form(data)
        address = "" if stops else form.text("address", "邮箱", longest=LONGEST)
        if not stops and not form.flag("agree"):
            form.problem("no_consent", "请勾选同意，才能保存邮箱", "同意")
        form.finish()
        with writing(services.engine) as conn:
            act = services.act()
            if stops:
                forget(conn, person.person, EMAIL)
            else:
                agree(conn, person.person, EMAIL, address, act)
            note(conn, request, person, "account.notices", act)
            told = "已停用邮件通知，邮箱地址已删除" if stops else "已保存，有新进展会发到这个邮箱"
            keep_notice(conn, visitor.session.token_hash, told)
    except Refused as error:
        return _account(request, 422, error.problems, _raw(data, "address"))
    return see("/account")


def chosen_password(form: Form, account: str) -> str:
    """A new password typed twice. Raises :class:`Refused` with everything wrong with it and the form."""
    password, again = _raw(form.values, "password"), _raw(form.values, "again")
    form.problems += problems_of(password, account)
    if password != again:
        form.problem("not_alike", "两次填的新密码不一样", "再填一次")
    form.finish()
    return password


def _check_own_password(request: Req, visitor: Visitor, password: str) -> None:
    services = services_of(request)
    with writing(services.engine) as conn:
        tried = count_try(conn, visitor.person.account, origin_of(request), services.act())
        credential = read_credential(conn, visitor.person.person) or Credential(0, "", "")
    if not password_fits(credential.password_hash, password, services.config.password_cost):
        raise refuse("wrong_password", "现在的密码不对", "现在的密码")
    with writing(services.engine) as conn:
        forget_try(conn, tried)


def _account(request: Req, status: int = 200, problems: tuple[Problem, ...] = (), typed: str = "") -> Answer:
    services, visitor = services_of(request), entry_of(request).visitor
    with reading(services.engine) as conn:
        address = addresses_of(conn, visitor.person.person).get(EMAIL, "")
        sessions = [
            {
                "opened": moment_text(item.opened_at),
                "origin": item.origin,
                "device": device_text(item.device),
                "here": item.token_hash == visitor.session.token_hash,
            }
            for item in list_sessions(conn, visitor.person.person, services.now())
        ]
    return person_page(
        request,
        "identity/account.html",
        status,
        sessions=sessions,
        has_totp=visitor.has_totp,
        address=address,
        typed=typed,
        sends_mail=services.config.mail is not None,
        problems=problems,
    )


def _second_factor(request: Req, back: str, status: int = 200, problems: tuple[Problem, ...] = ()) -> Answer:
    services, visitor = services_of(request), entry_of(request).visitor
    key, secret = services.config.code_key_path, visitor.session.pending_secret
    if secret:
        secret = unseal(key, secret)
    else:
        secret = new_secret(services.entropy)
        with writing(services.engine) as conn:
            keep_secret(conn, visitor.session.token_hash, seal(key, secret, services.entropy))
    return person_page(
        request,
        "identity/second_factor.html",
        status,
        back=back,
        secret=secret,
        picture=setup_picture(secret, visitor.person.account),
        has_totp=visitor.has_totp,
        problems=problems,
    )


def _raw(data: dict[str, object], name: str) -> str:
    """A field as typed: blanks belong to a password."""
    value = data.get(name, "")
    return value if isinstance(value, str) else ""


HANDLERS = [
    my_communities,
    account_page,
    change_password,
    change_notices,
    log_out_everywhere,
    second_factor_page,
    set_up_second_factor,
]

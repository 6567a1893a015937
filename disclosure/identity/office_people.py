"""The operator's pages: who holds which role, inviting, taking back, a new start for a forgotten password."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.identity.sessions import close_all
from disclosure.identity.totp import picture
from disclosure.identity.words import moment_text
from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.errors import Refused, Unanswerable, refuse
from ledger.people.accounts import read_people, read_person
from ledger.people.invitations import cancel_invitation, invite, offer_recovery, open_invitations
from ledger.people.members import AT_HOME, Grant, list_grants, memberships, revoke, trusts_of
from ledger.people.roles import ROLE_NAMES, Role

_PAGE = 50
_OFFICE_ROLES = [role for role in Role if role not in AT_HOME]
ROLE_CHOICES = [(role.value, ROLE_NAMES[role]) for role in _OFFICE_ROLES]
HOME_CHOICES = [(role.value, ROLE_NAMES[role]) for role in Role if role in AT_HOME]


@get("/c/{slug:str}/office/people", sync_to_thread=True, action="people.read")
def people_page(request: Req, slug: FromPath[str]) -> Answer:
    """Everybody who holds a role other than at home, and open invitations."""
    with reading_office(request, slug) as office:
        return _people(office)


@get("/c/{slug:str}/office/people/homes", sync_to_thread=True, action="people.homes")
def homes_page(request: Req, slug: FromPath[str]) -> Answer:
    """Owners and tenants with an account, home by home."""
    asked = request.query_params
    after = (asked.get("unit_after", ""), asked.get("person_after", ""), asked.get("role_after", ""))
    unit = asked.get("unit", "").strip()
    with reading_office(request, slug) as office:
        grants = list_grants(office.conn, office.trust_id, AT_HOME, unit=unit, after=after, limit=_PAGE + 1)
        last = grants[_PAGE - 1] if len(grants) > _PAGE else None
        return office.page("identity/homes.html", rows=_rows(grants[:_PAGE], office), unit=unit, last=last)


@get("/c/{slug:str}/office/people/one/{person:str}", sync_to_thread=True, action="people.read")
def person_page(request: Req, slug: FromPath[str], person: FromPath[str]) -> Answer:
    """What one person is here, and what the operator may do about it."""
    with reading_office(request, slug) as office:
        grants = list_grants(office.conn, office.trust_id, person=person)
        if office.trust_id not in trusts_of(office.conn, person):
            raise Unanswerable("unknown_person", "本小区没有这个人的账号")
        if not office.actor.may("people.homes"):
            grants = [item for item in grants if item.role not in AT_HOME]
        known = read_person(office.conn, person)
        return office.page("identity/person.html", person=known, rows=_rows(grants, office))


@post("/c/{slug:str}/office/people/invite", sync_to_thread=True, action="people.invite")
def invite_person(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Make a one-time code and show it, this once."""
    form = Form(data)
    with acting(request, slug) as office:
        try:
            role = form.choice("role", "身份", [role.value for role in Role])
            unit, label = (
                form.text("unit", "房屋", required=False),
                form.text("label", "姓名", required=False),
            )
            form.finish()
            office.subject = f"{label}：{_role_text(role, unit)}" if label else _role_text(role, unit)
            code = invite(
                office.conn,
                office.trust_id,
                Role(role),
                by=office.actor.person,
                act=office.act,
                unit=unit,
                label=label,
            )
        except Refused as error:
            return _people(office, 422, problems=error.problems, values=form.values)
        return _show_code(office, code, office.subject, recovery=False)


@post("/c/{slug:str}/office/people/revoke", sync_to_thread=True, action="people.revoke")
def revoke_role(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Take a role back at once."""
    form = Form(data)
    person, unit = form.text("person", "人"), form.text("unit", "房屋", required=False)
    role = form.choice("role", "身份", [role.value for role in Role])
    with acting(request, slug, subject=f"{role} {unit}") as office:
        reason = form.text("reason", "原因")
        form.finish()
        office.subject = f"{read_person(office.conn, person).signature}：{_role_text(role, unit)}"
        if role == Role.OPERATOR and person == office.actor.person:
            raise refuse("own_role", "不能收回自己的管理员身份，请由另一位管理员办理，以免无人管理")
        revoke(
            office.conn,
            office.trust_id,
            person,
            Role(role),
            by=office.actor.person,
            act=office.act,
            unit=unit,
            reason=reason,
        )
    back = f"/c/{slug}/office/people" + ("/homes" if unit else "")
    return office.done(back, "身份已收回，立即生效")


@post("/c/{slug:str}/office/people/cancel", sync_to_thread=True, action="people.invite")
def cancel(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Make a code that was not used worthless."""
    with acting(request, slug, subject="作废邀请码") as office:
        form = Form(data)
        code_hash = form.text("invitation", "邀请码")
        form.finish()
        cancel_invitation(office.conn, office.trust_id, code_hash, office.act)
    return office.done(f"/c/{slug}/office/people", "邀请码已作废")


@post("/c/{slug:str}/office/people/recover", sync_to_thread=True, action="people.recover")
def recover_person(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """A one-time code with which someone chooses a new password, shown this once."""
    form = Form(data)
    asked = form.text("person", "人")
    with acting(request, slug) as office:
        form.finish()
        person = read_person(office.conn, asked)
        office.subject = f"{person.signature}：重设密码"
        _only_here(office, asked)
        code = offer_recovery(office.conn, office.trust_id, person, by=office.actor.person, act=office.act)
        return _show_code(office, code, f"{person.signature}：重设密码", recovery=True)


@post("/c/{slug:str}/office/people/log-out", sync_to_thread=True, action="people.recover")
def log_person_out(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """End every session of someone, after a phone or computer was lost."""
    form = Form(data)
    asked = form.text("person", "人")
    with acting(request, slug) as office:
        form.finish()
        office.subject = f"{read_person(office.conn, asked).signature}：强制退出"
        _only_here(office, asked)
        ended = close_all(office.conn, asked, office.act)
    return office.done(f"/c/{slug}/office/people", f"已退出 {ended} 处登录")


def _role_text(role: str, unit: str) -> str:
    return ROLE_NAMES[Role(role)] + (f"（{unit}）" if unit else "")


def _only_here(office: Office, person: str) -> None:
    """Refuse unless the operator manages every community the person belongs to.

    Otherwise the operator of one community could take over the chair's account of another.
    """
    trust_ids = trusts_of(office.conn, person)
    if office.trust_id not in trust_ids:
        raise refuse("not_here", "此人在本小区没有身份")
    theirs = memberships(office.conn, person, trust_ids, office.act.today)
    mine = memberships(office.conn, office.actor.person, trust_ids, office.act.today)
    if any(held.roles and Role.OPERATOR not in mine[trust_id].roles for trust_id, held in theirs.items()):
        raise refuse(
            "elsewhere_too",
            "此人在别的小区也有身份，您不能单独重设他的密码；请部署本网站的人用命令行 mingzhang people recover 办理",
        )


def _people(office: Office, status: int = 200, **values: Any) -> Answer:
    grants = list_grants(office.conn, office.trust_id, _OFFICE_ROLES)
    invited = open_invitations(office.conn, office.trust_id, office.act.now)
    names = read_people(office.conn, [item.created_by for item in invited])
    shown = {
        "rows": _rows(grants, office),
        "roles": ROLE_CHOICES,
        "homes": HOME_CHOICES,
        "invited": [
            {
                "key": item.code_hash,
                "label": item.label,
                "role": ROLE_NAMES[item.role] if item.role else "重设密码",
                "by": names[item.created_by].signature if item.created_by in names else item.created_by,
                "until": moment_text(item.expires_at),
            }
            for item in invited
        ],
        "problems": (),
        "values": {},
    }
    return office.page("identity/people.html", status, **(shown | values))


def _rows(grants: list[Grant], office: Office) -> list[dict[str, Any]]:
    today = office.act.today
    return [
        {
            "person": item.person,
            "role": item.role.value,
            "role_name": ROLE_NAMES[item.role],
            "unit": item.unit,
            "since": item.from_day,
            "until": item.until_day,
            "in_force": item.in_force(today),
            "ended": item.until_day is not None and item.until_day < today,
        }
        for item in grants
    ]


def _show_code(office: Office, code: str, what: str, *, recovery: bool) -> Answer:
    address = office.services.address(f"/invite?code={code}")
    return office.page(
        "identity/code_shown.html",
        code=code,
        what=what,
        recovery=recovery,
        address=office.services.address("/invite"),
        picture=picture(address),
    )


HANDLERS = [
    people_page,
    homes_page,
    person_page,
    invite_person,
    revoke_role,
    cancel,
    recover_person,
    log_person_out,
]

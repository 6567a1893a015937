"""Open the books of a community from the browser: for an operator of the whole installation.

Such an operator holds the role at the installation itself and gets it in every trust opened, to give the
first accounts out. Nothing else comes with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import get, post
from sqlalchemy import Connection

from disclosure.identity.answers import entry_of, person_page, see
from disclosure.identity.guard import LogInFirst, origin_of
from disclosure.identity.sessions import keep_notice
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from disclosure.public.services import Services, services_of
from ledger.errors import Problem, Refused, refuse
from ledger.log.keys import create_key
from ledger.people import Actor, Role, require
from ledger.people.audit import audit
from ledger.people.members import actor_of, grant
from ledger.people.roles import Forbidden
from ledger.store.engine import reading, writing
from ledger.store.tables import INSTALLATION
from ledger.trust import Act, Deed, open_trust
from ledger.trust.deeds import ELEMENT_HELP, ELEMENTS

_LONGEST = 2_000


def _operator(request: Req, conn: Connection) -> Actor:
    """The person as an operator of the installation. Raises Forbidden, or asks for the second factor."""
    services, visitor = services_of(request), entry_of(request).visitor
    actor = actor_of(conn, visitor.person, INSTALLATION, origin=origin_of(request), on=services.today())
    require(actor, "trust.open")
    if not visitor.session.second_factor:
        raise LogInFirst("/office/new", where="/account/code")
    return actor


@get("/office/new", sync_to_thread=True, signed_in=True)
def new_trust(request: Req) -> Answer:
    """The form: names, opening day, and the five elements of the deed."""
    with reading(services_of(request).engine) as conn:
        _operator(request, conn)
    return _page(request, {"opened_on": services_of(request).today().replace(day=1).isoformat()}, ())


@post("/office/new", sync_to_thread=True, signed_in=True)
def open_books(request: Req, data: FormData) -> Answer:
    """Open the books; then the checklist of what else is needed."""
    services = services_of(request)
    try:
        with writing(services.engine) as conn:
            actor = _operator(request, conn)
            slug = _open(conn, services, actor, Form(data))
            keep_notice(
                conn, entry_of(request).visitor.session.token_hash, "账套已开。下面是开账前要准备好的事"
            )
    except Forbidden:
        raise
    except Refused as error:
        return _page(request, data, error.problems, 422)
    return see(f"/c/{slug}/office/setup")


def _open(conn: Connection, services: Services, actor: Actor, form: Form) -> str:
    act = services.act()
    slug = form.text("slug", "网址名", required=False)
    name = form.text("name", "小区名称", required=False)
    trustee = form.text("trustee", "受托人", required=False)
    opened_on = form.day("opened_on", "建账日")
    authority = form.text("authority", "依据")
    elements = {
        field: form.text(field, title, required=False, longest=_LONGEST) for field, title in ELEMENTS.items()
    }
    trust_id = int.from_bytes(act.entropy(7), "big") >> 3
    day = opened_on or act.today
    deed = Deed(effective_on=day, authority=authority, **elements)
    problems: list[Problem] = list(form.problems)
    try:
        open_trust(
            conn,
            trust_id=trust_id,
            slug=slug,
            name=name,
            trustee=trustee,
            host=services.config.public_url.split("://", 1)[-1],
            opened_on=day,
            deed=deed,
            act=act,
        )
    except Refused as error:
        problems += error.problems
    if problems:
        raise Refused(problems)
    grant(conn, trust_id, actor.person, Role.OPERATOR, by=actor.person, act=act, reason="开账")
    audit(conn, trust_id, actor, "trust.open", slug, act)
    _make_key(services, slug, act)
    return slug


def _make_key(services: Services, slug: str, act: Act) -> None:
    """The signing key of the new log; an old one of the same name is never overwritten."""
    try:
        create_key(services.config.key_path(slug), act.entropy)
    except FileExistsError as error:
        raise refuse(
            "key_exists",
            f"这台机器上已有网址名“{slug}”的签名钥匙，不能覆盖；请换一个网址名，或请部署网站的人查明原因",
            "网址名",
        ) from error


def _page(
    request: Req, values: Mapping[str, Any], problems: tuple[Problem, ...], status: int = 200
) -> Answer:
    return person_page(
        request,
        "office/setup_new.html",
        status,
        values=values,
        problems=problems,
        elements=[(field, title, ELEMENT_HELP[field]) for field, title in ELEMENTS.items()],
    )


HANDLERS = [new_trust, open_books]

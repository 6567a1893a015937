"""Pages of log-in and account: never cached, every form with its token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import Cookie

from disclosure.identity.guard import Entry, origin_of
from disclosure.identity.sessions import form_cookie, form_cookie_name, note_told
from disclosure.office.acting import PRIVATE, csrf_field
from disclosure.public.answers import HTML, Answer, Req
from disclosure.public.services import services_of
from ledger.people.accounts import Person
from ledger.people.audit import audit
from ledger.people.roles import Actor
from ledger.store.tables import INSTALLATION
from ledger.trust.act import Act

_DEVICE_LENGTH = 160
SAFE_IN_PATH = "/?&=%#-.~+,:"


def stranger_page(request: Req, template: str, status: int = 200, **values: Any) -> Answer:
    """A page with a form for people who are not logged in; a cookie remembers the form's token."""
    services = services_of(request)
    name = form_cookie_name(services.config)
    token = request.cookies.get(name) or services.entropy(24).hex()
    body = services.pages.html(
        template, **{"site": None, "notice": "", "csrf": lambda: csrf_field(token), **values}
    )
    return Response(
        body,
        status_code=status,
        media_type=HTML,
        headers=PRIVATE,
        cookies=[form_cookie(services.config, token)],
    )


def person_page(request: Req, template: str, status: int = 200, **values: Any) -> Answer:
    """A page for whoever is logged in."""
    services, entry = services_of(request), entry_of(request)
    session = entry.visitor.session
    note_told(services, session)
    body = services.pages.html(
        template,
        **{
            "site": None,
            "notice": session.notice,
            "person": entry.visitor.person,
            "csrf": lambda: csrf_field(session.csrf),
            **values,
        },
    )
    return Response(body, status_code=status, media_type=HTML, headers=PRIVATE)


def see(path: str, *cookies: Cookie) -> Answer:
    """On to another page of ours (303)."""
    return Response(
        b"",
        status_code=303,
        headers={"location": quote(path, safe=SAFE_IN_PATH), **PRIVATE},
        cookies=list(cookies),
    )


def entry_of(request: Req) -> Entry:
    """What the guard found out."""
    entry: Entry = request.auth
    return entry


def device_of(request: Req) -> str:
    """What the browser calls itself, to tell sessions apart."""
    return request.headers.get("user-agent", "")[:_DEVICE_LENGTH]


def local_path(path: str) -> str:
    """The page to go on to, if it is one of ours."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if ours and "\\" not in path else "/me"


def note(
    conn: Any,
    request: Req,
    person: Person,
    action: str,
    act: Act,
    *,
    outcome: Any = "done",
    detail: Sequence[str] = (),
) -> None:
    """A line on the installation's own trail: log-ins, passwords, second factors."""
    signature = person.signature if person.account else person.name
    actor = Actor(person.person, signature, frozenset(), origin_of(request))
    audit(conn, INSTALLATION, actor, action, person.account, act, outcome=outcome, detail=detail)

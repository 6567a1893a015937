"""评价方案 of a street or of the whole installation: whoever oversees all of its communities makes versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from litestar import get, post
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.identity.answers import entry_of, person_page, see
from disclosure.identity.guard import origin_of
from disclosure.identity.sessions import keep_notice
from disclosure.office.acting import csrf_field
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.once import SentBefore, keep_sent, once_field, refuse_again, token_of
from disclosure.public.answers import Answer, Req
from disclosure.public.services import Services, services_of
from disclosure.schemes.editor import DOWNLOAD, RECORD, Sent, editor_values, read_sent
from disclosure.schemes.overseeing import ACTION, EVERYWHERE, overseen_by
from disclosure.schemes.sheet import Sheet, sheet_of
from disclosure.schemes.versions import (
    MOST_BYTES,
    as_toml,
    known_version,
    scheme_values,
    uploaded_scheme,
    versions_shown,
)
from ledger.district import districts_of
from ledger.errors import Problem, Refused
from ledger.evaluation.checks import scheme_problems
from ledger.evaluation.schemes_kept import (
    SchemeVersion,
    default_version,
    record_district_scheme,
    scheme_versions,
)
from ledger.people import Actor, Forbidden, Role
from ledger.people.audit import audit
from ledger.store.engine import reading, writing
from ledger.store.tables import INSTALLATION

PATH = "/district/evaluation-scheme"
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Whose scheme: of a ``district``, '' for all communities; what the person sees and ``may`` change, with the
    ``roles`` that let them."""

    services: Services
    conn: Connection
    district: str
    seen: tuple[str, ...]
    may: tuple[str, ...]
    roles: frozenset[Role]

    @property
    def query(self) -> str:
        """How addresses name it."""
        return f"district={quote(self.district)}"


@get(PATH, sync_to_thread=True, across="district.read")
def schemes(request: Req) -> Answer:
    """The versions of a street, ``?district=…``, or of the whole installation."""
    with reading(services_of(request).engine) as conn:
        return _schemes(request, _place(request, conn))


@get(f"{PATH}/{{key:str}}", sync_to_thread=True, across="district.read")
def scheme(request: Req, key: FromPath[str]) -> Answer:
    """One version with all its rules, or as TOML under ``district-2.toml``."""
    name, _, ending = key.partition(".")
    with reading(services_of(request).engine) as conn:
        place = _place(request, conn)
        version = known_version(conn, INSTALLATION, name, place.district)
    if ending == "toml":
        return as_toml(version.scheme, name)
    values = scheme_values(version.scheme)
    return person_page(request, "schemes/district_scheme.html", version=version, place=place, **values)


@get(f"{PATH}/edit", sync_to_thread=True, across=ACTION)
def edit(request: Req) -> Answer:
    """The form, filled from the version ``?from=district-2``, without one from the newest."""
    with reading(services_of(request).engine) as conn:
        place = _place(request, conn, changing=True)
        base = _base(place, request.query_params.get("from", ""))
        return _editor(request, place, sheet_of(base.scheme), base)


@post(f"{PATH}/edit", sync_to_thread=True, across=ACTION)
def send(request: Req, data: FormData) -> Answer:
    """Check, record or download what the form says, or move its rows about."""
    services = services_of(request)
    sent = read_sent(data, services.today())
    if sent.button == DOWNLOAD and not sent.unread:
        return as_toml(sent.scheme, "draft")
    problems: tuple[Problem, ...] | None = None
    if sent.button == RECORD:
        try:
            return see(_record(request, sent))
        except SentBefore as before:
            with writing(services.engine) as conn:
                keep_notice(conn, entry_of(request).visitor.session.token_hash, before.notice)
            return see(before.path)
        except Forbidden:
            raise
        except Refused as error:
            problems = error.problems
    with reading(services.engine) as conn:
        place = _place(request, conn, changing=True)
        return _editor(
            request,
            place,
            sent.sheet,
            _base(place, sent.base),
            status=422 if problems else 200,
            values=sent.values,
            problems=sent.shown_problems if problems is None else problems,
            checked=not sent.place,
            place_in_form=sent.place,
        )


@post(f"{PATH}/upload", sync_to_thread=True, across=ACTION, request_max_body_size=2 * MOST_BYTES)
def upload(request: Req, data: FormFiles) -> Answer:
    """A scheme from a file into the form, checked; nothing is recorded yet."""
    with reading(services_of(request).engine) as conn:
        place = _place(request, conn, changing=True)
        try:
            found = uploaded_scheme(Form(data).upload("file", "方案文件", required=False))
        except Refused as error:
            return _schemes(request, place, error.problems)
        problems = scheme_problems(found)
        return _editor(request, place, sheet_of(found), _base(place, ""), problems=problems, checked=True)


def _record(request: Req, sent: Sent) -> str:
    """Record the version with its line on the installation's trail; returns where to go on."""
    services, entry = services_of(request), entry_of(request)
    person, act = entry.visitor.person, services.act()
    with writing(services.engine) as conn:
        place = _place(request, conn, changing=True)
        token = token_of(request)
        refuse_again(conn, INSTALLATION, person.person, token)
        if sent.problems or sent.effective_on is None:
            raise Refused(sent.problems)
        path = f"{PATH}?{place.query}"
        notice = f"{place.district or EVERYWHERE}的方案已登记，{sent.effective_on} 起生效"
        keep_sent(conn, INSTALLATION, person.person, token, path, notice, act)
        actor = Actor(person.person, person.signature, place.roles, origin_of(request))
        record_district_scheme(
            conn, place.district, sent.scheme, sent.effective_on, sent.authority, actor, act
        )
        audit(conn, INSTALLATION, actor, ACTION, place.district or EVERYWHERE, act)
        keep_notice(conn, entry.visitor.session.token_hash, notice)
    return path


def _place(request: Req, conn: Connection, *, changing: bool = False) -> Place:
    """Without ``?district=`` that of the person, if it is one. Raises :class:`Forbidden` where somebody wants to
    change rules for communities that are not theirs."""
    entry = entry_of(request)
    seen = ("", *districts_of(conn, entry.trusts))
    usual = seen[1] if len(seen) == 2 else ""
    district = request.query_params.get("district", usual).strip()[:_LONGEST]
    found = overseen_by(conn, entry.visitor.person.person, entry.trusts, services_of(request).today())
    if changing:
        found.require(district)
    return Place(services_of(request), conn, district, seen, found.districts, found.roles)


def _schemes(request: Req, place: Place, problems: tuple[Problem, ...] = ()) -> Answer:
    today = place.services.today()
    versions = scheme_versions(place.conn, INSTALLATION, place.district)
    return _page(
        request,
        "schemes/district.html",
        422 if problems else 200,
        place=place,
        list=versions_shown(place.conn, INSTALLATION, versions, today),
        default=default_version(),
        may_edit=place.district in place.may,
        everywhere=EVERYWHERE,
        local_time=local_time,
        problems=problems,
    )


def _editor(
    request: Req,
    place: Place,
    sheet: Sheet,
    base: SchemeVersion,
    *,
    status: int = 200,
    place_in_form: str = "",
    **more: Any,
) -> Answer:
    values = editor_values(
        sheet,
        base,
        place.services.today(),
        action=f"{PATH}/edit?{place.query}",
        place=place_in_form,
        **more,
    )
    return _page(request, "schemes/district_edit.html", status, where=place, everywhere=EVERYWHERE, **values)


def _page(request: Req, template: str, status: int, **values: Any) -> Answer:
    """With the form's own random value, so that what is sent twice is done once."""
    services, session = services_of(request), entry_of(request).visitor.session
    fields = csrf_field(session.csrf) + once_field(services.act())
    return person_page(request, template, status, csrf=lambda: fields, **values)


def _base(place: Place, key: str) -> SchemeVersion:
    if key:
        return known_version(place.conn, INSTALLATION, key, place.district)
    own = scheme_versions(place.conn, INSTALLATION, place.district)
    wider = scheme_versions(place.conn, INSTALLATION)
    return next(iter([*own, *wider]), default_version())


HANDLERS = [schemes, scheme, edit, send, upload]

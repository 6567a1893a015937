"""评价方案 of a community in the office: what is in force, its own versions, and the editor."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.public.answers import Answer, Req
from disclosure.schemes.editor import DOWNLOAD, RECORD, Sent, editor_values, read_sent
from disclosure.schemes.sheet import sheet_of
from disclosure.schemes.versions import (
    MOST_BYTES,
    as_toml,
    known_version,
    scheme_values,
    uploaded_scheme,
    versions_shown,
)
from ledger.errors import Problem, Refused
from ledger.evaluation.checks import scheme_problems
from ledger.evaluation.schemes_kept import (
    SchemeVersion,
    default_version,
    record_scheme,
    scheme_on,
    scheme_versions,
)
from ledger.store.tables import INSTALLATION

PATH = "/c/{slug:str}/office/evaluation-scheme"


@get(PATH, sync_to_thread=True, action="evaluation.read")
def schemes(request: Req, slug: FromPath[str]) -> Answer:
    """The scheme in force today, the community's own versions, and those it falls back on."""
    with reading_office(request, slug) as office:
        return _schemes(office)


@get(f"{PATH}/{{key:str}}", sync_to_thread=True, action="evaluation.read")
def scheme(request: Req, slug: FromPath[str], key: FromPath[str]) -> Answer:
    """One version with all its rules, or as TOML under ``own-2.toml``."""
    name, _, ending = key.partition(".")
    with reading_office(request, slug) as office:
        version = known_version(office.conn, office.trust_id, name, _district(office))
        if ending == "toml":
            return as_toml(version.scheme, name)
        return office.page("schemes/scheme.html", version=version, **scheme_values(version.scheme))


@get(f"{PATH}/edit", sync_to_thread=True, action="evaluation.scheme")
def edit(request: Req, slug: FromPath[str]) -> Answer:
    """The form, filled from the version ``?from=own-2``, without one from that in force."""
    with reading_office(request, slug) as office:
        base = _base(office, request.query_params.get("from", ""))
        return _editor(office, sheet_of(base.scheme), base)


@post(f"{PATH}/edit", sync_to_thread=True, action="evaluation.scheme")
def send(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Check, record or download what the form says, or move its rows about."""
    with reading_office(request, slug) as office:
        sent = read_sent(data, office.act.today)
        if sent.button == DOWNLOAD and not sent.unread:
            return as_toml(sent.scheme, "draft")
        if sent.button != RECORD:
            return _again(office, sent)
    try:
        with acting(request, slug, subject=sent.scheme.title) as office:
            if sent.problems or sent.effective_on is None:
                raise Refused(sent.problems)
            no = record_scheme(
                office.conn,
                office.trust_id,
                sent.scheme,
                sent.effective_on,
                sent.authority,
                office.actor,
                office.act,
            )
            notice = f"第 {no} 版方案已登记，{sent.effective_on} 起生效"
            return office.done(f"/c/{slug}/office/evaluation-scheme", notice)
    except Refused as error:
        with reading_office(request, slug) as office:
            return _again(office, sent, error.problems)


@post(
    f"{PATH}/upload",
    sync_to_thread=True,
    action="evaluation.scheme",
    request_max_body_size=2 * MOST_BYTES,
)
def upload(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """A scheme from a file into the form, checked; nothing is recorded yet."""
    with reading_office(request, slug) as office:
        try:
            found = uploaded_scheme(Form(data).upload("file", "方案文件", required=False))
        except Refused as error:
            return _schemes(office, error.problems)
        problems = scheme_problems(found)
        return _editor(office, sheet_of(found), _base(office, ""), problems=problems, checked=True)


def _schemes(office: Office, problems: tuple[Problem, ...] = ()) -> Answer:
    conn, trust_id, today = office.conn, office.trust_id, office.act.today
    district = _district(office)
    wider = [*scheme_versions(conn, INSTALLATION, district)] if district else []
    wider += scheme_versions(conn, INSTALLATION)
    return office.page(
        "schemes/community.html",
        422 if problems else 200,
        current=scheme_on(conn, trust_id, today),
        own=versions_shown(conn, trust_id, scheme_versions(conn, trust_id), today),
        district=district,
        wider=wider,
        default=default_version(),
        may_edit=office.actor.may("evaluation.scheme"),
        local_time=local_time,
        today=today,
        problems=problems,
    )


def _again(office: Office, sent: Sent, problems: tuple[Problem, ...] | None = None) -> Answer:
    shown = sent.shown_problems if problems is None else problems
    return _editor(
        office,
        sent.sheet,
        _base(office, sent.base),
        status=422 if problems else 200,
        values=sent.values,
        problems=shown,
        checked=not sent.place,
        place=sent.place,
    )


def _editor(
    office: Office, sheet: dict[str, Any], base: SchemeVersion, status: int = 200, **more: Any
) -> Answer:
    action = f"/c/{office.site.slug}/office/evaluation-scheme/edit"
    return office.page(
        "schemes/edit.html", status, **editor_values(sheet, base, office.act.today, action=action, **more)
    )


def _base(office: Office, key: str) -> SchemeVersion:
    if key:
        return known_version(office.conn, office.trust_id, key, _district(office))
    own = scheme_versions(office.conn, office.trust_id)
    return own[0] if own else scheme_on(office.conn, office.trust_id, office.act.today)


def _district(office: Office) -> str:
    """The street or district the community's own rules name."""
    return str(office.setup.setting("district", office.act.today) or "").strip()


HANDLERS = [schemes, scheme, edit, send, upload]

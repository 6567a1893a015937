"""The trust deed with its versions and what changed between them, and the trustee's tenure."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from disclosure.public.trustee_view import notice_view
from ledger.errors import Problem, Refused
from ledger.trust import Deed, record_deed
from ledger.trust.deeds import ELEMENT_HELP, ELEMENTS, deed_versions, differences
from ledger.trust.tenure import LEAST_NOTICE_DAYS, Tenure, record_tenure, tenures

LONGEST = 2_000


@get("/c/{slug:str}/office/deed", sync_to_thread=True, action="setup.read")
def deed(request: Req, slug: FromPath[str]) -> Answer:
    """All versions, newest first, each with what it changed."""
    with reading_office(request, slug) as office:
        versions = deed_versions(office.conn, office.trust_id)
        rows = [
            (version, differences(before.deed, version.deed) if before else None)
            for version, before in zip(versions, [*versions[1:], None], strict=True)
        ]
        return office.page(
            "office/deed.html",
            rows=rows,
            elements=list(ELEMENTS.items()),
            today=office.act.today,
            local_time=local_time,
        )


@get("/c/{slug:str}/office/deed/new", sync_to_thread=True, action="deed.record")
def new_version(request: Req, slug: FromPath[str]) -> Answer:
    """The newest version to be changed."""
    with reading_office(request, slug) as office:
        newest = deed_versions(office.conn, office.trust_id)[0].deed
        values = {field: getattr(newest, field) for field in ELEMENTS}
        return _form(office, {**values, "effective_on": office.act.today.isoformat()}, ())


@post("/c/{slug:str}/office/deed/new", sync_to_thread=True, action="deed.record")
def record_version(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Record the next version; it needs the resolution's number."""
    try:
        with acting(request, slug, subject=str(data.get("authority", ""))[:60]) as office:
            version = record_deed(office.conn, office.trust_id, read_deed(Form(data)), office.act)
            return office.done(f"/c/{slug}/office/deed", f"信托文件第 {version} 版已登记，以前的各版仍可查看")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _form(office, data, error.problems, 422)


def read_deed(form: Form) -> Deed:
    """The deed as typed. Raises :class:`~ledger.errors.Refused`."""
    elements = {field: form.text(field, title, longest=LONGEST) for field, title in ELEMENTS.items()}
    effective_on = form.day("effective_on", "生效日")
    authority = form.text("authority", "决议号")
    form.finish()
    return Deed(effective_on=effective_on or date.min, authority=authority, **elements)


def _form(office: Office, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200) -> Answer:
    return office.page(
        "office/deed_form.html",
        status,
        elements=[(field, title, ELEMENT_HELP[field]) for field, title in ELEMENTS.items()],
        values=values,
        problems=problems,
    )


@get("/c/{slug:str}/office/deed/tenure", sync_to_thread=True, action="setup.read")
def tenure(request: Req, slug: FromPath[str]) -> Answer:
    """The trustee's tenures, and a form for a renewal."""
    with reading_office(request, slug) as office:
        values = {
            "trustee": office.site.trustee,
            "starts_on": office.site.opened_on.isoformat(),
            "notice_days": str(LEAST_NOTICE_DAYS),
        }
        return _tenure(office, values, ())


@post("/c/{slug:str}/office/deed/tenure", sync_to_thread=True, action="deed.record")
def renew(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Record a tenure of the present trustee."""
    try:
        with acting(request, slug, subject=str(data.get("contract", ""))[:60]) as office:
            record_tenure(office.conn, office.trust_id, read_tenure(Form(data)), office.act)
            return office.done(f"/c/{slug}/office/deed/tenure", "任期已登记")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _tenure(office, data, error.problems, 422)


def read_tenure(form: Form, prefix: str = "") -> Tenure:
    """A tenure as typed. Raises :class:`~ledger.errors.Refused`."""
    trustee = form.text(f"{prefix}trustee", "受托人")
    starts_on = form.day(f"{prefix}starts_on", "任期起日")
    ends_on = form.day(f"{prefix}ends_on", "任期止日", required=False)
    contract = form.text(f"{prefix}contract", "合同")
    notice_days = form.whole(f"{prefix}notice_days", "提前通知天数", least=1, most=3650)
    authority = form.text(f"{prefix}authority", "决议号")
    form.finish()
    return Tenure(trustee, starts_on or date.min, ends_on, contract, notice_days, authority)


def _tenure(
    office: Office, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200
) -> Answer:
    versions = tenures(office.conn, office.trust_id)
    return office.page(
        "office/deed_tenure.html",
        status,
        tenures=versions,
        notices=notice_view(office.setup, versions[0].tenure, office.act.today) if versions else [],
        today=office.act.today,
        values=values,
        problems=problems,
    )


HANDLERS = [deed, new_version, record_version, tenure, renew]

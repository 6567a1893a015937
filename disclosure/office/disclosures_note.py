"""The form of a note on what was done in a month or quarter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormFiles
from disclosure.public.answers import Answer, Req
from ledger.disclosures.fulfilment import STATES, Done, Note, Paper, list_notes, publish_note, read_note
from ledger.disclosures.services import Service, service_versions
from ledger.errors import Refused, Unanswerable
from ledger.events import DOCUMENT_KINDS
from ledger.periods.calendar import period_of
from ledger.periods.spans import read_span, span_slug

_PAPERS = 3


@get("/c/{slug:str}/office/disclosures/fulfilment", sync_to_thread=True, action="disclosure.publish")
def note_form(request: Req, slug: FromPath[str]) -> Answer:
    """The form; ``period`` takes up a note that is published, to correct it."""
    with reading_office(request, slug) as office:
        asked = request.query_params.get("period", "")
        values: dict[str, Any] = {"period": asked or span_slug(_last_month(office.act.today))}
        values |= _published(office, asked)
        return _page(office, values)


def _published(office: Office, asked: str) -> dict[str, Any]:
    """What is published of a period, as the form's fields; nothing if there is none."""
    try:
        note = read_note(office.conn, office.trust_id, read_span(asked).code).note
    except (Unanswerable, Refused):
        return {}
    fields: dict[str, Any] = {"summary": note.summary}
    for item in note.items:
        fields |= {f"done_{item.service}": item.done, f"state_{item.service}": item.state}
    for no, paper in enumerate(note.papers, start=1):
        fields |= {f"doc_sha_{no}": paper.original, f"doc_title_{no}": paper.title}
    return fields


def _page(office: Office, values: Mapping[str, Any], problems: Any = (), status: int = 200) -> Answer:
    papers = sum(name.startswith("doc_sha_") for name in values)
    return office.page(
        "office/disclosures_note.html",
        status=status,
        values=values,
        offered=_offered(office),
        states=STATES.items(),
        last=list_notes(office.conn, office.trust_id, limit=1),
        picker=document_picker(office, ("other",) * max(1, papers), rows=_PAPERS),
        problems=problems,
    )


def _offered(office: Office) -> tuple[Service, ...]:
    found = service_versions(office.conn, office.trust_id, limit=1)
    return found[0].list.items if found else ()


@post(
    "/c/{slug:str}/office/disclosures/fulfilment",
    sync_to_thread=True,
    action="disclosure.publish",
    request_max_body_size=UPLOAD_LIMIT,
)
def keep_note(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Publish the note, or a corrected one."""
    try:
        with acting(request, slug, subject=f"履行情况 {str(data.get('period', ''))[:10]}") as office:
            form = Form(data)
            period = form.text("period", "期间")
            items = [
                Done(item.code, form.text(f"done_{item.code}", item.title, required=False), state)
                for item in _offered(office)
                if (state := form.choice(f"state_{item.code}", item.title, STATES, required=False))
            ]
            summary = form.text("summary", "小结", longest=500)
            papers = tuple(
                Paper(item.title or DOCUMENT_KINDS[item.kind], item.original, item.public)
                for item in documents_from_form(office, form)
                if item.original
            )
            form.finish()
            note = Note(read_span(period).code, summary, tuple(items), papers)
            version = publish_note(office.conn, office.trust_id, note, office.actor, office.act)
            said = "已公开" if version == 1 else f"已公开更正后的第 {version} 版，原来的一版仍可查"
            return office.done(f"/c/{slug}/office/disclosures", f"{read_span(period).name}履行情况{said}")
    except Refused as error:
        with reading_office(request, slug) as office:
            typed = {name: value for name, value in data.items() if isinstance(value, str)}
            return _page(office, typed, error.problems, 422)


def _last_month(today: date) -> int:
    return period_of(today.replace(day=1) - timedelta(days=1))


HANDLERS = [note_form, keep_note]

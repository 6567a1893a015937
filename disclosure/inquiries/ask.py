"""The form to ask, with what others asked before it, and to ask the same as somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from litestar import get, post
from litestar.params import FromPath

from disclosure.inquiries.public_about import Talk, read_talk
from disclosure.inquiries.public_view import About, about_of, unannounced_text
from disclosure.inquiries.shots import shots_of
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.forms import Form, FormData, FormFiles, place_number
from disclosure.public.answers import Answer, Req
from disclosure.public.entries import single_entry
from disclosure.public.present import Row, row_of
from disclosure.public.words import day_text
from disclosure.resident.acting import Resident, acting, reading_resident
from ledger.errors import Problem, Refused, Unanswerable
from ledger.inquiries import Question, ask, echo, read_inquiry, read_public
from ledger.inquiries.deadlines import deadlines_on
from ledger.inquiries.model import TRUSTEE, areas, kinds
from ledger.inquiries.pictures import MOST
from ledger.inquiries.texts import LONGEST_QUESTION
from ledger.people.roles import Forbidden
from ledger.periods.spans import read_span
from ledger.statements import list_versions

PATH = "/c/{slug:str}/ask"
SAME = "/c/{slug:str}/ask/same/{no:int}"
_LONGEST = 60
_OF_BOOKS = ("question", "inspection")
"""Kinds offered for what stands in the books; there is nothing to repair in them."""
_FIELDS = ("kind", "about", "place", "text", "unit", "follows")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: ``value`` as the address has it, and for an entry its row."""

    value: str
    about: About
    row: Row | None
    talk: Talk


@get(PATH, sync_to_thread=True, action="inquiry.ask")
def form(request: Req, slug: FromPath[str]) -> Answer:
    """``?about=entry:A-2025-000123``, ``?kind=repair``, ``?follows=12``: all may be missing."""
    query = request.query_params
    with reading_resident(request, slug) as mine:
        values = {name: query.get(name, "")[:_LONGEST] for name in ("about", "kind", "follows")}
        values |= _followed(mine, values["follows"])
        return _page(mine, values, ())


@post(PATH, sync_to_thread=True, action="inquiry.ask", request_max_body_size=UPLOAD_LIMIT)
def send(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Register what was asked."""
    try:
        shots = shots_of(data, "camera", "pictures")
        with acting(request, slug, subject="提问") as mine:
            question = _question(Form(data), mine.once or mine.act.entropy(12).hex())
            location = mine.services.config.documents_dir
            no = ask(mine.conn, mine.trust_id, question, mine.actor, mine.act, shots=shots, location=location)
            mine.subject = f"第 {no} 号"
            return mine.done(f"/c/{slug}/mine/inquiries/{no}", f"已经收到，编号是第 {no} 号")
    except Forbidden:
        raise
    except Refused as error:
        with reading_resident(request, slug) as mine:
            values = {name: text for name, text in data.items() if isinstance(text, str)}
            return _page(mine, values, error.problems, status=422)


@get(SAME, sync_to_thread=True, action="inquiry.ask")
def same(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """What somebody asked, and a button to ask the same."""
    with reading_resident(request, slug) as mine:
        found = read_public(mine.conn, mine.trust_id, no)
        if found.question is None:
            raise Unanswerable("unknown_inquiry", "没有公开的这一号质询，请核对编号")
        about = about_of(found.row.about_kind, found.row.about, mine.setup)
        return mine.page("inquiries/ask_same.html", item=found, about=about)


@post(SAME, sync_to_thread=True, action="inquiry.ask")
def send_same(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Count this person too, once."""
    with acting(request, slug, subject=f"第 {no} 号") as mine:
        count = echo(mine.conn, mine.trust_id, no, mine.actor, mine.act)
        return mine.done(f"/c/{slug}/mine/inquiries", f"第 {no} 号：记下了，现在另有 {count} 人也想问")


def _question(form: Form, key: str) -> Question:
    """What was typed; the ledger checks it, all at once."""
    kind = form.choice("kind", "种类", kinds())
    about_kind, _, about = form.text("about", "关于什么", required=False).partition(":")
    follows = place_number(form.text("follows", "接着哪一号", required=False)) or 0
    question = Question(
        kind=kind,
        text=form.text("text", "内容", longest=LONGEST_QUESTION),
        key=key,
        about_kind=about_kind,
        about=about,
        place=form.text("place", "位置", required=False),
        unit=form.text("unit", "房屋", required=False),
        follows=follows if follows < 2**31 else 0,
    )
    form.finish()
    return question


def _followed(mine: Resident, text: str) -> dict[str, str]:
    """The subject and kind of one's own earlier inquiry; nothing of anybody else's."""
    no = place_number(text)
    if not no:
        return {"follows": ""}
    found = read_inquiry(mine.conn, mine.trust_id, no).asked
    if found.person != mine.actor.person:
        raise Unanswerable("unknown_inquiry", "没有这个编号的质询")
    about = f"{found.about_kind}:{found.about}" if found.about_kind else ""
    return {"about": about, "kind": found.kind, "follows": str(no)}


def _page(mine: Resident, values: dict[str, str], problems: Sequence[Problem], status: int = 200) -> Answer:
    subject = _subject(mine, values.get("about", ""))
    rules = deadlines_on(mine.setup, mine.act.today)
    typed = {name: values.get(name, "") for name in _FIELDS}
    fixed = subject is not None and not subject.value.startswith("area:")
    offered = [
        row
        for row in kinds().values()
        if mine.actor.may(row.action) and (not fixed or row.name in (*_OF_BOOKS, typed["kind"]))
    ]
    if fixed and not typed["kind"]:
        typed["kind"] = "question"
    days = {row.name: rules.answer_by(row.name, mine.act.today) for row in offered}
    return mine.page(
        "inquiries/ask.html",
        status,
        subject=subject,
        fixed=fixed,
        values=typed,
        kinds=[(row, day_text(days[row.name])) for row in offered],
        hours=rules.repair_hours,
        unannounced=unannounced_text(*days.values()),
        areas=areas(),
        units=mine.actor.units,
        duty=rules.duty(TRUSTEE),
        most=MOST,
        longest=LONGEST_QUESTION,
        problems=problems,
    )


def _subject(mine: Resident, value: str) -> Subject | None:
    """What the address names. Raises :class:`~ledger.errors.Unanswerable` for what there is not."""
    if not value:
        return None
    kind, _, about = value.partition(":")
    row = None
    if kind == "entry":
        row = row_of(single_entry(mine.conn, mine.trust_id, about).listed)
        about = row.ref
    elif not _known(mine, kind, about):
        raise Unanswerable("unknown_about", "没有这一项，请从页面上“问”的链接进来")
    talk = read_talk(mine.conn, mine.trust_id, kind, about)
    return Subject(f"{kind}:{about}", about_of(kind, about, mine.setup), row, talk)


def _known(mine: Resident, kind: str, about: str) -> bool:
    if kind == "statement":
        try:
            code = read_span(about).code
        except Refused:
            return False
        return bool(list_versions(mine.conn, mine.trust_id, period=code))
    return (kind == "project" and ("project", about) in mine.setup.values) or (
        kind == "area" and about in areas()
    )


HANDLERS = [form, send, same, send_same]

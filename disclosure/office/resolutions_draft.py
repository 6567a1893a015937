"""Drafting what is put to the vote: questions, what they take, papers, what will rest on the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.forms import Form, FormFiles
from disclosure.office.scans import keep_scan
from disclosure.office.uploads import uploads_of
from disclosure.public.answers import Answer, Req
from ledger.documents.read import uploads_by_digest
from ledger.errors import Problem, Refused
from ledger.resolutions.course import draft_resolution, redraft
from ledger.resolutions.matters import matters
from ledger.resolutions.read import read_resolution
from ledger.resolutions.value import APPROVE, CHOOSE, UNLOCKS, Attachment, Draft, Item, Unlock

MOST_ITEMS, _FIRST_ITEMS, _PAPERS, _UNLOCKS = 8, 3, 4, 3
_OFFERED = 40
KINDS = {APPROVE: "同意、反对、弃权", CHOOSE: "从候选里选"}


@get("/c/{slug:str}/office/resolutions/new", sync_to_thread=True, action="resolution.draft")
def new_page(request: Req, slug: FromPath[str]) -> Answer:
    """An empty form."""
    with reading_office(request, slug) as office:
        return _form(office, "", {}, ())


@post(
    "/c/{slug:str}/office/resolutions/new",
    sync_to_thread=True,
    action="resolution.draft",
    request_max_body_size=UPLOAD_LIMIT,
)
def make_draft(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Keep the first version."""

    def keep(office: Office, draft: Draft) -> str:
        return draft_resolution(office.conn, office.trust_id, draft, office.actor, office.act)

    return _keep(request, slug, "", data, keep)


@get("/c/{slug:str}/office/resolutions/{number:str}/edit", sync_to_thread=True, action="resolution.draft")
def edit_page(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """The form with what stands now."""
    with reading_office(request, slug) as office:
        file = read_resolution(office.conn, office.trust_id, number)
        return _form(office, number, _values(file.state.draft), ())


@post(
    "/c/{slug:str}/office/resolutions/{number:str}/edit",
    sync_to_thread=True,
    action="resolution.draft",
    request_max_body_size=UPLOAD_LIMIT,
)
def change_draft(request: Req, slug: FromPath[str], number: FromPath[str], data: FormFiles) -> Answer:
    """Keep another version."""

    def keep(office: Office, draft: Draft) -> str:
        redraft(office.conn, office.trust_id, number, draft, office.actor, office.act)
        return number

    return _keep(request, slug, number, data, keep)


def _keep(
    request: Req, slug: str, number: str, data: dict[str, Any], keep: Callable[[Office, Draft], str]
) -> Answer:
    try:
        with acting(request, slug, subject=number) as office:
            draft = _draft(office, Form(data))
            kept = keep(office, draft)
            office.subject = kept
            return office.done(f"/c/{slug}/office/resolutions/{kept}", f"第 {kept} 号草案已存好")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _form(office, number, dict(data), error.problems, 422)


def _draft(office: Office, form: Form) -> Draft:
    draft = Draft(
        title=form.text("title", "标题", longest=100),
        text=form.text("text", "说明", longest=5_000),
        items=tuple(_items(form)),
        documents=tuple(_papers(office, form)),
        unlocks=tuple(_unlocks(form)),
        effective_on=form.day("effective_on", "生效日", required=False),
    )
    if not draft.items:
        form.problem("no_items", "请至少写一个表决项", "表决项")
    form.finish()
    return draft


def _items(form: Form) -> list[Item]:
    found = []
    for no in range(1, MOST_ITEMS + 1):
        where = f"表决项 {no}"
        title = form.text(f"item_title_{no}", where, required=False, longest=200)
        matter = form.choice(f"item_matter_{no}", f"{where}的事项", matters(), required=bool(title))
        kind = form.choice(f"item_kind_{no}", f"{where}的投法", KINDS, required=False) or APPROVE
        text = form.text(f"item_text_{no}", where, required=False, longest=2_000)
        names = form.text(f"item_candidates_{no}", f"{where}的候选", required=False, longest=2_000)
        seats = form.whole(f"item_seats_{no}", f"{where}的名额", required=False, least=1, most=99)
        if not title:
            if text or names or matter:
                form.problem("missing", "请填写表决的问题", where)
            continue
        candidates = tuple(line.strip() for line in names.splitlines() if line.strip())
        chosen = candidates if kind == CHOOSE else ()
        found.append(Item(title, matter, text, kind, chosen, seats or 1))
    return found


def _papers(office: Office, form: Form) -> list[Attachment]:
    asked = [form.text(f"paper_sha_{no}", f"附件 {no}", required=False) for no in range(1, _PAPERS + 1)]
    known = uploads_by_digest(office.conn, office.trust_id, [digest for digest in asked if digest])
    found = []
    for no, digest in enumerate(asked, start=1):
        where = f"附件 {no}"
        title = form.text(f"paper_title_{no}", where, required=False, longest=100)
        fresh = keep_scan(office, form, f"paper_file_{no}", "resolution", title or "表决附件", label=where)
        if fresh or digest:
            named = title or (known[digest].name if digest in known and not fresh else "表决附件")
            found.append(Attachment(named, fresh or digest))
        elif title:
            form.problem("missing", "请选择已上传的附件，或选一个文件", where)
    return found


def _unlocks(form: Form) -> list[Unlock]:
    found = []
    for no in range(1, _UNLOCKS + 1):
        kind = form.choice(f"unlock_kind_{no}", f"用途 {no}", UNLOCKS, required=False)
        ref = form.text(f"unlock_ref_{no}", f"用途 {no}的编号", required=False, longest=60)
        if bool(kind) != bool(ref):
            form.problems.append(Problem("missing", "种类和编号要一起填", f"用途 {no}"))
        elif kind:
            found.append(Unlock(kind, ref))
    return found


def _values(draft: Draft) -> dict[str, Any]:
    """A draft as the form would have sent it."""
    values: dict[str, Any] = {
        "title": draft.title,
        "text": draft.text,
        "effective_on": draft.effective_on.isoformat() if draft.effective_on else "",
    }
    for no, item in enumerate(draft.items, start=1):
        values |= {
            f"item_title_{no}": item.title,
            f"item_matter_{no}": item.matter,
            f"item_kind_{no}": item.kind,
            f"item_text_{no}": item.text,
            f"item_candidates_{no}": "\n".join(item.candidates),
            f"item_seats_{no}": str(item.seats),
        }
    for no, paper in enumerate(draft.documents, start=1):
        values |= {f"paper_title_{no}": paper.title, f"paper_sha_{no}": paper.digest}
    for no, unlock in enumerate(draft.unlocks, start=1):
        values |= {f"unlock_kind_{no}": unlock.kind, f"unlock_ref_{no}": unlock.ref}
    return values


def _form(
    office: Office, number: str, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200
) -> Answer:
    filled = [no for no in range(1, MOST_ITEMS + 1) if values.get(f"item_title_{no}")]
    uploads = uploads_of(office, limit=_OFFERED)
    offered = [(item.original, f"第 {item.no} 号 {item.name}（{item.access_name}）") for item in uploads]
    known = {digest for digest, _ in offered}
    named = [str(values.get(f"paper_sha_{no}", "")) for no in range(1, _PAPERS + 1)]
    offered += [(digest, f"原来的附件 {digest[:8]}") for digest in named if digest and digest not in known]
    return office.page(
        "office/resolutions_draft.html",
        status=status,
        number=number,
        values=values,
        problems=problems,
        matters=list(matters().values()),
        kinds=list(KINDS.items()),
        rows=range(1, min(max(_FIRST_ITEMS, max(filled, default=0) + 1), MOST_ITEMS) + 1),
        filled=filled,
        papers=range(1, _PAPERS + 1),
        uploads=offered,
        unlocks=range(1, _UNLOCKS + 1),
        unlock_kinds=list(UNLOCKS.items()),
    )


HANDLERS = [new_page, make_draft, edit_page, change_draft]

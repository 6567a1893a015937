"""Handover between trustees: freeze, count, three signatures, the list as PDF, the new trustee's tenure."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE, Office, reading_office
from disclosure.office.deed import read_deed, read_tenure
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.handover_pdf import handover_pdf
from disclosure.office.steps import Command, take_step
from disclosure.public.answers import PDF, Answer, Req
from ledger.documents.upload import Paper, upload
from ledger.errors import Problem, Refused, Unanswerable
from ledger.handover.course import (
    REASONS,
    begin_handover,
    cancel,
    check_item,
    complete,
    freeze,
    sign,
)
from ledger.handover.read import OUTCOMES, PARTIES, HandoverFile, handover_items, read_handover
from ledger.trust.deeds import ELEMENTS, deed_versions
from ledger.trust.tenure import LEAST_NOTICE_DAYS
from ledger.work import count_waiting

PATH = "/c/{slug:str}/office/handover"


@get(PATH, sync_to_thread=True, action="handover.read")
def handover(request: Req, slug: FromPath[str]) -> Answer:
    """How far the handover is, and what to do next."""
    with reading_office(request, slug) as office:
        return _page(office, {}, ())


def _page(office: Office, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200) -> Answer:
    file = read_handover(office.conn, office.trust_id)
    return office.page(
        "office/handover.html",
        status,
        file=file,
        items=list(handover_items().values()),
        parties=PARTIES,
        outcomes=OUTCOMES,
        reasons=REASONS,
        waiting=sum(count_waiting(office.conn, office.trust_id).values()),
        elements=list(ELEMENTS.items()),
        values=values or _values(office, file),
        local_time=local_time,
        problems=problems,
    )


def _values(office: Office, file: HandoverFile | None) -> dict[str, Any]:
    """What the form for the new tenure and deed begins with: the deed with the trustee's name exchanged."""
    if file is None or not file.state.frozen:
        return {}
    deed = deed_versions(office.conn, office.trust_id)[0].deed
    old, new = file.state.outgoing, file.state.incoming
    elements = {name: getattr(deed, name).replace(old, new) for name in ELEMENTS}
    day = file.planned_on.isoformat()
    return {
        **elements,
        "effective_on": day,
        "authority": file.authority,
        "t_trustee": new,
        "t_starts_on": day,
        "t_notice_days": str(LEAST_NOTICE_DAYS),
        "t_authority": file.authority,
    }


@post(f"{PATH}/begin", sync_to_thread=True, action="handover.begin")
def begin(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Announce a change of trustee."""

    def command(office: Office, form: Form) -> str:
        incoming = form.text("incoming", "接任受托人", longest=80)
        reason = form.choice("reason", "原因", REASONS)
        authority = form.text("authority", "决议号")
        planned_on = form.day("planned_on", "计划交接日")
        form.finish()
        begin_handover(
            office.conn,
            office.trust_id,
            incoming=incoming,
            reason=reason,
            authority=authority,
            planned_on=planned_on or office.act.today,
            actor=office.actor,
            act=office.act,
        )
        return "移交已发起。账簿还没有冻结，日常业务照办"

    return _run(request, slug, data, command)


@post(f"{PATH}/freeze", sync_to_thread=True, action="handover.freeze")
def freeze_books(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Freeze the books and count."""

    def command(office: Office, form: Form) -> str:
        freeze(office.conn, office.trust_id, office.actor, office.act)
        return "账簿已冻结，余额快照已取得，可以逐项清点"

    return _run(request, slug, data, command)


@post(f"{PATH}/check", sync_to_thread=True, action="handover.check")
def check(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Record what counting an item found."""

    def command(office: Office, form: Form) -> str:
        item = form.choice("item", "清点项目", handover_items())
        outcome = form.choice("outcome", "结果", OUTCOMES)
        note = form.text("note", "说明", required=False, longest=1000)
        form.finish()
        document = _scan(office, form, handover_items()[item].title)
        check_item(
            office.conn,
            office.trust_id,
            item,
            outcome=outcome,
            note=note,
            document=document,
            actor=office.actor,
            act=office.act,
        )
        return f"{handover_items()[item].title}：{OUTCOMES[outcome]}，已登记"

    return _run(request, slug, data, command)


@post(f"{PATH}/sign", sync_to_thread=True, action="handover.sign")
def sign_list(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Sign for a party, logged in or by a scanned paper."""

    def command(office: Office, form: Form) -> str:
        party = form.choice("party", "签收方", PARTIES)
        name = form.text("name", "签字人", required=False, longest=60)
        form.finish()
        document = _scan(office, form, f"移交清册签字页（{PARTIES[party]}）")
        counts = sign(
            office.conn,
            office.trust_id,
            party,
            name=name,
            document=document,
            actor=office.actor,
            act=office.act,
        )
        waits = f"{PARTIES[party]}的签字页已登记，等另一个人核对原件后确认"
        return f"{PARTIES[party]}已签收" if counts else waits

    return _run(request, slug, data, command)


@post(f"{PATH}/complete", sync_to_thread=True, action="handover.complete")
def complete_handover(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """The new trustee takes over."""

    def command(office: Office, form: Form) -> str:
        problems: list[Problem] = []
        tenure = deed = None
        try:
            tenure = read_tenure(form, "t_")
        except Refused as error:
            problems += error.problems
        try:
            deed = read_deed(Form(data))
        except Refused as error:
            problems += error.problems
        if tenure is None or deed is None:
            raise Refused(problems)
        complete(office.conn, office.trust_id, tenure=tenure, deed=deed, actor=office.actor, act=office.act)
        return f"移交完成，受托人已变更为{tenure.trustee}。请收回原受托人人员的身份，给新的人员发邀请"

    return _run(request, slug, data, command)


@post(f"{PATH}/cancel", sync_to_thread=True, action="handover.complete")
def cancel_handover(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Call it off; the books open again."""

    def command(office: Office, form: Form) -> str:
        note = form.text("note", "原因", longest=500)
        form.finish()
        cancel(office.conn, office.trust_id, note=note, actor=office.actor, act=office.act)
        return "移交已取消，账簿恢复办理"

    return _run(request, slug, data, command)


def _scan(office: Office, form: Form, title: str) -> str:
    """SHA-256 of a scan handed in with the form; '' if there is none."""
    file = form.upload("scan", "扫描件", required=False)
    if file is None:
        return ""
    paper = Paper(file.file.read(), file.filename, "handover", title)
    kept = upload(
        office.conn, office.trust_id, office.services.config.documents_dir, paper, office.actor, office.act
    )
    return kept.original


def _run(request: Req, slug: str, data: dict[str, Any], command: Command) -> Answer:
    """A step of the handover."""
    return take_step(
        request,
        slug,
        data,
        command,
        subject=str(data.get("item") or data.get("party") or "")[:40],
        onward=f"/c/{slug}/office/handover",
        again=_again,
    )


def _again(office: Office, typed: dict[str, Any], problems: tuple[Problem, ...]) -> Answer:
    file = read_handover(office.conn, office.trust_id)
    return _page(office, {**_values(office, file), **typed}, problems, 422)


@get(f"{PATH}/snapshot", sync_to_thread=True, action="handover.read")
def snapshot(request: Req, slug: FromPath[str]) -> Answer:
    """All balances at the freeze."""
    with reading_office(request, slug) as office:
        file = _counted(office)
        return office.page("office/handover_snapshot.html", file=file, snapshot=file.snapshot)


@get(f"{PATH}/list.pdf", sync_to_thread=True, action="handover.read")
def list_pdf(request: Req, slug: FromPath[str]) -> Answer:
    """The handover list on paper, with room for the three signatures."""
    with reading_office(request, slug) as office:
        body = handover_pdf(office.services.pages, office.site, _counted(office))
    headers = {"content-disposition": 'inline; filename="handover.pdf"', **PRIVATE}
    return Response(body, media_type=PDF, headers=headers)


def _counted(office: Office) -> HandoverFile:
    file = read_handover(office.conn, office.trust_id)
    if file is None or file.snapshot is None:
        raise Unanswerable("no_snapshot", "还没有余额快照；冻结账簿后才有移交清册")
    return file


HANDLERS = [
    handover,
    begin,
    freeze_books,
    check,
    sign_list,
    complete_handover,
    cancel_handover,
    snapshot,
    list_pdf,
]

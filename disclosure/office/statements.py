"""Statements in the office: publish what is due, record what was done with it, confirm reports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.home import TASKS, Task
from disclosure.office.scans import keep_scan
from disclosure.public.answers import Answer, Req
from disclosure.public.statement_acts import act_text
from disclosure.public.statement_list import statement_kinds
from disclosure.public.statement_pages import span_named
from disclosure.public.words import day_text
from disclosure.statements.publish import publish_statement
from disclosure.statements.waiting import open_statements
from disclosure.statements.words import statement_title
from ledger.errors import Problem, Refused
from ledger.periods.spans import Span, span_slug
from ledger.statements import (
    confirm_report,
    list_acts,
    list_versions,
    record_posting,
    record_report,
    statements_due,
    withdraw_act,
)
from ledger.statements.acts import (
    CONFIRMED,
    DENIED,
    POSTED_DAYS,
    POSTED_SETTING,
    REPORTS,
    WITHDRAWN,
    StatementAct,
)

_STATES = {CONFIRMED: "业委会已确认", DENIED: "业委会没有确认", WITHDRAWN: "已撤回"}


@get("/c/{slug:str}/office/statements", sync_to_thread=True, action="statement.read")
def statements_page(request: Req, slug: FromPath[str]) -> Answer:
    """What is due, what is late, what waits for the committee, and everything published."""
    with reading_office(request, slug) as office:
        conn, trust_id, today = office.conn, office.trust_id, office.act.today
        acts = list_acts(conn, trust_id)
        return office.page(
            "office/statements.html",
            open=[
                (
                    statement_title(item.due.span.code),
                    item.due.span.slug,
                    day_text(item.due.due_on),
                    item,
                )
                for item in open_statements(conn, trust_id, today)
            ],
            kinds=statement_kinds(
                list_versions(conn, trust_id), statements_due(conn, trust_id, today), acts, today
            ),
            waiting=[_act(office, item) for item in acts if item.waits],
        )


@get("/c/{slug:str}/office/statements/{name:str}", sync_to_thread=True, action="statement.read")
def statement_page(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """One statement: its versions, what was done with them, and the forms for more."""
    span = span_named(name)
    with reading_office(request, slug) as office:
        return _page(office, span, {}, ())


def _page(
    office: Office, span: Span, values: dict[str, object], problems: tuple[Problem, ...], status: int = 200
) -> Answer:
    versions = list_versions(office.conn, office.trust_id, period=span.code)
    days = office.setup.setting(POSTED_SETTING, office.act.today)
    least = POSTED_DAYS if days is None else int(days)
    today = office.act.today
    return office.page(
        "office/statement.html",
        status=status,
        title=statement_title(span.code),
        slug=span.slug,
        versions=[(item.version, local_time(item.published_at)) for item in versions],
        acts=[_act(office, item) for item in list_acts(office.conn, office.trust_id, [span.code])],
        reports=list(REPORTS.items()),
        least=least,
        values={
            "first": str(today),
            "last": str(today + timedelta(days=least - 1)),
            "on": str(today),
            **values,
        },
        problems=problems,
    )


def _act(office: Office, item: StatementAct) -> dict[str, object]:
    mine = item.person == office.actor.person
    return {
        "no": item.no,
        "title": statement_title(item.period),
        "slug": span_slug(item.period),
        "text": act_text(item, office.act.today),
        "by": f"{item.signature} {local_time(item.recorded_at)} 登记",
        "state": _STATES.get(item.step, "等待业委会确认" if item.waits else "已登记"),
        "note": f"{item.stepped_by}：{item.note}" if item.note else "",
        "may_confirm": item.waits and not mine and office.actor.may("statement.confirm"),
        "may_withdraw": not item.step and mine and office.actor.may("statement.act"),
    }


@post("/c/{slug:str}/office/statements/{name:str}/publish", sync_to_thread=True, action="statement.publish")
def publish(request: Req, slug: FromPath[str], name: FromPath[str], data: FormData) -> Answer:
    """Publish a span that is closed, or a corrected version of it."""
    span = span_named(name)
    with acting(request, slug, subject=span.slug) as office:
        made = publish_statement(office.conn, office.trust_id, span.code, office.act)
        said = f"{statement_title(span.code)}第 {made.version} 版已发布"
        return office.done(f"/c/{slug}/office/statements/{span.slug}", said)


@post(
    "/c/{slug:str}/office/statements/{name:str}/posted",
    sync_to_thread=True,
    action="statement.act",
    request_max_body_size=UPLOAD_LIMIT,
)
def posted(request: Req, slug: FromPath[str], name: FromPath[str], data: FormFiles) -> Answer:
    """Record that a version hangs on the notice board."""
    span = span_named(name)
    try:
        with acting(request, slug, subject=span.slug) as office:
            form = Form(data)
            version = form.whole("version", "版次", least=1)
            first, last = form.day("first", "张贴日期"), form.day("last", "张贴到")
            place = form.text("place", "张贴地点", longest=100)
            photo = keep_scan(office, form, "photo", "other", f"{statement_title(span.code)}张贴照片")
            form.finish()
            if first and last:
                record_posting(
                    office.conn,
                    office.trust_id,
                    span.code,
                    version,
                    first,
                    last,
                    place,
                    photo,
                    office.actor,
                    office.act,
                )
            return office.done(f"/c/{slug}/office/statements/{span.slug}", "张贴已登记")
    except Refused as error:
        return _again(request, slug, span, dict(data), error)


@post(
    "/c/{slug:str}/office/statements/{name:str}/reported",
    sync_to_thread=True,
    action="statement.act",
    request_max_body_size=UPLOAD_LIMIT,
)
def reported(request: Req, slug: FromPath[str], name: FromPath[str], data: FormFiles) -> Answer:
    """Record a report to the owners' assembly or committee."""
    span = span_named(name)
    try:
        with acting(request, slug, subject=span.slug) as office:
            form = Form(data)
            version = form.whole("version", "版次", least=1)
            to = form.choice("to", "向谁报告", REPORTS)
            on = form.day("on", "报告日期")
            way = form.text("way", "报告方式", longest=100)
            paper = keep_scan(office, form, "paper", "other", f"{statement_title(span.code)}报告文件")
            form.finish()
            if on:
                record_report(
                    office.conn,
                    office.trust_id,
                    span.code,
                    version,
                    to,
                    on,
                    way,
                    paper,
                    office.actor,
                    office.act,
                )
            return office.done(f"/c/{slug}/office/statements/{span.slug}", "报告已登记，等待业委会成员确认")
    except Refused as error:
        return _again(request, slug, span, dict(data), error)


def _again(request: Req, slug: str, span: Span, values: dict[str, object], error: Refused) -> Answer:
    with reading_office(request, slug) as office:
        return _page(office, span, values, error.problems, 422)


@post(
    "/c/{slug:str}/office/statements/acts/{no:int}/confirm", sync_to_thread=True, action="statement.confirm"
)
def confirm(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Say for the committee whether a report was made."""
    form = Form(data)
    received = form.choice("received", "是否收到报告", {"yes": "", "no": ""}) == "yes"
    note = form.text("note", "说明", required=False)
    form.finish()
    with acting(request, slug, subject=f"statement act {no}") as office:
        confirm_report(
            office.conn, office.trust_id, no, office.actor, office.act, received=received, note=note
        )
        said = "已确认收到报告" if received else "已注明没有收到报告"
        return office.done(f"/c/{slug}/office/statements", said)


@post("/c/{slug:str}/office/statements/acts/{no:int}/withdraw", sync_to_thread=True, action="statement.act")
def take_back(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Take back what was recorded by mistake."""
    form = Form(data)
    note = form.text("note", "撤回原因")
    form.finish()
    with acting(request, slug, subject=f"statement act {no}") as office:
        withdraw_act(office.conn, office.trust_id, no, office.actor, office.act, note)
        return office.done(f"/c/{slug}/office/statements", "这条登记已撤回")


def statement_tasks(office: Office) -> Iterator[Task]:
    """What may be published, and what the committee is asked to confirm."""
    if office.actor.may("statement.publish"):
        found = open_statements(office.conn, office.trust_id, office.act.today)
        ready = sum(item.ready for item in found)
        if ready:
            late = sum(item.ready and item.due.over for item in found)
            yield Task("报表可以发布", ready, "/statements", f"份，其中 {late} 份逾期" if late else "份")
    if office.actor.may("statement.confirm"):
        waiting = len(list_acts(office.conn, office.trust_id, open_only=True))
        if waiting:
            yield Task("报告待确认", waiting, "/statements", "份，请确认有没有收到")


TASKS.append(statement_tasks)

HANDLERS = [statements_page, statement_page, publish, posted, reported, confirm, take_back]

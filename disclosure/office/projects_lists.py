"""Forms of the first two lists: needs and resources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormData, FormFiles, place_number
from disclosure.office.projects import WORDS
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.money import plain_yuan
from ledger.projects.lists import (
    NEED_STATES,
    REPORTERS,
    RESOURCE_STATES,
    URGENCY,
    Need,
    Resource,
    list_needs,
    list_resources,
    record_need,
    record_resource,
)
from ledger.projects.value import SOURCES

_PAGE = 50


@get("/c/{slug:str}/office/project-needs", sync_to_thread=True, action="project.read")
def needs(request: Req, slug: FromPath[str]) -> Answer:
    """The list of needs, and a form for one; ``no`` takes one up again."""
    with reading_office(request, slug) as office:
        values: dict[str, Any] = {}
        number = place_number(request.query_params.get("no", ""))
        if number is not None:
            for item in list_needs(office.conn, office.trust_id, [number]):
                names = ("title", "place", "homes", "urgency", "reporter", "note", "state")
                values = {"no": item.no} | {name: getattr(item, name) for name in names}
        return _needs_page(office, request, values, ())


def _needs_page(
    office: Office, request: Req, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    before = place_number(request.query_params.get("before", ""))
    rows = list_needs(office.conn, office.trust_id, before=before, limit=_PAGE + 1)
    return office.page(
        "office/projects_needs.html",
        status=status,
        rows=rows[:_PAGE],
        before=rows[_PAGE - 1].no if len(rows) > _PAGE else 0,
        values=values,
        problems=problems,
        words=WORDS,
        may_prepare=office.actor.may("project.need"),
    )


@post("/c/{slug:str}/office/project-needs", sync_to_thread=True, action="project.need")
def keep_need(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Keep a need."""
    try:
        with acting(request, slug, subject=str(data.get("title", ""))[:60]) as office:
            form = Form(data)
            need = Need(
                title=form.text("title", "需求", longest=80),
                place=form.text("place", "地点", longest=80),
                homes=form.whole("homes", "涉及户数", least=1, most=999_999),
                urgency=form.choice("urgency", "紧急程度", URGENCY),
                reporter=form.choice("reporter", "谁提出", REPORTERS),
                note=form.text("note", "备注", required=False, longest=500),
                state=form.choice("state", "状态", NEED_STATES, required=False) or "open",
                no=form.whole("no", "编号", required=False),
            )
            form.finish()
            no = record_need(office.conn, office.trust_id, need, office.actor, office.act)
            return office.done(f"/c/{slug}/office/project-needs", f"已登记需求第 {no} 号")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _needs_page(office, request, dict(data), error.problems, status=422)


@get("/c/{slug:str}/office/project-resources", sync_to_thread=True, action="project.read")
def resources(request: Req, slug: FromPath[str]) -> Answer:
    """The list of resources, and a form for one."""
    with reading_office(request, slug) as office:
        values: dict[str, Any] = {}
        number = place_number(request.query_params.get("no", ""))
        if number is not None:
            for item in list_resources(office.conn, office.trust_id, [number]):
                values = {
                    name: getattr(item, name) for name in ("no", "source", "giver", "title", "state", "paper")
                }
                values |= {"amount": plain_yuan(item.amount), "document": item.document}
        return _resources_page(office, request, values, ())


def _resources_page(
    office: Office, request: Req, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    before = place_number(request.query_params.get("before", ""))
    rows = list_resources(office.conn, office.trust_id, before=before, limit=_PAGE + 1)
    return office.page(
        "office/projects_resources.html",
        status=status,
        rows=rows[:_PAGE],
        before=rows[_PAGE - 1].no if len(rows) > _PAGE else 0,
        values=values,
        problems=problems,
        words=WORDS,
        picker=document_picker(office, ("approval",), rows=1),
        may_prepare=office.actor.may("project.prepare"),
    )


@post(
    "/c/{slug:str}/office/project-resources",
    sync_to_thread=True,
    action="project.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def keep_resource(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Keep a resource."""
    try:
        with acting(request, slug, subject=str(data.get("title", ""))[:60]) as office:
            form = Form(data)
            papers = documents_from_form(office, form)
            resource = Resource(
                source=form.choice("source", "来源", SOURCES),
                giver=form.text("giver", "出资方", longest=80),
                title=form.text("title", "名目", longest=80),
                amount=form.money("amount", "金额", required=False, zero=True),
                state=form.choice("state", "进展", RESOURCE_STATES),
                paper=form.text("paper", "文号", required=False, longest=80),
                document=paper_of(papers) or form.text("document", "文件", required=False),
                no=form.whole("no", "编号", required=False),
            )
            form.finish()
            no = record_resource(office.conn, office.trust_id, resource, office.actor, office.act)
            return office.done(f"/c/{slug}/office/project-resources", f"已登记资源第 {no} 号")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _resources_page(office, request, dict(data), error.problems, status=422)


def paper_of(papers: Sequence[Any]) -> str:
    """The SHA-256 of the first paper that is a file."""
    return next((item.original for item in papers if item.original), "")


HANDLERS = [needs, keep_need, resources, keep_resource]

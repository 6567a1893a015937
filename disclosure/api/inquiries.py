"""Inquiries: the same list and numbers as the page, and one with its public words and course."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, cast

from litestar import Response
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.api.answers import api_path, asked, json_of, next_address, path_of, read_limit
from disclosure.api.models_inquiries import (
    Inquiries,
    Inquiry,
    InquiryItem,
    InquiryNumbers,
    InquirySaid,
    InquiryStep,
)
from disclosure.api.operation import LIMIT, operation, query_parameter
from disclosure.inquiries.public import STATES, read_asked
from disclosure.inquiries.public_chart import last_months
from disclosure.public.answers import Req
from disclosure.public.services import reading_site
from disclosure.public.words import beijing_day
from ledger.errors import refuse
from ledger.inquiries import InquiryRow, PublicInquiry, list_inquiries, read_public
from ledger.inquiries.model import LEVELS, PUBLISHED, kinds
from ledger.inquiries.numbers import numbers
from ledger.inquiries.response import slow_repairs
from ledger.periods.calendar import first_day

TAG = "质询和报修"
_ABOUT = r"^(entry|statement|project|area):.{1,50}$"
_PARAMETERS = [
    query_parameter("kind", "种类", values=tuple(kinds())),
    query_parameter("state", "办理情况", values=tuple(STATES)),
    query_parameter(
        "level", "在哪一级：1 小区，2 社区，3 街道", values=tuple(str(level) for level in LEVELS)
    ),
    query_parameter("words", "写 1 只要公开了问答的", values=("1",)),
    query_parameter("about", "关于什么，只找公开的", pattern=_ABOUT, example="entry:A-2025-000123"),
    query_parameter("before", "从这个编号往下，取自上一页的 next", pattern=r"^\d{1,9}$"),
]


@operation(
    "/communities/{slug:str}/inquiries", summary="质询和报修", tag=TAG, parameters=[*_PARAMETERS, LIMIT]
)
def inquiries(request: Req, slug: FromPath[str]) -> Response[Inquiries]:
    """A page of the list, with the numbers of the last twelve months."""
    query = asked(request, ["kind", "state", "level", "words", "about", "before", "limit"])
    limit = read_limit(query)
    with reading_site(request, slug) as (services, conn, site):
        now = services.now()
        wanted = read_asked(query, now)
        for name, text in query.items():
            if text and name not in ("before", "limit") and not wanted.fields[name]:
                raise refuse("bad_filter", f"读不懂 {name}，见接口说明", "查询")
        if query.get("before") and wanted.before is None:
            raise refuse("bad_cursor", "before 应取自上一页的 next", "查询")
        rows = list_inquiries(conn, site.trust_id, wanted.wanted, before=wanted.before, limit=limit + 1)
        shown, address = rows[:limit], None
        if len(rows) > limit:
            address = next_address(api_path(slug, "inquiries"), {**query, "before": str(shown[-1].no)})
        items = tuple(_item(slug, row, now) for row in shown)
        return json_of(request, Inquiries(items, _numbers(conn, site.trust_id, now), address))


@operation("/communities/{slug:str}/inquiries/{no:int}", summary="一件质询或报修", tag=TAG)
def inquiry(request: Req, slug: FromPath[str], no: FromPath[int]) -> Response[Inquiry]:
    """One by its number."""
    asked(request, [])
    with reading_site(request, slug) as (services, conn, site):
        found = read_public(conn, site.trust_id, no)
        return json_of(request, _inquiry(slug, found, services.now()))


def _item(slug: str, row: InquiryRow, now: datetime) -> InquiryItem:
    public = row.publication == PUBLISHED
    return InquiryItem(
        no=row.no,
        kind=row.kind,
        kind_name=row.kind_name,
        status=row.status,
        status_name=row.status_name,
        level=cast(Literal[1, 2, 3], row.level),
        opened_on=row.opened_on,
        due_on=None if row.ended else row.due_on,
        late_days=row.late_days(beijing_day(now)),
        response_hours=row.response.hours if row.response else None,
        response_late=row.slow(now),
        published=public,
        about_kind=row.about_kind if public else None,
        about=row.about if public else None,
        question=row.words if public else None,
        rating=row.rating if public else None,
        also_asking=row.echoes if public else 0,
        page=path_of(slug, "inquiries", str(row.no)),
        api=api_path(slug, "inquiries", str(row.no)),
    )


def _inquiry(slug: str, found: PublicInquiry, now: datetime) -> Inquiry:
    return Inquiry(
        item=_item(slug, found.row, now),
        said=tuple(
            InquirySaid(
                says="question" if said.says == "question" else "answer",
                by=said.by,
                said_on=said.said_on,
                text=said.text,
                pictures=tuple(path_of(slug, "documents", digest) for digest in said.pictures),
                leaf=path_of(slug, "log", "leaf", str(said.seq)),
                proof=path_of(slug, "log", "leaf", str(said.seq), "proof"),
            )
            for said in found.said
        ),
        course=tuple(
            InquiryStep(
                kind=step.kind,
                title=step.title,
                level=step.level,
                by=step.by,
                on=step.on,
                due_on=step.due_on,
                duty=step.duty,
            )
            for step in found.course
        ),
    )


def _numbers(conn: Connection, trust_id: int, now: datetime) -> InquiryNumbers:
    today = beijing_day(now)
    first = first_day(last_months(today)[0])
    found = numbers(conn, trust_id, first, today, today)
    return InquiryNumbers(
        first=first,
        last=today,
        asked=found.asked,
        open=found.open,
        overdue=found.overdue,
        late=found.late,
        answered=found.answered,
        in_time=found.in_time,
        rated=found.rated,
        satisfied=found.satisfied,
        raised=found.raised,
        reworks=found.reworks,
        slow_repairs=len(slow_repairs(conn, trust_id, first, today, now)),
        mediations=dict(found.mediations),
    )


HANDLERS = [*inquiries, *inquiry]

"""Entries: lists and totals by the very question of the page, and one entry with its leaf as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from litestar import Response
from litestar.openapi.spec import Parameter
from litestar.params import FromPath

from disclosure.api.answers import api_path, asked, json_answer, path_of, read_limit, verbatim
from disclosure.api.models import (
    BookTotals,
    Direction,
    Entries,
    Entry,
    EntryProof,
    EntryRow,
    EntryState,
    Flow,
    FundFlow,
    Leaf,
    Totals,
)
from disclosure.api.operation import LIMIT, operation, query_parameter
from disclosure.public.answers import Req
from disclosure.public.entries import costly_totals, entry_page, single_entry
from disclosure.public.listed import Listed
from disclosure.public.query_string import FIELDS, Asked, cursor_text, read_query
from disclosure.public.services import reading_site
from disclosure.public.trusts import Site
from ledger.chart import FUNDS
from ledger.errors import Problem, Refused
from ledger.events import load_events
from ledger.log.tree import leaf_hash
from ledger.totals import DIRECTIONS, direction_of, entry_flows
from ledger.totals import Flow as Moved

TAG = "账目"
_AMOUNT = r"^\d{1,12}(\.\d{1,2})?$"


def _listed(names: Mapping[str, str]) -> str:
    return "，".join(f"{code} {name}" for code, name in names.items())


_MONTH = r"^20\d\d(-(0[1-9]|1[0-2]))?$"
_HELP: dict[str, Parameter] = {
    item.name: item
    for item in (
        query_parameter("q", "摘要、对方或凭证号里的文字", example="电梯"),
        query_parameter("month", "月份，或者一整年", pattern=_MONTH, example="2025-09"),
        query_parameter("to", "与 month 同用：从那个月到这个月", pattern=_MONTH),
        query_parameter("direction", "收支类别：" + _listed(DIRECTIONS), values=tuple(DIRECTIONS)),
        query_parameter(
            "fund", "资金代号：" + _listed({f.code: f.name for f in FUNDS.values()}), values=tuple(FUNDS)
        ),
        query_parameter("book", "账套：A 物业共有资金，M 住宅专项维修资金", values=("A", "M")),
        query_parameter("account", "账套和科目编码（含下级）", pattern=r"^[AM]-\d{1,12}$", example="A-5005"),
        query_parameter("vendor", "供应商编号"),
        query_parameter("contract", "合同编号"),
        query_parameter("project", "项目编号"),
        query_parameter("site", "公共收益点位编号"),
        query_parameter("budget_line", "预算行号"),
        query_parameter("resolution", "依据的决议编号"),
        query_parameter("min", "有一行金额不小于，单位：元", pattern=_AMOUNT),
        query_parameter("max", "有一行金额不大于，单位：元", pattern=_AMOUNT),
        query_parameter("corrected", "写 1 只要更正：红字、订正和被更正的", values=("1",)),
        query_parameter("late", "写 1 只要补记的", values=("1",)),
        query_parameter("question", "写 1 只要有公开问答的", values=("1",)),
    )
}
_BEFORE = query_parameter(
    "before", "从列表的这个位置往下，取自上一页的 next，不必自己拼", pattern=r"^\d{4}-\d\d-\d\d\.\d{1,15}$"
)


def filter_parameters() -> list[Parameter]:
    """A parameter for each filter of the page; one that is new there is here at once, if only by name."""
    return [_HELP.get(name) or query_parameter(name, "与账目页网址里的同名参数相同") for name in FIELDS]


_LIST = "条件与账目页的网址完全相同：网页网址里问号后面的部分，可以原样放到这里。"


@operation(
    "/communities/{slug:str}/entries",
    summary="查账目",
    tag=TAG,
    description=_LIST
    + "业务日期新的在前，用 next 取下一页；一次没有查完的，items 可能少于 limit 甚至为空，next 不为 null 就还有。",
    parameters=[*filter_parameters(), _BEFORE, LIMIT],
)
def entries(request: Req, slug: FromPath[str]) -> Response[Entries]:
    """A page of entries."""
    query = asked(request, [*FIELDS, "before", "limit"])
    wanted, limit = _understood(query), read_limit(query)
    with reading_site(request, slug) as (_, conn, site):

        def make() -> Entries:
            page = entry_page(conn, site.trust_id, wanted.filter, before=wanted.before, size=limit)
            place = page.rows[-1].cursor if page.older and page.rows else page.looked_to
            rows = tuple(_row(site, listed) for listed in page.rows)
            if place is None:
                return Entries(rows, None)
            further = wanted.address(before=cursor_text(place), limit=query.get("limit", ""))
            return Entries(rows, f"{api_path(slug, 'entries')}?{further}")

        return json_answer(request, make, version=site.state)


@operation(
    "/communities/{slug:str}/entries/totals",
    summary="账目的合计",
    tag=TAG,
    description=_LIST,
    parameters=filter_parameters(),
)
def entries_totals(request: Req, slug: FromPath[str]) -> Response[Totals]:
    """What all entries of a question come to."""
    wanted = _understood(asked(request, FIELDS))
    with reading_site(request, slug) as (_, conn, site):

        def make() -> Totals:
            totals = costly_totals(conn, site.trust_id, wanted.filter)
            question = wanted.address()
            return Totals(
                count=totals.count,
                books=(
                    BookTotals(book="A", flow=_flow(totals.common)),
                    BookTotals(book="M", flow=_flow(totals.maintenance)),
                ),
                entries=api_path(slug, "entries") + (f"?{question}" if question else ""),
            )

        return json_answer(request, make, version=site.state)


@operation(
    "/communities/{slug:str}/entries/{ref:str}",
    summary="一张凭证",
    tag=TAG,
    description="leaf 是公开日志里的原文，一字不差；state 是它后来有没有被冲销或订正；proof 是怎样核验。",
)
def entry(request: Req, slug: FromPath[str], ref: FromPath[str]) -> Response[Entry]:
    """One entry."""
    asked(request, [])
    with reading_site(request, slug) as (_, conn, site):
        single = single_entry(conn, site.trust_id, ref)
        page = path_of(slug, "entries", ref)
        value = Entry(
            ref=ref,
            leaf=verbatim(Leaf, single.body),
            state=_state(single.listed),
            proof=EntryProof(
                leaf_hash=leaf_hash(single.body).hex(),
                signed_size=single.signed_size,
                leaf=f"{page}.json",
                proof=f"{page}/proof",
                checkpoint=path_of(slug, "log", "checkpoint"),
                key=path_of(slug, "log", "key"),
            ),
            page=page,
        )
        return json_answer(request, lambda: value, version=site.state)


def _understood(query: dict[str, str]) -> Asked:
    """The question of the page; what the page would leave out with a remark is refused here."""
    wanted = read_query(query)
    problems = [Problem("bad_filter", text, "查询") for text in wanted.problems]
    if query.get("before") and wanted.before is None:
        problems.append(Problem("bad_cursor", "before 应取自上一页的 next", "查询"))
    if problems:
        raise Refused(problems)
    return wanted


def _row(site: Site, listed: Listed) -> EntryRow:
    item = listed.entry
    event = load_events().get(item.event)
    moved, _ = entry_flows(item.book, item.event, item.lines)
    direction, amount = direction_of(item.book, item.event, item.lines)
    return EntryRow(
        ref=item.ref,
        date=item.date,
        posted_at=item.posted_at,
        book="M" if item.book == "M" else "A",
        event=item.event,
        event_name=event.name if event else item.event,
        summary=item.summary,
        counterparty=item.counterparty or None,
        direction=cast(Direction, direction),
        amount_fen=amount,
        total_fen=item.total,
        funds=tuple(sorted({line.fund for line in item.lines})),
        flows=tuple(_fund_flow(fund, flow) for fund, flow in sorted(moved.items()) if flow != Moved()),
        original_date=item.original_date,
        reverses=item.reverses or None,
        amends=item.amends or None,
        state=_state(listed),
        page=path_of(site.slug, "entries", item.ref),
        api=api_path(site.slug, "entries", item.ref),
    )


def _state(listed: Listed) -> EntryState:
    return EntryState(reversed_by=listed.reversed_by or None, amended_by=tuple(listed.amended_by))


def _flow(flow: Moved) -> Flow:
    return Flow(
        opened_fen=flow.opened,
        received_fen=flow.received,
        paid_fen=flow.paid,
        moved_in_fen=flow.moved_in,
        moved_out_fen=flow.moved_out,
        change_fen=flow.net,
    )


def _fund_flow(fund: str, flow: Moved) -> FundFlow:
    return FundFlow(
        fund=fund,
        received_fen=flow.received,
        paid_fen=flow.paid,
        moved_in_fen=flow.moved_in,
        moved_out_fen=flow.moved_out,
        opened_fen=flow.opened,
    )


HANDLERS = [*entries, *entries_totals, *entry]

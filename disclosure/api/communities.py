"""Which communities there are; one community today; its log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from litestar import Response
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.api.answers import (
    ROOT,
    api_path,
    asked,
    json_answer,
    json_of,
    next_address,
    path_of,
    read_limit,
)
from disclosure.api.models import Communities, Community, CommunityLinks, CommunityRow, DutyNow, FundNow, Log
from disclosure.api.operation import LIMIT, operation, query_parameter
from disclosure.charts.data import read_cash
from disclosure.public.answers import Req
from disclosure.public.services import reading_site, services_of
from disclosure.public.trusts import Site, list_sites
from ledger.chart import FUNDS
from ledger.disclosures import Duty, duties
from ledger.log.store import latest_checkpoint, log_vkey
from ledger.periods.calendar import period_of
from ledger.store.engine import reading

TAG = "小区"
_AFTER = query_parameter("after", "从这个网址名之后的小区开始（下一页用）", pattern="^[a-z][a-z0-9-]{0,63}$")


@operation("/communities", summary="小区列表", tag=TAG, parameters=[_AFTER, LIMIT])
def communities(request: Req) -> Response[Communities]:
    """The communities of this installation in the order of their slugs."""
    query = asked(request, ["after", "limit"])
    limit = read_limit(query)
    with reading(services_of(request).engine) as conn:
        sites = sorted(list_sites(conn), key=lambda site: site.slug)
    later = [site for site in sites if site.slug > query.get("after", "")]
    shown = later[:limit]
    more = len(later) > limit
    after = next_address(f"{ROOT}/communities", {**query, "after": shown[-1].slug}) if more else None
    return json_of(request, Communities(tuple(_row(site) for site in shown), after))


@operation(
    "/communities/{slug:str}",
    summary="一个小区今天的情况",
    tag=TAG,
    description="各项资金今天的余额、本月进出，以及应当公开的事项有没有按时。",
)
def community(request: Req, slug: FromPath[str]) -> Response[Community]:
    """One community today."""
    asked(request, [])
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        known = duties(conn, site.trust_id, today)
        return json_answer(
            request, lambda: _community(conn, site, known, today), version=(site.state, today, known)
        )


@operation("/communities/{slug:str}/log", summary="公开日志", tag="公开日志")
def log(request: Req, slug: FromPath[str]) -> Response[Log]:
    """The newest checkpoint, the key, and where the rest of the log is."""
    asked(request, [])
    with reading_site(request, slug) as (_, conn, site):
        return json_answer(request, lambda: _log(conn, site), version=site.state)


def _row(site: Site) -> CommunityRow:
    return CommunityRow(
        slug=site.slug,
        name=site.name,
        trustee=site.trustee,
        opened_on=site.opened_on,
        entries=site.entries,
        last_posted_at=site.last_posted_at,
        api=api_path(site.slug),
    )


def _community(conn: Connection, site: Site, known: Iterable[Duty], today: date) -> Community:
    slug = site.slug
    return Community(
        slug=slug,
        name=site.name,
        trustee=site.trustee,
        opened_on=site.opened_on,
        entries=site.entries,
        last_posted_at=site.last_posted_at,
        today=today,
        funds=tuple(_funds(conn, site, today)),
        duties=tuple(
            DutyNow(
                code=duty.code,
                title=duty.title,
                basis=duty.basis,
                last_on=duty.last_on,
                due_on=duty.due_on,
                late_days=duty.late_days,
                page=path_of(slug) + duty.page,
            )
            for duty in known
        ),
        links=CommunityLinks(
            page=path_of(slug),
            feed=path_of(slug, "feed"),
            entries=api_path(slug, "entries"),
            totals=api_path(slug, "entries", "totals"),
            statements=api_path(slug, "statements"),
            budgets=api_path(slug, "budgets"),
            resolutions=api_path(slug, "resolutions"),
            projects=api_path(slug, "projects"),
            inquiries=api_path(slug, "inquiries"),
            evaluations=api_path(slug, "evaluations"),
            log=api_path(slug, "log"),
        ),
    )


def _funds(conn: Connection, site: Site, today: date) -> list[FundNow]:
    """Money per fund today and this month's movements: the home page's figures."""
    cash, month = read_cash(conn, site, today), period_of(today)
    funds: list[FundNow] = []
    for code in cash.funds:
        fund, flow = FUNDS[code], cash.flow([code], month, month)
        funds.append(
            FundNow(
                fund=code,
                name=fund.name,
                book="M" if fund.book == "M" else "A",
                balance_fen=cash.balance(code),
                opened_fen=flow.opened,
                received_fen=flow.received,
                paid_fen=flow.paid,
                moved_in_fen=flow.moved_in,
                moved_out_fen=flow.moved_out,
            )
        )
    return funds


def _log(conn: Connection, site: Site) -> Log:
    signed = latest_checkpoint(conn, site.trust_id)
    base = path_of(site.slug, "log")
    return Log(
        origin=site.origin,
        size=site.size,
        signed_size=site.signed_size,
        checkpoint=signed.note if signed else None,
        signed_at=signed.signed_at if signed else None,
        key=log_vkey(conn, site.trust_id),
        checkpoint_address=f"{base}/checkpoint",
        leaf_address=f"{base}/leaf/{{index}}",
        proof_address=f"{base}/leaf/{{index}}/proof",
        tile_address=f"{base}/tile/",
        consistency_address=f"{base}/consistency/{{old}}/{{new}}",
    )


HANDLERS = [*communities, *community, *log]

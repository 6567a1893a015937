"""The maintenance fund's books for people: sub-accounts, one unit's statement, who must pay in again."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE, Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.office.maintenance_pdf import office_pdf
from disclosure.public.answers import PDF, Answer, Req, download_name
from ledger.balances import resolve_clock
from ledger.balances.clock import Clock
from ledger.errors import Refused, Unanswerable
from ledger.maintenance import fund_position, list_subaccounts, unit_statement
from ledger.maintenance.low import initial_amounts, low_list, record_initial_by_rate
from ledger.maintenance.scope import places
from ledger.trust.uses import USE_KINDS

_PAGE = 50


def _span(request: Req, office: Office) -> tuple[date, Clock]:
    """The days asked for: from the first of the year to today, unless the address says otherwise."""
    today, opened = office.act.today, office.setup.opened_on
    since = min(max(_day(request, "since") or date(today.year, 1, 1), opened), today)
    until = max(min(_day(request, "until") or today, today), since)
    return since, resolve_clock(office.conn, office.trust_id, today=today, as_of=until)


def _day(request: Req, name: str) -> date | None:
    try:
        return date.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        return None


@get("/c/{slug:str}/office/maintenance", sync_to_thread=True, action="maintenance.read")
def fund(request: Req, slug: FromPath[str]) -> Answer:
    """The fund as a whole and its sub-accounts, a page at a time."""
    building = request.query_params.get("building", "")
    with reading_office(request, slug) as office:
        since, clock = _span(request, office)
        rows = list_subaccounts(
            office.conn,
            office.trust_id,
            clock,
            since,
            building=building,
            only=request.query_params.get("unit", "").strip(),
            after=request.query_params.get("after", ""),
            limit=_PAGE + 1,
        )
        chart = office.setup.chart
        position = fund_position(office.conn, office.trust_id, clock)
        return office.page(
            "office/maintenance.html",
            rows=rows[:_PAGE],
            after=rows[_PAGE - 1].unit if len(rows) > _PAGE else "",
            position=position,
            income=[(chart["M", code].name, fen) for code, fen in position.income_of_year.items()],
            buildings=places(office.conn, office.trust_id)[0],
            asked={
                "since": since.isoformat(),
                "until": clock.as_of.isoformat(),
                "building": building,
                "unit": request.query_params.get("unit", ""),
            },
            may_prepare=office.actor.may("maintenance.prepare"),
        )


def _statement(request: Req, office: Office) -> dict[str, Any]:
    unit = request.query_params.get("unit", "").strip()
    since, clock = _span(request, office)
    rows = list_subaccounts(office.conn, office.trust_id, clock, since, only=unit, limit=1)
    if not rows or not unit:
        raise Unanswerable("unknown_unit", f"没有登记过房号“{unit}”")
    _, lines = unit_statement(office.conn, office.trust_id, unit, since, clock)
    return {
        "row": rows[0],
        "lines": lines,
        "since": since,
        "until": clock.as_of,
        "printed": office.act.today,
        "initial": initial_amounts(office.conn, office.trust_id).get(unit),
    }


@get("/c/{slug:str}/office/maintenance/unit", sync_to_thread=True, action="maintenance.read")
def unit_page(request: Req, slug: FromPath[str]) -> Answer:
    """One unit's sub-account with every movement: for its owner, and for seller and buyer on a sale."""
    with reading_office(request, slug) as office:
        return office.page("office/maintenance_unit.html", **_statement(request, office))


@get("/c/{slug:str}/office/maintenance/unit.pdf", sync_to_thread=True, action="maintenance.read")
def unit_pdf(request: Req, slug: FromPath[str]) -> Answer:
    """The same to print (分户账对账单)."""
    with reading_office(request, slug) as office:
        values = _statement(request, office)
        html = office.services.pages.text("office/maintenance_unit_print.html", site=office.site, **values)
    name = f"statement-{values['since']:%Y%m%d}-{values['until']:%Y%m%d}.pdf"
    return Response(office_pdf(html), media_type=PDF, headers={**PRIVATE, **download_name(name)})


@get("/c/{slug:str}/office/maintenance/low", sync_to_thread=True, action="maintenance.read")
def low(request: Req, slug: FromPath[str]) -> Answer:
    """Who has less left than the line, and what they must pay in."""
    with reading_office(request, slug) as office:
        clock = resolve_clock(office.conn, office.trust_id, today=office.act.today)
        after = request.query_params.get("after", "")
        found = low_list(office.conn, office.setup, clock, office.act, after=after, limit=_PAGE + 1)
        return office.page(
            "office/maintenance_low.html",
            low=found,
            rows=found.rows[:_PAGE],
            after=found.rows[_PAGE - 1].unit if len(found.rows) > _PAGE else "",
            on=office.act.today,
            may_prepare=office.actor.may("maintenance.prepare"),
        )


@get("/c/{slug:str}/office/maintenance/initial", sync_to_thread=True, action="maintenance.prepare")
def initial(request: Req, slug: FromPath[str]) -> Answer:
    """Record what units had to pay in first."""
    with reading_office(request, slug) as office:
        return _initial_page(office, {}, ())


@post("/c/{slug:str}/office/maintenance/initial", sync_to_thread=True, action="maintenance.prepare")
def record_rate(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """First contributions by a rate per m² for some uses."""
    try:
        with acting(request, slug, subject="首期交存额") as office:
            form = Form(data)
            rate = form.money("rate", "每平方米标准")
            uses = [use for use in form.texts("use") if use in USE_KINDS]
            authority = form.text("authority", "依据")
            if not uses:
                form.problem("missing", "请至少选择一种用途", "用途")
            form.finish()
            kept = record_initial_by_rate(
                office.conn, office.trust_id, rate, uses, authority, office.actor, office.act
            )
            return office.done(f"/c/{slug}/office/maintenance/low", f"已登记 {kept} 户的首期交存额")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _initial_page(office, dict(data), error.problems, status=422)


def _initial_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    known = initial_amounts(office.conn, office.trust_id)
    return office.page(
        "office/maintenance_initial.html",
        status=status,
        values=values,
        problems=problems,
        uses=list(USE_KINDS.items()),
        count=len(known),
        total=sum(known.values()),
    )


HANDLERS = [fund, unit_page, unit_pdf, low, initial, record_rate]

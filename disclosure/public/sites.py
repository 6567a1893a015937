"""Shared revenue and the use of the maintenance fund for everybody."""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.duty_view import duty_row
from disclosure.public.pages import READ
from disclosure.public.services import reading_site
from disclosure.public.site_read import revenue_contracts, revenue_years
from disclosure.public.words import beijing_day, day_text
from ledger.disclosures.duties import duties
from ledger.maintenance.plans import PlanRow, list_plans
from ledger.resolutions.decided import decisions
from ledger.revenue.moves import list_transfers
from ledger.trust.setup import load_setup

_PAGE = 50
_SITES = 100
_MOVES = 50
_YEARS = 10


@route("/c/{slug:str}/sites", http_method=READ, sync_to_thread=True)
def sites(request: Req, slug: FromPath[str]) -> Answer:
    """Contracts that bring shared revenue, sites, years, and moves to the maintenance fund."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        after = request.query_params.get("after", "")[:100]

        found = [item for item in revenue_contracts(conn, site.trust_id, today) if item.number > after]
        moves = list_transfers(conn, site.trust_id)[:_MOVES]

        def make() -> bytes:
            setup = load_setup(conn, site.trust_id, site.setup_version)
            years, where = revenue_years(conn, setup)
            numbers = {item.resolution for item in found[:_PAGE]} | {move.resolution for move in moves}
            rows = {duty.code: duty_row(duty) for duty in duties(conn, site.trust_id, today)}
            return services.pages.html(
                "sites.html",
                site=site,
                contracts=found[:_PAGE],
                more=found[_PAGE - 1].number if len(found) > _PAGE else "",
                first=not after,
                years=years[:_YEARS],
                sites=where[:_SITES],
                this_year=today.year,
                moves=moves,
                known=decisions(conn, site.trust_id, numbers),
                duties=[rows["operation"], rows["revenue"]],
                day=day_text,
                on=beijing_day,
            )

        version = (services.pages.build, site.state, today, repr((found, moves)))
        return answer(request, make, media_type=HTML, version=version)


@route("/c/{slug:str}/maintenance", http_method=READ, sync_to_thread=True)
def maintenance(request: Req, slug: FromPath[str]) -> Answer:
    """What the maintenance fund is and was used for: plans of use, estimates, and what was paid."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        plans = list_plans(conn, site.trust_id)

        def make() -> bytes:
            rows = {duty.code: duty_row(duty) for duty in duties(conn, site.trust_id, today)}
            return services.pages.html(
                "maintenance.html",
                site=site,
                plans=[(row, _whom(row)) for row in plans],
                known=decisions(conn, site.trust_id, {row.plan.resolution for row in plans}),
                duties=[rows["maintenance"]],
                day=day_text,
                on=beijing_day,
            )

        return answer(
            request, make, media_type=HTML, version=(services.pages.build, site.state, today, repr(plans))
        )


def _whom(row: PlanRow) -> str:
    """Whom a plan concerns; homes that are named are counted only."""
    scope = row.plan.scope
    return f"指定的 {len(scope.names)} 套房屋" if scope.kind == "units" else scope.words


HANDLERS = [sites, maintenance]

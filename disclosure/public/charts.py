"""Charts for everybody: where the money came from and went, a year at a time; each table also as CSV."""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.charts.csv_file import chart_csv
from disclosure.charts.site import site_charts, year_of, years_of
from disclosure.public.answers import CSV, HTML, Answer, Req, answer, download_name
from disclosure.public.pages import READ
from disclosure.public.services import reading_site
from ledger.errors import Unanswerable


@route("/c/{slug:str}/charts", http_method=READ, sync_to_thread=True)
def charts(request: Req, slug: FromPath[str]) -> Answer:
    """All charts of a year (``?year=2025``), by default this one."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        year = year_of(site, today, request.query_params.get("year", ""))
        drawn = site_charts(conn, site, year)
        return answer(
            request,
            lambda: services.pages.html(
                "charts.html", site=site, year=year, years=years_of(site, today), charts=drawn
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, today, [chart.table for chart in drawn]),
        )


@route("/c/{slug:str}/charts/{name:str}", http_method=READ, sync_to_thread=True)
def chart_table(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """The table of one chart: ``months.csv?year=2025``."""
    with reading_site(request, slug) as (services, conn, site):
        year = year_of(site, services.today(), request.query_params.get("year", ""))
        wanted = name.removesuffix(".csv") if name.endswith(".csv") else ""
        chart = next((c for c in site_charts(conn, site, year) if c.name == wanted), None)
        if chart is None:
            raise Unanswerable("unknown_chart", "没有这张图，请从图表页选择")
        return answer(
            request,
            lambda: chart_csv(chart),
            media_type=CSV,
            version=(services.pages.build, chart.table),
            headers=download_name(f"{site.slug}-{chart.name}-{year.year}.csv"),
        )


HANDLERS = [charts, chart_table]

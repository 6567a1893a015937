"""Controllers of statements: the list, and each one as page, PDF or CSV."""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.public.answers import CSV, HTML, PDF, Answer, Req, answer, download_name
from disclosure.public.pages import READ
from disclosure.public.query_string import read_period
from disclosure.public.services import reading_site
from disclosure.public.statement_list import statement_months
from disclosure.statements.csv_file import statement_csv
from disclosure.statements.pdf import statement_pdf
from disclosure.statements.publish import list_statements, read_statement
from disclosure.statements.view import period_slug, statement_view
from ledger.errors import Refused, Unanswerable


@route("/c/{slug:str}/statements", http_method=READ, sync_to_thread=True)
def statements(request: Req, slug: FromPath[str]) -> Answer:
    """All months that were published."""
    with reading_site(request, slug) as (services, conn, site):
        return answer(
            request,
            lambda: services.pages.html(
                "statements.html", site=site, months=statement_months(list_statements(conn, site.trust_id))
            ),
            media_type=HTML,
            version=(services.pages.build, site.state),
        )


@route("/c/{slug:str}/statements/{name:str}", http_method=READ, sync_to_thread=True)
def statement(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """A month's statement, by default its newest version (``?version=1`` for another)."""
    month, _, suffix = name.partition(".")
    if suffix not in ("", "pdf", "csv"):
        raise Unanswerable("unknown_format", "月报只有网页、PDF 和 CSV 三种形式")
    period, version = _period(month), _version(request.query_params.get("version", ""))
    with reading_site(request, slug) as (services, conn, site):
        published = read_statement(conn, site.trust_id, period, version)
        versions = [item for item in list_statements(conn, site.trust_id) if item.period == period]
        newest = versions[0].version
    path = f"/c/{site.slug}/statements/{period_slug(period)}"
    address = services.address(path if published.version == newest else f"{path}?version={published.version}")
    filename = download_name(f"{site.slug}-{period_slug(period)}-v{published.version}.{suffix}")
    state = (services.pages.build, published.version, newest, published.body)
    if suffix == "csv":
        return answer(
            request,
            lambda: statement_csv(published.value),
            media_type=CSV,
            version=state,
            headers=filename,
        )
    address = services.address(f"{path}?version={published.version}")
    if suffix == "pdf":
        return answer(
            request,
            lambda: statement_pdf(services.pages, services.config.cache_dir, published, address),
            media_type=PDF,
            version=state,
            headers={"content-disposition": filename["content-disposition"].replace("attachment", "inline")},
        )
    return answer(
        request,
        lambda: services.pages.html(
            "statement.html",
            site=site,
            view=statement_view(published, address),
            newest=newest,
            versions=statement_months(versions)[0].versions,
        ),
        media_type=HTML,
        version=(state, site.state),
    )


def _period(text: str) -> int:
    try:
        return read_period(text)
    except (ValueError, Refused) as error:
        raise Unanswerable("bad_period", "网址里的月份不对，应为 2025-09 的样子") from error


def _version(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise Unanswerable("unknown_statement", "没有这一版月报")
    return int(text)


HANDLERS = [statements, statement]

"""Controllers of statements: the list, and each one as page, PDF, CSV, JSON and data package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from litestar import route
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.inquiries.public_about import read_talk
from disclosure.paper import Paper
from disclosure.public.answers import CSV, HTML, JSON, PDF, Answer, Req, answer, download_name
from disclosure.public.file_answers import file_answer
from disclosure.public.pages import READ
from disclosure.public.services import Services, reading_site
from disclosure.public.statement_acts import act_views
from disclosure.public.statement_list import statement_kinds, statement_months
from disclosure.public.trusts import Site
from disclosure.statements.csv_file import statement_csv
from disclosure.statements.full_csv import full_file
from disclosure.statements.package import data_package
from disclosure.statements.pdf import annex_file, statement_file
from disclosure.statements.pictures import pictures
from disclosure.statements.publish import PublishedStatement, read_statement
from disclosure.statements.view import statement_view
from disclosure.statements.view_books import in_brief
from ledger.errors import Refused, Unanswerable
from ledger.periods.spans import Span, read_span
from ledger.records import places_of
from ledger.statements import list_acts, list_versions, statements_due

_FILES = re.compile(r"(?P<span>[0-9Q-]+?)(?P<form>\.pdf|\.csv|-full\.csv|\.json)", re.ASCII)
_EDITION = re.compile(r"v([1-9]\d{0,7})", re.ASCII)
_PAPERS: Mapping[str, Paper] = {"": "A4", "A4": "A4", "A3": "A3"}


@route("/c/{slug:str}/statements", http_method=READ, sync_to_thread=True)
def statements(request: Req, slug: FromPath[str]) -> Answer:
    """All that was published, and what is late."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        published = list_versions(conn, site.trust_id)
        dues = statements_due(conn, site.trust_id, today)
        acts = list_acts(conn, site.trust_id)
        return answer(
            request,
            lambda: services.pages.html(
                "statements.html", site=site, kinds=statement_kinds(published, dues, acts, today)
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, today, [(act.no, act.step) for act in acts]),
        )


@route("/c/{slug:str}/statements/{name:str}", http_method=READ, sync_to_thread=True)
def statement(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """A statement, by default its newest version (``?version=1`` for another)."""
    if "." in name:
        return _named_file(request, slug, name, version_asked(request))
    span, version = span_named(name), version_asked(request)
    with reading_site(request, slug) as (services, conn, site):
        published = read_statement(conn, site.trust_id, span.code, version)
        return _page(request, services, conn, site, span, published)


@route("/c/{slug:str}/statements/{name:str}/{edition:str}/{file:str}", http_method=READ, sync_to_thread=True)
def edition_file(
    request: Req, slug: FromPath[str], name: FromPath[str], edition: FromPath[str], file: FromPath[str]
) -> Answer:
    """A file of one version, where the data package says it is: ``2025-Q1/v2/2025-Q1.csv``."""
    number = _EDITION.fullmatch(edition)
    if number is None or not file.startswith(name):
        raise Unanswerable("unknown_statement", "没有这个文件")
    return _named_file(request, slug, file, int(number[1]))


@route("/c/{slug:str}/statements/{name:str}/datapackage.json", http_method=READ, sync_to_thread=True)
def package(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """The description of a statement's files for programs."""
    span, version = span_named(name), version_asked(request)
    with reading_site(request, slug) as (services, conn, site):
        published = read_statement(conn, site.trust_id, span.code, version)
    home = f"/c/{site.slug}"
    page = services.address(f"{home}/statements/{span.slug}?version={published.version}")
    log = services.address(f"{home}/log/checkpoint")

    def make() -> bytes:
        full = full_file(services.config.cache_dir, services.engine, site.trust_id, published)
        return data_package(published, log, page, full)

    state = (services.pages.build, published.version, published.body, page)
    return answer(request, make, media_type=JSON, version=state)


def _named_file(request: Req, slug: str, name: str, version: int | None) -> Answer:
    found = _FILES.fullmatch(name)
    if found is None:
        raise Unanswerable("unknown_format", "报表只有网页、PDF、CSV 和 JSON 几种形式")
    span, form = span_named(found["span"]), found["form"]
    with reading_site(request, slug) as (services, conn, site):
        published = read_statement(conn, site.trust_id, span.code, version)
    saved = download_name(f"{site.slug}-{span.slug}-v{published.version}{form}")
    state = (services.pages.build, published.version, published.body)
    match form:
        case ".csv":
            return answer(
                request, lambda: statement_csv(published), media_type=CSV, version=state, headers=saved
            )
        case "-full.csv":
            return _full(request, services, site, published, saved)
        case ".json":
            return answer(request, lambda: published.body, media_type=JSON, version=state)
        case _:
            return _pdf(request, services, site, span, published)


def _full(
    request: Req, services: Services, site: Site, published: PublishedStatement, saved: dict[str, str]
) -> Answer:
    """In pieces, so that a year takes no more memory than a month."""
    return file_answer(
        request,
        lambda: full_file(services.config.cache_dir, services.engine, site.trust_id, published),
        media_type=CSV,
        version=(services.pages.build, published.version, published.body),
        headers=saved,
    )


def _pdf(
    request: Req,
    services: Services,
    site: Site,
    span: Span,
    published: PublishedStatement,
) -> Answer:
    paper = _PAPERS.get(request.query_params.get("paper", ""))
    if paper is None:
        raise Unanswerable("unknown_paper", "纸张只有 A4 和 A3 两种")
    annex = request.query_params.get("annex", "")
    if annex not in ("", "1"):
        raise Unanswerable("unknown_annex", "附件只有一种，网址写 annex=1")
    address = services.address(f"/c/{site.slug}/statements/{span.slug}?version={published.version}")
    marks = f"{'-annex' if annex else ''}{'-A3' if paper == 'A3' else ''}"
    name = f"{site.slug}-{span.slug}-v{published.version}{marks}.pdf"

    def make() -> Path:
        pages, folder = services.pages, services.config.cache_dir
        if annex:
            return annex_file(pages, folder, services.engine, site.trust_id, published, address, paper)
        return statement_file(pages, folder, published, address, paper)

    return file_answer(
        request,
        make,
        media_type=PDF,
        version=(services.pages.build, published.version, published.body, paper, annex),
        headers={"content-disposition": f'inline; filename="{name}"'},
    )


def _page(
    request: Req,
    services: Services,
    conn: Connection,
    site: Site,
    span: Span,
    published: PublishedStatement,
) -> Answer:
    versions = list_versions(conn, site.trust_id, period=span.code)
    acts = list_acts(conn, site.trust_id, [span.code])
    subject = published.row.subject
    leaf = places_of(conn, site.trust_id, "statement", [subject]).get(subject)
    today = services.today()
    talk = read_talk(conn, site.trust_id, "statement", span.slug)
    path = f"/c/{site.slug}/statements/{span.slug}"
    newest = versions[0].version
    address = services.address(path if published.version == newest else f"{path}?version={published.version}")
    return answer(
        request,
        lambda: services.pages.html(
            "statement.html",
            site=site,
            view=statement_view(published, address),
            brief=in_brief(published.value),
            charts=[(picture.section, picture.chart) for picture in pictures(published.value)],
            newest=newest,
            versions=statement_months(versions)[0].versions,
            acts=act_views(versions, acts, today),
            leaf=leaf,
            talk=talk,
            first=f"{published.value.first:%Y-%m}",
            last=f"{published.value.last:%Y-%m}",
        ),
        media_type=HTML,
        version=(
            services.pages.build,
            site.state,
            published.body,
            newest,
            today,
            [(act.no, act.step) for act in acts],
            repr(talk),
        ),
    )


def span_named(text: str) -> Span:
    """The span of an address. Raises :class:`~ledger.errors.Unanswerable`."""
    try:
        return read_span(text)
    except Refused as error:
        raise Unanswerable("bad_period", "网址里的期间不对，应为 2025-09、2025-Q3 或 2025 的样子") from error


def version_asked(request: Req) -> int | None:
    """``?version=``. Raises :class:`~ledger.errors.Unanswerable` for something else than a number."""
    text = request.query_params.get("version", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise Unanswerable("unknown_statement", "没有这一版")
    return int(text)


HANDLERS = [statements, statement, edition_file, package]

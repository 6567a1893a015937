"""Published statements: their versions, and the figures of one as they are stored."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, cast

import msgspec
from litestar import Response
from litestar.params import FromPath

from disclosure.api.answers import (
    api_path,
    asked,
    json_answer,
    next_address,
    path_of,
    read_limit,
    read_version,
)
from disclosure.api.models_decided import Statement, StatementRow, Statements
from disclosure.api.operation import LIMIT, VERSION, operation, query_parameter
from disclosure.public.answers import Req
from disclosure.public.services import reading_site
from disclosure.statements.publish import read_statement
from ledger.errors import Refused, Unanswerable, refuse
from ledger.periods.spans import read_span, span_name, span_of, span_slug
from ledger.records import places_of
from ledger.statements.stored import KIND, StatementVersion, list_versions, subject_of

TAG = "报告"
_TITLES = {"month": "月报", "quarter": "季报", "year": "年报"}
_BEFORE = query_parameter("before", "从这一版往下，取自上一页的 next", pattern=r"^\d{6}\.\d{1,6}$")


@operation("/communities/{slug:str}/statements", summary="发布过的报告", tag=TAG, parameters=[_BEFORE, LIMIT])
def statements(request: Req, slug: FromPath[str]) -> Response[Statements]:
    """All versions that were ever published."""
    query = asked(request, ["before", "limit"])
    limit, before = read_limit(query), _place(query.get("before", ""))
    with reading_site(request, slug) as (_, conn, site):

        def make() -> Statements:
            later = _after(list_versions(conn, site.trust_id), before)
            shown, more = later[:limit], len(later) > limit
            place = f"{shown[-1].period}.{shown[-1].version}" if more else ""
            address = next_address(api_path(slug, "statements"), {**query, "before": place}) if more else None
            return Statements(tuple(_row(slug, item) for item in shown), address)

        return json_answer(request, make, version=site.state)


@operation(
    "/communities/{slug:str}/statements/{span:str}",
    summary="一份报告的全部数字",
    tag=TAG,
    description="value 就是发布时存下的原文：网页、PDF、CSV 都由它生成。",
    parameters=[VERSION],
)
def statement(request: Req, slug: FromPath[str], span: FromPath[str]) -> Response[Statement]:
    """One version."""
    version = read_version(asked(request, ["version"]))
    with reading_site(request, slug) as (_, conn, site):
        try:
            code = read_span(span).code
        except Refused as error:
            raise Unanswerable("bad_span", str(error)) from error
        found = read_statement(conn, site.trust_id, code, version)
        versions = [item.version for item in list_versions(conn, site.trust_id, period=code)]
        subject = subject_of(code, found.version)
        seq = places_of(conn, site.trust_id, KIND, [subject]).get(subject)
        leaf = path_of(slug, "log", "leaf", str(seq)) if seq is not None else None
        value = Statement(
            span=span_slug(code),
            version=found.version,
            published_at=found.published_at,
            sha256=sha256(found.body).hexdigest(),
            versions=tuple(versions),
            value=cast("dict[str, Any]", msgspec.Raw(found.body)),
            leaf=leaf,
            proof=f"{leaf}/proof" if leaf else None,
            page=_page(slug, code, found.version),
        )
        return json_answer(request, lambda: value, version=(site.state, found.version, found.body))


def _after(versions: list[StatementVersion], place: tuple[int, int] | None) -> list[StatementVersion]:
    """What comes after a version in the order of the list. Raises :class:`~ledger.errors.Refused`."""
    if place is None:
        return versions
    keys = [(item.period, item.version) for item in versions]
    if place not in keys:
        raise refuse("bad_cursor", "before 应取自上一页的 next", "查询")
    return versions[keys.index(place) + 1 :]


def _row(slug: str, item: StatementVersion) -> StatementRow:
    span = span_of(item.period)
    base, asked_for = path_of(slug, "statements", span.slug), f"?version={item.version}"
    return StatementRow(
        span=span.slug,
        kind=span.kind,
        title=f"{span_name(item.period)}{_TITLES[span.kind]}",
        version=item.version,
        corrects=item.version - 1 or None,
        published_at=item.published_at,
        size=item.size,
        page=base + asked_for,
        pdf=f"{base}.pdf{asked_for}",
        csv=f"{base}.csv{asked_for}",
        json=f"{base}.json{asked_for}",
        api=api_path(slug, "statements", span.slug) + asked_for,
    )


def _page(slug: str, code: int, version: int) -> str:
    return path_of(slug, "statements", span_slug(code)) + f"?version={version}"


def _place(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    period, _, version = text.partition(".")
    if not (period + version).isascii() or not (period.isdecimal() and version.isdecimal()):
        raise refuse("bad_cursor", "before 应取自上一页的 next", "查询")
    return int(period[:6]), int(version[:6])


HANDLERS = [*statements, *statement]

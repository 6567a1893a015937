"""双百分评价 of all communities somebody oversees: every round, who is late, both scores side by side."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from urllib.parse import urlencode

from litestar import Response, get
from sqlalchemy import Connection

from disclosure.books.csv_file import csv_chunks
from disclosure.books.files import FORMATS
from disclosure.books.report import Report
from disclosure.books.xlsx import write_xlsx
from disclosure.district.evaluation_columns import (
    NOTES,
    SORTS,
    line_of,
    report_of,
    sums_in_words,
)
from disclosure.district.evaluation_missing import sums_of
from disclosure.identity.answers import entry_of, person_page
from disclosure.office.acting import PRIVATE
from disclosure.public.answers import Answer, Req, download_name
from disclosure.public.services import services_of
from disclosure.public.words import day_text, moment_text
from ledger.district import Asked, districts_of, matching
from ledger.errors import Refused
from ledger.evaluation.district import EvaluationOverview, evaluation_overview
from ledger.evaluation.district_indicators import indicator_lines
from ledger.evaluation.district_missing import missing_bodies, open_periods
from ledger.evaluation.district_order import ONLY, Missings
from ledger.periods.spans import read_span, span_name, span_slug
from ledger.store.engine import reading

PAGE = 50
MOST_SPANS = 9
"""Other spans told of beside the one that is looked at."""
DEFAULT_SORT = "late"
PATH = "/district/evaluations"
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``period`` 0: the newest; ``after`` is the slug of the last row of the page before."""

    period: int = 0
    sort: str = DEFAULT_SORT
    only: str = ""
    district: str = ""
    text: str = ""
    after: str = ""


@get(PATH, sync_to_thread=True, across="district.read")
def evaluations_page(request: Req) -> Answer:
    """The page: ``?period=2025-Q2&sort=late&only=late&district=…&q=…&after=slug``."""
    services, entry = services_of(request), entry_of(request)
    wanted, today = read_wanted(request.query_params), services.today()
    with reading(services.engine) as conn:
        ids = chosen(conn, entry.trusts, wanted)
        missing = missing_bodies(conn, ids)
        found = overview_of(conn, ids, wanted, request, PAGE, missing)
        spans = open_periods(conn, ids)
        known = districts_of(conn, entry.trusts)
    lines = [line_of(one, found.periods, today, missing) for one in found.communities]
    return person_page(
        request,
        "district/evaluations.html",
        wanted=wanted,
        found=found,
        lines=lines,
        spans=spans_of(found.periods),
        known=spans_of([one.period for one in found.sums]),
        sums=found.now,
        said=sums_in_words(found.now, found.missing),
        unrated=sums_of(of for key, of in missing.items() if spans.get(key) in found.periods[:1]),
        unrated_elsewhere=[
            (span_name(period), address_of(replace(wanted, period=period, only="unrated")), count)
            for period, count in Counter(spans[key] for key, of in missing.items() if of).items()
            if period not in found.periods[:1]
        ],
        others=[
            (
                span_name(one.period),
                address_of(replace(wanted, period=one.period)),
                sums_in_words(one, 0)[0],
                one,
            )
            for one in found.sums[:MOST_SPANS]
            if one is not found.now
        ],
        districts=known,
        sorts=SORTS,
        only=ONLY,
        notes=NOTES,
        query=address_of(wanted),
        more=address_of(wanted, after=found.communities[-1].slug) if found.more else "",
    )


@get(f"{PATH}.xlsx", sync_to_thread=True, across="district.read")
def evaluations_workbook(request: Req) -> Answer:
    """All rounds of the same question, and its indicators, as a workbook."""
    out = io.BytesIO()
    write_xlsx(_report(request), out)
    headers = {**PRIVATE, **download_name("evaluations.xlsx")}
    return Response(out.getvalue(), media_type=FORMATS["xlsx"], headers=headers)


@get(f"{PATH}.csv", sync_to_thread=True, across="district.read")
def evaluations_csv(request: Req) -> Answer:
    """The same as CSV."""
    body = b"".join(csv_chunks(_report(request)))
    headers = {**PRIVATE, **download_name("evaluations.csv")}
    return Response(body, media_type=FORMATS["csv"], headers=headers)


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Understand an address; nonsense is left out."""
    sort, only = query.get("sort", ""), query.get("only", "")
    return Wanted(
        period=_period(query.get("period", "")),
        sort=sort if sort in SORTS else DEFAULT_SORT,
        only=only if only in ONLY else "",
        district=_clean(query.get("district", "")),
        text=_clean(query.get("q", "")),
        after=_clean(query.get("after", "")),
    )


def address_of(wanted: Wanted, **other: str) -> str:
    """The query string that asks for it."""
    fields = {
        "period": span_slug(wanted.period) if wanted.period else "",
        "sort": wanted.sort if wanted.sort != DEFAULT_SORT else "",
        "only": wanted.only,
        "district": wanted.district,
        "q": wanted.text,
        **other,
    }
    return urlencode({name: value for name, value in fields.items() if value})


def overview_of(
    conn: Connection,
    ids: Sequence[int],
    wanted: Wanted,
    request: Req,
    limit: int | None,
    missing: Missings = MappingProxyType({}),
) -> EvaluationOverview:
    """The overview of these communities; ``missing``: who has not rated yet, if it is asked for."""
    return evaluation_overview(
        conn,
        ids,
        services_of(request).today(),
        newest=wanted.period or None,
        over=True,
        sort=wanted.sort,
        only=wanted.only,
        missing=missing,
        after=wanted.after,
        limit=limit,
    )


def chosen(conn: Connection, trusts: Sequence[int], wanted: Wanted) -> list[int]:
    """The communities the filter leaves."""
    return matching(conn, trusts, Asked(district=wanted.district, text=wanted.text))


def spans_of(periods: Sequence[int]) -> list[tuple[str, str]]:
    """Slugs and names, for headings and the choice."""
    return [(span_slug(period), span_name(period)) for period in periods]


def _report(request: Req) -> Report:
    services, entry = services_of(request), entry_of(request)
    wanted = read_wanted(request.query_params)
    with reading(services.engine) as conn:
        asked = chosen(conn, entry.trusts, wanted)
        missing = missing_bodies(conn, asked)
        found = overview_of(conn, asked, wanted, request, None, missing)
        ids = [one.trust_id for one in found.communities]
        lines = indicator_lines(conn, ids, found.periods[0]) if found.periods else ()
    facts = (
        wanted.district and f"片区：{wanted.district}",
        wanted.text and f"查找：{wanted.text}",
        wanted.only and f"只含{ONLY[wanted.only]}",
    )
    return report_of(
        found,
        lines,
        missing,
        tuple(text for text in facts if text),
        today=services.today(),
        by=entry.visitor.person.signature,
        at=moment_text(services.now()),
        day=day_text(services.today()),
    )


def _period(slug: str) -> int:
    try:
        return read_span(slug).code
    except Refused:
        return 0


def _clean(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:_LONGEST]


HANDLERS = [evaluations_page, evaluations_workbook, evaluations_csv]

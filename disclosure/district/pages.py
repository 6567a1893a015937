"""片区总览: all communities somebody oversees, on one page. No data of single households."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from litestar import Response, Router, get

from disclosure.books.csv_file import csv_chunks
from disclosure.books.files import FORMATS
from disclosure.books.report import Report
from disclosure.books.xlsx import write_xlsx
from disclosure.district import evaluation_indicators, evaluations, inquiries
from disclosure.district.columns import ON_SCREEN, THRESHOLDS, Column, report_of, shown_cells
from disclosure.identity.answers import entry_of, person_page
from disclosure.office.acting import PRIVATE
from disclosure.public.answers import Answer, Req, download_name
from disclosure.public.services import services_of
from disclosure.public.words import day_text, moment_text
from disclosure.schemes import district as schemes
from ledger.district import Asked, Summary, districts_of, findings_of, overview, overview_rows
from ledger.district.overview import DEFAULT_SORT, SORTS
from ledger.store.engine import reading

PAGE = 100
_LONGEST = 60
_XLSX, _CSV = FORMATS["xlsx"], FORMATS["csv"]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: where a click leads, and how it is sorted now (aria-sort), '' if it is not."""

    column: Column
    address: str
    sorted: str


@get("/district", sync_to_thread=True, across="district.read")
def district(request: Req) -> Answer:
    """The page: ``?sort=late&dir=desc&district=…&q=…&after=slug``."""
    services, entry = services_of(request), entry_of(request)
    asked = read_asked(request.query_params)
    with reading(services.engine) as conn:
        page = overview(conn, entry.trusts, asked, PAGE)
        known = districts_of(conn, entry.trusts)
    oldest = min((one.refreshed_at for one in page.rows), default=None)
    return person_page(
        request,
        "district/overview.html",
        asked=asked,
        page=page,
        heads=_heads(asked),
        rows=[(one, findings_of(one), shown_cells(one)) for one in page.rows],
        districts=known,
        query=_address(asked),
        more=_address(asked, after=page.rows[-1].slug) if page.more else "",
        as_of=moment_text(oldest) if oldest else "",
        thresholds=THRESHOLDS,
    )


@get("/district.xlsx", sync_to_thread=True, across="district.read")
def as_workbook(request: Req) -> Answer:
    """All rows of the same question as a workbook."""
    out = io.BytesIO()
    write_xlsx(_report(request), out)
    return Response(out.getvalue(), media_type=_XLSX, headers={**PRIVATE, **download_name("district.xlsx")})


@get("/district.csv", sync_to_thread=True, across="district.read")
def as_csv(request: Req) -> Answer:
    """The same as CSV."""
    body = b"".join(csv_chunks(_report(request)))
    return Response(body, media_type=_CSV, headers={**PRIVATE, **download_name("district.csv")})


def read_asked(query: Mapping[str, str]) -> Asked:
    """Understand an address; nonsense is left out."""
    sort = query.get("sort", "")
    return Asked(
        sort=sort if sort in SORTS else DEFAULT_SORT,
        descending=query.get("dir", "desc") != "asc",
        district=_clean(query.get("district", "")),
        text=_clean(query.get("q", "")),
        after=_clean(query.get("after", "")),
    )


def _clean(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:_LONGEST]


def _address(asked: Asked, **other: str) -> str:
    fields = {
        "sort": asked.sort if asked.sort != DEFAULT_SORT else "",
        "dir": "" if asked.descending else "asc",
        "district": asked.district,
        "q": asked.text,
        **other,
    }
    return urlencode({name: value for name, value in fields.items() if value})


def _heads(asked: Asked) -> Sequence[Head]:
    heads = []
    for column in ON_SCREEN:
        here = column.name == asked.sort
        down = not asked.descending if here else column.descending
        address = _address(asked, sort=column.name, dir="desc" if down else "asc")
        heads.append(
            Head(column, address, ("descending" if asked.descending else "ascending") if here else "")
        )
    return heads


def _report(request: Req) -> Report:
    services, entry = services_of(request), entry_of(request)
    asked = read_asked(request.query_params)
    with reading(services.engine) as conn:
        rows: list[Summary] = list(overview_rows(conn, entry.trusts, asked))
    facts = tuple(
        text
        for text in (asked.district and f"片区：{asked.district}", asked.text and f"查找：{asked.text}")
        if text
    )
    return report_of(
        rows,
        (f"{len(rows)} 个小区", *facts),
        by=entry.visitor.person.signature,
        at=moment_text(services.now()),
        day=day_text(services.today()),
    )


def _keep_out(response: Response[object]) -> Response[object]:
    response.headers.update({"cache-control": "private, no-store", "x-robots-tag": "noindex, nofollow"})
    return response


_ALL = (
    district,
    as_workbook,
    as_csv,
    *inquiries.HANDLERS,
    *evaluations.HANDLERS,
    *evaluation_indicators.HANDLERS,
    *schemes.HANDLERS,
)
HANDLERS = [Router("/", route_handlers=_ALL, after_request=_keep_out)]

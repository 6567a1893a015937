"""Inquiries of all communities somebody oversees: open, late, gone up; each number leads to the list behind it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from litestar import Response, get
from sqlalchemy import Connection

from disclosure.books.csv_file import csv_chunks
from disclosure.books.files import FORMATS
from disclosure.books.report import Report
from disclosure.books.xlsx import write_xlsx
from disclosure.district.inquiry_columns import (
    COLUMNS,
    DEFAULT_SORT,
    SORTS,
    Column,
    Line,
    lines_of,
    report_of,
)
from disclosure.identity.answers import entry_of, person_page
from disclosure.office.acting import PRIVATE
from disclosure.public.answers import Answer, Req, download_name
from disclosure.public.services import services_of
from disclosure.public.words import day_text, moment_text
from ledger.district import Asked, districts_of, overview_rows
from ledger.inquiries.numbers import district_numbers
from ledger.store.engine import reading

PAGE = 100
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``after`` is the slug of the last row of the page before."""

    sort: str = DEFAULT_SORT
    descending: bool = True
    district: str = ""
    text: str = ""
    late: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: where a click leads, and how it is sorted now (aria-sort)."""

    column: Column
    address: str
    sorted: str


@get("/district/inquiries", sync_to_thread=True, across="district.read")
def inquiries_page(request: Req) -> Answer:
    """The page: ``?sort=overdue&dir=desc&district=…&q=…&late=1&after=slug``."""
    services, entry = services_of(request), entry_of(request)
    wanted = read_wanted(request.query_params)
    with reading(services.engine) as conn:
        lines = _lines(conn, entry.trusts, wanted, services.today())
        known = districts_of(conn, entry.trusts)
    slugs = [line.community.slug for line in lines]
    start = slugs.index(wanted.after) + 1 if wanted.after in slugs else 0
    shown = lines[start : start + PAGE]
    return person_page(
        request,
        "district/inquiries.html",
        wanted=wanted,
        lines=shown,
        columns=COLUMNS,
        heads=[_head(wanted, column) for column in COLUMNS],
        districts=known,
        total=len(lines),
        sums={
            name: sum(getattr(line.numbers, name) for line in lines)
            for name in ("open", "overdue", "at_community", "at_street", "rated", "satisfied")
        },
        query=address_of(wanted),
        more=address_of(wanted, after=shown[-1].community.slug) if start + PAGE < len(lines) else "",
    )


@get("/district/inquiries.xlsx", sync_to_thread=True, across="district.read")
def inquiries_workbook(request: Req) -> Answer:
    """All rows of the same question as a workbook."""
    out = io.BytesIO()
    write_xlsx(_report(request), out)
    headers = {**PRIVATE, **download_name("inquiries.xlsx")}
    return Response(out.getvalue(), media_type=FORMATS["xlsx"], headers=headers)


@get("/district/inquiries.csv", sync_to_thread=True, across="district.read")
def inquiries_csv(request: Req) -> Answer:
    """The same as CSV."""
    body = b"".join(csv_chunks(_report(request)))
    return Response(body, media_type=FORMATS["csv"], headers={**PRIVATE, **download_name("inquiries.csv")})


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Understand an address; nonsense is left out."""
    sort = query.get("sort", "")
    return Wanted(
        sort=sort if sort in SORTS else DEFAULT_SORT,
        descending=query.get("dir", "desc") != "asc",
        district=_clean(query.get("district", "")),
        text=_clean(query.get("q", "")),
        late=query.get("late") == "1",
        after=_clean(query.get("after", "")),
    )


def address_of(wanted: Wanted, **other: str) -> str:
    """The query string that asks for it."""
    fields = {
        "sort": wanted.sort if wanted.sort != DEFAULT_SORT else "",
        "dir": "" if wanted.descending else "asc",
        "district": wanted.district,
        "q": wanted.text,
        "late": "1" if wanted.late else "",
        **other,
    }
    return urlencode({name: value for name, value in fields.items() if value})


def _lines(conn: Connection, trusts: tuple[int, ...], wanted: Wanted, today: date) -> list[Line]:
    asked = Asked("name", False, wanted.district, wanted.text)
    communities = list(overview_rows(conn, trusts, asked))
    numbers = district_numbers(conn, trusts, today)
    return lines_of(communities, numbers, wanted.sort, descending=wanted.descending, only_late=wanted.late)


def _head(wanted: Wanted, column: Column) -> Head:
    here = column.name == wanted.sort
    down = not wanted.descending if here else column.descending
    address = address_of(wanted, sort=column.name, dir="desc" if down else "asc")
    return Head(column, address, ("descending" if wanted.descending else "ascending") if here else "")


def _report(request: Req) -> Report:
    services, entry = services_of(request), entry_of(request)
    wanted = read_wanted(request.query_params)
    with reading(services.engine) as conn:
        lines = _lines(conn, entry.trusts, wanted, services.today())
    facts = (
        wanted.district and f"片区：{wanted.district}",
        wanted.text and f"查找：{wanted.text}",
        "只看有逾期的" if wanted.late else "",
    )
    return report_of(
        lines,
        tuple(text for text in facts if text),
        by=entry.visitor.person.signature,
        at=moment_text(services.now()),
        day=day_text(services.today()),
    )


def _clean(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:_LONGEST]


HANDLERS = [inquiries_page, inquiries_workbook, inquiries_csv]

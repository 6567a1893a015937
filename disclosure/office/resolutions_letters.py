"""Notice letters with voting codes (表决通知书): a page for each voter, in files of some hundred."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from litestar import Response, get, post
from litestar.params import FromPath

from disclosure.identity.totp import picture
from disclosure.office.acting import PRIVATE, Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import PDF, Answer, Req, download_name
from disclosure.public.rendering import STATIC
from disclosure.public.resolutions_view import question_views, square
from ledger.errors import Problem, Refused
from ledger.people import Forbidden
from ledger.resolutions.codes import Letter, issue_codes, letters_issued
from ledger.resolutions.read import ResolutionFile, read_resolution
from ledger.resolutions.roll import voters_of_units

BATCH = 120
"""Letters in one file: about half a minute of printing on a small machine."""
_SEPARATORS = str.maketrans("，、,;；\n\r\t", "        ")
_UNITS_SHOWN = 8
logging.getLogger("weasyprint").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class _Page:
    letter: Letter
    units: str
    area: str
    picture: str


@get(
    "/c/{slug:str}/office/resolutions/{number:str}/letters", sync_to_thread=True, action="resolution.letters"
)
def letters_page(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """Choose which voters."""
    with reading_office(request, slug) as office:
        return _form(office, number)


@post(
    "/c/{slug:str}/office/resolutions/{number:str}/letters", sync_to_thread=True, action="resolution.letters"
)
def print_letters(request: Req, slug: FromPath[str], number: FromPath[str], data: FormData) -> Answer:
    """Codes for these voters, as a PDF. The codes exist in this file only."""
    form = Form(data)
    try:
        with acting(request, slug, subject=f"{number} {data.get('batch', '')}".strip()) as office:
            file = read_resolution(office.conn, office.trust_id, number)
            voters = _chosen(office, file, form)
            letters = issue_codes(
                office.conn, office.trust_id, number, office.actor, office.act, voters=voters
            )
    except Forbidden:
        raise
    except Refused as error:
        with reading_office(request, slug) as office:
            return _form(office, number, 422, problems=error.problems, values=form.values)
    body = letters_pdf(office, file, letters)  # takes seconds: not while others wait to write
    name = download_name(f"vote-letters-{slug}-{number}-{letters[0].voter}-{letters[-1].voter}.pdf")
    return Response(body, media_type=PDF, headers={**PRIVATE, **name})


def letters_pdf(office: Office, file: ResolutionFile, letters: Sequence[Letter]) -> bytes:
    """The printed letters."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    services, slug, number = office.services, office.site.slug, file.number
    pages = [
        _Page(
            letter,
            "、".join(letter.units[:_UNITS_SHOWN])
            + (f" 等 {len(letter.units)} 套" if len(letter.units) > _UNITS_SHOWN else ""),
            square(letter.area),
            picture(services.address(f"/c/{slug}/mine/votes/{number}?code={letter.code}")),
        )
        for letter in letters
    ]
    html = services.pages.text(
        "office/resolutions_letters_print.html",
        site=office.site,
        file=file,
        pages=pages,
        questions=question_views(file.state.draft.items),
        login=services.address(f"/c/{slug}/mine"),
        public=services.address(f"/c/{slug}/resolutions/{number}"),
        today=office.act.today,
    )
    style = CSS(string=(STATIC / "vote-letters.css").read_text(encoding="utf-8"))
    document = HTML(string=html, base_url=None, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    body: bytes = document.write_pdf(stylesheets=[style])
    return body


def _chosen(office: Office, file: ResolutionFile, form: Form) -> list[int]:
    batch = form.text("batch", "哪一批", required=False)
    typed = form.text("units", "房号", required=False, longest=5_000).translate(_SEPARATORS).split()
    if batch in dict(_batches(file)):
        first, last = map(int, batch.split("-"))
        return list(range(first, last + 1))
    found = voters_of_units(office.conn, office.trust_id, file.number, typed)
    for unit in dict.fromkeys(typed):
        if unit not in found:
            form.problems.append(Problem("unknown_unit", f"名册上没有“{unit}”", "房号"))
    if not typed:
        form.problem("missing", "请选一批，或填写要补发的房号", "哪一批")
    if len(set(found.values())) > BATCH:
        form.problem("too_many", f"一次最多 {BATCH} 封，请分几次", "房号")
    form.finish()
    return sorted(set(found.values()))


def _batches(file: ResolutionFile) -> list[tuple[str, str]]:
    """All voters, some hundred at a time."""
    people = file.roll.total.people if file.roll else 0
    spans = [(first, min(first + BATCH - 1, people)) for first in range(1, people + 1, BATCH)]
    return [(f"{first}-{last}", f"第 {first} 到 {last} 位表决人") for first, last in spans]


def _form(office: Office, number: str, status: int = 200, **values: object) -> Answer:
    file = read_resolution(office.conn, office.trust_id, number)
    return office.page(
        "office/resolutions_letters.html",
        status,
        **{
            "file": file,
            "number": number,
            "batches": _batches(file),
            "issued": letters_issued(office.conn, office.trust_id, number),
            "most": BATCH,
            "problems": (),
            "values": {},
            **values,
        },
    )


HANDLERS = [letters_page, print_letters]

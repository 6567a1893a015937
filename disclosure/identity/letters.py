"""Letters to homes (邀请函): one A4 page each with a one-time code, as text and QR code, for the letter box."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy import Connection, select

from disclosure.identity.office_people import HOME_CHOICES
from disclosure.identity.totp import picture
from disclosure.office.acting import PRIVATE, Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import PDF, Answer, Req, download_name
from disclosure.public.rendering import STATIC
from ledger.errors import Problem, Refused
from ledger.people.invitations import LETTER_DAYS, invite_homes
from ledger.people.roles import ROLE_NAMES, Role
from ledger.store.tables import unit as units

MOST = 300
"""Letters in one file: about half a minute of printing on a small machine."""
logging.getLogger("weasyprint").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Letter:
    """One page."""

    unit: str
    code: str
    picture: str


@get("/c/{slug:str}/office/people/letters", sync_to_thread=True, action="people.letters")
def letters_page(request: Req, slug: FromPath[str]) -> Answer:
    """Choose homes."""
    with reading_office(request, slug) as office:
        return _form(office)


@post("/c/{slug:str}/office/people/letters", sync_to_thread=True, action="people.letters")
def print_letters(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Codes for these homes, as a PDF. The codes exist in this file only."""
    form = Form(data)
    with acting(
        request, slug, subject=f"{data.get('building', '')} {data.get('units', '')}".strip()
    ) as office:
        try:
            homes, role, copies = _chosen(office, form)
            pairs = invite_homes(
                office.conn,
                office.trust_id,
                homes,
                role,
                by=office.actor.person,
                act=office.act,
                copies=copies,
            )
        except Refused as error:
            return _form(office, 422, problems=error.problems, values=form.values)
    body = letters_pdf(office, pairs, role)  # takes seconds: not while others wait to write
    name = download_name(f"letters-{slug}-{office.act.today:%Y%m%d}.pdf")
    return Response(body, media_type=PDF, headers={**PRIVATE, **name})


def letters_pdf(office: Office, pairs: Sequence[tuple[str, str]], role: Role) -> bytes:
    """The printed letters."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    services = office.services
    letters = [Letter(unit, code, picture(services.address(f"/invite?code={code}"))) for unit, code in pairs]
    html = services.pages.text(
        "identity/letters_print.html",
        site=office.site,
        letters=letters,
        role=ROLE_NAMES[role],
        address=services.address("/invite"),
        public=services.address(f"/c/{office.site.slug}"),
        until=office.act.today + timedelta(days=LETTER_DAYS),
        today=office.act.today,
    )
    style = CSS(string=(STATIC / "letters.css").read_text(encoding="utf-8"))
    document = HTML(string=html, base_url=None, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    body: bytes = document.write_pdf(stylesheets=[style])
    return body


def _chosen(office: Office, form: Form) -> tuple[list[str], Role, int]:
    role = form.choice("role", "身份", [value for value, _ in HOME_CHOICES])
    copies = form.whole("copies", "每户几封", least=1, most=6)
    building = form.text("building", "楼栋", required=False)
    named = form.text("units", "房屋", required=False, longest=20_000).replace("，", " ").replace(",", " ")
    homes = list(dict.fromkeys(named.split()))
    if building:
        homes += [unit for unit in _units_of(office.conn, office.trust_id, building) if unit not in homes]
    if not homes:
        form.problem("no_homes", "请选一栋楼，或填写房屋编号", "房屋")
    if len(homes) * copies > MOST:
        form.problems.append(
            Problem("too_many", f"这次要打印 {len(homes) * copies} 封，一次最多 {MOST} 封，请分几次", "房屋")
        )
    form.finish()
    return homes, Role(role), copies


def _units_of(conn: Connection, trust_id: int, building: str) -> list[str]:
    query = select(units.c.unit).where(units.c.trust_id == trust_id, units.c.building == building)
    return list(conn.execute(query.order_by(units.c.unit)).scalars())


def _form(office: Office, status: int = 200, **values: object) -> Answer:
    query = select(units.c.building).where(units.c.trust_id == office.trust_id).distinct()
    buildings = list(office.conn.execute(query.order_by(units.c.building)).scalars())
    shown = {"problems": (), "values": {"role": Role.RESIDENT.value, "copies": "1"}}
    return office.page(
        "identity/letters.html",
        status,
        buildings=[(name, f"{name} 栋") for name in buildings],
        homes=HOME_CHOICES,
        most=MOST,
        days=LETTER_DAYS,
        **(shown | values),
    )


HANDLERS = [letters_page, print_letters]

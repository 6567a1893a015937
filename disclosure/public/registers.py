"""The registers for everybody: counts, dates, whether something exists; and inspections, point by point.

No words and no pictures of an inspection, and nothing about a person.
"""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.pages import READ
from disclosure.public.papers import place_number, shown_copies
from disclosure.public.services import reading_site
from ledger.errors import Unanswerable
from ledger.registers import list_inspections, read_inspection
from ledger.registers.counts import counts, registers_state
from ledger.registers.inspections import BODY_NAMES
from ledger.registers.value import AREAS, SAFEGUARD_KINDS

_SHOWN = 12


@route("/c/{slug:str}/registers", http_method=READ, sync_to_thread=True)
def registers(request: Req, slug: FromPath[str]) -> Answer:
    """What is registered, register by register."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()

        def make() -> bytes:
            found = counts(conn, site.trust_id, today)
            papers = {row.document for row in found.sync} | {row.document for row in found.safeguards}
            papers |= {row.document for row in found.institutions}
            papers |= {one.check.document for one in found.equipment if one.check}
            return services.pages.html(
                "registers.html",
                site=site,
                found=found,
                inspections=list_inspections(conn, site.trust_id, limit=_SHOWN),
                shown=shown_copies(conn, site.trust_id, papers),
                safeguards=SAFEGUARD_KINDS,
                bodies=BODY_NAMES,
                today=today,
            )

        version = (services.pages.build, site.state, today, registers_state(conn, site.trust_id))
        return answer(request, make, media_type=HTML, version=version)


@route("/c/{slug:str}/registers/inspections/{no:str}", http_method=READ, sync_to_thread=True)
def inspection(request: Req, slug: FromPath[str], no: FromPath[str]) -> Answer:
    """One inspection: which points were in order, which were not, and which were put right."""
    with reading_site(request, slug) as (services, conn, site):
        number = place_number(no)
        if number is None:
            raise Unanswerable("unknown_inspection", "没有这个编号的检查，请核对网址")
        found = read_inspection(conn, site.trust_id, number)
        today = services.today()
        version = (services.pages.build, site.state, today, repr(found))
        return answer(
            request,
            lambda: services.pages.html(
                "registers_inspection.html", site=site, item=found, areas=AREAS, today=today
            ),
            media_type=HTML,
            version=version,
        )


HANDLERS = [registers, inspection]

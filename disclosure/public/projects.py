"""Special projects for everybody: the four lists, and one project with plan against actual."""

from __future__ import annotations

from dataclasses import dataclass

from litestar import route
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.inquiries.public_about import read_talk
from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.pages import READ
from disclosure.public.project_view import ProjectView, project_view, total_row
from disclosure.public.services import reading_site
from disclosure.public.words import day_text
from ledger.documents import public_documents
from ledger.documents.read import uploads_by_digest
from ledger.projects.file import STATES, ProjectFile, project_file, project_files, projects_state
from ledger.projects.final import RECORD, final_values
from ledger.projects.lists import (
    NEED_STATES,
    REPORTERS,
    RESOURCE_STATES,
    URGENCY,
    list_needs,
    list_resources,
)
from ledger.projects.owners import owners_part
from ledger.projects.steps import EVALUATE
from ledger.projects.value import SHARED_BY, SOURCE_NAMES, SOURCES
from ledger.records import places_of
from ledger.resolutions.decided import decisions
from ledger.trust.setup import load_setup

_LISTED = 200
WORDS = {
    "urgency": URGENCY,
    "reporters": REPORTERS,
    "need_states": NEED_STATES,
    "resource_states": RESOURCE_STATES,
    "sources": SOURCES,
    "states": STATES,
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A source's bar in hundredths of the longest: agreed, received, paid."""

    name: str
    agreed: int
    received: int
    paid: int
    text: str


@route("/c/{slug:str}/projects", http_method=READ, sync_to_thread=True)
def projects(request: Req, slug: FromPath[str]) -> Answer:
    """The four lists."""
    with reading_site(request, slug) as (services, conn, site):

        def make() -> bytes:
            files = list(project_files(conn, site.trust_id).values())
            return services.pages.html(
                "projects.html",
                site=site,
                needs=list_needs(conn, site.trust_id, limit=_LISTED),
                answered=_answered(files),
                resources=list_resources(conn, site.trust_id, limit=_LISTED),
                views=[
                    project_view(file)
                    for file in sorted(files, key=lambda f: f.versions[0].recorded_at, reverse=True)
                ],
                evaluations=[(file, step) for file in files for step in file.steps if step.step == EVALUATE],
                words=WORDS,
                day=day_text,
            )

        version = (services.pages.build, site.state, projects_state(conn, site.trust_id))
        return answer(request, make, media_type=HTML, version=version)


def _answered(files: list[ProjectFile]) -> dict[int, list[str]]:
    """The projects that answer each need."""
    found: dict[int, list[str]] = {}
    for file in files:
        for no in file.plan.needs:
            found.setdefault(no, []).append(file.code)
    return found


@route("/c/{slug:str}/projects/{code:str}", http_method=READ, sync_to_thread=True)
def project(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """One project."""
    with reading_site(request, slug) as (services, conn, site):
        file = project_file(conn, site.trust_id, code)
        talk = read_talk(conn, site.trust_id, "project", code)

        def make() -> bytes:
            view = project_view(file)
            account = final_values(conn, site.trust_id, [code]).get(code) if file.final else None
            return services.pages.html(
                "project.html",
                site=site,
                file=file,
                view=view,
                talk=talk,
                total=total_row(view.sources),
                bars=bars(view),
                needs=list_needs(conn, site.trust_id, file.plan.needs),
                resources=list_resources(conn, site.trust_id, file.plan.resources),
                owners=owners_part(conn, site.trust_id, file),
                decision=decisions(conn, site.trust_id, [file.plan.resolution]).get(file.plan.resolution),
                papers=_papers(conn, site.trust_id, file),
                account=account,
                place=places_of(conn, site.trust_id, RECORD, [code]).get(code),
                chart=load_setup(conn, site.trust_id, site.setup_version).chart,
                names=SOURCE_NAMES,
                shared_by=SHARED_BY,
                words=WORDS,
                day=day_text,
            )

        papers = sorted(_papers(conn, site.trust_id, file))
        state = (site.state, projects_state(conn, site.trust_id), papers, repr(talk))
        return answer(request, make, media_type=HTML, version=(services.pages.build, *state))


def bars(view: ProjectView) -> list[Bar]:
    """The sources as bars against the longest of all sums."""
    longest = max((max(row.agreed, row.received, row.paid) for row in view.sources), default=0) or 1

    def part(fen: int) -> int:
        return max(0, min(100, fen * 100 // longest))

    return [
        Bar(
            row.name,
            part(row.agreed),
            part(row.received),
            part(row.paid),
            f"{row.name}：已到账占约定的 {_percent(row.received, row.agreed)}，"
            f"已支付占约定的 {_percent(row.paid, row.agreed)}",
        )
        for row in view.sources
        if row.portion
    ]


def _percent(part: int, whole: int) -> str:
    return f"{part * 100 // whole}%" if whole else "—"


def _papers(conn: Connection, trust_id: int, file: ProjectFile) -> dict[str, str]:
    """Public copies of the papers of milestones, by their originals."""
    originals = [step.document for step in file.steps if step.document]
    shown = {item.original: item.shown for item in uploads_by_digest(conn, trust_id, originals).values()}
    public = public_documents(conn, trust_id, [copy for copy in shown.values() if copy])
    return {original: copy for original, copy in shown.items() if copy in public}


HANDLERS = [projects, project]

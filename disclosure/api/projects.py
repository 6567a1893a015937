"""Special projects: plan against actual."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath

from disclosure.api.answers import api_path, asked, json_of, path_of
from disclosure.api.models_decided import (
    Project,
    ProjectEntry,
    ProjectMilestone,
    ProjectRow,
    Projects,
    ProjectSource,
)
from disclosure.api.operation import operation
from disclosure.public.answers import Req
from disclosure.public.project_view import ProjectView, project_view
from disclosure.public.services import reading_site
from ledger.projects.file import STATES, ProjectFile, project_file, project_files

TAG = "专项项目"


@operation("/communities/{slug:str}/projects", summary="专项项目", tag=TAG)
def projects(request: Req, slug: FromPath[str]) -> Response[Projects]:
    """All projects, by code."""
    asked(request, [])
    with reading_site(request, slug) as (_, conn, site):
        files = project_files(conn, site.trust_id)
        return json_of(request, Projects(tuple(_row(slug, file) for _, file in sorted(files.items()))))


@operation("/communities/{slug:str}/projects/{code:str}", summary="一个专项项目", tag=TAG)
def project(request: Req, slug: FromPath[str], code: FromPath[str]) -> Response[Project]:
    """One project."""
    asked(request, [])
    with reading_site(request, slug) as (_, conn, site):
        file = project_file(conn, site.trust_id, code)
        return json_of(request, _project(slug, file, project_view(file)))


def _row(slug: str, file: ProjectFile) -> ProjectRow:
    sums = file.tally
    return ProjectRow(
        code=file.code,
        title=file.plan.title,
        state=file.state,
        state_name=STATES[file.state],
        planned_fen=file.plan.total,
        received_fen=sums.total_received,
        paid_fen=sums.total_paid,
        cost_fen=sums.total_cost,
        starts_on=file.plan.starts_on,
        ends_on=file.plan.ends_on,
        page=path_of(slug, "projects", file.code),
        api=api_path(slug, "projects", file.code),
    )


def _project(slug: str, file: ProjectFile, view: ProjectView) -> Project:
    sums = file.tally
    return Project(
        code=file.code,
        title=file.plan.title,
        purpose=file.plan.purpose,
        state=file.state,
        summary=view.summary,
        planned_fen=file.plan.total,
        received_fen=sums.total_received,
        paid_fen=sums.total_paid,
        cost_fen=sums.total_cost,
        sources=tuple(
            ProjectSource(name=row.name, agreed_fen=row.agreed, received_fen=row.received, paid_fen=row.paid)
            for row in view.sources
        ),
        milestones=tuple(
            ProjectMilestone(
                code=row.code,
                title=row.title,
                planned_fen=row.planned,
                cost_fen=row.cost,
                paid_fen=row.paid,
                accepted_on=row.accepted_on,
            )
            for row in view.milestones
        ),
        entries=tuple(
            ProjectEntry(ref=row.ref, date=row.on, summary=row.summary, kind=row.kind, amount_fen=row.amount)
            for row in view.entries
        ),
        page=path_of(slug, "projects", file.code),
    )


HANDLERS = [*projects, *project]

"""Special projects in the office: the four lists, one project, what each home bears, adopting the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.office.home import TASKS, Task
from disclosure.public.answers import Answer, Req
from disclosure.public.project_view import project_view, total_row
from ledger.documents.read import uploads_by_digest
from ledger.errors import Problem, Refused
from ledger.projects.file import STATES, project_file, project_files
from ledger.projects.lists import (
    NEED_STATES,
    REPORTERS,
    RESOURCE_STATES,
    URGENCY,
    list_needs,
    list_resources,
)
from ledger.projects.owners import owners_part
from ledger.projects.paying import project_debts
from ledger.projects.plans import (
    adopt_plan,
    in_force,
    plan_versions,
)
from ledger.projects.shares import portion_words
from ledger.projects.steps import EVALUATE, final_step, steps_of
from ledger.projects.value import SHARED_BY, SOURCES
from ledger.projects.waiting import work_under_way
from ledger.resolutions.matters import matter_title
from ledger.work import list_work

_LISTED = 20
_SHOWN = 300
WORDS = {
    "urgency": URGENCY,
    "reporters": REPORTERS,
    "need_states": NEED_STATES,
    "resource_states": RESOURCE_STATES,
    "sources": SOURCES,
    "states": STATES,
}


@get("/c/{slug:str}/office/projects", sync_to_thread=True, action="project.read")
def desk(request: Req, slug: FromPath[str]) -> Answer:
    """The four lists side by side."""
    with reading_office(request, slug) as office:
        files = list(project_files(office.conn, office.trust_id).values())
        return office.page(
            "office/projects.html",
            needs=list_needs(office.conn, office.trust_id, limit=_LISTED),
            resources=list_resources(office.conn, office.trust_id, limit=_LISTED),
            files=sorted(files, key=lambda file: file.versions[0].recorded_at, reverse=True),
            evaluations=[(file, step) for file in files for step in file.steps if step.step == EVALUATE],
            words=WORDS,
            may=_may(office),
        )


def _may(office: Office) -> dict[str, bool]:
    return {name: office.actor.may(f"project.{name}") for name in ("need", "prepare", "accept", "decide")}


@get("/c/{slug:str}/office/projects/{code:str}", sync_to_thread=True, action="project.read")
def show(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """One project: plan against actual, milestones, grants, debts, entries."""
    with reading_office(request, slug) as office:
        return _show_page(office, code, ())


def _show_page(office: Office, code: str, problems: Sequence[Problem], status: int = 200) -> Answer:
    conn, trust_id = office.conn, office.trust_id
    file = project_file(conn, trust_id, code)
    view = project_view(file)
    papers = [step.document for step in file.steps if step.document]
    numbers = set(work_under_way(conn, trust_id, file))
    under_way = list_work(conn, trust_id, before=max(numbers) + 1, limit=200) if numbers else []
    return office.page(
        "office/projects_show.html",
        status=status,
        file=file,
        view=view,
        total=total_row(view.sources),
        needs=list_needs(conn, trust_id, file.plan.needs),
        resources=list_resources(conn, trust_id, file.plan.resources),
        debts=project_debts(conn, trust_id, code),
        work=[item for item in under_way if item.no in numbers],
        uploads=uploads_by_digest(conn, trust_id, papers),
        owners=owners_part(conn, trust_id, file),
        shared_by=SHARED_BY,
        portion_words=portion_words,
        matter=matter_title(file.plan.matter),
        words=WORDS,
        may=_may(office),
        problems=problems,
    )


@post("/c/{slug:str}/office/projects/{code:str}/adopt", sync_to_thread=True, action="project.decide")
def adopt(request: Req, slug: FromPath[str], code: FromPath[str], data: FormData) -> Answer:
    """The committee adopts the plan it was shown."""
    try:
        with acting(request, slug, subject=code) as office:
            form = Form(data)
            note = form.text("note", "说明", required=False)
            seen = form.whole("version", "计划版本", least=1, most=1_000_000)
            form.finish()
            version = adopt_plan(
                office.conn, office.trust_id, code, office.actor, office.act, version=seen, note=note
            )
            return office.done(f"/c/{slug}/office/projects/{code}", f"已通过第 {version} 版计划")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _show_page(office, code, error.problems, status=422)


def waiting(office: Office) -> Iterator[Task]:
    """On the committee's desk: plans to adopt."""
    if not office.actor.may("project.decide"):
        return
    steps = steps_of(office.conn, office.trust_id)
    count = 0
    for code, versions in plan_versions(office.conn, office.trust_id).items():
        done = steps.get(code, [])
        count += in_force(versions, done) != versions[-1] and final_step(done) is None
    if count:
        yield Task("项目计划待通过", count, "/projects", "个项目的计划等业委会决定")


TASKS.append(waiting)
HANDLERS = [desk, show, adopt]

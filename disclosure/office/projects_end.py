"""The committee's part: accepting milestones with their paper, the evaluation, the final account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.projects_lists import paper_of
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused, Unanswerable
from ledger.projects.course import accept_milestone, evaluate
from ledger.projects.file import ProjectFile, project_file
from ledger.projects.final import final_value, final_values, publish_final
from ledger.projects.shares import milestone_of
from ledger.projects.value import SOURCE_NAMES
from ledger.projects.waiting import work_under_way


@get("/c/{slug:str}/office/projects/{code:str}/acceptance", sync_to_thread=True, action="project.accept")
def acceptance_form(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """A milestone to accept."""
    with reading_office(request, slug) as office:
        values = {
            "milestone": request.query_params.get("milestone", ""),
            "on": office.act.today.isoformat(),
        }
        return _acceptance_page(office, code, values, ())


def _acceptance_page(
    office: Office, code: str, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    file = project_file(office.conn, office.trust_id, code)
    item = milestone_of(file.plan, str(values.get("milestone", "")))
    if item is None:
        raise Unanswerable("no_milestone", "计划里没有这个付款节点，请从项目页进入")
    return office.page(
        "office/projects_accept.html",
        status=status,
        file=file,
        item=item,
        planned=file.milestones[item.code],
        values=values,
        problems=problems,
        picker=document_picker(office, ("acceptance",), rows=1),
    )


@post(
    "/c/{slug:str}/office/projects/{code:str}/acceptance",
    sync_to_thread=True,
    action="project.accept",
    request_max_body_size=UPLOAD_LIMIT,
)
def keep_acceptance(request: Req, slug: FromPath[str], code: FromPath[str], data: FormFiles) -> Answer:
    """Accept the milestone."""
    try:
        with acting(request, slug, subject=f"{code} {data.get('milestone', '')}"[:60]) as office:
            form = Form(data)
            milestone, note = form.text("milestone", "付款节点"), form.text("note", "说明", required=False)
            day, papers = form.day("on", "验收日期"), documents_from_form(office, form)
            form.finish()
            accept_milestone(
                office.conn,
                office.trust_id,
                code,
                milestone,
                document=paper_of(papers),
                on=day or office.act.today,
                note=note,
                actor=office.actor,
                act=office.act,
            )
            return office.done(f"/c/{slug}/office/projects/{code}", "已验收，可以按这个节点付款")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _acceptance_page(office, code, dict(data), error.problems, status=422)


@get("/c/{slug:str}/office/projects/{code:str}/evaluation", sync_to_thread=True, action="project.accept")
def evaluation_form(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """How the homes concerned judge the project."""
    with reading_office(request, slug) as office:
        return _evaluation_page(office, code, {"on": office.act.today.isoformat()}, ())


def _evaluation_page(
    office: Office, code: str, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    return office.page(
        "office/projects_evaluate.html",
        status=status,
        file=project_file(office.conn, office.trust_id, code),
        values=values,
        problems=problems,
        picker=document_picker(office, ("other",), rows=1),
    )


@post(
    "/c/{slug:str}/office/projects/{code:str}/evaluation",
    sync_to_thread=True,
    action="project.accept",
    request_max_body_size=UPLOAD_LIMIT,
)
def keep_evaluation(request: Req, slug: FromPath[str], code: FromPath[str], data: FormFiles) -> Answer:
    """Keep the counts."""
    try:
        with acting(request, slug, subject=code) as office:
            form = Form(data)
            counts = {
                name: form.whole(name, title, most=999_999)
                for name, title in (("satisfied", "满意"), ("fair", "一般"), ("unsatisfied", "不满意"))
            }
            day, note = form.day("on", "评价日期"), form.text("note", "说明", required=False, longest=300)
            papers = documents_from_form(office, form)
            form.finish()
            evaluate(
                office.conn,
                office.trust_id,
                code,
                **counts,
                on=day or office.act.today,
                note=note,
                document=paper_of(papers),
                actor=office.actor,
                act=office.act,
            )
            return office.done(f"/c/{slug}/office/projects/{code}", "评价已登记")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _evaluation_page(office, code, dict(data), error.problems, status=422)


@get("/c/{slug:str}/office/projects/{code:str}/final", sync_to_thread=True, action="project.read")
def final_page(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """The final account: as published, or as it would be today."""
    with reading_office(request, slug) as office:
        return _final_page(office, code, {}, ())


def _final_page(
    office: Office, code: str, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    file = project_file(office.conn, office.trust_id, code)
    published = final_values(office.conn, office.trust_id, [code]).get(code) if file.final else None
    return office.page(
        "office/projects_final.html",
        status=status,
        file=file,
        account=published or final_value(office.conn, office.trust_id, file, ""),
        published=published is not None,
        missing=[] if file.final else _missing(office, file),
        names=SOURCE_NAMES,
        chart=office.setup.chart,
        values=values,
        problems=problems,
        may_decide=office.actor.may("project.decide") and file.state == "running",
    )


def _missing(office: Office, file: ProjectFile) -> list[str]:
    """What stands in the way of the final account."""
    found = [
        f"付款节点“{item.title}”还没有验收" for item in file.plan.milestones if item.code not in file.accepted
    ]
    if numbers := work_under_way(office.conn, office.trust_id, file):
        found.append("还有单据在途：" + "、".join(f"第 {no} 号" for no in numbers))
    return found


@post("/c/{slug:str}/office/projects/{code:str}/final", sync_to_thread=True, action="project.decide")
def keep_final(request: Req, slug: FromPath[str], code: FromPath[str], data: FormData) -> Answer:
    """Publish the final account and close the project."""
    try:
        with acting(request, slug, subject=code) as office:
            note = Form(data).text("note", "说明", required=False, longest=500)
            publish_final(office.conn, office.trust_id, code, note=note, actor=office.actor, act=office.act)
            return office.done(
                f"/c/{slug}/office/projects/{code}/final",
                "竣工决算已公布，项目不再支出（已入账的应付款照付）",
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _final_page(office, code, dict(data), error.problems, status=422)


HANDLERS = [acceptance_form, keep_acceptance, evaluation_form, keep_evaluation, final_page, keep_final]

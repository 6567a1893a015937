"""What each home bears of a project and has paid: on screen, as a workbook, on paper. Private."""

from __future__ import annotations

import io

from litestar import Response, get
from litestar.params import FromPath

from disclosure.books.files import FORMATS
from disclosure.books.paper import report_pdf
from disclosure.books.report import Cell, Column, Report, Row, Table
from disclosure.books.xlsx import write_xlsx
from disclosure.office.acting import PRIVATE, Office, reading_office
from disclosure.office.draft_view import local_time
from disclosure.office.forms import place_number
from disclosure.public.answers import Answer, Req, download_name
from ledger.errors import Problem, Refused, Unanswerable
from ledger.money import format_yuan
from ledger.projects.apportion import Part
from ledger.projects.file import ProjectFile, project_file
from ledger.projects.plans import PlanVersion, kept_parts, preview_parts
from ledger.projects.sums import paid_in_by_unit
from ledger.projects.value import SHARED_BY

_SHOWN = 300


@get("/c/{slug:str}/office/projects/{code:str}/parts", sync_to_thread=True, action="project.read")
def parts(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """What each home bears and has paid; before the plan is adopted, a preview. Private."""
    with reading_office(request, slug) as office:
        file = project_file(office.conn, office.trust_id, code)
        version = _version_asked(request, file)
        rows, problems = _parts_of(office, file, version)
        paid = paid_in_by_unit(office.conn, office.trust_id, code)
        after = request.query_params.get("after", "")
        following = [row for row in rows if row.unit > after]
        return office.page(
            "office/projects_parts.html",
            status=422 if problems else 200,
            file=file,
            version=version,
            rows=following[:_SHOWN],
            after=following[_SHOWN - 1].unit if len(following) > _SHOWN else "",
            count=len(rows),
            due=sum(row.amount for row in rows),
            paid=paid,
            total_paid=sum(paid.values()),
            kept=version == file.adopted,
            shared_by=SHARED_BY,
            problems=problems,
        )


def _version_asked(request: Req, file: ProjectFile) -> PlanVersion:
    number = place_number(request.query_params.get("version", ""))
    return next((item for item in file.versions if item.version == number), file.shown)


def _parts_of(
    office: Office, file: ProjectFile, version: PlanVersion
) -> tuple[list[Part], tuple[Problem, ...]]:
    kept = kept_parts(office.conn, office.trust_id, file.code, version.version)
    if kept:
        return kept, ()
    try:
        return preview_parts(office.conn, office.trust_id, version.plan, office.act), ()
    except Refused as error:
        return [], error.problems


@get("/c/{slug:str}/office/projects/{code:str}/parts/{kind:str}", sync_to_thread=True, action="project.read")
def parts_file(request: Req, slug: FromPath[str], code: FromPath[str], kind: FromPath[str]) -> Answer:
    """The same to take away (分摊清册)."""
    if kind not in ("xlsx", "pdf"):
        raise Unanswerable("unknown_format", "只能下载电子表格（xlsx）或 PDF")
    with reading_office(request, slug) as office:
        file = project_file(office.conn, office.trust_id, code)
        report = _report(office, file, _version_asked(request, file))
        if kind == "pdf":
            body = report_pdf(office.services.pages, report)
        else:
            out = io.BytesIO()
            write_xlsx(report, out)
            body = out.getvalue()
    headers = {**PRIVATE, **download_name(f"project-{code}-parts.{kind}")}
    return Response(body, media_type=FORMATS["pdf" if kind == "pdf" else "xlsx"], headers=headers)


def _report(office: Office, file: ProjectFile, version: PlanVersion) -> Report:
    parts, problems = _parts_of(office, file, version)
    if problems:
        raise Refused(problems)
    paid = paid_in_by_unit(office.conn, office.trust_id, file.code)
    rows: list[tuple[Cell, ...]] = [
        (part.unit, part.area, part.amount, paid.get(part.unit, 0), part.amount - paid.get(part.unit, 0))
        for part in parts
    ]
    due, had = sum(part.amount for part in parts), sum(paid.get(part.unit, 0) for part in parts)
    total: tuple[Cell, ...] = (f"合计 {len(parts)} 户", sum(part.area for part in parts), due, had, due - had)
    columns = (
        Column("房号", width=9),
        *(Column(title, "money", 8) for title in ("面积（㎡）", "分摊", "已交", "还差")),
    )
    sharing = version.plan.sharing
    basis = f"{sharing.scope.words}，{SHARED_BY[sharing.by]}" if sharing else ""
    kept = "" if version == file.adopted else "（试算，业委会还没有通过）"
    return Report(
        kind="project",
        title=f"业主分摊清册：{version.plan.title}",
        community=office.site.name,
        trustee=office.site.trustee,
        span=f"{office.act.today}",
        tables=[Table("", columns, [*(Row(cells) for cells in rows), Row(total, style="total")])],
        printed_by=office.actor.signature,
        printed_at=local_time(office.act.now),
        signatures=(("制表", office.actor.signature), ("审核", "")),
        notes=(f"第 {version.version} 版计划{kept}，{basis}，合计 {format_yuan(due)} 元。本清册不公示。",),
    )


HANDLERS = [parts, parts_file]

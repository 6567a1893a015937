"""Decisions the owners took on paper, outside this system: recorded by the chair, with the scan."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.forms import Form, FormFiles
from disclosure.office.scans import keep_scan
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.resolutions.decided import Figures, RecordedDecision, record_decision
from ledger.resolutions.matters import Amount, matters

_SCANS = ("scan_1", "scan_2", "scan_3")
_FIGURES = (("total", "全体业主"), ("took_part", "参与表决"), ("agreed", "同意"))


@get("/c/{slug:str}/office/resolutions/recorded", sync_to_thread=True, action="resolution.record")
def recorded_page(request: Req, slug: FromPath[str]) -> Answer:
    """The form."""
    with reading_office(request, slug) as office:
        return _form(office, {}, ())


@post(
    "/c/{slug:str}/office/resolutions/recorded",
    sync_to_thread=True,
    action="resolution.record",
    request_max_body_size=UPLOAD_LIMIT,
)
def record(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Keep the scans and publish the decision."""
    number = str(data.get("number", "")).strip()
    try:
        with acting(request, slug, subject=number[:40]) as office:
            form = Form(data)
            decision = _decision(office, form, number)
            form.finish()
            record_decision(office.conn, office.trust_id, decision, office.actor, office.act)
            return office.done(f"/c/{slug}/office/resolutions", f"“{number}”已登记并公布")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _form(office, dict(data), error.problems, 422)


def _decision(office: Office, form: Form, number: str) -> RecordedDecision:
    title = form.text("title", "标题", longest=100)
    scans = [keep_scan(office, form, name, "resolution", f"决定扫描件 {number}"[:100]) for name in _SCANS]
    decided_on = form.day("decided_on", "决定日期") or office.act.today
    return RecordedDecision(
        number=number,
        matter=form.choice("matter", "事项", matters()),
        title=title,
        text=form.text("text", "决定内容", longest=5_000),
        decided_on=decided_on,
        effective_on=form.day("effective_on", "生效日", required=False) or decided_on,
        documents=tuple(digest for digest in scans if digest),
        figures=_figures(form),
    )


def _figures(form: Form) -> Figures | None:
    """The count on paper: all six figures, or none."""
    names = [f"{name}_{what}" for name, _ in _FIGURES for what in ("area", "people")]
    given = [bool(form.text(name, "票数", required=False)) for name in names]
    if not any(given):
        return None
    if not all(given):
        form.problems.append(
            Problem("figures_missing", "六个数要么全填，要么全不填：总数、参与、同意的面积和人数", "票数")
        )
        return None
    amounts = [
        Amount(form.area(f"{name}_area", f"{title}面积"), form.whole(f"{name}_people", f"{title}人数"))
        for name, title in _FIGURES
    ]
    return Figures(*amounts)


def _form(office: Office, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200) -> Answer:
    return office.page(
        "office/resolutions_recorded.html",
        status=status,
        values=values,
        problems=problems,
        matters=list(matters().values()),
        scans=_SCANS,
        figures=_FIGURES,
    )


HANDLERS = [recorded_page, record]

"""The trustee's own assessment (自评): shown beside the score, and counts for nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, reading_office
from disclosure.office.evaluations_one import ONE
from disclosure.office.forms import Form, FormData
from disclosure.office.steps import take_step
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem
from ledger.evaluation.course import LONGEST, assess_self
from ledger.evaluation.rounds import read_state
from ledger.evaluation.scheme import HALVES, points_text, read_points
from ledger.evaluation.value import SelfAssessment


@get(f"{ONE}/self", sync_to_thread=True, action="evaluation.self")
def self_form(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """Every indicator with a field."""
    with reading_office(request, slug) as office:
        state = read_state(office.conn, office.trust_id, no)
        said = state.assessed
        values = (
            {f"points_{code}": points_text(points) for code, points in said.points.items()} if said else {}
        )
        return _self_page(office, no, {**values, "text": said.text if said else ""}, ())


def _self_page(
    office: Office, no: int, values: Mapping[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    return office.page(
        "office/evaluations_self.html",
        status,
        state=read_state(office.conn, office.trust_id, no),
        halves=HALVES,
        points=points_text,
        longest=LONGEST,
        values=values,
        problems=problems,
    )


@post(f"{ONE}/self", sync_to_thread=True, action="evaluation.self")
def send_self(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Submit it; until the figures are taken it may be sent again."""

    def command(office: Office, form: Form) -> str:
        state = read_state(office.conn, office.trust_id, no)
        points = {}
        for _, indicator in state.scheme.indicators():
            typed = form.text(f"points_{indicator.code}", indicator.title, required=False)
            if typed:
                points[indicator.code] = _points(form, typed, f"{indicator.code} {indicator.title}")
        text = form.text("text", "自评说明", longest=LONGEST)
        form.finish()
        said = SelfAssessment(points, text)
        assess_self(office.conn, office.trust_id, no, said, office.actor, office.act)
        return "自评已提交，取数以前可以重交"

    return take_step(
        request,
        slug,
        data,
        command,
        subject=f"第 {no} 轮",
        onward=f"/c/{slug}/office/evaluations/{no}",
        again=lambda office, typed, problems: _self_page(office, no, typed, problems, 422),
    )


def _points(form: Form, typed: str, where: str) -> int:
    try:
        return read_points(typed)
    except ValueError as error:
        form.problem("bad_points", str(error), where)
        return 0


HANDLERS = [self_form, send_self]

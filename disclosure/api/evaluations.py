"""The evaluation: the rounds of a community, and one with the published body itself."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any, cast

import msgspec
from litestar import Response
from litestar.params import FromPath

from disclosure.api.answers import (
    api_path,
    asked,
    json_answer,
    json_of,
    next_address,
    path_of,
    read_limit,
    read_version,
)
from disclosure.api.models_evaluations import (
    Evaluation,
    EvaluationDuty,
    EvaluationRound,
    Evaluations,
    EvaluationScore,
    EvaluationSpread,
    EvaluationVersion,
)
from disclosure.api.operation import LIMIT, VERSION, operation, query_parameter
from disclosure.evaluation.read import RoundFile, read_round
from disclosure.public.answers import Req
from disclosure.public.papers import place_number
from disclosure.public.services import reading_site
from ledger.errors import refuse
from ledger.evaluation.district import RoundRow, rounds_of
from ledger.evaluation.result import Result
from ledger.evaluation.rounds import closing_days
from ledger.evaluation.scheme import HALVES
from ledger.evaluation.value import STAGE_NAMES
from ledger.periods.spans import span_name, span_slug

TAG = "双百分评价"
_BEFORE = query_parameter("before", "从这一轮往下，取自上一页的 next", pattern=r"^\d{1,9}$")


@operation(
    "/communities/{slug:str}/evaluations", summary="双百分评价的各轮", tag=TAG, parameters=[_BEFORE, LIMIT]
)
def evaluations(request: Req, slug: FromPath[str]) -> Response[Evaluations]:
    """A page of the rounds."""
    query = asked(request, ["before", "limit"])
    limit, before = read_limit(query), place_number(query.get("before", ""))
    if query.get("before") and before is None:
        raise refuse("bad_cursor", "before 应取自上一页的 next", "查询")
    with reading_site(request, slug) as (services, conn, site):
        rows = rounds_of(conn, site.trust_id, before=before, limit=limit + 1)
        shown, address = rows[:limit], None
        if len(rows) > limit:
            address = next_address(api_path(slug, "evaluations"), {**query, "before": shown[-1].round})
        closing = closing_days(conn, site.trust_id, [row.round for row in shown])
        items = tuple(_item(slug, row, closing.get(row.round), services.today()) for row in shown)
        return json_of(request, Evaluations(items, address))


@operation(
    "/communities/{slug:str}/evaluations/{round_no:int}",
    summary="一轮双百分评价",
    tag=TAG,
    parameters=[VERSION],
)
def evaluation(request: Req, slug: FromPath[str], round_no: FromPath[int]) -> Response[Evaluation]:
    """One round, by default its newest version."""
    version = read_version(asked(request, ["version"]))
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        file = read_round(conn, site.trust_id, round_no, version, each=True)
        row = rounds_of(conn, site.trust_id, before=round_no + 1, limit=1)[0]
        value = _evaluation(slug, file, row, today)
        return json_answer(request, lambda: value, version=(site.state, today, file.key))


def _evaluation(slug: str, file: RoundFile, row: RoundRow, today: date) -> Evaluation:
    body = msgspec.Raw(file.shown.body) if file.shown else file.value
    return Evaluation(
        item=_item(slug, row, file.state.closes_on, today),
        version=file.shown.version if file.shown else 0,
        value=cast("dict[str, Any] | None", body),
        versions=tuple(_version(slug, one) for one in file.results),
        spreads={name: EvaluationSpread(**asdict(spread)) for name, spread in file.spreads.items()},
        duties=tuple(
            EvaluationDuty(
                kind=one.kind,
                title=one.title,
                due_on=one.due_on,
                percent=one.percent,
                basis=one.basis,
                done=one.state == "done",
                note=one.note,
            )
            for one in file.consequences
        ),
    )


def _item(slug: str, row: RoundRow, closes_on: date | None, today: date) -> EvaluationRound:
    scores = {
        half: EvaluationScore(points=row.points[half], possible=row.possible[half], grade=row.grades[half])
        for half in HALVES
    }
    return EvaluationRound(
        no=row.round,
        period=span_slug(row.period),
        title=span_name(row.period),
        stage=row.stage,
        stage_name=STAGE_NAMES[row.stage],
        due_on=row.due_on,
        survey_closes_on=closes_on,
        late_days=row.late_days(today),
        version=row.version,
        **scores,
        vetoes=row.vetoes,
        appeals=row.appeals,
        indicators=dict(row.figures),
        page=path_of(slug, "evaluations", str(row.round)),
        api=api_path(slug, "evaluations", str(row.round)),
    )


def _version(slug: str, one: Result) -> EvaluationVersion:
    page, leaf = path_of(slug, "evaluations", str(one.round)), path_of(slug, "log", "leaf", str(one.seq))
    return EvaluationVersion(
        version=one.version,
        published_at=one.published_at,
        correction=one.value["correction"],
        sha256=one.sha256,
        json=f"{page}.json?version={one.version}",
        pdf=f"{page}.pdf?version={one.version}",
        leaf=leaf,
        proof=f"{leaf}/proof",
    )


HANDLERS = [*evaluations, *evaluation]

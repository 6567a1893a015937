"""The score sheets of committee, community and supervisor, an indicator at a time: what is not on a sheet was in
order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.evaluations_one import ONE, texts_of
from disclosure.office.evaluations_view import sheet_rows
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.scans import keep_scan
from disclosure.office.steps import take_step
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Unanswerable
from ledger.evaluation.allowed import UNRELATED, bodies_of
from ledger.evaluation.course import submit_sheet
from ledger.evaluation.rounds import read_state
from ledger.evaluation.scheme import BODIES, Indicator, points_text
from ledger.evaluation.scheme_changes import cost_said
from ledger.evaluation.sheets import scored_by
from ledger.evaluation.state import State
from ledger.evaluation.value import Line, Sheet
from ledger.people.roles import Forbidden

BODY = f"{ONE}/sheets/{{scorer:str}}"
SHEET = f"{BODY}/{{code:str}}"
_SPARE = 3
_TYPED = ("rule", "what", "count", "whole", "page", "kept")
_MOST_ROWS = 60


@get(BODY, sync_to_thread=True, action="evaluation.score")
def body_page(request: Req, slug: FromPath[str], no: FromPath[int], scorer: FromPath[str]) -> Answer:
    """What a scorer scores, and how far it has come."""
    with reading_office(request, slug) as office:
        return _body_page(office, no, scorer, ())


def _body_page(office: Office, no: int, body: str, problems: Sequence[Problem], status: int = 200) -> Answer:
    state = _state_for(office, no, body)
    rows = sheet_rows(state, body)
    return office.page(
        "office/evaluations_sheet.html",
        status,
        state=state,
        body=body,
        body_name=BODIES[body],
        rows=rows,
        clean=[row for row in rows if not row.by and _may_be_clean(row.indicator)],
        recused=office.actor.person in state.recused,
        points=points_text,
        unrelated=UNRELATED,
        problems=problems,
    )


def _may_be_clean(indicator: Indicator) -> bool:
    """Whether a sheet without a line says something: a share needs its figures."""
    return all(rule.how == "count" for rule in indicator.rules if rule.by_hand and rule.needed)


@post(BODY, sync_to_thread=True, action="evaluation.score")
def send_clean(
    request: Req, slug: FromPath[str], no: FromPath[int], scorer: FromPath[str], data: FormData
) -> Answer:
    """Several indicators in which nothing cost points."""

    def command(office: Office, form: Form) -> str:
        _state_for(office, no, scorer)
        codes = tuple(code for code in form.texts("indicator") if code)
        sheet = Sheet(scorer, codes)
        unrelated = form.flag("unrelated")
        submit_sheet(office.conn, office.trust_id, no, sheet, office.actor, office.act, unrelated=unrelated)
        return f"{BODIES[scorer]}：{'、'.join(codes)} 没有扣分"

    return take_step(
        request,
        slug,
        data,
        command,
        subject=f"第 {no} 轮 {scorer}",
        onward=f"/c/{slug}/office/evaluations/{no}/sheets/{scorer}",
        again=lambda office, _, problems: _body_page(office, no, scorer, problems, 422),
    )


@get(SHEET, sync_to_thread=True, action="evaluation.score")
def sheet_page(
    request: Req, slug: FromPath[str], no: FromPath[int], scorer: FromPath[str], code: FromPath[str]
) -> Answer:
    """One indicator: a row for each thing that was found."""
    with reading_office(request, slug) as office:
        state = _state_for(office, no, scorer)
        values: dict[str, Any] = {}
        for row, line in enumerate(_lines_before(state, scorer, code), start=1):
            values |= {
                f"rule_{row}": line.rule,
                f"on_{row}": line.on.isoformat(),
                f"what_{row}": line.what,
                f"count_{row}": str(line.count),
                f"whole_{row}": str(line.whole or ""),
                f"page_{row}": line.page,
                f"kept_{row}": line.document,
            }
        return _sheet_page(office, no, scorer, code, values, ())


def _sheet_page(
    office: Office,
    no: int,
    body: str,
    code: str,
    values: Mapping[str, Any],
    problems: Sequence[Problem],
    status: int = 200,
) -> Answer:
    state = _state_for(office, no, body)
    indicator = _indicator(state, body, code)
    filled = [row for row in range(1, _MOST_ROWS + 1) if any(values.get(f"{name}_{row}") for name in _TYPED)]
    rows = min(_MOST_ROWS, max(filled, default=0) + _SPARE)
    return office.page(
        "office/evaluations_indicator.html",
        status,
        state=state,
        body=body,
        body_name=BODIES[body],
        indicator=indicator,
        rules=[rule for rule in indicator.rules if rule.by_hand],
        others=[rule for rule in indicator.rules if not rule.by_hand],
        shares=[rule for rule in indicator.rules if rule.by_hand and rule.how != "count"],
        rows=range(1, rows + 1),
        points=points_text,
        cost_said=cost_said,
        unrelated=UNRELATED,
        values=texts_of(values),
        problems=problems,
    )


@post(SHEET, sync_to_thread=True, action="evaluation.score", request_max_body_size=UPLOAD_LIMIT)
def send_sheet(
    request: Req,
    slug: FromPath[str],
    no: FromPath[int],
    scorer: FromPath[str],
    code: FromPath[str],
    data: FormFiles,
) -> Answer:
    """Score one indicator; it takes the place of this scorer's earlier sheet."""

    def command(office: Office, form: Form) -> str:
        state = _state_for(office, no, scorer)
        indicator = _indicator(state, scorer, code)
        lines = tuple(_lines(office, form, state, scorer, indicator))
        unrelated = form.flag("unrelated")
        form.finish()
        sheet = Sheet(scorer, (code,), lines)
        submit_sheet(office.conn, office.trust_id, no, sheet, office.actor, office.act, unrelated=unrelated)
        said = f"{len(lines)} 条记录" if lines else "没有扣分"
        return f"{BODIES[scorer]}：{code} {indicator.title}，{said}"

    return take_step(
        request,
        slug,
        data,
        command,
        subject=f"第 {no} 轮 {scorer} {code}",
        onward=f"/c/{slug}/office/evaluations/{no}/sheets/{scorer}",
        again=lambda office, typed, problems: _sheet_page(office, no, scorer, code, typed, problems, 422),
    )


def _lines(office: Office, form: Form, state: State, body: str, indicator: Indicator) -> Iterator[Line]:
    """The rows that say something; files are kept on the way."""
    before = {line.document for line in _lines_before(state, body, indicator.code)}
    for row in range(1, _MOST_ROWS + 1):
        if not form.flag(f"drop_{row}") and _says_something(form, row):
            line = _line(office, form, indicator, row, before)
            if line is not None:
                yield line


def _says_something(form: Form, row: int) -> bool:
    typed = any(form.text(f"{name}_{row}", "", required=False) for name in _TYPED)
    return typed or form.upload(f"file_{row}", "证据", required=False) is not None


def _line(office: Office, form: Form, indicator: Indicator, row: int, before: set[str]) -> Line | None:
    """One row; None if it can't be read, which the form then says. ``before``: papers of the earlier sheet."""
    where = f"第 {row} 行"
    rules = {rule.code: rule for rule in indicator.rules if rule.by_hand}
    name = next(iter(rules))
    if len(rules) > 1:
        name = form.choice(f"rule_{row}", f"{where}的扣分规则", rules)
    on = form.day(f"on_{row}", f"{where}的日期")
    what = form.text(f"what_{row}", f"{where}的事实")
    counted = name in rules and rules[name].how == "count"
    count = form.whole(f"count_{row}", f"{where}的数量", required=not counted, most=10_000)
    if counted and not form.text(f"count_{row}", "数量", required=False):
        count = 1
    whole = form.whole(f"whole_{row}", f"{where}的总数", required=False, most=10_000)
    page = form.text(f"page_{row}", f"{where}的网页", required=False)
    title = f"{indicator.title}的证据"
    document = keep_scan(office, form, f"file_{row}", "other", title, label=f"{where}的证据")
    kept = form.text(f"kept_{row}", "证据", required=False)
    if not document and kept in before:
        document = kept
    return Line(indicator.code, name, on, what, count, whole, page, document) if on and name else None


def _lines_before(state: State, body: str, code: str) -> list[Line]:
    """What this body's sheet in force says of an indicator."""
    _, sheet = state.sheets().get((body, code), (None, None))
    return [line for line in sheet.lines if line.indicator == code] if sheet else []


def _state_for(office: Office, no: int, body: str) -> State:
    """The round, for somebody who speaks for the body. Raises :class:`Unanswerable` and :class:`Forbidden`."""
    state = read_state(office.conn, office.trust_id, no)
    if body not in BODIES:
        raise Unanswerable("unknown_body", "没有这个评分单位")
    if body not in bodies_of(office.actor):
        raise Forbidden([Problem("other_body", f"您不能代表{BODIES[body]}评分", "评分人")])
    return state


def _indicator(state: State, body: str, code: str) -> Indicator:
    found = next((one for one in scored_by(state, body) if one.code == code), None)
    if found is None:
        raise Unanswerable("unknown_indicator", f"{BODIES[body]}不评指标“{code}”，或方案里没有")
    return found


HANDLERS = [body_page, send_clean, sheet_page, send_sheet]

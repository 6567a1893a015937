"""Choosing, renewing and dismissing the trustee in the office."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData, FormFiles, place_number
from disclosure.office.home import TASKS, Task
from disclosure.office.scans import keep_scan
from disclosure.office.steps import Command, take_step
from disclosure.public.answers import Answer, Req
from disclosure.public.papers import shown_copies
from disclosure.public.trustee_view import notice_view
from ledger.errors import Problem, Refused
from ledger.people.roles import Forbidden
from ledger.selection.course import open_selection, record_notice, rest_on_decision, withdraw
from ledger.selection.judging import add_candidate, close_points, give_points, set_criteria
from ledger.selection.read import KINDS, list_selections, read_selection
from ledger.selection.scores import hundredths
from ledger.trust.tenure import tenures

PATH = "/c/{slug:str}/office/selection"
ONE = f"{PATH}/{{no:int}}"
_PAGE = 20
_CRITERIA_ROWS = 6


@get(PATH, sync_to_thread=True, action="selection.read")
def selections(request: Req, slug: FromPath[str]) -> Answer:
    """All procedures, the present tenure, and the form to begin one."""
    with reading_office(request, slug) as office:
        return _list(office, {}, (), request.query_params)


def _list(
    office: Office, values: dict[str, Any], problems: Sequence[Problem], query: Any, status: int = 200
) -> Answer:
    before = place_number(query.get("before", ""))
    rows = list_selections(office.conn, office.trust_id, before=before, limit=_PAGE + 1)
    versions = tenures(office.conn, office.trust_id)
    tenure = versions[0].tenure if versions else None
    return office.page(
        "office/selections.html",
        status,
        rows=rows[:_PAGE],
        more=rows[_PAGE - 1].selection if len(rows) > _PAGE else None,
        tenure=tenure,
        notices=notice_view(office.setup, tenure, office.act.today),
        kinds=list(KINDS.items()),
        values=values,
        problems=problems,
    )


@post(PATH, sync_to_thread=True, action="selection.manage")
def begin(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Begin a procedure."""
    try:
        with acting(request, slug, subject="选聘解聘") as office:
            form = Form(data)
            kind = form.choice("kind", "事项", KINDS)
            title = form.text("title", "名称", longest=60)
            reason = form.text("reason", "理由", longest=1000)
            day = form.day("planned_on", "计划生效日") or office.act.today
            form.finish()
            no = open_selection(
                office.conn,
                office.trust_id,
                kind=kind,
                title=title,
                reason=reason,
                planned_on=day,
                actor=office.actor,
                act=office.act,
            )
            return office.done(f"/c/{slug}/office/selection/{no}", f"第 {no} 号“{title}”已发起")
    except Forbidden:
        raise
    except Refused as error:
        with reading_office(request, slug) as office:
            return _list(office, dict(data), error.problems, request.query_params, 422)


@get(ONE, sync_to_thread=True, action="selection.read")
def selection(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """One procedure and what can be done next."""
    with reading_office(request, slug) as office:
        return _one(office, no, {}, ())


def _one(
    office: Office, no: int, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    file = read_selection(office.conn, office.trust_id, no)
    versions = tenures(office.conn, office.trust_id)
    tenure = versions[0].tenure if versions else None
    return office.page(
        "office/selection.html",
        status,
        file=file,
        names={one.candidate: one.name for one in file.candidates},
        mine={
            (candidate, place): points
            for (judge, candidate, place), points in file.points.items()
            if judge == office.actor.person
        },
        scored={judge for judge in file.judges if not any(who == judge for who, _ in file.missing)},
        notices=notice_view(office.setup, tenure, office.act.today, file),
        shown=shown_copies(office.conn, office.trust_id, [one.document for one in file.candidates]),
        rows=range(1, _CRITERIA_ROWS + 1),
        hundredths=hundredths,
        values=values or {"leaves_on": file.planned_on.isoformat()},
        problems=problems,
        local_time=local_time,
    )


@post(f"{ONE}/candidates", sync_to_thread=True, action="selection.manage")
def candidate(request: Req, slug: FromPath[str], no: FromPath[int], data: FormFiles) -> Answer:
    """Put a company on the list."""

    def command(office: Office, form: Form) -> str:
        name = form.text("name", "候选单位", longest=80)
        statement = form.text("statement", "简介", required=False, longest=2000)
        digest = keep_scan(office, form, "scan", "other", "候选单位投标文件")
        form.finish()
        add_candidate(
            office.conn,
            office.trust_id,
            no,
            name=name,
            statement=statement,
            digest=digest,
            actor=office.actor,
            act=office.act,
        )
        return f"{name}已列入名单"

    return _run(request, slug, no, data, command)


@post(f"{ONE}/criteria", sync_to_thread=True, action="selection.manage")
def criteria(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Say what candidates are judged by."""

    def command(office: Office, form: Form) -> str:
        rows = []
        for row in range(1, _CRITERIA_ROWS + 1):
            title = form.text(f"criterion_{row}", f"第 {row} 项", required=False, longest=40)
            weight = form.whole(f"weight_{row}", f"第 {row} 项的权重", required=bool(title), most=100)
            if title or weight:
                rows.append((title, weight))
        form.finish()
        set_criteria(office.conn, office.trust_id, no, rows, office.actor)
        return "评分标准已公布"

    return _run(request, slug, no, data, command)


@post(f"{ONE}/scores", sync_to_thread=True, action="selection.score")
def score(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """This person's points for one candidate."""

    def command(office: Office, form: Form) -> str:
        number = form.whole("candidate", "候选单位", least=1, most=1000)
        file = read_selection(office.conn, office.trust_id, no)
        points = {one.place: form.whole(f"points_{one.place}", one.title, most=100) for one in file.criteria}
        form.finish()
        give_points(office.conn, office.trust_id, no, number, points, office.actor, office.act)
        return "评分已登记；公布排名以前可以改"

    return _run(request, slug, no, data, command)


@post(f"{ONE}/ranking", sync_to_thread=True, action="selection.close")
def ranking(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Close the points and publish the ranking."""

    def command(office: Office, form: Form) -> str:
        close_points(office.conn, office.trust_id, no, office.actor, office.act)
        return "评分已截止，排名已公布；请把候选单位交业主表决"

    return _run(request, slug, no, data, command)


@post(f"{ONE}/notice", sync_to_thread=True, action="selection.manage")
def notice(request: Req, slug: FromPath[str], no: FromPath[int], data: FormFiles) -> Answer:
    """Record the written notice to the present trustee."""

    def command(office: Office, form: Form) -> str:
        noticed = form.day("noticed_on", "送达日") or office.act.today
        leaves = form.day("leaves_on", "终止日") or office.act.today
        digest = keep_scan(office, form, "scan", "other", "给受托人的书面通知")
        form.finish()
        record_notice(
            office.conn,
            office.setup,
            no,
            noticed_on=noticed,
            leaves_on=leaves,
            digest=digest,
            actor=office.actor,
            act=office.act,
        )
        return f"书面通知已登记，现任受托人服务到 {leaves}"

    return _run(request, slug, no, data, command)


@post(f"{ONE}/decide", sync_to_thread=True, action="selection.manage")
def decide(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Name the owners' decision."""

    def command(office: Office, form: Form) -> str:
        number = form.text("decision", "决议号")
        form.finish()
        rest_on_decision(office.conn, office.trust_id, no, number, office.actor, office.act)
        return f"已登记依据：第 {number} 号决定"

    return _run(request, slug, no, data, command)


@post(f"{ONE}/withdraw", sync_to_thread=True, action="selection.close")
def give_up(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Give the procedure up."""

    def command(office: Office, form: Form) -> str:
        note = form.text("note", "原因", longest=500)
        form.finish()
        withdraw(office.conn, office.trust_id, no, note, office.actor, office.act)
        return "已撤回"

    return _run(request, slug, no, data, command)


def _run(request: Req, slug: str, no: int, data: dict[str, Any], command: Command) -> Answer:
    """A step of one of them."""
    return take_step(
        request,
        slug,
        data,
        command,
        subject=f"选聘 {no}",
        onward=f"/c/{slug}/office/selection/{no}",
        again=lambda office, typed, problems: _one(office, no, typed, problems, 422),
    )


def selection_tasks(office: Office) -> Iterator[Task]:
    """Procedures under way, for the committee."""
    if not office.actor.may("selection.manage"):
        return
    open_ = [one for one in list_selections(office.conn, office.trust_id) if one.stage in ("open", "ranked")]
    if open_:
        yield Task("选聘解聘在办", len(open_), "/selection", "件")


TASKS.append(selection_tasks)
HANDLERS = [
    selections,
    begin,
    selection,
    candidate,
    criteria,
    score,
    ranking,
    notice,
    decide,
    give_up,
]

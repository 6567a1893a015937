"""Changing fee standards in the office: proposals with their reckoning, consultation, decision, notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.evaluation.service import service_score
from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.charges_standards import read_standard
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData, FormFiles, place_number
from disclosure.office.home import TASKS, Task
from disclosure.office.scans import keep_scan
from disclosure.office.steps import Command, take_step
from disclosure.public.answers import Answer, Req
from disclosure.public.fee_view import proposal_views
from ledger.billing.items import load_items
from ledger.billing.standard import METHODS, SCOPES
from ledger.consultation.answers import CHOICES, Tally, count_paper, opinions_of
from ledger.consultation.course import (
    carry_out,
    give_notice,
    notice_days,
    open_consultation,
    rest_on_decision,
    withdraw,
)
from ledger.consultation.proposals import PENDING, list_proposals, propose_fee, read_proposal
from ledger.errors import Problem, Refused
from ledger.people.roles import Forbidden
from ledger.trust.uses import USE_KINDS

PATH = "/c/{slug:str}/office/fees"
ONE = f"{PATH}/{{no:int}}"
_PAGE, _OPINIONS = 20, 100


@get(PATH, sync_to_thread=True, action="fee.read")
def fees(request: Req, slug: FromPath[str]) -> Answer:
    """All proposals, the newest first, and the form to make one."""
    with reading_office(request, slug) as office:
        return _list(office, {}, (), request.query_params)


def _list(
    office: Office, values: dict[str, Any], problems: Sequence[Problem], query: Any, status: int = 200
) -> Answer:
    before = place_number(query.get("before", ""))
    found = list_proposals(office.conn, office.trust_id, before=before, limit=_PAGE + 1)
    return office.page(
        "office/fees.html",
        status,
        rows=proposal_views(office.conn, office.trust_id, found[:_PAGE], office.act.today),
        more=found[_PAGE - 1].proposal if len(found) > _PAGE else None,
        service=service_score(office.conn, office.trust_id),
        days=notice_days(office.setup, office.act.today),
        items=[(item.name, item.title) for item in load_items().values()],
        scopes=list(SCOPES.items()),
        uses=list(USE_KINDS.values()),
        methods=list(METHODS.items()),
        values=values,
        problems=problems,
    )


@post(PATH, sync_to_thread=True, action="fee.propose")
def propose(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Make a proposal, with the reckoning of today."""
    try:
        with acting(request, slug, subject="调价方案") as office:
            form = Form({**data, "authority": PENDING})
            reason = form.text("reason", "理由", longest=1000)
            asked = replace(read_standard(form), authority=PENDING)
            no = propose_fee(office.conn, office.setup, asked, reason, office.actor, office.act)
            return office.done(f"/c/{slug}/office/fees/{no}", f"第 {no} 号方案已提出，成本测算已公布")
    except Forbidden:
        raise
    except Refused as error:
        with reading_office(request, slug) as office:
            return _list(office, dict(data), error.problems, request.query_params, 422)


@get(ONE, sync_to_thread=True, action="fee.read")
def fee(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """One proposal and what can be done next."""
    with reading_office(request, slug) as office:
        return _one(office, no, {}, (), after=request.query_params.get("after", ""))


def _one(
    office: Office,
    no: int,
    values: dict[str, Any],
    problems: Sequence[Problem],
    status: int = 200,
    *,
    after: str = "",
) -> Answer:
    proposal = read_proposal(office.conn, office.trust_id, no)
    days = notice_days(office.setup, office.act.today)
    opinions = opinions_of(office.conn, office.trust_id, no, after=after, limit=_OPINIONS + 1)
    return office.page(
        "office/fee.html",
        status,
        view=proposal_views(office.conn, office.trust_id, [proposal], office.act.today)[0],
        service=service_score(office.conn, office.trust_id),
        days=days,
        earliest=office.act.today + timedelta(days=days),
        opinions=opinions[:_OPINIONS],
        more=opinions[_OPINIONS - 1].unit if len(opinions) > _OPINIONS else "",
        choices=CHOICES,
        today=office.act.today,
        values=values,
        problems=problems,
        local_time=local_time,
    )


@post(f"{ONE}/consult", sync_to_thread=True, action="fee.consult")
def consult(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Ask all homes until a day."""

    def command(office: Office, form: Form) -> str:
        until = form.day("until", "截止日") or office.act.today
        form.finish()
        open_consultation(office.conn, office.trust_id, no, until, office.actor, office.act)
        return f"已开始征询，各户可以答复到 {until}"

    return _run(request, slug, no, data, command)


@post(f"{ONE}/counts", sync_to_thread=True, action="fee.count")
def counts(request: Req, slug: FromPath[str], no: FromPath[int], data: FormFiles) -> Answer:
    """One person's count of the answers on paper."""

    def command(office: Office, form: Form) -> str:
        figures = [form.whole(name, f"{title}户数") for name, title in CHOICES.items()]
        document = keep_scan(office, form, "scan", "other", "纸质征询汇总表")
        form.finish()
        same = count_paper(
            office.conn, office.trust_id, no, Tally(*figures), document, office.actor, office.act
        )
        return "两人录入一致，户数已生效" if same else "已录入，等另一人再数一遍、录入相同的数才生效"

    return _run(request, slug, no, data, command)


@post(f"{ONE}/decide", sync_to_thread=True, action="fee.consult")
def decide(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Name the owners' decision."""

    def command(office: Office, form: Form) -> str:
        number = form.text("decision", "决议号")
        form.finish()
        rest_on_decision(office.conn, office.trust_id, no, number, office.actor, office.act)
        return f"已登记依据：第 {number} 号决定。下一步贴出公示"

    return _run(request, slug, no, data, command)


@post(f"{ONE}/notice", sync_to_thread=True, action="fee.notice")
def notice(request: Req, slug: FromPath[str], no: FromPath[int], data: FormFiles) -> Answer:
    """Record the public notice."""

    def command(office: Office, form: Form) -> str:
        put_up = form.day("put_up_on", "公示日") or office.act.today
        effective = form.day("effective_on", "执行日") or office.act.today
        document = keep_scan(office, form, "scan", "other", "调价公示照片")
        form.finish()
        give_notice(
            office.conn,
            office.setup,
            no,
            put_up_on=put_up,
            effective_on=effective,
            document=document,
            actor=office.actor,
            act=office.act,
        )
        return f"公示已登记，新标准 {effective} 起执行；请制单会计登记新标准"

    return _run(request, slug, no, data, command)


@post(f"{ONE}/record", sync_to_thread=True, action="charge.standard")
def record(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Record the new version of the fee standard."""

    def command(office: Office, form: Form) -> str:
        made = carry_out(office.conn, office.trust_id, no, office.actor, office.act)
        return f"新的收费标准已登记（第 {made} 号）"

    return _run(request, slug, no, data, command)


@post(f"{ONE}/withdraw", sync_to_thread=True, action="fee.propose")
def give_up(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Give the proposal up."""

    def command(office: Office, form: Form) -> str:
        note = form.text("note", "原因", longest=500)
        form.finish()
        withdraw(office.conn, office.trust_id, no, note, office.actor, office.act)
        return "方案已撤回"

    return _run(request, slug, no, data, command)


def _run(request: Req, slug: str, no: int, data: dict[str, Any], command: Command) -> Answer:
    """A step of one of them."""
    return take_step(
        request,
        slug,
        data,
        command,
        subject=f"调价方案 {no}",
        onward=f"/c/{slug}/office/fees/{no}",
        again=lambda office, typed, problems: _one(office, no, typed, problems, 422),
    )


def fee_tasks(office: Office) -> Iterator[Task]:
    """Proposals that wait for this person: consultations that ended, standards to be recorded."""
    may_decide, may_record = office.actor.may("fee.consult"), office.actor.may("charge.standard")
    if not (may_decide or may_record):
        return
    stages = [one.stage(office.act.today) for one in list_proposals(office.conn, office.trust_id, limit=20)]
    if may_decide and (count := sum(stage in ("proposed", "consulted", "decided") for stage in stages)):
        yield Task("调价方案待办", count, "/fees", "个，待征询、表决或公示")
    if may_record and (count := stages.count("noticed")):
        yield Task("新收费标准待登记", count, "/fees", "个方案已公示")


TASKS.append(fee_tasks)
HANDLERS = [fees, propose, fee, consult, counts, decide, notice, record, give_up]

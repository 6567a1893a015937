"""The joint conference in the office: items, minutes of each stage, tasks, what followed."""

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
from ledger.conference import (
    Attendance,
    Meeting,
    NewItem,
    NewTask,
    add_task,
    bodies,
    list_items,
    open_tasks,
    propose,
    read_item,
    record_meeting,
    settle_task,
    skip_stage,
    stages,
)
from ledger.conference.course import LONGEST
from ledger.conference.links import add_link, drop_link, link_kinds
from ledger.conference.model import TASK_STATES
from ledger.conference.tasks import TaskStep
from ledger.errors import Problem, Refused
from ledger.people import Role
from ledger.people.roles import STAFF, Forbidden

PATH = "/c/{slug:str}/office/conference"
ITEM = f"{PATH}/{{no:int}}"
_PAGE = 30
_PAPERS = 2


@get(PATH, sync_to_thread=True, action="conference.read")
def conference(request: Req, slug: FromPath[str]) -> Answer:
    """All items, the newest first, and the form to propose one."""
    with reading_office(request, slug) as office:
        return _list(office, {"proposed_on": office.act.today.isoformat()}, (), request.query_params)


def _list(
    office: Office, values: dict[str, Any], problems: Sequence[Problem], query: Any, status: int = 200
) -> Answer:
    before = place_number(query.get("before", ""))
    rows = list_items(office.conn, office.trust_id, office.act.today, before=before, limit=_PAGE + 1)
    return office.page(
        "office/conference.html",
        status,
        rows=rows[:_PAGE],
        more=rows[_PAGE - 1].item if len(rows) > _PAGE else None,
        bodies=bodies(),
        tasks=open_tasks(office.conn, office.trust_id, limit=20),
        today=office.act.today,
        values=values,
        problems=problems,
        papers=range(1, _PAPERS + 1),
    )


@post(PATH, sync_to_thread=True, action="conference.propose")
def propose_item(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Put an item on the list."""
    try:
        with acting(request, slug, subject="议题") as office:
            form = Form(data)
            title = form.text("title", "议题", longest=60)
            body = form.text("body", "提议内容", longest=LONGEST)
            by = form.choice("proposed_by", "提议方", bodies())
            day = form.day("proposed_on", "提议日期") or office.act.today
            papers = _papers(office, form)
            form.finish()
            new = NewItem(title, body, by, day, papers)
            no = propose(office.conn, office.trust_id, new, office.actor, office.act)
            return office.done(f"/c/{slug}/office/conference/{no}", f"第 {no} 号议题已登记")
    except Forbidden:
        raise
    except Refused as error:
        with reading_office(request, slug) as office:
            return _list(office, dict(data), error.problems, request.query_params, 422)


def _papers(office: Office, form: Form) -> dict[str, str]:
    """Titles of the papers handed in with a form by their SHA-256."""
    found = {}
    for no in range(1, _PAPERS + 1):
        title = form.text(f"paper_title_{no}", "附件名称", required=False, longest=100) or "会议材料"
        if digest := keep_scan(office, form, f"paper_{no}", "other", title):
            found[digest] = title
    return found


@get(ITEM, sync_to_thread=True, action="conference.read")
def item(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """One item with its stages, tasks and links, and what can be done next."""
    with reading_office(request, slug) as office:
        return _item(office, no, {}, ())


def _item(
    office: Office, no: int, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    found = read_item(office.conn, office.trust_id, no)
    originals = {sha for session in found.sessions for sha in session.papers}
    originals |= {step.document for task in found.tasks for step in task.steps}
    now, due = found.standing, found.standing.next_stage
    recordable = [] if now.closed else [now.stage]
    if due is not None and due.name != now.stage.name:
        recordable.insert(0, due)
    return office.page(
        "office/conference_item.html",
        status,
        item=found,
        bodies=bodies(),
        recordable=recordable,
        skippable=due if due is not None and now.onward else None,
        stages=stages(),
        kinds=link_kinds(),
        task_states=TASK_STATES,
        shown=shown_copies(office.conn, office.trust_id, originals),
        today=office.act.today,
        values=values,
        problems=problems,
        papers=range(1, _PAPERS + 1),
        local_time=local_time,
    )


@post(f"{ITEM}/meetings", sync_to_thread=True, action="conference.record")
def keep_meeting(request: Req, slug: FromPath[str], no: FromPath[int], data: FormFiles) -> Answer:
    """Keep the minutes of a meeting."""

    def command(office: Office, form: Form) -> str:
        stage = form.choice("stage", "阶段", stages())
        held_on = form.day("held_on", "会议日期")
        minutes = form.text("minutes", "纪要", longest=LONGEST)
        outcome = form.text("outcome", "结果")
        came = {
            body: Attendance(people, form.text(f"roles_{body}", "到会身份", required=False, longest=60))
            for body in bodies()
            if (
                people := form.whole(
                    f"people_{body}", f"{bodies()[body].title}到会人数", required=False, most=1000
                )
            )
        }
        papers = _papers(office, form)
        form.finish()
        stage_, _, result = outcome.partition(":")
        if stage_ != stage:
            form.problem("bad_outcome", f"请选“{stages()[stage].title}”下面的结果", "结果")
            form.finish()
        meeting = Meeting(held_on or office.act.today, minutes, result, came, papers)
        record_meeting(office.conn, office.trust_id, no, stage, meeting, office.actor, office.act)
        return f"“{stages()[stage].title}”的纪要已登记，公开页上能看到"

    return _run(request, slug, no, data, command)


@post(f"{ITEM}/skips", sync_to_thread=True, action="conference.record")
def skip(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Record that a stage is left out, and why."""

    def command(office: Office, form: Form) -> str:
        stage = form.choice("stage", "阶段", stages())
        reason = form.text("reason", "跳过的原因", longest=500)
        form.finish()
        skip_stage(office.conn, office.trust_id, no, stage, reason, office.actor, office.act)
        return f"已登记跳过“{stages()[stage].title}”，公开页上会写明原因"

    return _run(request, slug, no, data, command)


@post(f"{ITEM}/tasks", sync_to_thread=True, action="conference.record")
def give_task(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Give a body something to do."""

    def command(office: Office, form: Form) -> str:
        title = form.text("task_title", "任务")
        owner = form.choice("owner", "负责方", bodies())
        role = form.text("owner_role", "负责岗位", longest=30)
        due = form.day("due_on", "完成期限")
        form.finish()
        new = NewTask(title, owner, role, due or office.act.today)
        add_task(office.conn, office.trust_id, no, new, office.actor, office.act)
        return "任务已登记"

    return _run(request, slug, no, data, command)


@post(f"{ITEM}/tasks/{{task:int}}", sync_to_thread=True, action="conference.task")
def settle(
    request: Req, slug: FromPath[str], no: FromPath[int], task: FromPath[int], data: FormFiles
) -> Answer:
    """Say that a task is done, dropped or open again."""

    def command(office: Office, form: Form) -> str:
        state = form.choice("state", "进展", TASK_STATES)
        note = form.text("note", "凭据或原因", longest=500)
        day = form.day("acted_on", "日期") or office.act.today
        document = keep_scan(office, form, "scan", "other", "任务办结凭据")
        form.finish()
        step = TaskStep(state, note, document, day)
        settle_task(office.conn, office.trust_id, no, task, step, office.actor, office.act)
        return f"第 {task} 项任务：{TASK_STATES[state]}"

    return _run(request, slug, no, data, command)


@post(f"{ITEM}/links", sync_to_thread=True, action="conference.record")
def link(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Tie the item to what followed, or take that back."""

    def command(office: Office, form: Form) -> str:
        kind = form.choice("kind", "关联到", link_kinds())
        reference = form.text("reference", "编号", longest=60)
        form.finish()
        change = drop_link if form.flag("drop") else add_link
        change(office.conn, office.trust_id, no, kind, reference, office.actor, office.act)
        return "已取消关联" if form.flag("drop") else f"已关联到{link_kinds()[kind].title} {reference}"

    return _run(request, slug, no, data, command)


def _run(request: Req, slug: str, no: int, data: dict[str, Any], command: Command) -> Answer:
    """A step of one of them."""
    return take_step(
        request,
        slug,
        data,
        command,
        subject=f"议题 {no}",
        onward=f"/c/{slug}/office/conference/{no}",
        again=lambda office, typed, problems: _item(office, no, typed, problems, 422),
    )


def conference_tasks(office: Office) -> Iterator[Task]:
    """Tasks of the conference that wait for one of this person's own bodies."""
    if not office.actor.may("conference.task"):
        return
    roles = office.actor.roles
    mine = {
        "party": Role.PARTY in roles,
        "committee": bool(roles & {Role.COMMITTEE, Role.CHAIR}),
        "trustee": bool(roles & STAFF),
    }
    waiting = open_tasks(office.conn, office.trust_id, [body for body, held in mine.items() if held])
    if waiting:
        late = sum(task.overdue_days(office.act.today) > 0 for task in waiting)
        hint = f"项，{late} 项已逾期" if late else "项待办"
        yield Task("联席会议交办的", len(waiting), "/conference", hint)


TASKS.append(conference_tasks)
HANDLERS = [conference, propose_item, item, keep_meeting, skip, give_task, settle, link]

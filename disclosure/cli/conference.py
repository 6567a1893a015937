"""``conference``: the joint conference from the shell: items, minutes, skipped stages, tasks, links."""

from __future__ import annotations

from datetime import datetime

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import answer, open_desk, with_json, with_trust
from ledger.conference import (
    Attendance,
    Meeting,
    NewItem,
    NewTask,
    add_task,
    bodies,
    list_items,
    propose,
    read_item,
    record_meeting,
    settle_task,
    skip_stage,
    stages,
)
from ledger.conference.links import add_link, link_kinds
from ledger.conference.model import TASK_STATES
from ledger.conference.tasks import TaskStep
from ledger.store.engine import reading

_DAY = click.DateTime(["%Y-%m-%d"])
_BODIES = "、".join(f"{name} {body.title}" for name, body in bodies().items())
_STAGES = "、".join(f"{name} {stage.title}" for name, stage in stages().items())


@click.group("conference", cls=ChineseGroup, help="小区联席会议：提议、商议、审议、评议，任务和关联。")
def conference() -> None:
    """The group."""


@conference.command("list", cls=ChineseCommand, help="列出议题，新的在前。")
@click.option("--before", type=int, metavar="编号", help="从这个编号以前列起")
@with_trust
@with_json
def list_(before: int | None, slug: str | None, as_json: bool) -> None:
    """Print items."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        rows = list_items(conn, desk.trust_id, desk.act().today, before=before)
    data = [
        {
            "item": row.item,
            "title": row.title,
            "state": row.state,
            "held_on": row.held_on.isoformat(),
            "skipped": [stage.name for stage in row.skipped],
            "open_tasks": row.open_tasks,
            "overdue": row.overdue,
        }
        for row in rows
    ]
    lines = [
        f"第 {row.item} 号 {row.title}：{row.state}"
        + "".join(f"，跳过{stage.title}" for stage in row.skipped)
        + (f"，{row.overdue} 项任务逾期" if row.overdue else "")
        for row in rows
    ]
    answer(as_json, {"items": data}, *(lines or ["还没有议题。"]))


@conference.command("show", cls=ChineseCommand, help="看一个议题的四个阶段、任务和关联。")
@click.argument("item", type=int, metavar="编号")
@with_trust
@with_json
def show(item: int, slug: str | None, as_json: bool) -> None:
    """Print an item."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        found = read_item(conn, desk.trust_id, item)
    names = {"held": "已进行", "skipped": "跳过", "due": "下一步", "later": "未到", "never": "不再进行"}
    data = {
        "title": found.title,
        "stages": [{"stage": row.stage.name, "state": row.state} for row in found.stages],
        "tasks": [
            {"task": task.task, "title": task.title, "state": task.state, "due_on": task.due_on.isoformat()}
            for task in found.tasks
        ],
        "links": [{"kind": link.kind, "reference": link.reference} for link in found.links],
    }
    answer(
        as_json,
        data,
        f"第 {item} 号：{found.title}",
        *(f"{row.stage.title}：{names[row.state]}" for row in found.stages),
        *(
            f"任务 {task.task}：{task.title}（{task.who}，{task.due_on}）{task.state_name}"
            for task in found.tasks
        ),
        *(f"关联：{link.title} {link.reference}" for link in found.links),
    )


@conference.command("propose", cls=ChineseCommand, help="提出一个议题。")
@click.argument("title", metavar="议题")
@click.option("--text", required=True, metavar="内容", help="提议内容，会公开")
@click.option("--by", type=click.Choice(list(bodies())), required=True, metavar="提议方", help=_BODIES)
@click.option("--on", type=_DAY, metavar="日期", help="提议日期（默认今天）")
@with_account
@with_trust
@with_json
def propose_(
    title: str, text: str, by: str, on: datetime | None, account: str, slug: str | None, as_json: bool
) -> None:
    """Put an item on the list."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "conference.propose", "议题") as at:
        new = NewItem(title, text, by, on.date() if on else at.act.today, {})
        item = propose(at.conn, at.trust_id, new, at.actor, at.act)
    answer(as_json, {"item": item}, f"第 {item} 号议题已登记。")


@conference.command("minutes", cls=ChineseCommand, help="登记一次会议的纪要。")
@click.argument("item", type=int, metavar="编号")
@click.option("--stage", type=click.Choice(list(stages())), required=True, metavar="阶段", help=_STAGES)
@click.option("--on", type=_DAY, required=True, metavar="日期", help="会议日期")
@click.option("--text", required=True, metavar="纪要", help="会公开，不写姓名、房号")
@click.option(
    "--outcome", required=True, metavar="结果", help="agreed、passed、satisfied 等，写错会列出可选的"
)
@click.option(
    "--came", multiple=True, required=True, metavar="方=人数[:身份]", help="到会，如 party=2:书记；可写几次"
)
@with_account
@with_trust
@with_json
def minutes(
    item: int,
    stage: str,
    on: datetime,
    text: str,
    outcome: str,
    came: tuple[str, ...],
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Keep the minutes of a meeting."""
    desk = open_desk(slug)
    meeting = Meeting(on.date(), text, outcome, dict(_attendance(part) for part in came), {})
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "conference.record", f"议题 {item}") as at:
        no = record_meeting(at.conn, at.trust_id, item, stage, meeting, at.actor, at.act)
    answer(as_json, {"meeting": no}, f"第 {item} 号议题“{stages()[stage].title}”的纪要已登记。")


def _attendance(text: str) -> tuple[str, Attendance]:
    body, _, rest = text.partition("=")
    people, _, roles = rest.partition(":")
    if not people.isascii() or not people.isdigit():
        raise ValueError(f"读不懂到会“{text}”，请写成 party=2:书记 的样子")
    return body, Attendance(int(people), roles)


@conference.command("skip", cls=ChineseCommand, help="登记跳过一个阶段及其原因（会公开）。")
@click.argument("item", type=int, metavar="编号")
@click.option("--stage", type=click.Choice(list(stages())), required=True, metavar="阶段", help=_STAGES)
@click.option("--reason", required=True, metavar="原因")
@with_account
@with_trust
@with_json
def skip(item: int, stage: str, reason: str, account: str, slug: str | None, as_json: bool) -> None:
    """Record that a stage is left out."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "conference.record", f"议题 {item}") as at:
        skip_stage(at.conn, at.trust_id, item, stage, reason, at.actor, at.act)
    answer(as_json, {"item": item, "skipped": stage}, f"已登记跳过“{stages()[stage].title}”。")


@conference.command("task", cls=ChineseCommand, help="交办一项任务。")
@click.argument("item", type=int, metavar="编号")
@click.argument("title", metavar="任务")
@click.option("--owner", type=click.Choice(list(bodies())), required=True, metavar="负责方", help=_BODIES)
@click.option("--role", required=True, metavar="岗位", help="负责岗位，不写姓名")
@click.option("--due", type=_DAY, required=True, metavar="日期", help="完成期限")
@with_account
@with_trust
@with_json
def task(
    item: int,
    title: str,
    owner: str,
    role: str,
    due: datetime,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Give a body something to do."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "conference.record", f"议题 {item}") as at:
        new = NewTask(title, owner, role, due.date())
        no = add_task(at.conn, at.trust_id, item, new, at.actor, at.act)
    answer(as_json, {"task": no}, f"第 {no} 项任务已登记。")


@conference.command("settle", cls=ChineseCommand, help="登记任务的进展。")
@click.argument("item", type=int, metavar="编号")
@click.argument("task", type=int, metavar="任务号")
@click.option("--state", type=click.Choice(list(TASK_STATES)), default="done", show_default=True, metavar="进展", help="、".join(f"{k} {v}" for k, v in TASK_STATES.items()))  # fmt: skip
@click.option("--note", required=True, metavar="说明", help="办结的凭据或原因，会公开")
@with_account
@with_trust
@with_json
def settle(
    item: int, task: int, state: str, note: str, account: str, slug: str | None, as_json: bool
) -> None:
    """Say how a task stands."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "conference.task", f"议题 {item}") as at:
        step = TaskStep(state, note, "", at.act.today)
        settle_task(at.conn, at.trust_id, item, task, step, at.actor, at.act)
    answer(as_json, {"task": task, "state": state}, f"第 {task} 项任务：{TASK_STATES[state]}。")


@conference.command("link", cls=ChineseCommand, help="把议题关联到由此产生的预算、决定、项目、单据或凭证。")
@click.argument("item", type=int, metavar="编号")
@click.argument("kind", type=click.Choice(list(link_kinds())), metavar="种类")
@click.argument("reference", metavar="号")
@with_account
@with_trust
@with_json
def link(item: int, kind: str, reference: str, account: str, slug: str | None, as_json: bool) -> None:
    """Tie an item to what followed."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "conference.record", f"议题 {item}") as at:
        add_link(at.conn, at.trust_id, item, kind, reference, at.actor, at.act)
    answer(as_json, {"item": item}, f"已关联到{link_kinds()[kind].title} {reference}。")


COMMANDS = (conference,)

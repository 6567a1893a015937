"""``project``: the four lists, plans, and what the committee does, from the shell and in somebody's name."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from disclosure.cli.acting import Acting, acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from disclosure.public.project_view import project_view
from ledger.documents.upload import Paper
from ledger.errors import refuse
from ledger.events import DOCUMENT_KINDS
from ledger.invoices import hand_in
from ledger.journal import Document
from ledger.money import format_yuan, parse_yuan
from ledger.projects.file import STATES, project_file, project_files
from ledger.projects.lists import (
    REPORTERS,
    RESOURCE_STATES,
    URGENCY,
    Need,
    Resource,
    list_needs,
    list_resources,
    record_need,
    record_resource,
)
from ledger.projects.plans import draft_plan, kept_parts, preview_parts
from ledger.projects.sums import paid_in_by_unit
from ledger.projects.value import SOURCES, Plan
from ledger.store.engine import reading

DAY = click.DateTime(["%Y-%m-%d"])


def day_of(value: datetime | None, at: Acting) -> date:
    """The day given, or today."""
    return value.date() if value else at.act.today


def paper(at: Acting, place: Any, file: Path, kind: str, number: str = "") -> Document:
    """A file as a paper of the office."""
    handed = Paper(file.read_bytes(), file.name, kind, DOCUMENT_KINDS[kind], number)
    return hand_in(at.conn, at.trust_id, place, handed, at.actor, at.act).document


@click.group(cls=ChineseGroup, help="专项项目：需求、资源、计划、验收、收付款、决算。")
def project() -> None:
    """The group."""


@project.command("list", cls=ChineseCommand, help="列出需求、资源和项目。")
@with_trust
@with_json
def list_(slug: str | None, as_json: bool) -> None:
    """Print the lists."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        needs = list_needs(conn, desk.trust_id)
        resources = list_resources(conn, desk.trust_id)
        views = [project_view(file) for file in project_files(conn, desk.trust_id).values()]
    sentences = [f"需求 {n.no} 号 {n.title}（{n.place}，{n.homes} 户，{URGENCY[n.urgency]}）" for n in needs]
    sentences += [
        f"资源 {r.no} 号 {r.title}（{SOURCES[r.source]}，{r.giver}，{format_yuan(r.amount)} 元，{RESOURCE_STATES[r.state]}）"
        for r in resources
    ]
    sentences += [
        f"项目 {v.file.code} {v.file.plan.title}（{STATES[v.file.state]}）：{v.summary}" for v in views
    ]
    data = {
        "needs": [msgspec.to_builtins(n) for n in needs],
        "resources": [msgspec.to_builtins(r) for r in resources],
        "projects": [
            {
                "project": v.file.code,
                "title": v.file.plan.title,
                "state": v.file.state,
                "planned": v.file.plan.total,
                "received": v.file.tally.total_received,
                "paid": v.file.tally.total_paid,
            }
            for v in views
        ],
    }
    answer(as_json, data, *(sentences or ["还没有登记需求、资源和项目。"]))


@project.command("show", cls=ChineseCommand, help="一个项目的计划和执行：来源、节点、限定用途资金。")
@click.argument("code", metavar="项目编号")
@with_trust
@with_json
def show(code: str, slug: str | None, as_json: bool) -> None:
    """Print one project."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        view = project_view(project_file(conn, desk.trust_id, code))
    shown, waiting = view.file.shown, view.file.waiting
    sentences = [f"{view.file.plan.title}（{view.state}，第 {shown.version} 版计划）：{view.summary}"]
    if waiting:
        sentences.append(
            f"第 {waiting.version} 版计划等业委会通过，总额 {format_yuan(waiting.plan.total)} 元，{waiting.recorded_by}登记"
        )
    sentences += [
        f"{row.name} 约定 {format_yuan(row.agreed)} 元，已到账 {format_yuan(row.received)} 元，已支付 {format_yuan(row.paid)} 元"
        for row in view.sources
    ]
    sentences += [
        f"节点 {row.code} {row.title} 约定 {format_yuan(row.planned)} 元，已列支 {format_yuan(row.cost)} 元，"
        f"已付 {format_yuan(row.paid)} 元，{f'{row.accepted_on} 验收' if row.accepted_on else '未验收'}"
        for row in view.milestones
    ]
    sentences += [
        f"限定用途资金 {row.grant.code} {row.grant.title} 到账 {format_yuan(row.received)} 元，还剩 {format_yuan(row.left)} 元"
        for row in view.grants
    ]
    data = {
        "project": code,
        "state": view.file.state,
        "version": shown.version,
        "waiting": waiting.version if waiting else None,
        "sources": [msgspec.to_builtins(row) for row in view.sources],
        "milestones": [msgspec.to_builtins(row) for row in view.milestones],
        "grants": [
            {"grant": r.grant.code, "received": r.received, "paid": r.paid, "left": r.left}
            for r in view.grants
        ],
    }
    answer(as_json, data, *sentences)


@project.command("parts", cls=ChineseCommand, help="业主部分每户分摊多少；计划通过前是试算。")
@click.argument("code", metavar="项目编号")
@with_trust
@with_json
def parts(code: str, slug: str | None, as_json: bool) -> None:
    """Print what each home bears."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        file = project_file(conn, desk.trust_id, code)
        rows = kept_parts(conn, desk.trust_id, code, file.shown.version)
        kept = bool(rows)
        rows = rows or preview_parts(conn, desk.trust_id, file.plan, desk.act())
        paid = paid_in_by_unit(conn, desk.trust_id, code)
    data = {
        "kept": kept,
        "total": sum(row.amount for row in rows),
        "units": [{"unit": r.unit, "amount": r.amount, "paid": paid.get(r.unit, 0)} for r in rows],
    }
    sentences = [
        f"{r.unit} 分摊 {format_yuan(r.amount)} 元，已交 {format_yuan(paid.get(r.unit, 0))} 元" for r in rows
    ]
    total = format_yuan(sum(row.amount for row in rows))
    answer(as_json, data, *sentences, f"{len(rows)} 户合计 {total} 元{'' if kept else '（试算）'}。")


@project.command("need", cls=ChineseCommand, help="登记一项需求。")
@click.argument("title", metavar="需求")
@click.option("--place", required=True, metavar="地点", help="写到楼栋")
@click.option("--homes", required=True, type=int, metavar="户数", help="涉及多少户")
@click.option("--urgency", type=click.Choice(list(URGENCY)), default="normal", help="紧急程度")
@click.option("--reporter", type=click.Choice(list(REPORTERS)), default="residents", help="谁提出")
@with_account
@with_trust
@with_json
def need(
    title: str,
    place: str,
    homes: int,
    urgency: str,
    reporter: str,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Record a need."""
    desk = open_desk(slug)
    with acting_as(desk, sign_in(desk, account), "project.need", title[:60]) as at:
        made = Need(title, place, homes, urgency, reporter)
        no = record_need(at.conn, at.trust_id, made, at.actor, at.act)
    answer(as_json, {"need": no}, f"已登记需求第 {no} 号。")


@project.command("resource", cls=ChineseCommand, help="登记一项资源。")
@click.argument("title", metavar="名目")
@click.option("--source", required=True, type=click.Choice(list(SOURCES)), help="来源")
@click.option("--giver", required=True, metavar="出资方", help="单位全称，会公开")
@click.option("--amount", default="0", metavar="金额", help="元")
@click.option("--state", type=click.Choice(list(RESOURCE_STATES)), default="possible", help="进展")
@click.option("--paper", "number", default="", metavar="文号", help="已承诺的须写")
@with_account
@with_trust
@with_json
def resource(
    title: str,
    source: str,
    giver: str,
    amount: str,
    state: str,
    number: str,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Record a resource."""
    desk = open_desk(slug)
    with acting_as(desk, sign_in(desk, account), "project.prepare", title[:60]) as at:
        made = Resource(source, giver, title, parse_yuan(amount), state, number)
        no = record_resource(at.conn, at.trust_id, made, at.actor, at.act)
    answer(as_json, {"resource": no}, f"已登记资源第 {no} 号。")


@project.command(
    "plan", cls=ChineseCommand, help="从 JSON 文件登记项目计划（样例见 docs/project-plan.example.json）。"
)
@click.argument("file", type=FILE, metavar="文件")
@with_account
@with_trust
@with_json
def plan(file: Path, account: str, slug: str | None, as_json: bool) -> None:
    """Draft a plan."""
    desk = open_desk(slug)
    try:
        made = msgspec.json.decode(file.read_bytes(), type=Plan)
    except msgspec.DecodeError as error:
        raise refuse("bad_file", f"文件不是项目计划：{error}", file.name) from error
    with acting_as(desk, sign_in(desk, account), "project.prepare", made.project) as at:
        version = draft_plan(at.conn, at.trust_id, made, at.actor, at.act)
    data = {"project": made.project, "version": version}
    answer(as_json, data, f"项目 {made.project} 第 {version} 版计划已登记，等业委会通过。")

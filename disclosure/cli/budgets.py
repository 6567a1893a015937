"""``budget``: budgets from the shell: drawn up from a sheet, on notice, answered, approved, and what is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from disclosure.cli.acting import Acting, acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from ledger.budget.available import lines_in_force
from ledger.budget.codes import parse_budget_name
from ledger.budget.comments import answer as answer_comment
from ledger.budget.course import adopt, give_notice, send_back, withdraw
from ledger.budget.drafting import open_draft, save_lines
from ledger.budget.lines import KINDS
from ledger.budget.read import list_versions, read_comments, read_lines, read_version
from ledger.budget.report import STANDINGS, standings
from ledger.budget.sheet import lines_from_sheet
from ledger.budget.value import Key, Version
from ledger.chart import FUNDS
from ledger.errors import refuse
from ledger.money import format_yuan
from ledger.store.engine import reading

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("budget", cls=ChineseGroup, help="预算：编制、公示、答复、批准，各行还剩多少。")
def budget() -> None:
    """The group."""


def _key(name: str, version: int | None, versions: list[Version]) -> Key:
    """The version named, by default the newest. Raises :class:`~ledger.errors.Refused`."""
    parsed = parse_budget_name(name)
    found = [v.key for v in versions if parsed == (v.key.year, v.key.fund)]
    if version is not None:
        found = [key for key in found if key.version == version]
    if not found:
        raise refuse("unknown_budget", f"没有预算“{name}”，写法如 2026-F1；有哪些见 budget list", "预算")
    return found[0]


@budget.command("list", cls=ChineseCommand, help="列出各年、各资金的预算和状态。")
@with_trust
@with_json
def list_(slug: str | None, as_json: bool) -> None:
    """Print all versions."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        versions = list_versions(conn, desk.trust_id)
        at = standings(conn, desk.trust_id, versions, desk.act().today)
    rows = [
        {
            "budget": v.key.name,
            "version": v.key.version,
            "state": at[v.key],
            "notice_ends_on": v.notice.ends_on if v.notice else None,
            "effective_on": v.adopted.effective_on if v.adopted else None,
            "decision": v.adopted.decision if v.adopted else "",
        }
        for v in versions
    ]
    sentences = [
        f"{v.key.name} {FUNDS[v.key.fund].name} 第 {v.key.version} 版：{STANDINGS[at[v.key]]}"
        for v in versions
    ]
    answer(as_json, {"budgets": rows}, *(sentences or ["还没有编过预算。"]))


@budget.command("left", cls=ChineseCommand, help="今年生效的各行还剩多少。")
@with_trust
@with_json
def left(slug: str | None, as_json: bool) -> None:
    """Print what each line has left."""
    desk = open_desk(slug)
    today = desk.act().today
    with reading(desk.engine) as conn:
        lines = lines_in_force(conn, desk.trust_id, today, {today.year})
    rows = [
        {
            "line": line.code,
            "title": line.title,
            "budgeted": line.budgeted,
            "encumbered": line.encumbered,
            "actual": line.actual,
            "left": line.left,
        }
        for line in lines
    ]
    sentences = [
        f"{line.code} {line.title}：预算 {format_yuan(line.budgeted)}，已入账 {format_yuan(line.actual)}，"
        f"在途 {format_yuan(line.encumbered)}，还剩 {format_yuan(line.left)} 元"
        for line in lines
    ]
    answer(as_json, {"lines": rows}, *(sentences or ["今年没有生效的预算。"]))


@budget.command("show", cls=ChineseCommand, help="看一份预算的各行和意见。")
@click.argument("name", metavar="预算")
@click.option("--version", type=int, metavar="版", help="第几版（默认最新）")
@with_trust
@with_json
def show(name: str, version: int | None, slug: str | None, as_json: bool) -> None:
    """Print one version."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        key = _key(name, version, list_versions(conn, desk.trust_id))
        found = read_version(conn, desk.trust_id, key)
        lines = read_lines(conn, desk.trust_id, key, found.fixed)
        comments = read_comments(conn, desk.trust_id, key)
    data = {
        "budget": key.name,
        "version": key.version,
        "state": found.state,
        "lines": [
            {"line": x.code, "kind": x.kind, "title": x.title, "basis": x.basis, "amount": x.amount}
            for x in lines
        ],
        "comments": [
            {"no": c.no, "line": c.line, "text": c.text, "answers": [a.text for a in c.answers]}
            for c in comments
        ],
    }
    sentences = [f"{x.code} {KINDS[x.kind]} {x.title}：{x.basis}" for x in lines]
    sentences += [f"意见 {c.no}：{c.text}（{'已答复' if c.answers else '没有答复'}）" for c in comments]
    answer(as_json, data, *(sentences or ["还没有一行。"]))


Step = Callable[[Acting, Key], tuple[dict[str, Any], str]]


def _run(slug: str | None, as_json: bool, account: str, action: str, name: str, step: Step) -> None:
    """One step of the newest version of a budget, in somebody's name."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, action, f"预算 {name}") as at:
        key = _key(name, None, list_versions(at.conn, at.trust_id))
        data, said = step(at, key)
    desk.sign()
    answer(as_json, {"budget": key.name, "version": key.version, **data}, said)


@budget.command("open", cls=ChineseCommand, help="开始编制或调整一份预算，如 2026-F1。")
@click.argument("name", metavar="预算")
@click.option("--reason", default="", metavar="原因", help="调整原因，会公开；新编的不写")
@with_account
@with_trust
@with_json
def open_(name: str, reason: str, account: str, slug: str | None, as_json: bool) -> None:
    """Begin a version."""
    desk = open_desk(slug)
    parsed = parse_budget_name(name)
    if parsed is None:
        raise refuse("bad_budget_name", f"读不懂“{name}”，请写成 2026-F1 的样子", "预算")
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "budget.prepare", f"预算 {name}") as at:
        key = open_draft(at.conn, at.trust_id, *parsed, reason=reason, actor=at.actor, act=at.act)
    answer(as_json, {"budget": key.name, "version": key.version}, f"{name} 第 {key.version} 版已开始编制。")


@budget.command("lines", cls=ChineseCommand, help="用表格（XLSX、CSV）里的各行换掉草稿里的各行。")
@click.argument("name", metavar="预算")
@click.argument("file", type=FILE, metavar="文件")
@with_account
@with_trust
@with_json
def lines_(name: str, file: Path, account: str, slug: str | None, as_json: bool) -> None:
    """Save the lines of a sheet."""

    def step(at: Acting, key: Key) -> tuple[dict[str, Any], str]:
        lines = lines_from_sheet(file.read_bytes(), file.name)
        revision = save_lines(at.conn, at.trust_id, key, lines, at.actor, at.act)
        return {
            "lines": len(lines),
            "revision": revision,
        }, f"已保存 {len(lines)} 行（第 {revision} 次保存）。"

    _run(slug, as_json, account, "budget.prepare", name, step)


@budget.command("notice", cls=ChineseCommand, help="公示一份草稿。")
@click.argument("name", metavar="预算")
@click.option("--overrun", default="", metavar="说明", help="支出超过收入加结余时，缺口怎样解决，会公开")
@click.option(
    "--revision", type=int, metavar="次", help="核对过的是第几次保存（budget lines 会说）；不写即最新一次"
)
@with_account
@with_trust
@with_json
def notice(
    name: str, overrun: str, revision: int | None, account: str, slug: str | None, as_json: bool
) -> None:
    """Put a draft on notice."""

    def step(at: Acting, key: Key) -> tuple[dict[str, Any], str]:
        ends_on = give_notice(
            at.conn, at.trust_id, key, revision=revision, overrun=overrun, actor=at.actor, act=at.act
        )
        return {"ends_on": ends_on}, f"已公示，到 {ends_on} 为止。"

    _run(slug, as_json, account, "budget.notice", name, step)


@budget.command("answer", cls=ChineseCommand, help="答复一条业主意见，会公开。")
@click.argument("name", metavar="预算")
@click.argument("number", type=int, metavar="意见号")
@click.argument("text", metavar="答复")
@with_account
@with_trust
@with_json
def reply(name: str, number: int, text: str, account: str, slug: str | None, as_json: bool) -> None:
    """Answer a comment."""

    def step(at: Acting, key: Key) -> tuple[dict[str, Any], str]:
        answer_comment(at.conn, at.trust_id, key, number, text, actor=at.actor, act=at.act)
        return {"comment": number}, f"已答复第 {number} 条意见。"

    _run(slug, as_json, account, "budget.answer", name, step)


@budget.command("adopt", cls=ChineseCommand, help="批准一份公示期满的预算，使其生效。")
@click.argument("name", metavar="预算")
@click.argument("decision", metavar="依据")
@click.option("--from", "effective_on", type=_DAY, metavar="日期", help="生效日（默认今天）")
@with_account
@with_trust
@with_json
def adopt_(
    name: str, decision: str, effective_on: datetime | None, account: str, slug: str | None, as_json: bool
) -> None:
    """Put a version in force."""

    def step(at: Acting, key: Key) -> tuple[dict[str, Any], str]:
        day = effective_on.date() if effective_on else at.act.today
        seq = adopt(
            at.conn, at.trust_id, key, decision=decision, effective_on=day, actor=at.actor, act=at.act
        )
        return {"effective_on": day, "place": seq}, f"已批准，自 {day} 起生效，写入公开日志第 {seq + 1} 条。"

    _run(slug, as_json, account, "budget.adopt", name, step)


@budget.command("return", cls=ChineseCommand, help="把公示中的预算退回修改。")
@click.argument("name", metavar="预算")
@click.argument("reason", metavar="原因")
@with_account
@with_trust
@with_json
def back(name: str, reason: str, account: str, slug: str | None, as_json: bool) -> None:
    """Take a version off notice."""

    def step(at: Acting, key: Key) -> tuple[dict[str, Any], str]:
        send_back(at.conn, at.trust_id, key, reason, actor=at.actor, act=at.act)
        return {}, "已退回修改。"

    _run(slug, as_json, account, "budget.notice", name, step)


@budget.command("withdraw", cls=ChineseCommand, help="撤销草稿或公示中的预算。")
@click.argument("name", metavar="预算")
@click.argument("reason", metavar="原因")
@with_account
@with_trust
@with_json
def give_up(name: str, reason: str, account: str, slug: str | None, as_json: bool) -> None:
    """Give a version up."""

    def step(at: Acting, key: Key) -> tuple[dict[str, Any], str]:
        withdraw(at.conn, at.trust_id, key, reason, actor=at.actor, act=at.act)
        return {}, "已撤销。"

    _run(slug, as_json, account, "budget.notice", name, step)


COMMANDS = (budget,)

"""``project adopt``, ``accept``, ``evaluate``, ``final``: what the owners' committee does, from the shell."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from disclosure.cli.projects import DAY, day_of, paper, project
from ledger.money import format_yuan
from ledger.projects.course import accept_milestone, evaluate
from ledger.projects.file import project_file
from ledger.projects.final import final_value, final_values, publish_final
from ledger.projects.plans import adopt_plan
from ledger.store.engine import reading


@project.command("adopt", cls=ChineseCommand, help="业委会通过项目计划的最新一版。")
@click.argument("code", metavar="项目编号")
@click.option(
    "--version", type=int, required=True, metavar="版次", help="您看过的那一版（project show 会列出）"
)
@with_account
@with_trust
@with_json
def adopt(code: str, version: int, account: str, slug: str | None, as_json: bool) -> None:
    """Adopt a plan."""
    desk = open_desk(slug)
    with acting_as(desk, sign_in(desk, account), "project.decide", code) as at:
        version = adopt_plan(at.conn, at.trust_id, code, at.actor, at.act, version=version)
    answer(as_json, {"project": code, "version": version}, f"已通过项目 {code} 第 {version} 版计划。")


@project.command("accept", cls=ChineseCommand, help="业委会验收一个付款节点，附签字的验收单。")
@click.argument("code", metavar="项目编号")
@click.argument("milestone", metavar="节点")
@click.option("--file", "file", required=True, type=FILE, metavar="文件", help="验收单扫描件")
@click.option("--on", type=DAY, metavar="日期", help="验收日期（默认今天）")
@with_account
@with_trust
@with_json
def accept(
    code: str, milestone: str, file: Path, on: datetime | None, account: str, slug: str | None, as_json: bool
) -> None:
    """Accept a milestone."""
    desk = open_desk(slug)
    with acting_as(desk, sign_in(desk, account), "project.accept", f"{code} {milestone}") as at:
        scan = paper(at, desk.config.documents_dir, file, "acceptance")
        accept_milestone(
            at.conn,
            at.trust_id,
            code,
            milestone,
            document=scan.original,
            on=day_of(on, at),
            actor=at.actor,
            act=at.act,
        )
    answer(as_json, {"project": code, "milestone": milestone}, f"项目 {code} 节点 {milestone} 已验收。")


@project.command("evaluate", cls=ChineseCommand, help="登记住户评价：满意、一般、不满意各多少户。")
@click.argument("code", metavar="项目编号")
@click.argument("satisfied", type=int, metavar="满意")
@click.argument("fair", type=int, metavar="一般")
@click.argument("unsatisfied", type=int, metavar="不满意")
@click.option("--on", type=DAY, metavar="日期", help="评价日期（默认今天）")
@click.option("--note", default="", metavar="说明", help="会公开")
@with_account
@with_trust
@with_json
def evaluate_(
    code: str,
    satisfied: int,
    fair: int,
    unsatisfied: int,
    on: datetime | None,
    note: str,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Record an evaluation."""
    desk = open_desk(slug)
    with acting_as(desk, sign_in(desk, account), "project.accept", code) as at:
        evaluate(
            at.conn,
            at.trust_id,
            code,
            satisfied=satisfied,
            fair=fair,
            unsatisfied=unsatisfied,
            on=day_of(on, at),
            note=note,
            actor=at.actor,
            act=at.act,
        )
    answer(as_json, {"project": code}, f"项目 {code} 的评价已登记。")


@project.command("final", cls=ChineseCommand, help="竣工决算；加 --as 就公布并关闭项目，不写只试算。")
@click.argument("code", metavar="项目编号")
@click.option("--note", default="", metavar="说明", help="会公开")
@click.option("--as", "account", metavar="账号", help="以谁的名义公布（会问密码和动态码）")
@with_trust
@with_json
def final(code: str, note: str, account: str | None, slug: str | None, as_json: bool) -> None:
    """Print the final account, or publish it."""
    desk = open_desk(slug)
    if account is not None:
        with acting_as(desk, sign_in(desk, account), "project.decide", code) as at:
            place = publish_final(at.conn, at.trust_id, code, note=note, actor=at.actor, act=at.act)
        desk.sign()
        answer(as_json, {"project": code, "seq": place}, f"项目 {code} 的竣工决算已公布，项目不再支出。")
        return
    with reading(desk.engine) as conn:
        file = project_file(conn, desk.trust_id, code)
        value = final_values(conn, desk.trust_id, [code]).get(code) if file.final else None
        value = value or final_value(conn, desk.trust_id, file, note)
    more = value["difference"]
    compared = f"{'超出' if more > 0 else '节约'} {format_yuan(abs(more))} 元" if more else "与计划相同"
    answer(
        as_json,
        {"published": file.final is not None, "account": value},
        f"{value['title']}{'' if file.final else '（试算）'}：计划 {format_yuan(value['planned'])} 元，"
        f"实际 {format_yuan(value['cost'])} 元，{compared}。",
        f"已付 {format_yuan(value['paid'])} 元，未付 {format_yuan(value['unpaid'])} 元，结余 {format_yuan(value['remainder'])} 元。",
    )


COMMANDS = (project,)

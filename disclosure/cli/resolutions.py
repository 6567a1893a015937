"""``resolutions``: what is put to the owners, from the draft to the opening of the vote."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from disclosure.cli import ballots, decisions, recounting
from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from disclosure.cli.scans import keep_paper, read_toml
from ledger.errors import refuse
from ledger.resolutions.course import MOVERS, draft_resolution, give_notice, record_motion, redraft, withdraw
from ledger.resolutions.opening import open_vote
from ledger.resolutions.read import list_decisions, list_resolutions, read_resolution
from ledger.resolutions.turnout import participation
from ledger.resolutions.value import Draft, Motion, Notice
from ledger.resolutions.words import percent, result_sentence, square
from ledger.store.engine import reading

_DAY = click.DateTime(["%Y-%m-%d"])
_SCAN = click.option("--scan", type=FILE, metavar="文件", help="扫描件或照片（图片、PDF）")
_NUMBER = click.argument("number", metavar="编号")


@click.group(
    "resolutions", cls=ChineseGroup, help="业主共同决定：拟订、提议、通知、表决、计票、公布、重新计票。"
)
def resolutions() -> None:
    """The group."""


@resolutions.command("list", cls=ChineseCommand, help="列出表决和决定，新的在前。")
@click.option("--limit", default=50, show_default=True, help="最多几项")
@with_trust
@with_json
def list_(limit: int, slug: str | None, as_json: bool) -> None:
    """Print both."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        held = list_resolutions(conn, desk.trust_id, limit=limit)
        decided = list_decisions(conn, desk.trust_id, limit=limit)
    data = {
        "resolutions": [{"number": row.number, "title": row.title, "stage": row.stage} for row in held],
        "decisions": [
            {
                "number": row.number,
                "title": row.title,
                "matter": row.matter,
                "passed": row.passed,
                "source": row.source,
                "effective_on": row.effective_on.isoformat(),
            }
            for row in decided
        ],
    }
    answer(
        as_json,
        data,
        *(f"表决 {row.number} {row.title}：{row.stage_name}" for row in held),
        *(
            f"决定 {row.number} {row.title}：{'通过' if row.passed else '没有通过'}，{row.source_name}"
            for row in decided
        ),
    )


@resolutions.command("show", cls=ChineseCommand, help="一项表决办到哪一步、多少人参与；公布后显示结果。")
@_NUMBER
@with_trust
@with_json
def show(number: str, slug: str | None, as_json: bool) -> None:
    """Print how far it is. The count is told once it is published."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        file = read_resolution(conn, desk.trust_id, number)
        turnout = participation(conn, desk.trust_id, number) if file.roll else None
    data: dict[str, Any] = {"number": number, "title": file.state.draft.title, "stage": file.stage}
    sentences = [f"{number} {file.state.draft.title}：{file.state.stage_name}"]
    if file.roll and turnout:
        data["roll"] = {"root": file.roll.root, **file.roll.total._asdict()}
        data["took_part"] = turnout.took_part._asdict()
        area = percent(turnout.took_part.area, turnout.total.area)
        people = percent(turnout.took_part.people, turnout.total.people)
        sentences.append(
            f"名册 {file.roll.total.people} 人、{square(file.roll.total.area)}，哈希 {file.roll.root}"
        )
        sentences.append(f"已参与 {area} 面积 / {people} 人数，选票 {turnout.ballots} 张")
    if file.result and file.stage == "published":
        data["result"] = file.result.to_value()
        sentences += [f"{item.title}：{result_sentence(item)}" for item in file.result.items]
    answer(as_json, data, *sentences)


@resolutions.command("draft", cls=ChineseCommand, help="按 TOML 文件拟订一项表决；给出编号就是修改草案。")
@click.argument("file", type=FILE, metavar="文件.toml")
@click.option("--number", metavar="编号", help="修改哪一项草案")
@with_account
@with_trust
@with_json
def draft_(file: Path, number: str | None, account: str, slug: str | None, as_json: bool) -> None:
    """Keep a draft, or a new version of one."""
    desk = open_desk(slug)
    typed = read_toml(file)
    papers = typed.pop("documents", [])
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.draft", number or str(typed.get("title", ""))[:60]) as at:
        typed["documents"] = [
            {
                "title": paper["title"],
                "digest": keep_paper(desk, at, file.parent / paper["file"], paper["title"]),
            }
            for paper in papers
        ]
        try:
            draft = msgspec.convert(typed, Draft)
        except msgspec.ValidationError as error:
            raise refuse("bad_toml", f"{file.name} 的内容不对：{error}", file.name) from error
        if number:
            redraft(at.conn, at.trust_id, number, draft, actor, at.act)
        else:
            number = draft_resolution(at.conn, at.trust_id, draft, actor, at.act)
    answer(as_json, {"number": number}, f"草案已存，编号 {number}。下一步：登记提议（resolutions motion）。")


@resolutions.command("motion", cls=ChineseCommand, help="登记提议：业主委员会，或联名的业主（--by owners）。")
@_NUMBER
@click.option(
    "--by",
    type=click.Choice(list(MOVERS)),
    default="committee",
    metavar="谁",
    help="committee 业主委员会，owners 业主联名",
)
@click.option("--on", type=_DAY, metavar="日期", help="提议的日子（默认今天）")
@click.option("--units", type=FILE, metavar="文件", help="联名业主的房号，一行一个")
@_SCAN
@with_account
@with_trust
@with_json
def motion(
    number: str,
    by: str,
    on: datetime | None,
    units: Path | None,
    scan: Path | None,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Record who asks for the vote."""
    desk = open_desk(slug)
    homes = tuple(dict.fromkeys(units.read_text(encoding="utf-8").split())) if units else ()
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.draft", number) as at:
        digest = keep_paper(desk, at, scan, "业主联名提议")
        moved_on = on.date() if on else at.act.today
        count = record_motion(
            at.conn, at.trust_id, number, Motion(by, moved_on, homes, digest), actor, at.act
        )
    said = f"，{count.moved.people} 人、{square(count.moved.area)}" if by == "owners" else ""
    answer(
        as_json,
        {"number": number, "moved": count.moved._asdict(), "of": count.total._asdict()},
        f"已登记{MOVERS[by]}的提议{said}。",
    )


@resolutions.command("notice", cls=ChineseCommand, help="今天通知全体业主：从哪天起、到哪天止表决。")
@_NUMBER
@click.option("--opens", type=_DAY, required=True, metavar="日期", help="表决的第一天")
@click.option("--closes", type=_DAY, required=True, metavar="日期", help="表决的最后一天")
@click.option("--how", required=True, metavar="方式", help="怎样通知，如公告栏、逐户送达")
@click.option("--neighbourhood", required=True, metavar="说明", help="怎样告知居民委员会")
@_SCAN
@with_account
@with_trust
@with_json
def notice(
    number: str,
    opens: datetime,
    closes: datetime,
    how: str,
    neighbourhood: str,
    scan: Path | None,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Tell the owners."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.draft", number) as at:
        digest = keep_paper(desk, at, scan, "表决通知")
        told = Notice(opens.date(), closes.date(), how, neighbourhood, digest)
        give_notice(at.conn, at.trust_id, number, told, actor, at.act)
    answer(as_json, {"number": number}, f"已登记通知，{opens.date()} 开始表决，{closes.date()} 截止。")


@resolutions.command("withdraw", cls=ChineseCommand, help="表决开始以前撤回。")
@_NUMBER
@click.option("--note", required=True, metavar="原因", help="为什么撤回，会公开")
@with_account
@with_trust
@with_json
def withdraw_(number: str, note: str, account: str, slug: str | None, as_json: bool) -> None:
    """Call it off."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.draft", number) as at:
        withdraw(at.conn, at.trust_id, number, note, actor, at.act)
    answer(as_json, {"number": number}, f"{number} 已撤回。")


@resolutions.command(
    "open", cls=ChineseCommand, help="开始表决：冻结名册，公布名册的哈希和总数。只有业委会主任能办。"
)
@_NUMBER
@click.option("--include-unknown", is_flag=True, help="没有登记业主的房屋也列入名册，各算一人")
@with_account
@with_trust
@with_json
def open_(number: str, include_unknown: bool, account: str, slug: str | None, as_json: bool) -> None:
    """Freeze the roll."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.open", number) as at:
        roll = open_vote(at.conn, at.trust_id, number, actor, at.act, include_unknown=include_unknown)
    desk.sign()
    answer(
        as_json,
        {"number": number, "root": roll.root, "units": roll.units, **roll.total._asdict()},
        f"名册已冻结：{roll.total.people} 人、{roll.units} 套、{square(roll.total.area)}。",
        f"名册哈希 {roll.root}，已写入公开日志。",
    )


for _command in (*ballots.COMMANDS, *recounting.COMMANDS, *decisions.COMMANDS):
    resolutions.add_command(_command)

COMMANDS = (resolutions,)

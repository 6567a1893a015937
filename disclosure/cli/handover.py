"""``handover``: the change of a trustee, step by step, from the shell."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

import click

from disclosure.cli.acting import Acting, acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, Desk, answer, open_desk, with_json, with_trust
from ledger.documents.upload import Paper, upload
from ledger.errors import refuse
from ledger.handover.course import REASONS, begin_handover, cancel, check_item, complete, freeze, sign
from ledger.handover.read import OUTCOMES, PARTIES, handover_items, read_handover
from ledger.store.engine import reading
from ledger.trust import Deed
from ledger.trust.tenure import Tenure

_DAY = click.DateTime(["%Y-%m-%d"])
_SCAN = click.option("--scan", type=FILE, metavar="文件", help="扫描件（图片或 PDF）")


@click.group("handover", cls=ChineseGroup, help="受托人移交：冻结、清点、三方签收、接任。")
def handover() -> None:
    """The group."""


@handover.command("status", cls=ChineseCommand, help="移交办到哪一步，还缺什么。")
@with_trust
@with_json
def status(slug: str | None, as_json: bool) -> None:
    """How far it is."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        file = read_handover(conn, desk.trust_id)
    if file is None:
        answer(as_json, {"stage": None}, "没有办理过移交。")
        return
    left = [item.name for item in file.uncounted] if file.state.frozen else []
    unsigned = file.unsigned if file.state.frozen else []
    snapshot = file.snapshot
    answer(
        as_json,
        {
            "stage": file.state.stage,
            "incoming": file.state.incoming,
            "digest": snapshot.digest if snapshot else None,
            "size": snapshot.size if snapshot else None,
            "uncounted": left,
            "unsigned": unsigned,
        },
        f"{file.state.outgoing} → {file.state.incoming}：{file.stage_name}",
        *([f"还没清点：{'、'.join(handover_items()[name].title for name in left)}"] if left else []),
        *([f"还没签收：{'、'.join(PARTIES[name] for name in unsigned)}"] if unsigned else []),
    )


@handover.command("begin", cls=ChineseCommand, help="发起移交。")
@click.argument("incoming", metavar="接任受托人")
@click.option("--reason", type=click.Choice(list(REASONS)), required=True, metavar="原因", help="、".join(f"{k} {v}" for k, v in REASONS.items()))  # fmt: skip
@click.option("--authority", required=True, metavar="决议号", help="选聘决议号")
@click.option("--planned", type=_DAY, required=True, metavar="日期", help="计划交接日")
@with_account
@with_trust
@with_json
def begin(
    incoming: str,
    reason: str,
    authority: str,
    planned: datetime,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Announce it."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "handover.begin", incoming[:60]) as office:
        no = begin_handover(
            office.conn,
            desk.trust_id,
            incoming=incoming,
            reason=reason,
            authority=authority,
            planned_on=planned.date(),
            actor=actor,
            act=office.act,
        )
    answer(as_json, {"handover": no}, "移交已发起；账簿还没有冻结。")


@handover.command("freeze", cls=ChineseCommand, help="冻结账簿，取余额快照；再办一次就是重新清点。")
@with_account
@with_trust
@with_json
def freeze_(account: str, slug: str | None, as_json: bool) -> None:
    """Freeze and count."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "handover.freeze") as office:
        digest = freeze(office.conn, desk.trust_id, actor, office.act)
    answer(as_json, {"digest": digest}, f"账簿已冻结，快照指纹 {digest}")


@handover.command("check", cls=ChineseCommand, help="登记一项清点结果。")
@click.argument("item", type=click.Choice(list(handover_items())), metavar="项目")
@click.option(
    "--outcome",
    type=click.Choice(list(OUTCOMES)),
    required=True,
    metavar="结果",
    help="agreed 相符，difference 有差异",
)
@click.option("--note", default="", metavar="说明", help="有差异的必填")
@_SCAN
@with_account
@with_trust
@with_json
def check(
    item: str, outcome: str, note: str, scan: Path | None, account: str, slug: str | None, as_json: bool
) -> None:
    """Record a finding."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    title = handover_items()[item].title
    with acting_as(desk, actor, "handover.check", item) as office:
        document = _keep(desk, office, scan, title)
        check_item(
            office.conn,
            desk.trust_id,
            item,
            outcome=outcome,
            note=note,
            document=document,
            actor=actor,
            act=office.act,
        )
    answer(as_json, {"item": item, "outcome": outcome}, f"{title}：{OUTCOMES[outcome]}，已登记。")


@handover.command("sign", cls=ChineseCommand, help="签收：本人登录，或登记纸上签字的扫描件。")
@click.argument("party", type=click.Choice(list(PARTIES)), metavar="签收方")
@click.option("--name", default="", metavar="姓名", help="纸上签字的人")
@_SCAN
@with_account
@with_trust
@with_json
def sign_(party: str, name: str, scan: Path | None, account: str, slug: str | None, as_json: bool) -> None:
    """Sign for a party."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "handover.sign", party) as office:
        document = _keep(desk, office, scan, f"移交清册签字页（{PARTIES[party]}）")
        counts = sign(
            office.conn, desk.trust_id, party, name=name, document=document, actor=actor, act=office.act
        )
    said = "已签收。" if counts else "的签字页已登记，等另一个人核对原件后用同一命令确认。"
    answer(as_json, {"party": party, "counts": counts}, f"{PARTIES[party]}{said}")


def _keep(desk: Desk, office: Acting, scan: Path | None, title: str) -> str:
    if scan is None:
        return ""
    paper = Paper(scan.read_bytes(), scan.name, "handover", title)
    kept = upload(office.conn, desk.trust_id, desk.config.documents_dir, paper, office.actor, office.act)
    return kept.original


@handover.command(
    "complete",
    cls=ChineseCommand,
    help="接任受托人上任。TOML 文件里写 [tenure] 新任期和 [deed] 信托文件新版。",
)
@click.argument("file", type=FILE, metavar="文件.toml")
@with_account
@with_trust
@with_json
def complete_(file: Path, account: str, slug: str | None, as_json: bool) -> None:
    """The new trustee takes over."""
    desk = open_desk(slug)
    try:
        typed = tomllib.loads(file.read_text(encoding="utf-8"))
        tenure = Tenure(**{"ends_on": None, **typed["tenure"]})
        deed = Deed(**typed["deed"])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, KeyError) as error:
        raise refuse("bad_toml", f"读不懂 {file.name}：{error}", file.name) from error
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "handover.complete", tenure.trustee[:60]) as office:
        complete(office.conn, desk.trust_id, tenure=tenure, deed=deed, actor=actor, act=office.act)
    answer(as_json, {"trustee": tenure.trustee}, f"移交完成，受托人已变更为{tenure.trustee}。")


@handover.command("cancel", cls=ChineseCommand, help="取消移交，账簿恢复办理。")
@click.option("--note", required=True, metavar="原因", help="原因和依据")
@with_account
@with_trust
@with_json
def cancel_(note: str, account: str, slug: str | None, as_json: bool) -> None:
    """Call it off."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "handover.complete", "取消") as office:
        cancel(office.conn, desk.trust_id, note=note, actor=actor, act=office.act)
    answer(as_json, {"stage": "cancelled"}, "移交已取消，账簿恢复办理。")


COMMANDS = (handover,)

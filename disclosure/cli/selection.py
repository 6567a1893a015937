"""``selection``: choosing, renewing and dismissing the trustee from the shell."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from disclosure.public.trustee_view import notice_view
from ledger.documents.upload import Paper, upload
from ledger.selection.course import open_selection, record_notice, rest_on_decision, withdraw
from ledger.selection.judging import add_candidate, close_points, give_points, set_criteria
from ledger.selection.read import KINDS, list_selections, read_selection
from ledger.store.engine import reading
from ledger.trust import load_setup
from ledger.trust.tenure import tenures

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("selection", cls=ChineseGroup, help="选聘、续聘、解聘受托人：候选、评分、通知、决定。")
def selection() -> None:
    """The group."""


@selection.command("list", cls=ChineseCommand, help="列出选聘事项，并算出法定通知期限。")
@with_trust
@with_json
def list_(slug: str | None, as_json: bool) -> None:
    """Print procedures."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        rows = list_selections(conn, desk.trust_id)
        versions = tenures(conn, desk.trust_id)
        setup = load_setup(conn, desk.trust_id)
    notices = notice_view(setup, versions[0].tenure if versions else None, desk.act().today)
    data = [
        {"selection": r.selection, "kind": r.kind, "stage": r.stage, "planned_on": r.planned_on.isoformat()}
        for r in rows
    ]
    lines = [f"第 {r.selection} 号 {r.kind_name} {r.title}：{r.stage_name}" for r in rows]
    answer(as_json, {"selections": data, "notices": notices}, *lines, *notices)


@selection.command("show", cls=ChineseCommand, help="看一件选聘事项和评分排名。")
@click.argument("number", type=int, metavar="编号")
@with_trust
@with_json
def show(number: int, slug: str | None, as_json: bool) -> None:
    """Print one procedure."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        file = read_selection(conn, desk.trust_id, number)
    names = {one.candidate: one.name for one in file.candidates}
    ranking = [{"rank": one.rank, "name": names[one.candidate], "score": one.shown} for one in file.ranking]
    answer(
        as_json,
        {
            "stage": file.stage,
            "decision": file.decision,
            "candidates": list(names.values()),
            "ranking": ranking,
        },
        f"{file.kind_name} {file.title}：{file.stage_name}",
        *(f"候选：{name}" for name in names.values()),
        *(f"第 {row['rank']} 名 {row['name']} {row['score']} 分" for row in ranking),
        *([f"依据：第 {file.decision} 号决定"] if file.decision else []),
    )


@selection.command("begin", cls=ChineseCommand, help="发起选聘、续聘或解聘。")
@click.argument("kind", type=click.Choice(list(KINDS)), metavar="事项")
@click.argument("title", metavar="名称")
@click.option("--planned", type=_DAY, required=True, metavar="日期", help="计划生效日")
@click.option("--reason", required=True, metavar="理由", help="会公开")
@with_account
@with_trust
@with_json
def begin(
    kind: str, title: str, planned: datetime, reason: str, account: str, slug: str | None, as_json: bool
) -> None:
    """Begin a procedure."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "selection.manage", "选聘解聘") as at:
        number = open_selection(
            at.conn,
            at.trust_id,
            kind=kind,
            title=title,
            reason=reason,
            planned_on=planned.date(),
            actor=at.actor,
            act=at.act,
        )
    answer(as_json, {"selection": number}, f"第 {number} 号“{title}”已发起。")


@selection.command("candidate", cls=ChineseCommand, help="把一家企业列入候选名单。")
@click.argument("number", type=int, metavar="编号")
@click.argument("name", metavar="企业全称")
@click.option("--text", default="", metavar="简介", help="会公开")
@with_account
@with_trust
@with_json
def candidate(number: int, name: str, text: str, account: str, slug: str | None, as_json: bool) -> None:
    """Put a company on the list."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "selection.manage", f"选聘 {number}") as at:
        place = add_candidate(
            at.conn, at.trust_id, number, name=name, statement=text, digest="", actor=at.actor, act=at.act
        )
    answer(as_json, {"candidate": place}, f"{name}已列入名单，第 {place} 家。")


@selection.command("criteria", cls=ChineseCommand, help="公布评分标准，如 报价=40 服务方案=60。")
@click.argument("number", type=int, metavar="编号")
@click.argument("rows", nargs=-1, required=True, metavar="项目=权重…")
@with_account
@with_trust
@with_json
def criteria(number: int, rows: tuple[str, ...], account: str, slug: str | None, as_json: bool) -> None:
    """Say what candidates are judged by."""
    desk = open_desk(slug)
    parsed = [_pair(text, "报价=40") for text in rows]
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "selection.manage", f"选聘 {number}") as at:
        set_criteria(at.conn, at.trust_id, number, parsed, at.actor)
    answer(as_json, {"criteria": len(parsed)}, "评分标准已公布。")


@selection.command("score", cls=ChineseCommand, help="给一家候选单位评分，如 1=90 2=85。")
@click.argument("number", type=int, metavar="编号")
@click.argument("candidate", type=int, metavar="候选")
@click.argument("points", nargs=-1, required=True, metavar="项目号=分…")
@with_account
@with_trust
@with_json
def score(
    number: int, candidate: int, points: tuple[str, ...], account: str, slug: str | None, as_json: bool
) -> None:
    """A judge's points."""
    desk = open_desk(slug)
    given = {_whole(place, "1=90"): value for place, value in (_pair(text, "1=90") for text in points)}
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "selection.score", f"选聘 {number}") as at:
        give_points(at.conn, at.trust_id, number, candidate, given, at.actor, at.act)
    answer(as_json, {"candidate": candidate}, "评分已登记。")


def _pair(text: str, example: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    return name, _whole(value, example)


def _whole(text: str, example: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise ValueError(f"读不懂“{text}”，请写成 {example} 的样子")
    return int(text)


@selection.command("rank", cls=ChineseCommand, help="截止评分，公布排名。")
@click.argument("number", type=int, metavar="编号")
@with_account
@with_trust
@with_json
def rank(number: int, account: str, slug: str | None, as_json: bool) -> None:
    """Close the points."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "selection.close", f"选聘 {number}") as at:
        close_points(at.conn, at.trust_id, number, at.actor, at.act)
    answer(as_json, {"selection": number}, "评分已截止，排名已公布。")


@selection.command("notice", cls=ChineseCommand, help="登记给现任受托人的书面通知。")
@click.argument("number", type=int, metavar="编号")
@click.option("--on", type=_DAY, required=True, metavar="日期", help="送达日")
@click.option("--leaves", type=_DAY, required=True, metavar="日期", help="终止服务日")
@click.option("--scan", type=FILE, required=True, metavar="文件", help="通知的扫描件（图片或 PDF）")
@with_account
@with_trust
@with_json
def notice(
    number: int,
    on: datetime,
    leaves: datetime,
    scan: Path,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Record the written notice."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "selection.manage", f"选聘 {number}") as at:
        paper = Paper(scan.read_bytes(), scan.name, "other", "给受托人的书面通知")
        kept = upload(at.conn, at.trust_id, desk.config.documents_dir, paper, at.actor, at.act)
        record_notice(
            at.conn,
            load_setup(at.conn, at.trust_id),
            number,
            noticed_on=on.date(),
            leaves_on=leaves.date(),
            digest=kept.original,
            actor=at.actor,
            act=at.act,
        )
    answer(as_json, {"leaves_on": f"{leaves:%Y-%m-%d}"}, f"书面通知已登记，服务到 {leaves:%Y-%m-%d}。")


@selection.command("decide", cls=ChineseCommand, help="登记选聘、续聘或解聘的业主共同决定。")
@click.argument("number", type=int, metavar="编号")
@click.argument("decision", metavar="决议号")
@with_account
@with_trust
@with_json
def decide(number: int, decision: str, account: str, slug: str | None, as_json: bool) -> None:
    """Name the decision."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "selection.manage", f"选聘 {number}") as at:
        rest_on_decision(at.conn, at.trust_id, number, decision, at.actor, at.act)
    answer(as_json, {"decision": decision}, f"依据：第 {decision} 号决定。")


@selection.command("withdraw", cls=ChineseCommand, help="撤回。")
@click.argument("number", type=int, metavar="编号")
@click.option("--note", required=True, metavar="原因", help="会公开")
@with_account
@with_trust
@with_json
def withdraw_(number: int, note: str, account: str, slug: str | None, as_json: bool) -> None:
    """Give a procedure up."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "selection.close", f"选聘 {number}") as at:
        withdraw(at.conn, at.trust_id, number, note, at.actor, at.act)
    answer(as_json, {"selection": number}, "已撤回。")


COMMANDS = (selection,)

"""``report``: record what was done with a published statement, and confirm reports for the owners' committee."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import answer, open_desk, with_json, with_trust
from disclosure.public.statement_acts import act_text
from disclosure.statements.waiting import open_statements
from disclosure.statements.words import statement_title
from ledger.errors import refuse
from ledger.periods.spans import Span, read_span, span_slug
from ledger.statements import (
    confirm_report,
    list_acts,
    list_versions,
    record_posting,
    record_report,
    withdraw_act,
)
from ledger.statements.acts import REPORTS
from ledger.store.engine import reading

_DAY = click.DateTime(["%Y-%m-%d"])
_SPAN = click.argument("span", metavar="期间")


@click.group("report", cls=ChineseGroup, help="报表发布以后：登记张贴、登记报告、业委会确认，看哪些逾期。")
def report() -> None:
    """The group."""


@report.command("due", cls=ChineseCommand, help="该发布而没有发布的报表，和发布以后又有更正的报表。")
@with_trust
@with_json
def due(slug: str | None, as_json: bool) -> None:
    """What waits to be published."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        found = open_statements(conn, desk.trust_id, desk.act().today)
    rows = [
        {
            "span": item.due.span.slug,
            "due_on": item.due.due_on.isoformat(),
            "late_days": item.due.late_days if item.due.over else 0,
            "closed": item.closed,
            "version": item.version,
            "corrections": item.corrections,
        }
        for item in found
    ]
    sentences = []
    for item in found:
        late = f"，已逾期 {item.due.late_days} 天" if item.due.over else ""
        state = (
            f"发布后有 {item.corrections} 笔更正"
            if item.version
            else "可以发布"
            if item.closed
            else "还没有结账"
        )
        sentences.append(f"{statement_title(item.due.span.code)}：期限 {item.due.due_on}{late}，{state}")
    answer(as_json, {"statements": rows}, *(sentences or ["没有该发布的报表。"]))


@report.command("list", cls=ChineseCommand, help="列出张贴和报告的登记。期间写成 2025-03、2025-Q1 或 2025。")
@click.argument("span", metavar="[期间]", required=False)
@with_trust
@with_json
def list_(span: str | None, slug: str | None, as_json: bool) -> None:
    """Print what was recorded."""
    desk = open_desk(slug)
    codes = [read_span(span).code] if span else None
    today = desk.act().today
    with reading(desk.engine) as conn:
        acts = list_acts(conn, desk.trust_id, codes)
    rows = [
        {
            "no": act.no,
            "span": span_slug(act.period),
            "version": act.version,
            "kind": act.kind,
            "on": act.on.isoformat(),
            "step": act.step,
        }
        for act in acts
    ]
    sentences = [f"第 {act.no} 条 {statement_title(act.period)} {act_text(act, today)}" for act in acts]
    answer(as_json, {"acts": rows}, *(sentences or ["没有登记。"]))


@report.command("posted", cls=ChineseCommand, help="登记张贴：贴在哪里，从哪天到哪天。")
@_SPAN
@click.option("--from", "first", type=_DAY, required=True, metavar="日期", help="张贴日期")
@click.option("--to", "last", type=_DAY, required=True, metavar="日期", help="张贴到哪天")
@click.option("--place", required=True, metavar="地点", help="如“东门公示栏”，会公开")
@click.option("--version", type=int, metavar="版次", help="不写为最新一版")
@with_account
@with_trust
@with_json
def posted(
    span: str,
    first: Any,
    last: Any,
    place: str,
    version: int | None,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Record a posting."""
    desk, wanted = open_desk(slug), read_span(span)
    start: date = first.date()
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "statement.act", wanted.slug) as on:
        number = _version(on.conn, on.trust_id, wanted, version)
        no = record_posting(
            on.conn, on.trust_id, wanted.code, number, start, last.date(), place, "", on.actor, on.act
        )
    answer(as_json, {"no": no}, f"已登记张贴（第 {no} 条）：{statement_title(wanted.code)}。")


@report.command(
    "made", cls=ChineseCommand, help="登记报告：向业主大会或业委会报告。由业委会成员确认后才算数。"
)
@_SPAN
@click.option(
    "--to", "to", type=click.Choice(list(REPORTS)), required=True, help="assembly 业主大会，committee 业委会"
)
@click.option("--on", "day", type=_DAY, required=True, metavar="日期", help="报告日期")
@click.option("--way", required=True, metavar="方式", help="如“会议当面报告”，会公开")
@click.option("--version", type=int, metavar="版次", help="不写为最新一版")
@with_account
@with_trust
@with_json
def made(
    span: str, to: str, day: Any, way: str, version: int | None, account: str, slug: str | None, as_json: bool
) -> None:
    """Record a report."""
    desk, wanted = open_desk(slug), read_span(span)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "statement.act", wanted.slug) as on:
        number = _version(on.conn, on.trust_id, wanted, version)
        no = record_report(
            on.conn, on.trust_id, wanted.code, number, to, day.date(), way, "", on.actor, on.act
        )
    answer(as_json, {"no": no}, f"已登记报告（第 {no} 条），等待业委会成员确认。")


@report.command(
    "confirm", cls=ChineseCommand, help="业委会成员确认收到报告；没有收到的用 --denied 并写明原因。"
)
@click.argument("no", type=int, metavar="编号")
@click.option("--denied", is_flag=True, help="没有收到")
@click.option("--note", default="", metavar="说明")
@with_account
@with_trust
@with_json
def confirm(no: int, denied: bool, note: str, account: str, slug: str | None, as_json: bool) -> None:
    """Confirm for the committee."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "statement.confirm", f"statement act {no}") as on:
        confirm_report(on.conn, on.trust_id, no, on.actor, on.act, received=not denied, note=note)
    answer(as_json, {"no": no}, "已注明没有收到报告。" if denied else "已确认收到报告。")


@report.command("withdraw", cls=ChineseCommand, help="撤回自己登记错的一条。")
@click.argument("no", type=int, metavar="编号")
@click.option("--note", required=True, metavar="原因")
@with_account
@with_trust
@with_json
def withdraw(no: int, note: str, account: str, slug: str | None, as_json: bool) -> None:
    """Take an act back."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "statement.act", f"statement act {no}") as on:
        withdraw_act(on.conn, on.trust_id, no, on.actor, on.act, note)
    answer(as_json, {"no": no}, f"第 {no} 条已撤回。")


def _version(conn: Any, trust_id: int, span: Span, version: int | None) -> int:
    if version is not None:
        return version
    versions = list_versions(conn, trust_id, period=span.code)
    if not versions:
        raise refuse("unknown_statement", f"{statement_title(span.code)}还没有发布，请先发布", "期间")
    return versions[0].version


COMMANDS = (report,)

"""``closing``: what blocks the closing of a month, asking for it, confirming it, by two people."""

from __future__ import annotations

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import answer, open_desk, with_json, with_trust
from ledger.periods import (
    blocking_items,
    closing_items,
    confirm_close,
    next_period,
    open_request,
    refuse_close,
    request_close,
    withdraw_close,
)
from ledger.periods.calendar import period_name
from ledger.store.engine import reading

_BOOK = click.option(
    "--book",
    type=click.Choice(["A", "M"]),
    default="A",
    show_default=True,
    help="账套：A 共有资金，M 维修资金",
)
_NO = click.argument("no", type=int, metavar="申请号")


@click.group("closing", cls=ChineseGroup, help="结账：检查、申请、另一个人确认。十二月连同年结。")
def closing() -> None:
    """All steps of closing a month."""


@closing.command("check", cls=ChineseCommand, help="看下一个要结的月份还缺什么。")
@_BOOK
@with_trust
@with_json
def check(book: str, slug: str | None, as_json: bool) -> int:
    """What stands in the way of the next month."""
    desk = open_desk(slug)
    act = desk.act()
    with reading(desk.engine) as conn:
        period = next_period(conn, desk.trust_id, book)
        items = closing_items(conn, desk.trust_id, book, period, act)
        waiting = open_request(conn, desk.trust_id, book)
    blocked = blocking_items(items)
    data = {
        "period": period,
        "request": waiting.no if waiting else None,
        "items": [{"name": item.name, "ok": item.ok, "finding": item.finding} for item in items],
    }
    sentences = [f"{'√' if item.ok else '×'} {item.name}：{item.finding}" for item in items]
    asked = f"第 {waiting.no} 号申请等待确认。" if waiting else ""
    answer(
        as_json,
        data,
        f"账套 {book} {period_name(period)}：还有 {len(blocked)} 项没有做好。{asked}",
        *sentences,
    )
    return 1 if blocked else 0


@closing.command("ask", cls=ChineseCommand, help="申请结账。月份写成 202503。")
@click.argument("period", type=int, metavar="月份")
@_BOOK
@click.option("--note", default="", metavar="说明", help="给审核人的说明")
@with_account
@with_trust
@with_json
def ask(period: int, book: str, note: str, account: str, slug: str | None, as_json: bool) -> None:
    """Ask for a month to be closed."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "period.request", f"{book} {period}") as on:
        no = request_close(on.conn, on.trust_id, book, period, on.actor, on.act, note)
    answer(as_json, {"no": no}, f"已申请{period_name(period)}结账，申请号 {no}，等待审核人确认。")


@closing.command("confirm", cls=ChineseCommand, help="确认结账，须是申请人以外的审核人。")
@_NO
@with_account
@with_trust
@with_json
def confirm(no: int, account: str, slug: str | None, as_json: bool) -> None:
    """Close what was asked for."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "period.close", f"close request {no}") as on:
        closed = confirm_close(on.conn, on.trust_id, no, on.actor, on.act)
    desk.sign()
    answer(
        as_json,
        {
            "period": closed.period.period,
            "size": closed.period.size,
            "entries": [p.ref for p in closed.entries],
        },
        f"{period_name(closed.period.period)}已结账，共 {closed.period.size} 笔。",
        *(f"年结凭证 {posted.ref}" for posted in closed.entries),
    )


@closing.command("refuse", cls=ChineseCommand, help="退回结账申请。")
@_NO
@click.option("--note", required=True, metavar="原因", help="为什么退回")
@with_account
@with_trust
@with_json
def refuse(no: int, note: str, account: str, slug: str | None, as_json: bool) -> None:
    """Refuse a request."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "period.close", f"close request {no}") as on:
        refuse_close(on.conn, on.trust_id, no, on.actor, on.act, note)
    answer(as_json, {"no": no}, f"第 {no} 号结账申请已退回。")


@closing.command("withdraw", cls=ChineseCommand, help="撤回自己的结账申请。")
@_NO
@with_account
@with_trust
@with_json
def withdraw(no: int, account: str, slug: str | None, as_json: bool) -> None:
    """Take one's own request back."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "period.request", f"close request {no}") as on:
        withdraw_close(on.conn, on.trust_id, no, on.actor, on.act)
    answer(as_json, {"no": no}, f"第 {no} 号结账申请已撤回。")


COMMANDS = (closing,)

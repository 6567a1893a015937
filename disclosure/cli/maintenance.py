"""``maintenance`` and ``revenue``: the maintenance fund's sub-accounts, and what contracts still owe."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from disclosure.cli.acting import acting_as, sign_in
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import answer, open_desk, with_json, with_trust
from ledger.balances import resolve_clock
from ledger.maintenance import Use, fund_position, list_subaccounts, preview_use, read_plan, use_work
from ledger.maintenance.low import low_list
from ledger.money import format_yuan, parse_yuan
from ledger.revenue import due_list
from ledger.store.engine import reading
from ledger.trust import load_setup
from ledger.work import prepare

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("maintenance", cls=ChineseGroup, help="维修资金：户分账、应续交清单、使用。")
def maintenance() -> None:
    """The group."""


@maintenance.command("list", cls=ChineseCommand, help="列出各户分账，按房号；合计与账上核对。")
@click.option("--building", default="", metavar="楼栋", help="只列一栋")
@click.option("--since", type=_DAY, metavar="日期", help="从哪天起（默认今年 1 月 1 日）")
@click.option("--after", default="", metavar="房号", help="从这个房号之后列起")
@click.option("--limit", default=1000, show_default=True, help="最多几户")
@with_trust
@with_json
def list_(building: str, since: Any, after: str, limit: int, slug: str | None, as_json: bool) -> None:
    """Print sub-accounts."""
    desk = open_desk(slug)
    today = desk.act().today
    first: date = since.date() if since else date(today.year, 1, 1)
    with reading(desk.engine) as conn:
        clock = resolve_clock(conn, desk.trust_id, today=today)
        rows = list_subaccounts(
            conn, desk.trust_id, clock, first, building=building, after=after, limit=limit
        )
        position = fund_position(conn, desk.trust_id, clock)
    data = [
        {
            "unit": row.unit,
            "opening": row.opening,
            "contributions": row.contributions,
            "yields": row.yields,
            "uses": row.uses,
            "other": row.other,
            "balance": row.closing,
        }
        for row in rows
    ]
    agrees = "与账上一致" if position.agrees else f"与账上 {format_yuan(position.in_books)} 元不符，请核查"
    answer(
        as_json,
        {"units": data, "total": position.subaccounts, "agrees": position.agrees},
        *(f"{row.unit} {format_yuan(row.closing)} 元" for row in rows),
        f"全部户分账合计 {format_yuan(position.subaccounts)} 元，{agrees}。",
    )


@maintenance.command("low", cls=ChineseCommand, help="列出户分账低于续交线、应续交的房屋。")
@with_trust
@with_json
def low(slug: str | None, as_json: bool) -> None:
    """Print who must pay in again."""
    desk = open_desk(slug)
    act = desk.act()
    with reading(desk.engine) as conn:
        clock = resolve_clock(conn, desk.trust_id, today=act.today)
        found = low_list(conn, load_setup(conn, desk.trust_id), clock, act, limit=None)
    rows = [
        {"unit": row.unit, "initial": row.initial, "balance": row.balance, "renewal": row.renewal}
        for row in found.rows
    ]
    sentences = [
        f"{row.unit} 余额 {format_yuan(row.balance)} 元，应续交 {format_yuan(row.renewal)} 元"
        for row in found.rows
    ]
    sentences.append(f"共 {found.count} 户应续交，合计 {format_yuan(found.total)} 元。")
    if found.unknown:
        sentences.append(f"还有 {found.unknown} 户没有登记首期交存额，无法判断。")
    data = {"units": rows, "total": found.total, "percent": found.percent, "unknown": found.unknown}
    answer(as_json, data, *sentences)


@maintenance.command(
    "use", cls=ChineseCommand, help="按使用方案算出各户分摊；加 --as 就制成付款单据，等待审核。"
)
@click.argument("plan", metavar="方案编号")
@click.argument("amount", metavar="金额")
@click.option("--payee", default="", metavar="收款单位", help="收款单位全称")
@click.option("--bill", default="", metavar="号码", help="发票号或结算单号")
@click.option("--bank", default="", metavar="账户", help="维修资金专户的代码")
@click.option("--on", type=_DAY, metavar="日期", help="业务日期（默认今天）")
@click.option("--as", "account", metavar="账号", help="以谁的名义制单（会问密码和动态码）；不写只试算")
@with_trust
@with_json
def use(
    plan: str,
    amount: str,
    payee: str,
    bill: str,
    bank: str,
    on: Any,
    account: str | None,
    slug: str | None,
    as_json: bool,
) -> None:
    """Apportion a use, or prepare it."""
    desk = open_desk(slug)
    fen = parse_yuan(amount)
    if account is None:
        with reading(desk.engine) as conn:
            setup = load_setup(conn, desk.trust_id)
            preview = preview_use(conn, setup, read_plan(conn, desk.trust_id, plan), fen, desk.act())
        rows = [
            {"unit": p.unit, "due": p.due, "share": p.share, "balance": p.balance, "short": p.short}
            for p in preview.parts
        ]
        problems = [{"code": p.code, "message": str(p)} for p in preview.problems]
        answer(
            as_json,
            {"units": rows, "short": preview.short_total, "problems": problems},
            *(
                f"{p.unit} 分摊 {format_yuan(p.share)} 元，可用 {format_yuan(p.balance)} 元"
                for p in preview.parts
            ),
            *(str(problem) for problem in preview.problems),
        )
        return
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "maintenance.prepare", plan) as at:
        setup = load_setup(at.conn, at.trust_id)
        asked = Use(
            read_plan(at.conn, at.trust_id, plan), fen, on.date() if on else at.act.today, payee, bill, bank
        )
        prepared = prepare(at.conn, at.trust_id, use_work(at.conn, setup, asked, at.act), at.actor, at.act)
    data = {"no": prepared.no, "state": prepared.waiting_for}
    answer(as_json, data, f"已制成第 {prepared.no} 号单据，等待审核。")


@click.group("revenue", cls=ChineseGroup, help="公共收益：合同的应收和逾期。")
def revenue() -> None:
    """The group."""


@revenue.command("due", cls=ChineseCommand, help="列出到期未收齐的合同款；--all 连以后各期一起列。")
@click.option("--all", "everything", is_flag=True, help="连没到期的一起列")
@with_trust
@with_json
def due(everything: bool, slug: str | None, as_json: bool) -> None:
    """Print what contracts owe."""
    desk = open_desk(slug)
    today = desk.act().today
    with reading(desk.engine) as conn:
        lines = [
            line
            for line in due_list(conn, desk.trust_id, today)
            if not line.settled and (everything or line.row.due_on <= today)
        ]
    rows = [
        {
            "contract": line.terms.contract,
            "title": line.terms.title,
            "schedule": line.schedule,
            "due_on": line.row.due_on.isoformat(),
            "amount": line.row.amount,
            "received": line.received,
            "open": line.open,
            "overdue_days": line.overdue_days(today),
        }
        for line in lines
    ]
    sentences = [
        f"{line.row.due_on} {line.terms.contract} {line.terms.title} 未收 "
        f"{f'{format_yuan(line.open)} 元' if line.row.amount else '待结算'}"
        + (f"，逾期 {days} 天" if (days := line.overdue_days(today)) else "")
        for line in lines
    ]
    overdue = sum(line.open for line in lines if line.overdue_days(today))
    answer(
        as_json,
        {"due": rows, "overdue": overdue},
        *(sentences or ["没有到期未收的。"]),
        f"逾期合计 {format_yuan(overdue)} 元。",
    )


COMMANDS = (maintenance, revenue)

"""``charge``, ``receipt``, ``fee-standard``: charging and taking money from the shell, through the same work
as in the browser."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from ledger.billing import (
    Standard,
    charge_work,
    list_standards,
    open_items,
    preview_run,
    record_standard,
)
from ledger.billing.items import load_items
from ledger.billing.readings import record_readings
from ledger.billing.readings_sheet import read_readings, refuse_problems
from ledger.billing.run import use_title
from ledger.billing.standard import METHODS, SCOPES, parse_rate, short_rate
from ledger.chart import FUNDS
from ledger.money import format_yuan, parse_yuan
from ledger.periods.calendar import first_day, period_name
from ledger.receipts import Payment, print_receipt, receipt_work
from ledger.receipts.counter import WAYS
from ledger.store.engine import reading
from ledger.work import Prepared, prepare

_KIND = click.option(
    "--kind", type=click.Choice(list(load_items())), default="property", show_default=True, help="收费项目"
)
_PERIOD = click.argument("period", metavar="月份", type=int)
_DAY = click.DateTime(formats=["%Y-%m-%d"])


def _waits(prepared: Prepared) -> str:
    return f"已制成第 {prepared.no} 号单据，等待审核。"


@click.group("charge", cls=ChineseGroup, help="每月计提：预览、计提。月份写成 202509。")
def charge() -> None:
    """The group."""


@charge.command(cls=ChineseCommand, help="预览一个月的计提，不写入任何东西。")
@_PERIOD
@_KIND
@with_trust
@with_json
def preview(period: int, kind: str, slug: str | None, as_json: bool) -> None:
    """Print what a run would do."""
    first_day(period)
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        found = preview_run(conn, desk.trust_id, period, kind)
    data = {
        "period": period,
        "kind": kind,
        "units": found.units,
        "total": found.total,
        "groups": [{"use": g.title, "units": g.count, "total": g.fen} for g in found.groups],
        "missing": [{"use": use, "units": count} for use, count in found.missing_uses],
        "free": len(found.reckoned.free),
        "changed": len(found.changes),
        "entry": found.standing.ref if found.standing else None,
        "work": found.waiting,
    }
    sentences = [f"{g.title} {g.count} 户，{format_yuan(g.fen)} 元" for g in found.groups]
    sentences.append(
        f"{period_name(period)}{found.item.title}合计 {found.units} 户，{format_yuan(found.total)} 元；"
        f"与上月不同的 {len(found.changes)} 户，免收的 {len(found.reckoned.free)} 户。"
    )
    sentences += [f"没有收费标准：{use} {count} 个，请先登记。" for use, count in found.missing_uses]
    if found.standing:
        sentences.append(f"这个月已经计提（{found.standing.ref}），不会重复计提。")
    elif found.waiting:
        sentences.append(f"这个月的计提已在第 {found.waiting} 号单据里等待办理。")
    answer(as_json, data, *sentences)


@charge.command(cls=ChineseCommand, help="计提一个月，制成单据等待审核。已计提的月份会拒绝。")
@_PERIOD
@_KIND
@with_account
@with_trust
@with_json
def run(period: int, kind: str, account: str, slug: str | None, as_json: bool) -> None:
    """Prepare the charges of a month."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "charge.prepare", f"{period} {kind}") as at:
        work = charge_work(at.conn, at.trust_id, period, kind)
        prepared = prepare(at.conn, at.trust_id, work, at.actor, at.act)
    total = work.drafts[0].total
    data = {"no": prepared.no, "state": prepared.waiting_for, "total": total}
    answer(as_json, data, f"{work.title}：{format_yuan(total)} 元。{_waits(prepared)}")


@charge.command(cls=ChineseCommand, help="登记一个月的抄表单（XLSX、XLS 或 CSV）：有一行错就一行也不登记。")
@_PERIOD
@click.argument("file", type=FILE, metavar="文件")
@click.option(
    "--kind",
    type=click.Choice([name for name, item in load_items().items() if "meter" in item.methods]),
    default="water",
    show_default=True,
    help="收费项目",
)
@with_account
@with_trust
@with_json
def readings(period: int, file: Path, kind: str, account: str, slug: str | None, as_json: bool) -> None:
    """Record the readings of a sheet."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "charge.readings", f"{period} {kind}") as at:
        found = read_readings(at.conn, at.trust_id, kind, period, file.read_bytes(), file.name)
        refuse_problems(found)
        count = record_readings(at.conn, at.trust_id, kind, period, found.readings, at.actor, at.act)
    data = {"rows": len(found.rows), "recorded": count}
    answer(as_json, data, f"读到 {len(found.rows)} 户，登记 {count} 户新的或有变化的读数。")


@click.group("receipt", cls=ChineseGroup, help="柜台收款：看欠费、收款、取收据号。")
def receipt() -> None:
    """The group."""


@receipt.command(cls=ChineseCommand, help="列出一户欠的各个月，早的在前。")
@click.argument("unit", metavar="房号")
@with_account
@with_trust
@with_json
def owed(unit: str, account: str, slug: str | None, as_json: bool) -> None:
    """Print what a unit owes; only for those who may see it."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "household.read") as at:
        items = open_items(at.conn, at.trust_id, [unit]).get(unit, [])
    rows = [{"key": item.key, "title": item.title, "amount": item.amount} for item in items]
    sentences = [f"{item.key}  {item.title} {format_yuan(item.amount)} 元" for item in items]
    answer(as_json, {"unit": unit, "items": rows}, *(sentences or ["没有欠费。"]))


@receipt.command(cls=ChineseCommand, help="收一笔款，先收最早的月份，余款记预收；制成单据等待审核。")
@click.argument("unit", metavar="房号")
@click.argument("amount", metavar="金额（元）")
@click.option("--way", type=click.Choice(list(WAYS)), default="cash", show_default=True, help="收款方式")
@click.option("--item", "chosen", multiple=True, metavar="编号", help="只收这几项（编号见 receipt owed）")
@click.option("--late-fee", default="0", metavar="元", help="其中违约金")
@click.option("--slip", default="", metavar="号码", help="POS 签购单号")
@click.option("--on", type=_DAY, metavar="日期", help="收款日期，默认今天")
@click.option("--key", default="", metavar="编号", help="防重复编号；重试时用同一个")
@with_account
@with_trust
@with_json
def take(
    unit: str,
    amount: str,
    way: str,
    chosen: tuple[str, ...],
    late_fee: str,
    slip: str,
    on: datetime | None,
    key: str,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Prepare the receipt of a payment."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "receipt.prepare", "柜台收款") as at:
        asked = Payment(
            unit=unit,
            on=on.date() if on else at.act.today,
            way=way,
            amount=parse_yuan(amount),
            token=key or at.act.entropy(12).hex(),
            chosen=chosen,
            late_fee=parse_yuan(late_fee),
            slip=slip,
        )
        work = receipt_work(at.conn, at.trust_id, asked)
        prepared = prepare(at.conn, at.trust_id, work, at.actor, at.act)
    data = {"no": prepared.no, "state": prepared.waiting_for, "entries": len(work.drafts)}
    answer(as_json, data, f"{work.title}。{_waits(prepared)}")


@receipt.command(
    "print", cls=ChineseCommand, help="给一笔已入账的收款取收据号，或补打；收据在网页上打开打印。"
)
@click.argument("ref", metavar="凭证号")
@with_account
@with_trust
@with_json
def print_(ref: str, account: str, slug: str | None, as_json: bool) -> None:
    """Take a number for a receipt."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "receipt.print", ref) as at:
        slip = print_receipt(at.conn, at.trust_id, ref, at.actor, at.act)
    path = f"/c/{desk.slug}/office/receipts/slips/{ref}/{slip.print_no}"
    data = {"number": slip.number_text, "print_no": slip.print_no, "amount": slip.amount, "path": path}
    again = f"（第 {slip.print_no} 次，标明补打）" if slip.print_no > 1 else ""
    fund = FUNDS[slip.fund].name
    said = f"收据 {slip.number_text}{again}：{fund} {format_yuan(slip.amount)} 元"
    answer(as_json, data, f"{said}，打印页 {desk.config.public_url}{path}")


@click.group("fee-standard", cls=ChineseGroup, help="收费标准：列出各版本、登记新版本。")
def fee_standard() -> None:
    """The group."""


@fee_standard.command("list", cls=ChineseCommand, help="列出收费标准的各个版本。")
@with_trust
@with_json
def list_(slug: str | None, as_json: bool) -> None:
    """Print all versions."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        found = list_standards(conn, desk.trust_id)
    rows = [
        {
            "number": one.number,
            "item": one.item,
            "scope": one.scope,
            "target": one.target,
            "units": list(one.units),
            "method": one.method,
            "rate": short_rate(one.rate_e4),
            "effective_on": one.effective_on.isoformat(),
            "authority": one.authority,
        }
        for one in found
    ]
    sentences = [
        f"{one.effective_on} 起 {load_items()[one.item].title} "
        f"{use_title(one.target) if one.target else '、'.join(one.units)} {METHODS[one.method]} "
        f"{short_rate(one.rate_e4) + ' 元' if one.charges else ''}（{one.authority}）"
        for one in found
    ]
    answer(as_json, {"standards": rows}, *(sentences or ["还没有登记收费标准。"]))


@fee_standard.command(cls=ChineseCommand, help="登记一个新版本；旧版本不会改。")
@_KIND
@click.option("--scope", type=click.Choice(list(SCOPES)), default="use", show_default=True, help="适用范围")
@click.option("--target", required=True, metavar="对象", help="用途、栋号，或逗号隔开的房号")
@click.option(
    "--method", type=click.Choice(list(METHODS)), default="area", show_default=True, help="计费方式"
)
@click.option("--rate", default="0", metavar="元", help="单价，最多四位小数")
@click.option("--from", "since", type=_DAY, required=True, metavar="日期", help="生效日期")
@click.option("--authority", required=True, metavar="编号", help="合同或决议号")
@with_account
@with_trust
@with_json
def record(
    kind: str,
    scope: str,
    target: str,
    method: str,
    rate: str,
    since: datetime,
    authority: str,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Record a version."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    asked = Standard(
        item=kind,
        scope=scope,
        target="" if scope == "units" else target,
        method=method,
        rate_e4=parse_rate(rate),
        effective_on=since.date(),
        authority=authority,
        units=tuple(code for code in target.split(",") if code) if scope == "units" else (),
    )
    with acting_as(desk, actor, "charge.standard", "收费标准") as at:
        number = record_standard(at.conn, at.trust_id, asked, at.actor, at.act)
    answer(as_json, {"number": number}, f"已登记第 {number} 号收费标准，从 {asked.effective_on} 起生效。")


COMMANDS = [charge, receipt, fee_standard]

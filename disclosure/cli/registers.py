"""``registers``: registers of evidence from the shell. A line is a JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from disclosure.cli import inspections
from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, read_json, with_json, with_trust
from disclosure.cli.scans import keep_paper
from ledger.registers import REGISTERS, keep_row, rows_of, strike_row
from ledger.registers.condition import conditions
from ledger.registers.read import Row, versions_of
from ledger.store.engine import reading

_DAY = click.DateTime(["%Y-%m-%d"])
_NAMES = "、".join(f"{name} {register.title}" for name, register in REGISTERS.items())
_REGISTER = click.argument("register", type=click.Choice(list(REGISTERS)), metavar="台账")
_NO = click.argument("no", type=int, metavar="编号")


@click.group("registers", cls=ChineseGroup, help="台账和现场检查：评价用的证据，只到组织、次数和日期。")
def registers() -> None:
    """The group."""


@registers.command("list", cls=ChineseCommand, help=f"列出一本台账的各行。台账：{_NAMES}。")
@_REGISTER
@with_trust
@with_json
def list_(register: str, slug: str | None, as_json: bool) -> None:
    """Print the lines of a register."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        rows = rows_of(conn, desk.trust_id, REGISTERS[register].body)
    lines = [f"第 {row.no} 行（{row.on}）：{row.body.title}" for row in rows]
    answer(as_json, {"rows": [_row(row) for row in rows]}, *(lines or ["还没有登记。"]))


@registers.command("show", cls=ChineseCommand, help="看一行的各个版本。")
@_REGISTER
@_NO
@with_trust
@with_json
def show(register: str, no: int, slug: str | None, as_json: bool) -> None:
    """Print the versions of a line."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        rows = versions_of(conn, desk.trust_id, register, no)
    lines = [
        f"第 {row.version} 版（{row.on}）{'' if row.standing else f'划去：{row.note}，'}{row.body.title}，"
        f"{row.signature} 登记"
        for row in rows
    ]
    answer(as_json, {"versions": [_row(row) for row in rows]}, *lines)


@registers.command(
    "keep", cls=ChineseCommand, help="登记一行；--no 更新那一行。FILE 是这一行的内容（JSON），写法见手册。"
)
@_REGISTER
@click.argument("file", type=FILE, metavar="文件")
@click.option("--on", type=_DAY, metavar="日期", help="从哪天起，或哪天的事（默认今天）")
@click.option("--no", type=int, default=0, metavar="编号", help="更新第几行")
@click.option("--scan", type=FILE, metavar="文件", help="凭据的扫描件或照片")
@with_account
@with_trust
@with_json
def keep(
    register: str,
    file: Path,
    on: datetime | None,
    no: int,
    scan: Path | None,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Keep a line, or put a newer version in its place."""
    body = read_json(file, REGISTERS[register].body)
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, REGISTERS[register].action, REGISTERS[register].title) as at:
        document = keep_paper(desk, at, scan, f"台账凭据：{REGISTERS[register].title}")
        if no and not document:
            document = versions_of(at.conn, at.trust_id, register, no)[-1].document
        day = on.date() if on else at.act.today
        kept = keep_row(at.conn, at.trust_id, body, day, actor, at.act, document=document, no=no)
    answer(as_json, {"no": kept}, f"“{REGISTERS[register].title}”第 {kept} 行已{'更新' if no else '登记'}。")


@registers.command("strike", cls=ChineseCommand, help="划去一行；原来的版本还在。")
@_REGISTER
@_NO
@click.option("--why", required=True, metavar="原因")
@with_account
@with_trust
@with_json
def strike(register: str, no: int, why: str, account: str, slug: str | None, as_json: bool) -> None:
    """Strike out a line."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, REGISTERS[register].action, REGISTERS[register].title) as at:
        strike_row(at.conn, at.trust_id, register, no, why, actor, at.act)
    answer(as_json, {"no": no}, f"“{REGISTERS[register].title}”第 {no} 行已划去。")


@registers.command("equipment", cls=ChineseCommand, help="看设施的检验、维保到哪天，过期的在前。")
@with_trust
@with_json
def equipment(slug: str | None, as_json: bool) -> None:
    """Print how the equipment stands."""
    desk = open_desk(slug)
    today = desk.act().today
    with reading(desk.engine) as conn:
        found = conditions(conn, desk.trust_id, today)
    data = [
        {
            "no": one.row.no,
            "title": one.title,
            "state": one.state,
            "good_until": one.good_until,
            "upkeep_due": one.upkeep_due,
        }
        for one in found
    ]
    lines = [
        f"第 {one.row.no} 号 {one.title}：{one.state_name}"
        + (f"，维保逾期 {one.upkeep_late(today)} 天" if one.upkeep_late(today) else "")
        for one in found
    ]
    answer(as_json, {"equipment": data}, *(lines or ["还没有登记设施。"]))


def _row(row: Row[Any]) -> Mapping[str, Any]:
    return {
        "no": row.no,
        "version": row.version,
        "on": row.on,
        "body": row.body,
        "document": row.document,
        "standing": row.standing,
    }


for _command in inspections.COMMANDS:
    registers.add_command(_command)
COMMANDS = (registers,)
